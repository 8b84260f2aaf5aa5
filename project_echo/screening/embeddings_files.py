"""Parquet files of the embeddings that a screening keeps (`embeddings`)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.features.config import Features
from project_echo.features.slices import slice_times
from project_echo.models.projection import DIMENSIONS
from project_echo.models.windows import window_times
from project_echo.screening.embeddings import kept_slices
from project_echo.screening.journal import Journal

EMBEDDINGS = "embeddings"  # folder in that of the results
ROWS, GROUPS = 16_384, 64  # slices in memory and in a row group of a Parquet file, and row groups of a file: 0.3 GB
COLUMN = "embedding"
MODEL = b"model"  # in the metadata of a file: SHA-256 of the card of the classifier
# Bytes, as reading 128 numbers in a list takes ten times as long.
SCHEMA = pa.schema(
    [
        pa.field("recording", pa.dictionary(pa.int32(), pa.string())),
        pa.field("start_s", pa.float64()),
        pa.field("end_s", pa.float64()),
        pa.field(COLUMN, pa.binary(2 * DIMENSIONS), metadata={"type": "float16", "byte_order": "little"}),
    ]
)


def write_embeddings(
    recordings: Iterable[str], journal: Journal, features: Features, slices: int, hop_s: float, folder: Path
) -> None:
    """Write the embeddings of recordings as Parquet files, a row per slice with SCHEMA.

    Parameters
    ----------
    recordings : iterable of str
        Names of recordings whose embeddings the journal has, in the order of the rows.
    journal : Journal
    features : Features
    slices : int
        Of a window, whether kept or not.
    hop_s : float
        Step between windows, s.
    folder : Path
        Folder to write, or to replace.

    Raises
    ------
    EchoError
        If the journal lacks embeddings.
    """
    schema = SCHEMA.with_metadata({MODEL: journal.model})
    pieces = (piece for name in recordings for piece in _pieces(name, journal, features, slices, hop_s))
    with files.atomic_folder(folder) as temporary, ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        for number, table in enumerate(_groups(pieces)):
            if number % GROUPS == 0:
                stack.close()
                # An open stream, as pyarrow refuses paths that are not UTF-8.
                stream = stack.enter_context((temporary / f"{number // GROUPS:05}.parquet").open("wb"))
                # Random digits neither repeat nor compress.
                options = {"compression": "none", "use_dictionary": ["recording"], "write_statistics": False}
                writer = stack.enter_context(pq.ParquetWriter(stream, schema, **options))
            assert writer is not None
            writer.write_table(table)


def _pieces(name: str, journal: Journal, features: Features, slices: int, hop_s: float) -> Iterator[pa.Table]:
    """The rows of a recording, at most ROWS at once."""
    embeddings, metadata = journal.embeddings(name), journal.metadata(name)
    if embeddings is None or metadata is None:
        raise EchoError(f"The embeddings of {name} are missing. Run the same command again.")
    times = slice_times(slices, features.window_s)[kept_slices(slices)]
    starts_s, _ = window_times(len(embeddings), features, hop_s, metadata["duration_s"])
    step = max(1, ROWS // len(times))
    for first in range(0, len(embeddings), step):
        bounds = starts_s[first : first + step, np.newaxis, np.newaxis] + times
        start_s, end_s = np.minimum(bounds, metadata["duration_s"]).reshape(-1, 2).T
        heard = end_s > start_s  # others lie in the padding of a short recording
        vectors = np.ascontiguousarray(embeddings[first : first + step].reshape(-1, DIMENSIONS)[heard], "<f2")
        buffers = [None, pa.py_buffer(vectors)]
        column = pa.FixedSizeBinaryArray.from_buffers(SCHEMA.field(COLUMN).type, len(vectors), buffers)
        names = pa.DictionaryArray.from_arrays(np.zeros(len(vectors), np.int32), [name])
        yield pa.Table.from_arrays([names, pa.array(start_s[heard]), pa.array(end_s[heard]), column], schema=SCHEMA)


def _groups(pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows, ROWS at once; a last table with fewer, also if there are none at all."""
    waiting: list[pa.Table] = []
    n_rows = 0
    for piece in pieces:
        waiting.append(piece)
        n_rows += len(piece)
        while n_rows >= ROWS:
            joined = _joined(waiting)
            yield joined[:ROWS]
            waiting, n_rows = [joined[ROWS:]], n_rows - ROWS
    if n_rows:
        yield _joined(waiting)


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of tables, whose dictionary has the names of these recordings alone."""
    table = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    names = table.column("recording").cast(pa.string()).combine_chunks().dictionary_encode()
    return table.set_column(0, SCHEMA.field("recording"), names)
