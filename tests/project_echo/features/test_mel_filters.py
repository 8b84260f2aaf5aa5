"""Mel filters fit their features, and a file of them is read as it was written."""

import subprocess
import sys
from pathlib import Path

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.core.errors import EchoError
from project_echo.features.config import Features
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import (
    band_edges,
    check_bands,
    read_mel_filters,
    write_mel_filters,
)

FEATURES = Features(
    sample_rate=22050,
    window_s=5.0,
    n_fft=2048,
    win_length=2048,
    hop_length=512,
    n_mels=128,
    fmin=50.0,
    fmax=11025.0,
    top_db=80.0,
)


@given(
    n_fft=st.integers(64, 4096),
    n_mels=st.integers(32, 128),
    fmin=st.floats(0, 3000),
    width=st.floats(100, 8000),
)
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_bands_lie_where_librosa_has_them(n_fft: int, n_mels: int, fmin: float, width: float) -> None:
    features = FEATURES.model_copy(
        update={"n_fft": n_fft, "win_length": n_fft, "n_mels": n_mels, "fmin": fmin, "fmax": fmin + width}
    )
    edges = librosa.mel_frequencies(n_mels + 2, fmin=features.fmin, fmax=features.fmax)
    np.testing.assert_allclose(band_edges(features), edges, rtol=1e-9, atol=1e-9)
    assert compute_mel_filters(features).shape == (n_mels, n_fft // 2 + 1)


@given(
    n_fft=st.integers(64, 4096),
    n_mels=st.integers(32, 128),
    fmin=st.floats(0, 3000),
    width=st.floats(100, 8000),
)
@pytest.mark.filterwarnings("ignore:Empty filters")  # librosa's warning of what is an error here
def test_bands_without_a_bin_are_an_error_that_counts_them(n_fft: int, n_mels: int, fmin: float, width: float) -> None:
    sizes = {"n_fft": n_fft, "win_length": n_fft, "n_mels": n_mels, "fmin": fmin, "fmax": fmin + width}
    features = FEATURES.model_copy(update=sizes)
    empty = int((~compute_mel_filters(features).any(axis=1)).sum())
    if empty:
        with pytest.raises(EchoError, match=f"{empty} of {n_mels} "):
            check_bands(features)
    else:
        check_bands(features)


def test_filters_are_those_of_librosa() -> None:
    weights = compute_mel_filters(FEATURES)
    expected = librosa.filters.mel(sr=22050, n_fft=2048, n_mels=128, fmin=50, fmax=11025)
    np.testing.assert_allclose(weights, expected, rtol=0, atol=2**-24)
    assert weights.dtype == np.float32
    assert weights.any(axis=1).all()


def test_a_file_is_read_as_written_and_a_second_one_has_the_same_bytes(tmp_path: Path) -> None:
    filters = compute_mel_filters(FEATURES)
    for name in ("first.npz", "second.npz"):
        write_mel_filters(filters, tmp_path / name)
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()
    np.testing.assert_array_equal(read_mel_filters(tmp_path / "first.npz", FEATURES), filters)


@pytest.mark.parametrize("changes", [{"n_mels": 64}, {"n_mels": 129}, {"n_fft": 4096, "win_length": 4096}])
def test_filters_of_other_features_are_an_error_that_names_the_file(tmp_path: Path, changes: dict[str, object]) -> None:
    write_mel_filters(compute_mel_filters(FEATURES), tmp_path / "mel_filters.npz")
    with pytest.raises(EchoError, match=r"mel_filters\.npz"):
        read_mel_filters(tmp_path / "mel_filters.npz", FEATURES.model_copy(update=changes))


@pytest.mark.parametrize("size", [None, 0, 100, 10_000])
def test_a_missing_or_damaged_file_is_an_error_that_names_it(tmp_path: Path, size: int | None) -> None:
    path = tmp_path / "mel_filters.npz"
    if size is not None:
        write_mel_filters(compute_mel_filters(FEATURES), path)
        path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(EchoError, match=r"mel_filters\.npz"):
        read_mel_filters(path, FEATURES)


def test_other_arrays_are_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mel_filters.npz"
    np.savez(path, shape=np.array([128, 1025]))
    with pytest.raises(EchoError, match=r"mel_filters\.npz"):
        read_mel_filters(path, FEATURES)


def test_images_are_made_without_librosa() -> None:
    code = "import sys, project_echo.features.melspectrogram, project_echo.features.augmentation\nprint(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"librosa", "numba", "soxr", "sklearn", "scipy.signal"} & set(modules)
