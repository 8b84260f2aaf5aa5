"""Heads as arrays: their scores and gradients, and their file."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit, softmax

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models.head import HIGHEST_SLICES, Dense, Head, Linear, Logistic, read_head, window_scores, write_head

WIDTH, ANIMALS, SLICES = 7, 3, 5


def linear(outputs: int, seed: int, width: int = WIDTH) -> Linear:
    draw = np.random.default_rng(seed)
    return Linear(draw.normal(0, 1, (width, outputs)), draw.normal(0, 1, outputs))


def dense(hidden: bool) -> Dense:
    draw = np.random.default_rng(5)
    mean, scale = draw.normal(0, 1, WIDTH), draw.uniform(0.5, 2, WIDTH)
    return Dense(mean, scale, linear(9, 6) if hidden else None, linear(ANIMALS, 7, width=9 if hidden else WIDTH))


LOGISTIC = Logistic(linear(ANIMALS, 1))
DENSE = {"dense": dense(hidden=True), "dense without a hidden layer": dense(hidden=False)}
HEADS: dict[str, Head] = {"logistic": LOGISTIC, "logistic of a single animal": Logistic(linear(1, 1)), **DENSE}
EVERY = pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
EMBEDDINGS = np.random.default_rng(9).normal(0, 0.3, (6, SLICES, WIDTH))


def embeddings_of(head: Head) -> np.ndarray:
    """Those that a head takes; the dense head takes one slice."""
    return EMBEDDINGS[:, :1] if isinstance(head, Dense) else EMBEDDINGS


def test_the_logistic_head_scores_each_slice_and_label_by_itself() -> None:
    scores = LOGISTIC.slice_scores(EMBEDDINGS)
    assert scores.shape == (6, SLICES, ANIMALS)
    np.testing.assert_allclose(scores[2, 3], EMBEDDINGS[2, 3] @ LOGISTIC.animals.weights + LOGISTIC.animals.bias)
    stored = np.random.default_rng(1).integers(0, 256, (2, SLICES, WIDTH)).astype(np.uint8)
    np.testing.assert_allclose(LOGISTIC.slice_scores(stored), LOGISTIC.slice_scores(stored.astype(float)))


@pytest.mark.parametrize("head", DENSE.values(), ids=DENSE)
@pytest.mark.parametrize("scale", [1, 1e4])
def test_the_dense_head_scores_log_odds_of_a_softmax(head: Dense, scale: float) -> None:
    scores = head.slice_scores(scale * EMBEDDINGS[:, :1])
    assert scores.shape == (6, 1, ANIMALS)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(expit(scores).sum(axis=-1), 1, atol=1e-9)
    if scale == 1:
        standardized = (EMBEDDINGS[:, 0] - head.mean) / head.scale
        flow = standardized if head.hidden is None else np.maximum(head.hidden.logits(standardized), 0)
        np.testing.assert_allclose(scores[:, 0], logit(softmax(head.output.logits(flow), axis=1)))


def test_a_window_has_the_mean_of_its_highest_slices_of_each_label() -> None:
    scores = np.array([[[1.0, -4], [5, -2], [2, -9], [3, -1]]])
    assert window_scores(scores).tolist() == [[4.0, -1.5]]
    assert window_scores(scores[:, :1]).tolist() == [[1.0, -4.0]]
    order = np.random.default_rng(1).permutation(4)
    assert window_scores(scores[:, order]).tolist() == [[4.0, -1.5]]
    assert window_scores(np.zeros((0, 7, 2))).shape == (0, 2)


def score_of(head: Head, embeddings: np.ndarray, label: int) -> float:
    """The score of a window, shape (slices, width), of a label; of `none` the negative of the highest."""
    scores = window_scores(head.slice_scores(embeddings[np.newaxis]))[0]
    return float(scores[label] if label < len(scores) else -scores.max())


@EVERY
def test_the_gradient_points_where_the_score_grows_fastest(head: Head) -> None:
    """By finite differences, so small that the highest slices stay the same."""
    n_labels = head.slice_scores(embeddings_of(head)).shape[2]
    for embeddings in embeddings_of(head):
        for label in range(n_labels + isinstance(head, Logistic)):
            numerical = np.zeros(embeddings.shape)
            for index in np.ndindex(*embeddings.shape):
                step = np.zeros(embeddings.shape)
                step[index] = 1e-6
                ahead, behind = (score_of(head, embeddings + sign * step, label) for sign in (1, -1))
                numerical[index] = (ahead - behind) / 2e-6
            gradient = head.gradient(embeddings, label)
            assert gradient.shape == embeddings.shape
            cosine = np.vdot(gradient, numerical) / np.linalg.norm(gradient) / np.linalg.norm(numerical)
            assert cosine == pytest.approx(1, abs=1e-6)


def test_the_gradient_of_the_logistic_head_is_in_its_highest_slices_alone() -> None:
    scores = LOGISTIC.slice_scores(EMBEDDINGS)
    for embeddings, of_window in zip(EMBEDDINGS, scores, strict=True):
        for label in range(ANIMALS):
            touched = np.flatnonzero(LOGISTIC.gradient(embeddings, label).any(axis=1))
            assert set(touched) == set(np.argsort(of_window[:, label])[-HIGHEST_SLICES:])


@EVERY
def test_the_gradient_does_not_vanish_for_the_most_confident_clips(head: Head) -> None:
    embeddings = 1e3 * embeddings_of(head)[0]
    label = int(window_scores(head.slice_scores(embeddings[np.newaxis]))[0].argmax())
    assert np.linalg.norm(head.gradient(embeddings, label)) > 0.01


@EVERY
def test_a_head_is_read_as_it_was_written_and_its_bytes_repeat(head: Head, tmp_path: Path) -> None:
    first, second = tmp_path / "head.npz", tmp_path / "again.npz"
    write_head(head, first)
    again = read_head(first)
    assert type(again) is type(head)
    assert again.slice_scores(EMBEDDINGS).tobytes() == head.slice_scores(EMBEDDINGS).tobytes()
    write_head(again, second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "without an array", "missing"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "head.npz"
    write_head(LOGISTIC, path)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:300])
    elif damage == "without an array":
        arrays = files.read_arrays(path)
        files.write_arrays({name: arrays[name] for name in arrays if name != "animals.bias"}, path)
    elif damage == "missing":
        path.unlink()
    else:
        path.write_text("no arrays" if damage == "text" else "")
    with pytest.raises(EchoError, match=r"head\.npz"):
        read_head(path)


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    write_head(LOGISTIC, path)
    content = bytearray(path.read_bytes())
    middle = content.index(LOGISTIC.animals.weights.tobytes()[:8])
    content[middle] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(EchoError, match=r"head\.npz"):
        read_head(path)
