"""Chunks of RIFF files, read so that no file, however damaged or hostile, costs more than a moment."""

import struct
from collections.abc import Collection, Iterator
from pathlib import Path

MOST_BYTES = 16_384  # of one chunk
MOST_CHUNKS = 1000
_RIFF = (b"RIFF", b"RF64")


def chunks(path: Path, names: Collection[bytes]) -> list[tuple[bytes, bytes]]:
    """The chunks of a WAV file that bear one of `names`, in their order: name and content, at most 16 KiB of each.

    A file may state any sizes: a chunk is read as far as it goes, the walk ends with the file or after 1000 chunks, and
    what is not a WAV file has no chunks. Past 4 GiB (RF64, EBU Tech 3306) only what stands before the sound is found.
    """
    if not path.is_file():  # a pipe would wait for ever
        return []
    try:
        return list(_walk(path, names))
    except OSError:
        return []


def _walk(path: Path, names: Collection[bytes]) -> Iterator[tuple[bytes, bytes]]:
    with path.open("rb") as stream:
        head = stream.read(12)
        if head[:4] not in _RIFF or head[8:] != b"WAVE":
            return
        for _ in range(MOST_CHUNKS):
            head = stream.read(8)
            if len(head) < 8:
                return
            name, size = struct.unpack("<4sI", head)
            content = stream.tell()
            if name in names:
                yield name, stream.read(min(size, MOST_BYTES))
            stream.seek(content + size + size % 2)  # chunks begin at even places
