"""Repeated training and testing: the trials of crossval, each trained as `train` does it."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels
from project_echo.core.parallel import cores, map_all, progress
from project_echo.datasets import examples
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources, hold_out_background, reduce_training_sources
from project_echo.datasets.examples import Examples, read_embeddings
from project_echo.datasets.split import UNUSED
from project_echo.datasets.views import Views, assert_no_leak, list_views, training_slices
from project_echo.evaluation.config import Crossval
from project_echo.features.config import read_features
from project_echo.models import heads
from project_echo.models.embedding import entry_weights, slice_times
from project_echo.models.gram import gram_matrix
from project_echo.models.head import Head, Logistic, window_scores
from project_echo.models.logistic import Dual, as_linear, fit_dual
from project_echo.models.pooling import read_pooled
from project_echo.models.recipe import Recipe

SCORED_COPIES = 3  # of a validation clip, which are predicted as well, for calibration
SHARED_ROWS = 6000  # slices to learn from, up to which the inner products of all are held in memory
Trial = tuple[dict[str, Any], pd.DataFrame]  # draw, train, held_out; and the clips of the draw


@dataclass(frozen=True)
class Draw:
    """A draw of sources: its number, its training sources per class, and what `draw_sources` returns."""

    number: int
    train: int
    clips: pd.DataFrame


def draw_all(clips: pd.DataFrame, split: Split, crossval: Crossval) -> list[Draw]:
    """Draw sources as often as `crossval.draws` says.

    Parameters
    ----------
    clips : pd.DataFrame
        The table of the split stage.
    split : Split
        Sizes of the parts.
    crossval : Crossval

    Returns
    -------
    list of Draw
    """
    draws = map_all(draw_sources, ((clips, split, crossval.seed, number) for number in range(crossval.draws)), "draws")
    # Sources that several classes share may give one more of them to some draws: all count as of one size.
    train = max(count_training_sources(draw) for draw in draws)
    return [Draw(number, train, draw) for number, draw in enumerate(draws)]


def count_training_sources(draw: pd.DataFrame) -> int:
    """Training sources of the class that has most of them."""
    animals = draw[(draw["part"] == "train") & (draw["label"] != NONE)]
    return int(animals.groupby("kind")["source"].nunique().max())


def trials_of_draw(draw: Draw, crossval: Crossval, head: str) -> list[Trial]:
    """The trials of a draw: as drawn, without a kind of background, and with fewer training sources.

    Kinds and sizes take turns, one of each to a draw: more would take most of the time and say little more.

    Parameters
    ----------
    draw : Draw
    crossval : Crossval
    head : {"logistic", "dense"}
        The dense head has no label for background, so no kind of it is held out.

    Returns
    -------
    list of Trial
        Without the clips that are in no part.
    """
    number, train, clips = draw.number, draw.train, draw.clips
    kinds = sorted(clips.loc[clips["label"] == NONE, "kind"].unique())
    smaller = sorted({size for size in crossval.train_sizes if size < train})
    trials: list[Trial] = [({"draw": number, "train": train, "held_out": ""}, clips)]
    if len(kinds) > 1 and head == "logistic":
        kind = kinds[number % len(kinds)]
        trials.append(({"draw": number, "train": train, "held_out": kind}, hold_out_background(clips, kind)))
    if smaller:
        size = smaller[number % len(smaller)]
        reduced = reduce_training_sources(clips, size, crossval.seed, number)
        trials.append(({"draw": number, "train": size, "held_out": ""}, reduced))
    return [(keys, clips[clips["part"] != UNUSED]) for keys, clips in trials]


def run_trials(
    draws: list[Draw],
    crossval: Crossval,
    labels: list[str],
    recipe: Recipe,
    spectrograms: Path,
    embeddings: Path,
    weights: Path,
) -> pd.DataFrame:
    """Train and test every trial: heads on embeddings in parallel, or the network itself on spectrograms.

    Parameters
    ----------
    draws : list of Draw
        What `draw_all` returns.
    crossval : Crossval
    labels : list of str
        In the order of `core.labels.sorted_labels`.
    recipe : Recipe
    spectrograms, embeddings, weights : Path
        Folders of arrays, and the weights file of the backbone.

    Returns
    -------
    pd.DataFrame
        The table of predictions (`evaluation.predictions`).
    """
    clips = pd.concat([draw.clips for draw in draws]).drop_duplicates("clip")
    animals = animal_labels(labels)
    views = read_views(spectrograms, embeddings, clips, animals)
    trials = [trials_of_draw(draw, crossval, recipe.head) for draw in draws]
    if recipe.trainable != "none":
        flat = list(itertools.chain.from_iterable(trials))
        tables = [
            run_network_trial(spectrograms, embeddings, weights, views, keys, its_clips, labels, recipe)
            for keys, its_clips in progress(flat, "crossval")
        ]
        return pd.concat(tables, ignore_index=True)
    trainer = Trainer(embeddings, views, animals, recipe)
    blocks = min(len(draws), 4 * cores())  # a few for each core
    edges = np.linspace(0, len(draws), blocks + 1).astype(int)
    items = [
        (trainer, list(itertools.chain.from_iterable(trials[first:last])), labels)
        for first, last in itertools.pairwise(edges)
    ]
    return pd.concat(map_all(run_head_trials, items, "crossval"), ignore_index=True)


def read_views(spectrograms: Path, embeddings: Path, clips: pd.DataFrame, animals: list[str]) -> Views:
    """The views of clips, from the tables of the spectrograms stage."""
    features = read_features(spectrograms / "features.json")
    times = slice_times(read_pooled(embeddings / "embeddings.json").slices, features.window_s)
    copies, calls = (files.read_table(spectrograms / name) for name in ("copies.csv", "calls.csv"))
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
        scored = np.flatnonzero(views.view <= SCORED_COPIES)
        n_slices = views.truth.shape[1]
        if recipe.head == "logistic" and len(of_view) <= SHARED_ROWS:
            vectors = read_embeddings(embeddings, views)
            rows = vectors[of_view, of_slice]
            self._truth = views.truth[of_view, of_slice]
            self._rows_of_view = [np.flatnonzero(of_view == view) for view in range(len(views))]
            self._scored_of_view = {view: np.arange(n_slices) + n_slices * at for at, view in enumerate(scored)}
            self._grams = (
                gram_matrix(rows, rows, self._weights),
                gram_matrix(vectors[scored].reshape(-1, rows.shape[1]), rows, self._weights),
            )

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
            vectors = read_embeddings(self._folder, self.views[held_out])
            stop = np.isin(held_out, validation)
            head = self.fit(train, (vectors[stop], self.views.label[held_out[stop]]))
            return window_scores(head.slice_scores(vectors))
        scored = np.concatenate([self._scored_of_view[view] for view in held_out])
        rows = self._rows(train)
        logits = self._fit_dual(rows).logits(self._grams[1][np.ix_(scored, rows)])
        return window_scores(logits.reshape(len(held_out), -1, logits.shape[1]))

    def fit(self, train: np.ndarray, validation: tuple[np.ndarray, np.ndarray] | None = None) -> Head:
        """Train a head on some views.

        Parameters
        ----------
        train : np.ndarray of int
            Indices of views.
        validation : tuple of np.ndarray, optional
            Embeddings of clips, and their labels, by which the dense head stops training; by default the clips of
            `train` themselves.

        Returns
        -------
        Logistic or Dense
        """
        vectors = read_embeddings(self._folder, self.views[train])
        if self._grams is not None:
            of_view, of_slice = training_slices(self.views[train])
            dual = self._fit_dual(self._rows(train))
            return Logistic(as_linear(dual, vectors[of_view, of_slice], self._weights))
        original = self.views.view[train] == 0
        validation = validation or (vectors[original], self.views.label[train[original]])
        head, _ = heads.fit(vectors, self._weights, self.views[train], validation, self._animals, self._recipe)
        return head

    def _rows(self, views: np.ndarray) -> np.ndarray:
        return np.concatenate([self._rows_of_view[view] for view in views])

    def _fit_dual(self, rows: np.ndarray) -> Dual:
        if self._grams is None:
            raise ValueError("there is no matrix of inner products")
        balanced = self._recipe.class_weight == "balanced"
        with threadpool_limits(1):  # the order of sums, and so their last bits, depends on the threads
            return fit_dual(self._grams[0][np.ix_(rows, rows)], self._truth[rows], self._recipe.C, balanced)


def run_head_trials(trainer: Trainer, trials: list[Trial], labels: list[str]) -> pd.DataFrame:
    """Train a head for each trial as `train` does it; predictions on validation and test views."""
    tables = []
    for keys, clips in trials:
        train, held_out, part = views_of_trial(trainer.views, clips)
        scores = trainer.predict(train, held_out, held_out[part == "validation"])
        tables.append(prediction_rows(keys, clips, trainer.views[held_out], part, scores, labels))
    return pd.concat(tables)


def views_of_trial(views: Views, clips: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of the views that a trial trains on, of those that it is validated and tested on, and the latters' part.

    Training views are mixed from training sources alone, and validation views from validation sources. Clips are tested
    as they are.
    """
    indices = {}
    for part, of_part in clips.groupby("part"):
        indices[part] = views.of_clips(of_part["clip"], set(of_part["source"]))
    train = indices["train"]
    assert_no_leak(views[train], set(clips.loc[clips["part"] == "train", "source"]))
    validation, test = indices["validation"], indices["test"]
    validation, test = validation[views.view[validation] <= SCORED_COPIES], test[views.view[test] == 0]
    part = np.repeat(["validation", "test"], [len(validation), len(test)])
    return train, np.concatenate([validation, test]), part


