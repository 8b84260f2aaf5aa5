"""dvc.yaml tells the truth: what a stage reads, imports, uses and writes is what it declares, no more and no less."""

import ast
import hashlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGES = ("project_echo", "stages")


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


PIPELINE = read(ROOT / "dvc.yaml")
STAGES = PIPELINE["stages"]
PARAMS = read(ROOT / "params.yaml")


# The checker


def problems(stage: dict[str, Any], root: Path) -> list[str]:
    """Everything in which a stage of dvc.yaml and its script differ."""
    script, arguments = command(stage)
    tree = ast.parse((root / script).read_text(encoding="utf-8"))
    main = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    names = [argument.arg for argument in main.args.args]
    if len(names) != len(arguments):
        return [f"cmd gives {len(arguments)} arguments, main takes {len(names)}"]
    written = {path for name, path in zip(names, arguments, strict=True) if name in written_in(main)}
    reads = {path for name, path in zip(names, arguments, strict=True) for path in parts_read(main, name, path)}
    reads |= {f"${{{name}}}" for name in templated(stage)}  # a path that is a parameter does not pass the shell
    params = leaves(read(root / "params.yaml"))
    modules = {root / script, *imports(root / script, root)}
    code = {str(path.relative_to(root)) for path in modules | templates(modules, root)}
    return [
        *differences("dependency", code | (reads - written), stage.get("deps", [])),
        *differences("output", written, outputs(stage)),
        *differences("parameter", uses(tree, params), stage.get("params", [])),
    ]


def command(stage: dict[str, Any]) -> tuple[str, list[str]]:
    """The script of `python -m stages.<name> <path> ...`, and its arguments."""
    python, m, module, *arguments = shlex.split(stage["cmd"])
    assert (python, m) == ("python", "-m")
    return module.replace(".", "/") + ".py", arguments


def outputs(stage: dict[str, Any]) -> list[str]:
    entries = [entry for kind in ("outs", "metrics", "plots") for entry in stage.get(kind, [])]
    return [path for entry in entries for path in (entry if isinstance(entry, dict) else [entry])]


def differences(kind: str, real: set[str], declared: list[str]) -> list[str]:
    return [
        *(f"undeclared {kind}: {name}" for name in sorted(real - set(declared))),
        *(f"superfluous {kind}: {name}" for name in sorted(set(declared) - real)),
        *(f"{kind} declared twice: {name}" for name in sorted({name for name in declared if declared.count(name) > 1})),
    ]


def written_in(main: ast.FunctionDef) -> set[str]:
    """Parameters of main that it hands to files.write_* or files.replacing* as they are."""
    calls = [node for node in ast.walk(main) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    writes = [call for call in calls if call.func.attr.startswith(("write_", "atomic_"))]
    return {argument.id for call in writes for argument in call.args if isinstance(argument, ast.Name)}


def parts_read(main: ast.FunctionDef, name: str, path: str) -> set[str]:
    """A path itself, or where main takes nothing but one file out of that folder, the file."""
    loads = [node for node in ast.walk(main) if isinstance(node, ast.Name) and node.id == name]
    files = [
        node.right.value
        for node in ast.walk(main)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant)
        if isinstance(node.left, ast.Name) and node.left.id == name
    ]
    inside = {f"{path}/{file}" for file in files}
    return inside if len(files) == len(loads) and len(inside) == 1 else {path}


def imports(path: Path, root: Path) -> set[Path]:
    """Modules of this project that a file imports, and those that they import, without package files."""
    found: set[Path] = set()
    todo = [path]
    while todo:
        current = todo.pop()
        new = set(direct_imports(current, root)) - found
        found |= new
        todo += new
    return found


def templates(files: set[Path], root: Path) -> set[Path]:
    """What pages are made of: the templates, styles and scripts that some files name, and that those name."""
    found: set[Path] = set()
    todo = list(files)
    while todo:
        names = re.findall(r'"([\w/]+\.(?:html|css|js))"', todo.pop().read_text(encoding="utf-8"))
        new = {path for name in names if (path := root / "project_echo" / name).is_file()} - found
        found |= new
        todo += new
    return found


def direct_imports(path: Path, root: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.relative_to(root).parts[: -node.level]) if node.level else ""
            module = ".".join(part for part in (package, node.module) if part)
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            file = root / (name.replace(".", "/") + ".py")
            if name.split(".")[0] in PACKAGES and file.is_file():
                yield file


