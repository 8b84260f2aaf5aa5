"""Trained heads, from embeddings to log-probabilities, as plain arrays that need no TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax

from project_echo.core import files
from project_echo.core.errors import EchoError


@dataclass(frozen=True)
class Linear:
    """A linear map from embeddings to logits: weights of shape (width, outputs), bias of shape (outputs,), float64."""

    weights: np.ndarray
    bias: np.ndarray

    def logits(self, embeddings: np.ndarray) -> np.ndarray:
        """Logits, shape (clips, outputs), of embeddings of shape (clips, width)."""
        logits: np.ndarray = embeddings.astype(np.float64) @ self.weights + self.bias
        return logits


@dataclass(frozen=True)
class Logistic:
    """The logistic head: `animals` tells the animals apart, `presence` tells them from background.

    `presence` has an output for each animal and one for background, of which only the last is used. It is None if
    there was no background to learn from.
    """

    animals: Linear
    presence: Linear | None

    def log_probabilities(self, embeddings: np.ndarray) -> np.ndarray:
        """Log-probabilities, shape (clips, labels), of embeddings of shape (clips, width); `none` is the last label."""
        presence = None if self.presence is None else self.presence.logits(embeddings)
        return join_logits(self.animals.logits(embeddings), presence)

    def gradient(self, embedding: np.ndarray, label: int) -> np.ndarray:
        """Gradient of a label's log-probability, of any positive length, shape (width,).

        Only its direction counts. It is scaled so that it does not vanish for the most confident clips.
        """
        animals = self.animals.logits(embedding[np.newaxis])[0]
        n_animals = len(animals)
        if self.presence is None:
            return self.animals.weights @ _direction(animals, label)
        presence = self.presence.logits(embedding[np.newaxis])[0]
        against_background = -self.presence.weights @ _direction(presence, n_animals)
        if label == n_animals:
            return -against_background
        among_animals = self.animals.weights @ _direction(animals, label)
        others = np.delete(softmax(animals), label).sum()
        gradient: np.ndarray = others * among_animals + softmax(presence)[-1] * against_background
        return gradient


@dataclass(frozen=True)
class Dense:
    """The dense head: standardization, one hidden layer with ReLU or none, softmax.

    Attributes
    ----------
    mean, scale : np.ndarray of shape (width,), float64
        Embeddings are standardized by them.
    hidden : Linear or None
    output : Linear
    """

    mean: np.ndarray
    scale: np.ndarray
    hidden: Linear | None
    output: Linear

    def log_probabilities(self, embeddings: np.ndarray) -> np.ndarray:
        """Log-probabilities, shape (clips, labels), of embeddings of shape (clips, width)."""
        log_probabilities: np.ndarray = log_softmax(self.output.logits(self._hidden(embeddings)), axis=1)
        return log_probabilities

    def gradient(self, embedding: np.ndarray, label: int) -> np.ndarray:
        """Gradient of a label's log-probability, of any positive length, shape (width,)."""
        active = self._hidden(embedding[np.newaxis])
        gradient = self.output.weights @ _direction(self.output.logits(active)[0], label)
        if self.hidden is not None:
            gradient = self.hidden.weights @ (gradient * (active[0] > 0))
        scaled: np.ndarray = gradient / self.scale
        return scaled

    def _hidden(self, embeddings: np.ndarray) -> np.ndarray:
        standardized = (embeddings - self.mean) / self.scale
        return standardized if self.hidden is None else np.maximum(self.hidden.logits(standardized), 0)


Head = Logistic | Dense


def join_logits(animals: np.ndarray, presence: np.ndarray | None) -> np.ndarray:
    """Log-probabilities of the labels from the logits of the logistic head's two regressions.

    Parameters
    ----------
    animals : np.ndarray of shape (clips, animals)
    presence : np.ndarray of shape (clips, animals + 1), optional
        None without background.

    Returns
    -------
    np.ndarray of shape (clips, labels)
        `none` is the last label.
    """
    among_animals: np.ndarray = log_softmax(animals, axis=1)
    if presence is None:
        return among_animals
    presence = log_softmax(presence, axis=1)
    any_animal = logsumexp(presence[:, :-1], axis=1, keepdims=True)
    return np.hstack([among_animals + any_animal, presence[:, -1:]])


def _direction(logits: np.ndarray, label: int) -> np.ndarray:
    """Gradient, with respect to the logits, of the log odds of a label against the others, shape (outputs,)."""
    direction = np.zeros(len(logits))
    direction[label] = 1
    if len(logits) > 1:
        others = np.arange(len(logits)) != label
        direction[others] = -softmax(logits[others])
    return direction


def write_head(head: Head, path: Path) -> None:
    """Write a head as an .npz file."""
    arrays: dict[str, np.ndarray] = {}
    if isinstance(head, Dense):
        arrays |= {"mean": head.mean, "scale": head.scale}
        linears = {"hidden": head.hidden, "output": head.output}
    else:
        linears = {"animals": head.animals, "presence": head.presence}
    for name, linear in linears.items():
        if linear is not None:
            arrays |= {f"{name}.weights": linear.weights, f"{name}.bias": linear.bias}
    files.write_arrays(arrays, path)


def read_head(path: Path) -> Head:
    """Read a head that `write_head` wrote. Raises EchoError if the file is missing or is not one."""
    arrays = files.read_arrays(path)
    try:
        if "output.weights" in arrays:
            output = _linear(arrays, "output")
            hidden = _linear(arrays, "hidden") if "hidden.weights" in arrays else None
            return Dense(arrays["mean"], arrays["scale"], hidden, output)
        presence = _linear(arrays, "presence") if "presence.weights" in arrays else None
        return Logistic(_linear(arrays, "animals"), presence)
    except KeyError as error:
        raise EchoError(f"{path} has no array {error}. Train again: dvc repro train.") from None


def _linear(arrays: Mapping[str, np.ndarray], name: str) -> Linear:
    return Linear(arrays[f"{name}.weights"], arrays[f"{name}.bias"])
