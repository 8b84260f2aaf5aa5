"""The activity chart: events per recorded hour, by day and hour of the day."""

import pandas as pd
import pytest

from project_echo.plots.palette import label_colors
from project_echo.plots.svg import css_color
from project_echo.report.activity import activity_chart
from project_echo.screening import columns
from tests.project_echo.report.figures import colors, hovers, opacities, texts

LABELS = ["boar", "fox"]  # of the classifier


def chart_rows(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns.ACTIVITY))


def test_activity_adds_up_sites_and_shows_days_without_recordings() -> None:
    rows: list[tuple[object, ...]] = [
        ("fox", "north", "2026-05-01", 22, 2, 10.0, 3600.0, 2.0),
        ("fox", "south", "2026-05-01", 22, 4, 10.0, 3600.0, 4.0),
        ("fox", "north", "2026-05-03", 1, 0, 0.0, 1800.0, 0.0),
        ("boar", "north", "2026-05-01", 22, 9, 10.0, 3600.0, 9.0),
    ]
    chart = activity_chart(chart_rows(rows), "fox", LABELS)
    assert hovers(chart) == ["2026-05-01, 22 h: 3.0 per hour"]
    assert {"hour of the day", "2026-05-01", "2026-05-03"} <= set(texts(chart))
    assert css_color(label_colors(LABELS)["fox"]) in colors(chart)
    assert all(text in chart.summary for text in ("6 events", "22 h", "2026-05-01", "3.0 per"))
    assert chart.table["events_per_h"].tolist() == [3, 0]


def test_a_screening_limited_to_a_label_has_the_color_of_the_page() -> None:
    chart = activity_chart(chart_rows([("fox", "north", "2026-05-01", 22, 2, 10.0, 3600.0, 2.0)]), "fox", LABELS)
    assert css_color(label_colors(LABELS)["fox"]) in colors(chart)
    assert css_color(label_colors(LABELS)["boar"]) not in colors(chart)


def test_a_label_without_events_has_a_scale_and_no_busiest_hour() -> None:
    chart = activity_chart(chart_rows([("fox", "north", "2026-05-01", 22, 0, 0.0, 3600.0, 0.0)]), "fox", LABELS)
    assert "up to 1" in " ".join(texts(chart))
    assert hovers(chart) == []
    assert "2026" not in chart.summary


def test_an_hour_with_seconds_recorded_sets_no_scale_unless_there_is_no_other() -> None:
    rows: list[tuple[object, ...]] = [
        ("fox", "north", "2026-05-01", 21, 1, 9.0, 3600.0, 1.0),
        ("fox", "north", "2026-05-01", 22, 1, 3.0, 3.0, 1200.0),
        ("fox", "north", "2026-05-01", 23, 2, 9.0, 3600.0, 2.0),
    ]
    chart = activity_chart(chart_rows(rows), "fox", LABELS)
    assert list(opacities(chart).values()) == pytest.approx([0.5, 1, 1])
    assert "up to 2" in " ".join(texts(chart))
    assert all(text in chart.summary for text in ("4 events", "23 h", "2026-05-01", "2.0 per"))
    assert "up to 1200" in " ".join(texts(activity_chart(chart_rows(rows[1:2]), "fox", LABELS)))


def test_a_year_of_busy_hours_is_drawn_without_a_text_for_each() -> None:
    days = pd.date_range("2026-01-01", periods=300)
    rows: list[tuple[object, ...]] = [
        ("fox", "north", str(day.date()), hour, 1 + hour, 9.0, 3600.0, 1.0 + hour) for day in days for hour in range(24)
    ]
    chart = activity_chart(chart_rows(rows), "fox", LABELS)
    assert hovers(chart) == []
    assert len(chart.svg) < 300_000


def test_years_between_deployments_have_no_rows() -> None:
    rows: list[tuple[object, ...]] = [
        ("fox", "north", f"{year}-05-01", 22, 1, 3.0, 3600.0, 1.0) for year in (2016, 2026)
    ]
    chart = activity_chart(chart_rows(rows), "fox", LABELS)
    assert [text for text in texts(chart) if text.endswith("-05-01")] == ["2016-05-01", "2026-05-01"]
    assert len(hovers(chart)) == 2
