"""Choice of the test clips that show how the classifier works: its confusions, and one clear example."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE


def with_none(tested: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Add the probability of `none`: that the most probable label is not there.

    Parameters
    ----------
    tested : pd.DataFrame
        A row per test clip: a probability for each label.
    labels : sequence of str
        Labels of the classifier.

    Returns
    -------
    pd.DataFrame
        `tested` with a column `none`.
    """
    return tested.assign(**{NONE: 1 - tested[list(labels)].max(axis=1)})


def confused_pair(pair: Sequence[str] | None, tested: pd.DataFrame, labels: Sequence[str]) -> tuple[str, str]:
    """The two labels that are confused most often, or could be most easily.

    Parameters
    ----------
    pair : sequence of two str, or None
        `most_confused.pair` of metrics/crossval.json; None if nothing was confused.
    tested : pd.DataFrame
        A row per test clip of `labels`: column truth, and a probability for each of them.
    labels : sequence of str
        The labels that are scored (`labels.scored_labels`).

    Returns
    -------
    tuple of two str
        `pair`. Without one, the truth of the least certain test clip, and its most probable other label.

    Raises
    ------
    ValueError
        If `pair` is not two of the labels.
    """
    if pair is None:
        clip = tested.loc[_truth_probability(tested).idxmin()]
        truth = str(clip["truth"])
        return truth, max((label for label in labels if label != truth), key=lambda label: clip[label])
    if len(pair) == 2 and pair[0] != pair[1] and all(label in labels for label in pair):
        return pair[0], pair[1]
    raise ValueError(f"{pair} is not a pair of the labels {', '.join(labels)}")


def confused_clips(tested: pd.DataFrame, pair: tuple[str, str], n: int) -> pd.DataFrame:
    """The test clips of two labels that are wrong or least certain.

    Parameters
    ----------
    tested : pd.DataFrame
        A row per test clip of a scored label: columns truth and animal (the most probable scored label), and a
        probability for each label.
    pair : tuple of two str
        The labels.
    n : int
        Number of clips at most.

    Returns
    -------
    pd.DataFrame
        Rows of `tested`: wrong clips first, then by the probability of the truth, lowest first.
    """
    clips = tested[tested["truth"].isin(pair)]
    order = pd.DataFrame({"correct": clips["truth"] == clips["animal"], "probability": _truth_probability(clips)})
    return clips.loc[order.sort_values(["correct", "probability"]).index].head(n)


def most_confident(tested: pd.DataFrame) -> dict[str, Any]:
    """The correctly classified test clip with the highest probability, or of no correct one, of all.

    Parameters
    ----------
    tested : pd.DataFrame
        A row per test clip of an animal: columns clip, truth, prediction, and a probability for each label.

    Returns
    -------
    dict
        The row of the clip with the highest probability of its truth.

    Raises
    ------
    ValueError
        If the table is empty.
    """
    correct = tested[tested["truth"] == tested["prediction"]]
    candidates = tested if correct.empty else correct
    row: dict[str, Any] = candidates.loc[_truth_probability(candidates).idxmax()].to_dict()
    return row


def _truth_probability(tested: pd.DataFrame) -> pd.Series:
    """The probability of each clip's true label."""
    values = [row[row["truth"]] for row in tested.to_dict("records")]
    return pd.Series(values, index=tested.index, dtype=float)
