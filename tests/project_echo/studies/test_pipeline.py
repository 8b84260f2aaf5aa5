"""The pipeline of a study is the clone's, but for what stages depend on in place of modules."""

from pathlib import Path

import yaml

from project_echo.core.files import read_yaml
from project_echo.studies.pipeline import format_pipeline, study_pipeline
from tests.declarations import command

ROOT = Path(__file__).parents[3]
CLONE, STUDY = read_yaml(ROOT / "dvc.yaml"), study_pipeline()


def test_all_but_the_stages_is_as_in_the_clone() -> None:
    assert {key: value for key, value in STUDY.items() if key != "stages"} == {
        key: value for key, value in CLONE.items() if key != "stages"
    }
    assert list(STUDY["stages"]) == list(CLONE["stages"])


def test_stages_differ_in_their_runner_and_in_digests_in_place_of_modules_alone() -> None:
    for name, stage in CLONE["stages"].items():
        modules = [path for path in stage["deps"] if path.split("/")[0] in ("project_echo", "stages")]
        assert f"stages/{name}.py" in modules
        _, arguments = command(stage)
        study = STUDY["stages"][name]
        assert study["cmd"].split() == ["python", "-m", "project_echo.studies.stage", name, *arguments]
        assert study["deps"] == [path for path in stage["deps"] if path not in modules]
        assert study["params"] == [*stage.get("params", []), {"modules.yaml": [name]}]
        others = {"cmd", "deps", "params"}
        assert {key: study[key] for key in study.keys() - others} == {key: stage[key] for key in stage.keys() - others}


def test_the_file_holds_that_pipeline() -> None:
    assert yaml.safe_load(format_pipeline()) == STUDY
