"""Whether dvc.lock is of the code, parameters and results that lie beside it. Data that is not here does not count."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

from project_echo.compare import revisions
from project_echo.compare.markdown import code
from project_echo.core.errors import EchoError
from project_echo.core.files import read_yaml

LOCK = Path("dvc.lock")
AWAY = {"deleted", "not in cache"}  # what `dvc status` says of data that a clone did not pull


def stale() -> str:
    """A line of Markdown that names what differs from dvc.lock and in which stages; empty if nothing does.

    Reads the working folder, which must be the top of the repository. Raises EchoError if DVC cannot say.
    """
    recorded = read_yaml(LOCK).get("stages", {}) if LOCK.exists() else {}
    status = _status()
    paths = {path for entries in status.values() for path, _ in changes(entries) if path}
    outside = {path for path in paths if Path(path).is_absolute() or Path(path).parts[0] == ".."}
    data = outside | revisions.ignored(sorted(paths - outside))
    found = [*differing(status, recorded, data), *disagreeing(recorded)]
    if not found:
        return ""
    stages: dict[str, list[str]] = {}
    for stage, what in found:
        stages.setdefault(what, []).append(stage)
    listed = "; ".join(f"{what} ({', '.join(map(code, of))})" for what, of in stages.items())
    return f"dvc.lock is stale: {listed}. Run `dvc repro`, and commit dvc.lock, metrics/ and plots/."


def differing(status: dict[str, list[Any]], recorded: dict[str, Any], data: set[str]) -> list[tuple[str, str]]:
    """Pairs of a stage and what of it differs, from what `dvc status --json` says.

    A path that is not here counts, unless dvc.lock or a file of `dvc add` records it for the stage and it is one of
    `data`: those that git ignores, which DVC has in its cache or remote, and those outside of the repository.
    """
    found = []
    for stage, entries in status.items():
        of_stage = recorded.get(stage, {})
        known = {Path(entry["path"]).resolve() for kind in ("deps", "outs") for entry in of_stage.get(kind, [])}
        for path, how in changes(entries):
            recorded_here = stage.endswith(".dvc") or Path(path).resolve() in known
            if how not in AWAY or not recorded_here or path not in data:
                found.append((stage, f"{code(path)} is {'not there' if how in AWAY else how}" if path else how))
    return found


def changes(entries: list[Any]) -> list[tuple[str, str]]:
    """Pairs of a path (or parameter) and how it changed, of one stage of `dvc status`; the command has no path.

    That a stage is to be run always is no change.
    """
    found = []
    for entry in entries:
        if not isinstance(entry, dict):
            found += [("", f"a {entry}")] * (entry != "always changed")
            continue
        for path, how in [pair for paths in entry.values() for pair in paths.items()]:
            if isinstance(how, dict):  # a file of parameters
                found += [(f"{path}: {name}", one if one != "deleted" else "removed") for name, one in how.items()]
            else:
                found.append((path, how))
    return found


def disagreeing(recorded: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of a stage and what it read, where dvc.lock has the stage that writes it with another result.

    Of a folder dvc.lock has only the hash of its listing. A file read from inside it is compared where that is of one
    file, or where DVC's cache has the listing; elsewhere, as in a clone without data, it cannot be told.
    """
    written = {entry["path"]: entry for stage in recorded.values() for entry in stage.get("outs", [])}
    found = []
    for name, stage in recorded.items():
        for read in stage.get("deps", []):
            above = [read["path"], *map(str, PurePosixPath(read["path"]).parents)]
            out = next((written[path] for path in above if path in written), None)
            if out and _differs(read, out):
                found.append((name, f"{code(read['path'])} was written anew after it was read"))
    return found


def _differs(read: dict[str, Any], out: dict[str, Any]) -> bool:
    """Whether what was read is not what was written; no where that cannot be told."""
    if read["path"] == out["path"]:
        return bool(read.get("md5") != out.get("md5"))
    digest, inside = str(out.get("md5")), str(PurePosixPath(read["path"]).relative_to(out["path"]))
    if out.get("nfiles") == 1:
        entry = [{"md5": read.get("md5"), "relpath": inside}]
        alone = hashlib.md5(json.dumps(entry).encode(), usedforsecurity=False).hexdigest()  # as DVC hashes a listing
        return digest != f"{alone}.dir"
    listing = _cache() / "files" / "md5" / digest[:2] / digest[2:]
    if str(read.get("md5")).endswith(".dir") or not listing.is_file():
        return False
    held = {entry["relpath"]: entry["md5"] for entry in json.loads(listing.read_bytes())}
    return bool(read.get("md5") != held.get(inside))


def _cache() -> Path:
    return Path(_dvc("cache", "dir").stdout.strip())


def _status() -> dict[str, list[Any]]:
    done = _dvc("status", "--json")
    try:
        found: dict[str, list[Any]] = json.loads(done.stdout)
    except ValueError:
        raise EchoError(f"dvc status cannot say whether dvc.lock is stale: {' '.join(done.stderr.split())}") from None
    return found


def _dvc(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "dvc", *arguments], capture_output=True, encoding="utf-8", check=False)
