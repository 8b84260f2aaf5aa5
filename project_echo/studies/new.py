"""Making a study, with git, or bringing one up to date: `project-echo new`."""

import logging
from pathlib import Path

from project_echo.core.text import join_words
from project_echo.studies.create import check_new, create_study, is_study, refresh
from project_echo.studies.settings import read_params
from project_echo.studies.tools import check_tools
from project_echo.studies.training import REVIEWED, check_corpus

logger = logging.getLogger(__name__)


def new(study: Path, recordings: Path | None) -> None:
    """Make a study whose split fits its recordings, or write again what an upgrade has changed in one.

    Parameters
    ----------
    study : Path
        A new folder; or a study, if there are no recordings.
    recordings : Path, optional
        Folder of labelled recordings. By default the study makes the demo corpus.

    Raises
    ------
    EchoError
        As `create_study` and `refresh`, and if the recordings cannot be trained on.
    """
    if is_study(study) and recordings is None:
        stages = refresh(study)
        logger.info("%s: %s", study, f"changed: {join_words(stages)}. Run: dvc repro" if stages else "nothing changed")
        return
    check_new(study, recordings)
    check_tools(git=True)
    changes: dict[str, object] = {}
    if recordings is not None:
        _, changes = check_corpus(recordings, study / REVIEWED, read_params(study), {})
    create_study(study, recordings, changes, git=True)
    logger.info('Next: cd "%s", then dvc repro', study)
