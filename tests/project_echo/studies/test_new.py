"""The command `project-echo new`."""

import shutil
import sys
from pathlib import Path

import pytest

from project_echo import cli
from project_echo.core.files import read_yaml
from project_echo.studies.digests import read_digests


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> object:
    monkeypatch.setattr(sys, "argv", ["project-echo", "new", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code


def test_a_new_study_has_a_split_that_fits_its_recordings(
    own_recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three recordings of a label are one for each part."""
    assert not run(monkeypatch, tmp_path / "study", own_recordings)
    params = read_yaml(tmp_path / "study" / "params.yaml")
    assert params["collect"]["corpus"] == str(own_recordings)
    assert params["split"] != read_yaml(Path(__file__).parents[3] / "params.yaml")["split"]
    assert (tmp_path / "study" / ".git").is_dir()


def test_what_cannot_be_trained_on_makes_no_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty" in str(run(monkeypatch, tmp_path / "study", tmp_path / "empty"))
    assert not (tmp_path / "study").exists()


def test_again_it_brings_a_study_up_to_date(new_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Path(shutil.copytree(new_study, tmp_path / "study"))
    now = read_digests(study)
    text = (study / "modules.yaml").read_text(encoding="utf-8")
    (study / "modules.yaml").write_text(text.replace(now["infer"], "0" * 64), encoding="utf-8")
    monkeypatch.chdir(study)
    assert not run(monkeypatch, ".")
    assert read_digests(study) == now


def test_again_with_recordings_it_changes_nothing(
    new_study: Path, own_recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "params.yaml" in str(run(monkeypatch, new_study, own_recordings))
