"""Collect a folder in the official layout of ESC-50: audio/ and meta/esc50.csv.

References
----------
K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pydantic
import soundfile

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, UNSEEN
from project_echo.core.seeds import generator
from project_echo.core.validation import Schema
from project_echo.corpora.collected import Corpus, copy_recording, recordings_table, skipped_table


class Esc50(Schema):
    """Schema of corpora/esc50.yaml."""

    layout: str
    categories: Annotated[list[str], pydantic.Field(min_length=2)]
    background: tuple[str, ...] = ()
    unseen_sources: pydantic.NonNegativeInt
    seed: pydantic.NonNegativeInt

    @pydantic.model_validator(mode="after")
    def _disjoint(self) -> "Esc50":
        overlap = sorted(set(self.categories) & set(self.background))
        if overlap:
            raise ValueError(f"background: {', '.join(overlap)} is also in categories. Remove it from one of them")
        return self


def collect_esc50(description: Esc50, folder: Path, target: Path) -> Corpus:
    """Collect clips of some categories of ESC-50.

    Every clip is a recording, and its `src_file` is the source. Clips of background categories have the label ``none``
    and the category as their kind. Clips of an unseen source are joined into one recording.

    Parameters
    ----------
    description : Esc50
        The categories, and how many sources of each to keep unseen.
    folder : Path
        Contains audio/ and meta/esc50.csv.
    target : Path
        The folder to write the recordings to.

    Returns
    -------
    Corpus
        The tables of recordings and of what was skipped.

    Raises
    ------
    EchoError
        If the table is missing or not valid, or a category is not in it or has no recording left for training.
    """
    meta = folder / "meta" / "esc50.csv"
    table = _read(meta)
    unknown = sorted(set(description.categories) - set(table["category"]))
    if unknown:
        available = ", ".join(sorted(table["category"].unique()))
        raise EchoError(f"{meta} has no category {', '.join(unknown)}. Choose from: {available}.")
    clips, skipped = _usable_clips(table, description, folder)
    categories = [*description.categories, *description.background]
    unseen_sources = {source for category in categories for source in _unseen_sources(clips, category, description)}
    rows = []
    for (category, source), names in clips.groupby(["category", "src_file"])["filename"]:
        unseen = source in unseen_sources
        label = NONE if category in description.background else category
        for recording, parts in _recordings(category, source, list(names), label, unseen).items():
            reason = _join([folder / "audio" / part for part in parts], target / recording)
            if reason:
                skipped.append((recording, reason))
            else:
                rows.append((recording, label, category, source, unseen, " + ".join(parts)))
    empty = sorted(set(description.categories) - {category for _, _, category, _, unseen, _ in rows if not unseen})
    if empty:
        raise EchoError(
            f"{meta}: category {', '.join(empty)} has no recording left for training: {len(unseen_sources)} sources "
            f"are unseen, {len(skipped)} recordings skipped. Lower unseen_sources, or remove the category."
        )
    return Corpus(recordings_table(rows), skipped_table(skipped))


def _read(meta: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(meta, dtype=str, keep_default_na=False, usecols=["filename", "category", "src_file"])
    except FileNotFoundError:
        raise EchoError(
            f"{meta} does not exist. Set collect.folder to a folder in the layout of ESC-50 (audio/, meta/esc50.csv)."
        ) from None
    except ValueError as error:
        raise EchoError(
            f"{meta} is not a table with the columns filename, category and src_file ({error}). Download it again."
        ) from None


def _usable_clips(table: pd.DataFrame, description: Esc50, folder: Path) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """The clips of the description that exist; names of the others with the reasons."""
    missing = sorted(set(description.background) - set(table["category"]))
    skipped = [(f"background category {category}", "not in meta/esc50.csv") for category in missing]
    categories = [*description.categories, *description.background]
    clips = table[table["category"].isin(categories)].sort_values("filename")
    reasons = clips.apply(lambda clip: _reason_to_skip(folder, clip["filename"], clip["src_file"]), axis=1)
    skipped += [(f"audio/{name}", reason) for name, reason in zip(clips["filename"], reasons, strict=True) if reason]
    return clips[reasons == ""], skipped


def _reason_to_skip(folder: Path, name: str, source: str) -> str:
    """Why a clip of the table cannot be used; empty if it can."""
    if Path(name).name != name or Path(source).name != source:
        return "filename or src_file contains a folder"
    return "" if (folder / "audio" / name).is_file() else "in meta/esc50.csv, but the file does not exist"


def _unseen_sources(clips: pd.DataFrame, category: str, description: Esc50) -> set[str]:
    """Sources to keep unseen: those with most clips first, as joined they are longer than a window.

    At least three sources of background are kept for training, one for each part of the split.
    """
    n_clips = clips.loc[clips["category"] == category, "src_file"].value_counts().sort_index()
    order = generator(description.seed, "unseen", category).permutation(len(n_clips))
    shuffled = n_clips.iloc[order].sort_values(ascending=False, kind="stable")
    available = max(0, len(n_clips) - 3) if category in description.background else len(n_clips)
    return set(shuffled.index[: min(description.unseen_sources, available)])


def _recordings(category: str, source: str, names: list[str], label: str, unseen: bool) -> dict[str, list[str]]:
    """Recordings in the corpus of one source, each with the clips that it is joined from."""
    if unseen:
        return {f"{UNSEEN}/{category}-{source}.wav": names}
    parent = category if label == category else f"{label}/{category}"
    return {f"{parent}/{name}": [name] for name in names}


def _join(paths: list[Path], target: Path) -> str:
    """Join clips into one recording; the reason if they cannot be joined."""
    if len(paths) == 1:
        return copy_recording(paths[0], target)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with soundfile.SoundFile(paths[0]) as first:
            sample_rate, subtype = first.samplerate, first.subtype
        if any(soundfile.info(path).samplerate != sample_rate for path in paths):
            return "cannot be joined: its clips differ in sample rate"
        joined = np.concatenate([soundfile.read(path, always_2d=True)[0] for path in paths])
    except (soundfile.SoundFileError, ValueError) as error:
        return f"cannot be joined: {error}"
    soundfile.write(target, joined, sample_rate, subtype=subtype, format="WAV")
    return ""
