"""dvc.yaml declares what each stage reads, imports, uses and writes, and nothing more."""

import ast
import hashlib
import json
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGES = ("project_echo", "stages")
# Packages that may be declared as folders; of any other a stage declares the modules that it imports.
WHOLE = {f"project_echo/{name}" for name in ("core", "pipeline", "corpora", "web", "report")}


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


PIPELINE = read(ROOT / "dvc.yaml")
STAGES = PIPELINE["stages"]
PARAMS = read(ROOT / "params.yaml")
EXECUTION = "execution."  # the section that says where work is done, which changes no result


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
    code = code_of(script, root)
    declared = stage.get("deps", [])
    of_code = [path for path in declared if path.split("/")[0] in PACKAGES]
    return [
        *coverage(code, of_code, root),
        *differences("dependency", reads - written, [path for path in declared if path not in of_code]),
        *differences("output", written, outputs(stage)),
        *differences("parameter", uses(tree, params), expanded(stage.get("params", []), params)),
    ]


def code_of(script: str, root: Path) -> set[str]:
    """A script, the modules that it imports, and what pages and figures are made of."""
    modules = {root / script, *imports(root / script, root)}
    return {path.relative_to(root).as_posix() for path in modules | assets(modules, root)}


def coverage(code: set[str], declared: list[str], root: Path) -> list[str]:
    """Whether declared files and folders cover all code of a stage, each of them some, and none of it twice."""
    covered = {path: [name for name in declared if path == name or path.startswith(f"{name}/")] for path in code}
    used = {name for names in covered.values() for name in names}
    folders = [name for name in declared if (root / name).is_dir() and name not in WHOLE]
    return [
        *(f"undeclared dependency: {path}" for path in sorted(code) if not covered[path]),
        *(f"superfluous dependency: {name}" for name in sorted(set(declared) - used)),
        *(f"dependency declared twice: {path}" for path in sorted(code) if len(covered[path]) > 1),
        *(f"declare the modules that are imported, not the folder: {name}" for name in folders),
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
    """Parameters of main that it passes to files.write_* or files.atomic_* as they are."""
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
        new = direct_imports(current, root) - found
        found |= new
        todo += new
    return found


def assets(files: set[Path], root: Path) -> set[Path]:
    """The templates, styles and scripts whose names occur in some files, and those that occur in them."""
    found: set[Path] = set()
    todo = list(files)
    while todo:
        current = todo.pop()
        names = re.findall(r'"([\w/]+\.(?:html|css|js|mplstyle))"', current.read_text(encoding="utf-8"))
        paths = {folder / name for name in names for folder in (root / "project_echo", current.parent)}
        new = {path for path in paths if path.is_file()} - found
        found |= new
        todo += new
    return found


@cache  # stages share most of their modules
def direct_imports(path: Path, root: Path) -> frozenset[Path]:
    found = set()
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
                found.add(file)
    return frozenset(found)


def leaves(params: dict[str, dict[str, Any]]) -> set[str]:
    return {f"{section}.{key}" for section, values in params.items() for key in values}


def expanded(declared: list[str], params: set[str]) -> list[str]:
    """Declared parameters, a section by all of its keys."""
    return [name for key in declared for name in sorted(name for name in params if name.startswith(f"{key}.")) or [key]]


def uses(tree: ast.Module, params: set[str]) -> set[str]:
    """Parameters that a script takes from load_params("section", Schema), through whatever names it gives them.

    A section that is used other than by attribute counts as all of its keys; check_params reads every section but the
    one that no stage depends on.
    """
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    aliases: dict[str, tuple[str, ...]] = {}

    def resolve(node: ast.AST) -> tuple[str, ...] | None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "load_params":
            return (node.args[0].value,)
        if isinstance(node, ast.Name):
            return aliases.get(node.id) if isinstance(node.ctx, ast.Load) else None
        if isinstance(node, ast.Attribute):
            before = resolve(node.value)
            return None if before is None else (*before, node.attr)
        return None

    def names_section(node: ast.AST | None) -> bool:
        return isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)

    for node in sorted((node for node in ast.walk(tree) if names_section(node)), key=lambda node: node.lineno):
        path = resolve(node.value)
        if path is not None and len(path) == 1:
            aliases[node.targets[0].id] = path

    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check_params":
            found |= {name for name in params if not name.startswith(EXECUTION)}
        path, parent = resolve(node), parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node and path is not None:
            path = path[:-1]  # a method of the section
        if path is None or isinstance(parent, ast.Attribute) or (names_section(parent) and len(path) == 1):
            continue
        key = ".".join(path[:2])
        found |= {name for name in params if name == key or name.startswith(f"{key}.")} or {key}
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


