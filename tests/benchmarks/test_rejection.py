from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.covariance import OAS

from benchmarks.rejection import SCORES, mahalanobis_distance, score_draw, separation
from project_echo.core.seeds import generator
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources, hold_out_background
from project_echo.evaluation.trainer import Trainer
from project_echo.models.embedding import floor_variance
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params
from tests.project_echo.evaluation.embedded import COPIES, SLICES, views_of, write_embeddings, write_tables
from tests.tables import clips_of, numbered, with_background

RECIPE = load_params("train", Recipe, Path(__file__).parents[2] / "params.yaml").model_copy(update={"C": 1.0})


@pytest.mark.parametrize("width", [3, 40])
def test_mahalanobis_distance_equals_that_from_the_full_covariance_matrix(width: int) -> None:
    rng = generator(1, "rejection")
    targets = np.array([1, 1, 0, 0, 1, 1, 0, 0, 1, 1])
    train = rng.normal(size=(10, width)) * np.linspace(0.01, 2, width) + targets[:, np.newaxis]
    slices = rng.normal(size=(4, width))

    scale = np.sqrt(floor_variance(train.var(axis=0)))
    means = np.stack([train[targets == target].mean(axis=0) for target in (0, 1)]) / scale
    precision = OAS(assume_centered=True).fit(train / scale - means[targets]).precision_
    differences = slices[:, np.newaxis] / scale - means
    expected = np.einsum("cmi,ij,cmj->cm", differences, precision, differences).min(axis=1)

    np.testing.assert_allclose(mahalanobis_distance(train, targets, slices), expected, rtol=1e-6)


def test_embeddings_that_tell_kinds_apart_separate_animals_from_background_by_every_score(tmp_path: Path) -> None:
    kinds = ["boar", "fox", "rain", "wind"]
    clips = with_background(
        clips_of({kind: numbered(kind, 8) for kind in kinds[:2]}, recordings=1),
        {kind: numbered(kind, 8) for kind in kinds[2:]},
    )
    split = Split(train=4, validation=2, test=2, seed=0)
    draw = hold_out_background(draw_sources(clips, split, 1, 0), "wind")
    # Both kinds of background lie between the animals, in a direction of their own.
    centers = np.array([[3, 0, 0, 0], [0, 3, 0, 0], [1, 1, 3, 0], [1, 1, 3, 0.5]])
    points = centers[clips["kind"].map(kinds.index)][:, np.newaxis, np.newaxis]
    noise = generator(1, "rejection").normal(0, 0.2, (len(clips), 1 + COPIES, SLICES, 4))
    write_embeddings(points + noise, clips, tmp_path)
    write_tables(clips, tmp_path)
    views = views_of(clips, tmp_path)
    trainer = Trainer(tmp_path, views, kinds[:2], RECIPE)
    scores = score_draw(trainer, views, tmp_path, draw, "wind")
    assert set(scores["held_out"]) == {"wind"}
    assert set(scores["label"]) == {"boar", "fox", "none"}
    assert all(separation(scores, column)[0] > 0.9 for column in SCORES.values())


def test_threshold_is_chosen_on_validation_clips_and_area_measured_on_test_clips() -> None:
    scores = pd.DataFrame(
        [("validation", "dog", score) for score in range(10, 21)]
        + [("test", "dog", 12.0), ("test", "dog", 30.0), ("test", "none", 10.5), ("test", "none", 11.5)],
        columns=["part", "label", "score"],
    )
    area, false_positive_rate = separation(scores, "score")
    assert area == 1
    assert false_positive_rate == 0.5  # the threshold is 11, which detects ten of eleven
