"""Deleting what the app has made: results with their review, and models with their study."""

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
from project_echo.app.workspace import Workspace
from project_echo.core.text import count, join_words
from project_echo.studies.training import REVIEWED, study_of

Kind = Literal["results", "model"]
_ASIDE = ".deleting-"  # begins the names of hidden folders that hold what is being deleted


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
    """What is deleted with the results or the model of a name; None if there are none."""
    if kind == "results":
        return _of_results(name, workspace) if name in workspace.result_names() else None
    return _of_model(name, workspace) if name in workspace.model_names() else None


def _of_results(name: str, workspace: Workspace) -> Deletion:
    answers = workspace.answers(name)
    tables = sorted(answers.parent.glob(f"{escape(name)}-????????.csv"))  # `reviewed.write_labels`
    review = [path for path in (workspace.reviews / name, answers, *tables) if path.exists()]
    return Deletion([workspace.results / name], review, ["The recordings themselves are not deleted."])


def _of_model(name: str, workspace: Workspace) -> Deletion:
    model = workspace.models / name
    study = study_of(model)
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


def _is_by(model: str, results: Path, workspace: Workspace) -> bool:
    found = made_by(results, workspace)
    return found is not None and found.name == model


def size_of(paths: Sequence[Path]) -> int:
    """Bytes of files, and of all files in folders; links are not followed, and a file with two names counts once."""
    sizes = {}
    for path in paths:
        for folder, _, names in [("", [], [str(path)]), *os.walk(path)]:
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
    """Delete what `set_aside` has moved."""
    for aside in asides:
        if os.name == "nt":  # files of DVC's cache are read-only, which Windows does not delete
            for path in aside.rglob("*"):
                path.chmod(stat.S_IWRITE)
        shutil.rmtree(aside)


def finish_deletions(workspace: Workspace) -> None:
    """Delete what an app that was killed has set aside."""
    for folder in (workspace.results, workspace.models, workspace.reviews, workspace.answers("").parent):
        erase(list(folder.glob(f"{_ASIDE}*")))
