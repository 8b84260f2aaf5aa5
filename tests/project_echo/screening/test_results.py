"""Results read back are those that were written."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models.classifier import load_classifier
from project_echo.screening import columns
from project_echo.screening.events import find_events
from project_echo.screening.results import read_results
from project_echo.screening.screen import screen
from tests.conftest import LABELS
from tests.project_echo.screening.conftest import HIGH, QUIET, RATE, Make
from tests.sounds import write_wav


def test_every_table_has_its_columns_types_and_names_as_they_were(
    arguments: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("007/=1+1.wav", "007/20240501_053000.wav", "007/NA.wav"):
        write_wav(tmp_path / name, np.concatenate([HIGH, QUIET]), RATE)
    (tmp_path / "007" / "broken.wav").write_bytes(b"RIFF")
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"alerts:\n- {{label: {LABELS[1]}, min_confidence: 0.5, min_duration_s: 1}}\n")
    results = screen(**arguments(recordings=["007"], alerts=rules))
    tables = {
        "recordings": columns.recordings(LABELS),
        "events": columns.EVENTS,
        "skipped": columns.SKIPPED,
        "activity": columns.ACTIVITY,
        "alerts": columns.ALERTS,
    }
    for name, dtypes in tables.items():
        table = getattr(results, name)
        assert len(table) and list(table) == list(dtypes)
        empty = pd.DataFrame({column: pd.Series(dtype=dtype) for column, dtype in dtypes.items()})
        assert table.dtypes.to_dict() == empty.dtypes.to_dict()
    assert results.recordings["recording"].tolist() == ["007/20240501_053000.wav", "007/=1+1.wav", "007/NA.wav"]
    assert set(results.recordings["site"]) == {"007"}
    assert results.recordings["recorded_at"].tolist() == ["2024-05-01T05:30:00", "", ""]


def test_events_of_the_slices_are_those_that_were_written(
    arguments: Make, by_pitch_or_none: Path, recordings: Path
) -> None:
    how = {"thresholds": {LABELS[0]: 0.6}, "min_confidence": 0.4, "merge_gap_s": 0.5}
    results = screen(**arguments(hop_seconds=0.5, **how))
    classifier = load_classifier(by_pitch_or_none)
    parts = []
    for path in results.recordings["recording"]:
        slices = classifier.predict(*files.read_sound(Path(path)), hop_seconds=0.5, slices=True)
        parts.append(slices.assign(recording=path))
    events = find_events(pd.concat(parts), classifier, **how)
    assert len(events)
    pd.testing.assert_frame_equal(events, results.events, atol=1e-4)


def test_windows_are_the_highest_of_their_slices_and_their_events_cover_those_that_were_written(
    arguments: Make, by_pitch_or_none: Path
) -> None:
    results = screen(**arguments(hop_seconds=0.5, merge_gap_s=0.0))
    in_windows = find_events(results.windows, load_classifier(by_pitch_or_none), merge_gap_s=0.0)
    pairs = results.events.merge(in_windows, on=["recording", "label"], suffixes=("", "_window"))
    covered = pairs[(pairs["start_s_window"] <= pairs["start_s"]) & (pairs["end_s"] <= pairs["end_s_window"])]
    assert len(covered) == len(results.events) > 0


def test_without_windows_recordings_have_no_columns_of_labels(arguments: Make) -> None:
    results = screen(**arguments())
    (results.folder / "windows.parquet").unlink()
    assert list(read_results(results).recordings) == list(columns.RECORDINGS)


def test_without_events_and_rules_tables_are_empty_but_complete(arguments: Make, tmp_path: Path) -> None:
    quiet = write_wav(tmp_path / "quiet.wav", QUIET, RATE)
    results = screen(**arguments(recordings=quiet))
    for table, dtypes in ((results.events, columns.EVENTS), (results.alerts, columns.ALERTS)):
        assert table.empty and list(table) == list(dtypes)
    assert results.events["start_s"].dtype == float


def test_a_folder_without_results_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=str(tmp_path)):
        read_results(tmp_path)


def test_a_damaged_table_is_an_error_that_names_it(arguments: Make) -> None:
    results = screen(**arguments())
    for name in ("events.csv", "windows.parquet"):
        path = results.folder / name
        path.write_bytes(b"\x00\xff")
        with pytest.raises(EchoError, match=name):
            getattr(read_results(results), path.stem)
