"""Training the head of one set of sources, and predicting windows of others with it: what trials and folds share."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from project_echo.core.labels import NONE, PARTIAL, animal_labels
from project_echo.core.tables import read_table
from project_echo.datasets.examples import Embeddings, Examples
from project_echo.datasets.views import Views, assert_no_leak, list_views, training_slices
from project_echo.evaluation.view_truth import join_truth, truth_of_views
from project_echo.features.config import read_features
from project_echo.features.slices import slice_times
from project_echo.models import heads
from project_echo.models.embedding import entry_weights
from project_echo.models.gram import gram_matrix
from project_echo.models.head import Head, Logistic, window_scores
from project_echo.models.heads import VIEWS_AT_ONCE
from project_echo.models.logistic import ROWS, Dual, as_linear, fit_dual
from project_echo.models.pooling import read_pooled
from project_echo.models.recipe import Recipe

SCORED_COPIES = 3  # of a validation clip, which are predicted as well, for calibration
SHARED_ROWS = ROWS  # slices to learn from, up to which the inner products of all are held in memory


def read_views(spectrograms: Path, embeddings: Path, clips: pd.DataFrame, animals: list[str]) -> Views:
    """The views of clips, from the tables of the spectrograms stage."""
    features = read_features(spectrograms / "features.json")
    times = slice_times(read_pooled(embeddings / "embeddings.json").slices, features.window_s)
    copies, calls = (read_table(spectrograms / name) for name in ("copies.csv", "calls.csv"))
    return list_views(clips, copies, calls, animals, times)


class Trainer:
    """Trains the heads of trials, and predicts windows of other sources with them.

    The logistic heads of all trials are trained from one matrix of inner products, unless it would be too large.

    Parameters
    ----------
    embeddings : Path
        Folder of arrays.
    views : Views
    animals : list of str
    recipe : Recipe
    """

    def __init__(self, embeddings: Path, views: Views, animals: list[str], recipe: Recipe) -> None:
        self.views, self._animals, self._recipe = views, animals, recipe
        self._folder = embeddings
        self._weights = entry_weights(read_pooled(embeddings / "embeddings.json"))
        of_view, of_slice = training_slices(views)
        self._grams: tuple[np.ndarray, np.ndarray] | None = None
        scored = np.flatnonzero((views.view <= SCORED_COPIES) & (views.label != PARTIAL))
        n_slices = views.truth.shape[1]
        if recipe.head == "logistic" and len(of_view) <= SHARED_ROWS:
            vectors = Embeddings(embeddings, views)
            rows = vectors[of_view, of_slice]
            self._truth = views.truth[of_view, of_slice]
            self._rows_of_view = [np.flatnonzero(of_view == view) for view in range(len(views))]
            self._scored_of_view = {view: np.arange(n_slices) + n_slices * at for at, view in enumerate(scored)}
            of_scored = np.empty((n_slices * len(scored), len(rows)))
            for start in range(0, len(scored), VIEWS_AT_ONCE):
                slices = vectors[scored[start : start + VIEWS_AT_ONCE]].reshape(-1, rows.shape[1])
                at = n_slices * start
                of_scored[at : at + len(slices)] = gram_matrix(slices, rows, self._weights)
            self._grams = gram_matrix(rows, rows, self._weights), of_scored

    def predict(self, train: np.ndarray, held_out: np.ndarray, validation: np.ndarray) -> np.ndarray:
        """Train a head on some views, and predict others.

        Parameters
        ----------
        train, held_out : np.ndarray of int
            Indices of views.
        validation : np.ndarray of int
            Those of `held_out` by which the dense head stops training.

        Returns
        -------
        np.ndarray of shape (held out, outputs)
            Log-odds of windows.
        """
        if self._grams is None:
            head = self.fit(train, held_out[np.isin(held_out, validation)])
            return heads.predict(head, Embeddings(self._folder, self.views), held_out)
        scored = np.concatenate([self._scored_of_view[view] for view in held_out])
        rows = self._rows(train)
        logits = self._fit_dual(rows).logits(self._grams[1][np.ix_(scored, rows)])
        return window_scores(logits.reshape(len(held_out), -1, logits.shape[1]))

    def fit(self, train: np.ndarray, validation: np.ndarray | None = None) -> Head:
        """Train a head on some views.

        Parameters
        ----------
        train : np.ndarray of int
            Indices of views.
        validation : np.ndarray of int, optional
            Indices of those by which the dense head stops training; by default the clips of `train` themselves.

        Returns
        -------
        Logistic or Dense
        """
        views = self.views[train]
        vectors = Embeddings(self._folder, views)
        if self._grams is not None:
            dual = self._fit_dual(self._rows(train))
            return Logistic(as_linear(dual, vectors[training_slices(views)], self._weights))
        if self._recipe.head == "logistic":
            return heads.fit_logistic(vectors, self._weights, views, self._recipe)
        stop = self.views[train[views.view == 0] if validation is None else validation]
        by = Embeddings(self._folder, stop), stop.label
        head, _ = heads.fit_dense(vectors, views, by, self._animals, self._recipe)
        return head

    def _rows(self, views: np.ndarray) -> np.ndarray:
        return np.concatenate([self._rows_of_view[view] for view in views])

    def _fit_dual(self, rows: np.ndarray) -> Dual:
        if self._grams is None:
            raise ValueError("there is no matrix of inner products")
        balanced = self._recipe.class_weight == "balanced"
        with threadpool_limits(1):  # the order of sums, and so their last bits, depends on the threads
            return fit_dual(self._grams[0][np.ix_(rows, rows)], self._truth[rows], self._recipe.C, balanced)


def views_of_trial(views: Views, clips: pd.DataFrame, left_out: str = "") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of the views that a trial trains on, of those that it is validated and tested on, and the latters' part.

    Training views are mixed from training sources alone, and validation views from validation sources. Clips are tested
    as they are.
    """
    indices = {}
    for part, of_part in clips.groupby("part"):
        indices[part] = views.of_clips(of_part["clip"], set(of_part["source"]), left_out if part == "train" else "")
    train = indices["train"]
    assert_no_leak(views[train], set(clips.loc[clips["part"] == "train", "source"]))
    validation, test = indices["validation"], indices["test"]
    validation, test = validation[views.view[validation] <= SCORED_COPIES], test[views.view[test] == 0]
    part = np.repeat(["validation", "test"], [len(validation), len(test)])
    return train, np.concatenate([validation, test]), part


