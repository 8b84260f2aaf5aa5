"""Files damaged at random give finite samples or a reason."""

import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.media import plain
from project_echo.media.errors import UnusableMediaError
from project_echo.media.stream import Stream
from project_echo.media.track import choose_track
from tests.sounds import RATE, encode, hiss, tone, write_wav
from tests.work import processes_left

NAMES = {
    "a.wav": (),
    "a.flac": (),
    "a.mp3": (),
    "a.mp4": ("-c:a", "aac"),
    "a.ogg": ("-c:a", "libvorbis"),
}
NUMBERS = st.sampled_from([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]) | st.integers(0, 2**32 - 1)
# Half of the damage is in the header, where it has the most effect.
EDITS = st.tuples(
    st.sampled_from(["byte", "little", "big", "cut", "drop", "repeat", "splice"]),
    st.integers(0, 120) | st.floats(0, 1),
    NUMBERS,
)


@cache
def undamaged() -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        samples = tone(1000, 1) + 0.1 * hiss(1)
        data = {name: encode(Path(folder) / name, samples, *options).read_bytes() for name, options in NAMES.items()}
        data["float.wav"] = write_wav(Path(folder) / "float.wav", samples, subtype="FLOAT").read_bytes()
        return data


def damage(data: bytes, edit: str, position: float, number: int) -> bytes:
    at = min(position if isinstance(position, int) else int(position * len(data)), len(data))
    length = number % 1000
    if edit == "byte":
        return data[:at] + bytes([number % 256]) + data[at + 1 :]
    if edit in {"little", "big"}:
        return data[:at] + number.to_bytes(4, edit) + data[at + 4 :]  # type: ignore[arg-type]
    if edit == "cut":
        return data[:at]
    if edit == "drop":
        return data[:at] + data[at + length :]
    if edit == "repeat":
        return data[:at] + data[at : at + length] + data[at:]
    other_file = undamaged()[sorted(undamaged())[number % len(undamaged())]]
    return data[:at] + other_file[: length * 10] + data[at:]


@given(
    st.sampled_from([*NAMES, "float.wav"]),
    st.lists(EDITS, min_size=1, max_size=4),
    st.sampled_from([RATE, 16000]),
    st.sampled_from([plain.SUBTYPES, ()]),  # without ffmpeg, and with it
)
@settings(max_examples=120, deadline=None, derandomize=True, database=None)
def test_a_damaged_file_gives_finite_samples_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    edits: list[tuple[str, float, int]],
    rate: int,
    subtypes: tuple[str, ...],
) -> None:
    data = undamaged()[name]
    for edit in edits:
        data = damage(data, *edit)
    path = tmp_path_factory.getbasetemp() / f"damaged {os.getpid()}"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "SUBTYPES", subtypes)
        try:
            stream = Stream(path, choose_track(path), rate, 5000, 2)
            for block in stream:
                assert block.dtype == np.float32
                assert block.ndim == 1
                assert 0 < len(block) <= 5000
                assert np.isfinite(block).all()
            assert stream.samples_read
        except UnusableMediaError as error:
            assert str(error)
    assert not processes_left()
