"""docs/reference/metrics.md has every key of the metrics, every plot, and the columns of every table of plots."""

import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from project_echo.core.tables import read_table
from tests.docs.tables import REFERENCE, names, tables
from tests.project_echo.conftest import ROOT

PAGE = REFERENCE / "metrics.md"
METRICS = sorted((ROOT / "metrics").glob("*.json"))
PLOTS = sorted((ROOT / "plots").rglob("*.csv"))
INTERVAL = {"value", "low", "high"}
# Keys that the committed metrics lack: none of the demo's thresholds comes from a review.
OPTIONAL = {"metrics/evaluate.json": {"calibration.reviewed"}}


@cache
def labels() -> list[str]:
    return list(json.loads((ROOT / "metrics" / "crossval.json").read_text(encoding="utf-8"))["recall"])


@cache
def kinds() -> list[str]:
    background = read_table(ROOT / "plots" / "crossval" / "decided.csv")
    return sorted(set(background.loc[background["truth"] == "none", "kind"]))


def flat(values: dict[str, Any], above: str = "") -> Iterator[tuple[str, bool]]:
    """Keys of metrics with placeholders, and whether each is an interval."""
    for key, value in values.items():
        placeholder = "<label>" if key in labels() else "<kind>" if key in kinds() else key
        placeholder = "<snr_db>" if re.fullmatch(r"-?\d+", key) else placeholder
        is_interval = isinstance(value, dict) and value.keys() >= INTERVAL
        if isinstance(value, dict) and not is_interval:
            yield from flat(value, f"{above}{placeholder}.")
        else:
            yield f"{above}{placeholder}", is_interval


@pytest.mark.parametrize("path", METRICS, ids=lambda path: path.name)
def test_keys_are_those_of_the_metrics(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    rows = tables(PAGE)[name]
    documented = dict(zip(names(rows, "key"), (bool(row["interval"]) for row in rows), strict=True))
    assert len(documented) == len(rows)
    optional = OPTIONAL.get(name, set())
    assert {key: of for key, of in documented.items() if key not in optional} == dict(
        flat(json.loads(path.read_text(encoding="utf-8")))
    )
    assert optional <= documented.keys()


def test_keys_of_the_difference_are_those_of_the_export() -> None:
    # Importing the module would import TensorFlow.
    source = (ROOT / "project_echo" / "models" / "export.py").read_text(encoding="utf-8")
    (of_class,) = re.findall(r"^class Difference:\n(.*?)\n\n\n", source, re.MULTILINE | re.DOTALL)
    documented = names(tables(PAGE)["models/keras/difference.json"], "key")
    assert documented == re.findall(r"^    (\w+): ", of_class, re.MULTILINE)


def test_plots_are_those_of_dvc_yaml() -> None:
    plots = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    expected = {name: ", ".join(of["y"]) for plot in plots if isinstance(plot, dict) for name, of in plot.items()}
    expected |= {plot: "" for plot in plots if isinstance(plot, str)}
    rows = tables(PAGE)["Plots"]
    assert dict(zip(names(rows, "plot"), names(rows, "drawn from"), strict=True)) == expected


@pytest.mark.parametrize("path", PLOTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_columns_are_those_of_the_tables(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    placeholders = ["<label>" if name in labels() else name for name in header]
    documented = names(tables(PAGE)[path.relative_to(ROOT).as_posix()], "column")
    assert documented == list(dict.fromkeys(placeholders))


def test_no_table_is_stale() -> None:
    files = {name for name in tables(PAGE) if "/" in name}
    known = {path.relative_to(ROOT).as_posix() for path in [*METRICS, *PLOTS]}
    assert files == {*known, "models/keras/difference.json"}
