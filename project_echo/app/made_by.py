"""Which classifier of the workspace has made results: one that is there, or an earlier version of it."""

from dataclasses import dataclass
from pathlib import Path

from project_echo.app.workspace import Workspace
from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models.card import card_digest
from project_echo.screening.journal import SETTINGS
from project_echo.screening.output import JOURNAL
from project_echo.studies.training import study_of
from project_echo.studies.versions import FOLDER, MODEL


@dataclass(frozen=True)
class MadeBy:
    """The classifier that made results.

    Attributes
    ----------
    name : str
        Of the model in the workspace.
    folder : Path
        That of the classifier itself: the model, or in its study the earlier version of it.
    is_latest : bool
        Whether the model is still that classifier, so that results can be continued.
    """

    name: str
    folder: Path
    is_latest: bool


def classifiers(workspace: Workspace) -> dict[str, Path]:
    """Folders of the classifiers that can screen, by title: each model, and after it its earlier versions, if any."""
    found = {}
    for name in workspace.model_names():
        found[name] = workspace.models / name
        found |= earlier_versions(name, workspace)
    return found


def earlier_versions(name: str, workspace: Workspace) -> dict[str, Path]:
    """Folders of the earlier versions of a model that can screen, by title, the newest first."""
    model = workspace.models / name
    return {
        f"{name}, version {version.parent.name}": version
        for version in reversed(_versions(model))
        if _digest(version) not in ("", _digest(model))
    }


def made_by(results: Path, workspace: Workspace) -> MadeBy | None:
    """The classifier that made results; None if it is not in the workspace.

    Parameters
    ----------
    results : Path
        Output folder of `project-echo predict`.
    workspace : Workspace

    Returns
    -------
    MadeBy or None
    """
    try:
        digest = str(files.read_json(results / JOURNAL / SETTINGS).get("model"))
    except (EchoError, OSError, AttributeError):
        return None
    for name in workspace.model_names():
        model = workspace.models / name
        for folder in (model, *_versions(model)):
            if _digest(folder) == digest:
                return MadeBy(name, folder, folder == model)
    return None


def _versions(model: Path) -> list[Path]:
    """Classifiers that the study of a model has trained, the first one first."""
    found = (study_of(model) / FOLDER).glob(f"*/{MODEL}")
    return sorted((path for path in found if path.parent.name.isdecimal()), key=lambda path: int(path.parent.name))


def _digest(model: Path) -> str:
    """SHA-256 of a classifier's card; empty if it has none."""
    try:
        return card_digest(model)
    except EchoError:
        return ""
