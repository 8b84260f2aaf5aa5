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


def caveats(field: dict[str, Any]) -> list[str]:
    """What to keep in mind when only events are listened to.

    Parameters
    ----------
    field : dict
        metrics/field.json.

    Returns
    -------
    list of str
    """
    events, sentences = field.get("events") or {}, []
    if recall := events.get("recall"):
        sentences.append(
            f"It misses {share(1 - recall['value'])} of the calls in long recordings, so where it hears nothing, "
            f"something may still have called."
        )
    if precision := events.get("precision"):
        sentences.append(
            f"{share(1 - precision['value'])} of what it reports is wrong, so what matters has to be listened to: the "
            f"page that project-echo review makes is for that."
        )
    return sentences
