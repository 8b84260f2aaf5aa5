"""The logistic head: equal to scikit-learn without copies, and robust to what should not matter."""

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression

from project_echo.models import logistic
from project_echo.models.gram import combine, gram_matrices
from project_echo.models.head import Linear, Logistic
from tests.project_echo.models.embeddings import clusters, stored


def sizes_of(embeddings: np.ndarray) -> list[int]:
    """Sizes of two parts."""
    width = embeddings.shape[-1]
    return [width - width // 3, width // 3]


def fit(
    embeddings: logistic.Embeddings, targets: np.ndarray, animals: int, C: float, balanced: bool = True, seed: int = 0
) -> Logistic:
    return logistic.fit(embeddings, sizes_of(embeddings), targets, animals, C, balanced, seed)


def probabilities(head: Logistic, embeddings: np.ndarray) -> np.ndarray:
    return np.exp(head.log_probabilities(embeddings))


@pytest.mark.parametrize("animals", [1, 2, 3])
def test_learns_to_tell_animals_apart_and_from_background(animals: int) -> None:
    head = fit(*clusters(60, animals + 1, seed=1), animals, 0.1)
    unseen, targets = clusters(40, animals + 1, seed=2, views=1)
    log_probabilities = head.log_probabilities(unseen[:, 0])
    assert log_probabilities.shape == (40, animals + 1)
    assert (log_probabilities.argmax(axis=1) == targets).mean() > 0.95
    np.testing.assert_allclose(logsumexp(log_probabilities, axis=1), 0, atol=1e-9)


def test_all_targets_from_n_animals_on_are_background() -> None:
    embeddings, targets = clusters(60, 4, seed=1)
    together = fit(embeddings, np.minimum(targets, 2), 2, 0.1)
    apart = fit(embeddings, targets, 2, 0.1)
    np.testing.assert_array_equal(probabilities(apart, embeddings[:, 0]), probabilities(together, embeddings[:, 0]))


def test_without_background_there_are_only_the_animals() -> None:
    head = fit(*clusters(60, 3, seed=1), 3, 0.1)
    assert head.presence is None
    predicted = probabilities(head, clusters(9, 3, seed=2)[0][:, 0])
    assert predicted.shape == (9, 3)
    np.testing.assert_allclose(predicted.sum(axis=1), 1)


def test_background_hardly_changes_the_odds_between_animals() -> None:
    embeddings, targets = clusters(60, 4, seed=1)
    animal = targets < 3
    alone = probabilities(fit(embeddings[animal], targets[animal], 3, 0.1), embeddings[:, 0])
    together = probabilities(fit(embeddings, targets, 3, 0.1), embeddings[:, 0])[:, :3]
    np.testing.assert_allclose(together / together.sum(axis=1, keepdims=True), alone, atol=0.1)


@pytest.mark.parametrize("animals", [1, 2, 3])
def test_the_head_is_what_its_inner_products_give_but_for_rounding(animals: int) -> None:
    embeddings, targets = clusters(60, animals + 1, seed=1)
    sizes, rows = sizes_of(embeddings), embeddings.reshape(-1, 6)
    dual = logistic.fit_dual(gram_matrices(rows, rows, sizes), sizes, targets, animals, 0.1, True)
    unseen = clusters(30, animals + 1, seed=2, views=1)[0][:, 0]
    expected = dual.log_probabilities(gram_matrices(unseen, rows, sizes))
    np.testing.assert_allclose(fit(embeddings, targets, animals, 0.1).log_probabilities(unseen), expected, atol=5e-3)


def whitened_by_hand(embeddings: np.ndarray, unseen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and unseen clips, each part scaled by its mean variance and whitened by the covariance of the copies."""
    clips, views, width = embeddings.shape
    rows = embeddings.reshape(-1, width).astype(float)
    scale = np.concatenate(
        [
            np.full(part.shape[1], np.sqrt(part.var(axis=0).mean()))
            for part in np.split(rows, [sizes_of(rows)[0]], axis=1)
        ]
    )
    centered, outside = (rows - rows.mean(axis=0)) / scale, (unseen - rows.mean(axis=0)) / scale
    _, values, axes = np.linalg.svd(centered, full_matrices=False)
    axes = axes[values > 1e-6 * values[0]].T
    centered, outside = centered @ axes, outside @ axes
    if views > 1:
        of_clips = centered.reshape(clips, views, -1)
        differences = (of_clips - of_clips.mean(axis=1, keepdims=True)).reshape(len(rows), -1)
        covariance = differences.T @ differences / len(rows)
        level = np.trace(covariance) / len(covariance)
        eigenvalues, rotation = np.linalg.eigh(covariance / level + logistic.SHRINKAGE * np.eye(len(covariance)))
        whitening = rotation / np.sqrt(eigenvalues)
        centered, outside = centered @ whitening, outside @ whitening
    return centered, outside


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(("n", "width", "views"), [(90, 6, 1), (20, 300, 1), (30, 6, 3), (15, 100, 3)])
def test_it_equals_scikit_learns_logistic_regression_on_whitened_coordinates(
    n: int, width: int, views: int, classes: int, balanced: bool
) -> None:
    embeddings, targets = clusters(n, classes, seed=1, views=views, width=width)
    embeddings += 5 * 1024  # an offset of the channels makes no difference
    unseen = clusters(30, classes, seed=2, views=1, width=width)[0][:, 0] + 5 * 1024
    rows, outside = whitened_by_hand(embeddings, unseen)
    plain = LogisticRegression(C=0.1, class_weight="balanced" if balanced else None, max_iter=10_000, tol=1e-9)
    plain.fit(rows, np.repeat(targets, views))
    predicted = probabilities(fit(embeddings, targets, classes, 0.1, balanced), unseen)
    np.testing.assert_allclose(predicted, plain.predict_proba(outside), atol=1e-3)


def test_a_part_that_is_constant_changes_nothing() -> None:
    embeddings, targets = clusters(60, 3, seed=1)
    sizes, constant = sizes_of(embeddings), np.full((60, 3, 500), 7, dtype=np.int16)
    narrow = logistic.fit(embeddings, sizes, targets, 2, 0.1, True)
    wide = logistic.fit(np.concatenate([embeddings, constant], axis=2), [*sizes, 500], targets, 2, 0.1, True)
    unseen = clusters(30, 3, seed=2)[0][:, 0]
    changed = np.concatenate([unseen, np.full((30, 500), 9, dtype=np.int16)], axis=1)
    np.testing.assert_array_equal(probabilities(wide, changed), probabilities(narrow, unseen))


@pytest.mark.parametrize("animals", [1, 2, 3])
def test_embeddings_that_are_all_the_same_give_even_odds(animals: int) -> None:
    embeddings, targets = clusters(60, animals + 1, seed=1)
    head = fit(np.full_like(embeddings, 5), targets, animals, 0.1)
    predicted = probabilities(head, embeddings[:, 0])
    np.testing.assert_allclose(predicted[:, :-1] * animals + predicted[:, -1:], 1, atol=1e-3)
    np.testing.assert_allclose(predicted[:, -1], 1 / (animals + 1), atol=1e-3)


def test_clips_that_occur_twice_change_nothing_where_classes_are_balanced() -> None:
    embeddings, targets = clusters(20, 3, seed=1, width=100)
    once = fit(embeddings, targets, 2, 0.1)
    twice = fit(np.tile(embeddings, (2, 1, 1)), np.tile(targets, 2), 2, 0.05)
    unseen = clusters(30, 3, seed=2, width=100)[0][:, 0]
    np.testing.assert_allclose(probabilities(twice, unseen), probabilities(once, unseen), atol=1e-3)


def test_copies_that_do_not_differ_are_as_none() -> None:
    embeddings, targets = clusters(30, 3, seed=1, views=1)
    copies = np.repeat(embeddings, 4, axis=1)
    unseen = clusters(30, 3, seed=2)[0][:, 0]
    without, same = fit(embeddings, targets, 2, 0.4), fit(copies, targets, 2, 0.1)
    np.testing.assert_allclose(probabilities(same, unseen), probabilities(without, unseen), atol=1e-3)


def test_the_order_of_channels_changes_no_bit_of_a_head() -> None:
    embeddings, targets = clusters(40, 4, seed=1, width=90)
    channels = np.random.default_rng(2).permutation(90)
    head = logistic.fit(embeddings, [90], targets, 3, 0.1, True)
    shuffled = logistic.fit(embeddings[:, :, channels], [90], targets, 3, 0.1, True)
    for regression, expected in ((shuffled.animals, head.animals), (shuffled.presence, head.presence)):
        np.testing.assert_array_equal(regression.weights, expected.weights[channels])
        np.testing.assert_array_equal(regression.bias, expected.bias)


def test_the_order_of_clips_changes_no_probability() -> None:
    embeddings, targets = clusters(40, 4, seed=1, width=90)
    clips = np.random.default_rng(1).permutation(40)
    head, shuffled = fit(embeddings, targets, 3, 0.1), fit(embeddings[clips], targets[clips], 3, 0.1)
    unseen = clusters(30, 4, seed=2, width=90)[0][:, 0]
    np.testing.assert_allclose(probabilities(shuffled, unseen), probabilities(head, unseen), atol=1e-3)


def test_weights_have_so_few_bits_that_logits_are_exact() -> None:
    embeddings, targets = clusters(40, 4, seed=1, width=90)
    head = fit(embeddings, targets, 3, 0.1)
    unseen = stored(np.random.default_rng(3).normal(0, 2, (5, 90)))
    for regression in (head.animals, head.presence):
        _, exponent = np.frexp(np.abs(regression.weights).max())
        whole = np.ldexp(regression.weights, logistic.WEIGHT_BITS - exponent)
        assert (whole == np.rint(whole)).all()
        order = np.random.default_rng(4).permutation(90)
        shuffled = Linear(regression.weights[order], regression.bias)
        assert regression.logits(unseen).tobytes() == shuffled.logits(unseen[:, order]).tobytes()


def test_rounding_as_on_other_processors_changes_no_bit_of_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, targets = clusters(40, 4, seed=1, width=90)
    head = fit(embeddings, targets, 3, 0.01)
    noise = np.random.default_rng(1)

    def combine_otherwise(grams: np.ndarray, weights: np.ndarray) -> np.ndarray:
        combined: np.ndarray = combine(grams, weights)
        return combined * (1 + noise.uniform(-4e-16, 4e-16, combined.shape))

    monkeypatch.setattr("project_echo.models.gram.combine", combine_otherwise)
    for _ in range(5):
        again = fit(embeddings, targets, 3, 0.01)
        np.testing.assert_array_equal(again.animals.weights, head.animals.weights)
        np.testing.assert_array_equal(again.animals.bias, head.animals.bias)


def test_it_makes_no_difference_which_of_rows_that_are_the_same_has_their_coefficient() -> None:
    rows = clusters(10, 3, seed=1, views=1, width=90)[0][:, 0]
    rows[3:7] = rows[3]
    coefficients = np.random.default_rng(1).normal(size=(10, 2))
    moved = coefficients.copy()
    moved[3:7] = coefficients[[6, 3, 4, 5]] + np.array([[0.1], [0.2], [0.3], [-0.6]])
    of_rows, of_moved = (
        logistic._linear(logistic.Regression(values, np.zeros(2)), np.ones(1), rows, [90])
        for values in (coefficients, moved)
    )
    np.testing.assert_array_equal(of_rows.weights, of_moved.weights)
    np.testing.assert_array_equal(of_rows.bias, of_moved.bias)


def test_a_direction_in_which_the_copies_of_a_clip_differ_has_little_weight() -> None:
    # Both channels separate the classes equally well; one varies between clips, the other between copies of a clip.
    draw = np.random.default_rng(1)
    targets = np.arange(80) % 2
    signal = np.broadcast_to(2.0 * targets[:, None] - 1, (80, 3))
    between_clips = signal + draw.normal(0, 0.7, (80, 1))
    between_copies = signal + draw.normal(0, 0.7, (80, 3))
    embeddings = stored(np.stack([between_clips, between_copies], axis=2))
    weights = logistic.fit(embeddings, [1, 1], targets, 2, 0.01, True).animals.weights
    stable, unstable = np.abs(weights[:, 1] - weights[:, 0])
    plain = LogisticRegression(C=0.01).fit(embeddings.reshape(-1, 2) / 1024, np.repeat(targets, 3)).coef_[0]
    assert plain[1] > 0.8 * plain[0]  # without the whitening both count
    assert unstable < 0.5 * stable


def test_a_channel_that_hardly_varied_in_training_does_not_dominate_when_it_does() -> None:
    embeddings, targets = clusters(60, 3, seed=1)
    faint = np.int16(1) * (targets == 0)[:, None, None] * np.ones((1, 3, 1), np.int16)  # separates a class from others
    head = fit(np.concatenate([embeddings, faint], axis=2), targets, 3, 0.1)
    unseen, _ = clusters(30, 3, seed=2)
    quiet, loud = (np.concatenate([unseen[:, 0], np.full((30, 1), level, np.int16)], axis=1) for level in (0, 1024))
    np.testing.assert_allclose(probabilities(head, loud), probabilities(head, quiet), atol=0.02)


# More than ROWS rows


class Counting:
    """An array that records how many clips are read at once."""

    def __init__(self, embeddings: np.ndarray):
        self.shape, self.reads = embeddings.shape, list[int]()
        self._embeddings = embeddings

    def __getitem__(self, clips: np.ndarray, /) -> np.ndarray:
        self.reads.append(len(clips))
        return self._embeddings[clips]


def overlapping(n: int, seed: int, classes: int = 4, views: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings with 600 channels whose variance is mostly in 40 directions, as those of the backbone; targets.

    The classes overlap, and the last is by far the largest.
    """
    draw = np.random.default_rng(seed)
    targets = np.minimum(draw.integers(0, 3 * classes, n), classes - 1)
    axes = np.random.default_rng(0).normal(0, 1, (40, 600)) / np.sqrt(np.arange(1, 41))[:, None]
    hidden = 1.2 * np.eye(40)[targets] + draw.normal(0, 0.5, (n, 40))
    clips = hidden[:, None] + draw.normal(0, 0.2, (n, views, 40))
    return stored(clips @ axes + draw.normal(0, 0.3, (n, views, 600))), targets


@pytest.mark.parametrize("rows", [300, 600])
def test_weights_spanned_by_a_sample_of_rows_give_nearly_the_same_probabilities(
    monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    embeddings, targets = overlapping(400, seed=1)
    unseen, truth = overlapping(300, seed=2)
    exact = probabilities(fit(embeddings, targets, 3, 0.01), unseen[:, 0])
    monkeypatch.setattr(logistic, "ROWS", rows)
    approximate = probabilities(fit(embeddings, targets, 3, 0.01), unseen[:, 0])
    assert np.abs(approximate - exact).mean() < 0.03
    accuracy, expected = ((values.argmax(axis=1) == truth).mean() for values in (approximate, exact))
    assert expected > 0.8
    assert accuracy > expected - 0.02


def test_all_rows_are_learned_from_and_the_seed_draws_those_that_span_the_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embeddings, targets = overlapping(200, seed=1)
    monkeypatch.setattr(logistic, "ROWS", 90)
    fits = [fit(embeddings, targets, 3, 0.01, seed=seed).animals.weights for seed in (1, 1, 2)]
    np.testing.assert_array_equal(fits[0], fits[1])
    assert np.abs(fits[0] - fits[2]).max() > 0
    outside = np.setdiff1d(np.flatnonzero(targets < 3), logistic.sample_evenly(targets, 30, 1))
    changed = np.where(np.isin(np.arange(200), outside[:20]), (targets + 1) % 3, targets)  # outside the sample
    assert np.abs(fit(embeddings, changed, 3, 0.01, seed=1).animals.weights - fits[0]).max() > 0


def test_no_more_clips_are_read_at_once_than_the_constants_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic, "ROWS", 60)
    monkeypatch.setattr(logistic, "BLOCK", 25)
    embeddings, targets = overlapping(200, seed=1)
    counted = Counting(embeddings)
    fit(counted, targets, 3, 0.01)
    assert max(counted.reads) == 25
    assert sum(counted.reads) == 60 // 3 + 200


def test_up_to_rows_rows_nothing_is_approximated(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, targets = overlapping(100, seed=1)
    expected = fit(embeddings, targets, 3, 0.01)
    monkeypatch.setattr(logistic, "ROWS", 300)
    monkeypatch.setattr(logistic, "sample_evenly", None)  # is not called
    np.testing.assert_array_equal(fit(embeddings, targets, 3, 0.01).animals.weights, expected.animals.weights)


@pytest.mark.parametrize("n", [3, 7, 30, 107])
def test_the_sample_is_drawn_evenly_from_all_classes(n: int) -> None:
    targets = np.repeat([0, 1, 2], [100, 2, 5])
    drawn = logistic.sample_evenly(targets, n, seed=1)
    assert len(drawn) == len(set(drawn)) == n
    assert (np.sort(drawn) == drawn).all()
    counts = np.bincount(targets[drawn], minlength=3)
    assert counts[0] >= counts[2] >= counts[1] >= min(2, n // 3)
