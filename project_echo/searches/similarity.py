"""How much each slice of a screening sounds like the examples of a search.

Similarity is a linear discriminant of the examples against all that was screened: the difference of their embedding
from the mean, by the inverse covariance, which is shrunk towards a multiple of the identity. So what most of the
recordings have in common, such as their noise, counts little. It is 0 for the mean of all and 1 for that of the
examples. Slices are read in parts: 28 bytes of each are kept, 80 MB for 1,000 hours with a window every 5 s.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from project_echo.core.errors import EchoError
from project_echo.screening.embeddings import COLUMN, EMBEDDINGS, SCHEMA

SHRINKAGE = 0.5  # best of 0.1 to 0.9 on real calls mixed into real background
SAMPLE_GROUPS, SAMPLE_ROWS = 32, 131_072  # row groups and slices whose mean and covariance stand for those of all
GROUPS_PER_TASK = 4
TINY = 1e-30  # instead of 0
CHUNK = 4096  # slices converted to 32 bits at once
Part = tuple[Path, range]  # row groups of a file


@dataclass(frozen=True)
class Slices:
    """The slices of a screening.

    Attributes
    ----------
    names : list of str
        Recordings.
    recording : np.ndarray of int32, shape (slices,)
        Index in `names`. The slices of a recording follow each other.
    start_s, end_s : np.ndarray of shape (slices,)
        In the recording, s.
    similarity : np.ndarray of shape (slices,), float32
    """

    names: list[str]
    recording: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    similarity: np.ndarray


def embedding_files(results: Path) -> list[Path]:
    """The files with the embeddings of a screening. Raises EchoError if it kept none."""
    paths = sorted((results / EMBEDDINGS).glob("[!.]*.parquet"))
    if not paths:
        raise EchoError(
            f"{results} has no embeddings to search in. Run `project-echo predict --embeddings` into the same folder; "
            "recordings that were screened without are screened again."
        )
    return paths


def compare_slices(paths: Sequence[Path], query: np.ndarray, jobs: int) -> Slices:
    """Compare the slices of a screening to examples.

    Parameters
    ----------
    paths : sequence of Path
        From `embedding_files`.
    query : np.ndarray of shape (dimensions,), float32
        From `examples.embed_examples`.
    jobs : int
        Threads.

    Returns
    -------
    Slices

    Raises
    ------
    EchoError
        If a file cannot be used.
    """
    try:
        with threadpool_limits(1), ThreadPoolExecutor(jobs) as pool:
            groups = [(path, group) for path in paths for group in range(_count_groups(path))]
            mean, covariance = _statistics([*pool.map(_read_vectors, _spread(groups))])
            weights = discriminant(query, mean, covariance)
            parts = [*pool.map(lambda part: _compare_part(part, mean, weights), _parts(groups))]
    except (OSError, pa.ArrowException) as error:
        raise EchoError(f"{paths[0].parent} cannot be read ({error}). Screen again with --embeddings.") from None
    return _joined(parts)


def discriminant(query: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Weights of a linear discriminant, by which the query minus the mean is 1.

    Parameters
    ----------
    query, mean : np.ndarray of shape (dimensions,)
    covariance : np.ndarray of shape (dimensions, dimensions)

    Returns
    -------
    np.ndarray of shape (dimensions,), float32
    """
    level = max(float(np.trace(covariance)) / len(mean), TINY)
    shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * level * np.eye(len(mean))
    difference = query.astype(float) - mean
    weights = np.linalg.solve(shrunk, difference)
    weights /= max(float(weights @ difference), TINY)
    return weights.astype(np.float32)


def _statistics(samples: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of slices."""
    every = max(1, sum(map(len, samples)) // SAMPLE_ROWS)
    vectors = np.concatenate([sample[::every] for sample in samples]).astype(np.float32)
    mean = vectors.mean(axis=0, dtype=float)
    vectors -= mean.astype(np.float32)
    return mean, (vectors.T @ vectors).astype(float) / len(vectors)


def _spread(groups: list[tuple[Path, int]]) -> list[Part]:
    chosen = np.unique(np.linspace(0, len(groups) - 1, SAMPLE_GROUPS).round().astype(int))
    return [(groups[index][0], range(groups[index][1], groups[index][1] + 1)) for index in chosen]


def _parts(groups: list[tuple[Path, int]]) -> Iterator[Part]:
    for path in dict.fromkeys(path for path, _ in groups):
        n_groups = sum(other == path for other, _ in groups)
        for first in range(0, n_groups, GROUPS_PER_TASK):
            yield path, range(first, min(n_groups, first + GROUPS_PER_TASK))


def _count_groups(path: Path) -> int:
    with path.open("rb") as stream:
        file = pq.ParquetFile(stream)
        if not file.schema_arrow.equals(SCHEMA):
            raise EchoError(f"{path} was written by another version of this project. Screen again with --embeddings.")
        return file.num_row_groups


def _read_vectors(part: Part) -> np.ndarray:
    """Embeddings of some row groups, shape (slices, dimensions), float16."""
    path, groups = part
    with path.open("rb") as stream:
        table = pq.ParquetFile(stream).read_row_groups([*groups], columns=[COLUMN], use_threads=False)
    return _vectors(table)


def _vectors(table: pa.Table) -> np.ndarray:
    column = table.column(COLUMN)
    width = column.type.byte_width // 2
    chunks = [
        np.frombuffer(chunk.buffers()[1], "<f2", len(chunk) * width, chunk.offset * 2 * width).reshape(-1, width)
        for chunk in column.chunks
    ]
    return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)


def _compare_part(part: Part, mean: np.ndarray, weights: np.ndarray) -> Slices:
    path, groups = part
    found = []
    with path.open("rb") as stream:
        file = pq.ParquetFile(stream)
        for group in groups:
            table = file.read_row_group(group, use_threads=False)
            vectors = _vectors(table)
            similarity = np.concatenate(
                [vectors[first : first + CHUNK].astype(np.float32) @ weights for first in range(0, len(vectors), CHUNK)]
            )
            names = table.column("recording").unify_dictionaries().combine_chunks()
            found.append(
                Slices(
                    names.dictionary.to_pylist(),
                    names.indices.to_numpy(),
                    table.column("start_s").to_numpy(),
                    table.column("end_s").to_numpy(),
                    similarity - np.float32(mean @ weights),
                )
            )
    return _joined(found)


def _joined(parts: list[Slices]) -> Slices:
    names: dict[str, int] = {}
    codes = []
    for part in parts:
        own = np.array([names.setdefault(name, len(names)) for name in part.names], np.int32)
        codes.append(own[part.recording])
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ("start_s", "end_s", "similarity")]
    return Slices([*names], np.concatenate(codes), *columns)
