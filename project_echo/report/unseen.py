"""Unseen recordings: what was answered, and a player over what every window said."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files
from project_echo.core.labels import display_name
from project_echo.features.config import Features
from project_echo.media import browser
from project_echo.media.decode import UnusableMediaError
from project_echo.plots.style import colours
from project_echo.report.findings import count, percent
from project_echo.screening import events
from project_echo.web import spectrogram, timeline
from project_echo.web.timeline import Timeline

MOST = 200  # events in the table of a recording


@dataclass(frozen=True)
class Unseen:
    """A recording: its answer for people, and its timeline."""

    name: str
    label: str
    colour: str
    facts: list[tuple[str, str]]
    events: list[dict[str, Any]]  # the first MOST
    count: int  # of all events
    timeline: Timeline
    reason: str  # why it cannot be played, or empty


def show(
    answer: dict[str, Any],
    title: str,
    windows: pd.DataFrame,
    sound: Path,
    source: Path,
    labels: Sequence[str],
    features: Features,
    threshold: float | None,
    folder: Path,
) -> Unseen:
    """Write sound or video, and spectrogram, of a recording into `folder`/media, and tell what was answered.

    `answer` is its row of recordings.csv, `title` what people call it, `windows` its rows of windows.csv, `sound` its
    WAV, and `source` the recording as it came; labels, features and threshold are the classifier's. Paths are relative
    to `folder`. What cannot be written for a browser is shown without a player.
    """
    samples, _ = files.read_sound(sound)
    duration_s = len(samples) / features.sample_rate
    stem = Path("media", str(answer["recording"]).removeprefix("unseen/"))
    picture = stem.with_name(f"{stem.name}.png")
    spectrogram.save(spectrogram.decibels(samples, features), folder / picture)
    playable, poster, reason = _written(source, stem, duration_s, folder)
    windows = windows.assign(end_s=windows["end_s"].clip(upper=duration_s))  # that of a short recording ends after it
    heard = events.merged(windows, labels, threshold, 0.0)
    shown = Timeline(
        title,
        playable.as_posix() if playable else "",
        poster is not None,
        poster.as_posix() if poster else "",
        picture.as_posix(),
        round(duration_s, 3),
        timeline.frequencies(features),
        timeline.seconds(duration_s),
        timeline.lines(windows, labels, duration_s),
        timeline.marks(heard, labels, duration_s),
    )
    shades = colours(labels)
    told = [
        {**event, "colour": shades[event["label"]], "name": display_name(event["label"])}
        for event in heard.head(MOST).to_dict("records")
    ]
    label = str(answer["label"])
    return Unseen(title, display_name(label), shades[label], _facts(answer), told, len(heard), shown, reason)


def _written(source: Path, stem: Path, duration_s: float, folder: Path) -> tuple[Path | None, Path | None, str]:
    """What a browser plays and, of a video, its poster; or why there is nothing to play."""
    try:
        video = browser.has_pictures(source)
        playable = stem.with_name(f"{stem.name}.{'mp4' if video else 'm4a'}")
        browser.playable(source, folder / playable)
        poster = stem.with_name(f"{stem.name}.jpg") if video else None
        if poster:
            browser.poster(folder / playable, duration_s / 2, folder / poster)
    except UnusableMediaError as error:
        return None, None, str(error)
    return playable, poster, ""


def _facts(answer: dict[str, Any]) -> list[tuple[str, str]]:
    windows = f"{percent(answer['stability'], 0)} of {count(answer['windows'], 'window')} agree"
    facts = [
        ("Confidence", f"{answer['confidence']:.2f}"),
        ("Runner-up", f"{display_name(answer['runner_up'])}, {answer['runner_up_confidence']:.2f}"),
        ("Stability", f"{windows}, {answer['longest_run']} in a row"),
    ]
    if answer["verdict"]:
        facts.append(("In truth", f"{display_name(answer['truth'])}: {answer['verdict']}"))
    return facts
