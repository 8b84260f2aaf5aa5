"""The logistic head: which animal, and whether it is one, by two regularised regressions on embeddings.

It is linear, so it folds into two dense layers of the saved network, and with dozens of clips it is trained in a
fraction of a second. The work grows with the cube of clips times views, so beyond ROWS of them it is approximated.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.special import log_softmax, logsumexp
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from project_echo.core.seeds import generator

VARIANCE_FLOOR = 0.01  # of the mean variance over all channels
SHRINKAGE = 0.1  # of the copies' covariance towards a multiple of the identity
ROWS = 2000  # clips times views; where there are more, weights are sought in the span of so many alone
BLOCK = 256  # clips whose embeddings are in memory at once where there are more rows


class Embeddings(Protocol):
    """Shape (clips, views, width), float32: an array, or dataset.Views, which reads what is asked for from disk."""

    shape: tuple[int, ...]

    def __getitem__(self, clips: Any, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Linear:
    """Logits that are linear in an embedding: weights of shape (width, outputs), bias of shape (outputs,)."""

    weights: np.ndarray
    bias: np.ndarray

    def logits(self, embeddings: np.ndarray) -> np.ndarray:
        """Shape (clips, outputs) of embeddings of shape (clips, width)."""
        logits: np.ndarray = embeddings @ self.weights + self.bias
        return logits


@dataclass(frozen=True)
class Logistic:
    """Which animal it is if it is one, and whether it is one.

    `presence` has an output for each animal, too, and one more for background, of which alone use is made. It is None
    where there was no background to learn from.
    """

    animals: Linear
    presence: Linear | None

    def log_probabilities(self, embeddings: np.ndarray) -> np.ndarray:
        """Shape (clips, labels) of embeddings of shape (clips, width): the animals, and last, if it is known, none."""
        animals: np.ndarray = log_softmax(self.animals.logits(embeddings), axis=1)
        if self.presence is None:
            return animals
        presence = log_softmax(self.presence.logits(embeddings), axis=1)
        animal = logsumexp(presence[:, :-1], axis=1, keepdims=True)
        return np.hstack([animals + animal, presence[:, -1:]])


def fit(
    embeddings: Embeddings, targets: np.ndarray, n_animals: int, strength: float, balanced: bool, seed: int = 0
) -> Logistic:
    """Learn from clips and their copies: embeddings of shape (clips, views, width), targets of shape (clips,).

    Targets from `n_animals` on are background. It teaches only a second regression: as one more class of the first it
    cost about a point of accuracy among the animals (dog, frog, pig and rooster of ESC-50). `strength` is
    scikit-learn's C, the inverse of the penalty, for coordinates that are whitened as `_fit` says. `seed` draws the
    clips that span the weights where there are too many.
    """
    animals, clips = np.flatnonzero(targets < n_animals), np.arange(len(targets))
    with threadpool_limits(1):  # sums of another order would differ in their last bits, and these problems are small
        which = _fit(embeddings, animals, targets[animals], strength, balanced, seed)
        if len(animals) == len(clips):
            return Logistic(which, None)
        return Logistic(which, _fit(embeddings, clips, np.minimum(targets, n_animals), strength, balanced, seed))


def _fit(
    embeddings: Embeddings, clips: np.ndarray, targets: np.ndarray, strength: float, balanced: bool, seed: int
) -> Linear:
    """Regression on embeddings that are standardised and then whitened by what changes between a clip's copies.

    That is within-class covariance normalisation with every clip as a class (Hatch, Kajarekar & Stolcke,
    "Within-class covariance normalization for SVM-based speaker recognition", Interspeech 2006): directions in which a
    clip and its copies differ are those to overlook.

    Of more than ROWS rows (clips times views), some span the weights and say what is standard, and all are learned
    from: the Nyström method (Williams & Seeger, "Using the Nyström method to speed up kernel machines", NIPS 2000).
    """
    _, views, width = embeddings.shape
    every = len(clips) * views <= ROWS
    some = clips if every else clips[evenly(targets, ROWS // views, seed)]
    flat = embeddings[some].reshape(-1, width).astype(np.float32)
    mean, variance = flat.mean(axis=0), flat.var(axis=0)
    scale = np.sqrt(floored(variance))
    flat -= mean
    flat /= scale
    # The penalty keeps the weights within the span of the clips, which has at most as many coordinates as there are
    # rows: far fewer than channels.
    eigenvalues, rotation = np.linalg.eigh((flat @ flat.T).astype(np.float64))
    kept = eigenvalues > 1e-6 * eigenvalues[-1]
    lengths = np.sqrt(eigenvalues[kept])
    span = rotation[:, kept] / lengths  # flat.T @ span: orthonormal columns
    if every:
        coordinates = rotation[:, kept] * lengths
    else:
        coordinates = _along(embeddings, clips, mean, (flat.T @ span.astype(np.float32)) / scale[:, np.newaxis])
    whitening = _whitening(coordinates.reshape(len(clips), views, -1)).astype(coordinates.dtype)
    regression = LogisticRegression(C=strength, class_weight="balanced" if balanced else None, tol=1e-5, max_iter=1000)
    coordinates = coordinates @ whitening  # under its old name, as two would be too large
    regression.fit(coordinates, np.repeat(targets, views))
    coefficients, bias = regression.coef_, regression.intercept_
    if len(coefficients) == 1:  # of two classes scikit-learn keeps the second alone
        coefficients, bias = np.vstack([0 * coefficients, coefficients]), np.append(0, bias)
    weights = flat.T @ (span @ (whitening @ coefficients.T)) / scale[:, np.newaxis]
    return Linear(weights, bias - mean @ weights)


def evenly(targets: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Indices of `n` clips, sorted, drawn from all classes alike, so that rare ones are not lost; targets (clips,)."""
    shuffled = generator(seed, "evenly").permutation(len(targets))
    turns = pd.Series(shuffled).groupby(targets[shuffled]).cumcount()  # its place among those of its class
    drawn: np.ndarray = np.sort(shuffled[np.argsort(turns, kind="stable")[:n]])
    return drawn


def _along(embeddings: Embeddings, clips: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Coordinates of all views of clips along axes of shape (width, axes): shape (clips * views, axes), in float32."""
    views = embeddings.shape[1]
    found = np.empty((len(clips) * views, axes.shape[1]), dtype=np.float32)
    for start in range(0, len(clips), BLOCK):
        block = embeddings[clips[start : start + BLOCK]].reshape(-1, len(mean))
        found[start * views : start * views + len(block)] = (block - mean) @ axes
    return found


def floored(variance: np.ndarray) -> np.ndarray:
    """The variance of each channel, shape (width,), to standardise by: never so small that the channel drowns others.

    A channel that was silent throughout a small training set may speak later, and would be divided by nothing.
    """
    floor = max(VARIANCE_FLOOR * variance.mean(), np.finfo(np.float32).tiny)
    held: np.ndarray = np.maximum(variance, floor)
    return held


def _whitening(coordinates: np.ndarray) -> np.ndarray:
    """Shape (width, width), of coordinates of shape (clips, views, width)."""
    width = coordinates.shape[-1]
    power = np.mean(np.square(coordinates))
    differences = (coordinates - coordinates.mean(axis=1, keepdims=True)).reshape(-1, width)
    covariance = differences.T @ differences / len(differences)
    level = np.trace(covariance) / width
    if level <= 1e-6 * power:  # no copies, or none that differ
        return np.eye(width)
    lower = np.linalg.cholesky(covariance / level + SHRINKAGE * np.eye(width))
    whitening: np.ndarray = np.linalg.inv(lower).T
    return whitening
