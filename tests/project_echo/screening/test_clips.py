"""What is chosen to listen to, and that it is heard where it should be."""

import resource
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from project_echo.media import decode
from project_echo.media.decode import UnusableMediaError
from project_echo.screening import clips
from tests.sounds import PICTURES, RATE, encode, ffmpeg, hiss, loudest_hz, tone, write_wav

CONFIDENCES = st.lists(st.tuples(st.sampled_from(["boar", "fox"]), st.floats(0, 1)), max_size=12)


@given(CONFIDENCES, st.integers(1, 4))
def test_the_surest_and_the_least_sure_are_chosen_and_none_twice(rows: list[tuple[str, float]], n: int) -> None:
    events = pd.DataFrame(rows, columns=["label", "mean_confidence"]).assign(number=range(len(rows)))
    chosen = clips.choose(events, n)
    assert chosen["number"].is_unique
    for label, some in events.groupby("label"):
        of_label = chosen[chosen["label"] == label]
        most = of_label[of_label["why"] == "most_confident"]["mean_confidence"]
        least = of_label[of_label["why"] == "least_certain"]["mean_confidence"]
        ordered = sorted(some["mean_confidence"], reverse=True)
        assert most.tolist() == ordered[:n]
        assert least.tolist() == sorted(ordered[n:])[:n]


def test_a_clip_holds_the_event_with_some_context(tmp_path: Path) -> None:
    sound = np.concatenate([hiss(2, amplitude=0.01), tone(3000, 1), hiss(2, amplitude=0.01)])
    stereo = np.stack([sound, 0 * sound], axis=1)
    path = write_wav(tmp_path / "-odd 'name'.wav", stereo, subtype="PCM_24")
    clips.cut(path, 2, 3, tmp_path / "clip.wav")
    found, rate = soundfile.read(tmp_path / "clip.wav")
    assert (rate, found.shape) == (RATE, (2 * RATE, 2))
    assert soundfile.info(tmp_path / "clip.wav").subtype == "PCM_16"
    assert loudest_hz(found[RATE // 2 : 3 * RATE // 2, 0]) == pytest.approx(3000, abs=2)
    assert np.abs(found[: RATE // 3, 0]).max() < 0.1


def test_a_video_gives_its_sound(tmp_path: Path) -> None:
    path = encode(tmp_path / "video.mp4", np.concatenate([tone(500, 2), tone(3000, 2)]), pictures_s=4)
    clips.cut(path, 3, 4, tmp_path / "clip.wav")
    found, rate = soundfile.read(tmp_path / "clip.wav")
    assert 1.2 < len(found) / rate < 1.7  # half a second before; after it there is nothing
    assert loudest_hz(found, rate) == pytest.approx(3000, abs=20)


# Pictures begin with the sound, after it, and before it.
@pytest.mark.parametrize(("sound_s", "pictures_s"), [(0, 0), (0, 1.5), (1.5, 0), (12.5, 0), (0, 12.5)])
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "aac"), ("a.mkv", "pcm_s16le"), ("a.ts", "aac"), ("a.mov", "alac")]
)
def test_a_clip_of_a_video_is_the_very_stretch_that_was_heard(
    tmp_path: Path, name: str, codec: str, sound_s: float, pictures_s: float
) -> None:
    wav = write_wav(tmp_path / "a.wav", hiss(40) * np.linspace(0.2, 1, 40 * RATE, dtype=np.float32))
    pictures = [part.format(30) for part in PICTURES]
    video = ("-itsoffset", str(pictures_s), *pictures, "-itsoffset", str(sound_s), "-i", str(wav))
    ffmpeg(*video, "-c:a", codec, "-muxdelay", "0", str(tmp_path / name))
    heard = decode.decode(tmp_path / name, RATE)
    for start_s in (0, 0.8, 12.3, 35.2):
        clips.cut(tmp_path / name, start_s, start_s + 1, tmp_path / "clip.wav")
        found, _ = soundfile.read(tmp_path / "clip.wav", dtype="float32")
        begin = round(RATE * max(0, start_s - clips.CONTEXT_S))
        # Containers tell time in milliseconds or so: a sample or two to either side.
        nearest = min(np.abs(found - heard[at : at + len(found)]).max() for at in range(max(0, begin - 2), begin + 3))
        assert len(found) == pytest.approx(RATE * (start_s + 1.5 - max(0, start_s - 0.5)), abs=2)
        assert nearest < 2**-14


def test_a_clip_of_a_day_is_cut_without_reading_the_day(tmp_path: Path) -> None:
    bare = ("-ar", "8000", "-b:a", "8k", "-write_xing", "0", "-id3v2_version", "0")  # frames only, that may be repeated
    minute = encode(tmp_path / "minute.mp3", tone(500, 60), *bare).read_bytes()
    (tmp_path / "day.mp3").write_bytes(24 * 60 * minute)
    (tmp_path / "two hours.mp3").write_bytes(120 * minute)
    begun_s = spent_s()
    clips.cut(tmp_path / "day.mp3", 86_000, 86_001, tmp_path / "clip.wav")
    cut_s = spent_s() - begun_s
    assert loudest_hz(*soundfile.read(tmp_path / "clip.wav")) == pytest.approx(500, abs=2)
    ffmpeg("-i", str(tmp_path / "two hours.mp3"), "-f", "null", "-")
    assert cut_s < spent_s() - begun_s - cut_s


def spent_s() -> float:
    """The processor's time of the processes that this one started: others on the machine do not add to it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("harm", ["gone", "text", "too late"])
def test_what_cannot_be_heard_is_said_and_nothing_is_left(tmp_path: Path, harm: str) -> None:
    path = write_wav(tmp_path / "a.wav", tone(500, 1))
    if harm == "gone":
        path.unlink()
    elif harm == "text":
        path.write_text("no sound")
    with pytest.raises(UnusableMediaError):
        clips.cut(path, 100, 101, tmp_path / "clips" / "clip.wav")
    assert not list((tmp_path / "clips").iterdir())


def test_names_say_what_and_where_and_stay_inside(tmp_path: Path) -> None:
    event = {"label": "../fox", "why": "least_certain", "rank": 2, "recording": "a/b/night 1.wav", "start_s": 65.0}
    found = clips.name(event)
    assert found.startswith("___fox/least_certain-002-night_1-65.0s-") and found.endswith(".wav")
    assert (tmp_path / found).resolve().is_relative_to(tmp_path)
