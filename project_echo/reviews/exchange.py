"""Columns and values of the tables exchanged between the review page and the corpus."""

from collections.abc import Iterable, Mapping

EVENTS, MEDIA = "events.csv", "media"  # in the folder of a review
SAMPLE, RANDOM = "sample", "random"  # the column, and its value for windows drawn at random
MODEL = "model"  # the column
FACTS: Mapping[str, type] = {
    "event": str,
    "recording": str,
    "site": str,
    "source": str,
    "start_s": float,
    "end_s": float,
    "label": str,
    "mean_confidence": float,
    "peak_confidence": float,
}
# Of the page's export, and, without answers, of the review's events.csv.
COLUMNS: Mapping[str, type] = {
    **FACTS,
    SAMPLE: str,  # RANDOM for a window drawn at random, which has a row for each label; empty for an event
    "verdict": str,
    "reviewed_label": str,
    "note": str,
    "media": str,
    MODEL: str,  # identifies the classifier that found the event: thresholds are valid for it alone
}
ADDED_COLUMNS = [SAMPLE, "note", MODEL]  # tables of earlier versions lack them
KEY_COLUMNS = ["recording", "start_s", "end_s", "label"]  # identify an event in an imported table

ACCEPTED = "accepted"  # the label is heard; reviewed_label has it, and what else is heard
RELABELLED = "relabelled"  # it is not, but what reviewed_label has
NOT_THIS_LABEL = "not_this_label"  # it is not; nothing is said about others, and reviewed_label is empty
REJECTED = "rejected"  # none of the labels is heard; reviewed_label is none
SKIPPED, UNDECIDED = "skipped", ""
VERDICTS = (ACCEPTED, RELABELLED, NOT_THIS_LABEL, REJECTED, SKIPPED, UNDECIDED)
SEPARATOR = "|"  # of several labels in reviewed_label; Windows allows it in no name


def model_name(digest: str) -> str:
    """The cell of the column `model`: enough of the SHA-256 of a classifier's card, and no number to a spreadsheet."""
    return f"sha256:{digest[:12]}"


def split_labels(text: str) -> list[str]:
    """The labels of a cell of reviewed_label, each once, in their order."""
    return list(dict.fromkeys(filter(None, (label.strip() for label in text.split(SEPARATOR)))))


def join_labels(labels: Iterable[str]) -> str:
    """Labels as one cell."""
    return SEPARATOR.join(label.replace(SEPARATOR, "_") for label in labels)
