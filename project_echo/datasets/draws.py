"""Repeated draws of sources, for repeated training and testing (Monte Carlo cross-validation)."""

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NO_ANIMAL, PARTIAL
from project_echo.core.seeds import generator
from project_echo.datasets.config import Split
from project_echo.datasets.groups import source_groups
from project_echo.datasets.split import split_by_source

ATTEMPTS = 100


def draw_sources(clips: pd.DataFrame, split: Split, seed: int, number: int) -> pd.DataFrame:
    """Draw one clip of every source and kind, and assign the sources to train, validation and test.

    The draw depends on `seed` and `number` alone: experiments that differ in the number of training sources, or in
    whether they learn from background, are tested on the same clips. Sources that several classes share may leave a
    draw with too few for one of them: then it is drawn again.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `clip`, `recording`, `label`, `kind` and `source`, in any order.
    split : Split
        Sizes of the parts; its own seed is not used.
    seed, number : int
        The address of the draw.

    Returns
    -------
    pd.DataFrame
        A row per drawn clip, with a column `part` as `split_by_source` adds it.

    Raises
    ------
    EchoError
        If no draw is possible.
    """
    shuffled = [
        rows.iloc[generator(seed, "clips", number, str(kind)).permutation(len(rows))]
        for kind, rows in clips.drop(columns="part", errors="ignore").sort_values("clip").groupby("kind")
    ]
    groups = source_groups(clips)  # of all sources, so that copies keep theirs
    one_each = pd.concat(shuffled).groupby(["kind", "source"]).head(1).sort_values("clip")
    for attempt in range(ATTEMPTS):
        draw_seed = int(generator(seed, "draw", number, attempt).integers(2**63))
        try:
            return split_by_source(one_each, split.model_copy(update={"seed": draw_seed}), groups)
        except EchoError as error:
            reason = str(error)
    raise EchoError(f"no draw of sources can be made in {ATTEMPTS} attempts: {reason}")


def reduce_training_sources(draw: pd.DataFrame, n_sources: int, seed: int, number: int) -> pd.DataFrame:
    """Keep at most `n_sources` training sources per class; a smaller set is always part of a larger one.

    Background and partially labelled clips are kept.

    Parameters
    ----------
    draw : pd.DataFrame
        What `draw_sources` returns.
    n_sources : int
        Training sources per class.
    seed, number : int
        The address of the draw.

    Returns
    -------
    pd.DataFrame
        The remaining rows.
    """
    is_other = draw["label"].isin(NO_ANIMAL)
    animals = draw[~is_other]
    shuffled = animals.iloc[generator(seed, "fewer", number).permutation(len(animals))]
    kept = shuffled[shuffled["part"] == "train"].groupby("kind").head(n_sources).index
    return draw[(draw["part"] != "train") | is_other | draw.index.isin(kept)]


def hold_out_background(draw: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Take a kind of background out of training: its clips of every source become test clips.

    Clips of sources that are learned from for another kind are dropped, and so are partially labelled ones of sources
    that are then tested.

    Parameters
    ----------
    draw : pd.DataFrame
        What `draw_sources` returns.
    kind : str
        The kind of background.

    Returns
    -------
    pd.DataFrame
        The rows of the other kinds, then those of the kind that is held out, as test clips.
    """
    others = draw[draw["kind"] != kind]
    is_partial = others["label"] == PARTIAL
    learned = others.loc[(others["part"] != "test") & ~is_partial, "source"]
    held_out = draw[(draw["kind"] == kind) & ~draw["source"].isin(learned)].sort_index()
    others = others[~(is_partial & others["source"].isin(held_out["source"]))]
    return pd.concat([others, held_out.assign(part="test")], ignore_index=True)
