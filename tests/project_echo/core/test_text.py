"""Words for people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.core import text


@pytest.mark.parametrize(("number", "words"), [(0, "0 clips"), (1, "1 clip"), (2, "2 clips")])
def test_one_is_singular(number: int, words: str) -> None:
    assert text.count(number, "clip") == words


@given(st.floats(-1, 1), st.integers(0, 3))
def test_a_percentage_is_a_hundred_times_the_share(share: float, digits: int) -> None:
    number = text.percent(share, digits).removesuffix("%")
    assert float(number) == pytest.approx(100 * share, abs=0.51 * 10.0**-digits)
    assert len(number.partition(".")[2]) == digits


@pytest.mark.parametrize(
    ("words", "joined"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_joined_as_in_english(words: list[str], joined: str) -> None:
    assert text.join_words(words) == joined


@pytest.mark.parametrize(
    ("verdict", "truth", "title"),
    [
        ("", "", "x.mp4: fox 0.90"),
        ("wrong", "cane_toad", "x.mp4: fox 0.90 (wrong, truth: cane toad)"),
        ("correct", "fox", "x.mp4: fox 0.90 (correct, truth: fox)"),
    ],
)
def test_the_title_of_a_recording_has_the_verdict_if_the_truth_is_known(verdict: str, truth: str, title: str) -> None:
    summary = {"recording": "unseen/pond/x.mp4", "verdict": verdict, "truth": truth}
    assert text.recording_title(summary, "fox 0.90") == title


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "10 seconds"),
        (34, "40 seconds"),
        (58, "1 minute"),
        (130, "2 minutes"),
        (170, "3 minutes"),
        (9000, "2 hours"),
    ],
)
def test_durations_are_rounded(seconds: float, words: str) -> None:
    assert text.rounded_duration(seconds) == words
