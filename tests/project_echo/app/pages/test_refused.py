"""What a job would refuse in the words of the command line is refused by the form, in those of the app."""

import json
import shutil
from pathlib import Path

import pytest

from project_echo.app.pages import improve, train
from project_echo.app.pages.screen import check_hop
from project_echo.app.workspace import Workspace
from project_echo.core.errors import EchoError
from project_echo.models.card import read_card
from tests.sounds import fill


@pytest.fixture
def workspace(tmp_path: Path, by_pitch: Path) -> Workspace:
    """With the model boars and its study."""
    workspace = Workspace(tmp_path / "workspace")
    shutil.copytree(by_pitch, workspace.models / "boars")
    study = workspace.models / "boars-study"
    shutil.copytree(by_pitch, study / "versions" / "1" / "model")
    (tmp_path / "recordings").mkdir()
    (study / "params.yaml").write_text(f"collect: {{corpus: {tmp_path / 'recordings'}}}\n", encoding="utf-8")
    fill(study, "dvc.yaml", "modules.yaml", ".dvc/config")
    return workspace


def check_folder(workspace: Workspace, name: str, folder: Path) -> None:
    train.check_folder(name, workspace.models / name, folder)


def test_a_training_that_would_overwrite_something_else(workspace: Workspace, by_pitch: Path, tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    check_folder(workspace, "boars", recordings)
    check_folder(workspace, "new", recordings)
    shutil.copytree(by_pitch, workspace.models / "copied")
    (workspace.models / "other-study").mkdir()
    (workspace.models / "other-study" / "notes.txt").touch()
    for name, folder in (("boars", by_pitch), ("copied", recordings), ("other", recordings), ("new", tmp_path)):
        with pytest.raises(EchoError) as refused:
            check_folder(workspace, name, folder)
        assert "--" not in str(refused.value)


@pytest.mark.parametrize("gone", ["boars-study", "../../recordings"])
def test_a_model_that_cannot_be_trained_again(workspace: Workspace, gone: str) -> None:
    improve.check_model(workspace.models / "boars")
    shutil.rmtree(workspace.models / gone)
    with pytest.raises(EchoError) as refused:
        improve.check_model(workspace.models / "boars")
    assert "--" not in str(refused.value)


def test_a_screening_with_another_step(workspace: Workspace) -> None:
    features = read_card(workspace.models / "boars").features
    journal = workspace.results / "may" / ".journal"
    journal.mkdir(parents=True)
    settings = {"model": "", "hop": features.window_s / 2}
    (journal / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    check_hop(workspace, "june", features, 3.0)
    check_hop(workspace, "may", features, features.window_s / 2)
    for step_s in (None, features.window_s / 4):
        with pytest.raises(EchoError, match="may"):
            check_hop(workspace, "may", features, step_s)
