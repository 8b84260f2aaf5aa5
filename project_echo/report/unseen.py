"""Unseen recordings in the report: their prediction, and a player over the probabilities of their windows."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.labels import display_name, unseen_name
from project_echo.core.parallel import cores, progress
from project_echo.core.tables import read_table
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.media import browser
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import Track, from_row
from project_echo.models.classifier import Classifier
from project_echo.plots.palette import label_colors
from project_echo.report.captions import Caption, caption
from project_echo.report.facts import facts
from project_echo.web import spectrogram, timeline
from project_echo.web.timeline import Timeline

MAX_EVENTS = 200  # in the table of a recording


@dataclass(frozen=True)
class UnseenRecording:
    """An unseen recording: its prediction, with display names of labels, and its timeline."""

    name: str
    label: str
    color: str
    caption: Caption  # why it is a strong or a mixed example
    facts: list[tuple[str, str]]
    events: list[dict[str, Any]]  # the first MAX_EVENTS
    n_events: int
    timeline: Timeline
    reason: str  # why it cannot be played, or empty


def write_recordings(
    summaries: pd.DataFrame,
    windows: pd.DataFrame,
    events: pd.DataFrame,
    collected: pd.DataFrame,
    audio: Path,
    corpus: Path,
    trained: Classifier,
    captions: Mapping[str, str],
    folder: Path,
) -> list[UnseenRecording]:
    """Write the media of all unseen recordings, and collect what the page shows of them.

    Parameters
    ----------
    summaries, windows, events : pd.DataFrame
        recordings.csv, windows.csv and events.csv of data/predictions.
    collected : pd.DataFrame
        recordings.csv of data/corpus, with the original names.
    audio, corpus : Path
        Folders of the decoded recordings, with audio.csv, and of the original ones.
    trained : Classifier
        The classifier that screened the recordings: its labels, thresholds and features are used.
    captions : mapping of str to str
        The captions that a person wrote, by recording; others are made from the numbers.
    folder : Path
        Folder of the page.

    Returns
    -------
    list of UnseenRecording
        In the order of `summaries`.

    Raises
    ------
    EchoError
        If a file in `audio` is missing or not readable.
    """
    tracks = {row["recording"]: from_row(row) for row in read_table(audio / "audio.csv").to_dict("records")}
    thresholds = dict(zip(trained.labels, trained.thresholds or (), strict=trained.thresholds is not None))
    titles = dict(zip(collected["recording"], collected["original"].map(unseen_name), strict=True))
    jobs = [
        (
            summary,
            titles[summary["recording"]],
            windows[windows["recording"] == summary["recording"]],
            events[events["recording"] == summary["recording"]],
            audio / f"{summary['recording']}.wav",
            corpus / summary["recording"],
            tracks[summary["recording"]],
            trained.labels,
            thresholds,
            captions.get(summary["recording"], ""),
            trained.spectrogram,
            folder,
        )
        for summary in summaries.to_dict("records")
    ]
    with ThreadPoolExecutor(cores()) as threads:  # most of the time is ffmpeg's
        return list(progress(threads.map(write_recording, *zip(*jobs, strict=True)), "report", len(jobs)))


def write_recording(
    summary: dict[str, Any],
    title: str,
    windows: pd.DataFrame,
    events: pd.DataFrame,
    sound: Path,
    source: Path,
    track: Track,
    labels: Sequence[str],
    thresholds: Mapping[str, float],
    own_caption: str,
    mel_spectrogram: MelSpectrogram,
    folder: Path,
) -> UnseenRecording:
    """Write sound or video, and the spectrogram, of a recording into `folder`/media.

    Parameters
    ----------
    summary : dict
        Its row of data/predictions/recordings.csv.
    title : str
        Its name as collected.
    windows : pd.DataFrame
        Its rows of data/predictions/windows.csv: start_s, end_s, and a probability for each label.
    events : pd.DataFrame
        Its rows of data/predictions/events.csv.
    sound : Path
        WAV of the recording, at the sample rate of the features.
    source : Path
        The recording as collected. If it cannot be converted for a browser, the timeline has no player.
    track : Track
        Which sound of it is used.
    labels : sequence of str
        Labels of the classifier.
    thresholds : mapping of str to float
        Of each label; empty if the classifier has none.
    own_caption : str
        The caption that a person wrote, or empty.
    mel_spectrogram : MelSpectrogram
        That of the classifier.
    folder : Path
        Folder of the page, to which all paths of the result are relative.

    Returns
    -------
    UnseenRecording

    Raises
    ------
    EchoError
        If `sound` is missing or not readable.
    """
    samples, _ = files.read_sound(sound)
    features = mel_spectrogram.features
    duration_s = len(samples) / features.sample_rate
    stem = Path("media", unseen_name(str(summary["recording"])))
    image = stem.with_name(f"{stem.name}.png")
    spectrogram.save(spectrogram.decibels(samples, mel_spectrogram), folder / image)
    playable, poster, reason = _write_media(source, track, samples, features.sample_rate, stem, folder)
    recording_timeline = Timeline(
        title,
        quote(playable.as_posix()) if playable else "",
        poster is not None,
        quote(poster.as_posix()) if poster else "",
        quote(image.as_posix()),
        round(duration_s, 3),
        timeline.frequency_ticks(features),
        timeline.time_ticks(duration_s),
        timeline.probability_lines(windows, labels, duration_s),
        timeline.event_marks(events, labels, duration_s),
    )
    colors = label_colors(labels)
    rows = [
        {**event, "color": colors[event["label"]], "name": display_name(event["label"])}
        for event in events.head(MAX_EVENTS).to_dict("records")
    ]
    label = str(summary["label"])
    return UnseenRecording(
        title,
        display_name(label),
        colors[label],
        Caption("own", "", own_caption) if own_caption else caption(summary, events, thresholds),
        facts(summary),
        rows,
        len(events),
        recording_timeline,
        reason,
    )


def _write_media(
    source: Path, track: Track, samples: np.ndarray, sample_rate: int, stem: Path, folder: Path
) -> tuple[Path | None, Path | None, str]:
    """Paths of the playable file and of the poster of a video, or the reason why it cannot be played."""
    try:
        video = browser.has_video(source)
        playable = stem.with_name(f"{stem.name}.{'mp4' if video else 'm4a'}")
        browser.write_playable(source, track, samples, sample_rate, folder / playable)
        poster = stem.with_name(f"{stem.name}.jpg") if video else None
        if poster:
            browser.write_poster(folder / playable, len(samples) / sample_rate / 2, folder / poster)
    except UnusableMediaError as error:
        return None, None, str(error)
    return playable, poster, ""
