"""The benchmark in the field: which sources are learned from and which are heard, and how BirdNET's windows count."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.field import windows_scores
from benchmarks.field_birdnet import HOP_S, WINDOW_S, window_maximum
from benchmarks.field_sources import BACKGROUND_SHARE, assign, list_clips, take_half
from benchmarks.field_table import mean_interval
from project_echo.core.labels import NONE
from project_echo.evaluation.field_scores import WindowTruth
from tests.tables import clips_of, numbered, with_background

CLIPS = with_background(
    clips_of({"dog": numbered("dog", 9), "pig": numbered("pig", 8)}, 1, 2),
    {"rain": numbered("rain", 10), "crow": numbered("crow", 5), "wind": numbered("wind", 1)},
)
# Wind, of both dogs and pigs: such sources belong to several kinds.
SHARED = with_background(
    clips_of({"dog": numbered("site", 8), "pig": numbered("site", 6)[::-1]}), {"rain": numbered("site", 7)}
)


# Clips


def test_lists_the_clips_of_the_categories_asked_for_by_name_of_file(tmp_path: Path) -> None:
    rows = [("3-1-A.wav", "dog", 17), ("1-7-A.wav", "rain", 7), ("2-8-A.wav", "crow", 8), ("1-9-B.wav", "cat", 9)]
    (tmp_path / "meta").mkdir()
    pd.DataFrame(rows, columns=["filename", "category", "src_file"]).to_csv(tmp_path / "meta/esc50.csv", index=False)
    clips = list_clips(tmp_path, ["dog"], ["rain"], ["crow"])
    assert clips.to_dict("list") == {
        "clip": ["1-7-A.wav", "2-8-A.wav", "3-1-A.wav"],
        "kind": ["rain", "crow", "dog"],
        "source": ["7", "8", "17"],
        "label": [NONE, NONE, "dog"],
    }


@pytest.mark.parametrize("clips", [CLIPS, SHARED], ids=["of one kind", "shared"])
def test_halves_share_no_source_and_are_all_clips_together(clips: pd.DataFrame) -> None:
    first, second = take_half(clips, 0), take_half(clips, 1)
    assert not set(first["source"]) & set(second["source"])
    assert sorted([*first["clip"], *second["clip"]]) == sorted(clips["clip"])


def test_a_half_has_half_of_the_sources_of_each_kind() -> None:
    for half in (0, 1):
        sources = take_half(CLIPS, half).groupby("kind")["source"].nunique()
        for kind, n in {"dog": 9, "pig": 8, "rain": 10, "crow": 5}.items():
            assert abs(sources[kind] - n / 2) <= 0.5


# Assignments


@pytest.mark.parametrize("clips", [CLIPS, SHARED], ids=["of one kind", "shared"])
@pytest.mark.parametrize("number", range(3))
def test_no_source_is_both_learned_from_and_heard(clips: pd.DataFrame, number: int) -> None:
    train, heard = assign(clips, number, 3)
    assert not set(train["source"]) & set(heard["source"])
    assert sorted([*train["clip"], *heard["clip"]]) == sorted(clips["clip"])


def test_an_assignment_learns_from_as_many_sources_as_stated() -> None:
    train, _ = assign(CLIPS, 0, 3)
    background = {kind: round(BACKGROUND_SHARE * n) for kind, n in {"rain": 10, "crow": 5}.items()}
    expected = {"dog": 3, "pig": 3, "wind": 1} | background
    assert train.groupby("kind")["source"].nunique().to_dict() == expected


def test_assignments_differ_by_number_alone() -> None:
    (first, _), (again, _), (second, _) = assign(CLIPS, 0, 3), assign(CLIPS, 0, 3), assign(CLIPS, 1, 3)
    pd.testing.assert_frame_equal(first, again)
    assert set(first["source"]) != set(second["source"])


# BirdNET's windows


@pytest.mark.parametrize("start_s", [0.0, 2.5, 4.98, 5.04, 10.25])
def test_the_maximum_is_of_windows_within_a_window_to_half_a_step(start_s: float) -> None:
    end_s = start_s + 5
    for at in range(40):
        odds = np.where(np.arange(40) == at, 1.0, -1.0)
        begins = at * HOP_S
        within = begins >= start_s - 1e-6 and begins + WINDOW_S <= end_s + HOP_S / 2 + 1e-6
        assert window_maximum(odds, start_s, end_s) == (1.0 if within else -1.0), at


def test_a_window_shorter_than_those_of_birdnet_has_the_first_that_begins_in_it() -> None:
    assert window_maximum(np.arange(20.0), 2.0, 4.0) == 4


# Scores


def test_two_labels_are_found_above_what_one_in_twenty_windows_without_each_reaches() -> None:
    ranks = np.arange(100) / 100
    both = np.arange(104) >= 100
    # Of four windows with both labels, two reach 0.95 in both, one in the first alone, and one in none.
    windows = pd.DataFrame(
        {"dog": [*ranks, 0.99, 0.96, 0.99, 0.5], "pig": [*ranks[::-1], 0.99, 0.96, 0.5, 0.5], "recording": "a"}
    )
    truth = WindowTruth(np.stack([both, both], axis=1), ~both, np.zeros(104, bool))
    scores = windows_scores(windows, truth, ["dog", "pig"])
    assert scores["both_found"]["value"] == 0.5
    by_odds = windows.assign(dog=np.log(windows["dog"] + 1), pig=7 * windows["pig"] - 3)  # ranks are what counts
    assert windows_scores(by_odds, truth, ["dog", "pig"])["both_found"]["value"] == 0.5
    assert windows_scores(by_odds, truth, ["dog", "pig"])["map"] == scores["map"]


def test_the_mean_is_within_its_interval_which_narrows_with_more_values() -> None:
    values = np.random.default_rng(1).normal(0.1, 0.02, 100)
    few, many = mean_interval(values[:5]), mean_interval(values)
    assert few[0] == pytest.approx(values[:5].mean())
    assert few[1] < few[0] < few[2]
    assert many[2] - many[1] < few[2] - few[1]
    assert many[2] - many[1] == pytest.approx(2 * 1.96 * values.std() / 10, rel=0.1)
    assert mean_interval(values) == many


def test_few_values_have_the_interval_of_students_t() -> None:
    # The quantile of 2 degrees of freedom is 4.303.
    assert mean_interval(np.array([0.008, -0.001, 0.013])) == pytest.approx((0.00667, -0.01096, 0.02430), abs=1e-5)
    mean, low, high = mean_interval(np.array([0.5]))
    assert mean == 0.5 and np.isnan([low, high]).all()


def test_equal_values_have_an_interval_without_width() -> None:
    assert mean_interval(np.full(4, 0.25)) == (0.25, 0.25, 0.25)
