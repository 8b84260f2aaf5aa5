"""Simulated answers of a review, whose precision at every threshold is known."""

import numpy as np
import pandas as pd

LOWEST = 0.3  # confidence that the screening reported


def review_of(
    seed: int, recordings: int = 40, events: int = 6, spread: float = 0.0, label: str = "fox"
) -> pd.DataFrame:
    """Events of a label, `events` in each recording, that are right the more probably the more confident they are.

    Parameters
    ----------
    seed : int
    recordings, events : int
    spread : float
        By how much recordings differ: standard deviation of the log-odds.
    label : str

    Returns
    -------
    pd.DataFrame
        recording, label, confidence and correct; precision reaches 0.9 near a threshold of 0.7.
    """
    draw = np.random.default_rng(seed)
    recording = np.repeat(np.arange(recordings), events)
    confidence = np.round(draw.uniform(LOWEST, 1, len(recording)), 4)
    log_odds = 8 * (confidence - 0.55) + draw.normal(0, spread, recordings)[recording]
    return pd.DataFrame(
        {
            "recording": [f"{seed}/{number}.wav" for number in recording],
            "label": label,
            "confidence": confidence,
            "correct": draw.random(len(recording)) < 1 / (1 + np.exp(-log_odds)),
        }
    )


def precision_at(events: pd.DataFrame, threshold: float) -> float:
    return float(events.loc[events["confidence"] >= threshold, "correct"].mean())
