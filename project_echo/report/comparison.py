"""Baseline and rerun side by side: parameters that differ, and the paired difference of their scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from project_echo.core.text import count
from project_echo.evaluation import crossval
from project_echo.report import charts, findings
from project_echo.report.accuracies import study_accuracy
from project_echo.report.charts import Chart
from project_echo.report.experiments import Experiment, read_corpus, read_experiment

BEFORE, AFTER = "baseline", "rerun"


@dataclass(frozen=True)
class Comparison:
    """Two experiments and how they differ."""

    before: Experiment
    after: Experiment
    params: list[tuple[str, str, str]]  # parameters that differ: name, before, after
    difference: dict[str, Any]  # what crossval.paired_difference returns
    charts: list[tuple[Chart, Chart]]  # side by side

    @property
    def improvement(self) -> str:
        """A sentence on whether the later experiment is better."""
        measure = study_accuracy(self.after.labels)
        return findings.improvement(self.before.name, self.after.name, self.difference, measure)


def compare_experiments(folder: Path, corpus: str) -> Comparison | None:
    """Compare baseline and rerun.

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
    difference = crossval.paired_difference(before.predictions, after.predictions)
    if not difference["draws"]:
        return None
    params = list(differing_params(before.params, after.params))
    return Comparison(before, after, params, difference, _charts(before, after))


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


def _charts(before: Experiment, after: Experiment) -> list[tuple[Chart, Chart]]:
    first, second = (
        [
            charts.training_history(experiment.history, f"Loss, {experiment.name}"),
            charts.confusion(
                experiment.confusion,
                experiment.labels,
                f"Confusion over {count(experiment.crossval['draws'], 'draw')}, {experiment.name}",
            ),
            charts.f1_scores(experiment.per_class, f"F1 of each label, {experiment.name}"),
        ]
        for experiment in (before, after)
    )
    return list(zip(first, second, strict=True))
