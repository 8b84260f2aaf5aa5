"""Predictions of one run or another on the same clips."""

import pandas as pd


def predictions(wrong: int, sources: int = 10, draws: int = 2) -> pd.DataFrame:
    """A clip of each source of two labels, in which so many owls are taken for frogs; POOLED_COLUMNS."""
    rows = []
    for label in ("frog", "owl"):
        for source in range(sources):
            other = "owl" if label == "frog" else "frog"
            prediction = other if label == "owl" and source < wrong else label
            rows.append((str(source % draws), f"{label}-{source}", f"{label}-{source}", label, prediction))
    return pd.DataFrame(rows, columns=["draw", "clip", "source", "truth", "prediction"])
