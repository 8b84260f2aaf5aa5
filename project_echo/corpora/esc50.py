"""A folder in ESC-50's official layout: audio/ and meta/esc50.csv.

Source: K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pydantic
import soundfile

from project_echo.corpora.collected import UNSEEN, Corpus, copy, recordings, skipped
from project_echo.errors import EchoError
from project_echo.seeds import generator
from project_echo.validation import Checked


class Esc50(Checked):
    """corpora/esc50.yaml."""

    layout: str
    categories: Annotated[list[str], pydantic.Field(min_length=2)]
    unseen_sources: pydantic.NonNegativeInt
    seed: pydantic.NonNegativeInt


def collect_esc50(description: Esc50, folder: Path, target: Path) -> Corpus:
    """Every clip of the categories is a recording, `src_file` its source; some sources are joined as unseen ones."""
    meta = folder / "meta" / "esc50.csv"
    clips = _read(meta)
    unknown = sorted(set(description.categories) - set(clips["category"]))
    if unknown:
        raise EchoError(
            f"{meta} has no category {', '.join(unknown)}. It has: {', '.join(sorted(clips['category'].unique()))}."
        )
    there = clips["filename"].map(lambda name: (folder / "audio" / name).is_file())
    wanted = clips["category"].isin(description.categories)
    missing = clips["filename"][wanted & ~there]
    left_out = [(f"audio/{name}", "listed in meta/esc50.csv but not there") for name in missing]
    rows = []
    for category in dict.fromkeys(description.categories):
        chosen = clips[there & (clips["category"] == category)].sort_values("filename")
        unseen = _put_aside(chosen, category, description)
        for source, names in chosen.groupby("src_file", sort=True)["filename"]:
            paths = [folder / "audio" / name for name in names]
            if source in unseen:
                recording = f"{UNSEEN}/{category}-{source}.wav"
                reason = _join(paths, target / recording)
                if reason:
                    left_out.append((recording, reason))
                else:
                    rows.append((recording, category, source, True, " + ".join(names)))
                continue
            for path in paths:
                recording = f"{category}/{path.name}"
                copy(path, target / recording)
                rows.append((recording, category, source, False, path.name))
    return Corpus(recordings(rows), skipped(left_out))


def _read(meta: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(meta, dtype=str, keep_default_na=False, usecols=["filename", "category", "src_file"])
    except FileNotFoundError:
        raise EchoError(
            f"{meta} is not there. Set collect.folder to a folder in ESC-50's layout (audio/, meta/esc50.csv)."
        ) from None
    except ValueError as error:
        raise EchoError(f"{meta} is not a table with filename, category and src_file: {error}. Mend it.") from None


def _put_aside(chosen: pd.DataFrame, category: str, description: Esc50) -> set[str]:
    """Sources with most clips come first: joined, they make recordings longer than one window."""
    sizes = chosen["src_file"].value_counts().sort_index()
    order = generator(description.seed, "unseen", category).permutation(len(sizes))
    shuffled = sizes.iloc[order].sort_values(ascending=False, kind="stable")
    return set(shuffled.index[: description.unseen_sources])


def _join(paths: list[Path], target: Path) -> str:
    """Join clips into one recording; the reason if they cannot be joined."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with soundfile.SoundFile(paths[0]) as first:
            rate, subtype = first.samplerate, first.subtype
        joined = np.concatenate([soundfile.read(path, always_2d=True)[0] for path in paths])
    except (soundfile.SoundFileError, ValueError) as error:
        return f"cannot be joined: {error}"
    soundfile.write(target, joined, rate, subtype=subtype, format="WAV")
    return ""
