"""The corpus as the report shows it: its name, what kind of recordings it has, and how many of each label."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels, display_name
from project_echo.core.text import count, join_words
from project_echo.report.phrases import duration

DEMO, ESC50 = "demo", "esc50"  # layouts of corpora/*.yaml


@dataclass(frozen=True)
class Origin:
    """What a corpus is called and where its recordings come from."""

    name: str
    kind: str  # a phrase after "The recordings are"
    synthetic: bool = False


@dataclass(frozen=True)
class Amount:
    """How much there is of a label, or of background, whose kinds are listed."""

    label: str
    recordings: int
    sources: int
    clips: int
    kinds: str = ""
    is_background: bool = False


@dataclass(frozen=True)
class Corpus:
    """The corpus of the report. Labels are display names."""

    origin: Origin
    amounts: list[Amount]  # of each animal, and last of background if there is any
    unseen: int  # recordings that are screened and never trained on
    unseen_length: str
    skipped: int  # recordings that could not be used

    @property
    def animals(self) -> list[Amount]:
        """The amounts of animals alone."""
        return [amount for amount in self.amounts if not amount.is_background]

    @property
    def summary(self) -> str:
        """Recordings and labels in one phrase: "64 recordings of 4 animals and 52 of other sounds"."""
        animals = self.animals
        recordings = count(sum(amount.recordings for amount in animals), "recording")
        others = sum(amount.recordings for amount in self.amounts) - sum(amount.recordings for amount in animals)
        background = f" and {others} of other sounds" if others else ""
        return f"{recordings} of {count(len(animals), 'animal')}{background}"


def read_origin(corpus: str) -> Origin:
    """What a corpus is called, from the parameter `collect.corpus`.

    Parameters
    ----------
    corpus : str
        A description (corpora/demo.yaml), or a folder of recordings.

    Returns
    -------
    Origin
    """
    path = Path(corpus)
    layout = files.read_yaml(path).get("layout") if path.is_file() else None
    if layout == DEMO:
        return Origin("Demo corpus", "synthetic, made by a program of this project", synthetic=True)
    if layout == ESC50:
        return Origin("ESC-50", "real ones, from ESC-50, a public collection of environmental sounds")
    if path.is_file():
        return Origin(path.stem, f"from {path.name}")
    name = path.resolve().name
    return Origin(name, f"from the folder {name}")


def describe_corpus(
    origin: Origin,
    recordings: pd.DataFrame,
    audio: pd.DataFrame,
    clips: pd.DataFrame,
    labels: Sequence[str],
    skipped: int,
) -> Corpus:
    """Count what there is of each label.

    Parameters
    ----------
    origin : Origin
        What the corpus is called.
    recordings : pd.DataFrame
        recordings.csv of data/corpus: columns recording, label, kind, source, unseen.
    audio : pd.DataFrame
        audio.csv of data/audio: columns recording, duration_s.
    clips : pd.DataFrame
        clips.csv of data/clips: columns clip, label.
    labels : sequence of str
        The animals.
    skipped : int
        Number of recordings that could not be used.

    Returns
    -------
    Corpus
    """
    unseen = recordings["unseen"].astype(bool)
    length_s = audio.loc[audio["recording"].isin(recordings.loc[unseen, "recording"]), "duration_s"].sum()
    known = recordings[~unseen]
    amounts = [_amount(label, known, clips) for label in animal_labels(labels)]
    background = _amount(NONE, known, clips)
    return Corpus(
        origin,
        [*amounts, *([background] if background.recordings else [])],
        int(unseen.sum()),
        duration(float(length_s)),
        skipped,
    )


def _amount(label: str, recordings: pd.DataFrame, clips: pd.DataFrame) -> Amount:
    own = recordings[recordings["label"] == label]
    is_background = label == NONE
    kinds = sorted(set(own["kind"]) - {"", NONE}) if is_background else []
    return Amount(
        "other sounds" if is_background else display_name(label),
        len(own),
        own["source"].nunique(),
        int((clips["label"] == label).sum()),
        join_words([display_name(kind) for kind in kinds]),
        is_background,
    )
