"""After an upgrade of the package, a study runs the stages whose modules changed, and no others."""

import json
import re
import shutil
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.core.files import read_yaml
from project_echo.studies import digests, stage, template
from project_echo.studies.create import refresh
from tests.declarations import outputs
from tests.repositories import Repository

ROOT = Path(__file__).parents[3]
STAGES = read_yaml(ROOT / "dvc.yaml")["stages"]
MODULE = "project_echo/models/newton.py"
USING = [name for name, declared in STAGES.items() if MODULE in declared["deps"]]


@pytest.fixture
def another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package, installed elsewhere from a wheel; tests change it as an upgrade does."""
    package = tmp_path / "site-packages" / "project_echo"
    shutil.copytree(ROOT / "project_echo", package, ignore=shutil.ignore_patterns("__pycache__"))
    files = package / "studies" / "template"
    files.mkdir()
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, files)
    shutil.copytree(ROOT / "stages", files / "stages", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(template, "_PACKAGE", package)
    monkeypatch.setattr(template, "_IN_WHEEL", files)
    return package


@pytest.fixture
def study(new_study: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(new_study, tmp_path / "study"))


def append(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "# another version\n", encoding="utf-8")


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = [path for path in folder.iterdir() if path.is_file()]
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_digests_are_the_same_in_a_wheel_and_in_a_clone(another: Path, study: Path) -> None:
    (another / "report" / "tsconfig.json").unlink()  # of a tool, not packed
    (another / "core" / ".DS_Store").touch()
    before = contents(study)
    assert refresh(study) == []
    assert contents(study) == before


def test_a_changed_module_changes_the_digests_of_the_stages_that_declare_it(another: Path, study: Path) -> None:
    before = digests.read_digests(study)
    append(another / "models" / "newton.py")
    assert refresh(study) == USING
    after = digests.read_digests(study)
    assert [name for name in STAGES if after[name] != before[name]] == USING
    assert 0 < len(USING) < len(STAGES)


def test_a_changed_script_changes_its_stage_and_a_changed_folder_all_that_declare_it(
    another: Path, study: Path
) -> None:
    append(another / "studies" / "template" / "stages" / "infer.py")
    assert refresh(study) == ["infer"]
    (another / "core" / "another.py").touch()
    assert refresh(study) == list(STAGES)


@pytest.mark.slow
def test_dvc_would_run_exactly_the_stages_that_declare_a_changed_module(another: Path, study: Path) -> None:
    """Outputs are made up, as `dvc commit` records whatever is there."""
    read = [path for declared in STAGES.values() for path in declared["deps"] if not template.is_code(path)]
    written = [path for declared in STAGES.values() for path in outputs(declared)]
    for name in {*written, *(path for path in read if Path(path).suffix)}:
        path = study / name
        path = path if path.suffix else path / "file"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name, encoding="utf-8")
    repository = Repository(study)
    repository.dvc("commit", "--quiet", "--force")
    append(another / "models" / "newton.py")
    refresh(study)
    status = json.loads(repository.dvc("status", "--json"))
    assert {name: entries for name, entries in status.items() if name in STAGES} == {
        name: [{"changed deps": {"modules.yaml": {name: "modified"}}}] for name in USING
    }


def test_lengths_of_another_kind_of_window_are_renewed_together(another: Path, study: Path) -> None:
    text = (study / "params.yaml").read_text(encoding="utf-8")
    for new, old in (
        (r"n_fft: \d+", "n_fft: 2048"),
        (r"win_length: \d+", "win_lengths: [512]"),
        (r"C: [\d.]+", "C: 3"),
    ):
        text = re.sub(new, old, text)
    (study / "params.yaml").write_text(text, encoding="utf-8")
    refresh(study)
    params = read_yaml(study / "params.yaml")
    assert params["features"] == read_yaml(ROOT / "params.yaml")["features"]
    assert params["train"]["C"] == 3


def test_an_upgrade_renews_parameters_and_pipeline_and_keeps_values_and_comments(another: Path, study: Path) -> None:
    files = another / "studies" / "template"
    text = (files / "params.yaml").read_text(encoding="utf-8")
    text = text.replace("  C: ", "  new: 3   # of a later version\n  C: ").replace("  std: false ", "  # no std ")
    (files / "params.yaml").write_text(text, encoding="utf-8")
    pipeline = (files / "dvc.yaml").read_text(encoding="utf-8")
    (files / "dvc.yaml").write_text(pipeline.replace("infer.hop_s", "infer"), encoding="utf-8")
    before = read_yaml(study / "params.yaml")
    assert refresh(study) == []  # no module has changed
    after = read_yaml(study / "params.yaml")
    assert after["train"].pop("new") == 3
    del before["embed"]["std"]
    assert after == before
    assert "# of a later version" in (study / "params.yaml").read_text(encoding="utf-8")
    assert "infer" in read_yaml(study / "dvc.yaml")["stages"]["infer"]["params"]


def test_a_stage_runs_no_other_modules_than_dvc_will_record(
    another: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study)
    stage.check_modules("train")
    append(another / "models" / "newton.py")
    stage.check_modules("infer")
    with pytest.raises(EchoError, match=r"modules\.yaml"):
        stage.check_modules("train")


def test_what_is_no_study_is_not_refreshed(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match="not a study"):
        refresh(tmp_path)
    assert list(tmp_path.iterdir()) == []
