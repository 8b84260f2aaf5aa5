"""Clips of a corpus from reviewed events: one for each segment of a recording, however many events have its times."""

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE
from project_echo.media.excerpt import CONTEXT_S
from project_echo.reviews import ledger, placement
from project_echo.reviews.exchange import split_labels
from project_echo.reviews.placement import CorpusContents

MAX_CLIP_S = 30.0  # with its context; of a longer event only the beginning is cut


def clip_span(start_s: float, end_s: float) -> tuple[float, float]:
    """Start and end of the sound of an event in its recording, s; a recording may end before."""
    first_s = max(0.0, start_s - CONTEXT_S)
    return first_s, min(end_s + CONTEXT_S, first_s + MAX_CLIP_S)


def animals(truth: str, contents: CorpusContents) -> list[str]:
    """The animals among the labels of an event, without ``none`` and kinds of background."""
    return [label for label in split_labels(truth) if not placement.is_background(label, contents)]


def place_clips(events: pd.DataFrame, contents: CorpusContents) -> list[str]:
    """Files of reviewed events in a corpus: those of one segment share a clip.

    The clip is in the folder of an animal that is heard: that which an event was reported and accepted for, if there
    is one. An event in which no label is known to be heard is told in the clip of another one that covers it.

    Parameters
    ----------
    events : pd.DataFrame
        ledger.SEGMENT, `source`, `prediction`, `verdict` and `truth`; no event is skipped.
    contents : CorpusContents
        What the corpus contains without the files of earlier reviews.

    Returns
    -------
    list of str
        A path for each row, relative to the corpus.
    """
    ordered = events.assign(segment=ledger.keys(events, ledger.SEGMENT)).sort_values("prediction", kind="stable")
    labels = {key: _clip_label(rows, contents) for key, rows in ordered.groupby("segment", sort=True)}
    segments = ordered.drop_duplicates("segment").sort_values("segment")
    segments = segments.assign(truth=segments["segment"].map(labels))
    segments = segments.assign(file=placement.corpus_paths(segments, contents))
    files = dict(zip(segments["segment"], segments["file"], strict=True))
    labelled = segments[segments["truth"] != ""]
    for row in segments[segments["truth"] == ""].itertuples():
        of_recording = labelled[labelled["recording"] == row.recording]
        spans = np.array([clip_span(*times) for times in of_recording[["start_s", "end_s"]].to_numpy()]).reshape(-1, 2)
        covering = of_recording.loc[(spans[:, 0] <= row.start_s) & (spans[:, 1] >= row.end_s), "file"]
        if len(covering):
            files[row.segment] = covering.iloc[0]
    return [files[segment] for segment in ledger.keys(events, ledger.SEGMENT)]


def _clip_label(events: pd.DataFrame, contents: CorpusContents) -> str:
    """The label whose folder the clip of some events goes to; empty if none is known to be heard."""
    heard = [animals(str(truth), contents) for truth in events["truth"]]
    own = [
        label
        for prediction, labels in zip(events["prediction"], heard, strict=True)
        if (label := placement.matching_label(prediction, labels))
    ]
    background = [label for truth in events["truth"] for label in split_labels(str(truth))]
    kinds = [label for label in background if label != NONE]
    return next(iter([*own, *(label for labels in heard for label in labels), *kinds, *background]), "")


def are_owned(table: pd.DataFrame) -> pd.Series:
    """Whether each row of a ledger has a sound of its own, and is not only told in that of another event."""
    names = [
        placement.file_name(row.recording, row.start_s, row.end_s) == str(row.file).rpartition("/")[2]
        for row in table.itertuples()
    ]
    return pd.Series(names, index=table.index, dtype=bool)
