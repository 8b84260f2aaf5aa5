"""A recording is streamed in blocks: the samples of decode, and never a process left behind."""

import itertools
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.media import decode, ffmpeg, levels, plain, stream
from project_echo.media.errors import UnusableMediaError
from project_echo.media.plain import SUBTYPES
from project_echo.media.resample import resample
from project_echo.media.stream import Stream
from project_echo.media.track import Track, choose_track
from tests.sounds import RATE, cut, encode, hiss, loudest_hz, tone, write_wav
from tests.work import processes_left

SOUND = tone(1000, 2) + 0.1 * hiss(2)
MONO = Track(0, None, 1.0, RATE, 1)
INT32 = np.random.default_rng(5).integers(-(2**31), 2**31, 2 * RATE, dtype=np.int32)  # uses all 32 bits


def read(
    path: Path, rate: int = RATE, size: int = 5000, time_limit_s: float = 20, track: Track | None = None
) -> tuple[np.ndarray, str]:
    """All samples of a stream and its note; all blocks but the last are full, and no process is left."""
    stream = Stream(path, track or choose_track(path), rate, size, time_limit_s)
    try:
        blocks = list(stream)
    finally:
        assert not processes_left()
    assert [len(block) for block in blocks[:-1]] == [size] * (len(blocks) - 1)
    assert 0 < len(blocks[-1]) <= size
    samples = np.concatenate(blocks)
    assert samples.dtype == np.float32
    assert stream.samples_read == len(samples)
    assert stream.peak == np.abs(samples).max()
    return samples, stream.note


def identical(first: np.ndarray, second: np.ndarray) -> bool:
    return first.shape == second.shape and bool((first.view(np.uint32) == second.view(np.uint32)).all())


def write_aiff(path: Path) -> Path:
    """A file that only ffmpeg reads."""
    soundfile.write(path, SOUND, RATE, format="AIFF")
    return path


def replace_ffmpeg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    """Run a shell script instead of ffmpeg."""
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(ffmpeg, "executable", lambda: str(program))


# The same samples


@pytest.mark.parametrize(
    ("container", "subtype"),
    [("WAV", name) for name in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "IMA_ADPCM")]
    + [("WAVEX", "PCM_24"), ("WAVEX", "FLOAT"), ("RF64", "PCM_16"), ("AIFF", "PCM_16")]
    + [("FLAC", name) for name in ("PCM_S8", "PCM_16", "PCM_24")],
)
@pytest.mark.parametrize("rate", [RATE, 16000])
def test_samples_are_those_of_decode_bit_for_bit(tmp_path: Path, container: str, subtype: str, rate: int) -> None:
    samples = 3 * SOUND if subtype in {"FLOAT", "DOUBLE"} else INT32  # floats may exceed full scale
    soundfile.write(tmp_path / "a", samples, RATE, format=container, subtype=subtype)
    assert identical(read(tmp_path / "a", rate)[0], decode.decode(tmp_path / "a", rate))


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.opus", "a.mp4", "a.aac", "a.flac", "a.mkv"])
def test_samples_of_compressed_files_are_those_of_decode_bit_for_bit(tmp_path: Path, name: str) -> None:
    path = encode(tmp_path / name, SOUND, pictures_s=3 if name == "a.mp4" else 0)
    samples, note = read(path)
    assert identical(samples, decode.decode(path, RATE))
    assert note == ""


@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("rate", [RATE, 16000, 48_000])
def test_plain_files_are_read_without_ffmpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subtype: str, rate: int
) -> None:
    container = "FLAC" if subtype == "PCM_S8" else "WAV"
    soundfile.write(tmp_path / "a", SOUND, RATE, format=container, subtype=subtype)
    monkeypatch.setattr(ffmpeg, "executable", lambda: "/not/there")
    assert len(read(tmp_path / "a", rate)[0]) == 2 * rate


