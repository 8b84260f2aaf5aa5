"""docs/reference/python.md has every public name, whose docstring says what each argument is."""

import inspect
import re

import griffe
import pytest

import project_echo
from tests.docs.tables import REFERENCE, names, tables

PAGE = REFERENCE / "python.md"
FUNCTIONS = [name for name in project_echo.__all__ if inspect.isfunction(getattr(project_echo, name))]


def test_every_public_name_has_its_entry() -> None:
    entries = re.findall(r"^::: project_echo\.(\w+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(entries) == sorted(project_echo.__all__)


def test_names_of_the_table_lead_to_the_section_of_their_entry() -> None:
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    rows = names(tables(PAGE)["Python"], "name")
    linked = dict(re.findall(r"\[`(\w+)`\]\(#([\w-]+)\)", " ".join(rows)))
    assert sorted(linked) == sorted(project_echo.__all__)
    for name, anchor in linked.items():
        (section,) = (text for text in sections if f"::: project_echo.{name}\n" in f"{text}\n")
        assert section.partition("\n")[0].lower().replace(" ", "-") == anchor


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstrings_have_a_section_with_every_argument(name: str) -> None:
    function = getattr(project_echo, name)
    sections = {section.kind.value: section for section in griffe.parse_numpy(docstring(function))}
    documented = {word.strip() for of in sections["parameters"].value for word in of.name.split(",")}
    assert documented == set(inspect.signature(function).parameters)
    assert "returns" in sections


@pytest.mark.parametrize("name", sorted({*project_echo.__all__} - {*FUNCTIONS}))
def test_classes_say_what_they_are(name: str) -> None:
    described = getattr(project_echo, name)
    sections = [section.kind.value for section in griffe.parse_numpy(docstring(described))]
    assert sections[0] == "text"
    assert issubclass(described, Exception) or "attributes" in sections


def docstring(described: object) -> griffe.Docstring:
    return griffe.Docstring(inspect.getdoc(described) or "")
