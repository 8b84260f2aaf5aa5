"""Where recordings come from: a corpus is a table of recordings beside the files that it names.

Columns: `recording` (path inside the corpus), `label`, `source` (individual, site, video or device: what a split may
not divide), `unseen` (kept for screening only; `label` is then the truth, empty where unknown), `original` (the name it
came with).
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
import pydantic
import soundfile

from project_echo import files
from project_echo.errors import EchoError
from project_echo.seeds import generator

COLUMNS = ["recording", "label", "source", "unseen", "original"]
UNSEEN = "unseen"


@dataclass
class Corpus:
    """Recordings by the columns above, and what was left out: columns `recording`, `reason`."""

    recordings: pd.DataFrame
    skipped: pd.DataFrame


class Esc50(pydantic.BaseModel):
    """corpora/esc50.yaml."""

    model_config = pydantic.ConfigDict(extra="forbid")

    layout: str
    categories: list[str]
    unseen_sources: pydantic.NonNegativeInt
    seed: pydantic.NonNegativeInt


def collect(
    corpus: Path, folder: Path, target: Path, make_demo: Callable[[dict[str, Any], Path], pd.DataFrame]
) -> Corpus:
    """Bring a corpus together in `target`: a description (`corpora/<name>.yaml`) or a folder of recordings.

    Raises EchoError if the corpus is not there, is of no known layout, or has fewer than two labels.
    """
    if corpus.is_dir():
        return checked(from_folder(corpus, target), corpus)
    description = files.read_yaml(corpus)
    layout = description.get("layout")
    if layout == "demo":
        return Corpus(make_demo(description, target), _skipped([]))
    if layout == "esc50":
        return checked(from_esc50(describe_esc50(description, corpus), folder, target), corpus)
    raise EchoError(
        f"{corpus}: layout = {layout!r}. Use demo or esc50, or set collect.corpus to a folder of recordings."
    )


def describe_esc50(description: dict[str, Any], corpus: Path) -> Esc50:
    try:
        return Esc50.model_validate(description)
    except pydantic.ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise EchoError(f"{corpus}: {key}: {problem['msg']}") from None


def from_folder(folder: Path, target: Path) -> Corpus:
    """`<label>/<file>` (each file a source of its own), `<label>/<source>/<file>` and `unseen/<file>`."""
    rows, strays = [], []
    for path in sorted(folder.rglob("*"), key=os.fsencode):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") for part in parts) or path.is_dir():
            continue
        if len(parts) == 1 or not path.is_file():
            strays.append(
                (path.relative_to(folder), "not in the folder of a label" if path.is_file() else "not a file")
            )
            continue
        label = "" if parts[0] == UNSEEN else parts[0]
        recording = _place(Path(*parts))
        _copy(path, target / recording)
        source = "/".join(parts[:2]) if parts[0] == UNSEEN or len(parts) == 2 else parts[1]
        rows.append((recording, label, source, parts[0] == UNSEEN, str(Path(*parts))))
    return Corpus(_recordings(rows), _skipped(strays))


def from_esc50(description: Esc50, folder: Path, target: Path) -> Corpus:
    """A folder in ESC-50's layout: every clip a recording, `src_file` its source, some sources joined as unseen."""
    meta = folder / "meta" / "esc50.csv"
    if not meta.is_file():
        raise EchoError(
            f"{meta} is not there. Set collect.folder to a folder in ESC-50's layout (audio/, meta/esc50.csv)."
        )
    clips = pd.read_csv(meta, dtype=str)
    unknown = sorted(set(description.categories) - set(clips["category"]))
    if unknown:
        raise EchoError(
            f"{meta} has no category {', '.join(unknown)}. It has: {', '.join(sorted(clips['category'].unique()))}."
        )
    rows, missing = [], []
    for category in description.categories:
        chosen = clips[clips["category"] == category].sort_values("filename")
        unseen = _put_aside(chosen, category, description)
        for source, group in chosen.groupby("src_file", sort=True):
            paths = [folder / "audio" / name for name in group["filename"]]
            missing += [
                (Path("audio") / path.name, "listed in meta/esc50.csv but not there")
                for path in paths
                if not path.is_file()
            ]
            paths = [path for path in paths if path.is_file()]
            if source in unseen and paths:
                recording = f"{UNSEEN}/{category}-{source}.wav"
                _join(paths, target / recording)
                rows.append((recording, category, source, True, " + ".join(path.name for path in paths)))
                continue
            for path in paths:
                recording = f"{category}/{path.name}"
                _copy(path, target / recording)
                rows.append((recording, category, source, False, path.name))
    return Corpus(_recordings(rows), _skipped(missing))


def _put_aside(chosen: pd.DataFrame, category: str, description: Esc50) -> set[str]:
    """Sources with most clips come first: joined, they make recordings longer than one window."""
    sizes = chosen["src_file"].value_counts().sort_index()
    order = generator(description.seed, "unseen", category).permutation(len(sizes))
    shuffled = sizes.iloc[order].sort_values(ascending=False, kind="stable")
    return set(shuffled.index[: description.unseen_sources])


def checked(corpus: Corpus, origin: Path) -> Corpus:
    """The corpus, if there is something to tell apart in it."""
    labels = sorted(set(corpus.recordings.loc[~corpus.recordings["unseen"], "label"]))
    if len(labels) < 2:
        raise EchoError(
            f"{origin} holds {len(corpus.recordings)} recordings of {len(labels)} label(s){': ' * bool(labels)}"
            f"{', '.join(labels)}. A classifier needs at least two: put recordings in <label>/<file>."
        )
    return corpus


def _place(original: Path) -> str:
    """A path inside the corpus that every file system and tool takes, unique to the name that it came with."""
    plain = "/".join(re.sub(r"[^A-Za-z0-9._-]", "_", os.fsencode(part).decode("latin-1")) for part in original.parts)
    plain = "/".join("_" + part[1:] if part.startswith(("-", ".")) else part for part in plain.split("/"))
    if plain == original.as_posix():
        return plain
    mark = hashlib.sha256(os.fsencode(original)).hexdigest()[:8]
    path = PurePosixPath(plain)
    return f"{path.with_suffix('')}-{mark}{path.suffix}"


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(path, target)
    except OSError as error:
        raise EchoError(f"{path} cannot be read ({error.strerror}). Make it readable, or take it out.") from None


def _join(paths: list[Path], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(paths[0]) as first:
        shape = {"samplerate": first.samplerate, "channels": first.channels, "subtype": first.subtype}
    with soundfile.SoundFile(target, "w", format="WAV", **shape) as joined:
        for path in paths:
            joined.write(soundfile.read(path, always_2d=True)[0])


def _recordings(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"unseen": bool})
    for name in ("label", "source", "original"):  # names that are not UTF-8 must still be writable in a table
        table[name] = table[name].map(_printable)
    return table


def _skipped(rows: list[tuple[Path, str]]) -> pd.DataFrame:
    return pd.DataFrame([(_printable(str(path)), reason) for path, reason in rows], columns=["recording", "reason"])


def _printable(text: str) -> str:
    return os.fsencode(text).decode("utf-8", errors="backslashreplace")
