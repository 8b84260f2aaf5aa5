"""From windows to one answer, against loops that anyone can follow."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from project_echo.features.melspectrogram import window_images, window_starts
from project_echo.models.classifier import Classifier
from project_echo.screening.windows import ANSWER, longest_run, screen, summarise, table
from tests.sounds import FEATURES, hiss

LABELS = ("boar", "fox", "frog")


class Levels:
    """In place of an interpreter: a window's images to three numbers that tell it from others."""

    features, labels = FEATURES, LABELS

    def predict(self, images: np.ndarray) -> np.ndarray:
        means = images.astype(np.float32).mean(axis=(1, 3))
        return np.stack([means[:, 0], means[:, 10], means[:, -1]], axis=1)


LEVELS: Classifier = Levels()  # type: ignore[assignment]


@given(
    seconds=st.floats(0.05, 6),
    hop_seconds=st.floats(0.03, 3),
    cuts=st.lists(st.floats(0, 1), max_size=8),
)
@settings(max_examples=40, deadline=None)
def test_windows_do_not_depend_on_how_the_sound_comes(seconds: float, hop_seconds: float, cuts: list[float]) -> None:
    sound = hiss(seconds, FEATURES.sample_rate) * np.linspace(0.1, 1, round(seconds * FEATURES.sample_rate))
    sound = sound.astype(np.float32)
    starts = window_starts(len(sound), FEATURES, hop_seconds)
    expected = Levels().predict(window_images(sound, starts, FEATURES))
    blocks = np.split(sound, sorted(round(cut * len(sound)) for cut in cuts))
    found = screen(iter(blocks), LEVELS, hop_seconds)
    np.testing.assert_allclose(found, expected, atol=0.01)
    windows = table(found, LEVELS, hop_seconds)
    assert windows["start_s"].tolist() == (starts * FEATURES.hop_length / FEATURES.sample_rate).tolist()
    assert (windows["end_s"] - windows["start_s"]).to_numpy() == pytest.approx(FEATURES.window_s)


def test_an_answer_is_as_worked_out_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.6, 0.3, 0.1], [0.7, 0.0, 0.3]])
    answer = summarise(pd.DataFrame(probabilities, columns=LABELS), None, "fox")
    assert list(answer) == ANSWER
    assert answer == {
        "label": "boar",
        "confidence": pytest.approx(0.6),
        "runner_up": "fox",
        "runner_up_confidence": pytest.approx(0.3),
        "windows": 4,
        "stability": 0.75,
        "longest_run": 2,
        "truth": "fox",
        "verdict": "wrong",
    }


def test_the_answer_goes_by_the_mean_and_not_by_the_vote() -> None:
    windows = pd.DataFrame([[0.51, 0.49, 0.0], [0.51, 0.49, 0.0], [0.0, 1.0, 0.0]], columns=LABELS)
    answer = summarise(windows, None)
    assert (answer["label"], answer["stability"], answer["longest_run"]) == ("fox", pytest.approx(1 / 3), 1)


BACKGROUND = ("boar", "fox", "none")
QUIET = np.array([[0.1, 0.2, 0.7], [0.1, 0.2, 0.7], [0.8, 0.1, 0.1], [0.35, 0.25, 0.4]])  # one call among background


def test_a_recording_of_background_is_none_by_the_mean_and_its_windows_by_their_own() -> None:
    answer = summarise(pd.DataFrame(QUIET, columns=BACKGROUND), 0.6, "none")
    assert answer == {
        "label": "none",
        "confidence": pytest.approx(0.475),
        "runner_up": "boar",
        "runner_up_confidence": pytest.approx(0.3375),
        "windows": 4,
        "stability": 0.5,  # the last is an animal by the threshold
        "longest_run": 2,
        "truth": "none",
        "verdict": "right",
    }
    assert summarise(pd.DataFrame(QUIET, columns=BACKGROUND), 0.6, "boar")["verdict"] == "wrong"


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_an_animal_may_be_named_where_none_is_more_probable_which_is_then_the_runner_up(
    threshold: float | None,
) -> None:
    answer = summarise(pd.DataFrame(QUIET, columns=BACKGROUND), threshold, "none")
    assert (answer["label"], answer["runner_up"], answer["verdict"]) == ("boar", "none", "wrong")
    assert answer["confidence"] < answer["runner_up_confidence"]
    assert answer["stability"] == 0.5


WEIGHTS = arrays(np.float32, st.tuples(st.integers(1, 30), st.just(3)), elements=st.floats(2**-10, 1, width=32))


@given(WEIGHTS, st.floats(0, 1))
def test_an_answer_with_background_follows_from_its_windows(weights: np.ndarray, threshold: float) -> None:
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    answer = summarise(pd.DataFrame(probabilities, columns=BACKGROUND), threshold)
    mean = dict(zip(BACKGROUND, probabilities.mean(axis=0), strict=True))
    assert answer["confidence"] == pytest.approx(mean.pop(answer["label"]))
    assert (answer["runner_up"], answer["runner_up_confidence"]) == (
        max(mean, key=mean.__getitem__),
        pytest.approx(max(mean.values())),
    )
    rejected = probabilities[:, :2].sum(axis=1) < threshold
    animals = probabilities[:, :2].argmax(axis=1)
    own = [BACKGROUND[2 if none else animal] for none, animal in zip(rejected, animals, strict=True)]
    assert answer["stability"] == own.count(answer["label"]) / len(own)


@given(WEIGHTS)
def test_an_answer_follows_from_its_windows(weights: np.ndarray) -> None:
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    answer = summarise(pd.DataFrame(probabilities, columns=LABELS), None)
    assert answer["confidence"] == pytest.approx(probabilities.mean(axis=0).max())
    assert answer["label"] != answer["runner_up"]
    assert answer["runner_up_confidence"] == pytest.approx(np.sort(probabilities.mean(axis=0))[-2])
    assert answer["longest_run"] <= round(answer["stability"] * answer["windows"])
    assert (answer["longest_run"] > 0) == (answer["stability"] > 0)


@given(st.lists(st.booleans()))
def test_the_longest_run_is_the_one_a_loop_finds(agree: list[bool]) -> None:
    longest = run = 0
    for yes in agree:
        run = run + 1 if yes else 0
        longest = max(longest, run)
    assert longest_run(np.array(agree, dtype=bool)) == longest
