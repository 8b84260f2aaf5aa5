"""Which recordings each augmented copy of a clip is mixed from, chosen before any draw."""

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE
from project_echo.core.seeds import generator
from project_echo.features.augmentation import Augmentation

PARTNERS = ("background", "second")
COLUMNS = [
    "clip",
    "view",
    *(f"{partner}{suffix}" for partner in PARTNERS for suffix in ("", "_source")),
    "second_label",
]


def source_groups(clips: pd.DataFrame) -> dict[str, int]:
    """Fixed groups of sources, each with sources of every label and, where there are enough, of background.

    A copy is mixed from clips of one group, and draws of sources take them group by group. So most copies of training
    clips are mixed from training sources alone, and can be learned from.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `label`, `kind` and `source`.

    Returns
    -------
    dict of str to int
        The group of each source: as many groups as the label with the fewest sources has sources.
    """
    animals = clips[clips["label"] != NONE]
    n_groups = max(1, int(animals.groupby("kind")["source"].nunique().min())) if len(animals) else 1
    group_of: dict[str, int] = {}
    next_background = 0
    for kind, rows in clips.groupby("kind"):
        sources = [source for source in sorted(rows["source"].unique()) if source not in group_of]
        shuffled = generator(0, "groups", str(kind)).permutation(sources).tolist()
        is_background = (rows["label"] == NONE).all()
        first = next_background if is_background else 0
        next_background += len(sources) if is_background else 0  # the kinds of background one after the other
        group_of |= {source: (first + number) % n_groups for number, source in enumerate(shuffled)}
    return group_of


def plan_copies(clips: pd.DataFrame, augmentation: Augmentation) -> pd.DataFrame:
    """Choose the background, and for some the second call, of every copy of a clip of an animal.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `clip`, `label`, `kind` and `source`, in any order.
    augmentation : Augmentation

    Returns
    -------
    pd.DataFrame
        A row per copy, background's too: `clip`, `view` (from 1), `background`, `background_source`, `second`,
        `second_source`, `second_label`. Empty text where there is none: a copy without background has pink noise.
    """
    clips = clips.sort_values("clip", ignore_index=True)
    group = clips["source"].map(source_groups(clips))
    is_background = clips["label"] == NONE
    backgrounds = dict(list(clips[is_background].groupby(group[is_background])))
    animals = dict(list(clips[~is_background].groupby(group[~is_background])))
    rows = []
    for number, clip in enumerate(clips.itertuples()):
        for view in range(1, augmentation.copies + 1):
            row = dict.fromkeys(COLUMNS, "") | {"clip": clip.clip, "view": view}
            if clip.label != NONE:
                random = generator(augmentation.seed, "partners", clip.clip, view)
                of_group = group[number]
                others = animals[of_group]
                others = others[(others["label"] != clip.label) & (others["source"] != clip.source)]
                with_second = random.random() < augmentation.second_call
                candidates = {
                    "background": backgrounds.get(of_group),
                    "second": others if with_second else None,
                }
                for partner, table in candidates.items():
                    if table is None or table.empty:
                        continue
                    chosen = table.iloc[_draw(table, random)]
                    row |= {partner: chosen["clip"], f"{partner}_source": chosen["source"]}
                    if partner == "second":
                        row["second_label"] = chosen["label"]
            rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def _draw(table: pd.DataFrame, random: np.random.Generator) -> int:
    """Position of a row: first a kind is drawn, then one of its clips."""
    kinds = table["kind"].unique()
    of_kind = np.flatnonzero((table["kind"] == kinds[random.integers(len(kinds))]).to_numpy())
    return int(of_kind[random.integers(len(of_kind))])
