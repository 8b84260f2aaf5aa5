"""The trials of crossval: what is trained and tested in each, and that a leak would be noticed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources
from project_echo.datasets.split import UNUSED
from project_echo.evaluation.config import Crossval
from project_echo.evaluation.crossval import score
from project_echo.evaluation.predictions import pooled_predictions
from project_echo.evaluation.trials import HELD_OUT, Trial, draw_all, run_head_draws, run_head_trials, trials_of_draw
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params
from tests.tables import clips_of, numbered, with_background

PARAMS = Path(__file__).parents[3] / "params.yaml"
RECIPE = load_params("train", Recipe, PARAMS).model_copy(update={"C": 1.0})
ANIMALS = clips_of({"boar": numbered("boar", 8), "fox": numbered("fox", 8)}, recordings=1)
CLIPS = with_background(ANIMALS, {"rain": numbered("rain", 8), "wind": numbered("wind", 8)})
SIZES = Split(train=4, validation=1, test=1, seed=0)


def trials_of(clips: pd.DataFrame, head: str = "logistic", train_sizes: tuple[int, ...] = (1, 2, 9)) -> list[Trial]:
    crossval = Crossval(draws=2, train_sizes=train_sizes, seed=1)
    draws = [trials_of_draw(draw, crossval) for draw in draw_all(clips, SIZES, crossval, head)]
    assert [{keys["draw"] for keys, _ in trials} for trials in draws] == [{0}, {1}]
    return [trial for trials in draws for trial in trials]


def test_every_draw_is_tried_as_it_is_without_each_kind_of_background_and_with_fewer_training_sources() -> None:
    trials = trials_of(CLIPS)
    tried = [(keys["train"], keys["held_out"]) for keys, _ in trials]
    assert tried == 2 * [(4, ""), (4, "rain"), (4, "wind"), (1, ""), (2, "")]
    assert all(UNUSED not in set(clips["part"]) for _, clips in trials)


def test_a_single_kind_of_background_is_not_held_out() -> None:
    trials = trials_of(CLIPS[CLIPS["kind"] != "wind"], train_sizes=())
    assert [keys["held_out"] for keys, _ in trials] == ["", ""]


def test_the_dense_head_learns_from_animals_only() -> None:
    trials = trials_of(CLIPS, head="dense", train_sizes=())
    assert [keys["held_out"] for keys, _ in trials] == ["", ""]
    assert all(NONE not in set(clips["label"]) for _, clips in trials)


def write_embeddings(vectors: np.ndarray, clips: pd.DataFrame, folder: Path) -> None:
    for clip, views in zip(clips["clip"], np.rint(vectors * 1024).astype(np.int16), strict=True):
        files.write_array(views, folder / f"{clip}.npy")


def accuracy_by_chance(folder: Path, clips: pd.DataFrame, train: int) -> dict[str, float]:
    """Accuracy where embeddings tell recordings (by the clip's name) apart, and say nothing about the label."""
    labels = sorted(clips["label"].unique())
    sizes = Split(train=train, validation=2, test=2, seed=0)
    trials = [({"draw": n, "train": train, "held_out": ""}, draw_sources(clips, sizes, 1, n)) for n in range(20)]
    codes, recordings = pd.factorize(clips["clip"].str.rsplit("-", n=1).str[0])
    draw = np.random.default_rng(1)
    points = draw.normal(0, 1, (len(recordings), 8))[codes]
    vectors = points[:, None] + draw.normal(0, 0.05, (len(clips), 2, 8))
    write_embeddings(vectors, clips, folder)
    predictions = run_head_trials(folder, [4, 4], trials, labels, RECIPE)
    return score(pooled_predictions(predictions, labels), labels, 1)["accuracy"]


def test_labels_that_cannot_be_told_apart_are_guessed_and_a_leak_would_raise_the_accuracy(tmp_path: Path) -> None:
    clips = clips_of({kind: numbered(kind, 12) for kind in ("boar", "fox", "owl")}, recordings=1, clips=3)
    accuracy = accuracy_by_chance(tmp_path, clips, train=8)
    assert accuracy["low"] < 1 / 3 < accuracy["high"]
    leaky = clips.assign(source=clips["clip"])
    with pytest.raises(EchoError, match="recording"):
        accuracy_by_chance(tmp_path, leaky, train=32)
    # If the tables do not say which clips are of one recording, most are tested on what was trained on.
    assert accuracy_by_chance(tmp_path, leaky.assign(recording=clips["clip"]), train=32)["low"] > 1 / 3


# What is shared between trials


def random_embeddings(folder: Path, seed: int = 1) -> None:
    write_embeddings(np.random.default_rng(seed).normal(0, 1, (len(CLIPS), 3, 8)), CLIPS, folder)


def predictions_of(folder: Path, trials: list[Trial]) -> pd.DataFrame:
    return run_head_trials(folder, [5, 3], trials, ["boar", "fox", NONE], RECIPE).reset_index(drop=True)


def test_predictions_do_not_depend_on_the_trials_that_inner_products_are_shared_with(tmp_path: Path) -> None:
    random_embeddings(tmp_path)
    trials = trials_of(CLIPS)
    together = predictions_of(tmp_path, trials)
    alone = pd.concat([predictions_of(tmp_path, [trial]) for trial in trials], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone, check_exact=True)


def test_what_is_shared_gives_the_head_that_train_would_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random_embeddings(tmp_path)
    shared = predictions_of(tmp_path, trials_of(CLIPS))
    monkeypatch.setattr("project_echo.evaluation.trials.ROWS", 0)
    pd.testing.assert_frame_equal(predictions_of(tmp_path, trials_of(CLIPS)), shared, atol=2e-3, rtol=0)


def test_many_clips_are_shared_within_a_draw_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random_embeddings(tmp_path)
    crossval, labels = Crossval(draws=3, train_sizes=(2,), seed=1), ["boar", "fox", NONE]
    draws = draw_all(CLIPS, SIZES, crossval, "logistic")
    expected = run_head_draws(tmp_path, [5, 3], draws, crossval, labels, RECIPE)
    monkeypatch.setattr("project_echo.evaluation.trials.ROWS", 3 * len(CLIPS) - 1)
    pd.testing.assert_frame_equal(run_head_draws(tmp_path, [5, 3], draws, crossval, labels, RECIPE), expected)


@pytest.mark.parametrize("share", [True, False])
def test_nothing_of_the_tested_clips_enters_a_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: bool
) -> None:
    if not share:
        monkeypatch.setattr("project_echo.evaluation.trials.ROWS", 0)
    trials = trials_of(CLIPS)[:5]
    random_embeddings(tmp_path)
    before = predictions_of(tmp_path, trials)
    (_, drawn), *_ = trials
    for clip in drawn.loc[drawn["part"] == "test", "clip"]:
        path = tmp_path / f"{clip}.npy"
        files.write_array((files.read_array(path) * 7 + 1000).astype(np.int16), path)
    after = predictions_of(tmp_path, trials)
    labels, tested = ["boar", "fox", NONE], before["part"] == "test"
    pd.testing.assert_frame_equal(after[~tested], before[~tested], check_exact=True)
    complete = tested & (before["held_out"] == "")
    assert (after.loc[complete, labels] != before.loc[complete, labels]).any(axis=1).all()
    assert set(before["part"]) == set(HELD_OUT)
