"""What the verdict on two revisions rests on: paired differences in the field and on clips."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from project_echo.compare import field as in_field
from project_echo.compare import markdown, paired, revisions, words
from project_echo.compare.revisions import Revision
from project_echo.compare.words import Key
from project_echo.core.errors import EchoError
from project_echo.core.text import count
from project_echo.evaluation import crossval
from project_echo.evaluation.paired import Change, accuracy_change, error_change
from project_echo.report.experiments import PREDICTIONS

PARAMS = "params.yaml"
LOCK = "dvc.lock"
COLLECTED = "data/corpus"
SIDES = ("before", "after")


@dataclass
class Evidence:
    """Paired differences of two revisions.

    Attributes
    ----------
    changes : dict
        By metric.
    sources : set of str
        Those whose calls and clips the differences are of.
    notes : list of str
        What they rest on, and what could not be paired, a sentence of Markdown each.
    obstacle : str
        Why the revisions cannot be compared, as the end of a sentence; empty if they can.
    """

    changes: dict[Key, Change] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    obstacle: str = ""


def gather(before: Revision, after: Revision) -> Evidence:
    """Compare two revisions on the recordings and draws that both have.

    Parameters
    ----------
    before, after : Revision
        Two commits.

    Returns
    -------
    Evidence
        A table that is not readable is named in the notes.
    """
    evidence = Evidence()
    parts: list[Callable[[Evidence, Revision, Revision], None]] = [_check_corpus, _add_field, _add_clips, _add_setting]
    for add in parts:
        if evidence.obstacle and add in (_add_field, _add_clips):
            continue
        try:
            add(evidence, before, after)
        except EchoError as error:
            evidence.notes.append(f"Not paired: {markdown.code(str(error))}")
    if not evidence.changes and not evidence.obstacle:
        evidence.obstacle = "no recording of the field holds the same calls in both, and no draw tests the same clips"
    return evidence


def _check_corpus(evidence: Evidence, before: Revision, after: Revision) -> None:
    names = [_section(revision, "collect").get("corpus") for revision in (before, after)]
    if names[0] != names[1]:
        evidence.obstacle = "the corpora differ: " + " and ".join(
            f"{markdown.code(str(name))} {side}" for name, side in zip(names, SIDES, strict=True)
        )
    elif str(names[0]).endswith((".yaml", ".yml")):
        first, second = (revisions.read_yaml(revision, str(names[0])) for revision in (before, after))
        if first != second:
            evidence.obstacle = f"the corpora differ: {markdown.code(str(names[0]))} was changed"


def _section(revision: Revision, name: str) -> dict[str, Any]:
    section = (revisions.read_yaml(revision, PARAMS) or {}).get(name)
    return section if isinstance(section, dict) else {}


def _add_field(evidence: Evidence, before: Revision, after: Revision) -> None:
    first, second = in_field.read_screened(before), in_field.read_screened(after)
    if first is None or second is None:
        if first or second:
            evidence.notes.append(f"The field is measured only {'before' if first else 'after'}.")
        return
    recordings = in_field.common_recordings(first, second)
    calls = in_field.calls_of(first, recordings)
    if calls.empty:
        evidence.notes.append("The field is not paired: no recording holds the same calls in both.")
        return
    found, false_events = in_field.changes(first, second, recordings)
    evidence.changes |= {words.FALSE_EVENTS: false_events, words.FOUND: found}
    evidence.sources |= set(calls["source"])
    evidence.notes.append(
        f"In the field: {count(len(calls), 'call')} of {count(calls['source'].nunique(), 'source')} in the same "
        f"{count(len(recordings), 'recording')}, "
        f"{len(recordings) * first.duration_s / 60:.0f} minutes."
    )


def _add_clips(evidence: Evidence, before: Revision, after: Revision) -> None:
    predictions = _common(evidence, before, after, PREDICTIONS)
    if predictions:
        accuracy = accuracy_change(*predictions)
        f1 = crossval.paired_difference(*predictions)["macro_f1"]
        # No verdict counts macro F1, so its interval stays that of one metric.
        evidence.changes |= {
            words.ACCURACY: accuracy,
            words.MACRO_F1: Change(f1["before"], f1["after"], f1["low"], f1["high"], accuracy.differing),
        }
        evidence.sources |= set(predictions[0]["source"])
    decided = [_has_decisions(revision) for revision in (before, after)]
    decisions = _common(evidence, before, after, paired.DECISIONS) if all(decided) else None
    if decisions:
        evidence.changes[words.DECIDED] = accuracy_change(*map(paired.of_animals, decisions))
        background = [paired.of_background(table) for table in decisions]
        if len(background[0]):
            evidence.changes[words.FALSE_POSITIVES] = error_change(*background)
        evidence.sources |= set(decisions[0]["source"])
    elif any(decided) and not all(decided):
        evidence.notes.append(f"Decisions by thresholds exist only {'before' if decided[0] else 'after'}.")
    if used := decisions or predictions:
        table = used[0]
        evidence.notes.append(
            f"On clips: {count(table['draw'].nunique(), 'draw')} of {count(table['source'].nunique(), 'source')}."
        )


def _has_decisions(revision: Revision) -> bool:
    metrics = revisions.read_json(revision, words.DECIDED[0]) or {}
    return bool(metrics.get("decided")) and revisions.exists(revision, paired.DECISIONS)


def _common(evidence: Evidence, before: Revision, after: Revision, path: str) -> Any:
    """The rows of the draws that both have; None, with a note, if there are none."""
    tables = [paired.read_predictions(revision, path) for revision in (before, after)]
    for table, side in zip(tables, SIDES, strict=True):
        if table is None:
            evidence.notes.append(f"Clips are not paired: there is no {markdown.code(path)} {side}.")
            return None
    common = paired.common_draws(*tables)
    if common[0].empty:
        evidence.notes.append(f"Clips are not paired: no draw in {markdown.code(path)} tests the same clips in both.")
        return None
    numbers = [table["draw"].nunique() for table in (*tables, common[0])]
    if path == PREDICTIONS and set(numbers) != {numbers[-1]}:
        evidence.notes.append(
            f"There are {count(numbers[0], 'draw')} before and {numbers[1]} after; those that both have are compared."
        )
    return common


def _add_setting(evidence: Evidence, before: Revision, after: Revision) -> None:
    """Notes on what else differs: the head, and the files that were collected."""
    heads = [_section(revision, "train").get("head") for revision in (before, after)]
    if heads[0] != heads[1]:
        evidence.notes.append(
            f"The heads differ: {markdown.code(str(heads[0]))} before, {markdown.code(str(heads[1]))} after."
        )
    digests = [_collected(revision) for revision in (before, after)]
    if all(digests) and digests[0] != digests[1] and evidence.changes:
        evidence.notes.append("The collected files differ, but the same clips of the same sources are tested.")


def _collected(revision: Revision) -> str:
    stages = (revisions.read_yaml(revision, LOCK) or {}).get("stages", {})
    outputs = [output for stage in stages.values() for output in stage.get("outs", [])]
    return next((str(output.get("md5")) for output in outputs if output["path"] == COLLECTED), "")
