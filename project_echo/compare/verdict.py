"""The verdict on two revisions, in one sentence: better, worse, not told apart, or not to be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from project_echo.compare import words
from project_echo.compare.evidence import Evidence
from project_echo.compare.metrics import Pairs, is_number
from project_echo.compare.words import Key
from project_echo.core.text import count, join_words
from project_echo.evaluation.paired import ALPHA, Change, Outcome, least_differing

Kind = Literal["better", "worse", "mixed", "same", "unchanged", "incomparable"]
OPENINGS: dict[Kind, str] = {
    "better": "Better",
    "worse": "Worse",
    "mixed": "A trade-off",
    "same": "Not told apart",
    "unchanged": "No difference",
    "incomparable": "Cannot be compared",
}
IN_SENTENCES = {  # a metric, and the same in the middle of a sentence
    words.FALSE_EVENTS: "false events per hour in the field",
    words.FOUND: "calls found in the field",
    words.DECIDED: "accuracy of decisions on clips",
    words.FALSE_POSITIVES: "background clips taken for an animal",
    words.ACCURACY: "accuracy on clips",
}
INTERVAL = "95% interval "
CLUSTERS = {words.FALSE_EVENTS: "recording"}  # what is resampled, if not sources
FIELD = (words.FALSE_EVENTS, words.FOUND)
MAP: Key = ("metrics/field.json", "map")


@dataclass(frozen=True)
class Verdict:
    """A sentence in Markdown that begins with its kind, and what it rests on."""

    kind: Kind
    sentence: str
    basis: str


def judge(evidence: Evidence, pairs: Pairs) -> Verdict:
    """Say whether the second of two revisions is better.

    Each of at most four differences counts if its confidence interval excludes 0: false events and calls found in the
    field, accuracy of decisions on clips and background clips taken for an animal. Where a revision makes no decisions,
    the accuracy among animals stands for the last two. Intervals are those of `simultaneous`, or four metrics would
    differ by chance alone in one of ten pairs of equal revisions.

    Parameters
    ----------
    evidence : Evidence
        What `evidence.gather` returns.
    pairs : dict
        What `metrics.pair_metrics` returns.

    Returns
    -------
    Verdict
    """
    if evidence.obstacle:
        return Verdict(
            "incomparable", f"**{OPENINGS['incomparable']}:** {evidence.obstacle}.", " ".join(evidence.notes)
        )
    adjusted = simultaneous(evidence.changes)
    changes = {key: adjusted[key] for key in counted(adjusted)}
    kind = kind_of(changes)
    first, interval, others = _findings(kind, changes).partition(INTERVAL)
    findings = first + interval + others.replace(INTERVAL, "")  # said once
    sentence = f"**{OPENINGS[kind]}** ({count(len(evidence.sources), 'source')}): {findings}."
    notes = [*evidence.notes, *_map_note(pairs)]
    if kind != "unchanged":
        notes.append("Intervals are of paired differences, by bootstrap over sources (false events: over recordings).")
        if len(changes) > 1:
            notes.append(
                f"They hold for the {len(changes)} metrics of the verdict at once, so each is wider than alone."
            )
    return Verdict(kind, sentence, " ".join(notes))


def simultaneous(changes: Mapping[Key, Change]) -> dict[Key, Change]:
    """Differences whose intervals hold at once, in 95% of cases, for all metrics that a verdict counts (Bonferroni).

    Parameters
    ----------
    changes : mapping
        By metric; those that a verdict does not count get intervals of the same level.

    Returns
    -------
    dict
    """
    alpha = ALPHA / max(1, len(counted(changes)))
    return {key: change.at(alpha) for key, change in changes.items()}


def counted(changes: Mapping[Key, Change]) -> list[Key]:
    """The metrics that a verdict counts, of those that are there."""
    on_clips = [words.DECIDED, words.FALSE_POSITIVES] if words.DECIDED in changes else [words.ACCURACY]
    return [key for key in (*FIELD, *on_clips) if key in changes]


def kind_of(changes: Mapping[Key, Change]) -> Kind:
    """The kind of verdict that differences lead to."""
    outcomes = {outcome(key, change) for key, change in changes.items()}
    if outcomes >= {"better", "worse"}:
        return "mixed"
    if "better" in outcomes:
        return "better"
    if "worse" in outcomes:
        return "worse"
    return "same" if any(change.differing for change in changes.values()) else "unchanged"


def outcome(key: Key, change: Change) -> Outcome:
    """Whether a metric is better, worse, or not told apart."""
    return change.outcome(lower_is_better=key in words.LOWER_IS_BETTER)


def _findings(kind: Kind, changes: Mapping[Key, Change]) -> str:
    if kind == "unchanged":
        clusters = join_words(list(dict.fromkeys(CLUSTERS.get(key, "source") for key in changes)))
        return f"the same score on every {clusters}, in {join_words([IN_SENTENCES[key] for key in changes])}"
    told = {of: [key for key in changes if outcome(key, changes[key]) == of] for of in ("better", "worse", "same")}
    if kind == "same":
        return _list(list(changes), changes)
    parts = [
        f"{of} in {_list(told[of], changes)}" if kind == "mixed" else _list(told[of], changes)
        for of in ("better", "worse")
        if told[of]
    ]
    others = [f"not told apart: {join_words([_in_short(key, changes[key]) for key in told['same']])}"]
    return "; ".join(parts + others * bool(told["same"]))


def _list(keys: list[Key], changes: Mapping[Key, Change]) -> str:
    """Metrics of the field at length, and those of clips, too, if there is none of the field."""
    of_field = [key for key in keys if key in FIELD]
    return join_words([(_at_length if key in (of_field or keys) else _in_short)(key, changes[key]) for key in keys])


def _at_length(key: Key, change: Change) -> str:
    if not change.differing:
        return _in_short(key, change)
    kind = words.term(key).kind
    is_few = change.differing < least_differing(change.alpha)
    few = f"; only {count(change.differing, CLUSTERS.get(key, 'source'))} differ" * is_few
    difference = words.number(change.value, kind, sign=True)
    return f"{_in_short(key, change)} ({difference}, {INTERVAL}{bounds(change, kind)}{few})"


def _in_short(key: Key, change: Change) -> str:
    kind = words.term(key).kind
    before, after = words.number(change.before, kind), words.number(change.after, kind)
    return f"{IN_SENTENCES[key]} {before} → {after}" if before != after else f"{IN_SENTENCES[key]} {after} in both"


def bounds(change: Change, kind: words.Kind) -> str:
    """The confidence interval of a difference: "-80.1 to -23.4"."""
    low, high = (words.number(value, kind, sign=True).removesuffix(" points") for value in (change.low, change.high))
    return f"{low} to {high}"


def _map_note(pairs: Pairs) -> list[str]:
    """A note on the mean average precision, of which no paired difference can be had."""
    before, after = pairs.get(MAP, (None, None))
    if not (before and after and is_number(before.value) and is_number(after.value)):
        return []
    values = [words.number(metric.value, "score") for metric in (before, after)]
    text = f"{values[0]} → {values[1]}" if values[0] != values[1] else f"{values[1]} in both"
    return [f"mAP is {text}; it is not paired, as git has no scores of windows."]
