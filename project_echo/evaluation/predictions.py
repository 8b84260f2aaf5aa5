"""The table of predictions of all draws, data/crossval.csv, and what is read from it.

It has a row per draw and view of a clip: `draw`, `train` (training sources per class), `held_out` (a kind of background
that was not learned from, or empty), `part`, `clip`, `view` (0 is the clip itself; of validation clips some augmented
copies follow), `source`, `label` (of the clip), `truth` (the animals that the view holds, and those that it may hold:
`view_truth`), `background_source` and `second_source` (the sources of what is mixed in, or the clip's own), `kind`, and
a column of log-odds for each animal.
"""

import numpy as np
import pandas as pd

from project_echo.core.labels import animal_labels, scored_labels

KEYS = [
    "draw",
    "train",
    "held_out",
    "part",
    "clip",
    "view",
    "source",
    "label",
    "truth",
    "background_source",
    "second_source",
    "kind",
]
SOURCES = "source", "background_source", "second_source"
DECIMALS = 3  # of log-odds, before they are scored: what is beyond may depend on the processor
POOLED_COLUMNS = ["draw", "clip", "source", "truth", "prediction"]


def complete_rows(predictions: pd.DataFrame, part: str) -> pd.DataFrame:
    """The rows of a part with all training sources and all kinds of background."""
    all_sources = predictions["train"] == predictions["train"].max()
    return predictions[all_sources & (predictions["held_out"] == "") & (predictions["part"] == part)]


def pooled_predictions(predictions: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """The most probable animal of every test clip of an animal, in all draws.

    Of a single animal: whether it or `none` is more probable, of every test clip.

    Parameters
    ----------
    predictions : pd.DataFrame
        The table of predictions.
    labels : list of str
        The labels of its columns.

    Returns
    -------
    pd.DataFrame
        POOLED_COLUMNS: a row per draw and test clip.
    """
    tested, scored = complete_rows(predictions, "test"), scored_labels(labels)
    tested = tested[tested["label"].isin(scored)]
    animals = animal_labels(labels)
    scores = tested[animals].to_numpy()
    if len(animals) == 1:
        scores = np.hstack([scores, -scores])
    most_probable = np.array(scored)[scores.argmax(axis=1)]
    return tested.assign(truth=tested["label"], prediction=most_probable)[POOLED_COLUMNS]


def draw_accuracies(pooled: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of every single draw: columns draw, accuracy."""
    correct = pooled.assign(accuracy=pooled["truth"] == pooled["prediction"])
    return correct.groupby("draw", as_index=False)["accuracy"].mean()
