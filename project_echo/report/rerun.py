"""First run against rerun in words: what was changed, and whether it helped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from project_echo.core.text import count
from project_echo.evaluation.paired import Change
from project_echo.report.accuracies import headline_accuracy, study_accuracy
from project_echo.report.comparison import NOT_SET, Comparison
from project_echo.report.phrases import points, share, share_range


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
        "Better" and "worse" only by the rule that pull requests have, too (`evaluation.paired.Change.outcome`).
    """
    of = accuracies(comparison)
    return [
        f"{of.rule}, the first run is right in {share(of.first['value'])} of clips (95% interval "
        f"{share_range(of.first)}), the rerun in {share(of.second['value'])} ({share_range(of.second)}). This is "
        f"{of.measure}.",
        f"The first run was tested on {count(comparison.before.crossval['draws'], 'draw')} of sources, the rerun on "
        f"{comparison.after.crossval['draws']}. On the {count(comparison.draws, 'draw')} that both have, "
        f"{_verdict(comparison.difference)}.",
    ]


def _verdict(change: Change) -> str:
    outcome, (low, high) = change.outcome(lower_is_better=False), (change.low, change.high)
    if outcome == "same":
        few = f"; only {count(change.differing, 'source')} got other answers" if not low <= 0 <= high else ""
        return (
            f"it is unclear which is better: the difference is {points(change.value, sign=True)} percentage points "
            f"(95% interval {points(low, sign=True)} to {points(high, sign=True)}{few})"
        )
    low, high = (low, high) if outcome == "better" else (-high, -low)
    return (
        f"the rerun is {outcome} by {points(abs(change.value))} percentage points (95% interval {points(low)} to "
        f"{points(high)})"
    )


TRAINABLE = {
    "none": "leaves the pretrained network as it was",
    "last_n": "retrains the last layers of the network",
    "all": "retrains the whole network",
}
HEADS = {
    "logistic": "gives each label a probability of its own",
    "dense": "gives probabilities that add up to 1 over the labels",
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
    return [
        WORDS[name](before, after) for name, before, after in params if name in WORDS and NOT_SET not in (before, after)
    ]


def _copies(before: str, after: str) -> str:
    learned = f"{'no' if after == '0' else after} altered {'copy' if after == '1' else 'copies'} of each clip"
    return f"It learns from {learned}, the first run from {'none' if before == '0' else before}."


def _sources(before: str, after: str) -> str:
    if after.isdecimal() and before.isdecimal():
        return f"It learns from {count(int(after), 'source')} of each label, instead of {before}."
    return f"Sources of each label that it learns from, as a number or a fraction of all: {after}, instead of {before}."


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
