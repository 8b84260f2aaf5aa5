"""Deleting what the app has made: results, reviews, and models with their study, whether finished or not."""

import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Literal

from project_echo.app.made_by import earlier_versions, made_by
from project_echo.app.workspace import Workspace, is_name
from project_echo.core.text import count, join_words
from project_echo.screening.output import JOURNAL, LOCK
from project_echo.studies.create import is_study
from project_echo.studies.training import REVIEWED, study_of

Kind = Literal["results", "review", "model"]
_ASIDE = ".deleting-"  # begins the names of hidden folders that hold what is being deleted
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Deletion:
    """What is deleted together.

    Attributes
    ----------
    folders : list of Path
        They exist.
    review : list of Path
        The review of results and the answers to it, which are deleted only if a person wants that; they exist.
    notes : list of str
        What else a person should know before.
    """

    folders: list[Path]
    review: list[Path]
    notes: list[str]


def find_deletion(kind: Kind, name: str, workspace: Workspace) -> Deletion | None:
    """What is deleted with the results, the review or the model of a name; None if there is nothing.

    Also what a job has left that was stopped or has failed, which is in no list.
    """
    if not is_name(name):
        return None
    if kind == "results":
        return _of_results(name, workspace)
    return _of_review(name, workspace) if kind == "review" else _of_model(name, workspace)


def _of_results(name: str, workspace: Workspace) -> Deletion | None:
    results = workspace.results / name
    if not (_is_listed(results) and any((results / made).exists() for made in ("events.csv", JOURNAL, LOCK))):
        return None
    return Deletion([results], _review(name, workspace), ["The recordings themselves are not deleted."])


def _of_review(name: str, workspace: Workspace) -> Deletion | None:
    if name not in workspace.review_names():
        return None
    notes = ["The results are not deleted."] if name in workspace.result_names() else []
    return Deletion(_review(name, workspace), [], notes)


def _review(name: str, workspace: Workspace) -> list[Path]:
    answers = workspace.answers(name)
    tables = sorted(answers.parent.glob(f"{escape(name)}-????????.csv"))  # `reviewed.write_labels`
    return [path for path in (workspace.reviews / name, answers, *tables) if path.exists()]


def _of_model(name: str, workspace: Workspace) -> Deletion | None:
    model = workspace.models / name
    study = study_of(model)
    if name not in workspace.model_names() and not (_is_listed(study) and is_study(study)):
        return None
    notes = ["The recordings that it has learned from are not deleted."]
    if versions := earlier_versions(name, workspace):
        notes.append(f"Its {count(len(versions), 'earlier version')} will be deleted as well.")
    if (study / REVIEWED).is_dir() and any((study / REVIEWED).iterdir()):
        notes.append("The sounds that reviews have added to it will be deleted as well.")
    own = [results for results in workspace.result_names() if _is_by(name, workspace.results / results, workspace)]
    if own:
        notes.append(
            f"Results that it has made stay ({join_words(own)}), but can no longer be exported or reviewed, and their "
            "reviews can no longer improve a model."
        )
    return Deletion([path for path in (model, study) if path.exists()], [], notes)


def _is_listed(path: Path) -> bool:
    """Whether there is a file or folder of exactly this name: some systems also find it by other ones."""
    return path.parent.is_dir() and any(other.name == path.name for other in path.parent.iterdir())


def _is_by(model: str, results: Path, workspace: Workspace) -> bool:
    found = made_by(results, workspace)
    return found is not None and found.name == model


def size_of(paths: Sequence[Path]) -> int:
    """Bytes of files, and of all files in folders; links are not followed, and a file with two names counts once."""
    sizes = {}
    for path in paths:
        below = () if path.is_symlink() else os.walk(path)
        for folder, _, names in [("", [], [str(path)]), *below]:
            for name in names:
                status = Path(folder, name).lstat()
                if stat.S_ISREG(status.st_mode):
                    sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())


def size_text(size: int) -> str:
    """A size for people, such as "1.2 GB", "12 MB" or "less than 1 MB"."""
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else "less than 1 MB"


def set_aside(paths: Sequence[Path]) -> list[Path]:
    """Take files and folders from their places, all or none: nobody finds one that is half deleted.

    Returns
    -------
    list of Path
        What `erase` takes.

    Raises
    ------
    OSError
        If one cannot be moved, as when another program uses it on Windows.
    """
    moved: list[tuple[Path, Path]] = []
    try:
        for path in paths:
            aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=_ASIDE))
            moved.append((path, aside))
            path.rename(aside / "deleted")
    except OSError:
        for path, aside in moved:
            if os.path.lexists(aside / "deleted"):
                (aside / "deleted").rename(path)
            aside.rmdir()
        raise
    return [aside for _, aside in moved]


def erase(asides: Sequence[Path]) -> None:
    """Delete what `set_aside` has moved. What cannot be deleted, as a file in use, is warned of, and left."""
    for aside in asides:
        try:
            if os.name == "nt":  # files of DVC's cache are read-only, which Windows does not delete
                for path in aside.rglob("*"):
                    path.chmod(stat.S_IWRITE)
            shutil.rmtree(aside)
        except OSError as error:
            reason = error.strerror or error
            logger.warning("%s cannot be deleted now (%s). The app tries again when it starts.", aside, reason)


def finish_deletions(workspace: Workspace) -> None:
    """Delete what an earlier app has set aside, but not deleted."""
    for folder in (workspace.results, workspace.models, workspace.reviews, workspace.answers("").parent):
        erase(list(folder.glob(f"{_ASIDE}*")))
