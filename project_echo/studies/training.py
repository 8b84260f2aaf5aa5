"""Training on a folder of recordings, step by step: checks, the study, the pipeline, the last screen."""

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from project_echo.core.errors import EchoError
from project_echo.core.progress import OnProgress
from project_echo.core.tables import read_table
from project_echo.core.text import join_words, rounded_duration
from project_echo.custom_networks.card import read_network_card
from project_echo.custom_networks.parameters import NETWORKS, add_network, parameters_for
from project_echo.datasets.config import Split
from project_echo.features.config import Features
from project_echo.studies.before_after import Comparison, compare, comparison_lines
from project_echo.studies.checks import check_recordings, describe_recordings
from project_echo.studies.create import create_study, is_study, is_taken, overlap, refresh
from project_echo.studies.fit_split import fit_split
from project_echo.studies.model_card import write_model_card
from project_echo.studies.outcome import SKIPPED, outcome_lines
from project_echo.studies.parameters import change_params
from project_echo.studies.progress import STAGES, StageProgress
from project_echo.studies.run import locked, run_pipeline
from project_echo.studies.settings import SET, check_settings, keep_settings, read_params, read_settings
from project_echo.studies.versions import check_target, copy_model, keep_version, latest_version

logger = logging.getLogger(__name__)
REVIEWED = "reviewed"  # folder of a study with events of reviews


@dataclass(frozen=True)
class Trained:
    """A classifier that was trained.

    Attributes
    ----------
    model : Path
        Its folder.
    study : Path
        The folder of the pipeline beside it, with metrics/, plots/ and everything else that was written.
    report : Path
        The page that shows how good it is.
    stages : tuple of str
        Those that ran; the others had nothing to do.
    comparison : Comparison or None
        What has changed since the training before, if there was one and the classifier is another.
    """

    model: Path
    study: Path
    report: Path
    stages: tuple[str, ...]
    comparison: Comparison | None


def study_of(model: Path) -> Path:
    """The folder of the study beside a classifier."""
    named = model if model.name not in ("", "..") else model.resolve()
    return named.with_name(f"{named.name}-study")


def train_folder(
    folder: Path,
    model: Path,
    settings: Mapping[str, object],
    backbone: Path | None,
    on_progress: OnProgress | None = None,
) -> Trained:
    """Train on a folder of recordings (`train.train`)."""
    study = study_of(model)
    check_places(folder, model, study)
    with ExitStack() as stack:
        if is_study(study):
            stack.enter_context(locked(study))
            bring_up_to_date(study)
        before = read_params(study)
        network = network_settings(backbone, before) if backbone else {}
        settings = {**read_settings(study), **network, **settings}
        params = check_settings(before, settings)
        recordings, fitted = check_corpus(folder, study / REVIEWED, params, settings)
        changes = {**fitted, **settings}
        if not is_study(study):
            create_study(study, folder, changes, git=False)
            stack.enter_context(locked(study))
        keep_settings(study, settings)
        if backbone:
            add_network(backbone, study, _features(before))
        logger.info("Intermediate files are in %s. You may stop at any time.", study)
        return run_study(study, model, folder, recordings, changes, on_progress)


def bring_up_to_date(study: Path) -> None:
    """Write what the version of the package has changed in a study, and say so."""
    if changed := refresh(study):
        logger.info("project-echo is another version, in which these stages have changed: %s", join_words(changed))


