"""The logistic head: each label is scikit-learn's logistic regression, and robust to what should not matter."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from project_echo.datasets.views import UNSTATED
from project_echo.models import logistic, newton
from project_echo.models.gram import gram_matrix
from project_echo.models.head import Linear
from tests.project_echo.models.embeddings import clusters, stored


def weights_of(width: int) -> np.ndarray:
    """Weights of two parts."""
    return np.repeat([0.65625, 2.0], [width - width // 3, width // 3])


def truth_of(targets: np.ndarray, labels: int) -> np.ndarray:
    """Truth of targets, of which those beyond the labels are background."""
    return (targets[:, np.newaxis] == np.arange(labels)).astype(np.int8)


def fit(rows: np.ndarray, truth: np.ndarray, C: float = 0.1, balanced: bool = False, seed: int = 0) -> Linear:
    return logistic.fit(rows, weights_of(rows.shape[1]), truth, C, balanced, seed)


def overlapping(n: int, seed: int, labels: int = 3, width: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings whose variance is mostly in 40 directions, as those of the backbone, and the truth of labels.

    Labels overlap, several may hold, and some truth is unknown.
    """
    draw = np.random.default_rng(seed)
    axes = np.random.default_rng(0).normal(0, 1, (40, width)) / np.sqrt(np.arange(1, 41))[:, None]
    truth = (draw.uniform(size=(n, labels)) < 0.25).astype(np.int8)
    hidden = np.pad(1.2 * truth, ((0, 0), (0, 40 - labels))) + draw.normal(0, 0.5, (n, 40))
    truth[draw.uniform(size=truth.shape) < 0.1] = -1
    return stored(hidden @ axes + draw.normal(0, 0.3, (n, width))), truth


@pytest.mark.parametrize("labels", [1, 2, 3])
def test_learns_to_tell_labels_apart_and_from_background(labels: int) -> None:
    rows, targets = clusters(60, labels + 1, seed=1)
    unseen, expected = clusters(40, labels + 1, seed=2)
    head = fit(rows, truth_of(targets, labels), C=10)
    assert ((head.logits(unseen) > 0) == truth_of(expected, labels)).mean() > 0.95


