"""Floors of metrics."""

from pathlib import Path

import pytest
import yaml

from project_echo.compare import floors, metrics, revisions
from project_echo.core.errors import EchoError
from tests.repositories import Repository

ROOT = Path(__file__).parents[3]
PATH = "metrics/crossval.json"
METRICS = {
    PATH: {"accuracy": {"value": 0.8, "low": 0.7, "high": 0.9}, "draws": 100, "pair": ["a", "b"], "none": float("nan")}
}


def problems(name: str, floor: float, path: str = PATH) -> list[str]:
    return floors.metrics_below({path: {name: floor}}, METRICS)


@pytest.mark.parametrize("name", ["accuracy", "accuracy.value"])
def test_a_metric_below_its_floor_is_named_with_the_distance(name: str) -> None:
    (problem,) = problems(name, 0.85)
    assert all(text in problem for text in (f"`{name}`", f"`{PATH}`", "0.8000", "0.0500", "0.85"))


@pytest.mark.parametrize(("name", "floor"), [("accuracy", 0.8), ("accuracy.low", 0.7), ("draws", 100)])
def test_a_metric_at_its_floor_passes(name: str, floor: float) -> None:
    assert problems(name, floor) == []


def test_not_a_number_is_below_every_floor() -> None:
    (problem,) = problems("none", 0.0)
    assert "`none`" in problem
    assert "nan" in problem


@pytest.mark.parametrize(
    ("name", "path", "named"),
    [
        ("acuracy", PATH, ["`acuracy`", "`accuracy`"]),  # what may be meant is named, too
        ("recall.fox", PATH, ["`recall.fox`", f"`{PATH}`"]),
        ("accuracy", "metrics/crosval.json", ["`metrics/crosval.json`", f"`{PATH}`"]),
        ("pair", PATH, ["`pair`", "['a', 'b']"]),  # not a number
    ],
)
def test_a_floor_without_a_metric_is_named(name: str, path: str, named: list[str]) -> None:
    (problem,) = problems(name, 0.8, path)
    assert problem.startswith(floors.FLOORS)
    assert all(text in problem for text in named)


def test_a_floor_of_a_section_that_is_null_says_so() -> None:
    (problem,) = floors.metrics_below({PATH: {"decided.accuracy": 0.5}}, {PATH: {"accuracy": 0.8, "decided": None}})
    assert all(text in problem for text in ("`decided`", "null", "`decided.accuracy`"))
    assert "Did you mean" not in problem


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"{PATH}: {{accuracy: high}}", [PATH, "accuracy", "'high'"]),
        (f"{PATH}: {{accuracy: {{value: true}}}}", [PATH, "accuracy.value", "True"]),
        (f"{PATH}: {{accuracy: .nan}}", [PATH, "accuracy", "nan"]),
        (f"{PATH}: 0.85", [PATH]),
        ("", ["HEAD"]),
    ],
)
def test_what_is_not_a_floor_raises_an_error_that_names_it(repository: Repository, text: str, named: list[str]) -> None:
    repository.write(floors.FLOORS, text)
    repository.commit("other floors")
    with pytest.raises(EchoError) as error:
        floors.read_floors(revisions.find("HEAD"))
    assert all(part in str(error.value) for part in [floors.FLOORS, *named])


def test_a_missing_file_of_floors_is_named(repository: Repository) -> None:
    repository.git("rm", "--quiet", floors.FLOORS)
    repository.commit("no floors")
    with pytest.raises(EchoError, match=floors.FLOORS):
        floors.read_floors(revisions.find("HEAD"))


def test_a_floor_may_be_lower_or_new_but_not_removed(repository: Repository) -> None:
    before = revisions.find("HEAD")
    repository.write(floors.FLOORS, f"{PATH}:\n  accuracy: 0.1\n  recall: {{fox: 1}}")
    repository.commit("lower, and one more")
    lower = revisions.find("HEAD")
    assert floors.removed_floors(before, lower) == []
    repository.write(floors.FLOORS, "{}")
    repository.commit("none")
    none = revisions.find("HEAD")
    removed = floors.removed_floors(lower, none)
    assert len(removed) == 2
    for line, name, floor in zip(removed, ("accuracy", "recall.fox"), ("0.1", "1"), strict=True):
        assert all(text in line for text in (floors.FLOORS, f"`{name}`", f"`{PATH}`", floor))
    repository.write(floors.FLOORS, "not floors")
    repository.commit("broken")
    assert floors.removed_floors(revisions.find("HEAD"), none) == []


def test_the_committed_intervals_lie_above_the_committed_floors() -> None:
    committed = yaml.safe_load((ROOT / floors.FLOORS).read_text(encoding="utf-8"))
    assert set(committed) == {PATH}
    committed_metrics = metrics.flatten_metrics(yaml.safe_load((ROOT / PATH).read_text(encoding="utf-8")))
    for name, floor in committed[PATH].items():
        bounds = committed_metrics[name].bounds
        assert bounds is not None
        assert bounds[0] > floor
