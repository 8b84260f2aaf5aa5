"""Figure of activity: events per recorded hour, by hour of the day and day, for each label."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, Locator, MaxNLocator

from project_echo.core.labels import display_name
from project_echo.plots.palette import PALETTE
from project_echo.plots.style import styled

MAX_ROWS = 250  # with more days, several share a row: single ones would fall between the pixels
MIN_RECORDED_S = 360  # an hour with less recorded can have any rate, and does not set the scale
UNRECORDED = {"facecolor": "0.82", "edgecolor": "0.65", "hatch": "////", "linewidth": 0}


@styled()
def by_hour(table: pd.DataFrame) -> Figure:
    """Heatmap of events per recorded hour for each label: hours of the day across, days down.

    Hours without a recording are hatched. A single day is drawn as bars. The color scale ends at the highest rate of
    the hours of which at least six minutes were recorded.

    Parameters
    ----------
    table : pd.DataFrame
        A row per label, site, date and hour, at least one: columns label, site, date, hour, events, recorded_s, as
        `screening.activity.activity_table` returns. All sites are added up.

    Returns
    -------
    Figure
    """
    labels = list(dict.fromkeys(table["label"]))
    columns = 2 if len(labels) in (2, 4) else min(3, len(labels))
    rows = -(-len(labels) // columns)
    days = pd.to_datetime(table["date"])
    first, count = days.min(), (days.max() - days.min()).days + 1
    height = 1.7 if count == 1 else np.clip(0.14 * count, 1.7, 4.2 if rows == 1 else 2.8)
    figure = Figure(figsize=(8.5, 0.8 + (0.5 + height) * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=count > 1)
    for axes, label in zip(grid.flat, labels, strict=False):
        events, recorded_s = _pooled(table[table["label"] == label], first, -(-count // MAX_ROWS))
        axes.patch.set(**UNRECORDED)
        if count == 1:
            _bars(axes, events[0], recorded_s[0])
        else:
            _map(axes, events, recorded_s, first, count)
        title = display_name(label) if events.any() else f"{display_name(label)}: no events"
        axes.set_title(textwrap.fill(title, 78 // columns), fontsize=10)
        axes.set_xticks(range(0, 25, 6))
        axes.tick_params(labelsize=9)
    _trim(grid, len(labels))
    sites = table["site"].nunique()
    details = [f"{sites} sites together"] if sites > 1 else []
    details += [f"{first:%Y-%m-%d}"] if count == 1 else []
    title = ", ".join(["Events per recorded hour", *details])
    figure.suptitle(f"{title} (hatched: nothing recorded)", x=0.01, ha="left", fontweight="bold", fontsize=11)
    return figure


def _pooled(hours: pd.DataFrame, first: pd.Timestamp, days_per_row: int) -> tuple[np.ndarray, np.ndarray]:
    """Events and recorded seconds of all sites together, each of shape (rows, 24)."""
    row = (pd.to_datetime(hours["date"]) - first).dt.days // days_per_row
    events, recorded_s = np.zeros((2, row.max() + 1, 24))
    np.add.at(events, (row, hours["hour"]), hours["events"])
    np.add.at(recorded_s, (row, hours["hour"]), hours["recorded_s"])
    return events, recorded_s


def events_per_hour(events: np.ndarray, recorded_s: np.ndarray) -> np.ndarray:
    """Events per recorded hour.

    Parameters
    ----------
    events, recorded_s : np.ndarray of any shape
        Number of events, and seconds recorded.

    Returns
    -------
    np.ndarray of the same shape, float64
        NaN where nothing was recorded.
    """
    return np.divide(3600 * events, recorded_s, out=np.full(events.shape, np.nan), where=recorded_s > 0)


def sets_scale(recorded_s: np.ndarray) -> np.ndarray:
    """Which hours set the color scale: those with at least MIN_RECORDED_S recorded, or without any, all recorded ones.

    Parameters
    ----------
    recorded_s : np.ndarray of any shape
        Seconds recorded.

    Returns
    -------
    np.ndarray of the same shape, bool
    """
    enough = recorded_s >= MIN_RECORDED_S
    return enough if enough.any() else recorded_s > 0


def highest_rate(rates: np.ndarray, recorded_s: np.ndarray) -> float:
    """Upper end of the color scale.

    Parameters
    ----------
    rates, recorded_s : np.ndarray of any shape
        Events per recorded hour, and seconds recorded.

    Returns
    -------
    float
        The highest rate of the hours that set the scale; 1 if there are no events in them.
    """
    return float(rates[sets_scale(recorded_s)].max(initial=0)) or 1.0


def _map(axes: Axes, events: np.ndarray, recorded_s: np.ndarray, first: pd.Timestamp, count: int) -> None:
    rates = events_per_hour(events, recorded_s)
    highest = highest_rate(rates, recorded_s)
    extent = (0, 24, -(-count // MAX_ROWS) * len(rates), 0)
    image = axes.imshow(rates, "Blues", Normalize(0, highest), aspect="auto", interpolation="nearest", extent=extent)
    step = -(-count // 8)
    days = range(0, count, step)
    axes.set_yticks([day + 0.5 for day in days], [f"{first + pd.Timedelta(days=day):%Y-%m-%d}" for day in days])
    extend = "max" if np.nanmax(rates) > highest else "neither"
    bar = axes.figure.colorbar(image, ax=axes, extend=extend, pad=0.02, ticks=_ticks(events))
    bar.ax.tick_params(labelsize=9)


def _bars(axes: Axes, events: np.ndarray, recorded_s: np.ndarray) -> None:
    rates = events_per_hour(events, recorded_s)
    recorded = np.flatnonzero(recorded_s)
    axes.bar(recorded + 0.5, np.ones(len(recorded)), 1, color="white", transform=axes.get_xaxis_transform())
    axes.bar(recorded + 0.5, rates[recorded], 1, color=PALETTE[0])
    axes.set(xlim=(0, 24), ylim=(0, 1.08 * highest_rate(rates, recorded_s)))
    axes.yaxis.set_major_locator(_ticks(events))


def _ticks(events: np.ndarray) -> Locator:
    """Ticks of the rate: only zero for a label without events."""
    return MaxNLocator(4) if events.any() else FixedLocator([0])


def _trim(grid: np.ndarray, panels: int) -> None:
    """Remove panels without a label, and label the hours below the lowest panel of each column."""
    for axes in grid.flat[panels:]:
        axes.remove()
    for axes in grid.flat[max(0, panels - grid.shape[1]) : panels]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel("hour of the day")
