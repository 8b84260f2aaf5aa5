"""Trained heads, from embeddings to log-odds, as plain arrays that need no TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import log_softmax, softmax

from project_echo.core import files
from project_echo.core.errors import EchoError

HIGHEST_SLICES = 2  # of a window, whose mean is the window's
SMALLEST = 1e-12  # probability
ROWS_AT_ONCE = 16  # of embeddings, in float64, so that they stay in the processor's cache


@dataclass(frozen=True)
class Linear:
    """A linear map from embeddings to logits: weights of shape (width, outputs), bias of shape (outputs,), float64."""

    weights: np.ndarray
    bias: np.ndarray

    def logits(self, embeddings: np.ndarray) -> np.ndarray:
        """Logits, shape (..., outputs), of embeddings of shape (..., width)."""
        rows = embeddings.reshape(-1, embeddings.shape[-1])
        logits = np.empty((len(rows), len(self.bias)))
        for start in range(0, len(rows), ROWS_AT_ONCE):
            at = slice(start, start + ROWS_AT_ONCE)
            np.matmul(rows[at].astype(np.float64, copy=False), self.weights, out=logits[at])
        logits += self.bias
        return logits.reshape(*embeddings.shape[:-1], -1)


@dataclass(frozen=True)
class Logistic:
    """The logistic head: a regression for each animal by itself."""

    animals: Linear

    def slice_scores(self, embeddings: np.ndarray) -> np.ndarray:
        """Log-odds of each animal, shape (clips, slices, animals), of embeddings of shape (clips, slices, width)."""
        return self.animals.logits(embeddings)

    def gradient(self, embeddings: np.ndarray, label: int) -> np.ndarray:
        """Gradient of an animal's log-odds in a window, of any positive length, shape (slices, width).

        Only its direction counts. For the label after the last, `none`, it is that of the most probable animal,
        reversed.
        """
        scores = self.slice_scores(embeddings[np.newaxis])[0]
        n_animals = scores.shape[1]
        sign = 1.0
        if label == n_animals:
            sign, label = -1.0, int(window_scores(scores[np.newaxis])[0].argmax())
        highest = np.argsort(-scores[:, label], kind="stable")[:HIGHEST_SLICES]
        gradient = np.zeros(embeddings.shape)
        gradient[highest] = sign * self.animals.weights[:, label]
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

    def slice_scores(self, embeddings: np.ndarray) -> np.ndarray:
        """Log-odds of each output, shape (clips, slices, outputs), of embeddings of shape (clips, slices, width)."""
        logs = log_softmax(self.output.logits(self._hidden(embeddings)), axis=-1)
        scores: np.ndarray = logs - np.log(np.maximum(-np.expm1(logs), SMALLEST))
        return scores

    def gradient(self, embeddings: np.ndarray, label: int) -> np.ndarray:
        """Gradient of a label's log-probability, of any positive length, shape (1, width)."""
        active = self._hidden(embeddings)
        gradient = self.output.weights @ _direction(self.output.logits(active)[0], label)
        if self.hidden is not None:
            gradient = self.hidden.weights @ (gradient * (active[0] > 0))
        scaled: np.ndarray = gradient / self.scale
        return scaled[np.newaxis]

    def _hidden(self, embeddings: np.ndarray) -> np.ndarray:
        standardized = (embeddings - self.mean) / self.scale
        return standardized if self.hidden is None else np.maximum(self.hidden.logits(standardized), 0)


Head = Logistic | Dense


def window_scores(slices: np.ndarray) -> np.ndarray:
    """Log-odds of windows, shape (clips, labels), from those of their slices, shape (clips, slices, labels).

    The mean of the HIGHEST_SLICES highest: a call is rarely heard in one slice alone, as each overlaps the next.
    """
    highest = np.sort(slices, axis=1)[:, -HIGHEST_SLICES:]
    scores: np.ndarray = highest.mean(axis=1)
    return scores


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
        linears = {"animals": head.animals}
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
        return Logistic(_linear(arrays, "animals"))
    except KeyError as error:
        raise EchoError(f"{path} has no array {error}. Train again: project-echo train, or dvc repro train.") from None


def _linear(arrays: Mapping[str, np.ndarray], name: str) -> Linear:
    return Linear(arrays[f"{name}.weights"], arrays[f"{name}.bias"])
