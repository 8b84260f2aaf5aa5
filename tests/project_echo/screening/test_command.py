"""A whole screening, from recordings to every file that people open."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import soundfile

from project_echo.core import files, parallel
from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import unescape_formulas
from project_echo.models import classifier
from project_echo.screening import worker
from project_echo.screening.command import Options, predict, processes
from project_echo.screening.discovery import Recording
from project_echo.screening.journal import open_journal
from tests.conftest import LABELS
from tests.project_echo.screening.conftest import HIGH, LOW, QUIET, RATE, command, tables, wait_for_both_workers
from tests.sounds import write_wav
from tests.work import deadly_screen, kill_itself

ROOT = Path(__file__).parents[3]
LOW_LABEL, HIGH_LABEL = LABELS
Make = Callable[..., Options]


def read(path: Path) -> pd.DataFrame:
    return unescape_formulas(files.read_table(path))


def test_every_recording_has_a_row_and_what_cannot_be_used_a_reason(options: Make, recordings: Path) -> None:
    wanted = options()
    predict(wanted)
    table = read(wanted.output / "recordings.csv").set_index("recording")
    root = str(recordings)
    assert list(table.index) == sorted(f"{root}/{name}" for name in ORDER)
    assert table.loc[f"{root}/pond/20240501_053000.wav", "site"] == "pond"
    assert table.loc[f"{root}/pond/20240501_053000.wav", "recorded_at"] == "2024-05-01T05:30:00"
    assert table.loc[f"{root}/wood/=no time.wav", "recorded_at"] == ""
    assert table["duration_s"].tolist() == [4, 3, 3, 8]
    assert table["windows"].tolist() == [4, 3, 3, 8]
    assert table.loc[f"{root}/pond/20240501_063000.wav", "label"] == "none"
    (skipped,) = read(wanted.output / "skipped.csv").to_dict("records")
    assert skipped["recording"] == f"{root}/wood/broken.wav"


ORDER = ["pond/20240501_053000.wav", "pond/20240501_063000.wav", "wood/=no time.wav", "wood/REC_20240502_225959.wav"]


def test_events_are_where_the_animals_call(options: Make, recordings: Path) -> None:
    wanted = options()
    predict(wanted)
    found = read(wanted.output / "events.csv")
    wood = found[found["recording"] == f"{recordings}/wood/REC_20240502_225959.wav"]
    assert wood["label"].tolist() == [HIGH_LABEL, HIGH_LABEL, LOW_LABEL]
    assert wood["start_s"].tolist() == [0, 3, 4]
    assert wood["end_s"].tolist() == [2, 4, 7]
    assert wood["windows"].tolist() == [2, 1, 3]
    assert found["peak_confidence"].between(0.25, 1).all()


def test_windows_open_in_pandas_and_in_duckdb(options: Make) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb, from the development requirements, is not installed")
    wanted = options(hop_seconds=0.5)
    predict(wanted)
    path = wanted.output / "windows.parquet"
    table = pd.read_parquet(path)
    assert list(table.columns) == ["recording", "start_s", "end_s", *LABELS, "none"]
    np.testing.assert_allclose(table[[*LABELS, "none"]].sum(axis=1), 1, atol=1e-5)
    counts = table.groupby("recording", observed=True).size()
    assert counts.tolist() == [7, 5, 5, 15]
    (told,) = duckdb.sql(f"select count(*), max(end_s), count(distinct recording) from '{path}'").fetchall()
    assert told == (32, 8.0, 4)


def test_a_recording_shorter_than_a_window_is_used_and_its_event_ends_with_it(options: Make, tmp_path: Path) -> None:
    short = write_wav(tmp_path / "short.wav", HIGH[: 9 * RATE // 10], RATE)
    wanted = options(recordings=[short], min_confidence=0.0)
    predict(wanted)
    assert read(wanted.output / "recordings.csv")["windows"].tolist() == [1]
    assert read(wanted.output / "events.csv")["end_s"].tolist() == [0.9]


def test_all_that_can_be_asked_for_is_written(options: Make, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"alerts:\n- {{label: {HIGH_LABEL}, min_confidence: 0.5, windows_in_a_row: 2}}\n")
    asked = {"formats": ["audacity", "kaleidoscope", "raven"], "clips": 1, "alerts": rules, "zone": ZoneInfo("UTC")}
    wanted = options(**asked)
    assert predict(wanted) == 1
    (alert,) = read(wanted.output / "alerts.csv").to_dict("records")
    assert alert["label"] == HIGH_LABEL
    assert alert["at"].startswith("2024-05-02T22:59:59+00:00")
    activity = read(wanted.output / "activity.csv")
    assert set(activity["site"]) == {"pond", "wood"}
    assert activity["recorded_s"].sum() == 2 * (4 + 3 + 8)  # of both labels; the wood's spans two hours
    assert set(activity.loc[activity["site"] == "wood", "hour"]) == {22, 23}
    clips = list((wanted.output / "clips").rglob("*.wav"))
    assert {len(clips), len(read(wanted.output / "clips" / "clips.csv"))} == {4}
    assert all(soundfile.info(path).duration >= 1 for path in clips)
    for name in asked["formats"]:  # type: ignore[attr-defined]
        assert any((wanted.output / name).rglob("*.*"))


def test_a_disk_on_which_nothing_is_heard_gives_the_same_files(options: Make, tmp_path: Path) -> None:
    silent = write_wav(tmp_path / "quiet.wav", np.concatenate([QUIET] * 3), RATE)
    wanted = options(recordings=[silent], formats=["audacity", "kaleidoscope", "raven"], clips=1)
    assert predict(wanted) == 0
    assert read(wanted.output / "events.csv").empty
    assert read(wanted.output / "clips" / "clips.csv").empty
    for name in wanted.formats:
        assert any((wanted.output / name).rglob("*.*"))


def test_results_do_not_depend_on_the_number_of_workers(options: Make, tmp_path: Path) -> None:
    one, two = options(output=tmp_path / "one"), options(output=tmp_path / "two", jobs=2)
    predict(one)
    predict(two)
    assert tables(one.output) == tables(two.output)


def test_only_what_is_new_or_changed_is_screened_again(
    options: Make, recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = options()
    predict(wanted)
    before = tables(wanted.output)
    capsys.readouterr()
    predict(wanted)
    assert "5 recordings, 4 of them done before" in capsys.readouterr().out  # the broken one may have been mended
    assert tables(wanted.output) == before
    write_wav(recordings / "pond/20240501_063000.wav", np.concatenate([QUIET, HIGH]), RATE)
    write_wav(recordings / "pond/new.wav", HIGH, RATE)
    predict(wanted)
    assert "6 recordings, 3 of them done before" in capsys.readouterr().out
    afresh = replace(wanted, output=wanted.output.with_name("afresh"))
    predict(afresh)
    assert tables(afresh.output) == tables(wanted.output)


def test_other_settings_are_not_mixed(options: Make, by_pitch: Path) -> None:
    predict(options())
    with pytest.raises(EchoError, match="begun with another model"):
        predict(options(model=by_pitch))
    with pytest.raises(EchoError, match="begun with another hop"):
        predict(options(hop_seconds=0.5))
    predict(options(hop_seconds=0.5, resume=False))


def test_a_model_that_was_changed_is_refused(options: Make, by_pitch_or_none: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for path in by_pitch_or_none.iterdir():
        (model / path.name).write_bytes(path.read_bytes())
    twin = model / classifier.LITERT
    twin.write_bytes(twin.read_bytes()[:-1] + b"!")
    with pytest.raises(EchoError, match=r"model\.tflite is missing or was changed"):
        predict(options(model=model))


def test_where_nothing_can_be_used_the_reasons_are_told(options: Make, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(EchoError, match=r"none of the recordings can be used.*skipped\.csv"):
        predict(options(recordings=[tmp_path / "text.wav"]))
    assert len(read(tmp_path / "results" / "skipped.csv")) == 1


def test_nobody_elses_files_are_written_over(options: Make, recordings: Path, tmp_path: Path) -> None:
    write_wav(tmp_path / "disk" / "clips" / "mine.wav", HIGH, RATE)
    with pytest.raises(EchoError, match="holds clips, which another program or person put there"):
        predict(options(output=tmp_path / "disk", clips=1, resume=False))
    assert (tmp_path / "disk" / "clips" / "mine.wav").is_file()
    with pytest.raises(EchoError, match="is a file"):
        predict(options(output=tmp_path / "disk" / "clips" / "mine.wav"))


def test_results_among_the_recordings_are_no_recordings(options: Make, recordings: Path) -> None:
    wanted = options(output=recordings / "results", clips=2)
    predict(wanted)
    first = tables(wanted.output)
    assert any(name.endswith(".wav") for name in first)
    predict(wanted)
    assert tables(wanted.output) == first


def test_an_alarm_is_not_lost_among_fainter_calls(options: Make, tmp_path: Path) -> None:
    """Calls that swell and fade: as one event they are too faint on average, and the loud ones are in a row."""
    faint = 0.2 * HIGH + 0.8 * LOW
    path = write_wav(tmp_path / "swell.wav", np.concatenate([faint] * 4 + [HIGH] * 3 + [faint] * 4), RATE)
    for minimum in (0.0, 0.7):
        rules = tmp_path / "rules.yaml"
        rules.write_text(f"alerts:\n- {{label: {HIGH_LABEL}, min_confidence: 0.7, windows_in_a_row: 3}}\n")
        wanted = options(recordings=[path], alerts=rules, min_confidence=minimum)
        assert predict(wanted) == 1


def test_a_power_cut_that_left_an_empty_file_is_made_up_for(options: Make) -> None:
    wanted = options()
    predict(wanted)
    before = tables(wanted.output)
    for suffix in ("json", "npy"):
        next(path for path in (wanted.output / ".journal").glob(f"*.{suffix}") if path.stem != "settings").write_bytes(
            b""
        )
        predict(wanted)
        assert tables(wanted.output) == before


def test_what_a_killed_run_left_half_written_is_swept(options: Make) -> None:
    wanted = options()
    predict(wanted)
    (wanted.output / ".writing-abc.parquet").write_bytes(b"half")
    (wanted.output / ".clips-writing-abc").mkdir()
    predict(wanted)
    assert not list(wanted.output.glob(".*writing-*"))


@pytest.mark.parametrize("where", ["here", "cluster"])
def test_a_recording_that_ends_its_process_costs_no_other(
    options: Make, recordings: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, where: str
) -> None:
    """As one does for which the system has too little memory; the next day it is the only one that is left to do."""
    write_wav(recordings / "pond" / "deadly.wav", HIGH, RATE)
    monkeypatch.setattr("project_echo.screening.worker.screen", deadly_screen)
    scheduler = request.getfixturevalue("scheduler") if where == "cluster" else ""
    wanted = options(jobs=2, scheduler=scheduler)
    predict(wanted)
    if scheduler:
        wait_for_both_workers(scheduler)
    assert len(read(wanted.output / "recordings.csv")) == 4
    reasons = read(wanted.output / "skipped.csv").set_index("recording")["reason"]
    assert "was ended" in reasons[f"{recordings}/pond/deadly.wav"]
    assert len(reasons) == 2
    first = tables(wanted.output)
    (recordings / "wood" / "broken.wav").unlink()
    predict(wanted)
    if scheduler:
        wait_for_both_workers(scheduler)
    assert list(read(wanted.output / "skipped.csv")["recording"]) == [f"{recordings}/pond/deadly.wav"]
    assert tables(wanted.output) | {"skipped.csv": b""} == first | {"skipped.csv": b""}


DEADLY = """
from project_echo.cli import main
from project_echo.predict import work
from tests.work import deadly_screen
work.screen = deadly_screen
main()
"""


def test_a_single_recording_that_ends_its_process_does_so_once(by_pitch_or_none: Path, tmp_path: Path) -> None:
    """Alone it is read without the two seconds that workers take, until that is known to be a risk."""
    path = write_wav(tmp_path / "deadly.wav", HIGH, RATE)
    wanted = [sys.executable, "-c", DEADLY, *command(path, by_pitch_or_none, tmp_path / "results")[3:]]
    ended = [
        subprocess.run(wanted, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120) for _ in range(3)
    ]
    assert [run.returncode for run in ended] == [-9, 1, 1]
    assert all("skipped.csv says why" in run.stderr for run in ended[1:])
    assert "was ended" in read(tmp_path / "results" / "skipped.csv")["reason"][0]


def test_only_who_asks_for_it_has_many_recordings_read_in_the_process_that_must_not_die(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 1)
    many = [Recording(Path(name), name, "site") for name in ("a.wav", "b.wav")]
    assert processes(-1, many, set()) == 2
    assert processes(1, many, {"a.wav"}) == 1
    assert processes(8, many, set()) == 8
    assert processes(-1, many[:1], {"b.wav"}) == 1
    assert processes(-1, many[:1], {"a.wav"}) == 2


def test_workers_that_all_die_before_they_begin_are_an_error(options: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("project_echo.screening.worker.screen", kill_itself)
    with pytest.raises(EchoError, match="perhaps for want of memory"):
        predict(options(jobs=2))


def test_a_model_that_changes_meanwhile_is_refused(
    options: Make, by_pitch_or_none: Path, by_pitch: Path, tmp_path: Path
) -> None:
    path = write_wav(tmp_path / "a.wav", HIGH, RATE)
    journal = open_journal(tmp_path / "journal", {}, resume=True)
    digest = classifier.sha256(by_pitch / classifier.CARD)
    with pytest.raises(EchoError, match="was changed while it was at work"):
        worker.screen(path, "a.wav", by_pitch_or_none, digest, 1.0, False, journal)