def leaves(params: dict[str, dict[str, Any]]) -> set[str]:
    return {f"{section}.{key}" for section, values in params.items() for key in values}


def uses(tree: ast.Module, params: set[str]) -> set[str]:
    """Parameters that a script takes from load_params(), through whatever names it gives them.

    A section, or the whole, that is used other than by attribute counts as all of its keys.
    """
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    aliases: dict[str, tuple[str, ...]] = {}

    def resolve(node: ast.AST) -> tuple[str, ...] | None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "load_params":
            return ()
        if isinstance(node, ast.Name):
            return aliases.get(node.id) if isinstance(node.ctx, ast.Load) else None
        if isinstance(node, ast.Attribute):
            before = resolve(node.value)
            return None if before is None else (*before, node.attr)
        return None

    def names_it(node: ast.AST) -> bool:
        return isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)

    for node in sorted((node for node in ast.walk(tree) if names_it(node)), key=lambda node: node.lineno):
        path = resolve(node.value)
        if path is not None and len(path) < 2:
            aliases[node.targets[0].id] = path

    found: set[str] = set()
    for node in ast.walk(tree):
        path, parent = resolve(node), parents.get(node)
        goes_on = isinstance(parent, ast.Attribute) or (names_it(parent) and path is not None and len(path) < 2)
        if path is None or goes_on or isinstance(parent, ast.Expr):  # a bare load_params() only checks them
            continue
        key = ".".join(path[:2])
        found |= {leaf for leaf in params if not key or leaf == key or leaf.startswith(f"{key}.")} or {key}
    return found


def templated(stage: dict[str, Any]) -> set[str]:
    """Parameters that stand in a stage as ${section.key}: DVC puts the value there, and sees it change."""
    return set(re.findall(r"\$\{([\w.]+)\}", str([stage["cmd"], stage.get("deps"), outputs(stage)])))


# dvc.yaml itself


@pytest.mark.parametrize("name", STAGES)
def test_stage_declares_what_it_reads_imports_uses_and_writes_and_nothing_more(name: str) -> None:
    assert problems(STAGES[name], ROOT) == []


def test_every_script_is_a_stage_of_the_same_name() -> None:
    scripts = {path.stem for path in (ROOT / "stages").glob("*.py")}
    assert scripts == set(STAGES)
    assert all(command(stage)[0] == f"stages/{name}.py" for name, stage in STAGES.items())


def test_every_parameter_is_used_by_some_stage() -> None:
    used = {name for stage in STAGES.values() for name in stage.get("params", [])}
    assert used == leaves(PARAMS) - leaves({"execution": PARAMS["execution"]})


def test_where_work_is_done_makes_no_stage_run_again() -> None:
    """Every stage runs there (project_echo/pipeline/script.py), and none declares it, since it changes no result."""
    runner = ast.parse((ROOT / "project_echo" / "pipeline" / "script.py").read_text(encoding="utf-8"))
    assert uses(runner, leaves(PARAMS)) == leaves({"execution": PARAMS["execution"]})


def test_library_never_loads_parameters_itself() -> None:
    apart = {"params.py", "script.py"}  # which loads where to work, no stage's parameter (the test above)
    modules = [path for path in (ROOT / "project_echo").rglob("*.py") if path.name not in apart]
    assert [path.name for path in modules if "load_params" in path.read_text(encoding="utf-8")] == []


def test_the_committed_results_belong_to_the_code_and_parameters_as_they_are() -> None:
    """What `dvc status` would say, without the data: run `dvc repro` and commit dvc.lock, metrics/ and plots/."""
    for name, locked in read(ROOT / "dvc.lock")["stages"].items():
        for dep in locked["deps"]:
            if dep["path"].endswith(".py"):
                now = hashlib.md5((ROOT / dep["path"]).read_bytes(), usedforsecurity=False).hexdigest()
                assert now == dep["md5"], f"{dep['path']} changed since {name} ran"
        for key, value in locked.get("params", {}).get("params.yaml", {}).items():
            section, leaf = key.split(".")
            assert PARAMS[section][leaf] == value, f"{key} changed since {name} ran"


