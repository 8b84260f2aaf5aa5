"""Charts: their figure, their words and their table say the same."""

import json

import numpy as np
import pandas as pd

from project_echo.plots.palette import colours
from project_echo.report import charts

LABELS = ["<b>boar</b>", "tree_frog"]
SCORES = pd.DataFrame({"label": LABELS, "f1": [0.5, 0.75]})


def test_a_confusion_is_the_same_in_figure_words_and_table() -> None:
    chart = charts.confusion(np.array([[3, 1], [0, 4]]), LABELS, "Confusion")
    (heatmap,) = json.loads(chart.figure)["data"]
    assert heatmap["text"] == [[3, 1], [0, 4]]
    assert heatmap["z"][0] == [0.75, 0.25]
    assert "87.5\u00a0% of 8 answers" in chart.says
    assert chart.table.to_numpy().tolist() == [["<b>boar</b>", 3, 1], ["tree frog", 0, 4]]


def test_names_are_no_markup_to_plotly() -> None:
    chart = charts.f1(SCORES, "F1")
    (bars,) = json.loads(chart.figure)["data"]
    assert bars["x"] == ["&lt;b&gt;boar&lt;/b&gt;", "tree frog"]
    assert "lowest for <b>boar</b> (0.500)" in chart.says


def test_labels_have_the_colours_that_figures_give_them() -> None:
    (bars,) = json.loads(charts.f1(SCORES, "F1").figure)["data"]
    assert bars["marker"]["color"] == [colours(LABELS)[label] for label in LABELS]


def test_a_regression_is_not_said_to_have_epochs() -> None:
    ends = pd.DataFrame({"epoch": [1], "loss": [0.1], "val_loss": [0.2], "accuracy": [1.0], "val_accuracy": [1.0]})
    assert "no epochs" in charts.history(ends, "Loss").says
    longer = pd.concat([ends, ends.assign(epoch=2, val_loss=0.15)], ignore_index=True)
    assert "Of 2 epochs number 2 was kept" in charts.history(longer, "Loss").says


def test_hours_that_were_not_recorded_are_gaps_and_sites_are_taken_together() -> None:
    rows = [
        ("fox", "north", "2026-05-01", 22, 2, 10.0, 3600.0, 2.0),
        ("fox", "south", "2026-05-01", 22, 4, 10.0, 3600.0, 4.0),
        ("fox", "north", "2026-05-03", 1, 0, 0.0, 1800.0, 0.0),
        ("boar", "north", "2026-05-01", 22, 9, 10.0, 3600.0, 9.0),
    ]
    table = pd.DataFrame(
        rows, columns=["label", "site", "date", "hour", "events", "active_s", "recorded_s", "events_per_h"]
    )
    chart = charts.activity(table, "fox")
    (heatmap,) = json.loads(chart.figure)["data"]
    assert heatmap["y"] == ["2026-05-01", "2026-05-02", "2026-05-03"]
    assert heatmap["z"][0][22] == 3
    assert heatmap["z"][1] == [None] * 24
    assert heatmap["z"][2][1] == 0
    assert heatmap["z"][0][21] is None
    assert chart.says == "6 events; most at 22 h on 2026-05-01, 3.0 per recorded hour."
    silent = table.assign(events=0)
    assert charts.activity(silent, "fox").says == "Not heard."


def test_seconds_of_recording_make_no_record_and_years_between_no_rows() -> None:
    rows = [
        ("fox", "north", "2016-05-01", 22, 1, 3.0, 3.0, 1200.0),
        ("fox", "north", "2026-05-01", 23, 2, 9.0, 3600.0, 2.0),
    ]
    table = pd.DataFrame(
        rows, columns=["label", "site", "date", "hour", "events", "active_s", "recorded_s", "events_per_h"]
    )
    chart = charts.activity(table, "fox")
    assert chart.says == "3 events; most at 23 h on 2026-05-01, 2.0 per recorded hour."
    assert json.loads(chart.figure)["data"][0]["y"] == ["2016-05-01", "2026-05-01"]


def test_labels_that_look_like_numbers_stay_names_and_ties_are_told_together() -> None:
    numbered = pd.DataFrame({"label": ["1", "02", "true"], "f1": [0.5, 0.75, 0.75]})
    chart = charts.f1(numbered, "F1")
    figure = json.loads(chart.figure)
    assert figure["layout"]["xaxis"]["type"] == "category"
    assert figure["data"][0]["x"] == ["1", "02", "true"]
    assert chart.says == "F1 is highest for 02 and true (0.750) and lowest for 1 (0.500)."
    assert charts.f1(numbered.assign(f1=1.0), "F1").says == "F1 is 1.000 for every label."
    counts = np.eye(3)
    assert charts.confusion(counts, list(numbered["label"]), "Confusion").table.shape == (3, 4)
