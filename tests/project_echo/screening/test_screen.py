"""A whole screening, from recordings to every file that people open."""

import os
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import soundfile

from project_echo.core import files, parallel
from project_echo.core.errors import EchoError, WorkerDiedError
from project_echo.core.spreadsheets import unescape_formulas
from project_echo.core.tables import read_table
from project_echo.models import classifier, embedder
from project_echo.models.card import BACKBONE, CARD
from project_echo.models.litert import Network
from project_echo.screening import batch, columns, worker
from project_echo.screening.batch import process_count, share_cores
from project_echo.screening.formats import FORMATS
from project_echo.screening.journal import Journal, open_journal
from project_echo.screening.output import JOURNAL
from project_echo.screening.screen import Format, screen
from tests.conftest import LABELS
from tests.project_echo.conftest import Messages
from tests.project_echo.screening.conftest import (
    HIGH,
    LOW,
    QUIET,
    RATE,
    Arguments,
    Make,
    overlapping_tones,
    tables,
    wait_for_both_workers,
)
from tests.screening_work import deadly_screen, start_command
from tests.sounds import write_wav
from tests.work import kill_itself

LOW_LABEL, HIGH_LABEL = LABELS
USABLE = ["pond/20240501_053000.wav", "pond/20240501_063000.wav", "wood/=no time.wav", "wood/REC_20240502_225959.wav"]
SCREEN = "project_echo.screening.worker.screen_file"


def read(path: Path) -> pd.DataFrame:
    return unescape_formulas(read_table(path))


def test_every_recording_has_a_row_and_every_skipped_one_a_reason(arguments: Make, recordings: Path) -> None:
    chosen = arguments()
    screen(**chosen)
    table = read(chosen["output"] / "recordings.csv").set_index("recording")
    root = str(recordings)
    assert list(table.index) == sorted(f"{root}/{name}" for name in USABLE)
    assert table.loc[f"{root}/pond/20240501_053000.wav", "site"] == "pond"
    assert table.loc[f"{root}/pond/20240501_053000.wav", "recorded_at"] == "2024-05-01T05:30:00"
    assert table.loc[f"{root}/wood/=no time.wav", "recorded_at"] == ""
    assert table["duration_s"].tolist() == [4, 3, 3, 8]
    assert table["windows"].tolist() == [4, 3, 3, 8]
    assert list(table.columns) == list(columns.recordings(LABELS))[1:]
    quiet, calls = table.loc[f"{root}/pond/20240501_063000.wav"], table.loc[f"{root}/wood/REC_20240502_225959.wav"]
    assert quiet[[f"{HIGH_LABEL}_events", f"{HIGH_LABEL}_seconds"]].tolist() == [0, 0]
    assert quiet[f"{HIGH_LABEL}_peak"] < 0.5 < calls[f"{HIGH_LABEL}_peak"]
    assert calls[[f"{HIGH_LABEL}_events", f"{HIGH_LABEL}_seconds"]].tolist() == [1, 4]
    assert calls[[f"{LOW_LABEL}_events", f"{LOW_LABEL}_seconds"]].tolist() == [1, 3]
    (skipped,) = read(chosen["output"] / "skipped.csv").to_dict("records")
    assert skipped["recording"] == f"{root}/wood/broken.wav"


def test_events_are_where_the_animals_call(arguments: Make, recordings: Path) -> None:
    chosen = arguments(merge_gap_s=0.5)
    screen(**chosen)
    events = read(chosen["output"] / "events.csv")
    wood = events[events["recording"] == f"{recordings}/wood/REC_20240502_225959.wav"]
    assert wood["label"].tolist() == [HIGH_LABEL, HIGH_LABEL, LOW_LABEL]
    assert wood["start_s"].tolist() == [0, 3, 4]
    assert wood["end_s"].tolist() == [2, 4, 7]
    assert events["peak_confidence"].between(0.5, 1).all()


