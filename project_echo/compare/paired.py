"""The paired difference of two revisions: on the same draws of sources, from what their crossval stage wrote."""

from typing import Any

import pandas as pd

from project_echo.compare import revisions
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError
from project_echo.evaluation import crossval

ANSWERS = "plots/crossval/answers.csv"
COLUMNS = ["draw", "clip", "source", "truth", "prediction"]


def read_answers(revision: Revision) -> pd.DataFrame | None:
    """The answers of all draws, or None where the revision has none. Raises EchoError if the table is another."""
    table = revisions.read_text_table(revision, ANSWERS)
    if table is None:
        return None
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise EchoError(f"{ANSWERS} of {revision.name} has no column {', '.join(missing)}. Make it anew: dvc repro.")
    return table[COLUMNS]


def difference(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, Any]:
    """The difference on the draws of both, as `crossval.difference` gives it: {"draws": 0} where there are none.

    Draws of other animals are other draws. `whole` says that both have the same draws, and none besides.
    """
    if set(before["truth"]) != set(after["truth"]):
        return {"draws": 0}
    columns = [table[name] for table in (before, after) for name in ("truth", "prediction")]
    found = crossval.difference(before, after, sorted(set(pd.concat(columns))), seed=1)
    tested = COLUMNS[:-1]
    found["whole"] = len(before) == len(after) == len(before.merge(after, on=tested))
    return found


def bounds(row: dict[str, float], digits: int) -> str:
    """The interval of a change, as text."""
    return f"{row['low']:+.{digits}f} to {row['high']:+.{digits}f}"
