"""Probabilities of all labels within events, from the journal of a screening."""

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models.classifier import DECIMALS, Classifier
from project_echo.models.windows import slice_bounds
from project_echo.screening.journal import SETTINGS, Journal
from project_echo.screening.overlaps import average_overlaps


def peak_probabilities(events: pd.DataFrame, journal: Journal, classifier: Classifier) -> list[dict[str, float]]:
    """The highest probability of each label within each event, averaged over overlapping windows as for events.

    So a window reaches a threshold where an event of the label is found in it.

    Parameters
    ----------
    events : pd.DataFrame
        From `events.load_events`: recording, start_s, end_s and duration_s are used.
    journal : Journal
        The journal of the screening.
    classifier : Classifier
        The classifier that screened the recordings.

    Returns
    -------
    list of dict of str to float
        For each event by label, 0 to 1; empty where the journal does not have the recording any more.
    """
    hop_s = float(files.read_json(journal.folder / SETTINGS)["hop"])
    found: dict[int, dict[str, float]] = {}
    for recording, rows in events.groupby("recording", sort=False):
        try:
            probabilities = journal.probabilities(str(recording))
        except EchoError:
            continue
        duration_s = float(rows["duration_s"].iloc[0])
        starts, ends = (
            bound.ravel() for bound in slice_bounds(probabilities.shape, classifier.features, hop_s, duration_s)
        )
        order = np.argsort(starts, kind="stable")
        order = order[ends[order] > starts[order]]  # others lie in the padding of a short recording
        start_s, end_s = starts[order], ends[order]
        averaged = average_overlaps(start_s, end_s, probabilities.reshape(-1, probabilities.shape[-1])[order])
        for event in rows.itertuples():
            inside = (start_s < event.end_s) & (end_s > event.start_s)
            if inside.any():
                peaks = np.round(averaged[inside].max(axis=0).astype(float), DECIMALS)
                found[event.event] = dict(zip(classifier.labels, peaks.tolist(), strict=True))
    return [found.get(event, {}) for event in events["event"]]
