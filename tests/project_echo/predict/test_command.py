"""A whole screening, from recordings to every file that people open."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import soundfile

from project_echo import classifier, files
from project_echo.errors import EchoError
from project_echo.predict.command import Options, predict
from project_echo.predict.spreadsheets import unguarded
from tests.conftest import LABELS
from tests.project_echo.predict.conftest import HIGH, QUIET, RATE, tables
from tests.sounds import write_wav

LOW_LABEL, HIGH_LABEL = LABELS
Make = Callable[..., Options]


def read(path: Path) -> pd.DataFrame:
    return unguarded(files.read_table(path))


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


def test_other_settings_are_not_mixed(options: Make) -> None:
    predict(options())
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
