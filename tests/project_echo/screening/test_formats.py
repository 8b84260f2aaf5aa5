"""Exports of events, as Raven, Audacity and Kaleidoscope read them."""

import re
import unicodedata
from collections.abc import Callable
from io import StringIO
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.core.spreadsheets import unescape_formulas
from project_echo.screening import formats

RECORDINGS = ["disk/pond/night 1.wav", "disk/wood/night 1.wav", "/disk/../silent.wav"]
EVENTS = pd.DataFrame(
    [
        (RECORDINGS[0], "cane_toad", 0.0, 10.0, 0.9, 0.95),
        (RECORDINGS[0], '=2+3\t"x"\nß', 8.0, 25.0, 0.5, 0.5),
        (RECORDINGS[1], "fox", 2.5, 7.5, 0.123456, 0.2),
    ],
    columns=["recording", "label", "start_s", "end_s", "mean_confidence", "peak_confidence"],
)
TABLE = pd.DataFrame({"recording": RECORDINGS, "sample_rate": [44100.0, 8000.0, None]})


def written(folder: Path, exported: dict[str, str]) -> list[Path]:
    for name, text in exported.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return [folder / name for name in exported]


def test_crowsetta_reads_the_raven_selection_tables(tmp_path: Path) -> None:
    crowsetta = pytest.importorskip("crowsetta", reason="crowsetta, from the development requirements, is missing")
    pond, wood, silent = written(tmp_path, formats.raven(EVENTS, TABLE, 50, 11025))
    read = crowsetta.formats.bbox.Raven.from_file(pond, annot_col="Common Name")
    boxes = read.to_bbox()
    assert [(box.onset, box.offset, box.low_freq, box.high_freq) for box in boxes] == [
        (0, 10, 50, 11025),
        (8, 25, 50, 11025),
    ]
    assert [box.label for box in boxes] == ["cane_toad", '=2+3 "x" ß']
    assert crowsetta.formats.bbox.Raven.from_file(wood, annot_col="Common Name").to_bbox()[0].label == "fox"
    assert len(silent.read_text().splitlines()) == 1  # it was screened, without events


def test_crowsetta_reads_the_audacity_label_tracks(tmp_path: Path) -> None:
    crowsetta = pytest.importorskip("crowsetta", reason="crowsetta, from the development requirements, is missing")
    pond, _, silent = written(tmp_path, formats.audacity(EVENTS, TABLE, 50, 11025))
    read = crowsetta.formats.seq.AudSeq.from_file(pond)
    assert read.start_times.tolist() == [0, 8]
    assert read.end_times.tolist() == [10, 25]
    assert read.labels.tolist() == ["cane_toad 0.90", '=2+3 "x" ß 0.50']
    assert silent.read_text() == ""


def test_kaleidoscope_rows_name_the_file_and_the_time(tmp_path: Path) -> None:
    ((name, text),) = formats.kaleidoscope(EVENTS, TABLE, 50, 11025).items()
    table = unescape_formulas(pd.read_csv(StringIO(text), keep_default_na=False))
    assert name == "kaleidoscope.csv"
    paths = [PurePosixPath(row["INDIR"], row["FOLDER"], row["IN FILE"]) for row in table.to_dict("records")]
    assert [str(path) for path in paths] == EVENTS["recording"].tolist()
    np.testing.assert_allclose(table["OFFSET"], EVENTS["start_s"])
    np.testing.assert_allclose(table["OFFSET"] + table["DURATION"], EVENTS["end_s"])
    assert table["TOP1MATCH"].tolist() == ["cane_toad", '=2+3 "x" ß', "fox"]
    assert "\n=" not in text and ",=" not in text


def test_no_frequency_is_above_half_of_the_recordings_sample_rate() -> None:
    for low, high, expected in [(50, 11025, [(50, 11025), (50, 4000)]), (5000, 11025, [(5000, 11025), (0, 4000)])]:
        pond, wood, _ = formats.raven(EVENTS, TABLE, low, high).values()
        rows = [pd.read_csv(StringIO(text), sep="\t").iloc[0] for text in (pond, wood)]
        assert [(row["Low Freq (Hz)"], row["High Freq (Hz)"]) for row in rows] == expected
        (text,) = formats.kaleidoscope(EVENTS, TABLE, low, high).values()
        table = pd.read_csv(StringIO(text))
        assert list(zip(table["Fmin"], table["Fmax"], strict=True)) == [expected[0], *expected]


def test_of_an_unknown_sample_rate_the_range_is_the_classifiers() -> None:
    unknown = TABLE.assign(sample_rate=None)
    for text in formats.raven(EVENTS, unknown, 50, 11025).values():
        assert set(pd.read_csv(StringIO(text), sep="\t")["High Freq (Hz)"]) <= {11025.0}


