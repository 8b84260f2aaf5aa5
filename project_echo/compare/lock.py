"""Check that dvc.lock matches the code, parameters and results. Data that was not pulled does not count."""

import functools
import hashlib
import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from project_echo.compare import cache, revisions
from project_echo.compare.markdown import code
from project_echo.core.errors import EchoError
from project_echo.core.files import read_yaml

LOCK = Path("dvc.lock")
ABSENT = {"deleted", "not in cache"}  # what `dvc status` says of data that a clone did not pull


def staleness() -> str:
    """Describe what differs from dvc.lock, and in which stages.

    Reads the working folder, which must be the top of the repository.

    Returns
    -------
    str
        A line of Markdown; empty if nothing differs.

    Raises
    ------
    EchoError
        If `dvc status` fails, or dvc.lock is not readable.
    """
    recorded = read_yaml(LOCK).get("stages", {}) if LOCK.exists() else {}
    status = _status()
    paths = {path for entries in status.values() for path, _ in status_changes(entries) if path}
    outside = {path for path in paths if Path(path).is_absolute() or Path(path).parts[0] == ".."}
    data = outside | revisions.ignored_paths(sorted(paths - outside))
    differences = [*status_differences(status, recorded, data), *outdated_inputs(recorded)]
    if not differences:
        return ""
    stages: dict[str, list[str]] = {}
    for stage, difference in differences:
        stages.setdefault(difference, []).append(stage)
    listing = "; ".join(f"{difference} ({', '.join(map(code, names))})" for difference, names in stages.items())
    return f"dvc.lock is stale: {listing}. Run `dvc repro`, and commit dvc.lock, metrics/ and plots/."


def status_differences(status: dict[str, list[Any]], recorded: dict[str, Any], data: set[str]) -> list[tuple[str, str]]:
    """List what differs in which stage, according to DVC.

    Parameters
    ----------
    status : dict
        What `dvc status --json` prints.
    recorded : dict
        The stages in dvc.lock.
    data : set of str
        Paths that may be absent: those that git ignores, which DVC has in its cache or remote, and those outside of the
        repository. An absent path is no difference if dvc.lock, or a file of `dvc add`, records it for the stage.

    Returns
    -------
    list of (str, str)
        Pairs of a stage and a difference in Markdown.
    """
    differences = []
    for stage, entries in status.items():
        lock = recorded.get(stage, {})
        recorded_paths = {Path(entry["path"]).resolve() for kind in ("deps", "outs") for entry in lock.get(kind, [])}
        for path, change in status_changes(entries):
            is_recorded = stage.endswith(".dvc") or Path(path).resolve() in recorded_paths
            if change not in ABSENT or not is_recorded or path not in data:
                text = f"{code(path)} is {'missing' if change in ABSENT else change}" if path else change
                differences.append((stage, text))
    return differences


def status_changes(entries: list[Any]) -> list[tuple[str, str]]:
    """List the changes of a stage.

    Parameters
    ----------
    entries : list
        The entries of the stage in `dvc status --json`.

    Returns
    -------
    list of (str, str)
        Pairs of a path, or a file and its parameter, and the change. The path of a changed command is empty. That a
        stage always runs is not a change.
    """
    changes = []
    for entry in entries:
        if not isinstance(entry, dict):
            changes += [("", f"a {entry}")] * (entry != "always changed")
            continue
        for path, change in [pair for paths in entry.values() for pair in paths.items()]:
            if isinstance(change, dict):  # a file of parameters
                changes += [
                    (f"{path}: {name}", "removed" if kind == "deleted" else kind) for name, kind in change.items()
                ]
            else:
                changes.append((path, change))
    return changes


def outdated_inputs(recorded: dict[str, Any]) -> list[tuple[str, str]]:
    """List inputs of stages that another stage has written again since they were read.

    For a folder, dvc.lock has only the hash of its listing. A file read from inside one is compared if the folder has
    one file, or if DVC's cache has the listing; otherwise, as in a clone without data, it cannot be compared.

    Parameters
    ----------
    recorded : dict
        The stages in dvc.lock.

    Returns
    -------
    list of (str, str)
        Pairs of a stage and a difference in Markdown.
    """
    written = {entry["path"]: entry for stage in recorded.values() for entry in stage.get("outs", [])}
    cache_folder = functools.cache(cache.folder)  # DVC takes a second to answer
    differences = []
    for name, stage in recorded.items():
        for dependency in stage.get("deps", []):
            candidates = [dependency["path"], *map(str, PurePosixPath(dependency["path"]).parents)]
            output = next((written[path] for path in candidates if path in written), None)
            if output and _differs(dependency, output, cache_folder):
                differences.append((name, f"{code(dependency['path'])} was written again after it was read"))
    return differences


def _differs(dependency: dict[str, Any], output: dict[str, Any], cache_folder: Callable[[], Path]) -> bool:
    """Whether what was read differs from what was written; False if they cannot be compared."""
    if dependency["path"] == output["path"]:
        return bool(dependency.get("md5") != output.get("md5"))
    digest = str(output.get("md5"))
    relative = str(PurePosixPath(dependency["path"]).relative_to(output["path"]))
    if output.get("nfiles") == 1:
        entry = [{"md5": dependency.get("md5"), "relpath": relative}]
        expected = hashlib.md5(json.dumps(entry).encode(), usedforsecurity=False).hexdigest()  # as DVC hashes a listing
        return digest != f"{expected}.dir"
    if str(dependency.get("md5")).endswith(".dir"):
        return False
    listing = cache.read_listing(cache_folder(), digest)
    return listing is not None and bool(dependency.get("md5") != listing.get(relative))


def _status() -> dict[str, list[Any]]:
    """What `dvc status --json` prints: the changes of each stage."""
    done = cache.dvc("status", "--json")
    try:
        status: dict[str, list[Any]] = json.loads(done.stdout)
    except ValueError:
        reason = " ".join(done.stderr.split())
        raise EchoError(
            f"`dvc status` failed, so dvc.lock cannot be checked: {reason} Run `dvc status`, and fix what it reports."
        ) from None
    return status
