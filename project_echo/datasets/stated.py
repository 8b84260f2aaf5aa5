"""What people state about parts of recordings: which labels are heard there, and which are not."""

import pandas as pd

STATED = ["recording", "label", "start_s", "end_s", "present"]
PRESENT, ABSENT = "yes", "no"


def stated_in_clip(stated: pd.DataFrame, start_s: float, window_s: float) -> pd.DataFrame:
    """Rows of a recording that concern a clip of it, with times from the start of the clip.

    Parameters
    ----------
    stated : pd.DataFrame
        Rows of one recording: start_s, end_s and others.
    start_s, window_s : float
        Start and length of the clip, s.

    Returns
    -------
    pd.DataFrame
    """
    starts = (stated["start_s"] - start_s).clip(lower=0)
    ends = (stated["end_s"] - start_s).clip(upper=window_s)
    inside = ends > starts
    return stated.assign(start_s=starts, end_s=ends)[inside]


def calls_of_clip(
    label: str, spans_s: list[tuple[float, float]], stated: pd.DataFrame
) -> list[tuple[str, float, float, str]]:
    """What is known of a clip: rows of label, start_s, end_s and yes or no.

    Parameters
    ----------
    label : str
        Of the clip.
    spans_s : list of (float, float)
        Where it is active. Counts where nothing is stated to be a call of the label.
    stated : pd.DataFrame
        Rows of the clip: label, start_s, end_s, present.

    Returns
    -------
    list of tuple
    """
    rows = [(row.label, row.start_s, row.end_s, row.present) for row in stated.itertuples()]
    if not any(row[0] == label and row[-1] == PRESENT for row in rows):
        rows += [(label, start, end, PRESENT) for start, end in spans_s]
    return rows


def other_labels(label: str, stated: pd.DataFrame) -> set[str]:
    """Labels that are heard in a clip of another label: whether its call alone holds them is not known."""
    return set(stated.loc[(stated["present"] == PRESENT) & (stated["label"] != label), "label"])


def stated_call_s(label: str, stated: pd.DataFrame) -> tuple[float, float] | None:
    """Start of the first and end of the last call of a label that is stated for a clip, s; None if none is."""
    calls = stated[(stated["present"] == PRESENT) & (stated["label"] == label)]
    return None if calls.empty else (float(calls["start_s"].min()), float(calls["end_s"].max()))
