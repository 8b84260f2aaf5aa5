"""Metrics in words: what each is called, in which group it stands, and how its values are written."""

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from project_echo.compare.markdown import code

GROUPS = {
    "field": "In the field",
    "clips": "Clips",
    "calibration": "Calibration and background",
    "unseen": "Unseen recordings",
    "training": "Training: the classifier that is kept",
}
Kind = Literal["share", "score", "rate", "count", "text"]
Key = tuple[str, str]  # a file of metrics, and the dotted name of a metric in it

FALSE_EVENTS: Key = ("metrics/field.json", "events.false_events_per_hour")
FOUND: Key = ("metrics/field.json", "events.recall")
DECIDED: Key = ("metrics/crossval.json", "decided.accuracy")
ACCURACY: Key = ("metrics/crossval.json", "accuracy")
MACRO_F1: Key = ("metrics/crossval.json", "macro_f1")
FALSE_POSITIVES: Key = ("metrics/crossval.json", "rejection.false_positive_rate")
LOWER_IS_BETTER = {FALSE_EVENTS, FALSE_POSITIVES}


@dataclass(frozen=True)
class Term:
    """How a metric is shown.

    Attributes
    ----------
    rank : int
        Its place in the comment.
    group : str
        A key of GROUPS.
    text : str
        In Markdown.
    kind : Kind
        How values are written: a share as a percentage.
    main : bool
        Whether it stands in the table that is not folded.
    """

    rank: int
    group: str
    text: str
    kind: Kind
    main: bool = False


# Group, file, name (* is a label, or another part that varies), words ({} is that part), kind. Those with a "!" before
# their name stand in the table that is not folded.
_TERMS: list[tuple[str, str, str, str, Kind]] = [
    ("field", "field", "!map", "mAP (mean average precision)", "score"),
    ("field", "field", "!events.false_events_per_hour", "false events per hour", "rate"),
    ("field", "field", "!events.recall", "calls found", "share"),
    ("field", "field", "!events.recall_clear", "calls found, 10 dB or more", "share"),
    ("field", "field", "!events.precision", "events that are right", "share"),
    ("field", "field", "!both_found", "both of two animals found", "share"),
    ("field", "field", "auc", "AUC", "score"),
    ("field", "field", "auc_background", "AUC against background", "score"),
    ("field", "field", "auc_distractors", "AUC against distractors", "score"),
    ("field", "field", "events.false_seconds_per_hour", "seconds reported without a call, per hour", "rate"),
    ("field", "field", "events.recall_by_snr.*.value", "calls found at {} dB", "share"),
    ("field", "field", "per_label.*.average_precision", "{}: average precision", "score"),
    ("field", "field", "events.per_label.*.false_events_per_hour", "{}: false events per hour", "rate"),
    ("field", "field", "events.per_label.*.recall", "{}: calls found", "share"),
    ("field", "field", "events.per_label.*.recall_clear", "{}: calls found, 10 dB or more", "share"),
    ("field", "field", "events.per_label.*.precision", "{}: events that are right", "share"),
    (
        "field",
        "field",
        "events.per_label.*.false_seconds_per_hour",
        "{}: seconds reported without a call, per hour",
        "rate",
    ),
    ("field", "field", "per_label.*.auc", "{}: AUC", "score"),
    ("field", "field", "per_label.*.auc_background", "{}: AUC against background", "score"),
    ("field", "field", "per_label.*.auc_distractors", "{}: AUC against distractors", "score"),
    ("field", "field", "events.distractors.*.share_hit", "distractor {}: share taken for an animal", "share"),
    ("field", "field", "events.distractors.*.false_events", "distractor {}: false events", "count"),
    ("field", "field", "events.distractors.*.calls", "distractor {}: calls", "count"),
    ("field", "field", "events.events", "events", "count"),
    ("field", "field", "events.calls", "calls", "count"),
    ("field", "field", "events.per_label.*.events", "{}: events", "count"),
    ("field", "field", "events.per_label.*.calls", "{}: calls", "count"),
    ("field", "field", "events.recall_by_snr.*.calls", "calls at {} dB", "count"),
    ("field", "field", "per_label.*.windows", "{}: windows", "count"),
    ("field", "field", "windows_with_two", "windows of two animals", "count"),
    ("field", "field", "windows", "windows", "count"),
    ("field", "field", "folds", "folds", "count"),
    ("field", "field", "head", "head", "text"),
    ("field", "field", "trainable", "layers trained", "text"),
    ("clips", "crossval", "!decided.accuracy", "accuracy of decisions on clips", "share"),
    ("clips", "crossval", "!accuracy", "accuracy among animals", "share"),
    ("clips", "crossval", "macro_f1", "macro F1 among animals", "score"),
    ("clips", "crossval", "recall.*", "{}: clips recognized", "share"),
    ("clips", "crossval", "most_confused.pair", "most confused", "text"),
    ("clips", "crossval", "most_confused.rate", "most confused: share of their clips", "share"),
    ("clips", "crossval", "most_confused.errors", "most confused: errors", "count"),
    ("clips", "crossval", "single_draw_accuracy", "accuracy of single draws", "share"),
    ("clips", "crossval", "draws", "draws", "count"),
    ("clips", "crossval", "sources", "sources", "count"),
    ("calibration", "crossval", "!rejection.false_positive_rate", "background taken for an animal", "share"),
    ("calibration", "crossval", "!calibration.expected_calibration_error.after", "calibration error", "score"),
    ("calibration", "crossval", "calibration.brier_score.after", "Brier score", "score"),
    ("calibration", "crossval", "calibration.expected_calibration_error.before", "calibration error, raw", "score"),
    ("calibration", "crossval", "calibration.brier_score.before", "Brier score, raw", "score"),
    ("calibration", "crossval", "calibration.slope", "slope of the calibration", "score"),
    ("calibration", "crossval", "calibration.prevalence", "prevalence of the calibration", "share"),
    ("calibration", "crossval", "rejection.detection_rate", "clips of animals that are detected", "share"),
    ("calibration", "crossval", "rejection.correct_detection_rate", "clips of animals detected as such", "share"),
    (
        "calibration",
        "crossval",
        "rejection.held_out_background.*.false_positive_rate",
        "background never heard, {}: taken for an animal",
        "share",
    ),
    (
        "calibration",
        "crossval",
        "rejection.held_out_background.*.detection_rate",
        "without background of {}: clips of animals detected",
        "share",
    ),
    ("calibration", "crossval", "rejection.target_false_positive_rate", "false positives aimed at", "share"),
    ("calibration", "crossval", "rejection.background_clips", "background clips", "count"),
    ("unseen", "infer", "!correct", "recordings with the right label", "count"),
    ("unseen", "infer", "!mean_confidence", "mean confidence", "score"),
    ("unseen", "infer", "calls", "calls that labels.csv states", "count"),
    ("unseen", "infer", "calls_found", "of these found", "count"),
    ("unseen", "infer", "false_events", "false events", "count"),
    ("unseen", "infer", "false_seconds", "seconds reported without a call", "score"),
    ("unseen", "infer", "recordings", "recordings", "count"),
    ("unseen", "infer", "with_truth", "recordings whose label is known", "count"),
    ("training", "evaluate", "!decided.accuracy", "accuracy of decisions on its test clips", "share"),
    ("training", "evaluate", "accuracy", "accuracy among animals on its test clips", "share"),
    ("training", "evaluate", "macro_f1", "macro F1 on its test clips", "score"),
    ("training", "evaluate", "clips", "test clips", "count"),
    ("training", "evaluate", "per_class.*.f1", "{}: F1", "score"),
    ("training", "evaluate", "per_class.*.recall", "{}: clips recognized", "share"),
    ("training", "evaluate", "per_class.*.precision", "{}: precision", "share"),
    ("training", "evaluate", "per_class.*.support", "{}: test clips", "count"),
    ("training", "evaluate", "most_confused.pair", "most confused", "text"),
    ("training", "evaluate", "most_confused.errors", "most confused: errors", "count"),
    ("training", "evaluate", "rejection.detection_rate", "test clips of animals that are detected", "share"),
    ("training", "evaluate", "rejection.correct_detection_rate", "test clips of animals detected as such", "share"),
    ("training", "evaluate", "rejection.background_clips", "test clips of background", "count"),
    ("training", "evaluate", "rejection.false_positive_rate", "test clips of background taken for an animal", "share"),
    ("training", "evaluate", "calibration.sources", "sources of its calibration", "count"),
    (
        "training",
        "evaluate",
        "calibration.false_positive_rate",
        "false positives that calibrated thresholds allow",
        "share",
    ),
    ("training", "evaluate", "calibration.reviewed", "labels with thresholds from reviewed events", "text"),
    ("training", "evaluate", "calibration.note", "note on its calibration", "text"),
]
# Of files and metrics without words.
_GROUP_OF_FILE = {"field": "field", "crossval": "clips", "infer": "unseen"}