def test_labels_that_call_at_once_are_heard_with_the_times_of_their_calls(
    arguments: Make, by_level: Path, tmp_path: Path
) -> None:
    path = write_wav(tmp_path / "20240501_225957.wav", overlapping_tones(), RATE)
    formats = ["audacity", "kaleidoscope", "raven"]
    results = screen(**arguments(recordings=path, model=by_level, hop_seconds=0.25, formats=formats, clips=1))
    assert results.events[["label", "start_s", "end_s"]].to_numpy().tolist() == [
        [LOW_LABEL, 1, 3],
        [HIGH_LABEL, 2, 4.5],
    ]
    (row,) = results.recordings.to_dict("records")
    assert [row[f"{label}_{what}"] for label in LABELS for what in ("events", "seconds")] == [1, 2, 1, 2.5]
    assert [row[f"{label}_peak"] for label in LABELS] == results.windows[LABELS].max().round(4).tolist()
    active = results.activity.set_index(["label", "hour"])["active_s"]
    assert active.to_dict() == {(LOW_LABEL, 22): 2, (LOW_LABEL, 23): 0, (HIGH_LABEL, 22): 1, (HIGH_LABEL, 23): 1.5}
    clips = read(results.folder / "clips" / "clips.csv")
    durations = {row.label: soundfile.info(results.folder / "clips" / row.file).duration for row in clips.itertuples()}
    assert durations == {LOW_LABEL: 3, HIGH_LABEL: 3.5}  # with half a second before and after
    (track,) = (results.folder / "audacity").rglob("*.txt")
    assert [line.split("\t")[:2] for line in track.read_text().splitlines()] == [
        ["1.000000", "3.000000"],
        ["2.000000", "4.500000"],
    ]


def test_other_events_of_the_same_windows_need_no_new_screening(
    arguments: Make, messages: Messages, tmp_path: Path
) -> None:
    heard = {}
    for name, change in {
        "usual": {},
        "threshold": {"thresholds": {HIGH_LABEL: 0.999}},
        "minimum": {"min_confidence": 0.999},
        "gap": {"merge_gap_s": 0.0},
        "labels": {"labels": [LOW_LABEL]},
    }.items():
        messages()
        results = screen(**arguments(**change))
        assert messages()[1].startswith(f"5 recordings, {4 if heard else 0} ")
        heard[name] = results.events["label"].value_counts().to_dict()
        afresh = screen(**arguments(output=tmp_path / name, **change))
        assert tables(afresh.folder) == tables(results.folder)
    usual = heard["usual"]
    assert heard["threshold"] == {LOW_LABEL: usual[LOW_LABEL]}
    assert heard["minimum"] == {}
    assert heard["gap"] == {LOW_LABEL: usual[LOW_LABEL], HIGH_LABEL: usual[HIGH_LABEL] + 1}
    assert heard["labels"] == {LOW_LABEL: usual[LOW_LABEL]}
    assert list(results.recordings) == list(columns.recordings([LOW_LABEL]))
    assert list(results.windows) == ["recording", "start_s", "end_s", LOW_LABEL]
    assert set(results.activity["label"]) == {LOW_LABEL}


@pytest.mark.parametrize("change", [{"labels": [HIGH_LABEL, "owl"]}, {"thresholds": {"owl": 0.5}}])
def test_an_unknown_label_is_an_error_that_lists_the_labels(arguments: Make, change: Arguments) -> None:
    chosen = arguments(**change)
    with pytest.raises(EchoError) as error:
        screen(**chosen)
    assert all(fact in str(error.value) for fact in ("'owl'", *LABELS))
    assert not chosen["output"].exists()


def test_an_alert_on_a_label_that_is_left_out_is_an_error(arguments: Make, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"alerts:\n- {{label: {HIGH_LABEL}, min_confidence: 0.5, min_duration_s: 2}}\n")
    with pytest.raises(EchoError, match=HIGH_LABEL):
        screen(**arguments(alerts=rules, labels=[LOW_LABEL]))


def test_windows_open_in_pandas_and_in_duckdb(arguments: Make) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb, from the development requirements, is not installed")
    chosen = arguments(hop_seconds=0.5)
    screen(**chosen)
    path = chosen["output"] / "windows.parquet"
    table = pd.read_parquet(path)
    assert list(table.columns) == ["recording", "start_s", "end_s", *LABELS]
    assert table[LABELS].apply(lambda values: values.between(0, 1)).all(axis=None)
    assert table.groupby("recording", observed=True).size().tolist() == [7, 5, 5, 15]
    (row,) = duckdb.sql(f"select count(*), max(end_s), count(distinct recording) from '{path}'").fetchall()
    assert row == (32, 8.0, 4)


