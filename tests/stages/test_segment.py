"""The segment stage: clips of recordings, and counts of what was dropped."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import PARTIAL
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.stated import STATED
from stages import segment
from tests.sounds import tone

RATE = 8000
AUDIO, CLIPS = Path("data/audio"), Path("data/clips")


@pytest.fixture(autouse=True)
def parameters(workspace: Path, set_params: Callable[..., None]) -> None:
    set_params("features", sample_rate=RATE, window_s=1.0, fmax=4000.0, n_fft=512, win_length=512, hop_length=200)
    set_params("segment", hop_s=0.5, max_per_recording=2, min_db=-50.0)


def write_recordings(sounds: dict[str, tuple[str, np.ndarray]], unseen: tuple[str, ...] = ()) -> None:
    rows = [
        (name, label, f"kind of {label}", f"source of {name}", name in unseen, 1.0)
        for name, (label, _) in sounds.items()
    ]
    for name, (_, samples) in sounds.items():
        files.write_sound(samples, RATE, AUDIO / f"{name}.wav")
    columns = ["recording", "label", "kind", "source", "unseen", "duration_s"]
    write_table(pd.DataFrame(rows, columns=columns), AUDIO / "audio.csv")
    write_stated()


def write_stated(*rows: tuple[str, str, float, float, str]) -> None:
    write_table(pd.DataFrame(rows, columns=STATED), AUDIO / "labels.csv")


LOUD_LATE = np.concatenate([tone(500, 2, RATE, 0.1), np.zeros(RATE), tone(500, 1, RATE, 0.5)]).astype(np.float32)
SHORT = tone(900, 0.4, RATE)
SILENT = np.zeros(3 * RATE, dtype=np.float32)


def test_clips_are_the_loudest_segments_with_their_start_and_level() -> None:
    write_recordings(
        {"boar/001": ("boar", LOUD_LATE), "001": ("fox", SHORT), "unseen/x": ("fox", LOUD_LATE)}, ("unseen/x",)
    )
    segment.main(AUDIO, CLIPS)
    table = read_table(CLIPS / "clips.csv")
    assert table["recording"].tolist() == ["boar/001", "boar/001", "001"]
    assert table["start_s"].tolist() == [2.5, 3.0, 0.0]
    assert table["source"].tolist() == ["source of boar/001"] * 2 + ["source of 001"]
    assert table["label"].tolist() == ["boar", "boar", "fox"]
    assert table["kind"].tolist() == ["kind of boar", "kind of boar", "kind of fox"]
    for row in table.itertuples():
        clip, rate = files.read_sound(CLIPS / f"{row.clip}.wav")
        whole = files.read_sound(AUDIO / f"{row.recording}.wav")[0]
        start = round(row.start_s * RATE)
        expected = whole[start : start + RATE]
        assert (len(clip), rate) == (RATE, RATE)
        np.testing.assert_array_equal(clip[: len(expected)], expected)
        assert not clip[len(expected) :].any()
        assert row.level_dbfs == pytest.approx(10 * np.log10(np.mean(expected.astype(float) ** 2)), abs=1e-4)


def test_dropped_candidates_are_counted_by_reason(capsys: pytest.CaptureFixture[str]) -> None:
    write_recordings({"a": ("boar", LOUD_LATE), "b": ("fox", SHORT), "c": ("fox", SILENT)})
    segment.main(AUDIO, CLIPS)
    dropped = read_table(CLIPS / "dropped.csv").set_index("recording")
    assert dropped.loc["a"].to_dict() == {"silent": 1, "surplus": 4}
    assert dropped.loc["b"].to_dict() == {"silent": 0, "surplus": 0}
    assert dropped.loc["c"].to_dict() == {"silent": 5, "surplus": 0}
    out = capsys.readouterr().out
    assert out.startswith("3 clips from 3 recordings; dropped: 6 silent, 4 beyond 2 ")


def test_every_clip_has_its_own_file_at_the_smallest_hop(set_params: Callable[..., None]) -> None:
    set_params("segment", hop_s=0.01, max_per_recording=1000)
    write_recordings({"a": ("boar", tone(500, 3, RATE)), "b": ("fox", SHORT)})
    segment.main(AUDIO, CLIPS)
    table = read_table(CLIPS / "clips.csv")
    assert len(table) == table["clip"].nunique() == len(list(CLIPS.glob("*.wav"))) == 202


def test_a_class_that_is_silent_is_an_error_that_names_it() -> None:
    write_recordings({"a": ("boar", LOUD_LATE), "c": ("fox", SILENT)})
    with pytest.raises(EchoError, match=r"class fox .*silent"):
        segment.main(AUDIO, CLIPS)
    assert not CLIPS.exists()


def test_a_missing_recording_is_an_error_that_names_it() -> None:
    write_recordings({"a": ("boar", LOUD_LATE), "b": ("fox", SHORT)})
    (AUDIO / "b.wav").unlink()
    with pytest.raises(EchoError, match=r"data/audio/b\.wav"):
        segment.main(AUDIO, CLIPS)


def test_what_is_stated_of_a_recording_is_told_of_its_clips_from_their_start() -> None:
    write_recordings({"boar/001": ("boar", LOUD_LATE), "001": ("fox", SHORT)})
    write_stated(("boar/001", "fox", 2.25, 3.25, "yes"), ("boar/001", "boar", 0.0, 1.0, "no"))
    segment.main(AUDIO, CLIPS)
    stated = read_table(CLIPS / "labels.csv")
    assert stated[["clip", "label", "start_s", "end_s", "present"]].to_numpy().tolist() == [
        ["boar/001-0002.500", "fox", 0.0, 0.75, "yes"],
        ["boar/001-0003.000", "fox", 0.0, 0.25, "yes"],
    ]


def test_clips_of_partially_labelled_recordings_are_where_something_is_stated() -> None:
    write_recordings({"boar/001": ("boar", LOUD_LATE), "p/1": (PARTIAL, LOUD_LATE), "p/2": (PARTIAL, SILENT)})
    write_stated(("p/1", "boar", 0.6, 0.8, "no"), ("p/1", "boar", 1.9, 2.1, "no"), ("p/2", "boar", 1.0, 2.0, "no"))
    segment.main(AUDIO, CLIPS)
    table = read_table(CLIPS / "clips.csv")
    partial = table[table["label"] == PARTIAL]
    assert partial["recording"].tolist() == ["p/1", "p/1"]  # the other one is silent, which is no error
    assert partial["start_s"].tolist() == pytest.approx([0.2, 1.5])  # what is louder is elsewhere
    stated = read_table(CLIPS / "labels.csv")
    assert stated["clip"].tolist() == partial["clip"].tolist()
    assert stated[["start_s", "end_s"]].to_numpy().ravel() == pytest.approx([0.4, 0.6, 0.4, 0.6], abs=1e-3)
    dropped = read_table(CLIPS / "dropped.csv").set_index("recording")
    assert dropped.loc["p/1"].tolist() == [0, 0]
    assert dropped.loc["p/2", "silent"] == 1
