"""Timeline below a player: spectrogram, probabilities and events on one time axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from project_echo.core.labels import display_name
from project_echo.features.config import Features
from project_echo.plots.mel_axis import mel_position, octaves
from project_echo.plots.palette import LabelStyle, label_colors, label_styles
from project_echo.web.spectrogram import MAX_COLUMNS

TICK_HEIGHT = 9  # that the text of a tick in Hz needs, % of the axis


@dataclass(frozen=True)
class Line:
    """Probability of a label over time."""

    label: str
    color: str
    points: str  # of an SVG polyline in the unit square, y downwards
    dashes: str  # its stroke-dasharray; empty for a solid line


@dataclass(frozen=True)
class Mark:
    """An event on the timeline."""

    label: str
    color: str
    left: float  # start, % of the recording
    width: float  # length, % of the recording
    text: str
    row: int = 0  # from the top: events of several labels may overlap


@dataclass(frozen=True)
class Timeline:
    """A recording as web/player.html shows it; paths are relative to the page."""

    title: str
    media: str  # empty if nothing can be played
    video: bool
    poster: str  # a frame of the video, or empty
    spectrogram: str
    duration_s: float
    frequencies: list[tuple[str, float]]  # ticks: text, and position in % from the bottom
    seconds: list[tuple[str, float]]  # ticks: text, and position in % from the left
    lines: list[Line] = field(default_factory=list)
    events: list[Mark] = field(default_factory=list)

    @property
    def event_rows(self) -> int:
        """Number of rows of events, at least 1."""
        return 1 + max((event.row for event in self.events), default=0)


def frequency_ticks(features: Features) -> list[tuple[str, float]]:
    """Ticks of the mel axis, high to low: frequency in Hz as text, and position in % from the bottom.

    A tick too close to the one above it is left out.
    """
    hz = octaves(features)
    positions = 100 * (mel_position(hz, features) + 0.5) / features.n_mels
    ticks: list[tuple[str, float]] = []
    for tick, position in zip(hz[::-1], positions[::-1], strict=True):
        if not ticks or ticks[-1][1] - position > TICK_HEIGHT:
            ticks.append((f"{tick:d}", round(float(position), 2)))
    return ticks


def time_ticks(duration_s: float) -> list[tuple[str, float]]:
    """About six round ticks of the time axis: text with its unit, and position in % from the left."""
    step = _step(duration_s / 6)
    ticks = np.arange(0, duration_s * (1 + 1e-9), step)
    digits = max(0, -math.floor(math.log10(step)))
    return [(f"{tick:.{digits}f} s", round(100 * float(tick) / duration_s, 3)) for tick in ticks]


def _step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50, ... (and their tenths) that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * (1 - 1e-9))


def probability_lines(windows: pd.DataFrame, labels: Sequence[str], duration_s: float) -> list[Line]:
    """Lines of the probabilities over time.

    Parameters
    ----------
    windows : pd.DataFrame
        A row per window: columns start_s, end_s, and a probability for each label by itself.
    labels : sequence of str
        All labels of the classifier.
    duration_s : float
        Length of the recording, s.

    Returns
    -------
    list of Line
        One per label, with a point at the middle of each window. A single window is a level line over its length. With
        more windows than MAX_COLUMNS, a point is the maximum of several.
    """
    if len(windows) == 1:
        times = windows[["start_s", "end_s"]].to_numpy()[0] / duration_s
        windows = windows.loc[windows.index.repeat(2)]
    else:
        times = (windows["start_s"] + windows["end_s"]).to_numpy() / 2 / duration_s
    firsts = np.arange(0, len(windows), math.ceil(len(windows) / MAX_COLUMNS))
    styles = label_styles(labels)
    lines = []
    for label in labels:
        heights = 1 - np.maximum.reduceat(windows[label].to_numpy(), firsts)
        points = " ".join(f"{x:.5f},{y:.4f}" for x, y in zip(times[firsts], heights, strict=True))
        lines.append(Line(label, styles[label].color, points, dash_array(styles[label])))
    return lines


def dash_array(style: LabelStyle) -> str:
    """The stroke-dasharray of a line 2 px wide, as page.css draws them; empty for a solid line."""
    return " ".join(f"{2 * length:g}" for length in style.dashes)


def event_marks(events: pd.DataFrame, labels: Sequence[str], duration_s: float) -> list[Mark]:
    """Marks of the events.

    Parameters
    ----------
    events : pd.DataFrame
        A row per event: columns label, start_s, end_s, mean_confidence, as `screening.events` returns.
    labels : sequence of str
        All labels of the classifier.
    duration_s : float
        Length of the recording, s.

    Returns
    -------
    list of Mark
        In the order of `events`. Each label that has events has a row, in the order of `labels`.
    """
    by_label = label_colors(labels)
    occurring = set(events["label"])
    rows = {label: row for row, label in enumerate(label for label in labels if label in occurring)}
    return [
        Mark(
            str(event["label"]),
            by_label[str(event["label"])],
            round(100 * event["start_s"] / duration_s, 3),
            round(100 * (event["end_s"] - event["start_s"]) / duration_s, 3),
            f"{display_name(str(event['label']))} {event['mean_confidence']:.2f}, "
            f"{event['start_s']:.1f} to {event['end_s']:.1f} s",
            rows[str(event["label"])],
        )
        for event in events.to_dict("records")
    ]
