"""Which recordings each augmented copy of a clip is mixed from, chosen before any draw."""

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE, PARTIAL
from project_echo.core.seeds import generator
from project_echo.datasets.groups import source_groups
from project_echo.features.augmentation import Augmentation

PARTNERS = ("background", "second")
COLUMNS = [
    "clip",
    "view",
    *(f"{partner}{suffix}" for partner in PARTNERS for suffix in ("", "_source")),
    "background_kind",
    "second_label",
]


def plan_copies(clips: pd.DataFrame, augmentation: Augmentation) -> pd.DataFrame:
    """Choose the background, and for some the second call, of every copy of a clip of an animal.

    Partially labelled clips have no copies, and are mixed into none: what else they hold is not known.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `clip`, `label`, `kind` and `source`, in any order.
    augmentation : Augmentation

    Returns
    -------
    pd.DataFrame
        A row per copy, background's too: `clip`, `view` (from 1), `background`, `background_source`, `second`,
        `second_source`, `background_kind`, `second_label`. Empty text where there is none: a copy without
        background has pink noise.
    """
    clips = clips[clips["label"] != PARTIAL].sort_values("clip", ignore_index=True)
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
                    else:
                        row["background_kind"] = chosen["kind"]
            rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def _draw(table: pd.DataFrame, random: np.random.Generator) -> int:
    """Position of a row: first a kind is drawn, then one of its clips."""
    kinds = table["kind"].unique()
    of_kind = np.flatnonzero((table["kind"] == kinds[random.integers(len(kinds))]).to_numpy())
    return int(of_kind[random.integers(len(of_kind))])
