"""Parameters of the command line are checked before anything runs."""

from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.studies.settings import check_settings, keep_settings, parse_setting, read_params, read_settings


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("train.C=0.1", ("train.C", 0.1)),
        ("train.C=1e-4", ("train.C", 1e-4)),
        ("embed.blocks=[6, 13]", ("embed.blocks", [6, 13])),
        (" train.head = dense", ("train.head", "dense")),
        ("train.class_weight=null", ("train.class_weight", None)),
    ],
)
def test_values_are_those_of_yaml(text: str, setting: tuple[str, object]) -> None:
    assert parse_setting(text) == setting


@pytest.mark.parametrize("text", ["train.C", "=1", "train.C=", "embed.blocks=[6"])
def test_what_is_no_setting_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"NAME=VALUE|\[1, 3, 5\]"):
        parse_setting(text)


def test_settings_change_parameters_of_the_clone(tmp_path: Path) -> None:
    params = read_params(tmp_path / "a new study")
    changed = check_settings(params, {"train.C": 0.1, "split.train": 0.6, "split.validation": 0.2, "split.test": 0.2})
    assert changed["train"]["C"] == 0.1
    assert changed["split"] == params["split"] | {"train": 0.6, "validation": 0.2, "test": 0.2}
    assert params["train"]["C"] != 0.1


def test_settings_are_kept(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == {}
    settings = {"train.C": 0.1, "crossval.train_sizes": [], "backbone.model": "networks/Vögel.tflite"}
    keep_settings(tmp_path, settings)
    keep_settings(tmp_path, {})
    assert read_settings(tmp_path) == settings


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("train.c", 0.1, r"train\.C"),
        ("trian.C", 0.1, "train"),
        ("train", 0.1, "train"),
        ("train.C", -1, r"train\.C"),
        ("train.C", "high", r"train\.C"),
        ("split.train", 0.6, "mixture"),
        ("collect.corpus", "other", "Leave"),
    ],
)
def test_wrong_settings_are_errors_that_name_the_option(name: str, value: object, expected: str) -> None:
    with pytest.raises(EchoError, match=expected) as error:
        check_settings(read_params(Path("nowhere")), {name: value})
    assert str(error.value).startswith("--set")


@pytest.mark.parametrize(
    "settings",
    [
        {"train.head": "dense"},
        {"backbone.model": "a.onnx", "embed.slices": 1, "train.head": "dense", "train.trainable": "all"},
    ],
)
def test_settings_that_do_not_fit_each_other_are_errors(settings: dict[str, object]) -> None:
    with pytest.raises(EchoError, match=next(reversed(settings))):
        check_settings(read_params(Path("nowhere")), settings)