def run_network_trial(
    spectrograms: Path,
    embeddings: Path,
    weights: Path,
    views: Views,
    keys: dict[str, Any],
    clips: pd.DataFrame,
    labels: list[str],
    recipe: Recipe,
) -> pd.DataFrame:
    """Train the network for a trial as `train` does it; predictions on the validation and test clips."""
    # TensorFlow takes seconds to import, and the logistic head does without.
    from project_echo.models import networks, training  # noqa: PLC0415
    from project_echo.models.backend import keras  # noqa: PLC0415

    keras.utils.clear_session()
    features = read_features(spectrograms / "features.json")
    pooling = read_pooled(embeddings / "embeddings.json")
    backbone = networks.backbone(features.image_shape, pooling, weights)
    animals = animal_labels(labels)
    train, held_out, part = views_of_trial(views, clips)
    learned, scored = view_examples(views[train], animals), held_out[views.view[held_out] == 0]
    part = part[views.view[held_out] == 0]
    stop = view_examples(views[scored[part == "validation"]], animals)
    n_outputs = max(2, len(animals))
    model, _ = training.train_network(backbone, spectrograms, learned, stop, n_outputs, recipe)
    every = Examples(views.clip[scored], views.view[scored], np.zeros(len(scored), int))
    scores = training.log_odds(model, examples.read_examples(spectrograms, every))
    return prediction_rows(keys, clips, views[scored], part, scores, labels)


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
        Those that were scored.
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
        "second": views.second_label,
        "kind": of_clip["kind"].to_numpy(),
    }
    table = pd.DataFrame(keys | columns | dict(zip(animals, scores[:, : len(animals)].T, strict=True)))
    if keys["held_out"]:
        table = table[(table["label"] != NONE) | (table["kind"] == keys["held_out"])]
    return table
