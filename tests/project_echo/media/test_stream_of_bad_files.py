"""Whatever is wrong with a file, it is used, used with a note, or refused with a reason; nothing hangs."""

import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from project_echo.media import plain
from project_echo.media.errors import UnusableMediaError
from project_echo.media.stream import Stream
from project_echo.media.track import choose_track
from tests.sounds import RATE, cut, encode, hiss, mute_video, tone, write_wav

SOUND = tone(1000, 2) + 0.1 * hiss(2)
FASTSTART = ("-c:a", "aac", "-movflags", "+faststart")  # the index of an MP4 file at its start
MOST = 0xFFFFFFFF


def outcome(path: Path, rate: int = RATE) -> str:
    """The note of a stream ("" if there is none), or "refused: " and the reason."""
    try:
        stream = Stream(path, choose_track(path), rate, 5000, 10)
        assert all(np.isfinite(block).all() for block in stream)
    except UnusableMediaError as error:
        return f"refused: {error}"
    assert stream.samples_read >= 0.05 * rate
    return stream.note


def sound(path: Path, samples: np.ndarray, rate: int = RATE, subtype: str = "PCM_16") -> None:
    write_wav(path, samples, rate, subtype)


def coded(path: Path, suffix: str, *options: str, share: float = 1) -> None:
    cut(encode(path.with_name(f"coded{suffix}"), SOUND, *options), share).rename(path)


def patched(path: Path, *numbers: tuple[int, int]) -> None:
    """A WAV with some 32-bit numbers overwritten: offset, value."""
    data = bytearray(write_wav(path, SOUND).read_bytes())
    for offset, number in numbers:
        data[offset : offset + 4] = number.to_bytes(4, "little")
    path.write_bytes(data)


def list_chunk(path: Path, offset: int) -> None:
    """A WAV with an inserted chunk that states 4 GB."""
    data = write_wav(path, SOUND).read_bytes()
    data = data[:offset] + b"LIST" + MOST.to_bytes(4, "little") + data[offset:]
    path.write_bytes(data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:])


def with_sample(sample: float) -> np.ndarray:
    return np.where(np.arange(len(SOUND)) == 30_000, np.float32(sample), SOUND)


def text(path: Path) -> None:
    path.write_text("Boar at the well, 21:40. Wind from the west.\n" * 50, encoding="utf-8")


def video(path: Path) -> None:
    mute_video(path.with_name("mute.mp4")).rename(path)


