"""The comparison of dvc.yaml with the code, on a project with one stage."""

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.declarations import assets, leaves, parts_read, problems, read, uses

STAGE = """
from pathlib import Path
from project_echo import one
from project_echo.core import files
from project_echo.core.tables import write_table
from project_echo.pipeline.params import load_params

def main(sound: Path, table: Path, score: Path) -> None:
    cut = load_params("cut", Cut)
    print(cut.where)
    write_table(one.work(sound, cut.seconds, load_params("cut", Cut).hop, cut.level), table)
    with files.atomic_folder(score) as temporary:
        pass
"""
DECLARED: dict[str, Any] = {
    "cmd": "python -m stages.cut data/sound data/table.csv data/score",
    "deps": [
        "${cut.where}",
        "data/sound",
        "stages/cut.py",
        "project_echo/core",
        "project_echo/one.py",
        "project_echo/two.py",
        "project_echo/pipeline/params.py",
    ],
    "params": ["cut.seconds", "cut.hop", "cut.level", "cut.where"],
    "outs": ["data/table.csv"],
    "metrics": [{"data/score": {"cache": False}}],
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    sources = {
        "stages/cut.py": STAGE,
        "project_echo/__init__.py": "",
        "project_echo/core/files.py": "",
        "project_echo/core/tables.py": "",
        "project_echo/features/mel.py": "",
        "project_echo/one.py": "def work():\n    from project_echo.two import deep",
        "project_echo/two.py": "import json",
        "project_echo/three.py": "",
        "project_echo/pipeline/params.py": "",
        "params.yaml": "cut: {where: sound, seconds: 1, hop: 1, level: 0}\nother: {a: 1}\nexecution: {b: 1}",
    }
    for name, text in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_checker_accepts_a_complete_declaration(project: Path) -> None:
    assert problems(DECLARED, project) == []


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("params", [p for p in DECLARED["params"] if p != "cut.level"], "undeclared parameter: cut.level"),
        ("params", [*DECLARED["params"], "other.a"], "superfluous parameter: other.a"),
        ("params", ["cut", "other"], "superfluous parameter: other.a"),
        ("params", [*DECLARED["params"], "cut.hop"], "parameter declared twice: cut.hop"),
        ("deps", [d for d in DECLARED["deps"] if "two" not in d], "undeclared dependency: project_echo/two.py"),
        (
            "deps",
            [*(d for d in DECLARED["deps"] if "core" not in d), "project_echo/core/tables.py"],
            "undeclared dependency: project_echo/core/files.py",
        ),
        ("deps", [*DECLARED["deps"], "project_echo/web"], "superfluous dependency: project_echo/web"),
        (
            "deps",
            [*DECLARED["deps"], "project_echo/core/files.py"],
            "dependency declared twice: project_echo/core/files.py",
        ),
        ("deps", [d for d in DECLARED["deps"] if d != "data/sound"], "undeclared dependency: data/sound"),
        ("deps", [*DECLARED["deps"], "project_echo/three.py"], "superfluous dependency: project_echo/three.py"),
        ("deps", [*DECLARED["deps"], "data/else"], "superfluous dependency: data/else"),
        ("outs", [], "undeclared output: data/table.csv"),
        ("outs", ["data/table.csv", "data/more"], "superfluous output: data/more"),
        ("cmd", "python -m stages.cut data/sound data/table.csv", "cmd gives 2 arguments, main takes 3"),
    ],
)
def test_checker_reports_a_wrong_declaration(project: Path, key: str, value: Any, expected: str) -> None:
    assert problems({**DECLARED, key: value}, project) == [expected]


def test_checker_wants_modules_of_a_package_that_stages_use_in_parts(project: Path) -> None:
    (project / "project_echo/one.py").write_text("from project_echo.features import mel\nfrom project_echo import two")
    declared = {**DECLARED, "deps": [*DECLARED["deps"], "project_echo/features"]}
    assert problems(declared, project) == [
        "declare the modules that are imported, not the folder: project_echo/features"
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = load_params('other', Other).a", {"other.a"}),
        ("x = f(load_params('cut', Cut))", {"cut.where", "cut.seconds", "cut.hop", "cut.level"}),
        ("other = load_params('other', Other)\nx = {**vars(other)}", {"other.a"}),
        ("a, b = load_params('cut', Cut), 1", {"cut.where", "cut.seconds", "cut.hop", "cut.level"}),
        ("a, b = load_params('cut', Cut).hop, 1", {"cut.hop"}),
        ("x = load_params('cut', Cut).where.upper()", {"cut.where"}),
        ("x = load_params('other', Other).model_dump()", {"other.a"}),
        ("x = load_params('cut', Cut).gone", {"cut.gone"}),
        ("check_params(SECTIONS)", {"cut.where", "cut.seconds", "cut.hop", "cut.level", "other.a"}),
    ],
)
def test_checker_follows_parameters_through_names(project: Path, code: str, expected: set[str]) -> None:
    assert uses(ast.parse(code), leaves(read(project / "params.yaml"))) == expected


def test_checker_follows_a_page_to_what_it_is_made_of(project: Path) -> None:
    sources = {
        "one.py": 'render("page.html")',
        "page.html": '{{ inline("page.css") }}',
        "page.css": "",
        "other.css": "",
    }
    for name, text in sources.items():
        (project / "project_echo" / name).write_text(text)
    found = assets({project / "project_echo" / "one.py"}, project)
    assert {path.name for path in found} == {"page.html", "page.css"}


def test_checker_sees_a_single_file_read_out_of_a_folder() -> None:
    main = ast.parse("def main(clips):\n    read(clips / 'clips.csv')").body[0]
    assert parts_read(main, "clips", "data/clips") == {"data/clips/clips.csv"}
    main = ast.parse("def main(clips):\n    read(clips / 'clips.csv')\n    read_all(clips)").body[0]
    assert parts_read(main, "clips", "data/clips") == {"data/clips"}
