"""The logistic head: equal to scikit-learn without copies, and robust to what should not matter."""

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from project_echo.models import logistic


def clusters(n: int, classes: int, seed: int, views: int = 3, width: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Well separated embeddings, shape (n, views, width), of classes of which the first is the largest; targets."""
    draw = np.random.default_rng(seed)
    targets = np.minimum(np.arange(n) % (classes + 1), classes - 1)[::-1]
    clips = 2 * np.eye(width)[targets] + draw.normal(0, 0.5, (n, width))
    copies = clips[:, None] + draw.normal(0, 0.2, (n, views, width))
    copies[:, 0] = clips
    return copies.astype(np.float32), targets


def probabilities(head: logistic.Logistic, embeddings: np.ndarray) -> np.ndarray:
    return np.exp(head.log_probabilities(embeddings))


@pytest.mark.parametrize("animals", [1, 2, 3])
def test_learns_to_tell_animals_apart_and_from_background(animals: int) -> None:
    head = logistic.fit(*clusters(60, animals + 1, seed=1), animals, 0.1, True)
    unseen, targets = clusters(40, animals + 1, seed=2, views=1)
    log_probabilities = head.log_probabilities(unseen[:, 0])
    assert log_probabilities.shape == (40, animals + 1)
    assert (log_probabilities.argmax(axis=1) == targets).mean() > 0.95
    np.testing.assert_allclose(logsumexp(log_probabilities, axis=1), 0, atol=1e-9)


def test_all_targets_from_n_animals_on_are_background() -> None:
    embeddings, targets = clusters(60, 4, seed=1)
    together = logistic.fit(embeddings, np.minimum(targets, 2), 2, 0.1, True)
    apart = logistic.fit(embeddings, targets, 2, 0.1, True)
    np.testing.assert_array_equal(probabilities(apart, embeddings[:, 0]), probabilities(together, embeddings[:, 0]))


def test_without_background_there_are_only_the_animals() -> None:
    head = logistic.fit(*clusters(60, 3, seed=1), 3, 0.1, True)
    assert head.presence is None
    predicted = probabilities(head, clusters(9, 3, seed=2)[0][:, 0])
    assert predicted.shape == (9, 3)
    np.testing.assert_allclose(predicted.sum(axis=1), 1)


def test_background_does_not_change_the_odds_between_animals() -> None:
    embeddings, targets = clusters(60, 4, seed=1)
    animal = targets < 3
    alone = probabilities(logistic.fit(embeddings[animal], targets[animal], 3, 0.1, True), embeddings[:, 0])
    together = probabilities(logistic.fit(embeddings, targets, 3, 0.1, True), embeddings[:, 0])[:, :3]
    np.testing.assert_allclose(together / together.sum(axis=1, keepdims=True), alone)


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(("n", "width"), [(90, 6), (20, 300)])
def test_without_copies_it_equals_scikit_learns_logistic_regression(
    n: int, width: int, classes: int, balanced: bool
) -> None:
    embeddings, targets = clusters(n, classes, seed=1, views=1, width=width)
    embeddings += 5  # an offset of the channels makes no difference
    unseen = clusters(30, classes, seed=2, views=1, width=width)[0][:, 0] + 5
    scaler = StandardScaler().fit(embeddings[:, 0])
    plain = LogisticRegression(C=0.1, class_weight="balanced" if balanced else None, max_iter=1000, tol=1e-6)
    plain.fit(scaler.transform(embeddings[:, 0]), targets)
    predicted = probabilities(logistic.fit(embeddings, targets, classes, 0.1, balanced), unseen)
    np.testing.assert_allclose(predicted, plain.predict_proba(scaler.transform(unseen)), atol=2e-3)


def test_constant_channels_change_nothing() -> None:
    embeddings, targets = clusters(60, 3, seed=1)
    constant = np.full((60, 3, 500), 7, dtype=np.float32)
    narrow = logistic.fit(embeddings, targets, 2, 0.1, True)
    wide = logistic.fit(np.concatenate([embeddings, constant], axis=2), targets, 2, 0.1, True)
    unseen = clusters(30, 3, seed=2)[0][:, 0]
    changed = np.concatenate([unseen, np.full((30, 500), 9)], axis=1)
    np.testing.assert_allclose(probabilities(wide, changed), probabilities(narrow, unseen), atol=1e-3)


def test_a_direction_in_which_the_copies_of_a_clip_differ_has_little_weight() -> None:
    # Both channels separate the classes equally well; one varies between clips, the other between copies of a clip.
    draw = np.random.default_rng(1)
    targets = np.arange(80) % 2
    signal = np.broadcast_to(2.0 * targets[:, None] - 1, (80, 3))
    between_clips = signal + draw.normal(0, 0.7, (80, 1))
    between_copies = signal + draw.normal(0, 0.7, (80, 3))
    embeddings = np.stack([between_clips, between_copies], axis=2)
    weights = logistic.fit(embeddings, targets, 2, 0.01, True).animals.weights
    stable, unstable = np.abs(weights[:, 1] - weights[:, 0])
    plain = LogisticRegression(C=0.01).fit(embeddings.reshape(-1, 2), np.repeat(targets, 3)).coef_[0]
    assert plain[1] > 0.8 * plain[0]  # without the whitening both count
    assert unstable < 0.5 * stable


def test_a_channel_that_hardly_varied_in_training_does_not_dominate_when_it_does() -> None:
    embeddings, targets = clusters(60, 3, seed=1)
    faint = 1e-5 * (targets == 0)[:, None, None] * np.ones((1, 3, 1))  # separates one class from the others
    head = logistic.fit(np.concatenate([embeddings, faint], axis=2), targets, 3, 0.1, True)
    unseen, _ = clusters(30, 3, seed=2)
    quiet, loud = (np.concatenate([unseen[:, 0], np.full((30, 1), level)], axis=1) for level in (0, 1))
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
    return (clips @ axes + draw.normal(0, 0.3, (n, views, 600))).astype(np.float32), targets


@pytest.mark.parametrize("rows", [300, 600])
def test_weights_spanned_by_a_sample_of_rows_give_nearly_the_same_probabilities(
    monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    embeddings, targets = overlapping(400, seed=1)
    unseen, truth = overlapping(300, seed=2)
    exact = probabilities(logistic.fit(embeddings, targets, 3, 0.01, True), unseen[:, 0])
    monkeypatch.setattr(logistic, "ROWS", rows)
    approximate = probabilities(logistic.fit(embeddings, targets, 3, 0.01, True), unseen[:, 0])
    assert np.abs(approximate - exact).mean() < 0.03
    accuracy, expected = ((values.argmax(axis=1) == truth).mean() for values in (approximate, exact))
    assert expected > 0.8
    assert accuracy > expected - 0.02


def test_all_rows_are_learned_from_and_the_seed_draws_those_that_span_the_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embeddings, targets = overlapping(200, seed=1)
    monkeypatch.setattr(logistic, "ROWS", 90)
    fits = [logistic.fit(embeddings, targets, 3, 0.01, True, seed).animals.weights for seed in (1, 1, 2)]
    np.testing.assert_array_equal(fits[0], fits[1])
    assert np.abs(fits[0] - fits[2]).max() > 0
    animals = np.flatnonzero(targets < 3)
    outside = np.setdiff1d(animals, animals[logistic.sample_evenly(targets[animals], 30, 1)])
    changed = np.where(np.isin(np.arange(200), outside[:20]), (targets + 1) % 3, targets)  # outside the sample
    assert np.abs(logistic.fit(embeddings, changed, 3, 0.01, True, 1).animals.weights - fits[0]).max() > 0


def test_no_more_clips_are_read_at_once_than_the_constants_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic, "ROWS", 60)
    monkeypatch.setattr(logistic, "BLOCK", 25)
    embeddings, targets = overlapping(200, seed=1)
    counted = Counting(embeddings)
    logistic.fit(counted, targets, 3, 0.01, True)
    assert max(counted.reads) == 25
    assert sum(counted.reads) == 2 * 60 // 3 + 200 + (targets < 3).sum()


def test_up_to_rows_rows_nothing_is_approximated(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, targets = overlapping(100, seed=1)
    expected = logistic.fit(embeddings, targets, 3, 0.01, True)
    monkeypatch.setattr(logistic, "ROWS", 300)
    monkeypatch.setattr(logistic, "_project", None)  # is not called
    np.testing.assert_array_equal(
        logistic.fit(embeddings, targets, 3, 0.01, True).animals.weights, expected.animals.weights
    )


@pytest.mark.parametrize("n", [3, 7, 30, 107])
def test_the_sample_is_drawn_evenly_from_all_classes(n: int) -> None:
    targets = np.repeat([0, 1, 2], [100, 2, 5])
    drawn = logistic.sample_evenly(targets, n, seed=1)
    assert len(drawn) == len(set(drawn)) == n
    assert (np.sort(drawn) == drawn).all()
    counts = np.bincount(targets[drawn], minlength=3)
    assert counts[0] >= counts[2] >= counts[1] >= min(2, n // 3)
