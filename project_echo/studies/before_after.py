"""Two classifiers of a study on the same recordings: what more recordings, or other parameters, have changed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE
from project_echo.core.text import count
from project_echo.evaluation.paired import ALPHA, Change, ratio_change
from project_echo.report.phrases import number, number_range, points, share, share_range
from project_echo.studies.versions import Version

Kind = Literal["better", "worse", "mixed", "same"]
OPENINGS: dict[Kind, str] = {
    "better": "The new classifier is better",
    "worse": "The new classifier is WORSE",
    "mixed": "The new classifier is better in one way and WORSE in another",
    "same": "The new classifier is not clearly better or worse than the old one",
}


@dataclass(frozen=True)
class Comparison:
    """What has changed from one version to the next.

    Attributes
    ----------
    accuracy : Change or None
        Share of right answers on the recordings of animals that both were tested on.
    false_positives : Change or None
        Share of the recordings of background that are taken for an animal. The 95% intervals of both hold at once.
    sources : int
        Of these recordings.
    """

    accuracy: Change | None
    false_positives: Change | None
    sources: int

    @property
    def kind(self) -> Kind:
        """``"better"``, ``"worse"``, ``"mixed"`` if one measure is better and one worse, or ``"same"``.

        It is ``"same"`` unless an interval excludes 0 and enough sources differ.
        """
        outcomes = {
            *([self.accuracy.outcome()] if self.accuracy else []),
            *([self.false_positives.outcome(lower_is_better=True)] if self.false_positives else []),
        }
        if outcomes >= {"better", "worse"}:
            return "mixed"
        return "better" if "better" in outcomes else "worse" if "worse" in outcomes else "same"


def compare(before: pd.DataFrame, after: pd.DataFrame) -> Comparison:
    """Compare the answers of two classifiers on the recordings that both were tested on.

    With more recordings, other sources are drawn, so the draws differ. But each draw tests recordings that it has not
    learned from, and of each recording there are several: the share of draws in which it was right is paired, recording
    by recording.

    Parameters
    ----------
    before, after : pd.DataFrame
        Answers in all draws: draw, clip, source, truth, prediction.

    Returns
    -------
    Comparison
    """
    shares = [_right(table) for table in (before, after)]
    both = shares[0].join(shares[1], how="inner", lsuffix="_before", rsuffix="_after").reset_index()
    is_animal = both["truth"] != NONE
    alpha = ALPHA / max(1, is_animal.nunique())  # Bonferroni: the intervals hold for both measures at once
    return Comparison(
        accuracy=_change(both[is_animal], alpha),
        false_positives=_change(both[~is_animal], alpha, wrong=True),
        sources=int(both["source"].nunique()),
    )


def change_rows(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    """What has changed, for people: what it is, its value before and after, and the difference with its interval."""
    rows = []
    for name, change in (("right answers", comparison.accuracy), ("false positives", comparison.false_positives)):
        if change:
            value, low, high = (points(of, 1, sign=True) for of in (change.value, change.low, change.high))
            difference = f"{value} points, 95% interval {low} to {high}"
            rows.append((name, share(change.before), share(change.after), difference))
    return rows


def comparison_lines(before: Version, after: Version) -> list[str]:
    """Lines on what has changed from one version to the next.

    Parameters
    ----------
    before, after : Version

    Returns
    -------
    list of str
    """
    comparison = compare(before.decided, after.decided)
    if not comparison.sources:
        return ["The new classifier cannot be compared with the old one: no recording was tested in both."]
    lines = [f"{OPENINGS[comparison.kind]} ({count(comparison.sources, 'source')}, tested in both):"]
    for name, before_, after_, difference in change_rows(comparison):
        lines.append(f"  {name:22}{before_} -> {after_} ({difference})")
    if comparison.accuracy and comparison.false_positives:
        lines.append("  Both intervals hold at once, so each is wider than it would be alone.")
    lines += _in_the_field(before, after)
    if comparison.kind in ("worse", "mixed"):
        lines.append(f"  The old one is kept: project-echo predict ... --model {before.model}")
    return [*lines, "All figures below are of the new one, and of new recordings as well."]


def _in_the_field(before: Version, after: Version) -> list[str]:
    """Figures of the long recordings: each version mixes its own from its recordings, so these are not paired."""
    first, second = (version.field.get("events") or {} for version in (before, after))
    lines = []
    if first.get("recall") and second.get("recall"):
        shares = [f"{share(of['recall']['value'])} ({share_range(of['recall'])})" for of in (first, second)]
        lines.append(f"  {'calls found':22}{' -> '.join(shares)}, in other long recordings")
    if first.get("false_events_per_hour") and second.get("false_events_per_hour"):
        rates = [of["false_events_per_hour"] for of in (first, second)]
        texts = [f"{number(rate['value'])} ({number_range(rate)})" for rate in rates]
        lines.append(f"  {'false alarms an hour':22}{' -> '.join(texts)}")
    return lines


def _right(answers: pd.DataFrame) -> pd.DataFrame:
    """Share of the draws in which each clip was answered rightly: column right, by clip, source and truth."""
    right = answers.assign(right=answers["truth"] == answers["prediction"])
    return right.groupby(["clip", "source", "truth"])[["right"]].mean()


def _change(both: pd.DataFrame, alpha: float, *, wrong: bool = False) -> Change | None:
    if both.empty:
        return None
    before, after = (both[name].to_numpy(float) for name in ("right_before", "right_after"))
    if wrong:
        before, after = 1 - before, 1 - after
    change = ratio_change(before, after, np.ones(len(both)), both["source"].to_numpy(), both["truth"].to_numpy())
    return change.at(alpha)
