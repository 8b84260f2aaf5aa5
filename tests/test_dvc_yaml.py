"""dvc.yaml declares what each stage reads, imports, uses and writes, and nothing more."""

import ast
import hashlib
import json
from pathlib import Path

import pytest

from tests.declarations import EXECUTION, PACKAGES, code_of, command, imports, leaves, outputs, problems, read, uses

ROOT = Path(__file__).parents[1]
PIPELINE = read(ROOT / "dvc.yaml")
STAGES = PIPELINE["stages"]
PARAMS = read(ROOT / "params.yaml")


@pytest.mark.parametrize("name", STAGES)
def test_stage_declares_what_it_reads_imports_uses_and_writes_and_nothing_more(name: str) -> None:
    assert problems(STAGES[name], ROOT) == []


def test_every_script_is_a_stage_of_the_same_name() -> None:
    scripts = {path.stem for path in (ROOT / "stages").glob("*.py")}
    assert scripts == set(STAGES)
    assert all(command(stage)[0] == f"stages/{name}.py" for name, stage in STAGES.items())


def test_every_parameter_is_used_by_some_stage_besides_the_check() -> None:
    used = {name for stage, declared in STAGES.items() if stage != "check" for name in declared.get("params", [])}
    unused = {name for name in leaves(PARAMS) if not name.startswith(EXECUTION)} - used
    assert not unused, f"no stage has these under its params in dvc.yaml: {sorted(unused)}"
    assert used <= leaves(PARAMS)


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
                assert digest(ROOT / dep["path"]) == dep["md5"], f"{dep['path']} changed since {name} ran: dvc repro"
        for key, value in locked.get("params", {}).get("params.yaml", {}).items():
            section, _, leaf = key.partition(".")
            now = PARAMS[section][leaf] if leaf else PARAMS[section]
            assert now == value, f"{key} changed since {name} ran: dvc repro"


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
