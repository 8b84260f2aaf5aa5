"""Training, screening, review and report hear the same sound of a recording, and count its decoded samples."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st

from project_echo.media import browser, excerpt
from project_echo.media.decode import decode, decode_with_note
from project_echo.media.stream import Stream
from project_echo.media.track import MIN_MEAN_POWER, choose_track
from tests.sounds import ffmpeg, hiss, tone, write_wav

DURATION_S = 2.5
TARGET_RATE = 16_000
# Suffix, codec, whether it is lossless, whether it can start late and hold several tracks.
FORMATS = [
    ("wav", "pcm_s16le", True, False),
    ("wav", "pcm_s24le", True, False),
    ("wav", "pcm_f32le", True, False),
    ("w64", "pcm_s16le", True, False),
    ("aiff", "pcm_f32be", True, False),
    ("flac", "flac", True, False),
    ("mov", "pcm_s16le", True, True),
    ("mkv", "flac", True, True),
    ("mp3", "libmp3lame", False, False),
    ("m4a", "aac", False, True),
    ("webm", "libopus", False, True),
    ("ogg", "libvorbis", False, False),
]
# How the channels relate to the first one.
RELATIONS = {
    "the same": lambda channel, sound: sound,
    "opposed": lambda channel, sound: sound * (-1) ** channel,
    "one silent": lambda channel, sound: sound * (channel == 0),
    "quieter": lambda channel, sound: sound * np.float32(0.1) ** channel,
    "offset": lambda channel, sound: sound * (-1) ** channel + np.float32(0.2),
}


def used(channels: np.ndarray) -> np.ndarray:
    """What should be heard of samples of shape (n, channels): the rule, written out once more."""
    mean = channels.mean(axis=1)
    uncorrelated = channels.var(axis=0).sum() / channels.shape[1] ** 2
    return channels[:, 0] if mean.var() < MIN_MEAN_POWER * uncorrelated else mean


@given(
    st.sampled_from(FORMATS),
    st.sampled_from([1, 2, 4]),
    st.sampled_from(sorted(RELATIONS)),
    st.sampled_from([8000, 16_000, 48_000]),
    st.sampled_from([0, 1.5, 40]),
    st.booleans(),
    st.sampled_from([1, 0.001, 2.0**15]),
)
@example(("wav", "pcm_f32le", True, False), 2, "opposed", 48_000, 0, False, 2.0**15)
@example(("mkv", "flac", True, True), 2, "opposed", 16_000, 1.5, True, 1)
@settings(max_examples=7, deadline=None, derandomize=True, database=None)
def test_all_hear_the_same(
    form: tuple[str, str, bool, bool],
    n_channels: int,
    relation: str,
    rate: int,
    start_s: float,
    second_track: bool,
    scale: float,
) -> None:
    suffix, codec, lossless, is_container = form
    n_channels = min(n_channels, 2) if codec in {"libmp3lame", "libopus"} else n_channels
    scale = scale if codec.startswith("pcm_f") or scale < 1 else 1
    sound = (tone(700, DURATION_S, rate) + hiss(DURATION_S, rate, 0.03)) * np.linspace(0.5, 1, round(DURATION_S * rate))
    channels = np.stack([RELATIONS[relation](channel, sound) for channel in range(n_channels)], axis=1)
    with TemporaryDirectory() as name:
        folder = Path(name)
        recording = folder / f"a.{suffix}"
        inputs = ["-itsoffset", str(start_s if is_container else 0)]
        inputs += ["-i", str(write_wav(folder / "sound.wav", channels * scale, rate, "FLOAT"))]
        maps = ["-map", "0"]
        if second_track and is_container:
            silence = write_wav(folder / "silence.wav", np.zeros(9 * rate), rate)
            inputs, maps = ["-i", str(silence), *inputs], ["-map", "0", "-map", "1"]
        ffmpeg(*inputs, *maps, "-c:a", codec, str(recording))

        track = choose_track(recording)
        assert (track.index, track.channels) == (int(second_track and is_container), n_channels)
        assert track.gain == (2.0**-15 if scale > 1 else 1)
        samples, note = decode_with_note(recording, TARGET_RATE, track)
        assert note == track.note

        # Its duration is that of the decoded samples, and its level that of the channels.
        tolerance_s = 0.002 if lossless else 2048 / rate  # lossy codecs add up to two frames
        assert len(samples) / TARGET_RATE == pytest.approx(DURATION_S, abs=tolerance_s)
        expected = used(channels) * min(scale, 1)
        assert samples.std() == pytest.approx(expected.std(), rel=0.02 if lossless else 0.2)

        # Screening
        stream = Stream(recording, track, TARGET_RATE, 7000, 60)
        np.testing.assert_array_equal(np.concatenate(list(stream)), samples)
        assert stream.note == note
        # Review
        excerpt.cut(recording, track, 1, 1.5, folder / "excerpt.wav")
        heard, heard_rate = soundfile.read(folder / "excerpt.wav", dtype="float32")
        whole = decode(recording, track.sample_rate, track)
        begin = round(0.5 * track.sample_rate)
        near = [whole[begin + shift : begin + shift + len(heard)] for shift in range(-48, 49)]  # times in ms, or so
        gain = np.abs(heard).max() / np.abs(near[48]).max()
        assert (heard.ndim, heard_rate) == (1, track.sample_rate)
        assert len(heard) == pytest.approx(1.5 * heard_rate, abs=heard_rate / 500)
        assert min(np.abs(heard - gain * part).max() for part in near) < 0.002
        # Report
        browser.write_playable(recording, track, samples, TARGET_RATE, folder / "a.m4a")
        playable = decode(folder / "a.m4a", TARGET_RATE)
        assert len(playable) == pytest.approx(len(samples), abs=TARGET_RATE / 10)
        n = min(len(playable), len(samples))
        assert np.corrcoef(playable[:n], samples[:n])[0, 1] > 0.99
