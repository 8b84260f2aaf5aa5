"""Tables, JSON, arrays and sound on disk: written beside and moved into place, so nothing is ever half-written."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import soundfile
import yaml

from project_echo.core.errors import EchoError


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, with its suffix, that takes the place of `path` if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=path.suffix)
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder beside `path` that takes the place of `path`, whatever stood there, if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-writing-"))
    beside.chmod(0o777 & ~_umask())
    try:
        yield beside
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        beside.replace(path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_table(table: pd.DataFrame, path: Path, decimals: int = 4) -> None:
    """Write a table as CSV with short numbers.

    Parameters
    ----------
    table
        Any table; its index is not written.
    path
        The CSV file to write.
    decimals
        Most decimals of a number. Times in seconds (columns whose name ends in ``_s``) always have up to six.
    """
    text = table.copy()
    for name in table.select_dtypes("floating").columns:
        places = 6 if str(name).endswith("_s") else decimals
        text[name] = [None if pd.isna(number) else _short(number, places) for number in table[name]]
    with atomic_path(path) as beside:
        text.to_csv(beside, index=False, lineterminator="\n")


def _short(number: float, decimals: int) -> str:
    """A number without trailing zeros; what rounds to zero has no sign."""
    text = f"{round(float(number), decimals) + 0.0:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV table; names stay text (a recording called ``001`` keeps its zeros) and missing text is empty."""
    with _reading(path, "CSV table"):
        head = pd.read_csv(path, nrows=0)
        text = {name: str for name in head.columns if name in _TEXT}
        return pd.read_csv(path, dtype=text, keep_default_na=False, na_values={}, lineterminator="\n")


@contextmanager
def _reading(path: Path, kind: str) -> Iterator[None]:
    """Turn what goes wrong in reading a file that a stage wrote into an EchoError."""
    try:
        yield
    except FileNotFoundError:
        raise EchoError(f"{path} is not there. Run the stage that writes it: dvc repro.") from None
    except (OSError, ValueError, EOFError, soundfile.SoundFileError) as error:  # pandas and JSON errors are ValueErrors
        raise EchoError(f"{path} is not a readable {kind} ({error}). Make it anew: dvc repro.") from error


# Columns that hold names, even where every name happens to look like a number.
_TEXT = {
    "recording",
    "clip",
    "label",
    "kind",
    "source",
    "original",
    "reason",
    "part",
    "truth",
    "runner_up",
    "prediction",
    "animal",
    "left_out",
}


def write_text(text: str, path: Path) -> None:
    with atomic_path(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="")


def write_json(value: Any, path: Path) -> None:
    write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", path)


def write_metrics(metrics: dict[str, Any], path: Path) -> None:
    """Write metrics as JSON, with four decimals at most, so that differences in the last digits do not show up.

    Parameters
    ----------
    metrics
        Names to values; dictionaries may be nested. Only floats are rounded.
    path
        The JSON file to write.
    """
    write_json(_rounded(metrics), path)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, float):
        return round(float(value), 4) + 0.0  # adding zero takes the sign from -0.0
    return value


def read_json(path: Path) -> Any:
    with _reading(path, "JSON file"):
        return json.loads(path.read_text(encoding="utf-8"))


def read_yaml(path: Path) -> dict[str, Any]:
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EchoError(f"{path} is not there. Run from the top of the repository, where params.yaml lies.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise EchoError(f"{path} is not readable YAML: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        held = "nothing" if value is None else f"a {type(value).__name__}"
        raise EchoError(f"{path} should hold keys and values (key: value), and holds {held}.")
    return value


def write_array(array: np.ndarray, path: Path) -> None:
    memory = BytesIO()
    np.save(memory, array, allow_pickle=False)
    with atomic_path(path) as beside:
        beside.write_bytes(memory.getbuffer())  # NumPy's own writing of a file overlooks that the disk is full


def read_array(path: Path) -> np.ndarray:
    """A stored array, mapped into memory: only the rows that are used are read."""
    with _reading(path, "NumPy array"):
        array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        return array


def write_sound(samples: np.ndarray, rate: int, path: Path) -> None:
    """Write mono samples (shape (n,), -1..1) as 16-bit PCM WAV."""
    with atomic_path(path) as beside:
        soundfile.write(beside, samples, rate, subtype="PCM_16", format="WAV")


def read_sound(path: Path) -> tuple[np.ndarray, int]:
    """Samples as float32, shape (n,), and the sample rate in Hz, of a mono WAV that this project wrote."""
    with _reading(path, "WAV file"), path.open("rb") as stream:
        samples, rate = soundfile.read(stream, dtype="float32")
        return samples, rate
