"""Writing params.yaml of a study."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from project_echo.core.errors import EchoError
from project_echo.studies.parameters import change_params

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "params.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "params.yaml", tmp_path)
    return tmp_path


def read(folder: Path) -> str:
    return (folder / "params.yaml").read_text(encoding="utf-8")


def test_only_the_line_of_a_parameter_changes(folder: Path) -> None:
    change_params(folder, {"train.C": 0.1})
    changed = [pair for pair in zip(TEXT.splitlines(), read(folder).splitlines(), strict=True) if pair[0] != pair[1]]
    ((before, after),) = changed
    assert after == re.sub(r"C: [\d.]+", "C: 0.1", before)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("collect.corpus", "/mnt/Jörgs Platte/Frösche: #1 'neu' ${x}"),
        ("backbone.weights", r"C:\Users\x\weights.h5"),
        ("train.class_weight", "balanced"),
        ("crossval.train_sizes", []),
        ("crossval.train_sizes", [1, 2]),
        ("embed.blocks", ["last"]),
        ("embed.sqrt", False),
        ("split.train", 0.7),
    ],
)
def test_a_value_is_read_as_it_was_written_and_all_others_stay(name: str, value: object, folder: Path) -> None:
    expected = yaml.safe_load(TEXT)
    section, key = name.split(".")
    expected[section][key] = value
    change_params(folder, {name: value})
    assert yaml.safe_load(read(folder)) == expected
    change_params(folder, {"infer.hop_s": 0.5, name: [1] if isinstance(value, list) else value})
    expected["infer"]["hop_s"], expected[section][key] = 0.5, [1] if isinstance(value, list) else value
    assert yaml.safe_load(read(folder)) == expected


def test_what_is_the_same_already_is_not_written(folder: Path) -> None:
    before = (folder / "params.yaml").stat()
    params = yaml.safe_load(TEXT)
    change_params(folder, {"train.C": params["train"]["C"], "embed.blocks": params["embed"]["blocks"]})
    assert (folder / "params.yaml").stat().st_ino == before.st_ino


def test_an_unknown_parameter_changes_nothing(folder: Path) -> None:
    with pytest.raises(EchoError, match=r"train\.c"):
        change_params(folder, {"train.C": 1.0, "train.c": 1.0})
    assert read(folder) == TEXT
