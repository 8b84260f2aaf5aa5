"""The choice of track, channel and scale of a recording."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from project_echo.core import files
from project_echo.core.tables import read_table, write_table
from project_echo.media import ffmpeg, track
from project_echo.media.decode import decode, decode_with_note
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import Track, choose_track, from_metadata, from_row, to_row
from tests.sounds import PICTURES, RATE, encode, hiss, mute_video, tone, write_wav
from tests.sounds import ffmpeg as run_ffmpeg

SOUND = tone(1000, 1) + 0.1 * hiss(1)
OTHER = np.random.default_rng(8).standard_normal(RATE).astype(np.float32) * SOUND.std()


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


# Channels


@pytest.mark.parametrize(
    ("channels", "channel", "level"),
    [
        ((SOUND, SOUND), None, 1),
        ((SOUND, OTHER), None, 0.5**0.5),
        ((SOUND, 0 * SOUND), None, 0.5),
        ((0 * SOUND, 0.01 * SOUND, 0 * SOUND), None, 0.01 / 3),
        ((SOUND, -SOUND), 0, 1),
        ((SOUND + 0.3, -SOUND + 0.3), 0, 1),  # a constant offset is no sound
        ((SOUND, -0.8 * SOUND), 0, 1),
        ((0.8 * SOUND, -SOUND), 1, 1),
        ((SOUND, -SOUND, SOUND, -SOUND), 0, 1),
        ((SOUND, -SOUND + 0.3 * OTHER), 0, 1),
    ],
)
@pytest.mark.parametrize("name", ["a.wav", "a.caf"])  # without ffmpeg, and with it
def test_channels_are_averaged_unless_they_cancel(
    tmp_path: Path, channels: tuple[np.ndarray, ...], channel: int | None, level: float, name: str
) -> None:
    path = encode(tmp_path / name, np.stack(channels, axis=1), "-c:a", "pcm_s24le")
    chosen = choose_track(path)
    assert chosen == Track(0, channel, 1.0, RATE, len(channels))
    assert ("cancel" in chosen.note) == (channel is not None)
    for rate, tolerance in ((RATE, 0.02), (16000, 0.1)):  # noise loses its highest frequencies
        assert decode(path, rate, chosen).std() == pytest.approx(level * SOUND.std(), rel=tolerance)


def test_a_loud_stereo_recording_does_not_become_louder(tmp_path: Path) -> None:
    loud = tone(1000, 1, amplitude=0.95)
    path = write_wav(tmp_path / "a.wav", np.stack([loud, loud], axis=1))
    for rate in (RATE, 2 * RATE):
        assert np.abs(decode(path, rate)).max() == pytest.approx(0.95, rel=0.01)


@pytest.mark.parametrize("name", ["a.mp3", "a.aac"])
@pytest.mark.parametrize("first", [1, 2])
def test_the_level_stays_where_the_number_of_channels_changes(tmp_path: Path, name: str, first: int) -> None:
    content = [encode(tmp_path / name, np.stack([SOUND] * n, axis=1)).read_bytes() for n in (first, 3 - first)]
    (tmp_path / name).write_bytes(b"".join(content))
    samples = decode(tmp_path / name, RATE)
    before, after = samples[5000 : RATE - 5000], samples[-RATE + 5000 : -5000]
    assert rms(after) == pytest.approx(rms(before), rel=0.1)


def test_a_channel_without_numbers_does_not_cost_the_other(tmp_path: Path) -> None:
    channels = np.stack([np.full_like(SOUND, np.nan), SOUND], axis=1)
    path = write_wav(tmp_path / "a.wav", channels, subtype="FLOAT")
    assert choose_track(path).channel == 1
    np.testing.assert_array_equal(decode(path, RATE), SOUND)


def test_the_first_pass_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track, "FIRST_PASS_S", 1)
    stereo = np.concatenate([np.stack([SOUND, SOUND], axis=1), np.stack([SOUND, -SOUND], axis=1)])
    for name in ("a.wav", "a.caf"):
        assert choose_track(encode(tmp_path / name, stereo)).channel is None


@pytest.mark.parametrize("name", ["a.wav", "a.caf"])
def test_silence_at_the_start_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(track, "FIRST_PASS_S", 1)
    silence = np.zeros(round(2.5 * RATE))
    opposed = np.stack([np.concatenate([silence, SOUND]), np.concatenate([silence, -SOUND])], axis=1)
    path = encode(tmp_path / name, opposed)
    assert choose_track(path).channel == 0
    monkeypatch.setattr(track, "MAX_SILENCE_S", 1)
    assert choose_track(path).channel is None


@pytest.mark.parametrize("container", ["WAV", "AIFF"])
@pytest.mark.parametrize("scale", [2.0**15, 2.0**31])
def test_the_scale_is_that_of_the_sound_after_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, container: str, scale: float
) -> None:
    monkeypatch.setattr(track, "FIRST_PASS_S", 1)
    samples = np.concatenate([np.zeros(2 * RATE, np.float32), np.round(scale * SOUND)]).astype(np.float32)
    soundfile.write(tmp_path / "a", samples, RATE, format=container, subtype="FLOAT")
    assert choose_track(tmp_path / "a").gain == 1 / scale


@pytest.mark.parametrize("silent_s", [0, 2])
def test_a_lossy_track_that_starts_with_silence_is_compared_by_its_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent_s: int
) -> None:
    monkeypatch.setattr(track, "SEARCH_S", 1)
    late = write_wav(tmp_path / "late.wav", np.concatenate([np.zeros(silent_s * RATE), SOUND]))
    other = write_wav(tmp_path / "other.wav", SOUND)
    run_ffmpeg("-i", str(late), "-i", str(other), *("-map", "0", "-map", "1", "-c:a", "ac3"), str(tmp_path / "a.mkv"))
    assert choose_track(tmp_path / "a.mkv").index == 0


@pytest.mark.parametrize("channels", [1, 2, 16])
@pytest.mark.parametrize("damage", ["none", "cut", "understated"])
def test_few_samples_are_in_memory_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channels: int, damage: str
) -> None:
    added, asked = [], []
    add, read = track.Survey.add, ffmpeg.Pipe.read
    monkeypatch.setattr(track.Survey, "add", lambda survey, block: added.append(block.size) or add(survey, block))
    monkeypatch.setattr(ffmpeg.Pipe, "read", lambda pipe, n_bytes: asked.append(n_bytes) or read(pipe, n_bytes))
    monkeypatch.setattr(track, "BLOCK_SAMPLES", 5000)
    path = write_wav(tmp_path / "a.wav", np.stack([SOUND] * channels, axis=1), subtype="FLOAT")
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[:-100])
    elif damage == "understated":
        at = content.index(b"data") + 4
        path.write_bytes(content[:at] + bytes(4) + content[at + 4 :])
    assert choose_track(path) == Track(0, None, 1.0, RATE, channels)
    assert 0 <= len(SOUND) * channels - sum(added) < 100 * channels * (damage == "cut") + 1
    assert max(added) <= 5000
    assert max(asked, default=0) <= 4 * 5000
    assert bool(asked) == (damage != "none")


@pytest.mark.timing  # a real process hangs until the time limit
def test_a_first_pass_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = encode(tmp_path / "a.caf", np.stack([SOUND, SOUND], axis=1))
    monkeypatch.setattr(ffmpeg, "TIME_LIMIT_S", 0.2)
    monkeypatch.setattr(ffmpeg, "audio_command", lambda *arguments, **options: ["sleep", "60"])
    with pytest.raises(UnusableMediaError, match=r"0\.2 s"):
        choose_track(path)


# Scale


@pytest.mark.parametrize("scale", [2.0**15, 2.0**23, 2.0**31])
@pytest.mark.parametrize("rounded", [True, False])
@pytest.mark.parametrize("container", ["WAV", "AIFF"])
def test_floats_of_the_scale_of_integers_are_scaled(
    tmp_path: Path, scale: float, rounded: bool, container: str
) -> None:
    samples = (scale * SOUND).astype(np.float32)
    samples = np.round(samples) if rounded else samples * np.float32(1.1)
    soundfile.write(tmp_path / "a", samples, RATE, format=container, subtype="FLOAT")
    chosen = choose_track(tmp_path / "a")
    assert chosen.gain == 1 / scale
    assert f"{scale:.0f}" in chosen.note
    assert rms(decode(tmp_path / "a", RATE, chosen)) == pytest.approx(rms(samples) / scale, rel=1e-4)


@pytest.mark.parametrize(
    ("samples", "gain"),
    [
        (SOUND, 1),
        (4 * SOUND / np.abs(SOUND).max(), 1),  # 12 dB too loud
        (10 * SOUND, 1),
        (np.where(np.arange(RATE) == 700, 3e9, SOUND), 1),  # one wrong number
        (np.where(np.arange(RATE) == 700, np.nan, 2.0**15 * SOUND), 2.0**-15),
        (np.round(20 * SOUND), 2.0**-15),  # a quiet recording of whole numbers
        (np.sign(SOUND), 1),
        (1e-5 * SOUND, 1),
        (0 * SOUND, 1),
    ],
)
def test_other_floats_stay_as_they_are(tmp_path: Path, samples: np.ndarray, gain: float) -> None:
    assert choose_track(write_wav(tmp_path / "a.wav", samples, subtype="FLOAT")).gain == gain


# Tracks


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.ts"])
def test_the_first_track_with_sound_is_used(tmp_path: Path, name: str) -> None:
    silent, low, high = (
        write_wav(tmp_path / f"{hz}.wav", tone(hz, seconds, amplitude=0.3 * (hz > 0)))
        for hz, seconds in ((0, 3), (500, 1), (3000, 2))
    )
    inputs = [part for wav in (silent, low, high) for part in ("-i", str(wav))]
    maps = [part for index in range(4) for part in ("-map", str(index))]
    run_ffmpeg(*(part.format(3) for part in PICTURES), *inputs, *maps, "-c:a", "aac", str(tmp_path / name))
    chosen = choose_track(tmp_path / name)
    assert (chosen.index, chosen.sample_rate, chosen.channels) == (1, RATE, 1)
    samples, note = decode_with_note(tmp_path / name, RATE, chosen)
    assert len(samples) / RATE == pytest.approx(1, abs=0.15)  # neither the container's duration nor the other track's
    assert "track 2" in note
    assert "truncated" not in note


@pytest.mark.parametrize(
    ("levels_db", "index"),
    [
        ((-90, -20), 1),  # no microphone in the camera
        ((-20, -20), 0),
        ((-40, -10), 0),
        ((-20, -90), 0),
        ((-90, -95), 0),  # a quiet place, recorded twice
        ((-95, -40, -20), 1),
        ((None, -90, -30), 2),
    ],
)
def test_a_track_of_noise_is_not_preferred_to_one_with_sound(
    tmp_path: Path, levels_db: tuple[float | None, ...], index: int
) -> None:
    inputs, maps = [], []
    for number, level_db in enumerate(levels_db):
        samples = 0 * SOUND if level_db is None else SOUND / rms(SOUND) * 10 ** (level_db / 20)
        wav = write_wav(tmp_path / f"{number}.wav", np.clip(samples, -1, 1), subtype="PCM_24")
        inputs += ["-i", str(wav)]
        maps += ["-map", str(number)]
    run_ffmpeg(*inputs, *maps, "-c:a", "pcm_s24le", str(tmp_path / "a.mov"))
    chosen = choose_track(tmp_path / "a.mov")
    assert chosen == Track(index, None, 1.0, RATE, 1)
    assert ("quieter" in chosen.note) == (index > 0)


def test_of_silent_tracks_the_first_is_used(tmp_path: Path) -> None:
    silence = write_wav(tmp_path / "a.wav", 0 * SOUND)
    inputs = ["-i", str(silence)] * 2
    run_ffmpeg(*inputs, "-map", "0", "-map", "1", "-c:a", "aac", str(tmp_path / "a.mp4"))
    assert choose_track(tmp_path / "a.mp4").index == 0
    with pytest.raises(UnusableMediaError, match="silent"):
        decode(tmp_path / "a.mp4", RATE)


def test_a_track_that_cannot_be_decoded_is_passed_over(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", SOUND, "-map", "0", "-map", "0", "-c:a:0", "ac3", "-c:a:1", "flac")
    path.write_bytes(path.read_bytes().replace(b"A_AC3", b"A_XYZ"))
    assert choose_track(path).index == 1


def test_without_a_choice_no_sample_is_read_and_no_process_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [encode(tmp_path / name, SOUND) for name in ("a.wav", "a.flac")]
    mp3 = encode(tmp_path / "a.mp3", SOUND)
    commands = []
    run, describe = ffmpeg.run, ffmpeg.describe
    monkeypatch.setattr(
        ffmpeg, "run", lambda *arguments, **options: commands.append("run") or run(*arguments, **options)
    )
    monkeypatch.setattr(ffmpeg, "describe", lambda path: commands.append("describe") or describe(path))
    assert [choose_track(path) for path in paths] == [Track(0, None, 1.0, RATE, 1)] * 2
    assert commands == []
    assert choose_track(mp3) == Track(0, None, 1.0, RATE, 1)
    assert commands == ["describe"]


@pytest.mark.parametrize(
    ("fault", "reason"), [("missing", "not a file"), ("empty", "empty"), ("text", "not a media"), ("mute", "no audio")]
)
def test_a_file_without_sound_is_refused(tmp_path: Path, fault: str, reason: str) -> None:
    path = tmp_path / ("a.mp4" if fault == "mute" else "a")
    if fault == "mute":
        mute_video(path)
    elif fault != "missing":
        path.write_text("not sound\n" * (fault == "text"))
    with pytest.raises(UnusableMediaError, match=reason):
        choose_track(path)


# As it is recorded


@pytest.mark.parametrize("chosen", [Track(0, None, 1.0, 48_000, 2), Track(3, 1, 2.0**-31, 22_050, 6)])
def test_a_track_is_read_back_from_a_table_and_from_metadata(tmp_path: Path, chosen: Track) -> None:
    write_table(pd.DataFrame([to_row(chosen)]), tmp_path / "audio.csv")
    (row,) = read_table(tmp_path / "audio.csv").to_dict("records")
    assert from_row(row) == chosen
    files.write_json({"track": asdict(chosen)}, tmp_path / "a.json")
    assert from_metadata(files.read_json(tmp_path / "a.json")) == chosen


def test_metadata_of_an_earlier_version_have_no_track() -> None:
    assert from_metadata({"duration_s": 3.0}) is None
    assert from_metadata({"track": {"index": 0}}) is None
