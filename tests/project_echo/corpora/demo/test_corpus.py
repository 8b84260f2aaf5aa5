"""A tiny corpus on disk: its table, its files, and the errors of a wrong description."""

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.validation import validate
from project_echo.corpora.demo import corpus, encode
from project_echo.corpora.demo.description import Description
from project_echo.corpora.demo.voices import LABELS, NEIGHBOURS
from project_echo.media.decode import decode, ffmpeg_path

ROOT = Path(__file__).parents[4]
RATE = 32000


def tiny() -> dict[str, Any]:
    return {
        "layout": "demo",
        "seed": 11,
        "sources_per_class": 2,
        "background_sources": 1,
        "sample_rate_hz": RATE,
        "duration_s": [1, 2],
        "background_duration_s": [0.5, 1],
        "unseen": [
            {"name": "owl", "truth": "none", "duration_s": 2, "snr_db": 10, "parts": [{"voice": "owl"}]},
            {
                "name": "fox-and-boar",
                "truth": "fox",
                "duration_s": 2.5,
                "snr_db": 10,
                "parts": [{"voice": "fox", "to_s": 2}, {"voice": "boar", "from_s": 1, "level_db": -6}],
            },
        ],
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Path]:
    folder = tmp_path_factory.mktemp("demo")
    return corpus.make(Description.model_validate(tiny()), folder), folder


def streams(path: Path) -> str:
    return subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-i", str(path)], capture_output=True, check=False
    ).stderr.decode()


def a_tone(seconds: float) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 700 * np.arange(int(seconds * RATE)) / RATE)


def test_table_has_a_row_per_file(made: tuple[pd.DataFrame, Path]) -> None:
    table, folder = made
    assert list(table.columns) == ["recording", "label", "kind", "source", "unseen", "original"]
    on_disk = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert sorted(table["recording"]) == on_disk
    assert table["source"].is_unique
    assert (table["original"] == table["recording"]).all()
    labelled, unseen = table[~table["unseen"]], table[table["unseen"]]
    assert labelled["label"].value_counts().to_dict() == dict.fromkeys(LABELS, 2) | {NONE: 4}
    assert set(labelled.loc[labelled["label"] == NONE, "kind"]) == {"place", *NEIGHBOURS}
    assert all(Path(row.recording).parts[0] == row.label for row in labelled.itertuples())
    assert all(Path(row.recording).parent.name == row.kind for row in labelled.itertuples())
    assert (unseen["kind"] == unseen["label"]).all()
    assert dict(zip(unseen["recording"], unseen["label"], strict=True)) == {
        "unseen/owl.mp4": "none",
        "unseen/fox-and-boar.mp4": "fox",
    }


def test_every_recording_is_sound_of_the_asked_length(made: tuple[pd.DataFrame, Path]) -> None:
    table, folder = made
    for row in table.itertuples():
        samples = decode(folder / row.recording, RATE)
        assert np.isfinite(samples).all()
        assert np.abs(samples).max() < 0.999
        low, high = (2, 2.5) if row.unseen else (0.5, 1) if row.label == NONE else (1, 2)
        assert low - 0.05 <= samples.size / RATE <= high + 0.12


def test_unseen_videos_have_sound_and_a_moving_picture(made: tuple[pd.DataFrame, Path]) -> None:
    _, folder = made
    for path in (folder / "unseen").iterdir():
        found = streams(path)
        assert "Video: h264" in found
        assert "Audio: aac" in found
        command = [ffmpeg_path(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "pipe:"]
        raw = subprocess.run(command, capture_output=True, check=True).stdout
        frames = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 144, 256).astype(float)
        assert len(frames) >= 18
        assert np.abs(frames[-1] - frames[3]).mean() > 2


def test_same_seed_same_sound_whatever_the_order() -> None:
    wanted = Description.model_validate(tiny())
    alone, rate = corpus.labelled_sound(wanted, "fox", 2)
    corpus.labelled_sound(wanted, "boar", 1)
    again, _ = corpus.labelled_sound(wanted, "fox", 2)
    np.testing.assert_array_equal(alone, again)
    more, _ = corpus.labelled_sound(Description.model_validate(tiny() | {"sources_per_class": 9}), "fox", 2)
    np.testing.assert_array_equal(alone, more)
    other, _ = corpus.labelled_sound(Description.model_validate(tiny() | {"seed": 12}), "fox", 2)
    assert not np.array_equal(alone, other)
    assert rate in (22050, 32000, 44100, 48000)


