"""Results know the classifier that made them, also after its model has been trained again."""

import json
import shutil
from pathlib import Path

import pytest

from project_echo.app.made_by import MadeBy, classifiers, made_by
from project_echo.app.pages.screen import check_model
from project_echo.app.workspace import Workspace
from project_echo.core.errors import EchoError
from project_echo.models.card import card_digest


def results_of(workspace: Workspace, name: str, model: Path) -> Path:
    """Results that a classifier has made, as far as their journal says so."""
    folder = workspace.results / name
    (folder / ".journal").mkdir(parents=True)
    (folder / ".journal" / "settings.json").write_text(json.dumps({"model": card_digest(model)}), encoding="utf-8")
    return folder


def test_earlier_versions_are_found_and_can_screen(tmp_path: Path, by_pitch: Path, by_pitch_or_none: Path) -> None:
    workspace = Workspace(tmp_path)
    model, versions = workspace.models / "boars", workspace.models / "boars-study" / "versions"
    shutil.copytree(by_pitch, model)
    shutil.copytree(by_pitch_or_none, versions / "1" / "model")
    shutil.copytree(by_pitch, versions / "2" / "model")
    (versions / "3").mkdir()
    assert classifiers(workspace) == {"boars": model, "boars, version 1": versions / "1" / "model"}

    new, old = results_of(workspace, "new", by_pitch), results_of(workspace, "old", by_pitch_or_none)
    assert made_by(new, workspace) == MadeBy("boars", model, True)
    assert made_by(old, workspace) == MadeBy("boars", versions / "1" / "model", False)
    assert made_by(workspace.results / "none", workspace) is None

    check_model(workspace, "none", model)
    check_model(workspace, "new", model)
    check_model(workspace, "old", versions / "1" / "model")
    for name, folder in (("old", model), ("new", versions / "1" / "model")):
        with pytest.raises(EchoError, match=name):
            check_model(workspace, name, folder)