def network_settings(network: Path, params: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Parameters with which a study uses a custom network; raises EchoError if its card is missing or wrong."""
    if not network.is_file():
        raise EchoError(f"--backbone {network} does not exist. Name a .tflite or .onnx file with its card beside it.")
    return parameters_for(f"{NETWORKS}/{network.name}", read_network_card(network), _features(params))


def _features(params: Mapping[str, Mapping[str, Any]]) -> Features:
    return Features(**params["features"])


def check_corpus(
    folder: Path, reviewed: Path, params: Mapping[str, Mapping[str, Any]], settings: Mapping[str, object]
) -> tuple[int, dict[str, object]]:
    """Check the recordings, and say what they are and how they are split.

    Parameters
    ----------
    folder, reviewed : Path
        The folder of recordings, and the one of reviewed events, which need not exist.
    params : mapping
        Parameters by section.
    settings : mapping of str to object
        Those that a person has set.

    Returns
    -------
    recordings : int
    changes : dict of str to object
        Parameters that follow from the recordings.

    Raises
    ------
    EchoError
        If they cannot be trained on.
    """
    recordings = check_recordings(folder, reviewed)
    is_set = any(name.startswith("split.") for name in settings)
    fitted = fit_split(recordings.table, Split(**params["split"]), keep=is_set)
    for line in (*describe_recordings(recordings), fitted.text):
        logger.info(line)
    return len(recordings.table), fitted.changes


def check_places(folder: Path, model: Path, study: Path) -> None:
    """Check that no folder contains another, and that nothing would be overwritten. Raises EchoError."""
    if not folder.is_dir():
        raise EchoError(f"{folder} is not a folder. Name the folder that contains <label>/<recording>.")
    if any(overlap(place, folder) for place in (model, study)):
        raise EchoError(
            f"--output {model} and {folder} overlap: one contains the other. Choose an --output outside the recordings."
        )
    if is_taken(study) and not is_study(study):
        raise EchoError(f"{study} exists and is not a study of project-echo. Choose another --output.")
    check_target(model, study)
    if not is_study(study):
        return
    before = Path(str(read_params(study)["collect"]["corpus"]))
    if before.resolve() != folder.resolve() and before.exists():
        raise EchoError(
            f"{study} learned from {before}, and not from {folder}. Choose another --output, or remove {study} to "
            "start again."
        )


def run_study(
    study: Path,
    model: Path,
    folder: Path,
    n_recordings: int,
    changes: Mapping[str, object],
    on_progress: OnProgress | None = None,
) -> Trained:
    """Run the pipeline of a study, copy its classifier, and show how good it is.

    Parameters
    ----------
    study : Path
        Which is locked.
    model : Path
        The folder of the classifier.
    folder : Path
        The recordings.
    n_recordings : int
        Their number, from which the time left is estimated.
    changes : mapping of str to object
        Parameters to change first.
    on_progress : callable, optional
        Called about once a second, instead of showing the stages.

    Returns
    -------
    Trained
    """
    before, started = latest_version(study), time.monotonic()
    reviewed = REVIEWED if (study / REVIEWED).is_dir() else str(folder.resolve())
    corpus = {"collect.corpus": str(folder.resolve()), "collect.folder": reviewed}
    change_params(study, {**corpus, **changes})
    try:
        stages = run_pipeline(study, StageProgress(n_recordings, on_progress=on_progress))
    except EchoError as error:
        skipped = study / SKIPPED
        if not skipped.is_file() or read_table(skipped).empty:
            raise
        raise EchoError(f"{error} Recordings that could not be used, and why, are listed in {skipped}.") from None
    after = keep_version(study)
    copy_model(after.model, model)
    write_model_card(study, model, str(folder))
    if stages:
        logger.info(
            "%d of %d stages ran, in about %s.", len(stages), len(STAGES), rounded_duration(time.monotonic() - started)
        )
    elif before and before.folder == after.folder:
        logger.info("Nothing has changed since the last training.")
    comparison, changed = None, []
    if before and before.folder != after.folder:
        comparison = compare(before.decided, after.decided)
        changed = comparison_lines(before, after)
    if settings := read_settings(study):
        kept = join_words([f"{name} = {value}" for name, value in settings.items()])
        logger.info("Parameters that were set, kept in %s: %s", study / SET, kept)
    earlier = before.model if before and before.folder != after.folder else None
    for line in (*changed, *outcome_lines(study, model, str(folder), above=len(changed), earlier=earlier)):
        logger.info(line)
    return Trained(model, study, study / "report" / "index.html", tuple(stages), comparison)
