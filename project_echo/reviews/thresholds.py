"""Thresholds from the answers of a review: `project_echo.set_thresholds`, and the command `project-echo thresholds`."""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from project_echo.core.command_line import as_path
from project_echo.core.errors import EchoError
from project_echo.core.text import count, join_words

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


def set_thresholds(
    model: str | os.PathLike[str],
    labels: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] = "models/reviewed",
    precision: float = 0.9,
) -> "pd.DataFrame":
    """Write a copy of a classifier whose thresholds are those that the answers of a review suggest.

    They are chosen on one half of the sites, or recordings, and reported on the other, by `suggest_thresholds`. A label
    with too few answers keeps its threshold.

    Parameters
    ----------
    model : str or path
        Folder of the classifier that screened the recordings.
    labels : str or path
        The table that the page of the review exported.
    output : str or path
        Folder of the new classifier. It also has thresholds.csv, with which the pipeline trains (`stages/train.py`).
    precision : float
        Share of correct ones among the events at or above a threshold that it must reach, above 0 and below 1.

    Returns
    -------
    pd.DataFrame
        What `suggest_thresholds` returns.

    Raises
    ------
    EchoError
        If the table or the classifier cannot be used, nothing was answered, or the output has other files.

    Examples
    --------
    >>> import project_echo
    >>> thresholds = project_echo.set_thresholds("models/classifier", "labels.csv", output="models/reviewed")
    >>> thresholds[["label", "present", "threshold", "precision", "precision_low", "precision_high"]]
    """
    # Imported here, as the command line takes its defaults from above, and its --help should not wait for these.
    from project_echo.models.card import card_digest  # noqa: PLC0415
    from project_echo.models.classifier import load_classifier  # noqa: PLC0415
    from project_echo.models.thresholds import copy_model  # noqa: PLC0415
    from project_echo.reviews import answered, suggestion, suggestion_text  # noqa: PLC0415

    model, labels, output = as_path(model, "model"), as_path(labels, "labels"), as_path(output, "output")
    classifier = load_classifier(model)
    if classifier.thresholds is None:
        raise EchoError(
            f"{model} takes every window for its most probable label, without thresholds. Train the logistic head "
            "(train.head in params.yaml)."
        )
    _check_output(output, model)
    events, windows = answered.read_answered(labels, classifier.labels, card_digest(model))
    if not events["correct"].notna().any():
        raise EchoError(f"{labels} has no answer. Accept or reject events on the page of the review, and export them.")
    present = dict(zip(classifier.labels, classifier.thresholds, strict=True))
    table = suggestion.suggest_thresholds(events, present, precision=precision, windows=windows)
    copy_model(model, suggestion.threshold_rows(table, precision), output)
    for line in suggestion_text.lines(table, precision):
        logger.info(line)
    is_changed = table["outcome"] == suggestion.SUGGESTED
    n_changed = int(is_changed.sum())
    logger.info("%s: %s of %d from the review", output, count(n_changed, "threshold"), len(table))
    changed = table[is_changed].set_index("label")
    for problem, is_concerned in (
        ("the other half has a lower precision", changed["precision"] < precision),
        ("no reviewed event of the other half reaches the threshold", changed["tested"] == 0),
    ):
        if is_concerned.any():
            labels_concerned = join_words(list(changed.index[is_concerned]))
            logger.warning("%s: %s; review more events before you use the threshold", labels_concerned, problem)
    if n_changed:
        logger.info("Next: project-echo predict RECORDINGS --model %s --output NEW_FOLDER", output)
    return table


def _check_output(output: Path, model: Path) -> None:
    """Raise EchoError if the output would replace anything but an earlier one."""
    from project_echo.models.thresholds import TABLE  # noqa: PLC0415

    if model.resolve() in (output.resolve(), *output.resolve().parents):
        raise EchoError(f"The output {output} is the model itself, or in its folder. Choose another folder.")
    if not output.exists():
        return
    if not output.is_dir():
        raise EchoError(f"The output {output} is a file. Choose a folder.")
    names = {path.name for path in output.iterdir()}
    if names and not {TABLE} <= names <= {TABLE, *(path.name for path in model.iterdir())}:
        raise EchoError(f"{output} exists and was not written by this command. Choose another output folder.")
