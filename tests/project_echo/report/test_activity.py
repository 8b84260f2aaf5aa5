"""The activity chart: events per recorded hour, by day and hour of the day."""

import pandas as pd

from project_echo.report.activity import activity_chart
from project_echo.screening import columns
from tests.project_echo.report.figures import figure


def test_activity_adds_up_sites_and_leaves_gaps_where_nothing_was_recorded() -> None:
    rows = [
        ("fox", "north", "2026-05-01", 22, 2, 10.0, 3600.0, 2.0),
        ("fox", "south", "2026-05-01", 22, 4, 10.0, 3600.0, 4.0),
        ("fox", "north", "2026-05-03", 1, 0, 0.0, 1800.0, 0.0),
        ("boar", "north", "2026-05-01", 22, 9, 10.0, 3600.0, 9.0),
    ]
    table = pd.DataFrame(rows, columns=list(columns.ACTIVITY))
    chart = activity_chart(table, "fox")
    (heatmap,), layout = figure(chart)
    assert layout["xaxis"]["title"]["text"] == "hour of the day"
    assert heatmap["y"] == ["2026-05-01", "2026-05-02", "2026-05-03"]
    assert heatmap["z"][0][21:] == [None, 3, None]
    assert heatmap["z"][1] == [None] * 24
    assert heatmap["z"][2][1] == 0
    assert (heatmap["zmin"], heatmap["zmax"]) == (0, 3)
    assert all(text in chart.summary for text in ("6 events", "22 h", "2026-05-01", "3.0 per"))
    assert chart.table["events_per_h"].tolist() == [3, 0]


def test_a_label_without_events_has_a_scale_and_no_busiest_hour() -> None:
    rows = [("fox", "north", "2026-05-01", 22, 0, 0.0, 3600.0, 0.0)]
    chart = activity_chart(pd.DataFrame(rows, columns=list(columns.ACTIVITY)), "fox")
    (heatmap,), _ = figure(chart)
    assert heatmap["zmax"] == 1
    assert "2026" not in chart.summary


def test_an_hour_with_seconds_recorded_sets_no_scale_unless_there_is_no_other() -> None:
    rows = [
        ("fox", "north", "2026-05-01", 22, 1, 3.0, 3.0, 1200.0),
        ("fox", "north", "2026-05-01", 23, 2, 9.0, 3600.0, 2.0),
    ]
    table = pd.DataFrame(rows, columns=list(columns.ACTIVITY))
    chart = activity_chart(table, "fox")
    (heatmap,), _ = figure(chart)
    assert heatmap["z"][0][22:] == [1200, 2]
    assert heatmap["zmax"] == 2
    assert all(text in chart.summary for text in ("3 events", "23 h", "2026-05-01", "2.0 per"))
    (heatmap,), _ = figure(activity_chart(table[:1], "fox"))
    assert heatmap["zmax"] == 1200


def test_years_between_deployments_have_no_rows() -> None:
    rows = [("fox", "north", f"{year}-05-01", 22, 1, 3.0, 3600.0, 1.0) for year in (2016, 2026)]
    (heatmap,), _ = figure(activity_chart(pd.DataFrame(rows, columns=list(columns.ACTIVITY)), "fox"))
    assert heatmap["y"] == ["2016-05-01", "2026-05-01"]
