"""Inner products of embeddings are exact integers, times the weights of their entries."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.models import gram
from project_echo.models.gram import CHANNELS, OFFSET, gram_matrix


def rows_of(n: int, width: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, width)).astype(np.uint8)


def by_hand(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> list[list[Fraction]]:
    exact = [Fraction(weight) for weight in weights.tolist()]

    def product(a: list[int], b: list[int]) -> Fraction:
        triples = zip(exact, a, b, strict=True)
        return sum((w * (x - OFFSET) * (y - OFFSET) for w, x, y in triples), Fraction())

    return [[product(a, b) for b in second.tolist()] for a in first.tolist()]


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(1, 40), st.sampled_from([0.109375, 0.65625, 4.875])), min_size=1, max_size=4),
    st.integers(0, 2**32),
)
def test_inner_products_are_those_of_pythons_fractions(n: int, sizes: list[tuple[int, float]], seed: int) -> None:
    weights = np.repeat([weight for _, weight in sizes], [size for size, _ in sizes])
    first, second = rows_of(n, len(weights), seed), rows_of(3, len(weights), seed + 1)
    gram = gram_matrix(first, second, weights)
    assert (gram.shape, gram.dtype) == ((n, 3), np.float64)
    assert gram.tolist() == by_hand(first, second, weights)


def test_they_are_exact_for_the_most_extreme_values_in_any_order_and_however_wide() -> None:
    width = 9 * CHANNELS + 5
    rows = rows_of(7, width)
    rows[0], rows[1] = 0, 255
    weights = np.full(width, 0.65625)
    gram = gram_matrix(rows, rows, weights)
    assert gram.tobytes() == gram_matrix(rows, rows.copy(), weights).tobytes()
    order = np.random.default_rng(2).permutation(width)
    assert gram.tobytes() == gram_matrix(rows[:, order], rows[:, order], weights).tobytes()
    assert gram[0, 0] == 0.65625 * OFFSET**2 * width
    assert gram[0, 1] == -0.65625 * OFFSET * (255 - OFFSET) * width
    integers = rows.astype(np.int64) - OFFSET
    np.testing.assert_array_equal(gram, 0.65625 * (integers @ integers.T))


def test_products_of_some_rows_at_a_time_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, weights = rows_of(7, 40), rows_of(5, 40, seed=2), np.repeat([0.5, 4.875], 20)
    expected = [gram_matrix(first, other, weights).tobytes() for other in (first, second)]
    monkeypatch.setattr(gram, "ROWS_AT_ONCE", 3)
    assert [gram_matrix(first, other, weights).tobytes() for other in (first, second)] == expected


def test_no_rows_have_no_products() -> None:
    assert gram_matrix(rows_of(3, 5)[:0], rows_of(3, 5), np.ones(5)).shape == (0, 3)
