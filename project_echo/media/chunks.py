"""Chunks of WAV files (RIFF, RF64, BW64), read at little cost even if a file is damaged or hostile.

References
----------
Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0 (1991), chapter 2.
EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64): sizes of more than 4 GiB are stated in a chunk ds64.
"""

import os
import re
import struct
from collections import deque
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

FORMS = (b"RIFF", b"RF64", b"BW64")
HEAD_BYTES = 12  # "RIFF", a size, and "WAVE"
HEADER_BYTES = 8  # name and size of a chunk
IN_DS64 = 0xFFFFFFFF  # in place of a size
DS64_BYTES = 28  # without its table: sizes of the file and of its data, number of samples, length of the table
MAX_CHUNKS = 1000
MAX_CHUNK_BYTES = 1 << 20  # metadata with long notes take some ten thousand bytes
MAX_READ_BYTES = 4 << 20  # of all chunks together
MAX_CANDIDATES = 32  # places of names near the end of a file whose chunks cannot be followed


class Chunk(NamedTuple):
    name: bytes
    start: int  # offset of its content in the file, bytes
    size: int  # as stated, bytes

    @property
    def end(self) -> int:
        return self.start + self.size


def chunks(path: Path, names: Collection[bytes]) -> list[tuple[bytes, bytes]]:
    """Read chunks of a WAV file, wherever they are.

    A file may state any sizes: a chunk is read as far as it goes, and reading stops at the end of the file, after
    MAX_CHUNKS or after MAX_READ_BYTES. Recorders that lose power, or that write more than 4 GiB into a RIFF file, state
    a wrong size of the sound, so that the chunk after it cannot be reached: then chunks that end with the file are
    looked for in its last MAX_CHUNK_BYTES.

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
        with path.open("rb") as stream:
            return list(_contents(stream, names))
    except OSError:
        return []


def _contents(stream: BinaryIO, names: Collection[bytes]) -> Iterator[tuple[bytes, bytes]]:
    head = stream.read(HEAD_BYTES)
    if head[:4] not in FORMS or head[8:] != b"WAVE":
        return
    file_bytes = stream.seek(0, os.SEEK_END)
    found = list(walk(stream, HEAD_BYTES, file_bytes))
    if not end_with_file(found, file_bytes):
        found += [chunk for chunk in _trailing(stream, names, file_bytes) if chunk not in found]
    left = MAX_READ_BYTES
    for chunk in found:
        if chunk.name in names:
            stream.seek(chunk.start)
            content = stream.read(min(chunk.size, MAX_CHUNK_BYTES, left))
            left -= len(content)
            yield chunk.name, content


def walk(stream: BinaryIO, position: int, file_bytes: int) -> Iterator[Chunk]:
    """Follow chunks from a position to the end of the file, or to what is not a chunk."""
    long_sizes: dict[bytes, int] = {}
    for _ in range(MAX_CHUNKS):
        chunk = _chunk(stream, position)
        if chunk is None:
            return
        if chunk.size == IN_DS64:
            chunk = chunk._replace(size=long_sizes.get(chunk.name, IN_DS64))
        elif chunk.name == b"ds64":
            long_sizes = read_long_sizes(stream, chunk)
        yield chunk
        if chunk.end > file_bytes:  # a file system may refuse to seek so far
            return
        position = chunk.end
        # Chunks start at even offsets, but some writers forget the padding.
        if chunk.size % 2 and (_fits(stream, position + 1, file_bytes) or not _fits(stream, position, file_bytes)):
            position += 1


def _chunk(stream: BinaryIO, position: int) -> Chunk | None:
    stream.seek(position)
    header = stream.read(HEADER_BYTES)
    if len(header) < HEADER_BYTES or not all(0x20 <= character < 0x7F for character in header[:4]):
        return None
    name, size = struct.unpack("<4sI", header)
    return Chunk(name, position + HEADER_BYTES, size)


def _fits(stream: BinaryIO, position: int, file_bytes: int) -> bool:
    chunk = _chunk(stream, position)
    return chunk is not None and (chunk.end <= file_bytes or chunk.size == IN_DS64)


def read_long_sizes(stream: BinaryIO, chunk: Chunk) -> dict[bytes, int]:
    """The sizes that a ds64 chunk states, by name of chunk."""
    stream.seek(chunk.start)
    content = stream.read(min(chunk.size, DS64_BYTES + MAX_CHUNKS * 12))
    if len(content) < DS64_BYTES:
        return {}
    entries = content[DS64_BYTES:]
    table = dict(struct.iter_unpack("<4sQ", entries[: len(entries) // 12 * 12]))
    return {**table, b"data": struct.unpack_from("<Q", content, 8)[0]}


def end_with_file(found: list[Chunk], file_bytes: int) -> bool:
    """Whether no chunk can follow the last one that was found."""
    end = found[-1].end if found else HEAD_BYTES
    return 0 <= file_bytes - end <= HEADER_BYTES  # a byte of padding, and less than a header


def _trailing(stream: BinaryIO, names: Collection[bytes], file_bytes: int) -> list[Chunk]:
    """Chunks up to the end of the file, from the first of `names` from which they lead there."""
    start = max(HEAD_BYTES, file_bytes - MAX_CHUNK_BYTES)
    stream.seek(start)
    tail = stream.read(MAX_CHUNK_BYTES)
    offsets = (match.start() for match in re.finditer(b"|".join(map(re.escape, names)), tail))
    for offset in deque(offsets, MAX_CANDIDATES):
        found = list(walk(stream, start + offset, file_bytes))
        if found and end_with_file(found, file_bytes):
            return found
    return []
