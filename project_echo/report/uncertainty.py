"""The section on uncertainty: charts over all draws of crossval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE, scored_labels, sorted_labels
from project_echo.core.text import count, join_words, percent
from project_echo.evaluation.metrics import confusion
from project_echo.plots import marks
from project_echo.plots.svg import MUTED, new_figure, page_style, svg
from project_echo.report import charts, curves
from project_echo.report.accuracies import label_accuracies, study_accuracy
from project_echo.report.charts import BLUE, ORANGE, Chart
from project_echo.report.phrases import share
from project_echo.report.ranking import rank, shares_of

DECIDED, MOST_PROBABLE = "by thresholds", "most probable label"
LOW = 0.1  # a probability that hardly anything is reported with


@dataclass(frozen=True)
class UncertaintyCharts:
    """The charts over all draws."""

    confusion: Chart
    by_label: Chart
    learning_curve: Chart
    draws: Chart
    reliability: Chart


def uncertainty_charts(
    pooled: pd.DataFrame,
    decided: pd.DataFrame,
    accuracies: pd.DataFrame,
    curve: pd.DataFrame,
    bins: pd.DataFrame,
    crossval: dict[str, Any],
    labels: Sequence[str],
) -> UncertaintyCharts:
    """Charts over all draws: confusion, accuracy of each label, learning curve, accuracies of draws, reliability.

    The confusion is of decisions by thresholds, with `none`, and so is the accuracy of each label, beside that of the
    most probable label, as in the study; all else is of the latter.

    Parameters
    ----------
    pooled, decided, accuracies, curve, bins : pd.DataFrame
        predictions.csv, decided.csv, accuracies.csv, curve.csv and reliability.csv of plots/crossval.
    crossval : dict
        metrics/crossval.json.
    labels : sequence of str
        The animals.

    Returns
    -------
    UncertaintyCharts
    """
    truth, prediction = decided["truth"].to_numpy(), decided["prediction"].to_numpy()
    confused = sorted_labels(list({*labels, *truth, *prediction}))
    draws, measure = count(crossval["draws"], "draw"), study_accuracy(scored_labels([*labels, NONE]))
    return UncertaintyCharts(
        charts.confusion(confusion(truth, prediction, confused), confused, f"Confusion over {draws}"),
        _by_label(pooled, decided if crossval.get("decided") else None, labels),
        curves.learning_curve(curve, measure, "Learning from more sources"),
        curves.draw_accuracies(accuracies, crossval["accuracy"], measure),
        reliability(bins, crossval["calibration"]["expected_calibration_error"]),
    )


def _by_label(pooled: pd.DataFrame, decided: pd.DataFrame | None, labels: Sequence[str]) -> Chart:
    scored = scored_labels([*labels, NONE])
    tables = [label_accuracies(pooled, scored, MOST_PROBABLE)]
    if decided is not None:
        tables.insert(0, label_accuracies(decided, scored, DECIDED))
    condition = "" if decided is None else ", if a label counts only where its probability reaches its threshold"
    summary = f"{_ranked(tables[0])}{condition}. Bars are 95% confidence intervals."
    colors = {DECIDED: BLUE, MOST_PROBABLE: ORANGE} if decided is not None else {MOST_PROBABLE: BLUE}
    return charts.scores(pd.concat(tables), colors, "Clips named correctly, by label", summary)


def _ranked(table: pd.DataFrame) -> str:
    ranking = rank(shares_of(table))
    if ranking is None:
        return "No label has clips"
    most, least = share(ranking.most["value"]), share(ranking.least["value"])
    if ranking.equal:
        return f"Of the clips of every label, {most} are named correctly"
    if ranking.apart:
        best, worst = join_words(ranking.highest), join_words(ranking.lowest)
        return f"Clips of {best} are named correctly more often ({most}) than clips of {worst} ({least})"
    return f"Of the clips of a label, {least} to {most} are named correctly"


@page_style()
def reliability(table: pd.DataFrame, errors: Mapping[str, float]) -> Chart:
    """Reliability diagram before and after calibration; points of more pairs of a clip and a label are larger.

    Parameters
    ----------
    table : pd.DataFrame
        plots/crossval/reliability.csv: columns from, to, confidence (mean probability of a label), accuracy (share of
        the pairs that hold), clips (pairs), and scaling, "before" or "after".
    errors : mapping
        Expected calibration error, "before" and "after".

    Returns
    -------
    Chart
    """
    figure = new_figure(400)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1.5, linestyle=(0, (1.5, 2.5)))
    for when, color in (("before", ORANGE), ("after", BLUE)):
        points = table[table["scaling"] == when]
        axes.plot(points["confidence"], points["accuracy"], color=color, linewidth=1.2)
        for row in points.itertuples():
            size = 5 + 14 * (row.clips / points["clips"].sum()) ** 0.5
            text = (
                f"{when} calibration: probability {row.confidence:.2f}, right in {share(row.accuracy)} of {row.clips}"
            )
            marks.point(axes, row.confidence, row.accuracy, color, text, size)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="probability of a label", aspect="equal", anchor="W")
    marks.percentages(axes, "x")
    marks.percentages(axes, "y")
    axes.grid()
    axes.spines[:].set_visible(False)
    marks.legend(axes, {f"{when} calibration": color for when, color in (("before", ORANGE), ("after", BLUE))})
    summary = (
        f"Up: how often the label is there. On the dotted line, probabilities are right; below it, they are too high. "
        f"The mean distance is {100 * errors['before']:.1f} percentage points before calibration and "
        f"{100 * errors['after']:.1f} after it, over all pairs of a clip and a label. Of these, "
        f"{share(share_below(table, LOW))} have a probability below {percent(LOW, 0)}, so the mean says little about "
        f"higher ones."
    )
    columns = ["scaling", "confidence", "accuracy", "clips"]
    return Chart("What a probability means", summary, svg(figure), table[columns])


def share_below(bins: pd.DataFrame, probability: float) -> float:
    """Share of the pairs of a clip and a label in bins, after calibration, that end at most at a probability."""
    pairs = bins[bins["scaling"] == "after"]
    return float(pairs.loc[pairs["to"] <= probability, "clips"].sum() / max(1, pairs["clips"].sum()))
