"""First run and rerun side by side: parameters that differ, the paired difference of their scores, and charts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core.labels import sorted_labels
from project_echo.core.text import count
from project_echo.evaluation.metrics import confusion
from project_echo.evaluation.paired import Change, accuracy_change
from project_echo.evaluation.predictions import POOLED_COLUMNS
from project_echo.report import charts, curves
from project_echo.report.accuracies import label_accuracies, study_accuracy
from project_echo.report.charts import BLUE, ORANGE, Chart
from project_echo.report.experiments import Experiment, read_corpus, read_experiment
from project_echo.report.phrases import share

NOT_SET = "not set"  # of a parameter that a run does not have
BEFORE, AFTER = "baseline", "rerun"
NAMES = {BEFORE: "first run", AFTER: "rerun"}  # of the experiments, as readers know them


@dataclass(frozen=True)
class Comparison:
    """Two experiments and how they differ."""

    before: Experiment
    after: Experiment
    params: list[tuple[str, str, str]]  # parameters that differ: name, before, after
    measure: str  # which accuracy `difference` is of: the same one of both
    draws: int  # that both have
    difference: Change  # of `measure` on the clips of these draws, paired
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
    common = _common(*compared.values())
    if common.empty:
        return None
    n_draws, difference = common["draw"].nunique(), accuracy_change(*compared.values())
    measure = "accuracy by thresholds" if both_decide else study_accuracy(labels)
    draws = {*before.predictions["draw"]} & {*after.predictions["draw"]}
    return Comparison(
        before,
        after,
        list(differing_params(before.params, after.params)),
        measure,
        n_draws,
        difference,
        _scores(compared, common, labels, measure, difference),
        [(_learning(before), _learning(after)), (_confusion(before, draws), _confusion(after, draws))],
    )


def _common(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Clips that the same draws of both tested; none if the runs are of other animals."""
    clips = POOLED_COLUMNS[:-1]
    common = before[clips].merge(after[clips])
    return common if set(before["truth"]) == set(after["truth"]) else common.iloc[:0]


def differing_params(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Parameters whose values differ.

    Parameters
    ----------
    before, after : dict
        Contents of two params.yaml: sections of keys and values. A section may be empty, or a value by itself.

    Yields
    ------
    tuple of three str
        `section.key`, or `section` of a value by itself, and both values as text, sorted by name.
    """
    first, second = _leaves(before), _leaves(after)
    for name in sorted(first.keys() | second.keys()):
        if first.get(name) != second.get(name):
            yield name, _text(first.get(name)), _text(second.get(name))


def _leaves(params: Mapping[str, Any]) -> dict[str, Any]:
    """Values by `section.key`, without those that are not set."""
    leaves: dict[str, Any] = {}
    for section, content in params.items():
        inside = {f"{section}.{key}": value for key, value in content.items()} if isinstance(content, dict) else {}
        leaves |= inside if isinstance(content, dict) else {section: content}
    return {name: value for name, value in leaves.items() if value is not None}


def _text(value: Any) -> str:
    if value is None:
        return NOT_SET
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _scores(
    compared: dict[str, pd.DataFrame], common: pd.DataFrame, labels: list[str], measure: str, difference: Change
) -> Chart:
    """Accuracy of both runs on the clips that the same draws of both tested."""
    table = pd.concat([label_accuracies(run.merge(common), labels, name) for name, run in compared.items()])
    (before, after), draws = compared, count(common["draw"].nunique(), "draw")
    summary = (
        f"{measure.capitalize()}, on the {draws} of sources that both have: {before} {share(difference.before)}, "
        f"{after} {share(difference.after)}. Bars are 95% confidence intervals."
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
