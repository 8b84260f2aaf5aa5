"""Loading params.yaml: what is wrong is named by file and key."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from project_echo.core.errors import EchoError
from project_echo.core.validation import Schema
from project_echo.pipeline.params import check_params, load_params


class Cut(Schema):
    length_s: Annotated[float, Field(gt=0)]


class Learn(Schema):
    epochs: int


SCHEMAS: dict[str, type[Schema]] = {"cut": Cut, "learn": Learn}
VALID = "cut: {length_s: 5}\nlearn: {epochs: 3}\n"


@pytest.fixture
def params(tmp_path: Path) -> Path:
    path = tmp_path / "params.yaml"
    path.write_text(VALID, encoding="utf-8")
    return path


def test_a_section_is_loaded_as_its_schema(params: Path) -> None:
    assert load_params("cut", Cut, params) == Cut(length_s=5.0)


def test_other_sections_need_not_be_valid_to_load_one(params: Path) -> None:
    params.write_text(VALID.replace("3", "many"), encoding="utf-8")
    assert load_params("cut", Cut, params) == Cut(length_s=5.0)


def test_a_file_whose_sections_are_all_known_and_valid_passes(params: Path) -> None:
    check_params(SCHEMAS, params)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (VALID.replace("length_s", "length"), "cut.length_s"),
        (VALID.replace("length_s", "length_s: 5, length"), "cut.length"),
        (VALID.replace("5", "0"), "cut.length_s"),
        (VALID.replace("5", ".nan"), "cut.length_s"),
        (VALID.replace("3", "2.5"), "learn.epochs"),
        (VALID.replace("{epochs: 3}", "three"), "learn"),
        (VALID.replace("{epochs: 3}", ""), "learn"),
        (VALID.replace("learn: {epochs: 3}", ""), "learn"),
        (VALID + "cuts: {length_s: 5}", "cuts"),
        (VALID + "cuts: 5", "cuts"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_key_in_one_line(params: Path, content: str, key: str) -> None:
    params.write_text(content, encoding="utf-8")
    with pytest.raises(EchoError) as error:
        check_params(SCHEMAS, params)
    assert str(error.value).startswith(f"{params}: ")
    assert key in str(error.value)
    assert "\n" not in str(error.value)


def test_all_wrong_values_of_a_section_are_named_at_once(params: Path) -> None:
    params.write_text(VALID.replace("length_s: 5", "length_s: -1, extra: 2"), encoding="utf-8")
    with pytest.raises(EchoError) as error:
        load_params("cut", Cut, params)
    assert "cut.length_s = -1" in str(error.value)
    assert "cut.extra" in str(error.value)


@pytest.mark.parametrize(
    "content", ["", "# only a comment\n", "- cut\n- learn\n", "cut: [1,\n", "cut:\n\tlength_s: 5\n", "\xff"]
)
def test_a_file_without_parameters_is_named_in_one_line(params: Path, content: str) -> None:
    params.write_text(content, encoding="latin-1")
    with pytest.raises(EchoError) as error:
        load_params("cut", Cut, params)
    assert str(error.value).startswith(str(params))
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EchoError) as error:
        load_params("cut", Cut, tmp_path / "params.yaml")
    assert str(tmp_path / "params.yaml") in str(error.value)