@cache
def term(key: Key) -> Term:
    """How a metric is shown; one without words by its file and name.

    Parameters
    ----------
    key : Key
        A file in metrics/, and the dotted name of a metric.

    Returns
    -------
    Term
    """
    stem, name = key[0].removeprefix("metrics/").removesuffix(".json"), key[1]
    for rank, (group, file, pattern, text, kind) in enumerate(_TERMS):
        match = re.fullmatch(re.escape(pattern.removeprefix("!")).replace(r"\*", "(.+)"), name)
        if file == stem and match:
            part = code(match[1]) if match.groups() and not _is_number(match[1]) else "".join(match.groups())
            return Term(rank, group, text.replace("{}", part), kind, pattern.startswith("!"))
    return Term(len(_TERMS), _GROUP_OF_FILE.get(stem, "training"), code(f"{stem}: {name}"), "score")


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text))


def number(value: float, kind: Kind, *, sign: bool = False) -> str:
    """A value in the digits that are shown.

    Parameters
    ----------
    value : float
    kind : Kind
    sign : bool
        Of a difference: with a sign, and a share in percentage points.

    Returns
    -------
    str
        "84.9%", "+1.2 points", "0.806", "141.3", "-3"; "nan" and "inf" as they are.
    """
    if not math.isfinite(value):
        return str(value)
    digits = _DIGITS[kind] if kind != "count" or value == round(value) else _DIGITS["score"]
    rounded = round(100 * value if kind == "share" else value, digits) + 0.0  # which makes -0.0 a 0
    text = f"{rounded:{'+' if sign and rounded else ''}.{digits}f}"
    unit = {"share": " points" if sign else "%"}.get(kind, "")
    return text + unit


_DIGITS: dict[Kind, int] = {"share": 1, "rate": 1, "score": 3, "count": 0, "text": 0}
