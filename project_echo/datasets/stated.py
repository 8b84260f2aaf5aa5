"""What people state about parts of recordings: which labels are heard there, and which are not."""

import numpy as np
import pandas as pd

STATED = ["recording", "label", "start_s", "end_s", "present"]
PRESENT, ABSENT = "yes", "no"
SHORTEST_S = 0.001  # rest of what is stated that gets a clip of its own: tables of reviews have milliseconds


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


def stated_starts(stated: pd.DataFrame, duration_s: float, window_s: float) -> list[float]:
    """Starts of clips that together hold all that is stated of a recording, s, ascending.

    What fits in a clip is in the middle of it, as far as the recording allows, unless an earlier clip holds it; what is
    longer is in several, one after the other.

    Parameters
    ----------
    stated : pd.DataFrame
        Rows of one recording: start_s, end_s and others.
    duration_s : float
        Of the recording, s.
    window_s : float
        Length of a clip, s.

    Returns
    -------
    list of float
    """
    starts: list[float] = []
    for start_s, end_s in stated[["start_s", "end_s"]].sort_values(["start_s", "end_s"]).itertuples(index=False):
        at_s = max(start_s, starts[-1] + window_s) if starts else start_s
        while min(end_s, duration_s) - at_s >= SHORTEST_S:
            margin_s = max(0.0, window_s - (end_s - at_s)) / 2
            starts.append(max(0.0, min(at_s - margin_s, duration_s - window_s)))
            at_s = starts[-1] + window_s
    return starts


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


def stated_call(samples: np.ndarray, sample_rate: int, label: str, stated: pd.DataFrame) -> np.ndarray:
    """A clip from the first to the last call of its label that is stated, if any is, without what is stated to be none.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    sample_rate : int
        Hz.
    label : str
    stated : pd.DataFrame
        Rows of the clip.

    Returns
    -------
    np.ndarray of shape (m,)
    """
    of_label = stated[stated["label"] == label]
    if of_label.empty:
        return samples
    kept = samples.copy()
    for row in of_label[of_label["present"] == ABSENT].itertuples():
        kept[round(row.start_s * sample_rate) : round(row.end_s * sample_rate)] = 0
    calls = of_label[of_label["present"] == PRESENT]
    if calls.empty:
        return kept
    return kept[round(calls["start_s"].min() * sample_rate) : round(calls["end_s"].max() * sample_rate)]
