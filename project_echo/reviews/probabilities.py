"""Probabilities of all labels within events, from the journal of a screening."""

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models.classifier import DECIMALS, Classifier
from project_echo.models.windows import slice_bounds
from project_echo.screening.journal import SETTINGS, Journal


def peak_probabilities(events: pd.DataFrame, journal: Journal, classifier: Classifier) -> list[dict[str, float]]:
    """The highest probability of each label within each event.

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
        starts, ends = slice_bounds(probabilities.shape, classifier.features, hop_s, duration_s)
        for event in rows.itertuples():
            inside = (starts < event.end_s) & (ends > event.start_s)
            if inside.any():
                peaks = np.round(probabilities[inside].max(axis=0).astype(float), DECIMALS)
                found[event.event] = dict(zip(classifier.labels, peaks.tolist(), strict=True))
    return [found.get(event, {}) for event in events["event"]]