def standardized(rows: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted rows about their mean, of mean square 1, and others in the same way."""
    root = np.sqrt(weights_of(rows.shape[1]))
    centered, outside = ((values - rows.mean(axis=0)) * root for values in (rows, others))
    scale = np.sqrt(np.mean(np.sum(centered**2, axis=1)))
    return centered / scale, outside / scale


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize("C", [0.1, 10])
@pytest.mark.parametrize(("n", "width"), [(300, 3), (300, 30), (40, 300)])
def test_each_label_is_scikit_learns_logistic_regression_of_its_known_rows(
    n: int, width: int, C: float, balanced: bool
) -> None:
    (rows, truth), (unseen, _) = overlapping(n, 1, width=width), overlapping(30, 2, width=width)
    logits = fit(rows, truth, C, balanced).logits(unseen)
    inside, outside = standardized(rows, unseen)
    for label in range(truth.shape[1]):
        known = truth[:, label] >= 0
        plain = LogisticRegression(C=C, class_weight="balanced" if balanced else None, max_iter=10_000, tol=1e-9)
        plain.fit(inside[known], truth[known, label])
        np.testing.assert_allclose(logits[:, label], plain.decision_function(outside), atol=5e-3)


@pytest.mark.parametrize("balanced", [True, False])
def test_the_head_is_what_its_inner_products_give_but_for_rounding(balanced: bool) -> None:
    (rows, truth), (unseen, _) = overlapping(60, 1), overlapping(30, 2)
    weights = weights_of(600)
    dual = logistic.fit_dual(gram_matrix(rows, rows, weights), truth, 2.0, balanced)
    np.testing.assert_allclose(dual.coefficients.sum(axis=0), 0, atol=1e-12)
    expected = dual.logits(gram_matrix(unseen, rows, weights))
    np.testing.assert_allclose(fit(rows, truth, 2.0, balanced).logits(unseen), expected, atol=2e-3)


def test_what_a_row_of_unknown_truth_would_hold_changes_nothing() -> None:
    rows, truth = overlapping(60, 1)
    head = fit(rows, truth)
    for label in range(3):  # labels do not see each other
        alone = fit(rows, truth[:, [label]])
        np.testing.assert_allclose(alone.weights[:, 0], head.weights[:, label], atol=1e-6 * np.abs(head.weights).max())
        known = fit(rows, np.where(truth < 0, 0, truth))
        assert np.abs(known.weights - head.weights).max() > 0


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize(("value", "odds"), [(1, 41), (0, 1 / 41), (-1, 1)])
def test_a_label_without_yes_or_without_no_has_a_constant_logit_and_changes_no_other(
    value: int, odds: float, balanced: bool
) -> None:
    rows, truth = overlapping(40, 1)
    constant = np.column_stack([truth[:, 0], np.full(40, value, np.int8), truth[:, 1]])
    head, without = fit(rows, constant, balanced=balanced), fit(rows, truth[:, :2], balanced=balanced)
    assert (head.weights[:, 1] == 0).all()
    np.testing.assert_allclose(head.logits(rows)[:, 1], np.log(odds), atol=1e-3)
    np.testing.assert_array_equal(head.weights[:, [0, 2]], without.weights)
    np.testing.assert_array_equal(head.bias[[0, 2]], without.bias)


def test_where_no_label_varies_nothing_is_fitted() -> None:
    rows, _ = overlapping(40, 1)
    head = fit(rows, np.zeros((40, 2), np.int8))
    assert (head.weights == 0).all() and (head.bias < -3).all()


@pytest.mark.parametrize("balanced", [True, False])
def test_embeddings_that_are_all_the_same_give_the_frequencies(balanced: bool) -> None:
    truth = np.repeat([[1, 0], [0, 0], [0, 1], [0, 1]], 10, axis=0).astype(np.int8)
    head = fit(np.full((40, 6), 5, np.uint8), truth, balanced=balanced)
    expected = [[0.5, 0.5]] if balanced else [[0.25, 0.5]]
    np.testing.assert_allclose(expit(head.logits(np.full((1, 6), 5, np.uint8))), expected, atol=1e-3)


def test_balanced_rows_that_are_rare_count_as_much_as_common_ones() -> None:
    rows = np.repeat([[100], [140]], 50, axis=0).astype(np.uint8) * np.ones(3, np.uint8)
    truth = np.zeros((100, 1), np.int8)
    truth[-5:] = 1  # a tenth of the second kind
    unseen = rows[[0, -1]]
    plain, balanced = (expit(fit(rows, truth, 100, balanced).logits(unseen))[1, 0] for balanced in (False, True))
    assert plain == pytest.approx(0.1, abs=0.02)
    assert balanced == pytest.approx(1 / 2 / (1 / 2 + 45 / 95 / 2), abs=0.05)


def test_rows_that_occur_twice_are_as_one_of_twice_the_weight() -> None:
    rows, truth = overlapping(40, 1)
    once, twice = fit(rows, truth, 0.2), fit(np.tile(rows, (2, 1)), np.tile(truth, (2, 1)), 0.1)
    np.testing.assert_allclose(twice.logits(rows), once.logits(rows), atol=2e-3)


def test_a_channel_that_is_constant_has_no_weight() -> None:
    rows, truth = overlapping(40, 1)
    rows[:, 7] = 255
    weights = fit(rows, truth).weights
    # The coefficients add up to 0 exactly.
    np.testing.assert_array_equal(weights[7], 0)
    assert np.abs(weights).max() > 0


def test_the_order_of_channels_changes_no_bit_of_a_head() -> None:
    rows, truth = overlapping(40, 1, width=90)
    channels = np.random.default_rng(2).permutation(90)
    head, shuffled = (logistic.fit(values, np.full(90, 0.5), truth, 2.0, False) for values in (rows, rows[:, channels]))
    np.testing.assert_array_equal(shuffled.weights, head.weights[channels])
    np.testing.assert_allclose(shuffled.bias, head.bias, atol=logistic.BIAS_STEP)


def test_the_order_of_rows_changes_no_probability() -> None:
    rows, truth = overlapping(40, 1)
    order = np.random.default_rng(1).permutation(40)
    head, shuffled = fit(rows, truth), fit(rows[order], truth[order])
    np.testing.assert_allclose(shuffled.logits(rows), head.logits(rows), atol=2e-3)


def test_weights_have_so_few_bits_that_logits_are_exact() -> None:
    head = fit(*overlapping(40, 1, width=90), C=2.0)
    unseen, _ = overlapping(5, 2, width=90)
    _, exponent = np.frexp(np.abs(head.weights).max())
    whole = np.ldexp(head.weights, logistic.WEIGHT_BITS - exponent)
    np.testing.assert_array_equal(whole, np.rint(whole))
    np.testing.assert_array_equal(head.bias, np.rint(head.bias / logistic.BIAS_STEP) * logistic.BIAS_STEP)
    order = np.random.default_rng(4).permutation(90)
    shuffled = Linear(head.weights[order], head.bias)
    assert head.logits(unseen).tobytes() == shuffled.logits(unseen[:, order]).tobytes()


def test_rounding_as_on_other_processors_changes_no_bit_of_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, truth = overlapping(40, 1, width=90)
    head = fit(rows, truth, 0.5)
    noise = np.random.default_rng(1)
    solve = newton.fit_logistic

    def solve_otherwise(multiply: newton.Multiply, *arguments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        def product(vectors: np.ndarray) -> np.ndarray:
            exact = multiply(vectors)
            return exact * (1 + noise.uniform(-4e-16, 4e-16, exact.shape))

        return solve(product, *arguments)

    monkeypatch.setattr(logistic, "fit_logistic", solve_otherwise)
    for _ in range(5):
        again = fit(rows, truth, 0.5)
        np.testing.assert_array_equal(again.weights, head.weights)
        np.testing.assert_array_equal(again.bias, head.bias)


# More than ROWS rows


@pytest.mark.parametrize("balanced", [True, False])
def test_weights_spanned_by_a_sample_of_rows_give_nearly_the_same_probabilities(
    monkeypatch: pytest.MonkeyPatch, balanced: bool
) -> None:
    (rows, truth), (unseen, held) = overlapping(900, 1), overlapping(300, 2)
    exact = expit(fit(rows, truth, 2.0, balanced).logits(unseen))
    monkeypatch.setattr(logistic, "ROWS", 500)
    monkeypatch.setattr(logistic, "LANDMARKS", 300)
    approximate = expit(fit(rows, truth, 2.0, balanced).logits(unseen))
    assert np.abs(approximate - exact).mean() < 0.02
    known = held >= 0
    accuracy, expected = (((values > 0.5) == held)[known].mean() for values in (approximate, exact))
    assert expected > 0.8
    assert accuracy > expected - 0.02


def test_landmarks_that_are_all_rows_give_the_exact_head(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, truth = overlapping(200, 1)
    exact = fit(rows, truth, 2.0).logits(rows)
    monkeypatch.setattr(logistic, "ROWS", 100)
    monkeypatch.setattr(logistic, "LANDMARKS", 200)
    np.testing.assert_allclose(fit(rows, truth, 2.0).logits(rows), exact, atol=0.02)


def test_all_rows_are_learned_from_and_the_seed_draws_those_that_span_the_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows, truth = overlapping(400, 1)
    monkeypatch.setattr(logistic, "ROWS", 100)
    monkeypatch.setattr(logistic, "LANDMARKS", 30)
    first, same, other = (fit(rows, truth, seed=seed).weights for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 0
    changed = truth.copy()
    changed[::2] = 1 - np.abs(changed[::2])  # landmarks are hardly all of these
    assert np.abs(fit(rows, changed, seed=1).weights - first).max() > 0


def test_a_label_without_yes_is_constant_with_landmarks_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, truth = overlapping(200, 1)
    truth[:, 1] = 0
    monkeypatch.setattr(logistic, "ROWS", 100)
    monkeypatch.setattr(logistic, "LANDMARKS", 50)
    head = fit(rows, truth)
    assert (head.weights[:, 1] == 0).all() and (head.weights[:, 0] != 0).any()
    assert head.bias[1] == pytest.approx(-np.log(201), abs=1e-3)


def test_of_too_many_rows_as_many_as_allowed_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, truth = overlapping(200, 1)
    monkeypatch.setattr(logistic, "MAX_ROWS", 150)
    first, same, other = (fit(rows, truth, seed=seed).weights for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 0
    drawn = logistic.draw_rows(200, 1)
    assert len(drawn) == len(set(drawn)) == 150
    np.testing.assert_array_equal(fit(rows[drawn], truth[drawn], seed=1).weights, first)  # the others are not needed
    monkeypatch.setattr(logistic, "MAX_ROWS", 200)
    assert logistic.draw_rows(200, 1).tolist() == list(range(200))
    assert np.abs(fit(rows, truth, seed=1).weights - first).max() > 0


def with_rows(
    rows: np.ndarray, truth: np.ndarray, others: np.ndarray, stated: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and others of which the same is stated."""
    return np.concatenate([rows, others]), np.concatenate([truth, np.tile(np.array(stated, np.int8), (len(others), 1))])


@pytest.mark.parametrize("balanced", [True, False])
def test_a_row_that_states_one_label_lowers_it_on_like_rows_and_changes_no_other(balanced: bool) -> None:
    (rows, truth), (unseen, _) = overlapping(300, 1), overlapping(30, 2)
    plain = fit(rows, truth, 2.0, balanced).logits(unseen)
    false_positive = unseen[[plain[:, 1].argmax()]]
    like = np.clip(false_positive + np.random.default_rng(3).integers(-2, 3, (20, 600)), 0, 255).astype(np.uint8)
    before = fit(rows, truth, 2.0, balanced)
    after = fit(*with_rows(rows, truth, false_positive, [UNSTATED, 0, UNSTATED]), 2.0, balanced)
    assert (after.logits(like)[:, 1] < before.logits(like)[:, 1] - 0.3).all()
    np.testing.assert_allclose(after.logits(unseen)[:, [0, 2]], plain[:, [0, 2]], atol=2e-3)  # rounding


@pytest.mark.parametrize("n", [300, 600])
def test_rows_of_which_nothing_is_stated_change_nothing(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic, "ROWS", 500)  # of more, landmarks span the weights: here, all rows
    (rows, truth), (others, _) = overlapping(n, 1), overlapping(30, 2)
    both = with_rows(rows, truth, others, [UNSTATED] * 3)
    np.testing.assert_allclose(fit(*both).logits(others), fit(rows, truth).logits(others), atol=2e-3)
