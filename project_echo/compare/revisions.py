"""What commits, branches and experiments hold, read from git: nothing is checked out, and DVC is not asked."""

import io
import json
import subprocess
from dataclasses import dataclass
from typing import Any

import pandas as pd
import yaml

from project_echo.core.errors import EchoError


@dataclass(frozen=True)
class Revision:
    """A commit, and the name under which it was asked for."""

    name: str
    sha: str

    @property
    def short(self) -> str:
        return self.sha[:7]


def find(name: str) -> Revision:
    """The commit of a revision, or of an experiment: of this commit's if there are several, else of the newest.

    Raises EchoError if there is none.
    """
    sha = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}") or _experiment(name)
    if not sha:
        raise EchoError(
            f"{name} is no commit, branch or experiment here. `git branch --all` and `dvc exp list --all` name what "
            f"there is; `git fetch` brings what others have pushed."
        )
    return Revision(name, sha.strip())


def _experiment(name: str) -> str:
    """The commit of an experiment that DVC keeps as refs/exps/<commit that it began from>/<name>; empty for none."""
    listed = _git("for-each-ref", "--sort=-committerdate", "--format=%(objectname) %(refname)", "refs/exps/*/*/*") or ""
    refs = [line.split(" ", 1) for line in listed.splitlines()]
    head = (_git("rev-parse", "HEAD") or "").strip()
    named = [(sha, ref.split("/")[2:4]) for sha, ref in refs if ref.split("/", 4)[4] == name]
    named.sort(key=lambda found: "".join(found[1]) != head)  # stable: the newest stay first
    return named[0][0] if named else ""


def fork(base: str, head: str) -> Revision:
    """The commit at which `head` left `base`. Raises EchoError if there is none."""
    sha = _git("merge-base", find(base).sha, find(head).sha)
    if not sha:
        raise EchoError(
            f"{base} and {head} have no commit in common. `git fetch --unshallow` if this clone is shallow."
        )
    return Revision(base, sha.strip())


def read(revision: Revision, path: str) -> bytes | None:
    """The content of a file in git, or None where the revision does not have it."""
    done = subprocess.run(["git", "cat-file", "blob", f"{revision.sha}:{path}"], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def read_yaml(revision: Revision, path: str) -> dict[str, Any] | None:
    """Keys and values of a YAML file. Raises EchoError if it is not one."""
    return _mapping(revision, path, yaml.safe_load, (yaml.YAMLError, ValueError))


def read_json(revision: Revision, path: str) -> dict[str, Any] | None:
    """Keys and values of a JSON file. Raises EchoError if it is not one."""
    return _mapping(revision, path, json.loads, (ValueError,))


def _mapping(revision: Revision, path: str, parse: Any, errors: tuple[type[Exception], ...]) -> dict[str, Any] | None:
    content = read(revision, path)
    if content is None:
        return None
    try:
        value = parse(content.decode("utf-8"))
    except errors as error:
        raise EchoError(f"{path} of {revision.name} is not readable: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        raise EchoError(f"{path} of {revision.name} should hold keys and values.")
    return value


def read_text_table(revision: Revision, path: str) -> pd.DataFrame | None:
    """A CSV table, all of it text. Raises EchoError if it is not one."""
    content = read(revision, path)
    if content is None:
        return None
    try:
        return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    except ValueError as error:  # pandas' own are ValueErrors
        raise EchoError(f"{path} of {revision.name} is not a readable CSV table ({error}).") from error


def listed(revision: Revision, folder: str) -> list[str]:
    """All files of a revision in a folder."""
    return _split(_git("ls-tree", "-r", "-z", "--name-only", revision.sha, "--", f"{folder}/"))


def changed(before: Revision, after: Revision, folder: str) -> list[str]:
    """The files in a folder that two revisions do not have alike, those that only one of them has among them."""
    return _split(_git("diff", "-z", "--name-only", "--no-renames", before.sha, after.sha, "--", folder))


def uncommitted() -> list[str]:
    """The files that git tracks and that differ from HEAD."""
    return _split(_git("diff", "-z", "--name-only", "HEAD", "--"))


def ignored(paths: list[str]) -> set[str]:
    """Those of the paths that git ignores, whether they are there or not."""
    return set(_split(_git("check-ignore", "-z", "--no-index", "--stdin", stdin="\0".join(paths)))) if paths else set()


def _split(output: str | None) -> list[str]:
    return [name for name in (output or "").split("\0") if name]


def _git(*arguments: str, stdin: str = "") -> str | None:
    """What git prints, or None if it fails."""
    done = subprocess.run(["git", *arguments], input=stdin, capture_output=True, encoding="utf-8", check=False)
    return done.stdout if done.returncode == 0 else None
