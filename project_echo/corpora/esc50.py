"""Find the clips in a folder in the layout of ESC-50: audio/ and meta/esc50.csv.

References
----------
K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015.
"""

import os
from pathlib import Path
from typing import Annotated

import pandas as pd
import pydantic

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, UNSEEN, same_names
from project_echo.core.seeds import generator
from project_echo.core.spreadsheets import read_table
from project_echo.core.validation import Schema
from project_echo.corpora.collected import Found
from project_echo.corpora.readable import reason_not_readable
from project_echo.media.file_types import SUFFIXES


class Esc50(Schema):
    """Schema of corpora/esc50.yaml."""

    layout: str
    categories: Annotated[list[str], pydantic.Field(min_length=1)]
    background: tuple[str, ...] = ()
    unseen_sources: pydantic.NonNegativeInt
    seed: pydantic.NonNegativeInt

    @pydantic.model_validator(mode="after")
    def _disjoint(self) -> "Esc50":
        overlap = sorted(set(self.categories) & set(self.background))
        if overlap:
            raise ValueError(f"background: {', '.join(overlap)} is also in categories. Remove it from one of them")
        if clash := same_names([*self.categories, *self.background]):
            raise ValueError(
                f"categories and background: {clash} differ only in case, spaces or accents. Remove one of them"
            )
        return self


def find_clips(description: Esc50, folder: Path) -> tuple[list[Found], list[tuple[str, str]]]:
    """Find the clips of some categories of ESC-50.

    Every clip is a recording, and its `src_file` is the source. Clips of background categories have the label ``none``
    and the category as their kind. Clips of an unseen source are joined into one recording.

    Parameters
    ----------
    description : Esc50
        The categories, and how many sources of each to keep unseen.
    folder : Path
        Contains audio/ and meta/esc50.csv. Clips may be in any format of audio, also another than the table says.

    Returns
    -------
    found : list of Found
    skipped : list of (str, str)
        Name and reason of clips that cannot be used.

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
    found = []
    for (category, source), names in clips.groupby(["category", "src_file"])["filename"]:
        unseen = source in unseen_sources
        label = NONE if category in description.background else category
        for recording, parts in _recordings(category, source, list(names), label, unseen).items():
            paths = tuple(folder / "audio" / part for part in parts)
            found.append(Found(recording, label, category, source, unseen, " + ".join(parts), paths))
    empty = sorted(set(description.categories) - {recording.kind for recording in found if not recording.unseen})
    if empty:
        raise EchoError(
            f"{meta}: category {', '.join(empty)} has no recording left for training: {len(unseen_sources)} sources "
            f"are unseen, {len(skipped)} recordings skipped. Lower unseen_sources, or remove the category."
        )
    return found, skipped


def _read(meta: Path) -> pd.DataFrame:
    columns = dict.fromkeys(("filename", "category", "src_file"), str)
    return read_table(meta, columns, "Set collect.folder to a folder in the layout of ESC-50 (audio/, meta/esc50.csv).")


def _usable_clips(table: pd.DataFrame, description: Esc50, folder: Path) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """The clips of the description that exist, under the names of their files; names of the others with the reasons."""
    missing = sorted(set(description.background) - set(table["category"]))
    skipped = [(f"background category {category}", "not in meta/esc50.csv") for category in missing]
    categories = [*description.categories, *description.background]
    clips = table[table["category"].isin(categories)].sort_values("filename")
    audio = folder / "audio"
    names = {path.name for path in audio.iterdir()} if audio.is_dir() else set()
    existing = {name for name in names if Path(name).suffix[1:].lower() in SUFFIXES}  # pictures may lie beside clips
    stems = {Path(name).stem.casefold(): name for name in sorted(existing)}  # converted clips have another suffix
    renamed = [name if name in existing else stems.get(Path(name).stem.casefold(), name) for name in clips["filename"]]
    clips = clips.assign(filename=renamed)
    reasons = clips.apply(lambda clip: _reason_to_skip(audio, clip["filename"], clip["src_file"]), axis=1)
    skipped += [(f"audio/{name}", reason) for name, reason in zip(clips["filename"], reasons, strict=True) if reason]
    return clips[reasons == ""], skipped


def _reason_to_skip(audio: Path, name: str, source: str) -> str:
    """Why a clip of the table cannot be used; empty if it can."""
    if Path(name).name != name or Path(source).name != source:
        return "filename or src_file contains a folder"
    path = audio / name
    if not os.path.lexists(path):
        return "in meta/esc50.csv, but the file does not exist"
    return reason_not_readable(path) or ("" if path.stat().st_size else "an empty file")


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
        suffix = Path(names[0]).suffix if len(names) == 1 else ".wav"
        return {f"{UNSEEN}/{category}-{source}{suffix}": names}
    parent = category if label == category else f"{label}/{category}"
    return {f"{parent}/{name}": [name] for name in names}
