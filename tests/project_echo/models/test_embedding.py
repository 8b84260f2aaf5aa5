"""Pooling of 8-bit activations: the same integers in any order of adding, and the statistics that they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.models.embedding import EPSILON, STEPS, Tap, embed, parts
from project_echo.models.pooling import Pooling


def tap_of(rows: int, columns: int, channels: int, seed: int) -> Tap:
    values = np.random.default_rng(seed).integers(0, 256, (rows, columns, channels)).astype(np.float32)
    return Tap(values, 6 / 255, exact=True)


def expected(tap: Tap, n_bands: int, pooling: Pooling) -> np.ndarray:
    """The embedding of a tap in float64, unrounded."""
    activations = tap.scale * tap.values.astype(np.float64)
    statistics = [activations.mean(axis=1), np.sqrt(activations.var(axis=1) + EPSILON)][: 2 if pooling.std else 1]
    bands = [np.stack(np.split(values, n_bands)).mean(axis=1) for values in statistics]
    pooled = np.concatenate([(np.sqrt(values + EPSILON) if pooling.sqrt else values).ravel() for values in bands])
    return STEPS * pooled


@given(st.sampled_from([1, 7, 257, 258, 700]), st.booleans(), st.booleans(), st.integers(0, 2**32))
def test_an_embedding_is_that_of_float64_rounded_and_the_order_of_time_changes_no_bit(
    columns: int, std: bool, sqrt: bool, seed: int
) -> None:
    pooling = Pooling(blocks=(1, "last"), bands=(2, 1), std=std, sqrt=sqrt)
    taps = [tap_of(4, columns, 3, seed), tap_of(2, -(-columns // 2), 5, seed + 1)]
    embedding = embed(taps, pooling)
    assert embedding.dtype == np.int16
    of_taps = [expected(tap, n_bands, pooling) for tap, n_bands in zip(taps, pooling.bands, strict=True)]
    np.testing.assert_allclose(embedding, np.concatenate(of_taps), atol=0.5 + 1e-6)
    assert [len(values) for values in of_taps] == [
        sum(sizes) for sizes in np.split(np.array(parts(pooling, [3, 5])), 2)
    ]
    reversed_taps = [Tap(tap.values[:, ::-1], tap.scale, exact=True) for tap in taps]
    np.testing.assert_array_equal(embed(reversed_taps, pooling), embedding)


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("columns", [16, 1000])
def test_constant_activations_have_no_deviation(value: int, columns: int) -> None:
    tap = Tap(np.full((2, columns, 3), value, np.float32), 6 / 255, exact=True)
    embedding = embed([tap], Pooling(blocks=(1,), bands=(1,), std=True, sqrt=False))
    assert embedding.tolist() == [round(6 / 255 * value * STEPS)] * 3 + [round(np.sqrt(EPSILON) * STEPS)] * 3


def test_floats_are_pooled_as_they_are() -> None:
    values = np.random.default_rng(1).uniform(0, 6, (4, 9, 3)).astype(np.float32)
    tap, pooling = Tap(values, 1.0, exact=False), Pooling(blocks=(1,), bands=(4,), std=True, sqrt=True)
    np.testing.assert_allclose(embed([tap], pooling), expected(tap, 4, pooling), atol=0.5 + 1e-6)
