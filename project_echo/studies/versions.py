"""The classifiers that a study has trained, each with its results: nothing is lost when it trains again."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.tables import read_table
from project_echo.models import card

FOLDER = "versions"  # in a study: 1, 2, 3 and so on
MODEL = "model"
CLASSIFIER = Path("models/classifier")
_RESULTS = {  # in a version, from a study
    "decided.csv": Path("plots/crossval/decided.csv"),
    "predictions.csv": Path("plots/crossval/predictions.csv"),
    "crossval.json": Path("metrics/crossval.json"),
    "field.json": Path("metrics/field.json"),
}
_MODEL_FILES = {
    *(card.BACKBONE, card.HEAD, card.FILTERS, card.CARD, card.ONNX_BACKBONE, card.NETWORK_CARD, card.WEIGHTS),
    "thresholds.csv",  # of `project-echo thresholds`
    "README.md",  # the model card
}


@dataclass(frozen=True)
class Version:
    """A classifier that a study has trained.

    Attributes
    ----------
    folder : Path
    crossval, field : dict
        metrics/crossval.json and metrics/field.json.
    decided : pd.DataFrame
        Answers by thresholds in all draws, or of the most probable label if it has none: draw, clip, source, truth,
        prediction.
    """

    folder: Path
    crossval: dict[str, Any]
    field: dict[str, Any]
    decided: pd.DataFrame

    @property
    def model(self) -> Path:
        """The folder of the classifier."""
        return self.folder / MODEL


def latest_version(study: Path) -> Version | None:
    """The last classifier that a study has trained to the end; None if there is none."""
    folders = _folders(study)
    return _read(folders[-1]) if folders else None


def keep_version(study: Path) -> Version:
    """Keep the classifier of a study with its results, as a new version unless it is the latest one.

    Parameters
    ----------
    study : Path
        Whose pipeline has run to the end.

    Returns
    -------
    Version
    """
    folders = _folders(study)
    folder = study / FOLDER / str(int(folders[-1].name) + 1 if folders else 1)
    if folders and _card(folders[-1] / MODEL) == _card(study / CLASSIFIER):
        folder = folders[-1]
    with files.atomic_folder(folder) as temporary:
        copy_model(study / CLASSIFIER, temporary / MODEL)
        for name, path in _RESULTS.items():
            shutil.copyfile(study / path, temporary / name)
    return _read(folder)


def copy_model(source: Path, target: Path) -> None:
    """Copy a classifier, in place of the one that is there."""
    with files.atomic_folder(target) as temporary:
        for path in source.iterdir():
            shutil.copyfile(path, temporary / path.name)  # those of DVC's cache are read-only


def check_target(model: Path, study: Path) -> None:
    """Check that a classifier may be written to a folder.

    Parameters
    ----------
    model : Path
        The folder.
    study : Path
        The study beside it, which need not exist.

    Raises
    ------
    EchoError
        If the folder holds anything but a classifier that this study has trained.
    """
    if not model.exists() or (model.is_dir() and not any(model.iterdir())):
        return
    if not model.is_dir():
        raise EchoError(f"--output {model} is a file. Name a new folder for the classifier.")
    others = sorted(path.name for path in model.iterdir() if path.name not in _MODEL_FILES)
    if others or not (model / card.CARD).is_file():
        what = f"holds {others[0]}" if others else "holds no classifier"
        raise EchoError(f"--output {model} {what}. It is not overwritten: name a new folder for the classifier.")
    if _card(model) not in [_card(folder / MODEL) for folder in _folders(study)]:
        raise EchoError(
            f"--output {model} is a classifier that {study} has not trained, or that was changed since. It is not "
            "overwritten: name a new folder for the classifier, or put its study beside it."
        )


def _folders(study: Path) -> list[Path]:
    """Folders of the versions, the first one first."""
    if not (study / FOLDER).is_dir():
        return []
    return sorted(
        (path for path in (study / FOLDER).iterdir() if path.name.isdecimal()), key=lambda path: int(path.name)
    )


def _card(model: Path) -> bytes:
    """A classifier's card, which has the digests of all of its files."""
    return (model / card.CARD).read_bytes()


def _read(folder: Path) -> Version:
    decided = read_table(folder / "decided.csv")
    return Version(
        folder,
        files.read_json(folder / "crossval.json"),
        files.read_json(folder / "field.json"),
        decided if len(decided) else read_table(folder / "predictions.csv"),
    )