def test_a_recording_shorter_than_a_window_is_used_and_its_event_ends_with_it(arguments: Make, tmp_path: Path) -> None:
    short = write_wav(tmp_path / "short.wav", HIGH[: 9 * RATE // 10], RATE)
    chosen = arguments(recordings=[short], min_confidence=0.0)
    screen(**chosen)
    assert read(chosen["output"] / "recordings.csv")["windows"].tolist() == [1]
    assert read(chosen["output"] / "events.csv")["end_s"].tolist() == [0.9]


def test_every_optional_result_is_written(arguments: Make, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"alerts:\n- {{label: {HIGH_LABEL}, min_confidence: 0.5, min_duration_s: 2}}\n")
    formats = ["audacity", "kaleidoscope", "raven"]
    chosen = arguments(formats=formats, clips=1, alerts=rules, time_zone=ZoneInfo("UTC"))
    assert len(screen(**chosen).alerts) == 1
    (alert,) = read(chosen["output"] / "alerts.csv").to_dict("records")
    assert alert["label"] == HIGH_LABEL
    assert alert["at"].startswith("2024-05-02T22:59:59+00:00")
    activity = read(chosen["output"] / "activity.csv")
    assert set(activity["site"]) == {"pond", "wood"}
    assert activity["recorded_s"].sum() == 2 * (4 + 3 + 8)  # of both labels; the wood's spans two hours
    assert set(activity.loc[activity["site"] == "wood", "hour"]) == {22, 23}
    clips = list((chosen["output"] / "clips").rglob("*.wav"))
    assert {len(clips), len(read(chosen["output"] / "clips" / "clips.csv"))} == {4}
    assert all(soundfile.info(path).duration >= 1 for path in clips)
    for name in formats:
        assert any((chosen["output"] / name).rglob("*.*"))


def test_alerts_of_an_earlier_run_are_removed(arguments: Make, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"alerts:\n- {{label: {HIGH_LABEL}, min_confidence: 0.5, min_duration_s: 2}}\n")
    screen(**arguments(alerts=rules))
    assert (tmp_path / "results" / "alerts.csv").exists()
    screen(**arguments())
    assert not (tmp_path / "results" / "alerts.csv").exists()


def test_recordings_without_events_give_the_same_files(arguments: Make, tmp_path: Path) -> None:
    silent = write_wav(tmp_path / "quiet.wav", np.concatenate([QUIET] * 3), RATE)
    chosen = arguments(recordings=[silent], formats=["audacity", "kaleidoscope", "raven"], clips=1)
    assert len(screen(**chosen).alerts) == 0
    assert read(chosen["output"] / "events.csv").empty
    assert read(chosen["output"] / "clips" / "clips.csv").empty
    for name in chosen["formats"]:
        assert any((chosen["output"] / name).rglob("*.*"))


def test_results_do_not_depend_on_the_number_of_workers(arguments: Make, tmp_path: Path) -> None:
    one, two = arguments(output=tmp_path / "one"), arguments(output=tmp_path / "two", jobs=2)
    screen(**one)
    screen(**two)
    assert tables(one["output"]) == tables(two["output"])


def test_only_new_and_changed_recordings_are_screened_again(
    arguments: Make, recordings: Path, messages: Messages
) -> None:
    chosen = arguments()
    screen(**chosen)
    before = tables(chosen["output"])
    messages()
    screen(**chosen)
    assert messages()[1].startswith("5 recordings, 4 ")  # the broken one may have been repaired
    assert tables(chosen["output"]) == before
    write_wav(recordings / "pond/20240501_063000.wav", np.concatenate([QUIET, HIGH]), RATE)
    write_wav(recordings / "pond/new.wav", HIGH, RATE)
    screen(**chosen)
    assert messages()[1].startswith("6 recordings, 3 ")
    again = arguments(output=chosen["output"].with_name("again"))
    screen(**again)
    assert tables(again["output"]) == tables(chosen["output"])


def test_recordings_whose_times_moved_are_not_screened_again(
    arguments: Make, recordings: Path, messages: Messages
) -> None:
    """As all files of a FAT card do with daylight saving time."""
    chosen = arguments()
    screen(**chosen)
    before = tables(chosen["output"])
    for path in recordings.rglob("*.wav"):
        status = path.stat()
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 3600 * 10**9))
    messages()
    screen(**chosen)
    assert messages()[1].startswith("5 recordings, 4 ")
    assert tables(chosen["output"]) == before
    journal = Journal(chosen["output"] / JOURNAL)
    for path in recordings.glob("pond/*"):
        metadata = journal.metadata(str(path))
        assert metadata is not None and metadata["changed_ns"] == path.stat().st_mtime_ns


