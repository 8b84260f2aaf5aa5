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
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pydantic
import soundfile

from project_echo import files
from project_echo.errors import EchoError
from project_echo.seeds import generator
from project_echo.validation import Checked, validate

COLUMNS = ["recording", "label", "source", "unseen", "original"]
UNSEEN = "unseen"


@dataclass
class Corpus:
    """Recordings by the columns above, and what was left out: columns `recording`, `reason`."""

    recordings: pd.DataFrame
    skipped: pd.DataFrame


class Esc50(Checked):
    """corpora/esc50.yaml."""

    layout: str
    categories: Annotated[list[str], pydantic.Field(min_length=2)]
    unseen_sources: pydantic.NonNegativeInt
    seed: pydantic.NonNegativeInt


def collect(
    corpus: Path, folder: Path, target: Path, make_demo: Callable[[dict[str, Any], Path], pd.DataFrame]
) -> Corpus:
    """Bring a corpus together in `target`: a description (`corpora/<name>.yaml`) or a folder of recordings.

    Raises EchoError if the corpus is not there, is of no known layout, or has fewer than two labels.
    """
    if not corpus.exists():
        raise EchoError(
            f"{corpus} is not there. Set collect.corpus to a folder of recordings or a description (corpora/demo.yaml)."
        )
    if corpus.is_dir():
        return checked(from_folder(corpus, target), corpus)
    description = files.read_yaml(corpus)
    layout = description.get("layout")
    if layout == "demo":
        return Corpus(make_demo(description, target), _skipped([]))
    if layout == "esc50":
        return checked(from_esc50(validate(Esc50, description, corpus), folder, target), corpus)
    raise EchoError(
        f"{corpus}: layout = {layout!r}. Use demo or esc50, or set collect.corpus to a folder of recordings."
    )


def from_folder(folder: Path, target: Path) -> Corpus:
    """`<label>/<file>` (each file a source of its own), `<label>/<source>/<file>` and `unseen/<file>`.

    Hidden files and folders (`.name`) are passed over.
    """
    rows, strays = [], []
    for path in sorted(folder.rglob("*"), key=os.fsencode):
        parts = path.relative_to(folder).parts
        walked = path.is_dir() and not path.is_symlink() and any(path.iterdir())
        if walked or any(part.startswith(".") for part in parts):
            continue
        reason = _astray(path, len(parts))
        if reason:
            strays.append((Path(*parts), reason))
            continue
        label = "" if parts[0] == UNSEEN else parts[0]
        recording = _place(Path(*parts))
        _copy(path, target / recording)
        source = "/".join(parts[:2]) if parts[0] == UNSEEN or len(parts) == 2 else parts[1]
        rows.append((recording, label, source, parts[0] == UNSEEN, str(Path(*parts))))
    return Corpus(_recordings(rows), _skipped(strays))


def _astray(path: Path, depth: int) -> str:
    """Why a path is no recording; empty if it may be one."""
    if path.is_dir():
        return "a link to a folder, which is not followed" if path.is_symlink() else "an empty folder"
    if not path.is_file():
        return "not a file"
    return "not in the folder of a label" if depth == 1 else ""


def from_esc50(description: Esc50, folder: Path, target: Path) -> Corpus:
    """A folder in ESC-50's layout: every clip a recording, `src_file` its source, some sources joined as unseen."""
    meta = folder / "meta" / "esc50.csv"
    clips = _read_esc50(meta)
    unknown = sorted(set(description.categories) - set(clips["category"]))
    if unknown:
        raise EchoError(
            f"{meta} has no category {', '.join(unknown)}. It has: {', '.join(sorted(clips['category'].unique()))}."
        )
    rows, missing = [], []
    for category in dict.fromkeys(description.categories):
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
                try:
                    _join(paths, target / recording)
                except (soundfile.SoundFileError, ValueError) as error:
                    missing.append((Path(recording), f"cannot be joined: {error}"))
                    continue
                rows.append((recording, category, source, True, " + ".join(path.name for path in paths)))
                continue
            for path in paths:
                recording = f"{category}/{path.name}"
                _copy(path, target / recording)
                rows.append((recording, category, source, False, path.name))
    return Corpus(_recordings(rows), _skipped(missing))


def _read_esc50(meta: Path) -> pd.DataFrame:
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
    """A path inside the corpus that every file system and tool takes, unique to the name that it came with.

    Folders have no dot in them, so none has the name of a file that a stage writes beside it. Names are cut to their
    last 100 characters: stages add to them, and file systems end at 255 bytes.
    """
    *folders, name = (os.fsencode(part).decode("latin-1")[-100:] for part in original.parts)
    parts = [*(folder.replace(".", "_") for folder in folders), name]
    plain = re.sub(r"(^|/)[-.]", r"\1_", "/".join(re.sub(r"[^A-Za-z0-9._-]", "_", part) for part in parts))
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
        rate, subtype = first.samplerate, first.subtype
    joined = np.concatenate([soundfile.read(path, always_2d=True)[0] for path in paths])
    soundfile.write(target, joined, rate, subtype=subtype, format="WAV")


def _recordings(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"unseen": bool})
    for name in ("label", "source", "original"):  # names that are not UTF-8 must still be writable in a table
        table[name] = table[name].map(_printable)
    return table


def _skipped(rows: list[tuple[Path, str]]) -> pd.DataFrame:
    return pd.DataFrame([(_printable(str(path)), reason) for path, reason in rows], columns=["recording", "reason"])


def _printable(text: str) -> str:
    return os.fsencode(text).decode("utf-8", errors="backslashreplace")
