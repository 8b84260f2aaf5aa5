"""Heads as arrays: their probabilities and gradients, and their file."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models.head import Dense, Head, Linear, Logistic, read_head, write_head

WIDTH, ANIMALS = 7, 3


def linear(outputs: int, seed: int, width: int = WIDTH) -> Linear:
    draw = np.random.default_rng(seed)
    return Linear(draw.normal(0, 1, (width, outputs)), draw.normal(0, 1, outputs))


def dense(hidden: bool) -> Dense:
    draw = np.random.default_rng(5)
    mean, scale = draw.normal(0, 1, WIDTH), draw.uniform(0.5, 2, WIDTH)
    return Dense(mean, scale, linear(9, 6) if hidden else None, linear(ANIMALS, 7, width=9 if hidden else WIDTH))


HEADS = {
    "logistic": Logistic(linear(ANIMALS, 1), linear(ANIMALS + 1, 2)),
    "logistic without background": Logistic(linear(ANIMALS, 1), None),
    "logistic of a single animal": Logistic(linear(1, 1), linear(2, 2)),
    "dense": dense(hidden=True),
    "dense without a hidden layer": dense(hidden=False),
}
EVERY = pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
EMBEDDINGS = np.random.default_rng(9).normal(0, 0.3, (6, WIDTH))


@EVERY
def test_probabilities_add_up_to_1(head: Head) -> None:
    for scale in (1, 1e4):
        log_probabilities = head.log_probabilities(scale * EMBEDDINGS)
        assert np.isfinite(log_probabilities).all()
        np.testing.assert_allclose(logsumexp(log_probabilities, axis=1), 0, atol=1e-9)


@EVERY
def test_the_gradient_points_where_the_log_probability_grows_fastest(head: Head) -> None:
    step = 1e-6 * np.eye(WIDTH)
    for embedding in EMBEDDINGS:
        forward, backward = head.log_probabilities(embedding + step), head.log_probabilities(embedding - step)
        numerical = (forward - backward) / 2e-6
        for label in range(numerical.shape[1]):
            gradient = head.gradient(embedding, label)
            cosine = gradient @ numerical[:, label] / np.linalg.norm(gradient) / np.linalg.norm(numerical[:, label])
            assert cosine == pytest.approx(1, abs=1e-6)


@EVERY
def test_the_gradient_does_not_vanish_for_the_most_confident_clips(head: Head) -> None:
    embedding = 1e3 * EMBEDDINGS[0]
    label = int(head.log_probabilities(embedding[np.newaxis])[0].argmax())
    assert np.linalg.norm(head.gradient(embedding, label)) > 0.01


def test_background_does_not_change_the_odds_between_animals() -> None:
    alone, together = (
        HEADS[name].log_probabilities(EMBEDDINGS) for name in ("logistic without background", "logistic")
    )
    np.testing.assert_allclose(np.diff(together[:, :ANIMALS]), np.diff(alone), atol=1e-12)


@EVERY
def test_a_head_is_read_as_it_was_written_and_its_bytes_repeat(head: Head, tmp_path: Path) -> None:
    first, second = tmp_path / "head.npz", tmp_path / "again.npz"
    write_head(head, first)
    again = read_head(first)
    assert type(again) is type(head)
    assert again.log_probabilities(EMBEDDINGS).tobytes() == head.log_probabilities(EMBEDDINGS).tobytes()
    write_head(again, second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "without an array", "missing"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "head.npz"
    write_head(HEADS["logistic"], path)
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
    write_head(HEADS["logistic"], path)
    content = bytearray(path.read_bytes())
    middle = content.index(HEADS["logistic"].animals.weights.tobytes()[:8])
    content[middle] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(EchoError, match=r"head\.npz"):
        read_head(path)