def test_results_of_other_settings_are_not_mixed(arguments: Make, by_pitch: Path) -> None:
    screen(**arguments())
    for change, setting in (({"model": by_pitch}, "model"), ({"hop_seconds": 0.5}, "hop")):
        with pytest.raises(EchoError) as error:
            screen(**arguments(**change))
        assert all(fact in str(error.value) for fact in ("results", f" {setting};", "--no-resume"))
    screen(**arguments(hop_seconds=0.5, resume=False))


def test_a_model_with_a_changed_file_is_refused(arguments: Make, by_pitch_or_none: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for path in by_pitch_or_none.iterdir():
        (model / path.name).write_bytes(path.read_bytes())
    network = model / BACKBONE
    network.write_bytes(network.read_bytes()[:-1] + b"!")
    with pytest.raises(EchoError, match=BACKBONE):
        screen(**arguments(model=model))


def test_a_model_that_changes_during_the_run_is_refused(by_pitch_or_none: Path, by_pitch: Path, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", HIGH, RATE)
    journal = open_journal(tmp_path / "journal", {}, resume=True)
    digest = files.sha256(by_pitch / CARD)
    with pytest.raises(EchoError) as error:
        worker.screen_file(path, "a.wav", by_pitch_or_none, digest, 1.0, 1, False, False, journal)
    assert str(by_pitch_or_none) in str(error.value)


def test_if_no_recording_can_be_used_the_error_names_the_list_of_reasons(arguments: Make, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(EchoError, match=r"results/skipped\.csv"):
        screen(**arguments(recordings=[tmp_path / "text.wav"]))
    assert len(read(tmp_path / "results" / "skipped.csv")) == 1


def test_files_of_other_programs_are_not_overwritten(arguments: Make, tmp_path: Path) -> None:
    mine = write_wav(tmp_path / "disk" / "clips" / "mine.wav", HIGH, RATE)
    before = mine.read_bytes()
    with pytest.raises(EchoError) as error:
        screen(**arguments(output=tmp_path / "disk", clips=1, resume=False))
    assert str(tmp_path / "disk") in str(error.value) and " clips," in str(error.value)
    with pytest.raises(EchoError, match=r"mine\.wav"):
        screen(**arguments(output=mine))
    assert mine.read_bytes() == before


def test_results_among_the_recordings_are_not_screened(arguments: Make, recordings: Path) -> None:
    chosen = arguments(output=recordings / "results", clips=2)
    screen(**chosen)
    first = tables(chosen["output"])
    assert any(name.endswith(".wav") for name in first)
    screen(**chosen)
    assert tables(chosen["output"]) == first


def test_results_may_be_written_into_the_folder_of_the_recordings(arguments: Make, recordings: Path) -> None:
    chosen = arguments(output=recordings, clips=2, formats=["raven"])
    screen(**chosen)
    first = tables(recordings)
    assert [row.split(",")[0] for row in first["recordings.csv"].decode().splitlines()[1:]] == [
        f"{recordings}/{name}" for name in sorted(USABLE)
    ]
    screen(**chosen)
    assert tables(recordings) == first


def test_a_recording_among_the_clips_is_not_replaced(arguments: Make, recordings: Path) -> None:
    chosen = arguments(output=recordings, clips=1)
    screen(**chosen)
    mine = write_wav(recordings / "clips" / "mine.wav", HIGH, RATE)
    with pytest.raises(EchoError, match=r"clips/mine\.wav"):
        screen(**chosen)
    assert mine.exists()


def test_fainter_calls_around_an_event_do_not_hide_its_alert(arguments: Make, tmp_path: Path) -> None:
    """Calls that swell and fade: as one event they are too faint on average, but the loud ones are in a row."""
    faint = 0.2 * HIGH + 0.8 * LOW
    path = write_wav(tmp_path / "swell.wav", np.concatenate([faint] * 4 + [HIGH] * 3 + [faint] * 4), RATE)
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"alerts:\n- {{label: {HIGH_LABEL}, min_confidence: 0.7, min_duration_s: 3}}\n")
    for min_confidence in (0.0, 0.7):
        assert len(screen(**arguments(recordings=[path], alerts=rules, min_confidence=min_confidence)).alerts) == 1


def test_an_empty_file_after_a_power_cut_is_screened_again(arguments: Make) -> None:
    chosen = arguments()
    screen(**chosen)
    before = tables(chosen["output"])
    journal = chosen["output"] / ".journal"
    for suffix in ("json", "npy"):
        damaged = next(path for path in journal.glob(f"*.{suffix}") if path.stem != "settings")
        damaged.write_bytes(b"")
        screen(**chosen)
        assert tables(chosen["output"]) == before


def skipped_with_a_killed_worker(chosen: Arguments, recordings: Path) -> None:
    """Screen, with one more recording that kills the process that reads it: the others have results."""
    deadly = write_wav(recordings / "pond" / "deadly.wav", HIGH, RATE)
    screen(**chosen)
    assert len(read(chosen["output"] / "recordings.csv")) == 4
    reasons = read(chosen["output"] / "skipped.csv").set_index("recording")["reason"]
    assert set(reasons.index) == {str(deadly), f"{recordings}/wood/broken.wav"}
    assert "killed" in reasons[str(deadly)]


def test_a_recording_that_kills_its_worker_costs_no_others(
    arguments: Make, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that is too large for memory; in the second run it is the only one left to do."""
    monkeypatch.setattr(SCREEN, deadly_screen)
    chosen = arguments(jobs=2)
    skipped_with_a_killed_worker(chosen, recordings)
    first = tables(chosen["output"])
    (recordings / "wood" / "broken.wav").unlink()
    screen(**chosen)
    assert list(read(chosen["output"] / "skipped.csv")["recording"]) == [f"{recordings}/pond/deadly.wav"]
    assert tables(chosen["output"]) | {"skipped.csv": b""} == first | {"skipped.csv": b""}


def test_a_recording_that_kills_workers_of_a_cluster_costs_no_others(
    arguments: Make, recordings: Path, monkeypatch: pytest.MonkeyPatch, scheduler: str
) -> None:
    monkeypatch.setattr(SCREEN, deadly_screen)
    skipped_with_a_killed_worker(arguments(scheduler=scheduler), recordings)
    wait_for_both_workers(scheduler)


def test_a_single_recording_kills_the_main_process_only_once(
    arguments: Make, by_pitch_or_none: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone it is read in the main process, which starts no workers, until that is known to be a risk."""
    path = write_wav(tmp_path / "deadly.wav", HIGH, RATE)
    chosen = arguments(recordings=[path], jobs=-1)
    arguments = ["predict", str(path), "--model", str(by_pitch_or_none), "--output", str(chosen["output"])]
    process = start_command(arguments, tmp_path / "log", deadly=True)
    process.join(120)
    assert process.exitcode == -9
    monkeypatch.setattr(SCREEN, deadly_screen)
    with pytest.raises(EchoError, match=r"skipped\.csv"):
        screen(**chosen)
    assert "killed" in read(chosen["output"] / "skipped.csv")["reason"][0]
    assert Journal(chosen["output"] / JOURNAL).is_active(str(path)), "the next run starts workers again"


def test_a_recording_has_the_same_results_with_any_number_of_threads(
    arguments: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "LITTLE_BYTES", 0)
    path = write_wav(tmp_path / "disk" / "a.wav", np.tile(np.concatenate([LOW, QUIET, HIGH]), 25), RATE)
    one, three = arguments(recordings=[path], output=tmp_path / "one"), tmp_path / "three"
    screen(**one)
    screen(**one | {"output": three, "jobs": 3})
    assert tables(three) == tables(one["output"])


def test_several_recordings_are_read_in_the_main_process_only_with_one_job_or_if_they_are_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 1)
    many, few = {"a.wav": 10**8, "b.wav": 1000}, {"a.wav": 1000, "b.wav": 1000}
    assert process_count(-1, many, set()) == 2
    assert process_count(1, many, {"a.wav"}) == 1
    assert process_count(8, many, set()) == process_count(8, few, set()) == 8
    assert process_count(-1, {"a.wav": 10**8}, {"b.wav"}) == 1
    assert process_count(-1, {"a.wav": 10**8}, {"a.wav"}) == 2
    assert process_count(-1, few, {"c.wav"}) == 1
    assert process_count(-1, few, {"b.wav"}) == 2


def test_long_recordings_have_several_threads_if_there_are_fewer_than_cores() -> None:
    def threads(jobs: int, *megabytes: int) -> list[int]:
        return list(share_cores(jobs, {str(number): size * 10**6 for number, size in enumerate(megabytes)}).values())

    assert threads(8, 100) == [8]
    assert threads(8, 100, 100) == [4, 4]
    assert threads(4, *[100] * 9) == [1] * 9
    assert threads(4, 970, 10, 10, 10) == [4, 1, 1, 1]
    assert threads(1, 100, 1) == [1, 1]
    assert threads(8, 1) == [1]
    assert threads(8, 0, 0) == [1, 1]


def test_workers_that_die_before_they_start_are_an_error(arguments: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SCREEN, kill_itself)
    with pytest.raises(WorkerDiedError):
        screen(**arguments(jobs=2))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"hop_seconds": 0.0}, "hop_seconds"),
        ({"overlap_seconds": -1.0}, "overlap_seconds"),
        ({"hop_seconds": 1.0, "overlap_seconds": 0.5}, "overlap_seconds"),
        ({"min_confidence": 25}, "min_confidence"),
        ({"thresholds": {HIGH_LABEL: 25}}, HIGH_LABEL),
        ({"merge_gap_s": -1}, "merge_gap_s"),
        ({"labels": HIGH_LABEL}, "labels"),
        ({"formats": ["pdf"]}, "pdf"),
        ({"clips": -1}, "clips"),
        ({"jobs": 0}, "jobs"),
        ({"time_zone": "Mars/Base"}, "Mars/Base"),
        ({"time_zone": 2}, "time_zone"),
        ({"hop_seconds": 1e300}, "hop_seconds"),
        ({"formats": "raven"}, "formats"),
        ({"scheduler": "nonsense"}, "tcp://"),
        ({"recordings": [""]}, "recordings"),
        ({"model": ""}, "model"),
        ({"alerts": ""}, "alerts"),
    ],
)
def test_a_wrong_argument_is_an_error_that_names_it(arguments: Make, changes: Arguments, name: str) -> None:
    chosen = arguments(**changes)
    with pytest.raises(ValueError, match=name):
        screen(**chosen)
    assert not chosen["output"].exists()


def test_an_overlap_is_a_hop_of_the_rest_of_the_window(arguments: Make, tmp_path: Path) -> None:
    hop, overlap = arguments(hop_seconds=0.25, output=tmp_path / "hop"), arguments(overlap_seconds=0.75)
    assert len(screen(**hop).windows) == len(screen(**overlap).windows) == 13 + 9 + 9 + 29
    assert tables(hop["output"]) == tables(overlap["output"])
    with pytest.raises(EchoError, match="overlap"):
        screen(**arguments(overlap_seconds=1.0))


def test_the_network_is_loaded_once(arguments: Make, recordings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Path] = []
    monkeypatch.setattr(embedder, "Network", lambda path: loaded.append(path) or Network(path))
    classifier._load.cache_clear()
    screen(**arguments(recordings=sorted(recordings.rglob("*.wav")), overlap_seconds=0.5))
    assert len(loaded) == 1


def test_formats_are_those_that_can_be_written() -> None:
    assert set(get_args(Format)) == set(FORMATS)
