"""Events to listen to: which to cut, and how their files are named."""

from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from project_echo.core.names import portable_name, portable_paths


def select_events(events: pd.DataFrame, n: int) -> pd.DataFrame:
    """Select the `n` most and, of the others, the `n` least confident events of each label.

    Parameters
    ----------
    events : pd.DataFrame
        At least label and mean_confidence; of equal confidences the earlier row comes first.
    n : int
        Events per label and selection.

    Returns
    -------
    pd.DataFrame
        The selected rows of `events` with two more columns: selection (most_confident or least_confident), and rank
        within it, from 1.
    """
    selected = []
    for _, group in events.groupby("label"):
        ordered = group.sort_values("mean_confidence", ascending=False, kind="stable")
        least = ordered.iloc[n:].sort_values("mean_confidence", kind="stable").head(n)
        for selection, rows in (("most_confident", ordered.head(n)), ("least_confident", least)):
            selected.append(rows.assign(selection=selection, rank=range(1, len(rows) + 1)))
    return pd.concat(selected, ignore_index=True) if selected else events.assign(selection="", rank=0)


def clip_names(selected: pd.DataFrame) -> list[str]:
    """File names of selected events: different ones, even where the case of letters in labels is ignored."""
    names = [PurePosixPath(clip_name(event)) for event in selected.to_dict("records")]
    portable = portable_paths(names)
    return [portable[name] for name in names]


def clip_name(event: dict[str, Any]) -> str:
    """File name of a selected event: folder of its label, then selection, rank, recording and start time."""
    label = portable_name(str(event["label"]))
    recording = portable_name(PurePosixPath(str(event["recording"])).stem)
    return f"{label}/{event['selection']}-{event['rank']:03}-{recording}-{event['start_s']:.1f}s.wav"
