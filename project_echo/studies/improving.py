"""Adding reviewed events to a study, which then trains again."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, display_name
from project_echo.core.progress import OnProgress
from project_echo.core.text import count, join_words
from project_echo.reviews import collect_labels as collecting
from project_echo.reviews.exchange import split_labels
from project_echo.studies.checks import MIN_SOURCES
from project_echo.studies.create import is_study
from project_echo.studies.rare_labels import rare_events, write_answers_without
from project_echo.studies.run import locked
from project_echo.studies.settings import check_settings, read_params, read_settings
from project_echo.studies.training import REVIEWED, Trained, bring_up_to_date, check_corpus, run_study, study_of
from project_echo.studies.versions import check_target, latest_version

logger = logging.getLogger(__name__)
_ADVICE = (
    " No event was added. If reviews alone have a label or background, and from too few sources: review it at more "
    "sites, add recordings of it to {folder}, or skip its events on the page."
)


def improve_model(model: Path, review: Path, labels: Path, on_progress: OnProgress | None = None) -> Trained:
    """Train a classifier again, with reviewed events (`improve.improve`)."""
    study = study_of(model)
    if not is_study(study):
        raise EchoError(
            f"{study} is missing, the study of the classifier {model}. Only a classifier that `project-echo train` has "
            "written can be improved, with its study beside it."
        )
    check_target(model, study)
    with locked(study):
        bring_up_to_date(study)
        folder = Path(str(read_params(study)["collect"]["corpus"]))
        if not folder.is_dir():
            raise EchoError(
                f"{folder} does not exist, from which {model} has learned. Connect its disk; or if it has moved, run "
                f"project-echo train with the new folder and --output {model} first."
            )
        if latest_version(study) is None:
            raise EchoError(f"{study} has not been trained to the end. Run project-echo train first, as before.")
        recordings, changes = add_events(study, folder, review, labels)
        return run_study(study, model, folder, recordings, changes, on_progress)


def add_events(study: Path, folder: Path, review: Path, labels: Path) -> tuple[int, dict[str, object]]:
    """Add the events of a review to a study, if it can be trained on them.

    Parameters
    ----------
    study : Path
    folder : Path
        Its recordings.
    review, labels : Path
        As for `collect_labels`.

    Returns
    -------
    recordings : int
        Their number, with the events.
    changes : dict of str to object
        Parameters that follow from them.

    Raises
    ------
    EchoError
        If not; nothing is changed then.
    """
    reviewed = study / REVIEWED
    settings = read_settings(study)
    params = check_settings(read_params(study), settings)
    advice = ""
    with files.atomic_folder(reviewed) as temporary:
        try:
            if reviewed.is_dir():
                shutil.copytree(reviewed, temporary, dirs_exist_ok=True)
            events = _collect(review, labels, temporary, folder)
            if events.empty:
                raise EchoError(f"{labels} has no event to learn from: review some first, or see the warnings above.")
            advice = _ADVICE.format(folder=folder)
            recordings, fitted = check_corpus(folder, temporary, params, settings)
        except EchoError as error:
            raise EchoError(f"{str(error).replace(str(temporary), str(reviewed))}{advice}") from None
    logger.info("Reviewed: %s", _summary(events))
    return recordings, {**fitted, **settings}


def _collect(review: Path, labels: Path, reviewed: Path, folder: Path) -> pd.DataFrame:
    """Collect reviewed events, without those of labels and kinds of background with too few sources for training."""
    with _only_warnings():
        events = collecting.collect_labels(review, labels, output=reviewed, beside=folder)
    rare = rare_events(events, folder, reviewed)
    if rare.empty:
        return events
    with TemporaryDirectory() as other:
        answers = Path(other) / labels.name
        write_answers_without(rare, labels, answers)
        with _only_warnings():
            events = collecting.collect_labels(review, answers, output=reviewed, beside=folder)
    logger.warning(
        "%s left out for now: %s. Each label and kind of background needs %d sources at least. Review it at more "
        "sites, or add recordings of it to %s; then run the same command again.",
        count(len(rare), "event"),
        join_words(sorted(f"{name} ({n})" for name, n in rare["name"].value_counts().items())),
        MIN_SOURCES,
        folder,
    )
    return events


def _summary(events: pd.DataFrame) -> str:
    """What was added from reviews: "12 events of 3 sources: 4 boar, 8 none"."""
    heard = [label for truth in events["truth"] for label in split_labels(str(truth))]
    counts = pd.Series(heard, dtype=str).value_counts().sort_index()
    texts = [f"{n} {'other sounds' if label == NONE else display_name(str(label))}" for label, n in counts.items()]
    wrong = int((events["truth"] == "").sum())
    texts += [f"{wrong} known only not to be what was reported"] * bool(wrong)
    return f"{count(len(events), 'event')} from {count(events['source'].nunique(), 'source')}: {', '.join(texts)}"


@contextmanager
def _only_warnings() -> Iterator[None]:
    """Keep the messages of `collect_labels` to warnings: it would name a temporary folder."""
    log = logging.getLogger(collecting.__name__)
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(level)
