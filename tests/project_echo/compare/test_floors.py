from pathlib import Path

import pytest
import yaml

from project_echo.compare import floors, metrics, revisions
from project_echo.core.errors import EchoError
from tests.repositories import Repository

ROOT = Path(__file__).parents[3]
METRICS = {"metrics/crossval.json": {"accuracy": {"mean": 0.8, "low": 0.7}, "pair": "a / b", "none": float("nan")}}


def said(name: str, floor: float, path: str = "metrics/crossval.json") -> list[str]:
    return floors.below({path: {name: floor}}, METRICS)


def test_a_metric_below_its_floor_is_named_with_how_far() -> None:
    assert said("accuracy.mean", 0.85) == [
        "`accuracy.mean` of `metrics/crossval.json` is 0.8000, 0.0500 below its floor of 0.85."
    ]
    assert said("accuracy.mean", 0.8) == said("accuracy.low", 0) == []


def test_no_number_is_below_every_floor() -> None:
    assert said("none", 0.0) == ["`none` of `metrics/crossval.json` is nan, nan below its floor of 0.0."]


def test_a_floor_of_what_is_not_there_is_said_with_what_may_be_meant() -> None:
    assert said("accuracy.maen", 0.8) == [
        f"{floors.FLOORS}: `metrics/crossval.json` has no metric `accuracy.maen`. Is `accuracy.mean` meant?"
    ]
    assert said("accuracy", 0.8)[0].startswith(f"{floors.FLOORS}: `metrics/crossval.json` has no metric `accuracy`.")
    assert said("accuracy.mean", 0.8, "metrics/crosval.json") == [
        f"{floors.FLOORS}: `metrics/crosval.json` is no file of metrics. Is `metrics/crossval.json` meant?"
    ]
    assert "which no floor is for" in said("pair", 0.8)[0]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("metrics/crossval.json: {accuracy.mean: high}", "metrics/crossval.json: accuracy.mean = 'high' is no number"),
        ("metrics/crossval.json: {accuracy: {mean: true}}", "accuracy.mean = True is no number"),
        ("metrics/crossval.json: {accuracy.mean: .nan}", "accuracy.mean = nan is no number"),
        ("metrics/crossval.json: 0.85", "metrics/crossval.json should hold metrics and their floors"),
        ("", "keys and values"),
    ],
)
def test_floors_that_are_none_are_an_error_that_names_the_key(repository: Repository, text: str, named: str) -> None:
    repository.write("project_echo/compare/floors.yaml", text)
    repository.commit("other floors")
    with pytest.raises(EchoError, match=rf"^project_echo/compare/floors.yaml.*{named}"):
        floors.read(revisions.find("HEAD"))


def test_without_the_file_it_is_named(repository: Repository) -> None:
    repository.git("rm", "--quiet", "project_echo/compare/floors.yaml")
    repository.commit("no floors")
    with pytest.raises(EchoError, match=r"^project_echo/compare/floors.yaml is not there"):
        floors.read(revisions.find("HEAD"))


def test_a_floor_may_be_lower_or_new_but_not_gone(repository: Repository) -> None:
    before = revisions.find("HEAD")
    repository.write("project_echo/compare/floors.yaml", "metrics/crossval.json: {accuracy: {mean: 0.1}, draws: 1}")
    repository.commit("lower, written otherwise, and one more")
    lower = revisions.find("HEAD")
    assert floors.gone(before, lower) == []
    repository.write("project_echo/compare/floors.yaml", "{}")
    repository.commit("none")
    none = revisions.find("HEAD")
    assert floors.gone(lower, none) == [
        f"{floors.FLOORS}: the floor of `{name}` of `metrics/crossval.json`, {floor}, is gone. Put it "
        "back; it may be a lower one."
        for name, floor in (("accuracy.mean", 0.1), ("draws", 1))
    ]
    repository.write("project_echo/compare/floors.yaml", "no floors")
    repository.commit("broken")
    assert floors.gone(revisions.find("HEAD"), none) == []


def test_the_committed_metrics_keep_the_committed_floors_with_their_whole_interval() -> None:
    of_file = yaml.safe_load((ROOT / floors.FLOORS).read_text(encoding="utf-8"))
    assert set(of_file) == {"metrics/crossval.json"}
    shown = metrics.with_bounds(yaml.safe_load((ROOT / "metrics/crossval.json").read_text(encoding="utf-8")))
    for name, floor in of_file["metrics/crossval.json"].items():
        bounds = shown[name].bounds
        assert bounds is not None
        assert bounds[0] > floor