@pytest.mark.parametrize("make", [formats.raven, formats.audacity])
def test_recordings_that_differ_in_case_or_are_called_like_devices_have_files_on_windows(
    make: Callable[..., dict[str, str]],
) -> None:
    names = ["disk/A.wav", "disk/a.wav", "disk/aux.wav", "disk/con", "disk/nul/a.wav", "disk/b."]
    names += [unicodedata.normalize(form, "disk/é.wav") for form in ("NFC", "NFD")]
    exported = make(EVENTS, pd.DataFrame({"recording": names, "sample_rate": None}), 50, 11025)
    assert len({path.casefold() for path in exported}) == len(names)
    assert any(path.startswith("a.wav.") for path in exported)
    for path in exported:
        assert not any(PureWindowsPath(part).is_reserved() or part[-1] in ". " for part in PurePosixPath(path).parts)


@pytest.mark.parametrize("make", formats.FORMATS.values())
def test_a_table_without_events_can_be_exported(make: Callable[..., dict[str, str]]) -> None:
    no_events = pd.DataFrame(columns=EVENTS.columns)  # as read from a file: its columns hold objects
    exported = make(no_events, TABLE, 50, 11025)
    assert len(exported) == (1 if make is formats.kaleidoscope else 3)
    assert all(len(text.splitlines()) <= 1 for text in exported.values())


@pytest.mark.parametrize("make", [formats.raven, formats.audacity])
@pytest.mark.parametrize("names", [["/disk/a.wav", "disk/a.wav"], ["disk/a.wav", "/disk/a.wav", "//disk/a.wav"]])
def test_recordings_with_relative_and_absolute_names_do_not_share_a_file(
    make: Callable[..., dict[str, str]], names: list[str]
) -> None:
    events = pd.DataFrame([(name, "fox", at, at + 1, 0.5, 0.5) for at, name in enumerate(names)])
    exported = make(
        events.set_axis(EVENTS.columns, axis=1), pd.DataFrame({"recording": names, "sample_rate": None}), 50, 11025
    )
    assert len(exported) == len(set(exported.values())) == len(names)
    assert any(path.startswith("disk/a.wav.") for path in exported)


def test_times_are_written_without_rounding_errors() -> None:
    events = EVENTS.iloc[:1].assign(start_s=0.1 + 0.2, end_s=1.0)
    for make in formats.FORMATS.values():
        text = "".join(make(events, TABLE, 50, 11025).values())
        assert "0.3" in text and "0.30000000000000004" not in text


NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=300).filter(
        lambda part: part not in (".",)
    ),
    min_size=1,
    max_size=4,
).map("/".join)


@given(st.lists(NAMES, min_size=1, max_size=3, unique=True), st.text(max_size=20))
@settings(max_examples=60)
def test_files_of_odd_names_are_distinct_writable_and_within_the_folder(names: list[str], label: str) -> None:
    events = pd.DataFrame([(name, label, 0.0, 1.0, 0.5, 0.5) for name in names], columns=EVENTS.columns)
    for make in (formats.raven, formats.audacity):
        exported = make(events, pd.DataFrame({"recording": names, "sample_rate": None}), 50, 11025)
        assert len(exported) == len(names)
        for path, text in exported.items():
            parts = PurePosixPath(path).parts
            assert path.isascii() and ".." not in parts and not path.startswith("/")
            assert max(len(part) for part in parts) < 200
            assert len(text.splitlines()) == (2 if make is formats.raven else 1)


@given(st.lists(NAMES, min_size=1, max_size=3, unique=True), st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=60)
def test_odd_names_stay_within_their_cells_in_kaleidoscope(names: list[str], label: str) -> None:
    events = pd.DataFrame([(name, label, 0.0, 1.0, 0.5, 0.5) for name in names], columns=EVENTS.columns)
    (text,) = formats.kaleidoscope(events, pd.DataFrame({"recording": names, "sample_rate": None}), 50, 11025).values()
    table = unescape_formulas(pd.read_csv(StringIO(text, newline=""), keep_default_na=False, dtype=str))
    assert len(text.splitlines()) == 1 + len(names) == 1 + len(table)
    shown = [re.sub("[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", name) for name in names]
    paths = [PurePosixPath(row["INDIR"], row["FOLDER"], row["IN FILE"]) for row in table.to_dict("records")]
    assert paths == [PurePosixPath(name) for name in shown]
    assert table["DURATION"].astype(float).tolist() == [1] * len(names)
