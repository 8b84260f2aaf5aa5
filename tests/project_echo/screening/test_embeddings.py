"""Embeddings that a screening keeps for searches."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from project_echo.features.melspectrogram import window_starts
from project_echo.models.classifier import load_classifier
from project_echo.models.projection import DIMENSIONS
from project_echo.screening import embeddings, embeddings_files
from project_echo.screening.screen import screen
from tests.project_echo.conftest import Messages
from tests.project_echo.screening.conftest import HIGH, LOW, QUIET, RATE, Make, tables
from tests.sounds import FEATURES, write_wav

HOP_S = 0.5


def vectors(folder: Path) -> tuple[pa.Table, np.ndarray]:
    """The table of embeddings, and the embeddings as an array."""
    table = pa.concat_tables(pq.read_table(path) for path in sorted((folder / "embeddings").iterdir()))
    return table, np.stack([np.frombuffer(value, "<f2") for value in table.column("embedding").to_pylist()])


def test_kept_embeddings_are_those_of_the_windows_with_any_number_of_threads(
    by_pitch_or_none: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings_files, "ROWS", 100)  # several row groups and files
    monkeypatch.setattr(embeddings_files, "GROUPS", 1)
    path = write_wav(tmp_path / "a.wav", np.concatenate([LOW, HIGH, QUIET, HIGH, QUIET] * 12), RATE, "FLOAT")
    samples = np.concatenate([LOW, HIGH, QUIET, HIGH, QUIET] * 12)
    outputs = [tmp_path / "one", tmp_path / "two"]
    for jobs, output in enumerate(outputs, 1):
        screen(path, model=by_pitch_or_none, output=output, hop_seconds=HOP_S, embeddings=True, jobs=jobs)
    assert tables(outputs[0]) == tables(outputs[1])
    table, kept = vectors(outputs[0])
    embedder = load_classifier(by_pitch_or_none).embedder
    starts = window_starts(len(samples), FEATURES, HOP_S)
    expected = embeddings.project_kept(embedder.embed(embedder.windows(samples, starts)))
    assert len(list((outputs[0] / "embeddings").iterdir())) > 1
    np.testing.assert_array_equal(kept, expected.reshape(-1, DIMENSIONS))
    start_s = (starts * FEATURES.hop_length / RATE)[:, np.newaxis] + [0, FEATURES.window_s / 2]
    np.testing.assert_allclose(table.column("start_s"), start_s.ravel())
    np.testing.assert_allclose(table.column("end_s"), start_s.ravel() + FEATURES.window_s / 2)
    assert set(table.column("recording").to_pylist()) == {path.as_posix()}


@pytest.mark.parametrize(("slices", "kept"), [(1, [0]), (2, [0, 1]), (7, [0, 2, 4, 6])])
def test_kept_slices_cover_a_window(slices: int, kept: list[int]) -> None:
    assert embeddings.kept_slices(slices).tolist() == kept


def test_recordings_without_embeddings_are_screened_again_and_a_run_without_leaves_none(
    arguments: Make, tmp_path: Path, messages: Messages
) -> None:
    fresh = arguments(embeddings=True, output=tmp_path / "fresh")
    screen(**fresh)
    lines = messages()
    assert any("Embeddings take" in line for line in lines)
    screen(**arguments())
    plain = tables(tmp_path / "results")
    messages()
    screen(**arguments(embeddings=True))
    assert any("screen again" in line for line in messages())
    assert tables(tmp_path / "results") == tables(tmp_path / "fresh")
    assert tables(tmp_path / "results").keys() - plain.keys() == {"embeddings/00000.parquet"}
    screen(**arguments(embeddings=True))
    assert not any("screen again" in line for line in messages())
    screen(**arguments())
    assert tables(tmp_path / "results") == plain


def test_a_changed_recording_has_no_embeddings_of_before(arguments: Make, recordings: Path, tmp_path: Path) -> None:
    screen(**arguments(embeddings=True))
    changed = recordings / "pond/20240501_053000.wav"
    write_wav(changed, np.concatenate([QUIET, HIGH]), RATE)
    screen(**arguments())  # without embeddings
    screen(**arguments(embeddings=True))
    screen(**arguments(embeddings=True, output=tmp_path / "fresh"))
    assert tables(tmp_path / "results") == tables(tmp_path / "fresh")


def test_a_short_recording_has_no_slices_in_its_padding(by_pitch_or_none: Path, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "short.wav", HIGH[: round(0.4 * RATE)], RATE)
    screen(path, model=by_pitch_or_none, output=tmp_path / "results", embeddings=True, jobs=1)
    table, _ = vectors(tmp_path / "results")
    assert table.column("end_s").to_pylist() == [0.4]


def test_a_row_group_has_no_names_but_those_of_its_rows(
    by_pitch_or_none: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings_files, "ROWS", 4)
    names = [write_wav(tmp_path / f"{number}.wav", HIGH, RATE).as_posix() for number in range(6)]
    screen(tmp_path, model=by_pitch_or_none, output=tmp_path / "results", embeddings=True, jobs=1)
    file = pq.ParquetFile(tmp_path / "results" / "embeddings" / "00000.parquet")
    columns = [file.read_row_group(group).column("recording") for group in range(file.num_row_groups)]
    assert sorted({name for column in columns for name in column.to_pylist()}) == names
    assert len(columns) > 1
    for column in columns:
        assert set(column.unify_dictionaries().chunk(0).dictionary.to_pylist()) == set(column.to_pylist())
