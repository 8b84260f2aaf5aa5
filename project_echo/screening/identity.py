"""Whether a recording is still the file that was screened."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# A small file is read whole, of a larger one the first block, the last and others at equal distances: enough for any
# other recording, whose every block differs, and 1 MiB for a file of any size. A change of the same length that misses
# all blocks (a part silenced in place by an editor) is not noticed if the time of modification is set back as well.
BLOCK_BYTES, N_BLOCKS = 2**16, 16
Identity = dict[str, int | str]


def identify(path: Path) -> Identity:
    """Size (`bytes`), modification time (`changed_ns`) and `fingerprint` of a file.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    return {**_stamp(path), "fingerprint": _fingerprint(path)}


def is_unchanged(path: Path, metadata: Mapping[str, Any]) -> bool:
    """Whether a file is the one that was screened.

    It is if its size and time are the same, without reading it. If only the time differs, its content decides: FAT
    stores local time, so times of its files move by an hour with daylight saving time and by more with the time zone,
    file systems round times differently, and copies have times of their own.

    Parameters
    ----------
    path : Path
        The file.
    metadata : mapping
        What `identify` returned when it was screened. Without a fingerprint, as earlier versions wrote, the time alone
        decides.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    stamp = _stamp(path)
    if stamp["bytes"] != metadata.get("bytes"):
        return False
    if stamp["changed_ns"] == metadata.get("changed_ns"):
        return True
    return "fingerprint" in metadata and _fingerprint(path) == metadata["fingerprint"]


def _stamp(path: Path) -> Identity:
    status = path.stat()
    return {"bytes": status.st_size, "changed_ns": status.st_mtime_ns}


def _fingerprint(path: Path) -> str:
    """SHA-256 of up to N_BLOCKS blocks of a file."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        last = max(0, path.stat().st_size - BLOCK_BYTES)
        step = max(BLOCK_BYTES, -(-last // (N_BLOCKS - 1)))
        for start in [*range(0, last, step), last]:
            stream.seek(start)
            digest.update(stream.read(BLOCK_BYTES))
    return digest.hexdigest()
