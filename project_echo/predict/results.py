"""The tables of a screening, from its journal: the same whoever screened what, in whatever order."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from project_echo import files, screening
from project_echo.classifier import Classifier
from project_echo.predict import events
from project_echo.predict.finding import Recording
from project_echo.predict.journal import Journal

RECORDING = ["recording", "site", "recorded_at", "duration_s", "label", "confidence", "runner_up"]
RECORDING += ["runner_up_confidence", "windows", "stability", "longest_run", "note"]
ROWS = 100_000  # of windows in memory, and in a row group of the file


@dataclass(frozen=True)
class Results:
    """What people read: a row per recording, and a row per event."""

    recordings: pd.DataFrame
    events: pd.DataFrame


def gather(
    done: Iterable[Recording],
    journal: Journal,
    classifier: Classifier,
    hop_seconds: float,
    min_confidence: float,
    zone: tzinfo | None,
    windows: Path,
) -> Results:
    """Read what was noted of recordings, in their order, and write the probabilities of all windows to `windows`.

    `zone` is where recorders' clocks without a zone were set to.
    """
    answers, found = [], [pd.DataFrame(columns=["recording", *events.EVENT])]
    with _parquet(windows, classifier.labels) as write:
        for recording in done:
            about = journal.find(recording.name)
            if about is None:
                raise ValueError(f"{recording.name} is not in the journal")
            table = screening.table(journal.probabilities(recording.name), classifier, hop_seconds)
            answer = screening.summarise(table[list(classifier.labels)], classifier.threshold)
            told = {"recorded_at": in_zone(about["recorded_at"], zone), "duration_s": about["duration_s"]}
            answers.append(
                {"recording": recording.name, "site": recording.site, **told, **answer, "note": about["note"]}
            )
            merged = events.merged(table, classifier.labels, classifier.threshold, min_confidence)
            # The last window of a short recording reaches beyond it.
            merged["end_s"] = merged["end_s"].clip(upper=about["duration_s"])
            merged.insert(0, "recording", recording.name)
            found.append(merged)
            write(recording.name, table)
    recordings = pd.DataFrame(answers, columns=RECORDING)
    return Results(recordings, pd.concat([some for some in found if len(some)] or found[:1], ignore_index=True))


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
            *(pa.field(name, pa.float64()) for name in screening.WINDOW),
            *(pa.field(label, pa.float32()) for label in labels),
        ]
    )
    with files.replacing(path) as beside, pq.ParquetWriter(beside, schema, compression="zstd") as file:
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
        if self._rows >= ROWS:
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
