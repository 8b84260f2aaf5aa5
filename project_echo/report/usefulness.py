"""Why screening is useful: hours of sound screened, and how little of it is left to listen to."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from project_echo.report.phrases import duration, share


@dataclass(frozen=True)
class Listening:
    """How long recordings are, and for how long any animal is heard in them, s."""

    total_s: float
    left_s: float

    @property
    def sentence(self) -> str:
        """What was screened, what is left to listen to, and what is saved."""
        if not self.left_s:
            return f"It screened {duration(self.total_s)} of sound and heard no animal."
        if self.left_s >= self.total_s:
            return f"It screened {duration(self.total_s)} of sound and heard animals in all of it, so nothing is saved."
        return (
            f"It screened {duration(self.total_s)} of sound and heard animals in {duration(self.left_s)} of it. So "
            f"{share(self.left_s / self.total_s)} is left to listen to, and {duration(self.total_s - self.left_s)} of "
            f"listening are saved."
        )


def listening(total_s: float, events: pd.DataFrame) -> Listening:
    """How much is left to listen to: the events, where those that overlap count once.

    Parameters
    ----------
    total_s : float
        Length of all recordings together, s.
    events : pd.DataFrame
        Columns recording, start_s, end_s.

    Returns
    -------
    Listening
    """
    left_s = sum(_union_s(spans[["start_s", "end_s"]].to_numpy(float)) for _, spans in events.groupby("recording"))
    return Listening(total_s, min(float(left_s), total_s))


def _union_s(spans: np.ndarray) -> float:
    """Seconds that spans of shape (n, 2) cover together."""
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    heard_until = np.maximum.accumulate(np.append(-np.inf, spans[:-1, 1]))
    return float(np.maximum(0, spans[:, 1] - np.maximum(spans[:, 0], heard_until)).sum())


def caveats(field: dict[str, Any], hop_s: float) -> list[str]:
    """What to keep in mind when only events are listened to.

    Parameters
    ----------
    field : dict
        metrics/field.json.
    hop_s : float
        Step between the windows of the long recordings, s.

    Returns
    -------
    list of str
    """
    events = field.get("events") or {}
    sentences = [_missed(events["recall"]["value"])] if events.get("recall") else []
    if (precision := events.get("precision")) and (wrong := _wrong(precision["value"])):
        sentences.append(wrong)
    if sentences:
        sentences.append(
            f"This was measured in the long recordings, in windows {hop_s:g} s apart, with the thresholds of the "
            f"classifier. A screening with another --hop or other thresholds misses and reports more or less."
        )
    return sentences


def _missed(recall: float) -> str:
    missed = "It missed none of the calls in long recordings" if recall >= 1 else ""
    if recall <= 0:
        missed = "It found none of the calls in long recordings"
    missed = missed or f"It misses {share(1 - recall)} of the calls in long recordings"
    return f"{missed}. Where it hears nothing, something may still have called."


def _wrong(precision: float) -> str:
    """Nothing if all reports were right."""
    if precision >= 1:
        return ""
    wrong = f"{share(1 - precision)} of what it reports" if precision > 0 else "All that it reported"
    verb = "is" if precision > 0 else "was"
    return (
        f"{wrong.capitalize()} {verb} wrong, so what matters has to be listened to: the page that project-echo review "
        f"makes is for that."
    )