@given(st.integers(RATE // 20 + 1, RATE), st.integers(1, RATE))
@settings(max_examples=30, deadline=None)
def test_blocks_of_any_size_contain_a_recording_of_any_length(
    tmp_path_factory: pytest.TempPathFactory, length: int, size: int
) -> None:
    path = write_wav(tmp_path_factory.mktemp("any") / "a.wav", SOUND[:length], subtype="FLOAT")
    np.testing.assert_array_equal(read(path, size=max(size, length // 50))[0], SOUND[:length])


@given(st.integers(RATE // 20 + 1, RATE), st.integers(500, RATE), st.sampled_from([8000, 16_000, 44_099, 48_000]))
@settings(max_examples=30, deadline=None)
def test_resampled_blocks_of_any_size_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, length: int, size: int, rate: int
) -> None:
    path = write_wav(tmp_path_factory.mktemp("any") / "a.wav", SOUND[:length], subtype="FLOAT")
    assert identical(read(path, rate, size)[0], resample(SOUND[:length], RATE, rate))


@pytest.mark.parametrize("rate", [1000, 999_983, 1_000_000])
@pytest.mark.parametrize("subtypes", [SUBTYPES, ()])  # without ffmpeg, and with it
def test_recordings_of_any_sample_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int, subtypes: tuple[str, ...]
) -> None:
    monkeypatch.setattr(plain, "SUBTYPES", subtypes)
    sound = tone(300, 2, rate)
    samples, note = read(write_wav(tmp_path / "a.wav", sound, rate, "FLOAT"))
    assert identical(samples, resample(sound, rate, RATE))
    assert len(samples) == 2 * RATE
    assert loudest_hz(samples) == pytest.approx(300, abs=1)
    assert note == ""


@pytest.mark.parametrize(("first", "second"), [(22_050, 44_100), (44_100, 22_050)])
def test_sound_keeps_its_pitch_where_a_damaged_file_changes_its_rate(tmp_path: Path, first: int, second: int) -> None:
    parts = [encode(tmp_path / "a.aac", SOUND, "-ar", str(rate)).read_bytes() for rate in (first, second)]
    (tmp_path / "a.aac").write_bytes(b"".join(parts))
    samples, _ = read(tmp_path / "a.aac", 16_000)
    assert len(samples) / 16_000 == pytest.approx(4, abs=0.3)
    for part in (samples[8000:24_000], samples[-24_000:-8000]):
        assert loudest_hz(part, 16_000) == pytest.approx(1000, abs=2)


@pytest.mark.parametrize("size", [1000, 44100, 10**6])
def test_blocks_through_ffmpeg_are_full_and_complete(tmp_path: Path, size: int) -> None:
    path = write_wav(tmp_path / "a.wav", np.stack([SOUND, SOUND], axis=1))
    assert identical(read(path, size=size)[0], decode.decode(path, RATE))


def test_ffmpeg_continues_after_damage_to_a_flac_file(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", np.tile(SOUND, 5))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20] = bytes(20)
    path.write_bytes(data)
    samples, note = read(path, size=1000)
    assert 0.95 < len(samples) / (5 * len(SOUND)) < 1
    assert identical(samples, decode.decode(path, RATE))
    assert note == ""  # more than decode.MIN_COMPLETE_FRACTION is left


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize("rate", [RATE, 16000])
def test_channels_are_mixed_as_ffmpeg_mixes_them(tmp_path: Path, channels: int, subtype: str, rate: int) -> None:
    samples = np.stack([hiss(1), *np.random.default_rng(4).uniform(-1, 1, (channels - 1, RATE))], axis=1)
    path = write_wav(tmp_path / "a.wav", samples, subtype=subtype)
    without_ffmpeg = read(path, rate)[0]
    path.write_bytes(path.read_bytes() + b"\0")  # no longer plain
    assert identical(without_ffmpeg, read(path, rate)[0])


# What is no sound, and what is


@pytest.mark.parametrize("sample", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("rate", [RATE, 16000])
def test_one_sample_that_is_no_number_costs_some_milliseconds(tmp_path: Path, sample: float, rate: int) -> None:
    index = np.arange(len(SOUND))
    with_fault = write_wav(tmp_path / "a.wav", np.where(index == RATE, sample, SOUND), subtype="FLOAT")
    samples, note = read(with_fault, rate)
    without, _ = read(write_wav(tmp_path / "b.wav", SOUND, subtype="FLOAT"), rate)
    apart = np.flatnonzero(np.abs(samples - without) > 1e-5) / rate
    assert len(apart)
    assert np.abs(apart - 1).max() < 0.005
    assert "first at 1.0 s" in note


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_much_that_is_no_number_is_refused(tmp_path: Path, share: float) -> None:
    fault = np.arange(len(SOUND)) > (1 - share) * len(SOUND)
    path = write_wav(tmp_path / "a.wav", np.where(fault, np.nan, SOUND), subtype="FLOAT")
    if share < levels.MAX_UNUSABLE_SHARE:
        assert np.isfinite(read(path)[0]).all()
    else:
        with pytest.raises(UnusableMediaError, match="not finite"):
            read(path)


@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT"])
@pytest.mark.parametrize("rate", [RATE, 16000])
def test_a_very_quiet_recording_is_used(tmp_path: Path, subtype: str, rate: int) -> None:
    path = write_wav(tmp_path / "a.wav", 2e-5 / 0.3 * tone(1000, 1), subtype=subtype)  # -94 dBFS
    samples, note = read(path, rate)
    assert np.abs(samples).max() == pytest.approx(2e-5, rel=0.05)
    assert note == ""


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", ()),
        ("a.flac", ()),
        ("a.mp3", ()),
        ("a.m4a", ()),
        ("a.opus", ()),
        ("a.opus", ("-application", "voip", "-b:a", "8k")),
        ("a.ogg", ("-c:a", "libvorbis")),
        ("a.ac3", ()),
        ("a.amr", ("-c:a", "libopencore_amrnb", "-ar", "8000")),
        ("a.wav", ("-c:a", "adpcm_ms")),
    ],
)
def test_digital_silence_is_silent_in_any_codec(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    with pytest.raises(UnusableMediaError, match="silent"):
        read(encode(tmp_path / name, 0 * SOUND, *options))


@pytest.mark.parametrize("stated", [0, 44, 20_000])
@pytest.mark.parametrize("rate", [RATE, 16000])
def test_all_sound_that_a_wav_holds_is_used_whatever_its_header_states(tmp_path: Path, stated: int, rate: int) -> None:
    path = write_wav(tmp_path / "a.wav", SOUND)
    whole, _ = read(path, rate)
    data = bytearray(path.read_bytes() + b"guan\x05\0\0\0GUANO\0")
    data[4:8] = (len(data) - 8).to_bytes(4, "little")
    path.write_bytes(data)
    assert identical(read(path, rate)[0], whole)
    data[40:44] = stated.to_bytes(4, "little")
    path.write_bytes(data[:-14])
    samples, note = read(path, rate)
    assert identical(samples, whole)
    assert "2.0 s" in note


def test_chunks_are_no_sound_of_a_wav_that_has_none(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", SOUND[:0])
    path.write_bytes(path.read_bytes() + b"LIST" + (5000).to_bytes(4, "little") + 1250 * b"INFO")
    for rate in (RATE, 16000):
        with pytest.raises(UnusableMediaError, match="no sound"):
            read(path, rate)


def test_a_flac_header_may_state_more_than_there_is(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", SOUND)
    data = bytearray(path.read_bytes())
    data[22:26] = (2 * len(SOUND)).to_bytes(4, "big")  # the lower bits of the number of samples
    path.write_bytes(data)
    for rate in (RATE, 16000):
        samples, note = read(path, rate)
        assert len(samples) / rate == pytest.approx(2, abs=0.001)
        assert "4.0 s" in note


@pytest.mark.parametrize("rate", [8000, 4000])
@pytest.mark.parametrize("subtypes", [SUBTYPES, ()])  # without ffmpeg, and with it
def test_memory_does_not_grow_with_the_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int, subtypes: tuple[str, ...]
) -> None:
    monkeypatch.setattr(plain, "SUBTYPES", subtypes)
    path = write_wav(tmp_path / "a.wav", np.tile(tone(500, 1, 8000), 600), 8000)  # 19 MB as float32
    tracemalloc.start()
    seconds = sum(len(block) for block in Stream(path, choose_track(path), rate, 8000, 20)) / rate
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds == pytest.approx(600)
    assert highest < 1e6


def test_a_stream_can_be_read_again(tmp_path: Path) -> None:
    stream = Stream(write_wav(tmp_path / "a.wav", SOUND), MONO, RATE, 5000, 20)
    assert sum(map(len, stream)) == sum(map(len, stream)) == stream.samples_read


# No process is left, and none waits forever


@pytest.mark.parametrize("rate", [RATE, 16000])
@pytest.mark.parametrize("subtypes", [SUBTYPES, ()])  # without ffmpeg, and with it
def test_a_reader_may_stop_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int, subtypes: tuple[str, ...]
) -> None:
    monkeypatch.setattr(plain, "SUBTYPES", subtypes)
    blocks = iter(Stream(write_wav(tmp_path / "a.wav", np.tile(SOUND, 20)), MONO, rate, 1000, 20))
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]
    assert not processes_left()
    for _ in Stream(tmp_path / "a.wav", MONO, rate, 1000, 20):
        break
    assert not processes_left()


def test_a_reader_may_stop_early_when_ffmpeg_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SOUND.astype("<f4").tofile(tmp_path / "sound")
    replace_ffmpeg(monkeypatch, tmp_path, f"cat '{tmp_path / 'sound'}'; exec sleep 60")
    pipe, started = ffmpeg.Pipe, []
    monkeypatch.setattr(ffmpeg, "Pipe", lambda *arguments: started.append(pipe(*arguments)) or started[-1])
    for _ in Stream(write_aiff(tmp_path / "a.aiff"), MONO, 16000, 1000, 100):
        break
    assert not processes_left()
    assert [process.succeeded() for process in started] == [False]  # it was killed: `sleep` itself would succeed


@pytest.mark.timing  # a real process runs until the time limit
@pytest.mark.parametrize(
    "script",
    ["exec sleep 60", "exec >&-; exec sleep 60", "exec cat /dev/zero", "trap '' TERM; while true; do :; done"],
    ids=["hangs", "hangs with closed output", "endless", "ignores signals"],
)
def test_ffmpeg_is_killed_after_the_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    replace_ffmpeg(monkeypatch, tmp_path, script)
    with pytest.raises(UnusableMediaError, match=r"0\.2 s"):
        read(write_aiff(tmp_path / "a.aiff"), 16000, time_limit_s=0.2, track=MONO)


def test_a_file_is_not_cut_where_the_timer_fires_before_a_coarse_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SOUND.astype("<f4").tofile(tmp_path / "sound")
    replace_ffmpeg(monkeypatch, tmp_path, f"cat '{tmp_path / 'sound'}'; exec sleep 60")
    monkeypatch.setattr(stream, "time", SimpleNamespace(monotonic=lambda: 0.0))
    with pytest.raises(UnusableMediaError, match=r"0\.2 s"):
        read(write_aiff(tmp_path / "a.aiff"), size=10**6, time_limit_s=0.2, track=MONO)


@pytest.mark.timing  # a real process stalls until the time limit of a block
def test_ffmpeg_is_killed_when_it_stalls_long_before_the_time_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SOUND.astype("<f4").tofile(tmp_path / "sound")
    replace_ffmpeg(monkeypatch, tmp_path, f"cat '{tmp_path / 'sound'}'; exec sleep 60")
    monkeypatch.setattr(stream, "STALL_LIMIT_S", 0.3)
    with pytest.raises(UnusableMediaError, match=r"stalled.* 0\.3 s"):
        read(write_aiff(tmp_path / "a.aiff"), 16000, time_limit_s=3600, track=MONO)


@pytest.mark.parametrize("rate", [RATE, 16000])
def test_all_blocks_may_take_longer_than_the_stall_limit_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int
) -> None:
    clock = itertools.count(step=2)  # reading a block takes 2 s
    monkeypatch.setattr(stream, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(stream, "STALL_LIMIT_S", 10)
    read(write_wav(tmp_path / "a.wav", SOUND), rate, time_limit_s=3600)
    assert next(clock) > 2 * 10


@pytest.mark.parametrize("rate", [RATE, 16000])
def test_time_between_blocks_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int) -> None:
    clock = itertools.count()  # reading a block takes a second
    monkeypatch.setattr(stream, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    path = write_wav(tmp_path / "a.wav", SOUND)
    for _ in Stream(path, choose_track(path), rate, 5000, 20):
        clock = itertools.count(next(clock) + 1000)
    with pytest.raises(UnusableMediaError, match="5 s"):
        read(path, rate, time_limit_s=5)


def test_a_long_log_never_blocks_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_aiff(tmp_path / "a.aiff")
    SOUND.astype("<f4").tofile(tmp_path / "sound")
    replace_ffmpeg(monkeypatch, tmp_path, f"head -c 3000000 /dev/zero >&2; exec cat '{tmp_path / 'sound'}'")
    assert identical(read(tmp_path / "a.aiff", track=MONO)[0], SOUND)


def test_the_sound_before_ffmpeg_fails_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_aiff(tmp_path / "a.aiff")
    SOUND.astype("<f4").tofile(tmp_path / "sound")
    replace_ffmpeg(
        monkeypatch, tmp_path, f"cat '{tmp_path / 'sound'}'; printf abc; echo Input/output error >&2; exit 1"
    )
    samples, note = read(tmp_path / "a.aiff", track=MONO)
    assert identical(samples, SOUND)
    assert "Input/output error" in note


def test_a_file_is_refused_if_ffmpeg_fails_before_any_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_ffmpeg(monkeypatch, tmp_path, "echo Input/output error >&2; exit 1")
    with pytest.raises(UnusableMediaError, match="Input/output error"):
        read(write_aiff(tmp_path / "a.aiff"), track=MONO)


@pytest.mark.parametrize("rate", [RATE, 16000])
@pytest.mark.parametrize("subtypes", [SUBTYPES, ()])  # without ffmpeg, and with it
def test_a_file_may_be_deleted_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int, subtypes: tuple[str, ...]
) -> None:
    monkeypatch.setattr(plain, "SUBTYPES", subtypes)
    path = write_wav(tmp_path / "a.wav", SOUND)
    blocks = iter(Stream(path, choose_track(path), rate, 1000, 20))
    first = next(blocks)
    path.unlink()
    assert (len(first) + sum(map(len, blocks))) / rate == pytest.approx(2)


@pytest.mark.parametrize("rate", [RATE, 16000])
@pytest.mark.parametrize("subtypes", [SUBTYPES, ()])  # without ffmpeg, and with it
def test_a_file_may_shrink_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int, subtypes: tuple[str, ...]
) -> None:
    monkeypatch.setattr(plain, "SUBTYPES", subtypes)
    path = write_wav(tmp_path / "a.wav", np.tile(SOUND, 50))
    blocks = iter(Stream(path, choose_track(path), rate, 1000, 20))
    next(blocks)
    cut(path, 0.5)
    assert 50 < 1 + sum(map(len, blocks)) / rate < 101