def test_plots_and_artifacts_are_outputs_of_stages() -> None:
    written = [path for stage in STAGES.values() for path in outputs(stage)]
    shown = [artifact["path"] for artifact in PIPELINE["artifacts"].values()]
    for entry in PIPELINE["plots"]:
        for name, settings in entry.items() if isinstance(entry, dict) else [(entry, {})]:
            shown += settings.get("y", [name])
    assert [path for path in shown if not any(Path(path).is_relative_to(out) for out in written)] == []


# The checker itself, on a project with one stage

STAGE = """
from pathlib import Path
from project_echo import one
from project_echo.params import load_params

def main(sound: Path, table: Path, score: Path) -> None:
    params = load_params()
    cut = params.cut
    print(cut.where)
    files.write_table(one.work(sound, cut.seconds, load_params().cut.hop, params.cut.level), table)
    with files.atomic_folder(score) as beside:
        pass
"""
DECLARED: dict[str, Any] = {
    "cmd": "python -m stages.cut data/sound data/table.csv data/score",
    "deps": [
        "${cut.where}",
        "data/sound",
        "stages/cut.py",
        "project_echo/one.py",
        "project_echo/two.py",
        "project_echo/params.py",
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
        "project_echo/one.py": "def work():\n    from project_echo.two import deep",
        "project_echo/two.py": "import json",
        "project_echo/three.py": "",
        "project_echo/params.py": "",
        "params.yaml": "cut: {where: sound, seconds: 1, hop: 1, level: 0}\nother: {a: 1}",
    }
    for name, text in sources.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_checker_finds_nothing_wrong_with_a_true_stage(project: Path) -> None:
    assert problems(DECLARED, project) == []


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("params", [p for p in DECLARED["params"] if p != "cut.level"], "undeclared parameter: cut.level"),
        ("params", [*DECLARED["params"], "other.a"], "superfluous parameter: other.a"),
        ("params", [*DECLARED["params"], "cut.hop"], "parameter declared twice: cut.hop"),
        ("deps", [d for d in DECLARED["deps"] if "two" not in d], "undeclared dependency: project_echo/two.py"),
        ("deps", [d for d in DECLARED["deps"] if d != "data/sound"], "undeclared dependency: data/sound"),
        ("deps", [*DECLARED["deps"], "project_echo/three.py"], "superfluous dependency: project_echo/three.py"),
        ("deps", [*DECLARED["deps"], "data/else"], "superfluous dependency: data/else"),
        ("outs", [], "undeclared output: data/table.csv"),
        ("outs", ["data/table.csv", "data/more"], "superfluous output: data/more"),
        ("cmd", "python -m stages.cut data/sound data/table.csv", "cmd gives 2 arguments, main takes 3"),
    ],
)
def test_checker_reports_a_false_declaration(project: Path, key: str, value: Any, expected: str) -> None:
    assert problems({**DECLARED, key: value}, project) == [expected]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = load_params().other.a", {"other.a"}),
        ("params = load_params()\nx = f(params.cut)", {"cut.where", "cut.seconds", "cut.hop", "cut.level"}),
        ("params = load_params()\nother = params.other\nx = {**vars(other)}", {"other.a"}),
        ("a, b = load_params().cut, 1", {"cut.where", "cut.seconds", "cut.hop", "cut.level"}),
        ("x = load_params().cut.where.upper()", {"cut.where"}),
        ("x = load_params().cut.gone", {"cut.gone"}),
        ("load_params()", set()),
    ],
)
def test_checker_follows_parameters_through_names(project: Path, code: str, expected: set[str]) -> None:
    assert uses(ast.parse(code), leaves(read(project / "params.yaml"))) == expected


def test_checker_follows_a_page_to_what_it_is_made_of(project: Path) -> None:
    sources = {
        "one.py": 'render("page.html")',
        "page.html": '{{ inside("page.css") }}',
        "page.css": "",
        "other.css": "",
    }
    for name, text in sources.items():
        (project / "project_echo" / name).write_text(text)
    found = templates({project / "project_echo" / "one.py"}, project)
    assert {path.name for path in found} == {"page.html", "page.css"}


def test_checker_sees_a_single_file_read_out_of_a_folder() -> None:
    main = ast.parse("def main(clips):\n    read(clips / 'clips.csv')").body[0]
    assert parts_read(main, "clips", "data/clips") == {"data/clips/clips.csv"}
    main = ast.parse("def main(clips):\n    read(clips / 'clips.csv')\n    read_all(clips)").body[0]
    assert parts_read(main, "clips", "data/clips") == {"data/clips"}
