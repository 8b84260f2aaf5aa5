"""Repeated draws of sources: another nine to learn from, another two to be tested on."""

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.seeds import generator
from project_echo.datasets import split

ATTEMPTS = 100


def draw(clips: pd.DataFrame, train: float, validation: float, test: float, seed: int, number: int) -> pd.DataFrame:
    """One clip of every source and kind, assigned to train, validation or test by source as `splits.by_source` does.

    `clips` has a row per clip with `clip`, `recording`, `label`, `kind` and `source`, in any order. The draw depends on
    `seed` and `number` alone: experiments that differ in the number of training sources, or in whether they learn from
    background, are tested on the same clips.

    Sources that several classes share may leave a draw with too few for one of them: then it is drawn again. Raises
    EchoError if that does not help.
    """
    shuffled = [
        rows.iloc[generator(seed, "clips", number, str(kind)).permutation(len(rows))]
        for kind, rows in clips.drop(columns="part", errors="ignore").sort_values("clip").groupby("kind")
    ]
    one_each = pd.concat(shuffled).groupby(["kind", "source"]).head(1).sort_values("clip")
    for attempt in range(ATTEMPTS):
        address = int(generator(seed, "draw", number, attempt).integers(2**63))
        try:
            return split.by_source(one_each, train, validation, test, address)
        except EchoError as error:
            reason = str(error)
    raise EchoError(f"no draw of sources can be made in {ATTEMPTS} attempts: {reason}")


def fewer(draw: pd.DataFrame, train: int, seed: int, number: int) -> pd.DataFrame:
    """The same draw with only so many training sources per class; what is left of a smaller number is in a larger one.

    Background goes, as it does not bear on which animal it is.
    """
    animals = draw[draw["label"] != NONE]
    shuffled = animals.iloc[generator(seed, "fewer", number).permutation(len(animals))]
    learned = shuffled[shuffled["part"] == "train"].groupby("kind").head(train).index
    return animals[(animals["part"] != "train") | animals.index.isin(learned)]


def without(draw: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The same draw with a kind of background that nothing is learned from: its clip of every source is a test clip.

    Clips of sources that are learned from for something else stay away.
    """
    others = draw[draw["kind"] != kind]
    learned = others.loc[others["part"] != "test", "source"]
    unheard = draw[(draw["kind"] == kind) & ~draw["source"].isin(learned)].sort_index()
    return pd.concat([others, unheard.assign(part="test")], ignore_index=True)
