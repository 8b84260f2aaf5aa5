"""Read files of commits, branches and experiments from git, without a checkout and without DVC."""

import io
import json
import subprocess
from dataclasses import dataclass
from typing import Any

import pandas as pd
import yaml

from project_echo.core.errors import EchoError

REMEDY = "Resolve merge conflicts in it or write it again (dvc repro), and commit it."


@dataclass(frozen=True)
class Revision:
    """A commit, and the name by which it was looked up."""

    name: str
    sha: str

    @property
    def short_sha(self) -> str:
        return self.sha[:7]


def find(name: str) -> Revision:
    """Find the commit of a revision or experiment.

    Parameters
    ----------
    name : str
        A commit, branch, tag or experiment. Of several experiments with this name, that of the current commit comes
        first, then the newest.

    Returns
    -------
    Revision

    Raises
    ------
    EchoError
        If there is none.
    """
    sha = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}") or _experiment(name)
    if not sha:
        raise EchoError(
            f"There is no commit, branch or experiment {name} here. `git branch --all` and `dvc exp list --all` list "
            f"them; `git fetch` gets what others have pushed."
        )
    return Revision(name, sha.strip())


def _experiment(name: str) -> str:
    """The commit of an experiment, which DVC keeps as refs/exps/<commit that it started from>/<name>, or empty."""
    listing = _git("for-each-ref", "--sort=-committerdate", "--format=%(objectname) %(refname)", "refs/exps/*/*/*")
    refs = [line.split(" ", 1) for line in (listing or "").splitlines()]
    head = (_git("rev-parse", "HEAD") or "").strip()
    matches = [(sha, ref.split("/")[2:4]) for sha, ref in refs if ref.split("/", 4)[4] == name]
    matches.sort(key=lambda experiment: "".join(experiment[1]) != head)  # stable: the newest stay first
    return matches[0][0] if matches else ""


def merge_base(base: str, head: str) -> Revision:
    """Find the commit at which `head` branched off `base`.

    Parameters
    ----------
    base, head : str
        Names as `find` takes them.

    Returns
    -------
    Revision
        With the name of `base`.

    Raises
    ------
    EchoError
        If one of them does not exist, or they have no commit in common.
    """
    sha = _git("merge-base", find(base).sha, find(head).sha)
    if not sha:
        raise EchoError(
            f"{base} and {head} have no commit in common. If this clone is shallow, run `git fetch --unshallow`."
        )
    return Revision(base, sha.strip())


def read(revision: Revision, path: str) -> bytes | None:
    """The content of a file, or None if the revision lacks it."""
    done = subprocess.run(["git", "cat-file", "blob", f"{revision.sha}:{path}"], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def exists(revision: Revision, path: str) -> bool:
    """Whether a revision has a file."""
    return _git("cat-file", "-e", f"{revision.sha}:{path}") is not None


def read_yaml(revision: Revision, path: str) -> dict[str, Any] | None:
    """Read keys and values from a YAML file.

    Parameters
    ----------
    revision : Revision
        A commit.
    path : str
        Path in the repository.

    Returns
    -------
    dict or None
        None if the revision lacks the file.

    Raises
    ------
    EchoError
        If the file is not YAML, or contains anything but keys and values.
    """
    return _mapping(revision, path, yaml.safe_load, (yaml.YAMLError, ValueError))


def read_json(revision: Revision, path: str) -> dict[str, Any] | None:
    """Read keys and values from a JSON file.

    Parameters
    ----------
    revision : Revision
        A commit.
    path : str
        Path in the repository.

    Returns
    -------
    dict or None
        None if the revision lacks the file.

    Raises
    ------
    EchoError
        If the file is not JSON, or contains anything but keys and values.
    """
    return _mapping(revision, path, json.loads, (ValueError,))


def _mapping(revision: Revision, path: str, parse: Any, errors: tuple[type[Exception], ...]) -> dict[str, Any] | None:
    content = read(revision, path)
    if content is None:
        return None
    try:
        value = parse(content.decode("utf-8"))
    except errors as error:
        text = " ".join(str(error).split())
        raise EchoError(f"{path} of {revision.name} is not readable ({text}). {REMEDY}") from error
    if not isinstance(value, dict):
        raise EchoError(f"{path} of {revision.name} must contain keys and values (key: value). {REMEDY}")
    return value


def read_text_table(revision: Revision, path: str) -> pd.DataFrame | None:
    """Read a CSV table as text.

    Parameters
    ----------
    revision : Revision
        A commit.
    path : str
        Path in the repository.

    Returns
    -------
    pd.DataFrame or None
        All columns are text. None if the revision lacks the file.

    Raises
    ------
    EchoError
        If the file is not a CSV table.
    """
    content = read(revision, path)
    if content is None:
        return None
    try:
        return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    except ValueError as error:  # pandas' own are ValueErrors
        raise EchoError(f"{path} of {revision.name} is not a readable CSV table ({error}). {REMEDY}") from error


def list_files(revision: Revision, folder: str) -> list[str]:
    """Paths of all files of a revision in a folder."""
    return _split(_git("ls-tree", "-r", "-z", "--name-only", revision.sha, "--", f"{folder}/"))


def changed_files(before: Revision, after: Revision, folder: str) -> list[str]:
    """Paths of the files in a folder that differ between two revisions, or that only one of them has."""
    return _split(_git("diff", "-z", "--name-only", "--no-renames", before.sha, after.sha, "--", folder))


def uncommitted_files() -> list[str]:
    """Paths of the tracked files that differ from HEAD."""
    return _split(_git("diff", "-z", "--name-only", "HEAD", "--"))


def ignored_paths(paths: list[str]) -> set[str]:
    """Those of the paths that git ignores, whether they exist or not."""
    return set(_split(_git("check-ignore", "-z", "--no-index", "--stdin", stdin="\0".join(paths)))) if paths else set()


def _split(output: str | None) -> list[str]:
    return [name for name in (output or "").split("\0") if name]


def _git(*arguments: str, stdin: str = "") -> str | None:
    """What git prints, or None if it fails."""
    done = subprocess.run(["git", *arguments], input=stdin, capture_output=True, encoding="utf-8", check=False)
    return done.stdout if done.returncode == 0 else None
