"""Charts: drawing, summary and table show the same numbers."""

import numpy as np
import pandas as pd
import pytest

from project_echo.plots.svg import css_color
from project_echo.report import charts
from tests.project_echo.report.figures import colors, drawing, hovers, opacities, texts

LABELS = ["<b>boar</b>", "tree_frog"]
SCORES = pd.DataFrame(
    [("boar", "a", 0.5, 0.4, 0.6), ("boar", "b", 0.9, 0.8, 1.0), ("fox", "a", np.nan, np.nan, np.nan)],
    columns=["label", "series", "value", "low", "high"],
)


def test_a_confusion_matrix_shows_shares_of_rows_and_tells_counts() -> None:
    chart = charts.confusion(np.array([[3, 1], [0, 4]]), LABELS, "Confusion")
    assert {"75%", "25%", "100%"} <= set(texts(chart))
    assert "0%" not in texts(chart)
    assert "<b>boar</b>, predicted tree frog: 1 of 4" in hovers(chart)
    assert "8 predictions" in chart.summary
    assert chart.table.to_numpy().tolist() == [["<b>boar</b>", 3, 1], ["tree frog", 0, 4]]


def test_a_cell_is_as_opaque_as_its_share_and_none_is_the_paper() -> None:
    chart = charts.confusion(np.array([[3, 1], [0, 4]]), LABELS, "Confusion")
    shown = opacities(chart)
    full = shown["tree frog, predicted tree frog: 4 of 4"]
    assert shown["<b>boar</b>, predicted tree frog: 1 of 4"] == pytest.approx(full / 4, abs=0.01)
    assert not any(text.startswith("tree frog, predicted <b>") for text in shown)


def test_a_small_share_is_not_told_as_nothing() -> None:
    chart = charts.confusion(np.array([[999, 1], [0, 4]]), LABELS, "Confusion")
    assert "<1%" in texts(chart)


def test_a_confusion_of_many_labels_tells_numbers_to_the_mouse_alone_and_scrolls() -> None:
    labels = [f"label_{n:02}" for n in range(40)]
    chart = charts.confusion(np.eye(40, dtype=int), labels, "Confusion")
    assert set(texts(chart)) >= {"label 00", "label 39"}
    assert not any("%" in text for text in texts(chart))
    assert len(hovers(chart)) == 40
    assert chart.scrolls
    assert not charts.confusion(np.eye(2, dtype=int), LABELS, "Confusion").scrolls


def test_long_names_are_cut_in_the_drawing_and_whole_in_the_table() -> None:
    label = "a_name_that_no_chart_has_room_for"
    chart = charts.confusion(np.eye(2, dtype=int), [label, "boar"], "Confusion")
    assert charts.short_name(label) in texts(chart)
    assert len(charts.short_name(label)) < 25
    assert chart.table["true"][0] == label.replace("_", " ")


def test_labels_that_look_like_numbers_stay_names() -> None:
    chart = charts.confusion(np.eye(3), ["1", "02", "true"], "Confusion")
    assert {"1", "02", "true"} <= set(texts(chart))
    assert chart.table.shape == (3, 4)


def test_scores_show_a_point_with_its_interval_for_each_label_and_series() -> None:
    chart = charts.scores(SCORES, {"a": charts.ORANGE, "b": charts.BLUE}, "Scores", "A summary.")
    assert {"boar", "fox", "a", "b", "50%", "90%"} <= set(texts(chart))
    told = hovers(chart)
    assert len(told) == 2
    assert "boar, a: 50.0%" in told[0]
    assert "40.0% to 60.0%" in told[0]
    assert {css_color(charts.ORANGE), css_color(charts.BLUE)} <= colors(chart)
    assert list(chart.table.columns) == ["label", "series", "value", "low", "high"]


def test_scores_of_one_series_need_no_legend() -> None:
    chart = charts.scores(SCORES[SCORES["series"] == "a"], {"a": charts.BLUE}, "Scores", "A summary.")
    assert "a" not in texts(chart)
    assert "series" not in chart.table


def test_a_chart_has_no_ids_so_that_several_fit_into_a_page() -> None:
    chart = charts.scores(SCORES, {"a": charts.ORANGE, "b": charts.BLUE}, "Scores", "A summary.")
    assert not any("id" in element.attrib for element in drawing(chart).iter())
