"""The infer stage on tones, with a classifier that distinguishes low from high."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.stated import STATED
from stages import infer
from tests.sounds import hiss

LOW, HIGH = "<b>low & slow</b>", "high pitched"
RATE = 8000
OF_CALLS = ("calls", "calls_found", "false_events", "false_seconds")


def tone(*pieces: tuple[float, float]) -> np.ndarray:
    """Tones one after another, given as (frequency in Hz, duration in s)."""
    return np.concatenate(
        [0.3 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE) for pitch, seconds in pieces]
    )


@pytest.fixture
def screen(workspace: Path, by_pitch: Path, set_params: Callable[..., None]) -> Callable[..., Path]:
    """Run the stage on recordings given as (name, truth, samples), and on one that is not unseen.

    What is stated of them is given as (recording, label, start_s, end_s, present).
    """
    set_params("infer", hop_s=0.5)

    def run(
        *recordings: tuple[str, str, np.ndarray],
        model: Path = by_pitch,
        stated: Sequence[tuple[str, str, float, float, str]] = (),
    ) -> Path:
        rows = [("low/seen.wav", LOW, "seen", False, 1.0)]
        for name, truth, samples in recordings:
            files.write_sound(samples, RATE, workspace / f"audio/{name}.wav")
            rows.append((name, truth, name, True, len(samples) / RATE))
        table = pd.DataFrame(rows, columns=["recording", "label", "source", "unseen", "duration_s"])
        write_table(table, workspace / "audio/audio.csv")
        write_table(pd.DataFrame(list(stated), columns=STATED), workspace / "audio/labels.csv")
        paths = (workspace / name for name in ("audio", "predictions", "metrics.json", "plots"))
        infer.main(model, *paths)
        return workspace

    return run


def test_every_window_and_every_recording_has_a_row(screen: Callable[..., Path]) -> None:
    folder = screen(("unseen/mixed.wav", HIGH, tone((3000, 2), (250, 1))))
    windows = read_table(folder / "predictions/windows.csv")
    assert list(windows.columns) == ["recording", "start_s", "end_s", LOW, HIGH]
    assert windows["start_s"].tolist() == [0, 0.5, 1, 1.5, 2]
    assert windows["end_s"].tolist() == [1, 1.5, 2, 2.5, 3]
    assert windows[[LOW, HIGH]].idxmax(axis=1).tolist()[::4] == [HIGH, LOW]
    events = read_table(folder / "predictions/events.csv")
    assert events[["recording", "label", "start_s", "end_s"]].to_numpy().tolist() == [
        ["unseen/mixed.wav", HIGH, 0, 2],
        ["unseen/mixed.wav", LOW, 1.5, 3],  # that window holds both, and is not divided
    ]
    (summary,) = read_table(folder / "predictions/recordings.csv").to_dict("records")
    assert summary["heard"] == f"{HIGH} 0.0-2.0; {LOW} 1.5-3.0"
    assert (summary["label"], summary["runner_up"], summary["windows"]) == (HIGH, LOW, 5)
    assert summary["confidence"] == pytest.approx(windows[HIGH].mean(), abs=1e-4)


def test_without_a_known_truth_a_recording_is_neither_correct_nor_wrong(screen: Callable[..., Path]) -> None:
    low, high = tone((250, 1)), tone((3000, 1))
    folder = screen(
        ("unseen/correct.wav", LOW, low),
        ("unseen/wrong.wav", LOW, high),
        ("unseen/unknown.wav", "", high),
        ("unseen/stranger.wav", "owl", high),
    )
    summaries = read_table(folder / "predictions/recordings.csv")
    assert summaries["verdict"].tolist() == ["correct", "wrong", "", "wrong"]
    metrics = files.read_json(folder / "metrics.json")
    assert (metrics["recordings"], metrics["with_truth"], metrics["correct"]) == (4, 3, 1)
    assert metrics["mean_confidence"] == pytest.approx(summaries["confidence"].mean(), abs=1e-4)


def test_a_recording_without_an_event_is_none_and_all_that_is_heard_is_listed(
    screen: Callable[..., Path], by_pitch_or_none: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = hiss(3, RATE)
    called = np.concatenate([noise, tone((3000, 1))])
    two = np.concatenate([tone((250, 1)), noise, tone((3000, 2))])
    folder = screen(
        ("unseen/noise.wav", "none", noise),
        ("unseen/called.wav", HIGH, called),
        ("unseen/animal.wav", "none", tone((3000, 2))),
        ("unseen/two.wav", "", two),
        model=by_pitch_or_none,
    )
    windows = read_table(folder / "predictions/windows.csv")
    assert list(windows.columns) == ["recording", "start_s", "end_s", LOW, HIGH]
    summaries = read_table(folder / "predictions/recordings.csv").set_index("recording")
    # A second or two of a call are heard, but do not name the recording.
    assert summaries["label"].tolist() == ["none", "none", HIGH, "none"]
    assert summaries["verdict"].tolist() == ["correct", "wrong", "wrong", ""]
    assert (summaries["runner_up_confidence"] <= summaries["confidence"]).all()
    assert summaries.loc["unseen/noise.wav", "agreement"] == 1
    assert 0 < summaries.loc["unseen/called.wav", "agreement"] < 1
    highest = windows[windows["recording"] == "unseen/noise.wav"][[LOW, HIGH]].mean().max()
    assert summaries.loc["unseen/noise.wav", "confidence"] == pytest.approx(1 - highest, abs=1e-4)
    heard = summaries["heard"].tolist()
    assert heard[0] == "" and heard[1].startswith(f"{HIGH} 3.") and heard[2] == f"{HIGH} 0.0-2.0"
    assert heard[3].startswith(f"{LOW} 0.0-1.") and f"; {HIGH} 4." in heard[3]
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("heard: ")[2] for line in lines[:4]] == ["nothing", *heard[1:]]


def test_recordings_with_the_same_name_in_two_folders_have_separate_timelines(screen: Callable[..., Path]) -> None:
    folder = screen(("unseen/pond/x.wav", "", tone((250, 1))), ("unseen/wood/x.wav", "", tone((3000, 1))))
    timelines = sorted((folder / "plots").rglob("*.png"))
    assert [path.relative_to(folder / "plots").as_posix() for path in timelines] == ["pond/x.wav.png", "wood/x.wav.png"]
    assert timelines[0].read_bytes() != timelines[1].read_bytes()


def test_events_are_scored_where_calls_are_stated(screen: Callable[..., Path]) -> None:
    """A high tone of 2 s and a low one of 1 s give a high event from 0 to 2 s and a low one from 1.5 to 3 s."""
    sound, known, wrong = tone((3000, 2), (250, 1)), "unseen/known.wav", "unseen/wrong.wav"
    recordings = [(known, HIGH, sound), (wrong, LOW, sound), ("unseen/unknown.wav", HIGH, sound)]
    stated = [
        (known, HIGH, 0, 2, "yes"),
        (known, LOW, 0, 2, "no"),
        (known, LOW, 2, 3, "yes"),
        (wrong, HIGH, 0, 3, "no"),
        ("low/seen.wav", LOW, 0, 1, "yes"),  # is not screened
    ]
    folder = screen(*recordings, stated=stated)
    metrics = files.read_json(folder / "metrics.json")
    assert [metrics[name] for name in OF_CALLS] == [2, 2, 1, 2.5]
    table = read_table(folder / "predictions/recordings.csv").set_index("recording")
    columns = ["calls", "calls_found", "false_events", "false_s"]
    assert table.loc[known, columns].tolist() == ["2", "2", "0", "0.5"]
    assert table.loc[wrong, columns].tolist() == ["0", "0", "1", "2"]
    assert table.loc["unseen/unknown.wav", columns].tolist() == [""] * 4


def test_where_no_calls_are_stated_they_are_not_counted(screen: Callable[..., Path]) -> None:
    stated = [("low/seen.wav", LOW, 0, 1, "yes"), ("unseen/a.wav", "owl", 0, 1, "no")]  # of no label of the classifier
    folder = screen(("unseen/a.wav", LOW, tone((250, 1))), stated=stated)
    metrics = files.read_json(folder / "metrics.json")
    assert [metrics[name] for name in OF_CALLS] == [None] * 4
    (row,) = read_table(folder / "predictions/recordings.csv").to_dict("records")
    assert (row["verdict"], row["calls"], row["false_s"]) == ("correct", "", "")


def test_a_recording_shorter_than_a_window_has_one_window(screen: Callable[..., Path]) -> None:
    folder = screen(("unseen/short.wav", LOW, tone((250, 0.3))))
    assert read_table(folder / "predictions/recordings.csv")[["label", "windows"]].to_numpy().tolist() == [[LOW, 1]]


def test_without_unseen_recordings_the_tables_are_empty_but_have_their_headers(screen: Callable[..., Path]) -> None:
    full = screen(("unseen/a.wav", LOW, tone((250, 1))))
    headers = {path.name: path.read_text().splitlines()[0] for path in (full / "predictions").iterdir()}
    empty = screen()
    assert {path.name: path.read_text().splitlines() for path in (empty / "predictions").iterdir()} == {
        name: [header] for name, header in headers.items()
    }
    assert set(headers) == {"recordings.csv", "windows.csv", "events.csv"}
    counts = {"recordings": 0, "with_truth": 0, "correct": 0, "mean_confidence": 0.0}
    assert files.read_json(empty / "metrics.json") == counts | dict.fromkeys(OF_CALLS)
    # Earlier timelines are removed; .gitkeep makes git keep the folder.
    assert [path.name for path in (empty / "plots").iterdir()] == [".gitkeep"]
