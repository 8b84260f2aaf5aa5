"""A tiny demo corpus on disk: its table, its files, and errors of its description."""

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
from project_echo.corpora.collected import Corpus
from project_echo.corpora.demo import corpus, encode
from project_echo.corpora.demo.description import Description
from project_echo.corpora.demo.voices import LABELS, OTHER_SPECIES
from project_echo.media.decode import decode
from project_echo.media.ffmpeg import executable

ROOT = Path(__file__).parents[4]
SAMPLE_RATE = 32000


def tiny() -> dict[str, Any]:
    return {
        "layout": "demo",
        "seed": 11,
        "sources_per_class": 2,
        "background_sources": 1,
        "sample_rate_hz": SAMPLE_RATE,
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
def collected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Corpus, Path]:
    folder = tmp_path_factory.mktemp("demo")
    return corpus.make_corpus(Description.model_validate(tiny()), folder), folder


@pytest.fixture(scope="module")
def made(collected: tuple[Corpus, Path]) -> tuple[pd.DataFrame, Path]:
    return collected[0].recordings, collected[1]


def streams(path: Path) -> str:
    return subprocess.run(
        [executable(), "-hide_banner", "-i", str(path)], capture_output=True, check=False
    ).stderr.decode()


def a_tone(seconds: float) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 700 * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)


def test_the_table_has_a_row_per_file(made: tuple[pd.DataFrame, Path]) -> None:
    table, folder = made
    assert list(table.columns) == ["recording", "label", "kind", "source", "unseen", "original"]
    on_disk = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert sorted(table["recording"]) == on_disk
    assert table["source"].is_unique
    assert (table["original"] == table["recording"]).all()
    labelled, unseen = table[~table["unseen"]], table[table["unseen"]]
    assert labelled["label"].value_counts().to_dict() == dict.fromkeys(LABELS, 2) | {NONE: 4}
    assert set(labelled.loc[labelled["label"] == NONE, "kind"]) == {"place", *OTHER_SPECIES}
    assert all(Path(row.recording).parts[0] == row.label for row in labelled.itertuples())
    assert all(Path(row.recording).parent.name == row.kind for row in labelled.itertuples())
    assert (unseen["kind"] == unseen["label"]).all()
    assert dict(zip(unseen["recording"], unseen["label"], strict=True)) == {
        "unseen/owl.mp4": "none",
        "unseen/fox-and-boar.mp4": "fox",
    }


def test_all_calls_of_unseen_videos_are_stated_and_nothing_of_others(collected: tuple[Corpus, Path]) -> None:
    stated, recordings = collected[0].stated, collected[0].recordings
    assert list(stated.columns) == ["recording", "label", "start_s", "end_s", "present"]
    assert set(stated["recording"]) == set(recordings.loc[recordings["unseen"], "recording"])
    assert (stated.groupby("recording")["label"].unique().map(set) == set(LABELS)).all()
    present = stated[stated["present"] == "yes"]
    assert set(present["recording"]) == {"unseen/fox-and-boar.mp4"} and set(present["label"]) == {"fox", "boar"}
    assert ((present["start_s"] >= 0) & (present["start_s"] < present["end_s"]) & (present["end_s"] <= 2.5)).all()
    lengths = {"unseen/owl.mp4": 2, "unseen/fox-and-boar.mp4": 2.5}
    for (recording, label), rows in stated.sort_values("start_s").groupby(["recording", "label"]):
        absent = rows[rows["present"] == "no"]
        calls = rows[rows["present"] == "yes"]
        seconds = (rows["end_s"] - rows["start_s"]).sum()
        assert seconds == pytest.approx(lengths[recording]), (recording, label)  # calls of this corpus do not overlap
        assert not any(
            absent["start_s"].lt(call.end_s).mul(absent["end_s"].gt(call.start_s)).any() for call in calls.itertuples()
        )


def test_every_recording_is_sound_of_the_described_length(made: tuple[pd.DataFrame, Path]) -> None:
    table, folder = made
    for row in table.itertuples():
        samples = decode(folder / row.recording, SAMPLE_RATE)
        assert np.isfinite(samples).all()
        assert np.abs(samples).max() < 0.999
        low, high = (2, 2.5) if row.unseen else (0.5, 1) if row.label == NONE else (1, 2)
        assert low - 0.05 <= samples.size / SAMPLE_RATE <= high + 0.12


def test_unseen_videos_have_sound_and_a_moving_picture(made: tuple[pd.DataFrame, Path]) -> None:
    _, folder = made
    for path in (folder / "unseen").iterdir():
        text = streams(path)
        assert "Video: h264" in text
        assert "Audio: aac" in text
        command = [executable(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "pipe:"]
        raw = subprocess.run(command, capture_output=True, check=True).stdout
        frames = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 144, 256).astype(float)
        assert len(frames) >= 9
        assert np.abs(frames[-1] - frames[3]).mean() > 2


