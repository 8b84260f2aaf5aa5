"""Unseen recordings: what was answered, and a player over what every window said."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo import files
from project_echo.features import Features
from project_echo.figures import colours, name
from project_echo.pages import spectrogram, timeline
from project_echo.pages.timeline import Timeline
from project_echo.predict import events
from project_echo.report import media


@dataclass(frozen=True)
class Unseen:
    """A recording: its answer for people, and its timeline."""

    name: str
    label: str
    colour: str
    facts: list[tuple[str, str]]
    events: list[dict[str, Any]]
    timeline: Timeline


def show(
    answer: dict[str, Any],
    windows: pd.DataFrame,
    sound: Path,
    source: Path,
    labels: Sequence[str],
    features: Features,
    threshold: float | None,
    folder: Path,
) -> Unseen:
    """Write sound or video, and spectrogram, of a recording into `folder`/media, and tell what was answered.

    `answer` is its row of recordings.csv, `windows` its rows of windows.csv, `sound` its WAV, and `source` the
    recording as it came; labels, features and threshold are the classifier's. Paths are relative to `folder`.
    """
    samples, _ = files.read_sound(sound)
    duration_s = len(samples) / features.sample_rate
    title = str(answer["recording"]).removeprefix("unseen/")
    video = media.has_pictures(source)
    playable, picture = Path("media", f"{title}.{'mp4' if video else 'm4a'}"), Path("media", f"{title}.png")
    media.playable(source, folder / playable)
    poster = playable.with_suffix(".jpg") if video else None
    if poster:
        media.poster(folder / playable, duration_s / 2, folder / poster)
    spectrogram.save(spectrogram.decibels(samples, features), folder / picture)
    heard = events.merged(windows, labels, threshold, 0.0)
    shown = Timeline(
        title,
        playable.as_posix(),
        poster.as_posix() if poster else None,
        picture.as_posix(),
        round(duration_s, 3),
        timeline.frequencies(features),
        timeline.seconds(duration_s),
        timeline.lines(windows, labels, duration_s),
        timeline.marks(heard, labels, duration_s),
    )
    shades = colours(labels)
    told = [
        {**event, "colour": shades[event["label"]], "name": name(event["label"])} for event in heard.to_dict("records")
    ]
    return Unseen(title, name(answer["label"]), shades[answer["label"]], _facts(answer), told, shown)


def _facts(answer: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [
        ("Confidence", f"{answer['confidence']:.2f}"),
        ("Runner-up", f"{name(answer['runner_up'])}, {answer['runner_up_confidence']:.2f}"),
        (
            "Stability",
            f"{answer['stability']:.0%} of {answer['windows']} windows agree, {answer['longest_run']} in a row",
        ),
    ]
    if answer["verdict"]:
        facts.append(("In truth", f"{name(answer['truth'])}: {answer['verdict']}"))
    return facts
