"""Result tables of a screening, from its journal; they do not depend on the order of work or number of workers."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from project_echo.core import files
from project_echo.core.spreadsheets import empty_table
from project_echo.models.classifier import Classifier
from project_echo.models.windows import TIME_COLUMNS, slice_bounds, window_times
from project_echo.screening import columns
from project_echo.screening.discovery import Recording
from project_echo.screening.events import Criteria, Row, event_rows
from project_echo.screening.journal import Journal

MAX_ROWS, MAX_TABLES = 100_000, 1000  # windows and recordings in memory, and in a row group of the Parquet file


@dataclass(frozen=True)
class Tables:
    """Tables of recordings (columns.recordings), and of events (columns.EVENTS) by minimum confidence."""

    recordings: pd.DataFrame
    events: dict[float, pd.DataFrame]


def collect_tables(
    recordings: Iterable[Recording],
    journal: Journal,
    classifier: Classifier,
    hop_s: float,
    criteria: Mapping[float, Criteria],
    min_confidence: float,
    time_zone: tzinfo | None,
    parquet: Path,
) -> Tables:
    """Read the journal of screened recordings into tables, and write all windows to a Parquet file.

    Parameters
    ----------
    recordings : iterable of Recording
        Recordings that the journal has, in the order of the tables.
    journal : Journal
        Metadata and probabilities of the recordings.
    classifier : Classifier
        The one that screened them.
    hop_s : float
        Step between windows, s.
    criteria : mapping of float to Criteria
        By minimum confidence, 0 to 1; each gives a table of events. All have the same labels, which are those of the
        tables.
    min_confidence : float
        Of the events that are counted in the table of recordings.
    time_zone : tzinfo or None
        Zone of the tables' times, and of clocks that do not state theirs; see in_time_zone.
    parquet : Path
        File to write: a row per window with recording, start_s, end_s and a column of probabilities per label, the
        highest of its slices.

    Returns
    -------
    Tables

    Raises
    ------
    ValueError
        If a recording is not in the journal.
    """
    rows: list[dict[str, Any]] = []
    events: dict[float, list[tuple[Any, ...]]] = {minimum: [] for minimum in criteria}
    labels = list(criteria[min_confidence].minimums)
    positions = [classifier.labels.index(label) for label in labels]
    with _parquet_writer(parquet, labels) as writer:
        for recording in recordings:
            metadata = journal.metadata(recording.name)
            if metadata is None:
                raise ValueError(f"{recording.name} is not in the journal")
            slices = np.array(journal.probabilities(recording.name))[..., positions]
            windows, duration_s = slices.max(axis=1), metadata["duration_s"]
            start_s, end_s = slice_bounds(slices.shape, classifier.features, hop_s, duration_s)
            flat = start_s.ravel(), end_s.ravel(), slices.reshape(-1, len(labels))
            found = {minimum: event_rows(*flat, criterion) for minimum, criterion in criteria.items()}
            for minimum, its_events in found.items():
                events[minimum].extend((recording.name, *row) for row in its_events)
            rows.append(
                {
                    "recording": recording.name,
                    "site": recording.site,
                    "recorded_at": in_time_zone(metadata["recorded_at"], time_zone),
                    "duration_s": duration_s,
                    "note": metadata["note"],
                    "windows": len(windows),
                    **label_totals(found[min_confidence], windows, labels),
                }
            )
            times = window_times(len(windows), classifier.features, hop_s, duration_s)
            writer.add(recording.name, *times, windows)
    table = pd.DataFrame(rows, columns=list(columns.recordings(labels)))
    return Tables(table, {minimum: _events(found) for minimum, found in events.items()})


def label_totals(events: Sequence[Row], windows: np.ndarray, labels: Sequence[str]) -> dict[str, float]:
    """What recordings.csv says of each label.

    Parameters
    ----------
    events : sequence of Row
        Of one recording.
    windows : np.ndarray of shape (windows, labels)
        Probabilities of its windows.
    labels : sequence of str

    Returns
    -------
    dict
        For each label those of columns.recordings: `<label>_events`, `<label>_seconds` and `<label>_peak`.
    """
    totals: dict[str, float] = {}
    for label, peak in zip(labels, windows.max(axis=0).tolist(), strict=True):
        lengths = [end_s - start_s for name, start_s, end_s, *_ in events if name == label]
        totals[f"{label}_events"] = len(lengths)
        totals[f"{label}_seconds"] = math.fsum(lengths)
        totals[f"{label}_peak"] = peak
    return totals


def _events(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns.EVENTS)) if rows else empty_table(columns.EVENTS)


def in_time_zone(recorded_at: str, time_zone: tzinfo | None) -> str:
    """Express an ISO 8601 time in a zone.

    A time with an offset stays the same moment: what a recorder states about its own clock is not overruled. A time
    without an offset is taken as a clock time in the zone.
    """
    if not recorded_at or time_zone is None:
        return recorded_at
    time = datetime.fromisoformat(recorded_at)
    return (time.astimezone(time_zone) if time.tzinfo else time.replace(tzinfo=time_zone)).isoformat()


@contextmanager
def _parquet_writer(path: Path, labels: Sequence[str]) -> Iterator["_WindowWriter"]:
    schema = pa.schema(
        [
            pa.field("recording", pa.dictionary(pa.int32(), pa.string())),
            *(pa.field(name, pa.float64()) for name in TIME_COLUMNS),
            *(pa.field(label, pa.float32()) for label in labels),
        ]
    )
    # An open stream, as pyarrow refuses paths that are not UTF-8.
    with files.atomic_path(path) as temporary, temporary.open("wb") as stream, pq.ParquetWriter(stream, schema) as file:
        writer = _WindowWriter(file, schema)
        yield writer
        writer.flush()


class _WindowWriter:
    """Collects the windows of recordings and writes them in row groups."""

    def __init__(self, file: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._file, self._schema = file, schema
        self._names: list[str] = []
        self._columns: list[tuple[np.ndarray, ...]] = []  # of each recording: times, and probabilities of each label
        self._rows = 0

    def add(self, recording: str, start_s: np.ndarray, end_s: np.ndarray, probabilities: np.ndarray) -> None:
        self._names.append(recording)
        self._columns.append((start_s, end_s, *probabilities.T))
        self._rows += len(probabilities)
        if self._rows >= MAX_ROWS or len(self._names) >= MAX_TABLES:
            self.flush()

    def flush(self) -> None:
        if not self._names:
            return
        lengths = [len(start_s) for start_s, *_ in self._columns]
        codes = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        arrays = [pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(self._names))]
        for field, parts in zip(list(self._schema)[1:], zip(*self._columns, strict=True), strict=True):
            arrays.append(pa.array(np.concatenate(parts), field.type))
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._names, self._columns, self._rows = [], [], 0
