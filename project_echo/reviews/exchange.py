"""Columns and values of the tables exchanged between the review page and the corpus."""

from collections.abc import Mapping

EVENTS, MEDIA = "events.csv", "media"  # in the folder of a review
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
COLUMNS: Mapping[str, type] = {**FACTS, "verdict": str, "reviewed_label": str, "media": str}
KEY_COLUMNS = ["recording", "start_s", "end_s", "label"]  # identify an event in an imported table

ACCEPTED, REJECTED, RELABELLED, SKIPPED, UNDECIDED = "accepted", "rejected", "relabelled", "skipped", ""
VERDICTS = (ACCEPTED, REJECTED, RELABELLED, SKIPPED, UNDECIDED)
