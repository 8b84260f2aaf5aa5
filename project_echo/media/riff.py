"""Headers and chunks of RIFF files (WAV, AVI), read at little cost even if a file is damaged or hostile.

References
----------
Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0 (1991), chapter 2.
EBU Tech 3306 (RF64).
"""

import struct
from collections.abc import Collection, Iterator
from pathlib import Path

HEAD_BYTES = 12  # "RIFF", a size, and the kind of file
PREFIX_BYTES = 8  # "RIFF" and the size, which does not count them
UNKNOWN_BYTES = 0x7FFF0000  # from here on a stated size means that the writer did not know it
MAX_CHUNK_BYTES = 16_384
MAX_CHUNKS = 1000


def stated_bytes(head: bytes) -> int | None:
    """The size that a RIFF file states.

    Parameters
    ----------
    head : bytes
        The first HEAD_BYTES of the file, or as many as there are.

    Returns
    -------
    int or None
        Bytes after the first PREFIX_BYTES; None for another format.
    """
    return int.from_bytes(head[4:8], "little") if head.startswith(b"RIFF") else None


def is_complete_wav(head: bytes, file_bytes: int) -> bool:
    """Whether a file of `file_bytes`, with its first HEAD_BYTES, is a WAV file of exactly the size that it states."""
    stated = stated_bytes(head)
    return stated is not None and head[8:] == b"WAVE" and stated + PREFIX_BYTES == file_bytes


def chunks(path: Path, names: Collection[bytes]) -> list[tuple[bytes, bytes]]:
    """Read chunks of a WAV file.

    A file may state any sizes: a chunk is read as far as it goes, and reading stops at the end of the file or after
    MAX_CHUNKS. In a file of more than 4 GiB (RF64) only chunks before the sound are found.

    Parameters
    ----------
    path : Path
        Any file.
    names : collection of bytes
        The chunks to read, four characters each.

    Returns
    -------
    list of (bytes, bytes)
        Name and content of each, in the order of the file, at most MAX_CHUNK_BYTES of each; empty if it is not a WAV
        file or cannot be read.
    """
    if not path.is_file():  # a pipe would wait forever
        return []
    try:
        return list(_walk(path, names))
    except OSError:
        return []


def _walk(path: Path, names: Collection[bytes]) -> Iterator[tuple[bytes, bytes]]:
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if head[:4] not in {b"RIFF", b"RF64"} or head[8:] != b"WAVE":
            return
        for _ in range(MAX_CHUNKS):
            head = stream.read(8)
            if len(head) < 8:
                return
            name, size = struct.unpack("<4sI", head)
            content = stream.tell()
            if name in names:
                yield name, stream.read(min(size, MAX_CHUNK_BYTES))
            stream.seek(content + size + size % 2)  # chunks start at even offsets
