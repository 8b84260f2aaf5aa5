"""What stands beneath a player: spectrogram, probabilities and events over one axis of time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from project_echo.core.labels import display_name
from project_echo.features.config import Features
from project_echo.plots.mel_axis import mel_position, octaves
from project_echo.plots.palette import colours
from project_echo.web.spectrogram import COLUMNS

ROOM = 9  # % of its height that a tick of the axis in Hz needs


@dataclass(frozen=True)
class Line:
    """Probability of a label over time, as points of an SVG in the unit square."""

    label: str
    colour: str
    points: str


@dataclass(frozen=True)
class Mark:
    """An event: where it lies and how long it is, % of the recording, and what it says."""

    label: str
    colour: str
    left: float
    width: float
    text: str


@dataclass(frozen=True)
class Timeline:
    """A recording as pages/player.html shows it; paths are relative to the page."""

    title: str
    media: str  # empty where nothing can be played
    video: bool
    poster: str  # a picture of the video, or empty
    spectrogram: str
    duration_s: float
    frequencies: list[tuple[str, float]]  # Hz, and where they stand: % from below
    seconds: list[tuple[str, float]]  # and % from the left
    lines: list[Line] = field(default_factory=list)
    events: list[Mark] = field(default_factory=list)


def frequencies(features: Features) -> list[tuple[str, float]]:
    """Ticks of the axis in Hz, on the mel scale: text, and % from below; from above, those with room for their text."""
    hz = octaves(features)
    places = 100 * (mel_position(hz, features) + 0.5) / features.n_mels
    ticks: list[tuple[str, float]] = []
    for tick, place in zip(hz[::-1], places[::-1], strict=True):
        if not ticks or ticks[-1][1] - place > ROOM:
            ticks.append((f"{tick:d}", round(float(place), 2)))
    return ticks


def seconds(duration_s: float) -> list[tuple[str, float]]:
    """Ticks of the axis of time, some six: text, and % from the left; the first has the unit."""
    step = _step(duration_s / 6)
    ticks = np.arange(0, duration_s * (1 + 1e-9), step)
    digits = max(0, -math.floor(math.log10(step)))
    return [(f"{tick:.{digits}f} s", round(100 * float(tick) / duration_s, 3)) for tick in ticks]


def _step(least: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50, ... (and their tenths)."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * (1 - 1e-9))


def lines(windows: pd.DataFrame, labels: Sequence[str], duration_s: float) -> list[Line]:
    """Probabilities, one column per label, against the middle of each window (start_s, end_s).

    A single window is a level line over its length. Of more windows than COLUMNS some are joined, and the highest
    probability of them is shown, as of a spectrogram the loudest.
    """
    if len(windows) == 1:
        places = windows[["start_s", "end_s"]].to_numpy()[0] / duration_s
        windows = windows.loc[windows.index.repeat(2)]
    else:
        places = (windows["start_s"] + windows["end_s"]).to_numpy() / 2 / duration_s
    firsts = np.arange(0, len(windows), math.ceil(len(windows) / COLUMNS))
    shades = colours(labels)
    found = []
    for label in labels:
        heights = 1 - np.maximum.reduceat(windows[label].to_numpy(), firsts)
        points = " ".join(f"{x:.5f},{y:.4f}" for x, y in zip(places[firsts], heights, strict=True))
        found.append(Line(label, shades[label], points))
    return found


def marks(events: pd.DataFrame, labels: Sequence[str], duration_s: float) -> list[Mark]:
    """Events (predict.events.EVENT) as marks, in their order."""
    shades = colours(labels)
    return [
        Mark(
            str(event["label"]),
            shades[str(event["label"])],
            round(100 * event["start_s"] / duration_s, 3),
            round(100 * (event["end_s"] - event["start_s"]) / duration_s, 3),
            f"{display_name(str(event['label']))} {event['mean_confidence']:.2f}, "
            f"{event['start_s']:.1f} to {event['end_s']:.1f} s",
        )
        for event in events.to_dict("records")
    ]
