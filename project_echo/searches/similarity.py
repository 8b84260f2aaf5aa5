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
from project_echo.screening.embeddings_files import COLUMN, EMBEDDINGS, MODEL, ROWS, SCHEMA

SHRINKAGE = 0.5  # 0.5 and 0.7 are best of 0.1 to 0.9, for real calls mixed into real background
SAMPLE_GROUPS, SAMPLE_ROWS = 32, 32_768  # row groups and slices whose mean and covariance stand for those of all
GROUPS_PER_TASK = 4
TINY = 1e-30  # instead of 0
CHUNK = 1024  # slices converted to 32 bits at once
MASK = np.int32(-0x70002000)  # 0x8FFFE000: sign, 5 bits of exponent and 10 of fraction, 13 bits further left
EXPONENTS = np.float32(2.0**112)  # by the difference between the exponents' offsets in 32 and 16 bits
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


def embeddings_files(results: Path) -> list[Path]:
    """The files with the embeddings of a screening. Raises EchoError if it kept none."""
    paths = sorted((results / EMBEDDINGS).glob("[!.]*.parquet"))
    if not paths:
        raise EchoError(
            f"{results} has no embeddings to search in. Run `project-echo predict --embeddings` into the same folder; "
            "recordings that were screened without are screened again."
        )
    return paths


def compare_slices(paths: Sequence[Path], query: np.ndarray, model: str, jobs: int) -> Slices:
    """Compare the slices of a screening to examples.

    Parameters
    ----------
    paths : sequence of Path
        From `embeddings_files`.
    query : np.ndarray of shape (dimensions,), float32
        From `examples.embed_examples`.
    model : str
        SHA-256 of the card of the classifier that embedded the examples.
    jobs : int
        Threads.

    Returns
    -------
    Slices

    Raises
    ------
    EchoError
        If a file cannot be used, or has the embeddings of another classifier.
    """
    try:
        with threadpool_limits(1), ThreadPoolExecutor(jobs) as pool:
            groups = [(path, group) for path in paths for group in range(_count_groups(path, model))]
            mean, covariance = _statistics([*pool.map(_read_sample, _spread(groups))])
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


def products(vectors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``vectors.astype(float32) @ weights``, in a third of the time.

    NumPy converts one number at a time; here their bits are moved to the places that they have in 32 bits, and the
    weights make up for the exponents. All vectors must be finite, as projections are.

    Parameters
    ----------
    vectors : np.ndarray of shape (n, dimensions), float16
    weights : np.ndarray of shape (dimensions,), float32

    Returns
    -------
    np.ndarray of shape (n,), float32
    """
    result = np.empty(len(vectors), np.float32)
    bits = np.empty((CHUNK, vectors.shape[1]), np.int32)
    largest = np.float32(2.0 ** np.ceil(np.log2(max(float(np.abs(weights).max()), TINY))))  # divides exactly
    scaled = weights / largest * EXPONENTS
    for first in range(0, len(vectors), CHUNK):
        chunk = vectors[first : first + CHUNK].view(np.int16)
        moved = bits[: len(chunk)]
        np.left_shift(chunk, 13, out=moved, dtype=np.int32)
        np.bitwise_and(moved, MASK, out=moved)
        np.matmul(moved.view(np.float32), scaled, out=result[first : first + CHUNK])
    result *= largest
    return result


def _statistics(samples: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of slices."""
    vectors = np.concatenate(samples).astype(np.float32)
    mean = vectors.mean(axis=0, dtype=float)
    vectors -= mean.astype(np.float32)
    return mean, (vectors.T @ vectors).astype(float) / len(vectors)


def _spread(groups: list[tuple[Path, int]]) -> list[tuple[Path, int, int]]:
    """Row groups spread over all, each with a step between the slices of it that are used."""
    chosen = np.unique(np.linspace(0, len(groups) - 1, SAMPLE_GROUPS).round().astype(int))
    every = max(1, len(chosen) * ROWS // SAMPLE_ROWS)
    return [(*groups[index], every) for index in chosen]


def _parts(groups: list[tuple[Path, int]]) -> Iterator[Part]:
    for path in dict.fromkeys(path for path, _ in groups):
        n_groups = sum(other == path for other, _ in groups)
        for first in range(0, n_groups, GROUPS_PER_TASK):
            yield path, range(first, min(n_groups, first + GROUPS_PER_TASK))


def _count_groups(path: Path, model: str) -> int:
    with path.open("rb") as stream:
        file = pq.ParquetFile(stream)
        if not file.schema_arrow.equals(SCHEMA):
            raise EchoError(f"{path} was written by another version of this project. Screen again with --embeddings.")
        if (file.schema_arrow.metadata or {}).get(MODEL) != model.encode():
            raise EchoError(
                f"{path} has the embeddings of a different model than the results beside it: the screening that "
                "replaces them was stopped. Run the same `project-echo predict --embeddings` again."
            )
        return file.num_row_groups


def _read_sample(sample: tuple[Path, int, int]) -> np.ndarray:
    """Some embeddings of a row group, shape (slices, dimensions), float16."""
    path, group, every = sample
    with path.open("rb") as stream:
        table = pq.ParquetFile(stream).read_row_group(group, columns=[COLUMN], use_threads=False)
    return _vectors(table)[::every].copy()


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
            similarity = products(_vectors(table), weights)
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
