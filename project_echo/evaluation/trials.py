"""Repeated training and testing: the trials of crossval, each trained as `train` does it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels
from project_echo.core.parallel import cores, map_all, progress
from project_echo.datasets import examples
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources, hold_out_background, reduce_training_sources
from project_echo.datasets.examples import clips_for_head
from project_echo.datasets.split import PARTS, UNUSED
from project_echo.evaluation.config import Crossval
from project_echo.features.config import read_features
from project_echo.models import calibration, heads
from project_echo.models.gram import gram_matrices
from project_echo.models.logistic import ROWS, fit_dual
from project_echo.models.pooling import read_pooled
from project_echo.models.recipe import Recipe

HELD_OUT = "validation", "test"
Trial = tuple[dict[str, Any], pd.DataFrame]  # draw, train, held_out; and the clips of the draw


@dataclass(frozen=True)
class Draw:
    """A draw of sources: its number, its training sources per class, and what `draw_sources` returns."""

    number: int
    train: int
    clips: pd.DataFrame


def draw_all(clips: pd.DataFrame, split: Split, crossval: Crossval, head: str) -> list[Draw]:
    """Draw sources as often as `crossval.draws` says.

    Parameters
    ----------
    clips : pd.DataFrame
        The table of the split stage.
    split : Split
        Sizes of the parts.
    crossval : Crossval
    head : {"logistic", "dense"}
        The dense head does not learn from background.

    Returns
    -------
    list of Draw
    """
    drawn = map_all(draw_sources, ((clips, split, crossval.seed, number) for number in range(crossval.draws)), "draws")
    draws = [clips_for_head(draw, head) for draw in drawn]
    # Sources that several classes share may give one more of them to some draws: all count as of one size.
    train = max(count_training_sources(draw) for draw in draws)
    return [Draw(number, train, draw) for number, draw in enumerate(draws)]


def count_training_sources(draw: pd.DataFrame) -> int:
    """Training sources of the class that has most of them."""
    animals = draw[(draw["part"] == "train") & (draw["label"] != NONE)]
    return int(animals.groupby("kind")["source"].nunique().max())


def trials_of_draw(draw: Draw, crossval: Crossval) -> list[Trial]:
    """The trials of a draw: as drawn, without each kind of background, and with fewer training sources.

    Parameters
    ----------
    draw : Draw
    crossval : Crossval

    Returns
    -------
    list of Trial
        Without the clips that are in no part.
    """
    number, train, clips = draw.number, draw.train, draw.clips
    kinds = sorted(clips.loc[clips["label"] == NONE, "kind"].unique())
    held_out = kinds if len(kinds) > 1 else []
    smaller = sorted({size for size in crossval.train_sizes if size < train})
    trials: list[Trial] = [
        ({"draw": number, "train": train, "held_out": ""}, clips),
        *(({"draw": number, "train": train, "held_out": kind}, hold_out_background(clips, kind)) for kind in held_out),
        *(
            (
                {"draw": number, "train": size, "held_out": ""},
                reduce_training_sources(clips, size, crossval.seed, number),
            )
            for size in smaller
        ),
    ]
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
    if recipe.trainable == "none":
        sizes = read_pooled(embeddings / "embeddings.json").sizes
        blocks = min(len(draws), 4 * cores())  # a few for each core, as draws of a block share their inner products
        edges = np.linspace(0, len(draws), blocks + 1).astype(int)
        items = [
            (embeddings, sizes, draws[first:last], crossval, labels, recipe)
            for first, last in itertools.pairwise(edges)
        ]
        tables = map_all(run_head_draws, items, "crossval")
    else:
        trials = [trial for draw in draws for trial in trials_of_draw(draw, crossval)]
        tables = [
            run_network_trial(spectrograms, embeddings, weights, keys, clips, labels, recipe)
            for keys, clips in progress(trials, "crossval")
        ]
    return pd.concat(tables, ignore_index=True)


def run_head_draws(
    embeddings: Path, sizes: Sequence[int], draws: list[Draw], crossval: Crossval, labels: list[str], recipe: Recipe
) -> pd.DataFrame:
    """Train and test the heads of all trials of some draws; predictions on the validation and test clips."""
    trials = [trials_of_draw(draw, crossval) for draw in draws]
    together = list(itertools.chain.from_iterable(trials))
    names = {clip for _, clips in together for clip in clips["clip"]}
    views = len(files.read_array(embeddings / f"{min(names)}.npy"))
    groups = [together] if len(names) * views <= ROWS else trials
    return pd.concat([run_head_trials(embeddings, sizes, group, labels, recipe) for group in groups])


def run_head_trials(
    embeddings: Path, sizes: Sequence[int], trials: list[Trial], labels: list[str], recipe: Recipe
) -> pd.DataFrame:
    """Train a head for each trial as `train` does it; predictions on the validation and test clips."""
    rows: dict[str, int] = {}
    for clip in sorted({clip for _, clips in trials for clip in clips["clip"]}):
        rows[clip] = len(rows)
    vectors = np.stack([files.read_array(embeddings / f"{clip}.npy") for clip in rows])
    share = recipe.head == "logistic" and len(rows) * vectors.shape[1] <= ROWS
    predict = SharedGrams(vectors, sizes).predict if share else partial(_predict, vectors, sizes)
    n_animals = len(animal_labels(labels))
    codes = {label: code for code, label in enumerate(labels)}
    tables = []
    for keys, clips in trials:
        part_of = clips["part"].to_numpy()
        index = np.array([rows[clip] for clip in clips["clip"]])
        target = np.array([codes[label] for label in clips["label"]])
        indices = {part: index[part_of == part] for part in PARTS}
        targets = {part: target[part_of == part] for part in PARTS}
        tables.append(prediction_rows(keys, clips, predict(indices, targets, n_animals, recipe), labels))
    return pd.concat(tables)


class SharedGrams:
    """Inner products of the embeddings of clips, from which the logistic heads of several trials are trained.

    Parameters
    ----------
    vectors : np.ndarray of shape (clips, views, width), int16
    sizes : sequence of int
        Entries of each part of an embedding.
    """

    def __init__(self, vectors: np.ndarray, sizes: Sequence[int]) -> None:
        self._views, self._sizes = vectors.shape[1], sizes
        rows = vectors.reshape(-1, vectors.shape[-1])
        self._grams = gram_matrices(rows, rows, sizes)

    def predict(
        self, clips: dict[str, np.ndarray], targets: dict[str, np.ndarray], n_animals: int, recipe: Recipe
    ) -> dict[str, np.ndarray]:
        """Train a head and predict the held-out parts; what scales the embeddings is of the training clips alone.

        Parameters
        ----------
        clips, targets : dict of np.ndarray of int, shape (clips,)
            Indices of clips and of their labels, by part.
        n_animals : int
        recipe : Recipe

        Returns
        -------
        dict of np.ndarray, shape (clips, labels)
            Log-probabilities by part.
        """
        train = (clips["train"][:, np.newaxis] * self._views + np.arange(self._views)).ravel()
        balanced = recipe.class_weight == "balanced"
        head = fit_dual(self._between(train, train), self._sizes, targets["train"], n_animals, recipe.C, balanced)
        return {part: head.log_probabilities(self._between(clips[part] * self._views, train)) for part in HELD_OUT}

    def _between(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Inner products of some rows with others, shape (parts, first, second)."""
        grams: np.ndarray = self._grams[:, first[:, np.newaxis], second]
        return grams


