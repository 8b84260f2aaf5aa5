"""What a stage reads, imports, uses and writes, compared with what dvc.yaml declares."""

import ast
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PACKAGES = ("project_echo", "stages")
# Packages that may be declared as folders; of any other a stage declares the modules that it imports. DVC parses and
# writes dvc.lock at each stage, so many files that nearly all stages need are declared as one.
WHOLE = {f"project_echo/{name}" for name in ("core", "custom_networks", "pipeline", "corpora", "web", "report")}
WRITER = re.compile(r"(\w+\.)?write_table|files\.(write|atomic)_\w+")  # functions that write a file or a folder
EXECUTION = "execution."  # the section that says where work is done, which changes no result


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


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
    """Parameters of main that it passes to write_table, of any module, files.write_* or files.atomic_* as they are."""
    calls = [node for node in ast.walk(main) if isinstance(node, ast.Call)]
    writes = [call for call in calls if WRITER.fullmatch(ast.unparse(call.func))]
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


def imports(path: Path, root: Path, without: Path | None = None) -> set[Path]:
    """Modules of this project that a file imports, and those that they import, without package files.

    What only the module `without` imports is left out.
    """
    found: set[Path] = set()
    todo = [path]
    while todo:
        current = todo.pop()
        new = direct_imports(current, root) - found - {without}
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
