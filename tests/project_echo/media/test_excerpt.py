"""Excerpts contain the seconds of their window, in any kind of file."""

import resource
from pathlib import Path

import numpy as np
import pytest
import soundfile

from project_echo.media import decode, excerpt, levels
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import Track, choose_track
from tests.sounds import PICTURES, RATE, encode, ffmpeg, hiss, loudest_hz, tone, write_wav

MONO = Track(0, None, 1.0, RATE, 1)


def test_an_excerpt_contains_the_event_with_context_before_and_after(tmp_path: Path) -> None:
    sound = np.concatenate([hiss(2, amplitude=0.01), tone(3000, 1), hiss(2, amplitude=0.01)])
    stereo = np.stack([sound, 0 * sound], axis=1)
    path = write_wav(tmp_path / "-odd 'name'.wav", stereo, subtype="PCM_24")
    excerpt.cut(path, Track(0, None, 1.0, RATE, 2), 2, 3, tmp_path / "clip.wav")
    samples, sample_rate = soundfile.read(tmp_path / "clip.wav")
    assert (sample_rate, samples.shape) == (RATE, (2 * RATE,))
    assert soundfile.info(tmp_path / "clip.wav").subtype == "PCM_16"
    assert loudest_hz(samples[RATE // 2 : 3 * RATE // 2]) == pytest.approx(3000, abs=2)
    assert np.abs(samples[: RATE // 3]).max() < 0.1


def test_an_excerpt_of_a_video_is_its_sound(tmp_path: Path) -> None:
    path = encode(tmp_path / "video.mp4", np.concatenate([tone(500, 2), tone(3000, 2)]), pictures_s=4)
    excerpt.cut(path, MONO, 3, 4, tmp_path / "clip.wav")
    samples, sample_rate = soundfile.read(tmp_path / "clip.wav")
    assert 1.2 < len(samples) / sample_rate < 1.7  # half a second of context before; the sound ends with the event
    assert loudest_hz(samples, sample_rate) == pytest.approx(3000, abs=20)


# The pictures begin with the sound, after it, and before it.
@pytest.mark.parametrize(("sound_s", "pictures_s"), [(0, 0), (0, 1.5), (1.5, 0), (12.5, 0), (0, 12.5)])
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "aac"), ("a.mkv", "pcm_s16le"), ("a.ts", "aac"), ("a.mov", "alac")]
)
def test_times_count_from_the_first_sound_of_a_video(
    tmp_path: Path, name: str, codec: str, sound_s: float, pictures_s: float
) -> None:
    wav = write_wav(tmp_path / "a.wav", hiss(20) * np.linspace(0.2, 1, 20 * RATE, dtype=np.float32))
    pictures = [part.format(10) for part in PICTURES]
    video = ("-itsoffset", str(pictures_s), *pictures, "-itsoffset", str(sound_s), "-i", str(wav))
    ffmpeg(*video, "-c:a", codec, "-muxdelay", "0", str(tmp_path / name))
    decoded = decode.decode(tmp_path / name, RATE)
    for start_s in (0, 0.8, 12.3, 17.2):
        excerpt.cut(tmp_path / name, MONO, start_s, start_s + 1, tmp_path / "clip.wav")
        samples, _ = soundfile.read(tmp_path / "clip.wav", dtype="float32")
        begin = round(RATE * max(0, start_s - excerpt.CONTEXT_S))
        # Containers store times in milliseconds or so: a sample or two to either side.
        offsets = range(max(0, begin - 2), begin + 3)
        difference = min(np.abs(samples - decoded[offset : offset + len(samples)]).max() for offset in offsets)
        assert len(samples) == pytest.approx(RATE * (start_s + 1.5 - max(0, start_s - 0.5)), abs=2)
        assert difference < 2**-14


@pytest.mark.parametrize("level", [8.0, 1.0, 2.0**-9, 2e-5])
def test_an_excerpt_is_neither_clipped_nor_lost_in_16_bits(tmp_path: Path, level: float) -> None:
    sound = tone(700, 3, amplitude=level)
    sound[2 * RATE] = np.nan
    path = write_wav(tmp_path / "a.wav", np.stack([sound, -sound], axis=1), subtype="FLOAT")
    excerpt.cut(path, choose_track(path), 1, 2.5, tmp_path / "clip.wav")
    samples, _ = soundfile.read(tmp_path / "clip.wav", dtype="float32")
    peak = np.abs(samples).max()
    assert levels.QUIETEST <= peak <= 1
    expected = np.nan_to_num(sound[RATE // 2 : 3 * RATE]) * (peak / level)
    assert len(samples) == len(expected)
    assert np.abs(samples - expected).max() < 0.003


def test_an_excerpt_is_of_the_chosen_track_and_scale(tmp_path: Path) -> None:
    sounds = [write_wav(tmp_path / f"{n}.wav", 3e4 * tone(hz, 2), subtype="FLOAT") for n, hz in enumerate((500, 3000))]
    inputs = [part for wav in sounds for part in ("-i", str(wav))]
    ffmpeg(*inputs, "-map", "0", "-map", "1", "-c:a", "pcm_f32le", str(tmp_path / "a.mkv"))
    excerpt.cut(tmp_path / "a.mkv", Track(1, None, 2.0**-15, RATE, 1), 0.5, 1, tmp_path / "clip.wav")
    samples, _ = soundfile.read(tmp_path / "clip.wav")
    assert loudest_hz(samples) == pytest.approx(3000, abs=2)
    assert np.abs(samples).max() == pytest.approx(3e4 * 0.3 / 2**15, rel=0.01)


def test_the_end_of_a_wav_of_more_than_4_gib_can_be_cut(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(500, 1))
    held = 2**32 + 5_000_000
    end = tone(3000, 2)
    with path.open("r+b") as stream:  # sparse: takes no space
        stream.seek(40)
        stream.write((5_000_000).to_bytes(4, "little"))
        stream.seek(44 + 5_000_000)
        stream.write(1000 * b"ab")
        stream.seek(44 + held - 2 * len(end))
        stream.write((2**15 * end).astype("<i2").tobytes())
    end_s = held / 2 / RATE
    excerpt.cut(path, MONO, end_s - 1.5, end_s - 0.5, tmp_path / "clip.wav")
    samples, _ = soundfile.read(tmp_path / "clip.wav")
    assert len(samples) == pytest.approx(2 * RATE, abs=2)
    assert loudest_hz(samples) == pytest.approx(3000, abs=2)


@pytest.mark.timing  # of the processor only; decoding the day would take 24 times as long as an hour
def test_an_excerpt_of_a_day_is_cut_without_decoding_the_day(tmp_path: Path) -> None:
    bare = ("-ar", "8000", "-b:a", "8k", "-write_xing", "0", "-id3v2_version", "0")  # frames only, that may be repeated
    minute = encode(tmp_path / "minute.mp3", tone(500, 60), *bare).read_bytes()
    (tmp_path / "day.mp3").write_bytes(24 * 60 * minute)
    (tmp_path / "hour.mp3").write_bytes(60 * minute)
    before_s = cpu_s()
    excerpt.cut(tmp_path / "day.mp3", MONO, 86_000, 86_001, tmp_path / "clip.wav")
    cut_s = cpu_s() - before_s
    assert loudest_hz(*soundfile.read(tmp_path / "clip.wav")) == pytest.approx(500, abs=2)
    ffmpeg("-i", str(tmp_path / "hour.mp3"), "-f", "null", "-")
    assert cut_s < cpu_s() - before_s - cut_s


def cpu_s() -> float:
    """Processor time of the processes that this one started: others on the machine do not add to it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("fault", ["missing", "text", "too late"])
def test_an_unusable_recording_leaves_no_file(tmp_path: Path, fault: str) -> None:
    path = write_wav(tmp_path / "a.wav", tone(500, 1))
    if fault == "missing":
        path.unlink()
    elif fault == "text":
        path.write_text("no sound")
    with pytest.raises(UnusableMediaError):
        excerpt.cut(path, MONO, 100, 101, tmp_path / "clips" / "clip.wav")
    assert not list((tmp_path / "clips").iterdir())
