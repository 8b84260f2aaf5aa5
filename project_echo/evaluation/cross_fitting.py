"""Training a classifier on some sources alone: its head, its calibration and its thresholds."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE, PARTIAL, animal_labels
from project_echo.datasets.groups import source_groups
from project_echo.datasets.views import assert_no_leak
from project_echo.evaluation.decision import calibrate, dense_decision
from project_echo.evaluation.predictions import DECIMALS
from project_echo.evaluation.trainer import SCORED_COPIES, Trainer, prediction_rows
from project_echo.models.classifier import Classifier
from project_echo.models.embedder import Embedder
from project_echo.models.recipe import Recipe

PARTS = 4  # of the training sources, each of which is predicted by a head of the others


def source_folds(clips: pd.DataFrame, n: int) -> dict[str, int]:
    """Divide sources among folds, whole groups (`groups.source_groups`) at a time.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `label`, `kind` and `source`.
    n : int
        Folds; fewer if there are fewer groups.

    Returns
    -------
    dict of str to int
        Without sources of partially labelled clips alone, which are in no fold.
    """
    return {source: group % n for source, group in source_groups(clips).items()}


def can_fit(clips: pd.DataFrame, animals: list[str], groups: Mapping[str, int] | None = None) -> bool:
    """Whether `fit_classifier` can learn from clips: two sources of each animal, and clips without it.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `label`, `kind` and `source`.
    animals : list of str
    groups : mapping of str to int, optional

    Returns
    -------
    bool
    """
    labels = set(clips["label"]) - {PARTIAL}
    return set(animals) <= labels and len(labels) > 1 and _parts(clips, groups).nunique() > 1


def fit_classifier(
    trainer: Trainer,
    clips: pd.DataFrame,
    animals: list[str],
    recipe: Recipe,
    false_positive_rate: float,
    embedder: Embedder,
    *,
    groups: Mapping[str, int] | None = None,
    left_out: str = "",
) -> Classifier:
    """Train a classifier on some clips. Calibration and thresholds come from heads that have not met the sources.

    Parameters
    ----------
    trainer : Trainer
    clips : pd.DataFrame
        Clips to learn from: `clip`, `label`, `kind`, `source`.
    animals : list of str
    recipe : Recipe
    false_positive_rate : float
        Target of the thresholds.
    embedder : PooledEmbedder or CustomEmbedder
    groups : mapping of str to int, optional
        The group of each source (`groups.source_groups`), from which copies are mixed; by default those of these clips.
    left_out : str
        A kind of background that is not learned from.

    Returns
    -------
    Classifier
        In memory, of no folder.
    """
    views = trainer.views
    sources = set(clips["source"])
    train = views.of_clips(clips["clip"], sources, left_out)
    assert_no_leak(views[train], sources)
    labels = [*animals, NONE] if (clips["label"] == NONE).any() else animals
    if recipe.head == "dense":  # predictions would change nothing, and training several heads takes seconds
        decision = dense_decision(len(animals), len(sources))
    else:
        table = cross_fitted(trainer, clips, labels, groups, left_out)
        decision = calibrate(table, labels, false_positive_rate, set(), recipe.head)
    return Classifier(
        labels=tuple(animals),
        calibration=decision.calibration,
        thresholds=None if decision.thresholds is None else tuple(of.value for of in decision.thresholds),
        embedder=embedder,
        head=trainer.fit(train),
        folder=Path(),
    )


def cross_fitted(
    trainer: Trainer,
    clips: pd.DataFrame,
    labels: list[str],
    groups: Mapping[str, int] | None = None,
    left_out: str = "",
) -> pd.DataFrame:
    """Predictions of clips and of some of their copies, each by a head that has not met their sources.

    Whole groups are predicted at a time, so that most copies are mixed from sources on one side. Partially labelled
    clips are only learned from, by the heads that predict none of their source.

    Returns a table of predictions (`evaluation.predictions`) of one draw, with the part validation.
    """
    views, tables = trainer.views, []
    part_of = _parts(clips, groups)
    is_partial = clips["label"] == PARTIAL
    for part in sorted(part_of.dropna().unique()):
        is_part = part_of == part
        inside = is_part & ~is_partial
        train, held_out = (
            views.of_clips(rows["clip"], set(rows["source"]), left_out) for rows in (clips[~is_part], clips[inside])
        )
        held_out = held_out[views.view[held_out] <= SCORED_COPIES]
        if not len(train) or not len(held_out):
            continue
        scores = trainer.predict(train, held_out, held_out[views.view[held_out] == 0])
        keys = {"draw": 0, "train": 0, "held_out": ""}
        parts = np.full(len(held_out), "validation")
        tables.append(prediction_rows(keys, clips[inside], views[held_out], parts, scores, labels))
    table = pd.concat(tables, ignore_index=True)
    animals = animal_labels(labels)
    table[animals] = table[animals].round(DECIMALS)
    return table


def _parts(clips: pd.DataFrame, groups: Mapping[str, int] | None) -> pd.Series:
    """The part of each clip, of PARTS: the groups that clips are of, in turn. Missing where nothing is scored."""
    group = clips["source"].map(source_groups(clips) if groups is None else groups)
    scored = sorted(group[clips["label"] != PARTIAL].unique())
    return group.map({number: rank % PARTS for rank, number in enumerate(scored)})