def _predict(
    vectors: np.ndarray,
    sizes: Sequence[int],
    clips: dict[str, np.ndarray],
    targets: dict[str, np.ndarray],
    n_animals: int,
    recipe: Recipe,
) -> dict[str, np.ndarray]:
    """Train any head on embeddings and predict the held-out parts; see `SharedGrams.predict`."""
    validation = vectors[clips["validation"], 0], targets["validation"]
    head, _ = heads.fit(vectors[clips["train"]], sizes, targets["train"], validation, n_animals, recipe)
    return {part: head.log_probabilities(vectors[clips[part], 0]) for part in HELD_OUT}


def run_network_trial(
    spectrograms: Path,
    embeddings: Path,
    weights: Path,
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
    train = examples.select_examples(clips, "train", labels, examples.count_views(embeddings, clips))
    held_out = {part: examples.select_examples(clips, part, labels, 1) for part in HELD_OUT}
    model, _ = training.train_network(backbone, spectrograms, train, held_out["validation"], len(labels), recipe)
    log_probabilities = {
        part: training.log_probabilities(model, examples.read_examples(spectrograms, selected))
        for part, selected in held_out.items()
    }
    return prediction_rows(keys, clips, log_probabilities, labels)


def prediction_rows(
    keys: dict[str, Any], clips: pd.DataFrame, log_probabilities: dict[str, np.ndarray], labels: list[str]
) -> pd.DataFrame:
    """The rows that a trial adds to the table of predictions.

    Parameters
    ----------
    keys : dict
        draw, train, held_out.
    clips : pd.DataFrame
        The clips of the trial.
    log_probabilities : dict of np.ndarray, shape (clips, labels)
        By part, in the order of the clips.
    labels : list of str

    Returns
    -------
    pd.DataFrame
        Columns KEYS and labels. Of a trial without a kind of background only the background of that kind is kept.
    """
    part_of = clips["part"].to_numpy()
    chosen = np.concatenate([np.flatnonzero(part_of == part) for part in log_probabilities])
    columns = {name: clips[name].to_numpy()[chosen] for name in ("part", "clip", "source", "label", "kind")}
    values = np.concatenate(list(log_probabilities.values()))
    if values.shape[1] < len(labels):  # where background was not learned from, `none` is never predicted
        values = np.hstack([values, np.full((len(values), 1), np.log(calibration.SMALLEST))])
    table = pd.DataFrame(keys | columns | dict(zip(labels, values.T, strict=True)))
    if keys["held_out"]:
        table = table[(table["label"] != NONE) | (table["kind"] == keys["held_out"])]
    return table
