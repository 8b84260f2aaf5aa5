"""Read and write JSON, YAML, arrays and sound; a file appears under its name only when it is complete."""

import hashlib
import json
import os
import shutil
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from project_echo.core.errors import EchoError
from project_echo.core.wav import float_header

_lock = threading.Lock()  # the mask is the process's: of two threads at once, one would leave the other's 0

REMEDY = "Run the stage that writes it: dvc repro."


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Write a file atomically: yield a temporary path (same suffix) that replaces `path` if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Write a folder atomically: yield an empty temporary folder that replaces `path` if the block succeeds.

    A folder that is there is renamed first and removed last: removing takes time, in which the process may be killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-writing-"))
    temporary.chmod(0o777 & ~_umask())
    old = temporary.with_name(f"{temporary.name}-old")
    try:
        yield temporary
        if path.is_dir() and not path.is_symlink():
            path.replace(old)
        else:
            path.unlink(missing_ok=True)
        temporary.replace(path)
    finally:
        for folder in (temporary, old):
            shutil.rmtree(folder, ignore_errors=True)


def _umask() -> int:
    with _lock:
        mask = os.umask(0)
        os.umask(mask)
    return mask


def sha256(path: Path) -> str:
    """SHA-256 of a file of any size, in hexadecimal. Raises OSError if it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(2**20):  # hashlib.file_digest would do this from Python 3.11 on
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def errors_of_reading(path: Path, kind: str, remedy: str = REMEDY) -> Iterator[None]:
    """Turn errors of reading a file into EchoErrors."""
    try:
        yield
    except FileNotFoundError:
        raise EchoError(f"{path} does not exist. {remedy}") from None
    except (OSError, ValueError, EOFError, soundfile.SoundFileError) as error:  # of pandas and JSON too
        raise EchoError(f"{path} is not a readable {kind} ({error}). {remedy}") from error


def write_text(text: str, path: Path) -> None:
    """Write text as UTF-8, with its line ends as they are."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def write_json(value: Any, path: Path) -> None:
    """Write a value as indented JSON."""
    write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", path)


def write_metrics(metrics: dict[str, Any], path: Path) -> None:
    """Write metrics as JSON, with four decimals at most, so that differences in the last digits do not show up.

    Parameters
    ----------
    metrics : dict
        Values by name; dictionaries may be nested. Only floats are rounded, those in lists not.
    path : Path
        The JSON file to write.
    """
    write_json(_rounded(metrics), path)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, float):
        return round(float(value), 4) + 0.0  # adding zero takes the sign from -0.0
    return value


def read_json(path: Path, remedy: str = REMEDY) -> Any:
    """Read a JSON file. Raises EchoError, with the remedy, if it does not exist or is not JSON."""
    with errors_of_reading(path, "JSON file", remedy):
        return json.loads(path.read_text(encoding="utf-8"))


def read_yaml(path: Path) -> dict[str, Any]:
    """Read keys and values from a YAML file.

    Parameters
    ----------
    path : Path
        The YAML file.

    Returns
    -------
    dict

    Raises
    ------
    EchoError
        If the file does not exist, is not YAML, or contains anything but keys and values.
    """
    import yaml  # noqa: PLC0415  (screening rarely needs it)

    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EchoError(f"{path} does not exist. Run from the root of the repository, where params.yaml is.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise EchoError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        content = "nothing" if value is None else f"a {type(value).__name__}"
        raise EchoError(f"{path} must contain keys and values (key: value), but contains {content}.")
    return value


def write_array(array: np.ndarray, path: Path) -> None:
    """Write an array of any shape and numeric dtype as a .npy file."""
    memory = BytesIO()
    np.save(memory, array, allow_pickle=False)
    with atomic_path(path) as temporary:
        temporary.write_bytes(memory.getbuffer())  # np.save to a file does not notice a full disk


def read_array(path: Path) -> np.ndarray:
    """Read an array that a stage wrote as a memory map: only the rows that are used are read.

    Parameters
    ----------
    path : Path
        The .npy file.

    Returns
    -------
    np.ndarray
        Of the shape and dtype that the file states.

    Raises
    ------
    EchoError
        If the file does not exist or is not a NumPy array.
    """
    with errors_of_reading(path, "NumPy array"):
        array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        return array


def write_arrays(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Write named arrays as an .npz file, with the same bytes on every run."""
    memory = BytesIO()
    np.savez(memory, allow_pickle=False, **arrays)
    with atomic_path(path) as temporary:
        temporary.write_bytes(memory.getbuffer())


def read_arrays(path: Path, remedy: str = REMEDY) -> dict[str, np.ndarray]:
    """Read an .npz file of named arrays. Raises EchoError, with the remedy, if it does not exist or is not one."""
    with errors_of_reading(path, "NumPy archive", remedy):
        try:
            with np.load(path, allow_pickle=False) as archive:
                return dict(archive)
        except (AttributeError, TypeError):
            raise ValueError("it holds a single array") from None
        except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:  # RuntimeError: damage looks like encryption
            raise ValueError(error) from error


def write_sound(samples: np.ndarray, sample_rate: int, path: Path) -> None:
    """Write mono sound as 32-bit float WAV: what is read back are the same samples, however loud or quiet.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    sample_rate : int
        Hz.
    path : Path
        The WAV file to write.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        stream.write(float_header(len(samples), sample_rate))
        stream.write(np.ascontiguousarray(samples, "<f4").data)


def read_sound(path: Path) -> tuple[np.ndarray, int]:
    """Read a mono WAV file that a stage wrote.

    Parameters
    ----------
    path : Path
        The WAV file.

    Returns
    -------
    samples : np.ndarray of shape (n,), float32
    sample_rate : int
        Hz.

    Raises
    ------
    EchoError
        If the file does not exist or is not sound.
    """
    with errors_of_reading(path, "WAV file"), path.open("rb") as stream:
        samples, sample_rate = soundfile.read(stream, dtype="float32")
        return samples, sample_rate
