"""The activity chart of the report: a heatmap of events per recorded hour."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from project_echo.core.labels import display_name
from project_echo.core.text import count
from project_echo.plots.activity import events_per_hour, highest_rate, sets_scale
from project_echo.report.charts import AXIS, COLORBAR, LINE, Chart, make_chart

MAX_DAYS = 366  # rows of a heatmap that include the days without recordings


def activity_chart(table: pd.DataFrame, label: str) -> Chart:
    """Heatmap of the events of a label per recorded hour, by day and hour of the day, all sites together.

    The color scale ends at the highest rate of the hours with at least six minutes recorded, as in `plots.activity`.

    Parameters
    ----------
    table : pd.DataFrame
        activity.csv of a screening: columns label, date, hour, events, recorded_s.
    label : str
        A label of the table.

    Returns
    -------
    Chart
        Hours without recordings are gaps; so are days, unless recordings span more than `MAX_DAYS`.
    """
    hours = table[table["label"] == label].groupby(["date", "hour"], as_index=False)[["events", "recorded_s"]].sum()
    recorded_s = hours["recorded_s"].to_numpy()
    rates = events_per_hour(hours["events"].to_numpy(), recorded_s)
    hours["events_per_h"] = rates
    grid = hours.pivot(index="date", columns="hour", values="events_per_h")
    grid = grid.reindex(index=_days(hours), columns=range(24))
    heatmap = go.Heatmap(
        z=grid.to_numpy().tolist(),
        x=list(range(24)),
        y=list(grid.index),
        zmin=0,
        zmax=highest_rate(rates, recorded_s),
        colorscale="Cividis",
        hoverongaps=False,
        hovertemplate="%{y}, %{x} h: %{z:.1f} per hour<extra></extra>",
        colorbar={**COLORBAR, "title": {"text": "events per h", "side": "right"}, "nticks": 4},
    )
    layout = {
        "xaxis": {**AXIS, "title": "hour of the day", "dtick": 3, "range": [-0.5, 23.5], "showgrid": False},
        "yaxis": {**AXIS, "type": "category", "autorange": "reversed", "showgrid": False},
        "plot_bgcolor": LINE,  # visible in the gaps
        "height": int(np.clip(150 + 22 * len(grid), 200, 520)),
    }
    columns = ["date", "hour", "events", "events_per_h"]
    summary = _summary(hours, sets_scale(recorded_s))
    return make_chart(display_name(label), summary, [heatmap], layout, hours[columns])


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
