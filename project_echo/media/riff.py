"""Sizes that RIFF files (WAV, RF64, BW64, AVI) state, and what they hold.

References
----------
Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0 (1991), chapter 2.
EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64).
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from project_echo.media.chunks import FORMS, end_with_file, read_long_sizes, walk

HEAD_BYTES = 12  # "RIFF", a size, and the kind of file
PREFIX_BYTES = 8  # "RIFF" and the size, which does not count them
UNKNOWN_BYTES = 0x7FFF0000  # from here on a stated size means that the writer did not know it
WRAP_BYTES = 2**32  # of a 32-bit size
UNKNOWN_LONG_BYTES = 2**63  # from here on a 64-bit size means the same; ffmpeg takes it for negative
# What follows the stated end of the sound is not looked at if it is both shorter than this, and than this share of the
# file: it would hardly be missed, and many programs append something of their own.
MIN_REST_S, MIN_REST_SHARE = 1.0, 0.05
# Tags that programs append to files of any kind: ID3v2, ID3v1, APEv2.
_TAGS = (b"ID3", b"TAG", b"APETAGEX")
_PEEK_BYTES = 4096
_MIN_LAYOUT_BYTES, _MAX_LAYOUT_BYTES, _EXTENSIBLE = 16, 40, 0xFFFE
# By format tag and bytes per sample: integers, floats, A-law and mu-law.
_CODECS = {
    **{(1, 1): "u8", (1, 2): "s16le", (1, 3): "s24le", (1, 4): "s32le"},
    **{(3, 4): "f32le", (3, 8): "f64le", (6, 1): "alaw", (7, 1): "mulaw"},
}


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


@dataclass(frozen=True)
class Sound:
    """Where a WAV file holds its sound."""

    start: int  # offset in the file, bytes
    stated: int  # bytes, as the header states it
    held: int  # bytes that there are: more than stated if the header was never updated, fewer if the end is missing
    bytes_per_s: int
    sample_rate: int  # Hz
    channels: int
    codec: str  # ffmpeg's name of its uncompressed samples, such as s16le; empty for others
    is_long: bool = False  # whether the size is stated in 64 bits (RF64, BW64)

    @property
    def is_understated(self) -> bool:
        """Whether the file holds more sound than its header states."""
        return self.held > self.stated


def find_sound(path: Path) -> Sound | None:
    """Find the sound of a WAV file, also if its header states less than the file holds.

    A recorder that loses power never replaces the size that it wrote first (0, or that of the header), and a size of
    4 GiB or more does not fit into 32 bits and wraps. The stated size is right if chunks, a tag or zeros follow. RF64
    and BW64 state the size in their chunk ds64, and ffmpeg uses that one, whatever the chunk of the sound states.

    Parameters
    ----------
    path : Path
        A regular file.

    Returns
    -------
    Sound or None
        None if it is not a WAV file, or RF64 or BW64 without a chunk ds64.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if head[:4] not in FORMS or head[8:] != b"WAVE":
            return None
        is_long, long_bytes = head[:4] != b"RIFF", None
        file_bytes = stream.seek(0, os.SEEK_END)
        layout = (0, 0, 0, "")
        for chunk in walk(stream, HEAD_BYTES, file_bytes):
            if chunk.name == b"fmt ":
                stream.seek(chunk.start)
                layout = _layout(stream.read(min(chunk.size, _MAX_LAYOUT_BYTES)))
            elif chunk.name == b"ds64" and is_long:
                long_bytes = read_long_sizes(stream, chunk).get(b"data")
            elif chunk.name == b"data":
                if is_long and long_bytes is None:
                    return None
                stated = chunk.size if long_bytes is None else long_bytes
                held = min(stated, file_bytes - chunk.start)
                rest = file_bytes - chunk.start - stated
                if rest > 0 and (rest >= MIN_REST_S * layout[0] or rest >= MIN_REST_SHARE * file_bytes):
                    held = _held_bytes(stream, chunk.start, (stated, chunk.size), file_bytes)
                return Sound(chunk.start, stated, held, *layout, is_long)
    return None


def _layout(content: bytes) -> tuple[int, int, int, str]:
    """Bytes per second, sample rate (Hz), channels and codec, from a chunk fmt."""
    if len(content) < _MIN_LAYOUT_BYTES:
        return 0, 0, 0, ""
    tag, channels, sample_rate, bytes_per_s, frame_bytes = struct.unpack_from("<HHIIH", content)
    if tag == _EXTENSIBLE and len(content) == _MAX_LAYOUT_BYTES:
        tag = int.from_bytes(content[24:26], "little")
    codec = _CODECS.get((tag, frame_bytes // max(1, channels)), "")
    return bytes_per_s, sample_rate, channels, codec


def _held_bytes(stream: BinaryIO, start: int, stated: tuple[int, int], file_bytes: int) -> int:
    """Bytes of sound from `start`: the stated ones if something else follows them, otherwise all there are."""
    for size in stated:  # in ds64, and in the chunk itself
        rest = file_bytes - start - size
        if rest > 1 and rest % WRAP_BYTES <= 1:  # it wrapped, and the sound ends with the file, but for its padding
            return file_bytes - start
        for candidate in (size, size + rest // WRAP_BYTES * WRAP_BYTES):
            if rest > 0 and _is_end_of_sound(stream, start + candidate, file_bytes, size > 0):
                return candidate
    return file_bytes - start


def _is_end_of_sound(stream: BinaryIO, end: int, file_bytes: int, zeros_end_it: bool) -> bool:
    """Whether the rest of a file is none of its sound: chunks up to its end, a tag, or zeros.

    Zeros are reserved space behind a size that was written at the end of a recording, not behind one of 0.
    """
    stream.seek(end)
    first = stream.read(_PEEK_BYTES)
    stream.seek(max(end, file_bytes - _PEEK_BYTES))
    only_zeros = not (first.strip(b"\0") or stream.read().strip(b"\0"))
    if first.startswith(_TAGS) or (only_zeros and zeros_end_it):
        return True
    for start in {end, end + end % 2}:  # some writers forget the padding
        following = list(walk(stream, start, file_bytes))
        if following and end_with_file(following, file_bytes):
            return True
    return False
