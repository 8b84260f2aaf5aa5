"""Nearest training clips of wrong test clips, by the similarity of their embeddings."""

import numpy as np
import pandas as pd

from project_echo.models.embedding import floor_variance

NEIGHBORS = 3  # of a wrong clip
DECIMALS = 9  # of similarities
COLUMNS = ["clip", "truth", "prediction", "confidence"]
COLUMNS += [f"nearest_{rank}{suffix}" for rank in range(1, NEIGHBORS + 1) for suffix in ("", "_label")]


def error_table(
    wrong: pd.DataFrame, training: pd.DataFrame, embeddings: np.ndarray, training_embeddings: np.ndarray
) -> pd.DataFrame:
    """Wrong test clips with the training clips that are nearest to them.

    Parameters
    ----------
    wrong : pd.DataFrame
        A row per wrong test clip: columns clip, truth, prediction, and a probability for each label and for `none`
        (`examples.with_none`).
    training : pd.DataFrame
        A row per training clip: columns clip, label.
    embeddings : np.ndarray of shape (wrong clips, width)
        Embeddings of the wrong clips, each the mean of its slices.
    training_embeddings : np.ndarray of shape (training clips, width)
        Embeddings of the training clips.

    Returns
    -------
    pd.DataFrame
        The columns COLUMNS: `confidence` is the probability of the prediction, `nearest_1` the nearest training clip.
    """
    if wrong.empty:
        return pd.DataFrame(columns=COLUMNS)
    confidence = [row[row["prediction"]] for row in wrong.to_dict("records")]
    table = wrong[["clip", "truth", "prediction"]].assign(confidence=confidence)
    for rank, indices in enumerate(nearest_neighbors(embeddings, training_embeddings, NEIGHBORS).T, start=1):
        table[f"nearest_{rank}"] = training["clip"].to_numpy()[indices]
        table[f"nearest_{rank}_label"] = training["label"].to_numpy()[indices]
    return table.reindex(columns=COLUMNS)


def nearest_neighbors(embeddings: np.ndarray, training_embeddings: np.ndarray, n: int) -> np.ndarray:
    """Nearest training clips by cosine similarity of standardized embeddings.

    Parameters
    ----------
    embeddings : np.ndarray of shape (clips, channels)
        Embeddings of the clips.
    training_embeddings : np.ndarray of shape (training clips, channels)
        Embeddings of the training clips. Their means and variances standardize both.
    n : int
        Number of neighbors.

    Returns
    -------
    np.ndarray of shape (clips, n), int
        Indices of training clips, the most similar first, and of equally similar ones the first. There are fewer
        columns if there are fewer training clips.
    """
    mean, variance = training_embeddings.mean(axis=0), training_embeddings.var(axis=0)
    scale = np.sqrt(floor_variance(variance))
    similarity = _unit((embeddings - mean) / scale) @ _unit((training_embeddings - mean) / scale).T
    similarity = similarity.round(DECIMALS)  # what is beyond depends on the processor
    order: np.ndarray = np.argsort(-similarity, axis=1, kind="stable")[:, :n]
    return order


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors scaled to length 1; zeros stay zeros."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length == 0, 1, length)
