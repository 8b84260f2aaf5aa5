"""Windows drawn at random from a screening, to find out how much it misses."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.seeds import generator
from project_echo.models.classifier import Classifier
from project_echo.models.windows import window_times
from project_echo.reviews.exchange import RANDOM
from project_echo.reviews.probabilities import peak_probabilities
from project_echo.screening.journal import SETTINGS, Journal

SEED = 16


def add_windows(
    events: pd.DataFrame, recordings: pd.DataFrame, journal: Journal, classifier: Classifier, digest: str, n: int
) -> pd.DataFrame:
    """Add windows drawn at random from all that were screened, a row for each label of each.

    Parameters
    ----------
    events : pd.DataFrame
        From `events.load_events`, with `probabilities`.
    recordings : pd.DataFrame
        All that were screened, from `events.load_recordings`.
    journal : Journal
        The journal of the screening.
    classifier : Classifier
        The classifier that screened the recordings.
    digest : str
        SHA-256 of the classifier's card. The same screening gives the same windows, and fewer are the first of more.
    n : int
        Number of windows.

    Returns
    -------
    pd.DataFrame
        Events, then windows, with `sample`, and `reported`: whether an event of the row's label overlaps the window.
        Where the screening used the classifier's thresholds, that is where its confidence reaches the threshold, as
        confidences of windows and events are averaged alike: `suggest_thresholds` then counts the same windows.

    Raises
    ------
    EchoError
        If the screening has fewer windows.
    """
    events = events.assign(sample="", reported=True)
    windows = _draw(recordings, journal, classifier, n)
    windows["probabilities"] = peak_probabilities(windows.assign(event=range(len(windows))), journal, classifier)
    rows: list[dict[str, Any]] = []
    for window in windows.to_dict("records"):
        overlapping = events[
            (events["recording"] == window["recording"])
            & (events["start_s"] < window["end_s"])
            & (events["end_s"] > window["start_s"])
        ]
        for label, probability in window["probabilities"].items():
            text = "\n".join([digest, RANDOM, window["recording"], str(window["start_s"]), label])
            given = {"label": label, "mean_confidence": probability, "peak_confidence": probability, "sample": RANDOM}
            reported = bool((overlapping["label"] == label).any())
            event_id = hashlib.sha256(text.encode()).hexdigest()[:16]
            rows.append({**window, **given, "reported": reported, "id": event_id, "event": len(events) + len(rows) + 1})
    return pd.concat([events, pd.DataFrame(rows, columns=[*events])], ignore_index=True) if rows else events


def _draw(recordings: pd.DataFrame, journal: Journal, classifier: Classifier, n: int) -> pd.DataFrame:
    """Recordings of `n` windows, with start_s and end_s."""
    total = int(recordings["windows"].sum())
    if n > total:
        raise EchoError(
            f"the screening has {total} windows, fewer than {n} to draw. Lower the number of random windows."
        )
    hop_s = float(files.read_json(journal.folder / SETTINGS)["hop"])
    ends = recordings["windows"].cumsum().to_numpy()
    rows: list[dict[str, Any]] = []
    for number in generator(SEED, "random windows").permutation(total)[:n]:
        place = int(np.searchsorted(ends, number, side="right"))
        row = recordings.iloc[place].to_dict()
        starts_s, ends_s = window_times(row["windows"], classifier.features, hop_s, row["duration_s"])
        window = int(number) - int(ends[place]) + int(row["windows"])
        rows.append({**row, "start_s": float(starts_s[window]), "end_s": float(ends_s[window])})
    return pd.DataFrame(rows, columns=[*recordings, "start_s", "end_s"])
