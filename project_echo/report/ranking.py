"""Labels compared by a share, with its uncertainty: named as best or worst only if their intervals do not overlap."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from project_echo.core.labels import NONE, display_name

Bounds = Mapping[str, float]  # value, low, high


@dataclass(frozen=True)
class Ranking:
    """The labels with the highest and the lowest share.

    Attributes
    ----------
    highest, lowest : list of str
        Display names; several if values are equal.
    most, least : mapping
        Share of these: value, low, high.
    apart : bool
        Whether every interval of the lowest ends below every one of the highest.
    """

    highest: list[str]
    lowest: list[str]
    most: Bounds
    least: Bounds
    apart: bool

    @property
    def equal(self) -> bool:
        """Whether all have the same share."""
        return math.isclose(self.most["value"], self.least["value"])


def rank(shares: Mapping[str, Bounds]) -> Ranking | None:
    """Rank labels by a share.

    Parameters
    ----------
    shares : mapping of str to mapping
        value, low, high of each label.

    Returns
    -------
    Ranking or None
        None without labels.
    """
    if not shares:
        return None
    values = {label: bounds["value"] for label, bounds in shares.items()}
    ends = [
        [label for label, value in values.items() if math.isclose(value, extreme)]
        for extreme in (max(values.values()), min(values.values()))
    ]
    apart = max(shares[label]["high"] for label in ends[1]) < min(shares[label]["low"] for label in ends[0])
    highest, lowest = (
        ["other sounds" if label == NONE else display_name(label) for label in labels] for labels in ends
    )
    return Ranking(highest, lowest, shares[ends[0][0]], shares[ends[1][0]], apart)


def shares_of(table: pd.DataFrame) -> dict[str, Bounds]:
    """Shares by label of a table of `accuracies.label_accuracies`, without its first row, which is of all labels."""
    return {str(row["label"]): row for row in table[1:][["label", "value", "low", "high"]].to_dict("records")}