def test_background_does_not_change_the_animals() -> None:
    alone, _ = corpus.labelled_sound(Description.model_validate(tiny() | {"background_sources": 0}), "fox", 2)
    np.testing.assert_array_equal(alone, corpus.labelled_sound(Description.model_validate(tiny()), "fox", 2)[0])


@pytest.mark.parametrize("voice", NEIGHBOURS)
def test_in_background_none_of_the_four_is_heard(voice: str) -> None:
    assert set(corpus.far_off(voice)) == set(NEIGHBOURS) - {voice}


@pytest.mark.parametrize("kind", ["place", *NEIGHBOURS])
def test_every_source_of_background_is_another_and_found_again(kind: str) -> None:
    wanted = Description.model_validate(tiny())
    first, rate = corpus.background_sound(wanted, kind, 1)
    assert rate in (22050, 32000, 44100, 48000)
    assert 0 < np.abs(first).max() < 1
    np.testing.assert_array_equal(first, corpus.background_sound(wanted, kind, 1)[0])
    assert not np.array_equal(first, corpus.background_sound(wanted, kind, 2)[0])


@pytest.mark.parametrize("kind", encode.FORMATS)
def test_formats_keep_sound_and_length_and_bytes(kind: str, tmp_path: Path) -> None:
    first, second = tmp_path / f"first.{kind}", tmp_path / f"second.{kind}"
    encode.write(a_tone(1.5), RATE, first, 22050)
    encode.write(a_tone(1.5), RATE, second, 22050)
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    assert "22050 Hz, mono" in streams(first)
    samples = decode(first, RATE)
    assert samples.size / RATE == pytest.approx(1.5, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples[RATE // 4 : RATE]))
    assert spectrum.argmax() * 4 / 3 == pytest.approx(700, abs=3)


def test_ffmpeg_that_fails_is_one_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"x\.mp3: ffmpeg cannot write it: \S"):
        encode.write(a_tone(0.5), RATE, tmp_path / "x.mp3", 1234)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(EchoError, match=r"x\.avi"):
        encode.write(a_tone(0.5), RATE, tmp_path / "x.avi")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sources_per_class": 0}, "sources_per_class.*greater than or equal to 1"),
        ({"sources": 3}, "sources.*remove it"),
        ({"background_sources": -1}, "background_sources.*greater than or equal to 0"),
        ({"duration_s": [5, 2]}, "demo.yaml: duration_s .*shortest, longest"),
        ({"background_duration_s": [5, 2]}, "background_duration_s .*shortest, longest"),
        ({"layout": "esc50"}, "layout"),
        ({"unseen": [{**tiny()["unseen"][0], "truth": "wolf"}]}, r"unseen\.0\.truth.*cane_toad"),
        ({"unseen": [{**tiny()["unseen"][0], "truth": "boar"}]}, r"unseen\.0.*truth is boar, but no part"),
        ({"unseen": [{**tiny()["unseen"][1], "truth": "none"}]}, r"truth is none, but parts hold boar, fox"),
        ({"unseen": [tiny()["unseen"][0]] * 2}, "twice: owl"),
        ({"unseen": [{**tiny()["unseen"][0], "name": "../owl"}]}, r"unseen\.0\.name"),
    ],
)
def test_a_wrong_description_is_explained(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EchoError, match=message):
        validate(Description, tiny() | change, "demo.yaml")


def test_the_description_in_the_repository_is_the_one_that_was_asked_for() -> None:
    wanted = Description.model_validate(files.read_yaml(ROOT / "corpora" / "demo.yaml"))
    assert wanted.sources_per_class >= 13
    assert wanted.background_sources >= 13
    assert wanted.duration_s == (8, 40)
    assert sorted(video.truth for video in wanted.unseen) == ["cane_toad", "fox", "fox", "none", "tree_frog"]
