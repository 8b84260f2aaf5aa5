"""Scores of small corpora that are told apart perfectly, or not at all."""

import numpy as np
import pytest
from scipy.special import log_softmax

from benchmarks.shrinkage import Predictions, estimate, score, with_pseudo_sources
from project_echo.models import shrinkage


def predictions(scale: float, n: int = 6) -> Predictions:
    """Clips of an animal and of background, each of its own source, with logits of +-`scale` / 2 for the truth."""
    targets = np.arange(2 * n) % 2
    return Predictions(log_softmax(scale * np.eye(2)[targets], axis=1), targets, np.arange(2 * n))


def test_perfect_separation_of_few_sources_misleads_the_estimate_but_not_the_shrunk_one() -> None:
    overlapping = predictions(-1.0)  # other sources are the other way round
    corpus = predictions(8.0), overlapping
    loss, false_positives, detections = score(corpus, estimate)
    shrunk_loss, *_ = score(corpus, with_pseudo_sources(20))
    assert shrunk_loss < 2 < loss
    assert (false_positives, detections) == (1, 1)


def test_more_pseudo_sources_lie_nearer_to_the_defaults() -> None:
    values = [with_pseudo_sources(n)(predictions(8.0)) for n in (0, 10, 40)]
    temperatures, thresholds = zip(*values, strict=True)
    assert shrinkage.TEMPERATURES[0] == pytest.approx(temperatures[0], rel=0.01)
    assert list(temperatures) == sorted(temperatures)
    assert max(temperatures) < 1
    assert list(thresholds) == sorted(thresholds)
    assert max(thresholds) < 0.5
