"""First run and rerun side by side: parameters that differ, the paired difference of their scores, and charts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core.labels import sorted_labels
from project_echo.core.text import count
from project_echo.evaluation import crossval
from project_echo.evaluation.metrics import confusion
from project_echo.report import charts, curves
from project_echo.report.accuracies import label_accuracies, study_accuracy
from project_echo.report.charts import BLUE, ORANGE, Chart
from project_echo.report.experiments import Experiment, read_corpus, read_experiment
from project_echo.report.phrases import share

BEFORE, AFTER = "baseline", "rerun"
NAMES = {BEFORE: "first run", AFTER: "rerun"}  # of the experiments, as readers know them


@dataclass(frozen=True)
class Comparison:
    """Two experiments and how they differ."""

    before: Experiment
    after: Experiment
    params: list[tuple[str, str, str]]  # parameters that differ: name, before, after
    measure: str  # which accuracy `difference` is of: the same one of both
    difference: dict[str, Any]  # what crossval.paired_difference returns, on the draws that both have
    scores: Chart  # both runs: accuracy of all labels and of each
    charts: list[tuple[Chart, Chart]]  # side by side: how they learned, what they confuse


def compare_experiments(folder: Path, corpus: str) -> Comparison | None:
    """Compare first run and rerun.

    Parameters
    ----------
    folder : Path
        Contains a folder per experiment.
    corpus : str
        The corpus of the report (`collect.corpus` in params.yaml).

    Returns
    -------
    Comparison or None
        None if one of the two is missing or of another corpus, or if they have no draw of sources in common.

    Raises
    ------
    EchoError
        If an experiment of this corpus lacks a file.
    """
    # The corpus comes first: experiments of another one may be of an earlier version, with other files.
    if any(read_corpus(folder / name) != corpus for name in (BEFORE, AFTER)):
        return None
    before, after = (read_experiment(folder / name) for name in (BEFORE, AFTER))
    both_decide = before.has_thresholds and after.has_thresholds
    labels = after.labels
    compared = {
        NAMES[run.name]: run.decided[run.decided["truth"].isin(labels)] if both_decide else run.predictions
        for run in (before, after)
    }
    difference = crossval.paired_difference(*compared.values())
    if not difference["draws"]:
        return None
    measure = "accuracy by thresholds" if both_decide else study_accuracy(labels)
    draws = {*before.predictions["draw"]} & {*after.predictions["draw"]}
    return Comparison(
        before,
        after,
        list(differing_params(before.params, after.params)),
        measure,
        difference,
        _scores(compared, labels, measure, difference),
        [(_learning(before), _learning(after)), (_confusion(before, draws), _confusion(after, draws))],
    )


def differing_params(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Parameters whose values differ.

    Parameters
    ----------
    before, after : dict
        Contents of two params.yaml: sections of keys and values.

    Yields
    ------
    tuple of three str
        `section.key` and both values as text, sorted by name.
    """
    for section in sorted(before.keys() | after.keys()):
        first, second = before.get(section, {}), after.get(section, {})
        for key in sorted(first.keys() | second.keys()):
            if first.get(key) != second.get(key):
                yield f"{section}.{key}", _text(first.get(key)), _text(second.get(key))


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _scores(compared: dict[str, pd.DataFrame], labels: list[str], measure: str, difference: dict[str, Any]) -> Chart:
    """Accuracy of both runs on the clips that the same draws of both tested."""
    clips = ["draw", "clip", "source", "truth"]
    first, second = compared.values()
    common = first[clips].merge(second[clips])
    table = pd.concat([label_accuracies(run.merge(common), labels, name) for name, run in compared.items()])
    accuracy = difference["accuracy"]
    (before, after), draws = compared, count(difference["draws"], "draw")
    summary = (
        f"{measure.capitalize()}, on the {draws} of sources that both have: {before} {share(accuracy['before'])}, "
        f"{after} {share(accuracy['after'])}. Bars are 95% confidence intervals."
    )
    return charts.scores(table, {before: ORANGE, after: BLUE}, f"{before.capitalize()} and {after}, by label", summary)


def _learning(run: Experiment) -> Chart:
    """How a run learned: by epoch, or where the head has no epochs, by training sources."""
    name = NAMES[run.name]
    if len(run.history) > 1:
        return curves.training_history(run.history, f"Training, {name}")
    logistic = run.params.get("train", {}).get("head") == "logistic"
    note = "A logistic regression has no epochs, so this shows what more training sources bring." if logistic else ""
    return curves.learning_curve(run.curve, study_accuracy(run.labels), f"Learning from more sources, {name}", note)


def _confusion(run: Experiment, draws: set[int]) -> Chart:
    """Confusion over some draws, with `none` as row and column if the run can answer it."""
    table = run.decided if run.has_thresholds else run.predictions
    table = table[table["draw"].isin(draws)]
    labels = sorted_labels([*{*run.labels, *table["truth"], *table["prediction"]}])
    title = f"Confusion over {count(len(draws), 'draw')}, {NAMES[run.name]}"
    note = (
        "By thresholds: a clip in which no label reaches its own is none."
        if run.has_thresholds
        else "It cannot answer none, and names one of the labels in every clip."
    )
    truth, prediction = table["truth"].to_numpy(), table["prediction"].to_numpy()
    return charts.confusion(confusion(truth, prediction, labels), labels, title, note)
