"""Pooling of 8-bit activations: the same integers in any order of adding, and the statistics that they stand for."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from project_echo.core.errors import EchoError
from project_echo.features.slices import slice_edges, slice_times
from project_echo.models.embedding import (
    EPSILON,
    WEIGHTS,
    Tap,
    check_shapes,
    embed,
    entry_weights,
    floor_variance,
    parts,
    slice_spans,
    steps,
)
from project_echo.models.pooling import Pooled, Pooling

SIX = 6 / 255


def pooling_of(*bands: int, slices: int = 1, std: bool = False, sqrt: bool = False) -> Pooling:
    return Pooling(blocks=tuple(range(1, len(bands) + 1)), bands=bands, slices=slices, std=std, sqrt=sqrt)


def tap_of(rows: int, columns: int, channels: int, seed: int) -> Tap:
    values = np.random.default_rng(seed).integers(0, 256, (rows, columns, channels)).astype(np.float32)
    return Tap(values, SIX, exact=True)


def expected(taps: list[Tap], pooling: Pooling) -> np.ndarray:
    """The embeddings of taps in float64, unrounded, shape (slices, width)."""
    slices = []
    for number in range(pooling.slices):
        pooled = []
        for tap, n_bands in zip(taps, pooling.bands, strict=True):
            columns = tap.values.shape[1]
            part = columns / (pooling.slices + 1 if pooling.slices > 1 else 1)
            first, last = round(number * part), round((number + 2) * part) if pooling.slices > 1 else columns
            activations = tap.scale * tap.values[:, first:last].astype(np.float64)
            bands = np.split(activations, n_bands)
            pooled += [band.mean(axis=(0, 1)) for band in bands]
            if pooling.std:
                pooled += [np.sqrt(band.var(axis=(0, 1)) + EPSILON) for band in bands]
        slices.append(np.concatenate(pooled))
    values = np.stack(slices)
    return steps(pooling) * (np.sqrt(values + EPSILON) if pooling.sqrt else values)


@given(st.sampled_from([9, 39, 257, 258, 700]), st.integers(1, 8), st.booleans(), st.booleans(), st.integers(0, 2**32))
def test_embeddings_are_those_of_float64_rounded_and_the_order_of_time_changes_no_bit(
    columns: int, slices: int, std: bool, sqrt: bool, seed: int
) -> None:
    pooling = pooling_of(2, 1, slices=slices, std=std, sqrt=sqrt)
    taps = [tap_of(4, columns, 3, seed), tap_of(2, 9, 5, seed + 1)]
    embeddings = embed(taps, pooling)
    assert (embeddings.shape, embeddings.dtype) == ((slices, sum(parts(pooling, [3, 5]))), np.uint8)
    np.testing.assert_allclose(embeddings, expected(taps, pooling), atol=0.5 + 1e-4)
    if slices == 1:
        reversed_taps = [Tap(tap.values[:, ::-1], tap.scale, exact=True) for tap in taps]
        np.testing.assert_array_equal(embed(reversed_taps, pooling), embeddings)


@given(st.integers(2, 12), st.integers(0, 99))
def test_a_single_slice_is_the_whole_window_and_slices_depend_on_their_own_columns_alone(
    slices: int, seed: int
) -> None:
    tap, changed = tap_of(4, 60, 3, seed), tap_of(4, 60, 3, seed + 1)
    edges = slice_edges(60, slices)
    first, last = edges[3 % slices], edges[3 % slices + 2]
    changed.values[:, first:last] = tap.values[:, first:last]
    pooling = pooling_of(2, slices=slices, std=True)
    np.testing.assert_array_equal(embed([changed], pooling)[3 % slices], embed([tap], pooling)[3 % slices])
    alone = Tap(tap.values[:, first:last], tap.scale, exact=True)
    np.testing.assert_array_equal(embed([alone], pooling_of(2, std=True))[0], embed([tap], pooling)[3 % slices])


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(("rows", "columns"), [(2, 60), (16, 300)])  # the latter's sums are beyond float32
def test_what_is_known_to_be_exact_changes_no_bit(rows: int, columns: int, exact: bool) -> None:
    tap, pooling = tap_of(rows, columns, 3, 1), pooling_of(1, slices=3, std=True, sqrt=True)
    tap.values[:, :20] = 255
    np.testing.assert_array_equal(embed([Tap(tap.values, SIX, exact)], pooling), embed([tap], pooling))
    np.testing.assert_allclose(embed([tap], pooling), expected([tap], pooling), atol=0.5 + 1e-4)


@pytest.mark.parametrize("sqrt", [True, False])
@pytest.mark.parametrize("value", [0, 1, 255])
@pytest.mark.parametrize("columns", [16, 1000])
def test_the_range_of_activations_is_that_of_8_bits_and_constant_ones_have_no_deviation(
    value: int, columns: int, sqrt: bool
) -> None:
    tap = Tap(np.full((2, columns, 3), value, np.float32), SIX, exact=True)
    for row in embed([tap], pooling_of(1, slices=3, std=True, sqrt=sqrt)).tolist():
        mean = 255 * np.sqrt((value / 255) + EPSILON / 6) if sqrt else value
        assert row[:3] == [min(255, round(mean))] * 3
        assert max(row[3:]) <= 4  # sqrt(EPSILON), or the root of that


def test_floats_are_pooled_as_they_are_and_bounded_by_the_highest_step() -> None:
    values = np.random.default_rng(1).uniform(0, 6, (4, 9, 3)).astype(np.float32)
    pooling = pooling_of(4, slices=2, std=True, sqrt=True)
    tap = Tap(values, 1.0, exact=False)
    np.testing.assert_allclose(embed([tap], pooling), expected([tap], pooling), atol=0.5 + 1e-4)
    assert embed([Tap(np.full((4, 9, 3), 6.1, np.float32), 1.0, exact=False)], pooling_of(4)).max() == 255


@pytest.mark.parametrize("slices", [1, 2, 3, 7, 12])
def test_slices_are_of_the_same_length_each_half_over_the_next_and_cover_the_window(slices: int) -> None:
    times = slice_times(slices, 5.0)
    assert times.shape == (slices, 2)
    assert (times[0, 0], times[-1, 1]) == (0, 5)
    np.testing.assert_allclose(times[:, 1] - times[:, 0], 5 if slices == 1 else 10 / (slices + 1))
    for (_, end), (start, _), (before, _) in zip(times, times[1:], times, strict=False):
        assert start == pytest.approx((before + end) / 2)
    np.testing.assert_allclose(slice_times(7, 5.0)[:2], [[0, 1.25], [0.625, 1.875]])


@pytest.mark.parametrize("slices", [1, 2, 3, 7, 12])
def test_the_spans_of_slices_lie_within_them_and_together_are_the_window(slices: int) -> None:
    spans, times = slice_spans(slices, 5.0), slice_times(slices, 5.0)
    assert (spans[0, 0], spans[-1, 1]) == (0, 5)
    np.testing.assert_array_equal(spans[1:, 0], spans[:-1, 1])
    assert (spans[:, 0] >= times[:, 0]).all() and (spans[:, 1] <= times[:, 1]).all()
    np.testing.assert_allclose(np.diff(spans)[1:-1], 5 / (slices + 1))


@given(st.integers(1, 12), st.integers(13, 400))
def test_the_edges_of_slices_in_columns_are_their_times(slices: int, columns: int) -> None:
    edges = slice_edges(columns, slices)
    assert (edges[0], edges[-1]) == (0, columns)
    assert all(later > earlier for earlier, later in itertools.pairwise(edges))
    np.testing.assert_allclose(edges[:slices], slice_times(slices, columns)[:, 0], atol=0.5)
    np.testing.assert_allclose(edges[-slices:], slice_times(slices, columns)[:, 1], atol=0.5)


@pytest.mark.parametrize("std", [True, False])
def test_every_entry_has_the_weight_of_its_statistic_and_block(std: bool) -> None:
    pooling = Pooling(blocks=(6, "last"), bands=(2, 1), slices=7, std=std, sqrt=True)
    sizes = parts(pooling, [3, 5])
    assert sizes == ([6, 6, 5, 5] if std else [6, 5])
    weights = entry_weights(Pooled(**pooling.model_dump(), sizes=tuple(sizes)))
    chosen = [weight for block in (6, "last") for weight in WEIGHTS[block][: 1 + std]]
    assert weights.tolist() == [weight for weight, size in zip(chosen, sizes, strict=True) for _ in range(size)]


def test_weights_are_known_of_every_block_and_have_few_binary_digits() -> None:
    assert set(WEIGHTS) == {*range(1, 17), "last"}
    for weight in itertools.chain.from_iterable(WEIGHTS.values()):
        assert weight > 0
        assert weight * 2**8 == int(weight * 2**8)  # products with sums of integers of float32 are exact


@pytest.mark.parametrize(
    ("shape", "bands", "slices", "words"),
    [
        ((16, 20, 3), 3, 1, ["embed.bands", "block 1", "16 rows", "3 bands"]),
        ((16, 7, 3), 4, 7, ["embed.slices", "block 1", "7 columns", "at most 6", "features.window_s"]),
        ((16, 1, 3), 4, 2, ["embed.slices", "1 columns", "at most 1"]),
    ],
)
def test_blocks_that_cannot_be_divided_are_an_error_that_names_the_parameter(
    shape: tuple[int, int, int], bands: int, slices: int, words: list[str]
) -> None:
    with pytest.raises(EchoError) as error:
        check_shapes([shape], pooling_of(bands, slices=slices))
    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.parametrize(("columns", "slices"), [(1, 1), (3, 2), (8, 7), (250, 7)])
def test_as_many_slices_as_have_a_column_each_are_accepted(columns: int, slices: int) -> None:
    check_shapes([(16, columns, 3)], pooling_of(4, slices=slices))
    assert embed([tap_of(16, columns, 3, 1)], pooling_of(4, slices=slices)).shape == (slices, 12)


@pytest.mark.parametrize(
    "wrong",
    [{"slices": 0}, {"bands": (1, 1)}, {"blocks": (17,)}, {"blocks": ()}, {"bands": (0,)}, {"slices": None}],
    ids=str,
)
def test_a_pooling_that_makes_no_sense_is_an_error_that_names_the_key(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Pooling(**(pooling_of(1).model_dump() | wrong))


def test_constant_channels_get_a_share_of_the_mean_variance() -> None:
    assert floor_variance(np.array([0.0, 1.0, 2.0])).tolist() == [0.01, 1, 2]
    assert (floor_variance(np.zeros(3)) > 0).all()
