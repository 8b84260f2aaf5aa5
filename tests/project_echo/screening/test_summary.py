"""The summary of a recording, compared with simple loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from project_echo.screening.summary import SUMMARY_COLUMNS, longest_run, summarize_windows

LABELS = ("boar", "fox", "frog")


def test_a_summary_is_as_calculated_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.6, 0.3, 0.1], [0.7, 0.0, 0.3]])
    summary = summarize_windows(probabilities, LABELS, None, "fox")
    assert list(summary) == SUMMARY_COLUMNS
    assert summary == {
        "label": "boar",
        "confidence": pytest.approx(0.6),
        "runner_up": "fox",
        "runner_up_confidence": pytest.approx(0.3),
        "windows": 4,
        "agreement": 0.75,
        "longest_run": 2,
        "truth": "fox",
        "verdict": "wrong",
    }


def test_the_label_is_that_of_the_mean_and_not_of_most_windows() -> None:
    windows = np.array([[0.51, 0.49, 0.0], [0.51, 0.49, 0.0], [0.0, 1.0, 0.0]])
    summary = summarize_windows(windows, LABELS, None)
    assert (summary["label"], summary["agreement"], summary["longest_run"]) == ("fox", pytest.approx(1 / 3), 1)


BACKGROUND = ("boar", "fox", "none")
QUIET = np.array([[0.1, 0.2, 0.7], [0.1, 0.2, 0.7], [0.8, 0.1, 0.1], [0.35, 0.25, 0.4]])  # one call among background


def test_a_recording_of_background_is_none_and_its_windows_are_decided_one_by_one() -> None:
    summary = summarize_windows(QUIET, BACKGROUND, 0.6, "none")
    assert summary == {
        "label": "none",
        "confidence": pytest.approx(0.475),
        "runner_up": "boar",
        "runner_up_confidence": pytest.approx(0.3375),
        "windows": 4,
        "agreement": 0.5,  # the last window is an animal by the threshold
        "longest_run": 2,
        "truth": "none",
        "verdict": "correct",
    }
    assert summarize_windows(QUIET, BACKGROUND, 0.6, "boar")["verdict"] == "wrong"


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_the_label_may_be_an_animal_with_the_more_probable_none_as_runner_up(
    threshold: float | None,
) -> None:
    summary = summarize_windows(QUIET, BACKGROUND, threshold, "none")
    assert (summary["label"], summary["runner_up"], summary["verdict"]) == ("boar", "none", "wrong")
    assert summary["confidence"] < summary["runner_up_confidence"]
    assert summary["agreement"] == 0.5


WEIGHTS = arrays(np.float32, st.tuples(st.integers(1, 30), st.just(3)), elements=st.floats(2**-10, 1, width=32))


@given(WEIGHTS, st.floats(0, 1))
def test_a_summary_with_background_follows_from_the_windows(weights: np.ndarray, threshold: float) -> None:
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    summary = summarize_windows(probabilities, BACKGROUND, threshold)
    mean = dict(zip(BACKGROUND, probabilities.mean(axis=0), strict=True))
    assert summary["confidence"] == pytest.approx(mean.pop(summary["label"]))
    assert (summary["runner_up"], summary["runner_up_confidence"]) == (
        max(mean, key=mean.__getitem__),
        pytest.approx(max(mean.values())),
    )
    rejected = probabilities[:, :2].sum(axis=1) < threshold
    animals = probabilities[:, :2].argmax(axis=1)
    window_labels = [BACKGROUND[2 if none else animal] for none, animal in zip(rejected, animals, strict=True)]
    assert summary["agreement"] == window_labels.count(summary["label"]) / len(window_labels)


@given(WEIGHTS)
def test_a_summary_follows_from_the_windows(weights: np.ndarray) -> None:
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    summary = summarize_windows(probabilities, LABELS, None)
    assert summary["confidence"] == pytest.approx(probabilities.mean(axis=0).max())
    assert summary["label"] != summary["runner_up"]
    assert summary["runner_up_confidence"] == pytest.approx(np.sort(probabilities.mean(axis=0))[-2])
    assert summary["longest_run"] <= round(summary["agreement"] * summary["windows"])
    assert (summary["longest_run"] > 0) == (summary["agreement"] > 0)


@given(st.lists(st.booleans()))
def test_the_longest_run_is_that_of_a_loop(agree: list[bool]) -> None:
    longest = run = 0
    for value in agree:
        run = run + 1 if value else 0
        longest = max(longest, run)
    assert longest_run(np.array(agree, dtype=bool)) == longest


@given(st.permutations(range(40)))
def test_the_mean_does_not_depend_on_the_order_of_adding(order: list[int]) -> None:
    probabilities = np.random.default_rng(1).dirichlet(np.ones(3), 40).astype(np.float32)
    one, other = (summarize_windows(values, LABELS, None) for values in (probabilities, probabilities[order]))
    assert one["confidence"] == other["confidence"]
    assert one["confidence"] == pytest.approx(probabilities.mean(axis=0).max())
