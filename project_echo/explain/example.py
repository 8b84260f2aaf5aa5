"""The one clip that the report follows on its way."""

from typing import Any

import pandas as pd

from project_echo.explain.examples import sureness


def surest(tested: pd.DataFrame) -> dict[str, Any]:
    """The test clip that was named rightly with the highest probability; of none right, the surest of all.

    `tested` has a row per clip of an animal: `clip`, `truth`, `prediction`, and a column of probabilities per label.
    Raises ValueError if it is empty.
    """
    right = tested[tested["truth"] == tested["prediction"]]
    chosen = right if len(right) else tested
    row: dict[str, Any] = chosen.loc[sureness(chosen).idxmax()].to_dict()
    return row
