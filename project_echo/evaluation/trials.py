"""Repeated training and testing: the trials of crossval, each trained as `train` does it."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import NO_ANIMAL, NONE, animal_labels
from project_echo.core.parallel import cores, map_all, progress
from project_echo.datasets import examples
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources, hold_out_background, reduce_training_sources
from project_echo.datasets.examples import Examples
from project_echo.datasets.split import UNUSED, assert_no_leak
from project_echo.datasets.views import Views
from project_echo.evaluation.config import Crossval
from project_echo.evaluation.trainer import Trainer, prediction_rows, read_views, view_examples, views_of_trial
from project_echo.features.config import read_features
from project_echo.models.pooling import Pooling, read_pooled
from project_echo.models.recipe import Recipe

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
    animals = draw[(draw["part"] == "train") & ~draw["label"].isin(NO_ANIMAL)]
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
    used = [(keys, clips[clips["part"] != UNUSED]) for keys, clips in trials]
    for _, clips in used:
        assert_no_leak(clips)
    return used


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
    if recipe.trainable != "none":
        trials = [trial for draw in draws for trial in trials_of_draw(draw, crossval, recipe.head)]
        tables = [
            run_network_trial(spectrograms, embeddings, weights, views, keys, its_clips, labels, recipe)
            for keys, its_clips in progress(trials, "crossval")
        ]
        return pd.concat(tables, ignore_index=True)
    trainer = Trainer(embeddings, views, animals, recipe)
    blocks = min(len(draws), 4 * cores())  # a few for each core
    edges = np.linspace(0, len(draws), blocks + 1).astype(int)
    items = [(draws[first:last], crossval, labels, recipe.head) for first, last in itertools.pairwise(edges)]
    return pd.concat(map_all(run_draws, items, "crossval", (trainer,)), ignore_index=True)


def run_draws(trainer: Trainer, draws: list[Draw], crossval: Crossval, labels: list[str], head: str) -> pd.DataFrame:
    """`run_head_trials` of all trials of some draws, which are made here, on a worker, as this takes time too."""
    trials = [trial for draw in draws for trial in trials_of_draw(draw, crossval, head)]
    return run_head_trials(trainer, trials, labels)


def run_head_trials(trainer: Trainer, trials: list[Trial], labels: list[str]) -> pd.DataFrame:
    """Train a head for each trial as `train` does it; predictions on validation and test views."""
    tables = []
    for keys, clips in trials:
        train, held_out, part = views_of_trial(trainer.views, clips, keys["held_out"])
        scores = trainer.predict(
            train, held_out, held_out[(part == "validation") & (trainer.views.view[held_out] == 0)]
        )
        tables.append(prediction_rows(keys, clips, trainer.views[held_out], part, scores, labels))
    return pd.concat(tables)


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
    pooling = read_pooled(embeddings / "embeddings.json").pooling
    if not isinstance(pooling, Pooling):
        raise ValueError("a custom network is not trained")
    backbone = networks.backbone(features.image_shape, pooling, weights)
    animals = animal_labels(labels)
    train, held_out, part = views_of_trial(views, clips, keys["held_out"])
    learned, scored = view_examples(views[train], animals), held_out[views.view[held_out] == 0]
    part = part[views.view[held_out] == 0]
    stop = view_examples(views[scored[part == "validation"]], animals)
    n_outputs = max(2, len(animals))
    model, _ = training.train_network(backbone, spectrograms, learned, stop, n_outputs, recipe)
    every = Examples(views.clip[scored], views.view[scored], np.zeros(len(scored), int))
    scores = training.log_odds(model, examples.read_examples(spectrograms, every))
    return prediction_rows(keys, clips, views[scored], part, scores, labels)
