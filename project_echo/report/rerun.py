"""First run against rerun in words: what was changed, and whether it helped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from project_echo.core.text import count
from project_echo.report.accuracies import headline_accuracy, study_accuracy
from project_echo.report.comparison import Comparison
from project_echo.report.phrases import share, share_range


@dataclass(frozen=True)
class Accuracies:
    """How good both runs are, by the same measure."""

    measure: str
    rule: str  # how it names a label, at the start of a sentence
    first: Mapping[str, float]  # value, low, high
    second: Mapping[str, float]


def accuracies(comparison: Comparison) -> Accuracies:
    """The accuracies of both runs, each over all of its own draws, as everywhere else on the page."""
    before, after = comparison.before.crossval, comparison.after.crossval
    measure = study_accuracy(comparison.after.labels)
    if comparison.measure == measure:
        return Accuracies(measure, "Having to pick one label", before["accuracy"], after["accuracy"])
    rule = "Giving a name only if it is sure enough"
    return Accuracies(comparison.measure, rule, headline_accuracy(before), headline_accuracy(after))


def rerun_sentences(comparison: Comparison) -> list[str]:
    """How good both runs are, and whether the rerun is better.

    Parameters
    ----------
    comparison : Comparison
        First run and rerun, with at least one draw in common.

    Returns
    -------
    list of str
        "Better" and "worse" only if the confidence interval of the difference excludes 0.
    """
    change, of = comparison.difference["accuracy"], accuracies(comparison)
    if change["low"] > 0:
        verdict = "the rerun is better by"
    elif change["high"] < 0:
        verdict = "the rerun is worse by"
    else:
        verdict = "it is unclear which is better: the difference is"
    low, high = change["low"], change["high"]
    if change["high"] < 0:
        low, high = -high, -low
    value = abs(change["value"]) if low > 0 else change["value"]
    return [
        f"{of.rule}, the first run is right in {share(of.first['value'])} of clips (95% interval "
        f"{share_range(of.first)}), the rerun in {share(of.second['value'])} ({share_range(of.second)}). This is "
        f"{of.measure}.",
        f"The first run was tested on {count(comparison.before.crossval['draws'], 'draw')} of sources, the rerun on "
        f"{comparison.after.crossval['draws']}. On the {count(comparison.difference['draws'], 'draw')} that both have, "
        f"{verdict} {100 * value:.0f} percentage points (95% interval {100 * low:.0f} to {100 * high:.0f}).",
    ]


TRAINABLE = {
    "none": "leaves the network as it learned from photographs",
    "last_n": "retrains the last layers of the network",
    "all": "retrains the whole network",
}
HEADS = {
    "logistic": "gives each label a probability of its own",
    "dense": "lets the labels share one probability",
}


def changes(params: list[tuple[str, str, str]]) -> list[str]:
    """What the rerun does differently, in words, as far as a parameter can be said in words.

    Parameters
    ----------
    params : list of tuple of three str
        Parameters that differ: name, first run, rerun.

    Returns
    -------
    list of str
    """
    return [WORDS[name](before, after) for name, before, after in params if name in WORDS]


def _copies(before: str, after: str) -> str:
    learned, instead = ("none" if number == "0" else number for number in (after, before))
    return f"Of each clip it learns from {learned} altered copies as well, instead of {instead}."


def _sources(before: str, after: str) -> str:
    return f"It learns from {after} sources of each label, instead of {before}."


def _trainable(before: str, after: str) -> str:
    return f"The rerun {TRAINABLE.get(after, after)}; the first run {TRAINABLE.get(before, before)}."


def _head(before: str, after: str) -> str:
    return f"The rerun {HEADS.get(after, after)}; the first run {HEADS.get(before, before)}."


def _slices(before: str, after: str) -> str:
    return f"It listens to each clip in {_pieces(after)}, instead of in {_pieces(before)}."


def _pieces(number: str) -> str:
    return "one piece" if number == "1" else f"{number} short pieces"


WORDS: dict[str, Callable[[str, str], str]] = {
    "train.trainable": _trainable,
    "augmentation.copies": _copies,
    "split.train": _sources,
    "train.head": _head,
    "embed.slices": _slices,
}
