"""A table of predictions made up so that the right results are known."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax

from project_echo.core.labels import NONE
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources, hold_out_background, reduce_training_sources
from project_echo.evaluation.predictions import KEYS
from tests.tables import clips_of, numbered, with_background

ANIMALS = ["boar", "fox", "owl"]
LABELS = [*ANIMALS, NONE]
KINDS = ["rain", "wind"]
CLIPS = with_background(
    clips_of({animal: numbered(animal, 13) for animal in ANIMALS}), {kind: numbered(kind, 13) for kind in KINDS}
)
N_DRAWS, TRAIN = 15, 8
SIZES = Split(train=TRAIN, validation=2, test=2, seed=0)
FALSE_POSITIVE_RATE = 0.1
NOISE, OVERCONFIDENCE = 0.6, 3.0


def predict(rows: pd.DataFrame, labels: list[str], noise: float, seed: int) -> pd.DataFrame:
    """Log-probabilities of an overconfident observer who sees the truth through normal noise."""
    truth = np.eye(len(labels))[rows["label"].map(labels.index)]
    seen = truth + np.random.default_rng(seed).normal(0, noise, truth.shape)
    logits = OVERCONFIDENCE * seen / noise**2  # without the factor they are what Bayes' rule says
    return pd.DataFrame(log_softmax(logits, axis=1), columns=labels, index=rows.index)


def simulate(labels: list[str]) -> pd.DataFrame:
    """Of every draw: as it is, with a single training source, which does worse, and without each kind of background."""
    clips = CLIPS[CLIPS["label"].isin(labels)]
    tables = []
    for number in range(N_DRAWS):
        draw = draw_sources(clips, SIZES, 1, number)
        trials = [(TRAIN, "", NOISE, draw), (1, "", 3 * NOISE, reduce_training_sources(draw, 1, 1, number))]
        if NONE in labels:
            trials += [(TRAIN, kind, NOISE, hold_out_background(draw, kind)) for kind in KINDS]
        for position, (train, held_out, noise, clips_of_trial) in enumerate(trials):
            rows = clips_of_trial[clips_of_trial["part"].isin(["validation", "test"])]
            rows = rows.assign(draw=number, train=train, held_out=held_out)
            rows = rows[(rows["label"] != NONE) | (rows["kind"] == held_out) | (held_out == "")]
            tables.append(rows[KEYS].join(predict(rows, labels, noise, N_DRAWS * position + number)))
    return pd.concat(tables, ignore_index=True)


PREDICTIONS, WITHOUT_BACKGROUND = simulate(LABELS), simulate(ANIMALS)
WITH_AND_WITHOUT_BACKGROUND = pytest.mark.parametrize(
    ("table", "labels"), [(PREDICTIONS, LABELS), (WITHOUT_BACKGROUND, ANIMALS)], ids=["background", "animals"]
)


def corrupt(table: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """The table with nonsense for the predictions of some rows."""
    corrupted = table.copy()
    corrupted.loc[rows, LABELS] = np.log([0.01, 0.01, 0.97, 0.01])
    return corrupted
