"""A folder in ESC-50's official layout: audio/ and meta/esc50.csv.

Source: K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pydantic
import soundfile

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.seeds import generator
from project_echo.core.validation import Schema
from project_echo.corpora.collected import UNSEEN, Corpus, copy, recordings, skipped


class Esc50(Schema):
    """corpora/esc50.yaml."""

    layout: str
    categories: Annotated[list[str], pydantic.Field(min_length=2)]
    background: tuple[str, ...] = ()
    unseen_sources: pydantic.NonNegativeInt
    seed: pydantic.NonNegativeInt

    @pydantic.model_validator(mode="after")
    def _apart(self) -> "Esc50":
        both = sorted(set(self.categories) & set(self.background))
        if both:
            raise ValueError(f"background: {', '.join(both)} stands among the categories as well, take it out of one")
        return self


def collect_esc50(description: Esc50, folder: Path, target: Path) -> Corpus:
    """Every clip of the categories is a recording, `src_file` its source; some sources are joined as unseen ones.

    Clips of the background categories have the label ``none`` and the category as their kind.
    """
    meta = folder / "meta" / "esc50.csv"
    clips = _read(meta)
    unknown = sorted(set(description.categories) - set(clips["category"]))
    if unknown:
        raise EchoError(
            f"{meta} has no category {', '.join(unknown)}. It has: {', '.join(sorted(clips['category'].unique()))}."
        )
    missing = sorted(set(description.background) - set(clips["category"]))
    absent = [(f"background category {category}", "not in meta/esc50.csv") for category in missing]
    wanted = [*description.categories, *description.background]
    clips = clips[clips["category"].isin(wanted)].sort_values("filename")
    reasons = clips.apply(lambda clip: _unfit(folder, clip["filename"], clip["src_file"]), axis=1)
    left_out = [(f"audio/{name}", reason) for name, reason in zip(clips["filename"], reasons, strict=True) if reason]
    clips = clips[reasons == ""]
    put_aside = {source for category in wanted for source in _put_aside(clips, category, description)}
    rows = []
    for (category, source), names in clips.groupby(["category", "src_file"])["filename"]:
        paths = [folder / "audio" / name for name in names]
        aside = source in put_aside
        label = NONE if category in description.background else category
        place = category if label == category else f"{label}/{category}"
        parts_of = {f"{UNSEEN}/{category}-{source}.wav": paths} if aside else {f"{place}/{p.name}": [p] for p in paths}
        for recording, parts in parts_of.items():
            reason = _join(parts, target / recording)
            if reason:
                left_out.append((recording, reason))
            else:
                rows.append((recording, label, category, source, aside, " + ".join(part.name for part in parts)))
    collected = Corpus(recordings(rows), skipped(absent + left_out))
    lost = sorted(set(description.categories) - {row[1] for row in rows if not row[4]})
    if lost:
        raise EchoError(
            f"{meta}: category {', '.join(lost)} has no recording left to learn from: {len(put_aside)} sources are put "
            f"aside as unseen, {len(left_out)} clips left out. Lower unseen_sources, or take the category out."
        )
    return collected


def _unfit(folder: Path, name: str, source: str) -> str:
    """Why a clip of the table cannot be used; empty if it can."""
    if Path(name).name != name or Path(source).name != source:
        return "its filename or src_file is not a plain name"
    return "" if (folder / "audio" / name).is_file() else "listed in meta/esc50.csv but not there"


def _read(meta: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(meta, dtype=str, keep_default_na=False, usecols=["filename", "category", "src_file"])
    except FileNotFoundError:
        raise EchoError(
            f"{meta} is not there. Set collect.folder to a folder in ESC-50's layout (audio/, meta/esc50.csv)."
        ) from None
    except ValueError as error:
        raise EchoError(f"{meta} is not a table with filename, category and src_file: {error}. Mend it.") from None


def _put_aside(clips: pd.DataFrame, category: str, description: Esc50) -> set[str]:
    """Sources with most clips come first: joined, they make recordings longer than one window.

    Of background three sources stay at least, one for each side of the split.
    """
    sizes = clips.loc[clips["category"] == category, "src_file"].value_counts().sort_index()
    order = generator(description.seed, "unseen", category).permutation(len(sizes))
    shuffled = sizes.iloc[order].sort_values(ascending=False, kind="stable")
    spare = max(0, len(sizes) - 3) if category in description.background else len(sizes)
    return set(shuffled.index[: min(description.unseen_sources, spare)])


def _join(paths: list[Path], target: Path) -> str:
    """Join clips into one recording; the reason if they cannot be joined."""
    if len(paths) == 1:
        return copy(paths[0], target)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with soundfile.SoundFile(paths[0]) as first:
            rate, subtype = first.samplerate, first.subtype
        if any(soundfile.info(path).samplerate != rate for path in paths):
            return "cannot be joined: its clips differ in sample rate"
        joined = np.concatenate([soundfile.read(path, always_2d=True)[0] for path in paths])
    except (soundfile.SoundFileError, ValueError) as error:
        return f"cannot be joined: {error}"
    soundfile.write(target, joined, rate, subtype=subtype, format="WAV")
    return ""