def test_every_parameter_is_used_by_some_stage_besides_the_check() -> None:
    used = {name for stage, declared in STAGES.items() if stage != "check" for name in declared.get("params", [])}
    assert used == {name for name in leaves(PARAMS) if not name.startswith(EXECUTION)}


def test_where_work_is_done_makes_no_stage_run_again() -> None:
    """Every script reads it (project_echo/pipeline/script.py), and no stage declares it."""
    runner = ast.parse((ROOT / "project_echo/pipeline/script.py").read_text(encoding="utf-8"))
    assert uses(runner, leaves(PARAMS)) == {name for name in leaves(PARAMS) if name.startswith(EXECUTION)}


def test_the_library_does_not_load_parameters() -> None:
    modules = [path for path in (ROOT / "project_echo").rglob("*.py") if path.parent.name != "pipeline"]
    assert [path.name for path in modules if "load_params" in path.read_text(encoding="utf-8")] == []


def test_the_loader_of_parameters_imports_no_section() -> None:
    """So a new key in a section makes stale only the stages that use the section."""
    loaded = {path.relative_to(ROOT).parts[1] for path in imports(ROOT / "project_echo/pipeline/params.py", ROOT)}
    assert loaded == {"core"}


def schema_modules() -> dict[str, str]:
    """The module of each section's schema, by section, from stages/check.py."""
    tree = ast.parse((ROOT / "stages/check.py").read_text(encoding="utf-8"))
    modules = {
        alias.name: f"{node.module.replace('.', '/')}.py"
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    sections = next(node.value for node in tree.body if isinstance(node, ast.AnnAssign))
    return {key.value: modules[value.id] for key, value in zip(sections.keys, sections.values, strict=True)}


def downstream(names: set[str]) -> set[str]:
    """Stages, and those that read what they write, directly or not: they run again whenever one of these does."""
    while True:
        written = [path for name in names for path in outputs(STAGES[name])]
        reading = {
            name
            for name, stage in STAGES.items()
            if any(
                Path(dep).is_relative_to(out) or Path(out).is_relative_to(dep)
                for dep in stage["deps"]
                for out in written
            )
        }
        if reading <= names:
            return names
        names = names | reading


def test_a_new_key_in_a_section_makes_only_the_stages_of_that_section_run_again() -> None:
    code = {name: code_of(f"stages/{name}.py", ROOT) for name in STAGES}
    for section, module in schema_modules().items():
        if module.startswith("project_echo/pipeline/"):
            continue  # execution, which every script reads
        using = {
            name
            for name, stage in STAGES.items()
            if any(key.split(".")[0] == section for key in stage.get("params", []))
        }
        importing = {name for name in STAGES if module in code[name]}
        assert importing <= downstream(using), section


def test_params_yaml_is_checked_before_any_other_stage() -> None:
    """DVC runs independent stages in the order of dvc.yaml."""
    assert next(iter(STAGES)) == "check"


def test_the_committed_results_belong_to_the_code_and_parameters_as_they_are() -> None:
    """What `dvc status` would say, without the data: run `dvc repro` and commit dvc.lock, metrics/ and plots/."""
    for name, locked in read(ROOT / "dvc.lock")["stages"].items():
        for dep in locked["deps"]:
            if dep["path"].split("/")[0] in PACKAGES:
                assert digest(ROOT / dep["path"]) == dep["md5"], f"{dep['path']} changed since {name} ran"
        for key, value in locked.get("params", {}).get("params.yaml", {}).items():
            section, _, leaf = key.partition(".")
            now = PARAMS[section][leaf] if leaf else PARAMS[section]
            assert now == value, f"{key} changed since {name} ran"


def digest(path: Path) -> str:
    """The hash that DVC gives a file, or a folder: of the list of its files, without what .dvcignore names."""
    if path.is_file():
        return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    files = sorted(file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    entries = [{"md5": digest(file), "relpath": file.relative_to(path).as_posix()} for file in files]
    listing = json.dumps(sorted(entries, key=lambda entry: entry["relpath"]), sort_keys=True)
    return hashlib.md5(listing.encode(), usedforsecurity=False).hexdigest() + ".dir"


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
from project_echo.core import files
from project_echo.pipeline.params import load_params

def main(sound: Path, table: Path, score: Path) -> None:
    cut = load_params("cut", Cut)
    print(cut.where)
    files.write_table(one.work(sound, cut.seconds, load_params("cut", Cut).hop, cut.level), table)
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
        ("deps", [d for d in DECLARED["deps"] if "core" not in d], "undeclared dependency: project_echo/core/files.py"),
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
