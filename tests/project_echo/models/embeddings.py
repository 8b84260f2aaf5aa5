"""Small embeddings of known classes, as the pipeline stores them: uint8, about the middle of their range."""

import numpy as np

from project_echo.core.labels import NONE
from project_echo.datasets.views import Views


def stored(values: np.ndarray) -> np.ndarray:
    """Embeddings as uint8, of real values about 0."""
    return np.clip(np.rint(120 + 20 * values), 0, 255).astype(np.uint8)


def clusters(n: int, classes: int, seed: int, width: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Well separated embeddings, shape (n, width), of classes of which the first is the largest; targets."""
    draw = np.random.default_rng(seed)
    targets = np.minimum(np.arange(n) % (classes + 1), classes - 1)[::-1]
    return stored(2 * np.eye(width)[targets] + draw.normal(0, 0.5, (n, width))), targets


def views_of(
    labels: list[str], animals: list[str], slices: int = 1, copies: int = 0, seconds: list[str] | None = None
) -> Views:
    """Views of a clip of each label, each of a source of its own: a label is heard in all of its slices.

    With `seconds` the copies hold a call of that label as well.
    """
    n_views = 1 + copies
    clips = np.repeat([f"clip {number}" for number in range(len(labels))], n_views)
    label = np.repeat(labels, n_views)
    view = np.tile(np.arange(n_views), len(labels))
    second = np.where(view > 0, np.repeat(seconds or [""] * len(labels), n_views), "")
    truth = (label[:, np.newaxis] == np.array(animals)) | (second[:, np.newaxis] == np.array(animals))
    return Views(
        clip=clips,
        view=view,
        label=label,
        sources=np.repeat(clips[:, np.newaxis], 3, axis=1),
        background_kind=np.full(len(clips), ""),
        second_label=second,
        truth=np.repeat(truth[:, np.newaxis].astype(np.int8), slices, axis=1),
    )


def names(targets: np.ndarray, animals: list[str]) -> list[str]:
    """Labels of targets; those beyond the animals are background."""
    return [[*animals, NONE][min(target, len(animals))] for target in targets.tolist()]
