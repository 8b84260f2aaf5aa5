"""Whether a classifier is better than the one before, from the answers of both."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.evaluation.paired import ALPHA, Change
from project_echo.studies.before_after import compare, comparison_lines
from project_echo.studies.versions import Version


def answers(wrong_sources: int, *, draws: int = 4, sources: int = 12, first: int = 0, none: int = 0) -> pd.DataFrame:
    """Answers on two labels and background, of which the first sources of each are wrong in every draw."""
    rows = []
    for draw in range(draws):
        for label in ("boar", "fox", "none"):
            for number in range(first, first + sources):
                wrong = number < (none if label == "none" else wrong_sources)
                said = {"boar": "fox", "fox": "none", "none": "boar"}[label] if wrong else label
                rows.append((draw, f"{label}/{number}-0.0", f"{label}/{number}", label, said))
    return pd.DataFrame(rows, columns=["draw", "clip", "source", "truth", "prediction"])


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (answers(6), answers(0), "better"),
        (answers(0), answers(6), "worse"),
        (answers(2), answers(1), "same"),
        (answers(3), answers(3), "same"),
        (answers(0, none=8), answers(0), "better"),
        (answers(6), answers(0, none=8), "mixed"),
    ],
)
def test_a_difference_counts_if_chance_does_not_explain_it(
    before: pd.DataFrame, after: pd.DataFrame, kind: str
) -> None:
    comparison = compare(before, after)
    assert comparison.kind == kind
    assert comparison.sources == 36


def test_recordings_are_paired_whatever_draws_they_were_tested_in() -> None:
    before, after = answers(4, draws=3), answers(2, draws=5, sources=14).iloc[::-1]
    after = after.assign(draw=after["draw"] + 7)
    comparison = compare(before, after)
    assert comparison.sources == 36  # the two added ones of each label have no answer before
    assert comparison.accuracy is not None and comparison.false_positives is not None
    assert (comparison.accuracy.before, comparison.accuracy.after) == pytest.approx((8 / 12, 10 / 12))
    assert comparison.false_positives.value == 0


def version(folder: str, decided: pd.DataFrame, found: float) -> Version:
    recall = {"value": found, "low": found - 0.1, "high": found + 0.1}
    rate = {"value": 100 * found, "low": 10.0, "high": 120.0}
    return Version(Path(folder), {}, {"events": {"recall": recall, "false_events_per_hour": rate}}, decided)


def test_a_worse_one_is_said_to_be_worse_and_the_old_one_is_named() -> None:
    lines = comparison_lines(version("versions/1", answers(0), 0.5), version("versions/2", answers(6), 0.7))
    assert "WORSE" in lines[0]
    assert "100% -> 50%" in lines[1] and "-50.0" in lines[1]
    assert any("50% (40 to 60%) -> 70% (60 to 80%)" in line for line in lines)
    assert any(line.endswith(str(Path("versions/1/model"))) for line in lines)
    better = comparison_lines(version("versions/1", answers(6), 0.5), version("versions/2", answers(0), 0.7))
    assert not any("versions" in line for line in better)


def test_intervals_of_two_measures_hold_at_once_and_one_alone_is_narrower() -> None:
    def change(with_background: bool) -> Change:
        before, after = answers(6), answers(0)
        if not with_background:
            before, after = (table[table["truth"] != "none"] for table in (before, after))
        accuracy = compare(before, after).accuracy
        assert accuracy is not None
        return accuracy

    both, alone = change(True), change(False)
    assert (both.alpha, alone.alpha) == (ALPHA / 2, ALPHA)
    assert both.high - both.low > alone.high - alone.low


def test_without_a_recording_in_both_nothing_is_compared() -> None:
    comparison = compare(answers(1), answers(0, first=100))
    assert comparison.sources == 0 and comparison.accuracy is None
