"""Scores of small corpora that are told apart perfectly, or not at all."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.shrinkage import Predictions, estimate, score, small_corpus, with_pseudo_sources, without_calibration
from project_echo.models.recipe import Recipe
from project_echo.models.shrinkage import THRESHOLD
from project_echo.pipeline.params import load_params
from tests.project_echo.evaluation.embedded import embed_kinds, write_tables
from tests.tables import clips_of, numbered, with_background

RECIPE = load_params("train", Recipe, Path(__file__).parents[2] / "params.yaml")


def predictions(scale: float, n: int = 6) -> Predictions:
    """Clips of two animals, each of its own source, with log-odds of +-`scale` for the truth."""
    truth = np.eye(2, dtype=bool)[np.arange(2 * n) % 2]
    return Predictions(scale * np.where(truth, 1.0, -1.0), truth, np.arange(2 * n))


def test_thresholds_as_estimated_take_other_sources_for_a_label_where_shrunk_ones_do_not() -> None:
    corpus = predictions(8.0), predictions(2.0)  # other sources are less extreme
    for decide in (without_calibration, estimate):
        assert score(corpus, decide)[1:] == (1, 1)
    assert score(corpus, with_pseudo_sources(20))[1:] == (0, 1)


def test_the_loss_is_that_of_calibrated_probabilities() -> None:
    corpus = predictions(0.5), predictions(0.5)  # which could be more certain
    loss, *_ = score(corpus, without_calibration)
    assert loss == pytest.approx(np.log1p(np.exp(-0.5)))
    assert score(corpus, estimate)[0] < loss


def test_more_pseudo_sources_lie_nearer_to_the_default() -> None:
    validation = predictions(8.0)
    thresholds = np.array([with_pseudo_sources(n)(validation)[1] for n in (0, 10, 40, 10_000)])
    assert (np.diff(thresholds, axis=0) > 0).all()
    assert thresholds[-1] == pytest.approx(THRESHOLD, abs=0.01)
    calibrations = {with_pseudo_sources(n)(validation)[0] for n in (0, 10, 40)}
    assert calibrations == {estimate(validation)[0]}


def test_a_small_corpus_is_tested_on_sources_that_it_does_not_have(tmp_path: Path) -> None:
    clips = with_background(
        clips_of({kind: numbered(kind, 9) for kind in ("boar", "fox")}, recordings=1),
        {"rain": numbered("rain", 9)},
    )
    write_tables(clips, tmp_path / "spectrograms")
    embed_kinds(clips, tmp_path / "embeddings")
    corpus = small_corpus(clips, tmp_path, RECIPE, (2, 6, 6), 0)
    assert corpus is not None
    validation, tested = corpus
    assert not set(validation.sources) & set(tested.sources)
    assert validation.odds.shape[1] == tested.odds.shape[1] == 2
    assert len(tested.sources) == len(set(tested.sources)) == 9
    assert ((tested.odds > 0) == tested.truth).all()
    assert small_corpus(clips, tmp_path, RECIPE, (2, 8, 6), 0) is None
