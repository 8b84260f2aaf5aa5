"""The activity chart of the report: a heat map of events per recorded hour."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from project_echo.core.labels import display_name
from project_echo.core.text import count
from project_echo.plots import marks
from project_echo.plots.activity import events_per_hour, highest_rate, sets_scale
from project_echo.plots.palette import label_colors
from project_echo.plots.svg import LINE, MUTED, WIDTH, new_figure, page_style, svg
from project_echo.report.charts import Chart
from project_echo.report.phrases import number

MAX_DAYS = 366  # rows of a heat map that include the days without recordings
MIN_ROW, MAX_ROW, MAX_HEIGHT = 1.5, 15, 480  # px: height of a day, and of all of them
MAX_DATES = 10  # beside the rows


@page_style()
def activity_chart(table: pd.DataFrame, label: str, labels: Sequence[str]) -> Chart:
    """Heat map of the events of a label per recorded hour, by day and hour of the day, all sites together.

    The color scale ends at the highest rate of the hours with at least six minutes recorded, as in `plots.activity`.

    Parameters
    ----------
    table : pd.DataFrame
        activity.csv of a screening: columns label, date, hour, events, recorded_s.
    label : str
        A label of the table.
    labels : sequence of str
        All labels of the classifier, in its order: a label has its color on the whole page, even if a screening was
        limited to some of them.

    Returns
    -------
    Chart
        No events have the color of the paper; hours without recordings are gray. So are days, unless recordings span
        more than `MAX_DAYS`.
    """
    hours = table[table["label"] == label].groupby(["date", "hour"], as_index=False)[["events", "recorded_s"]].sum()
    recorded_s = hours["recorded_s"].to_numpy()
    rates = events_per_hour(hours["events"].to_numpy(), recorded_s)
    hours["events_per_h"] = rates
    grid = hours.pivot(index="date", columns="hour", values="events_per_h")
    grid = grid.reindex(index=_days(hours), columns=range(24))
    row_px = float(np.clip(MAX_HEIGHT / len(grid), MIN_ROW, MAX_ROW))
    figure = new_figure(82 + row_px * len(grid), WIDTH)
    axes = figure.subplots()
    scale = highest_rate(rates, recorded_s)
    _draw(axes, grid, label_colors(labels)[label], scale)
    step = -(-len(grid) // MAX_DATES)
    axes.set_yticks(range(0, len(grid), step), list(grid.index[::step]))
    axes.set_xticks(range(0, 24, 3))
    axes.set(xlim=(-0.5, 23.5), ylim=(len(grid) - 0.5, -0.5), xlabel="hour of the day")
    axes.set_title(f"events per hour, up to {number(scale)}", color=MUTED, fontweight="normal")
    axes.spines[:].set_visible(False)
    columns = ["date", "hour", "events", "events_per_h"]
    summary = _summary(hours, sets_scale(recorded_s))
    return Chart(display_name(label), summary, svg(figure), hours[columns])


def _draw(axes: Axes, grid: pd.DataFrame, color: str, scale: float) -> None:
    """Draw the cells of an activity chart; with many of them, those of about one rate are one shape."""
    rates = grid.to_numpy()
    marks.cells(axes, np.isnan(rates), LINE, 1.0)
    active = np.argwhere(rates > 0)
    if len(active) <= marks.MAX_TITLES:
        for day, hour in active:
            text = f"{grid.index[day]}, {hour} h: {rates[day, hour]:.1f} per hour"
            marks.cell(axes, hour, day, color, min(1.0, rates[day, hour] / scale), text)
        return
    levels = np.ceil(marks.LEVELS * np.minimum(1, rates / scale))
    for level in range(1, marks.LEVELS + 1):
        marks.cells(axes, levels == level, color, level / marks.LEVELS)


def _days(hours: pd.DataFrame) -> list[str]:
    """The days of the chart, also those without recordings, unless years lie between two deployments."""
    days = pd.date_range(hours["date"].min(), hours["date"].max())
    return [str(day.date()) for day in days] if len(days) <= MAX_DAYS else sorted(set(hours["date"]))


def _summary(hours: pd.DataFrame, in_scale: np.ndarray) -> str:
    """The number of events, and the hour with the highest rate of those that set the color scale."""
    n_events = int(hours["events"].sum())
    if not n_events:
        return "No events."
    busiest = hours.loc[hours.loc[in_scale, "events_per_h"].idxmax()]
    return (
        f"{count(n_events, 'event')}; most at {busiest['hour']:02.0f} h on {busiest['date']}, "
        f"{busiest['events_per_h']:.1f} per recorded hour."
    )