def view_examples(views: Views, animals: list[str]) -> Examples:
    """The views that a dense head is trained on, with its outputs as targets."""
    targets = np.where(views.second_label == "", heads.dense_targets(views.label, animals), -1)
    chosen = targets >= 0
    return Examples(views.clip[chosen], views.view[chosen], targets[chosen])


def prediction_rows(
    keys: dict[str, Any], clips: pd.DataFrame, views: Views, part: np.ndarray, scores: np.ndarray, labels: list[str]
) -> pd.DataFrame:
    """The rows that a trial adds to the table of predictions.

    Parameters
    ----------
    keys : dict
        draw, train, held_out.
    clips : pd.DataFrame
        The clips of the trial.
    views : Views
        Those that were scored, with the truth of the animals of `labels`, in their order.
    part : np.ndarray of str, shape (views,)
    scores : np.ndarray of shape (views, outputs)
        Log-odds. Outputs beyond the animals are left out.
    labels : list of str

    Returns
    -------
    pd.DataFrame
        Columns KEYS and animals. Of a trial without a kind of background only the background of that kind is kept.
    """
    animals = animal_labels(labels)
    of_clip = clips.set_index("clip").loc[views.clip]
    columns = {
        "part": part,
        "clip": views.clip,
        "view": views.view,
        "source": of_clip["source"].to_numpy(),
        "label": of_clip["label"].to_numpy(),
        "truth": join_truth(truth_of_views(views.truth), animals),
        "background_source": views.sources[:, 1],
        "second_source": views.sources[:, 2],
        "kind": of_clip["kind"].to_numpy(),
    }
    table = pd.DataFrame(keys | columns | dict(zip(animals, scores[:, : len(animals)].T, strict=True)))
    if keys["held_out"]:
        table = table[(table["label"] != NONE) | (table["kind"] == keys["held_out"])]
    return table
