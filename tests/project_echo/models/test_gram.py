"""Inner products of embeddings: exact integers, and coordinates that reproduce them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.models.gram import combine, gram_matrices, span


def rows_of(n: int, width: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(-(2**13), 2**13, (n, width)).astype(np.int16)


@given(st.integers(1, 4), st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(0, 2**32))
def test_inner_products_are_those_of_pythons_integers(n: int, sizes: list[int], seed: int) -> None:
    first, second = rows_of(n, sum(sizes), seed), rows_of(3, sum(sizes), seed + 1)
    grams = gram_matrices(first, second, sizes)
    assert grams.shape == (len(sizes), n, 3)
    end = 0
    for gram, size in zip(grams, sizes, strict=True):
        part = slice(end, end := end + size)
        expected = [[sum(map(int.__mul__, a.tolist(), b.tolist())) for b in second[:, part]] for a in first[:, part]]
        assert gram.tolist() == expected


def test_inner_products_are_exact_in_any_order_of_the_columns_and_with_the_largest_values() -> None:
    rows = rows_of(7, 9000)
    rows[0], rows[1] = 2**15 - 1, -(2**15)
    order = np.random.default_rng(2).permutation(9000)
    grams = gram_matrices(rows, rows, [9000])
    assert grams.tobytes() == gram_matrices(rows[:, order], rows[:, order], [9000]).tobytes()
    assert grams.tobytes() == gram_matrices(rows, rows.copy(), [9000]).tobytes()
    assert grams[0, 0, 1] == -(2**15) * (2**15 - 1) * 9000


@pytest.mark.parametrize(("n", "width"), [(9, 30), (30, 9)])
def test_coordinates_reproduce_inner_products_of_centered_and_scaled_rows(n: int, width: int) -> None:
    sizes = [width - 3, 3]
    rows = rows_of(n, width)
    rows[:, -3:] //= 100
    spanned = span(gram_matrices(rows, rows, sizes), sizes)
    parts = np.split(rows - rows.mean(axis=0), [width - 3], axis=1)
    scaled = np.hstack([part / np.sqrt(np.mean(part**2)) for part in parts])
    assert spanned.rows.shape == (n, min(n - 1, width))
    np.testing.assert_allclose(spanned.rows @ spanned.rows.T, scaled @ scaled.T, atol=1e-9)
    np.testing.assert_allclose(spanned.coordinates(gram_matrices(rows, rows, sizes)), spanned.rows, atol=1e-9)
    coefficients = spanned.coefficients(spanned.rows[:2].T)
    np.testing.assert_allclose(scaled.T @ coefficients, scaled[:2].T, atol=1e-9)


def test_rows_outside_are_projected() -> None:
    rows, others = rows_of(6, 40), rows_of(5, 40, seed=2)
    spanned = span(gram_matrices(rows, rows, [40]), [40])
    mean, scale = rows.mean(axis=0), np.sqrt(spanned.weights[0])
    centered, outside = (rows - mean) * scale, (others - mean) * scale
    coordinates = spanned.coordinates(gram_matrices(others, rows, [40]))
    np.testing.assert_allclose(coordinates @ spanned.rows.T, outside @ centered.T, atol=1e-9)
    assert (np.sum(coordinates**2, axis=1) < np.sum(outside**2, axis=1)).all()


def test_rows_that_occur_twice_add_no_axis() -> None:
    rows = rows_of(8, 40)
    twice = np.concatenate([rows, rows, rows[:3]])
    spanned = span(gram_matrices(twice, twice, [40]), [40])
    assert spanned.rows.shape == (19, 7)
    np.testing.assert_allclose(spanned.rows[:8], spanned.rows[8:16], atol=1e-9)


def test_a_part_that_is_constant_has_no_weight() -> None:
    rows = rows_of(8, 40)
    rows[:, :10] = 77
    spanned = span(gram_matrices(rows, rows, [10, 30]), [10, 30])
    assert spanned.weights[0] == 0
    alone = span(gram_matrices(rows[:, 10:], rows[:, 10:], [30]), [30])
    np.testing.assert_allclose(spanned.rows @ spanned.rows.T, alone.rows @ alone.rows.T, atol=1e-12)


def test_rows_that_are_all_the_same_span_nothing() -> None:
    rows = np.full((5, 12), 300, np.int16)
    grams = gram_matrices(rows, rows, [6, 6])
    spanned = span(grams, [6, 6])
    assert spanned.rows.shape == spanned.coordinates(grams).shape == (5, 0)
    assert spanned.coefficients(np.zeros((0, 2))).tolist() == np.zeros((5, 2)).tolist()


def test_parts_are_added_up_by_their_weights() -> None:
    grams = np.arange(12.0).reshape(3, 2, 2)
    np.testing.assert_array_equal(combine(grams, np.array([1, 10, 100])), grams[0] + 10 * grams[1] + 100 * grams[2])
