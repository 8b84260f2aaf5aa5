"""A table of predictions made up so that the right results are known."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from project_echo.core.labels import NONE, animal_labels
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
NOISE, OVERCONFIDENCE = 0.45, 3.0


def predict(rows: pd.DataFrame, animals: list[str], noise: float, seed: int) -> pd.DataFrame:
    """Log-odds of an overconfident observer who sees, label by label, whether a clip holds it through normal noise."""
    names = np.array(animals)
    truth = np.array([np.isin(names, text.split("/")) for text in rows["truth"]])
    seen = truth + np.random.default_rng(seed).normal(0, noise, truth.shape)
    odds = (seen - 0.5) / noise**2 + logit(truth.mean())  # what Bayes' rule says, label by label
    return pd.DataFrame(OVERCONFIDENCE * odds, columns=animals, index=rows.index)


def with_copies(rows: pd.DataFrame, animals: list[str]) -> pd.DataFrame:
    """The clips (view 0), and a copy of a validation clip of each animal that holds the next animal as well."""
    mixed = rows[(rows["part"] == "validation") & (rows["label"] != NONE)].groupby("label").head(1)
    following = [animals[(animals.index(label) + 1) % len(animals)] for label in mixed["label"]]
    both = ["/".join(dict.fromkeys(pair)) for pair in zip(mixed["label"], following, strict=True)]
    own = rows["label"].replace(NONE, "")
    table = pd.concat([rows.assign(view=0, truth=own), mixed.assign(view=1, truth=both)], ignore_index=True)
    return table.assign(background_source=table["source"], second_source=table["source"])


def simulate(labels: list[str]) -> pd.DataFrame:
    """Of every draw: as it is, with a single training source, which does worse, and without each kind of background."""
    clips, animals = CLIPS[CLIPS["label"].isin(labels)], animal_labels(labels)
    tables = []
    for number in range(N_DRAWS):
        draw = draw_sources(clips, SIZES, 1, number)
        trials = [(TRAIN, "", NOISE, draw), (1, "", 3 * NOISE, reduce_training_sources(draw, 1, 1, number))]
        if NONE in labels:
            trials += [(TRAIN, kind, NOISE, hold_out_background(draw, kind)) for kind in KINDS]
        for position, (train, held_out, noise, clips_of_trial) in enumerate(trials):
            rows = clips_of_trial[clips_of_trial["part"].isin(["validation", "test"])]
            rows = with_copies(rows, animals).assign(draw=number, train=train, held_out=held_out)
            rows = rows[(rows["label"] != NONE) | (rows["kind"] == held_out) | (held_out == "")]
            tables.append(rows[KEYS].join(predict(rows, animals, noise, N_DRAWS * position + number)))
    return pd.concat(tables, ignore_index=True)


PREDICTIONS, WITHOUT_BACKGROUND = simulate(LABELS), simulate(ANIMALS)
SINGLE = simulate([ANIMALS[0], NONE])
ALL_KINDS_OF_LABELS = pytest.mark.parametrize(
    ("table", "labels"),
    [(PREDICTIONS, LABELS), (WITHOUT_BACKGROUND, ANIMALS), (SINGLE, [ANIMALS[0], NONE])],
    ids=["background", "animals", "a single animal"],
)


def corrupt(table: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """The table with nonsense for the predictions of some rows."""
    corrupted = table.copy()
    corrupted.loc[rows, ANIMALS] = [-4.0, 6.0, -4.0]
    return corrupted
