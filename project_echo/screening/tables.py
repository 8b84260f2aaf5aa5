"""The tables of a screening, from its journal: the same whoever screened what, in whatever order."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from project_echo.core import files
from project_echo.models.classifier import Classifier
from project_echo.screening import events
from project_echo.screening.discovery import Recording
from project_echo.screening.journal import Journal
from project_echo.screening.windows import WINDOW, summarise
from project_echo.screening.windows import table as as_table

RECORDING = ["recording", "site", "recorded_at", "duration_s", "label", "confidence", "runner_up"]
RECORDING += ["runner_up_confidence", "windows", "stability", "longest_run", "note"]
ROWS, TABLES = 100_000, 1000  # of windows, and of recordings, in memory, and in a row group of the file


@dataclass(frozen=True)
class Results:
    """What people read: a row per recording, and a row per event, a table for each least confidence that was asked."""

    recordings: pd.DataFrame
    events: dict[float, pd.DataFrame]


def gather(
    done: Iterable[Recording],
    journal: Journal,
    classifier: Classifier,
    hop_seconds: float,
    confidences: Sequence[float],
    zone: tzinfo | None,
    windows: Path,
) -> Results:
    """Read what was noted of recordings, in their order, and write the probabilities of all windows to `windows`.

    Events are told for each least confidence in `confidences`. `zone` is where recorders' clocks without a zone were
    set to.
    """
    answers: list[dict[str, Any]] = []
    found: dict[float, list[pd.DataFrame]] = {least: [] for least in confidences}
    with _parquet(windows, classifier.labels) as write:
        for recording in done:
            about = journal.find(recording.name)
            if about is None:
                raise ValueError(f"{recording.name} is not in the journal")
            table = as_table(journal.probabilities(recording.name), classifier, hop_seconds)
            answer = summarise(table[list(classifier.labels)], classifier.threshold)
            told = {"recorded_at": in_zone(about["recorded_at"], zone), "duration_s": about["duration_s"]}
            answers.append(
                {"recording": recording.name, "site": recording.site, **told, **answer, "note": about["note"]}
            )
            # The window of a recording shorter than it reaches beyond it.
            table["end_s"] = table["end_s"].clip(upper=about["duration_s"])
            for least, tables in found.items():
                merged = events.merged(table, classifier.labels, classifier.threshold, least)
                if len(merged):
                    tables.append(merged.assign(recording=recording.name))
            write(recording.name, table)
    recordings = pd.DataFrame(answers, columns=RECORDING)
    return Results(recordings, {least: _joined(tables) for least, tables in found.items()})


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Events of all recordings; where there are none, columns of the same kinds."""
    if tables:
        return pd.concat(tables, ignore_index=True)[["recording", *events.EVENT]]
    kinds = {"recording": str, "label": str, "windows": int}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, float)) for name in ["recording", *events.EVENT]})


def in_zone(recorded_at: str, zone: tzinfo | None) -> str:
    """A time in ISO 8601 on the clock of `zone`: one without an offset was read from it."""
    if not recorded_at or zone is None:
        return recorded_at
    time = datetime.fromisoformat(recorded_at)
    return (time.astimezone(zone) if time.tzinfo else time.replace(tzinfo=zone)).isoformat()


@contextmanager
def _parquet(path: Path, labels: tuple[str, ...]) -> Iterator["Writer"]:
    schema = pa.schema(
        [
            pa.field("recording", pa.dictionary(pa.int32(), pa.string())),
            *(pa.field(name, pa.float64()) for name in WINDOW),
            *(pa.field(label, pa.float32()) for label in labels),
        ]
    )
    # An open stream, as pyarrow takes no path that is not UTF-8.
    with files.atomic_path(path) as beside, beside.open("wb") as stream, pq.ParquetWriter(stream, schema) as file:
        writer = Writer(file, schema)
        yield writer
        writer.flush()


class Writer:
    """Collects windows until a row group is full."""

    def __init__(self, file: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._file, self._schema = file, schema
        self._tables: list[pd.DataFrame] = []
        self._rows = 0

    def __call__(self, recording: str, windows: pd.DataFrame) -> None:
        self._tables.append(windows.assign(recording=recording))
        self._rows += len(windows)
        if self._rows >= ROWS or len(self._tables) >= TABLES:
            self.flush()

    def flush(self) -> None:
        if not self._tables:
            return
        table = pd.concat(self._tables, ignore_index=True)
        names = pd.Categorical(table["recording"])
        columns = [pa.DictionaryArray.from_arrays(pa.array(names.codes, pa.int32()), pa.array(list(names.categories)))]
        columns += [pa.array(table[field.name].to_numpy(), field.type) for field in list(self._schema)[1:]]
        self._file.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self._tables, self._rows = [], 0
