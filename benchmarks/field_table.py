"""The table of field.py: means over assignments, and paired differences in mAP."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from project_echo.custom_networks.card import NetworkCard

THIS_PROJECT, BIRDNET = "this project", "BirdNET 2.4 + logistic regression"
WITHOUT_MIXING = "without mixtures and slices"  # beside THIS_PROJECT: what these gain
MEASURES = {
    "map": "mAP",
    "auc": "AUC",
    "auc_background": "AUC against background",
    "auc_distractors": "AUC against distractors",
    "both_found": "both of two found at 5% false positives",
    "recall": "calls found",
    "recall_clear": "of 10 dB and more",
    "false_events_per_hour": "false events an hour",
}
COST = "processor time of an hour of sound, s"


def network_name(card: NetworkCard) -> str:
    """What the row of a custom network is called."""
    return f"{THIS_PROJECT} on embeddings of {card.name}"


def row(system: str, number: int, scores: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The measures of a system in an assignment, and the processor time of an hour of sound, s."""
    values = {name: (scores.get(name) or {}).get("value") for name in MEASURES}
    return {"system": system, "assignment": number} | values | {COST: seconds}


def print_table(rows: pd.DataFrame, done: int, of: int) -> None:
    """Print means over assignments, and differences from this project and from a custom network."""
    print(f"{done} of {of} assignments\n")
    by_system = {str(system): table.set_index("assignment") for system, table in rows.groupby("system", sort=False)}
    references = [system for system in by_system if system.startswith(THIS_PROJECT)]
    headings = [*MEASURES.values(), COST, *(f"difference in mAP from {system} (95% CI)" for system in references)]
    print("| system | " + " | ".join(headings) + " |")
    print("|---|" + "---|" * len(headings))
    for system, of_system in by_system.items():
        means = of_system[list(MEASURES)].astype(float).mean()
        cells = ["" if np.isnan(value) else f"{value:.3f}" for value in means]
        cells.append(f"{of_system[COST].median():.1f}")
        for reference in references:
            difference = (of_system["map"] - by_system[reference]["map"]).astype(float).to_numpy()
            mean, low, high = mean_interval(difference)
            text = f"{mean:+.3f}" if np.isnan(low) else f"{mean:+.3f} ({low:+.3f} to {high:+.3f})"
            cells.append("" if system == reference else text)
        print(f"| {system} | {' | '.join(cells)} |")
    print(flush=True)


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean, and its 95% confidence interval by Student's t distribution; no interval of a single value."""
    mean = float(values.mean())
    if len(values) < 2:
        return mean, np.nan, np.nan
    margin = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - margin, mean + margin
