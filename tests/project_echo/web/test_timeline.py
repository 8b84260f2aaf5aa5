"""Ticks, lines and marks of the timeline."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from project_echo.plots.palette import label_colors
from project_echo.web import timeline
from project_echo.web.spectrogram import MAX_COLUMNS
from tests.sounds import FEATURES

LABELS = ["boar", "fox", "toad"]


def test_frequency_ticks_leave_room_for_their_text() -> None:
    ticks = dict(timeline.frequency_ticks(FEATURES))
    assert list(ticks) == ["2000", "1000", "500", "250"]
    positions = list(ticks.values())
    assert all(first - second > timeline.TICK_HEIGHT for first, second in pairwise(positions))
    assert 0 <= min(positions) < max(positions) < 100


@pytest.mark.parametrize(
    ("duration_s", "texts"),
    [
        (5, ["0 s", "1 s", "2 s", "3 s", "4 s", "5 s"]),
        (45, ["0 s", "10 s", "20 s", "30 s", "40 s"]),
        (0.6, ["0.0 s", "0.1 s", "0.2 s", "0.3 s", "0.4 s", "0.5 s", "0.6 s"]),
        (3600, ["0 s", "1000 s", "2000 s", "3000 s"]),
    ],
)
def test_time_ticks_are_about_six_round_numbers(duration_s: float, texts: list[str]) -> None:
    ticks = timeline.time_ticks(duration_s)
    assert [text for text, _ in ticks] == texts
    for text, share in ticks:
        assert share == pytest.approx(100 * float(text.removesuffix(" s")) / duration_s, abs=0.01)


def test_a_line_goes_through_the_middle_of_each_window_with_1_on_top() -> None:
    windows = pd.DataFrame({"start_s": [0.0, 5.0], "end_s": [5.0, 10.0], "fox": [1.0, 0.25]})
    (line,) = timeline.probability_lines(windows, ["fox"], 10)
    assert line.points == "0.25000,0.0000 0.75000,0.7500"
    assert line.color == label_colors(["fox"])["fox"]
    assert line.dashes == ""


def test_the_lines_of_30_labels_differ() -> None:
    labels = [f"l{number:02}" for number in range(30)]
    windows = pd.DataFrame({"start_s": [0.0, 5.0], "end_s": [5.0, 10.0]} | dict.fromkeys(labels, 0.1))
    lines = timeline.probability_lines(windows, labels, 10)
    assert len({(line.color, line.dashes) for line in lines}) == len(labels)
    assert lines[8].dashes == "8 3"  # px, as lines are 2 px wide


def test_a_single_window_is_a_level_line_over_its_length() -> None:
    windows = pd.DataFrame({"start_s": [0.0], "end_s": [2.0], "fox": [0.9]})
    (line,) = timeline.probability_lines(windows, ["fox"], 2)
    assert line.points == "0.00000,0.1000 1.00000,0.1000"


def test_with_very_many_windows_a_point_is_the_maximum_of_several() -> None:
    starts = np.arange(86_400.0)
    fox = np.zeros(86_400)
    fox[50_000] = 1
    (line,) = timeline.probability_lines(
        pd.DataFrame({"start_s": starts, "end_s": starts + 5, "fox": fox}), ["fox"], 86_404
    )
    points = [point.split(",") for point in line.points.split()]
    assert len(points) <= MAX_COLUMNS
    assert [float(x) for x, y in points if float(y) == 0] == [pytest.approx(50_000 / 86_400, abs=0.002)]


def events_of(*rows: tuple[str, float, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["label", "start_s", "end_s", "mean_confidence", "peak_confidence"])


def test_marks_have_position_length_text_and_color_of_their_events() -> None:
    events = events_of(("toad", 2.0, 7.0, 0.5, 0.75), ("fox", 7.0, 10.0, 0.9, 0.9))
    first, last = timeline.event_marks(events, LABELS, 10)
    assert (first.left, first.width, first.text) == (20, 50, "toad 0.50, 2.0 to 7.0 s")
    assert (last.left, last.width) == (70, 30)
    assert (first.color, last.color) == (label_colors(LABELS)["toad"], label_colors(LABELS)["fox"])


def test_events_of_several_labels_have_rows_of_their_own() -> None:
    events = events_of(("toad", 0.0, 9.0, 0.5, 0.7), ("fox", 2.0, 3.0, 0.9, 0.9), ("toad", 9.5, 10.0, 0.6, 0.6))
    marks = timeline.event_marks(events, LABELS, 10)
    assert [(mark.label, mark.row) for mark in marks] == [("toad", 1), ("fox", 0), ("toad", 1)]
    shown = timeline.Timeline("", "", False, "", "", 10.0, [], [], events=marks)
    assert shown.event_rows == 2
    assert timeline.Timeline("", "", False, "", "", 10.0, [], []).event_rows == 1