def test_the_same_seed_gives_the_same_sound_in_any_order() -> None:
    description = Description.model_validate(tiny())
    alone, stored_rate = corpus.labelled_sound(description, "fox", 2)
    corpus.labelled_sound(description, "boar", 1)
    again, _ = corpus.labelled_sound(description, "fox", 2)
    np.testing.assert_array_equal(alone, again)
    more, _ = corpus.labelled_sound(Description.model_validate(tiny() | {"sources_per_class": 9}), "fox", 2)
    np.testing.assert_array_equal(alone, more)
    other, _ = corpus.labelled_sound(Description.model_validate(tiny() | {"seed": 12}), "fox", 2)
    assert not np.array_equal(alone, other)
    assert stored_rate in (22050, 32000, 44100, 48000)


def test_background_does_not_change_the_animals() -> None:
    alone, _ = corpus.labelled_sound(Description.model_validate(tiny() | {"background_sources": 0}), "fox", 2)
    np.testing.assert_array_equal(alone, corpus.labelled_sound(Description.model_validate(tiny()), "fox", 2)[0])


def test_every_kind_of_the_study_goes_through_all_formats() -> None:
    assert set(corpus.FORMATS) == set(encode.FORMATS)
    assert len(corpus.FORMATS) <= 13  # sources of a kind


@pytest.mark.parametrize("voice", OTHER_SPECIES)
def test_labels_are_never_heard_in_background(voice: str) -> None:
    assert set(corpus.distant_voices(voice)) == set(OTHER_SPECIES) - {voice}


@pytest.mark.parametrize("kind", ["place", *OTHER_SPECIES])
def test_sources_of_background_differ_and_are_reproducible(kind: str) -> None:
    description = Description.model_validate(tiny())
    first, stored_rate = corpus.background_sound(description, kind, 1)
    assert stored_rate in (22050, 32000, 44100, 48000)
    assert 0 < np.abs(first).max() < 1
    np.testing.assert_array_equal(first, corpus.background_sound(description, kind, 1)[0])
    assert not np.array_equal(first, corpus.background_sound(description, kind, 2)[0])


@pytest.mark.parametrize("kind", encode.FORMATS)
def test_every_format_keeps_sound_and_length_and_is_reproducible(kind: str, tmp_path: Path) -> None:
    first, second = tmp_path / f"first.{kind}", tmp_path / f"second.{kind}"
    encode.write(a_tone(1.5), SAMPLE_RATE, first, 22050)
    encode.write(a_tone(1.5), SAMPLE_RATE, second, 22050)
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    assert "22050 Hz, mono" in streams(first)
    samples = decode(first, SAMPLE_RATE)
    assert samples.size / SAMPLE_RATE == pytest.approx(1.5, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples[SAMPLE_RATE // 4 : SAMPLE_RATE]))
    assert spectrum.argmax() * 4 / 3 == pytest.approx(700, abs=3)


def test_an_error_of_ffmpeg_names_the_file_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"x\.mp3: .*ffmpeg"):
        encode.write(a_tone(0.5), SAMPLE_RATE, tmp_path / "x.mp3", 1234)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(EchoError, match=r"x\.avi"):
        encode.write(a_tone(0.5), SAMPLE_RATE, tmp_path / "x.avi")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sources_per_class": 0}, "demo.yaml: sources_per_class.*1"),
        ({"sources": 3}, "demo.yaml: .*sources,"),
        ({"background_sources": -1}, "demo.yaml: background_sources.*0"),
        ({"duration_s": [5, 2]}, "demo.yaml: duration_s .*shortest, longest"),
        ({"background_duration_s": [5, 2]}, "demo.yaml: background_duration_s .*shortest, longest"),
        ({"layout": "esc50"}, "layout"),
        ({"unseen": [{**tiny()["unseen"][0], "truth": "wolf"}]}, r"unseen\.0\.truth.*cane_toad"),
        ({"unseen": [{**tiny()["unseen"][0], "truth": "boar"}]}, r"unseen\.0.*truth is boar"),
        ({"unseen": [{**tiny()["unseen"][1], "truth": "none"}]}, r"unseen\.0.*truth is none.*boar, fox"),
        ({"unseen": [tiny()["unseen"][0]] * 2}, "unseen.*: owl"),
        ({"unseen": [{**tiny()["unseen"][0], "name": "../owl"}]}, r"unseen\.0\.name"),
    ],
)
def test_a_wrong_description_is_an_error_that_names_the_key(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EchoError, match=message):
        validate(Description, tiny() | change, "demo.yaml")


def test_the_description_in_the_repository_keeps_the_size_of_the_study() -> None:
    description = Description.model_validate(files.read_yaml(ROOT / "corpora" / "demo.yaml"))
    assert description.sources_per_class >= 13
    assert description.background_sources >= 13
    assert description.duration_s == (8, 40)
    assert sorted(video.truth for video in description.unseen) == ["cane_toad", "fox", "fox", "none", "tree_frog"]