def unreadable(path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    write_wav(path, SOUND).chmod(0)


def in_a_closed_folder(path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    folder = write_wav(path.with_name("closed") / "a.wav", SOUND).parent
    path.symlink_to(folder / "a.wav")
    folder.chmod(0)


def link_loop(path: Path) -> None:
    path.symlink_to("other.wav")
    path.with_name("other.wav").symlink_to(path)


def link(path: Path) -> None:
    path.symlink_to(write_wav(path.with_name("good.wav"), SOUND))


def make_socket(path: Path) -> None:
    folder = Path.cwd()
    os.chdir(path.parent)  # the name of a socket has at most 108 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
    os.chdir(folder)


USED = ""
NO_MEDIA = "refused: not a media file"
NO_SOUND = "refused: contains no sound (0.000 s)"
NOT_FINITE = "contains samples that are not finite, first at 1.4 s"
CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (Path.touch, "refused: empty file"),
    "missing": (lambda path: None, "refused: not a file"),
    "text": (text, NO_MEDIA),
    "random bytes": (lambda path: path.write_bytes(np.random.default_rng(1).bytes(5000)), NO_MEDIA),
    "zeros": (lambda path: path.write_bytes(bytes(5000)), NO_MEDIA),
    "one byte": (lambda path: path.write_bytes(b"R"), NO_MEDIA),
    "header only": (partial(sound, samples=SOUND[:0]), NO_SOUND),
    "cut after its header": (partial(coded, suffix=".wav", share=0.0009), "refused: truncated: "),
    "one sample": (partial(sound, samples=SOUND[:1]), NO_SOUND),
    "video without sound": (video, "refused: no audio track"),
    # Cut short
    "cut wav": (partial(coded, suffix=".wav", share=0.5), "truncated: contains 44"),
    "cut flac": (partial(coded, suffix=".flac", share=0.6), "contains 1.0 s of the 2.0 s"),
    "cut mp3": (partial(coded, suffix=".mp3", share=0.6), "contains 1.2 s of the 2.0 s"),
    "cut mkv": (partial(coded, suffix=".mkv", share=0.6), "truncated: "),
    "cut ogg": (
        lambda path: path.write_bytes(
            encode(path.with_name("a.ogg"), np.tile(SOUND, 30), "-c:a", "libvorbis").read_bytes()[:-20_000]
        ),
        "truncated: the last Ogg page",
    ),
    "cut mp4": (lambda path: coded(path, ".mp4", *FASTSTART, share=0.6), "truncated: contains 1."),
    "cut mp4, index gone": (partial(coded, suffix=".m4a", share=0.6), "refused: truncated: "),
    "cut ogg, no sound left": (lambda path: coded(path, ".ogg", "-c:a", "libvorbis", share=0.3), "refused: truncated"),
    # Unusual, and usable
    "mp3 named wav": (partial(coded, suffix=".mp3"), USED),
    "8 bits": (partial(sound, samples=SOUND, subtype="PCM_U8"), USED),
    "24 bits": (partial(sound, samples=SOUND, subtype="PCM_24"), USED),
    "32 bits": (partial(sound, samples=SOUND, subtype="PCM_32"), USED),
    "5.1 channels": (partial(sound, samples=np.tile(SOUND[:, None], 6)), USED),
    "8 kHz": (partial(sound, samples=SOUND, rate=8000), USED),
    "192 kHz": (partial(sound, samples=SOUND, rate=192_000), USED),
    "clipped": (partial(sound, samples=np.clip(20 * SOUND, -1, 1)), USED),
    "constant": (partial(sound, samples=np.full(RATE, 0.25)), USED),
    "link": (link, USED),
    # Bad samples
    "silent": (partial(sound, samples=0 * SOUND), "refused: silent"),
    "NaN": (partial(sound, samples=with_sample(np.nan), subtype="FLOAT"), NOT_FINITE),
    "infinite": (
        partial(sound, samples=with_sample(-np.inf), subtype="FLOAT"),
        NOT_FINITE,
    ),
    # Not regular files
    "folder": (Path.mkdir, "refused: not a file"),
    "named pipe": (os.mkfifo, "refused: not a file"),
    "socket": (make_socket, "refused: not a file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "refused: not a file"),
    "link to nothing": (lambda path: path.symlink_to("gone.wav"), "refused: not a file"),
    "link loop": (link_loop, "refused: not a file"),
    "unreadable": (unreadable, "refused: cannot be read (Permission denied)"),
    "in a closed folder": (in_a_closed_folder, "refused: cannot be read (Permission denied)"),
    # Wrong numbers in headers
    "RIFF of 4 GB": (lambda path: patched(path, (4, MOST)), USED),
    "data of 4 GB": (lambda path: patched(path, (40, MOST)), USED),
    "RIFF and data of 4 GB": (lambda path: patched(path, (4, MOST), (40, MOST - 36)), USED),
    "RIFF and data of 1 GB": (lambda path: patched(path, (4, 2**30), (40, 2**30)), "truncated: contains 88244 of"),
    "fmt of 4 GB": (lambda path: patched(path, (16, MOST)), NO_MEDIA),
    "LIST of 4 GB": (partial(list_chunk, offset=12), NO_MEDIA),
    "LIST of 4 GB before data": (partial(list_chunk, offset=36), NO_MEDIA),
    "rate of 4 GHz": (lambda path: patched(path, (24, MOST)), NO_MEDIA),
    "rate of 0": (lambda path: patched(path, (24, 0)), NO_MEDIA),
    "65535 channels": (lambda path: patched(path, (20, 0xFFFF0001)), "refused: "),
}


@pytest.mark.parametrize("rate", [RATE, 16000])
@pytest.mark.parametrize("subtypes", [plain.SUBTYPES, ()], ids=["without ffmpeg", "with ffmpeg"])
@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_a_file_is_used_or_used_with_a_note_or_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], object],
    expected: str,
    subtypes: tuple[str, ...],
    rate: int,
) -> None:
    monkeypatch.setattr(plain, "SUBTYPES", subtypes)
    make(tmp_path / "a.wav")
    result = outcome(tmp_path / "a.wav", rate)
    assert result.startswith(expected)
    assert bool(result) == bool(expected)


def test_a_wav_named_mp4_is_used(tmp_path: Path) -> None:
    assert outcome(write_wav(tmp_path / "a.mp4", SOUND)) == USED


@pytest.mark.parametrize("subtypes", [plain.SUBTYPES, ()], ids=["without ffmpeg", "with ffmpeg"])
@pytest.mark.parametrize(
    "name",
    [
        *("a b.wav", "-i.wav", "-", "a'b\".wav", "a\nb.wav", "\r\t.wav", "a\\b.wav", "*?[a].wav", 250 * "n"),
        *("100%d.wav", "http:x.wav", "$(x).wav", "concat:a|b.wav", "pipe:0", "\N{BAT}.wav", "e\u0301.wav"),
        "\udcff\udcfe.wav",  # bytes that are not UTF-8
    ],
)
def test_a_file_name_is_never_an_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, subtypes: tuple[str, ...]
) -> None:
    monkeypatch.setattr(plain, "SUBTYPES", subtypes)
    monkeypatch.chdir(tmp_path)
    write_wav(tmp_path / "a.wav", SOUND).rename(name)
    assert outcome(Path(name)) == USED
