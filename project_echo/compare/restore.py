"""Go back to the last commit after `dvc exp run`: parameters, dvc.lock, and whatever stages write.

    make restore        or        python -m project_echo.compare.restore

Restores params.yaml, corpora/, dvc.lock, metrics and plots from git, and data and models from DVC's cache. Uncommitted
changes of these are lost; `dvc exp apply` brings those of an experiment back. In the folders that stages write, files
that git does not track are removed. Everything else, as code, your own files and screenings, stays as it is. Nothing
changes if the cache lacks a part of the results. Prints every file that changed.
"""

import argparse
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from project_echo.compare import cache, revisions
from project_echo.compare.lock import LOCK
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError
from project_echo.core.text import join_words

PARAMETERS = ["params.yaml", "corpora"]  # what `dvc exp run -S` writes, beside the stages
REPRODUCE = f"`git checkout HEAD -- {' '.join(PARAMETERS)}`, then `dvc repro`"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    try:
        changes = restore()
    except EchoError as error:
        sys.exit(f"error: {error}")
    print("\n".join(changes) if changes else "Nothing to restore: parameters and results are as committed.")


def restore() -> list[str]:
    """Restore parameters and results of HEAD. The working folder must be the top of the repository.

    Returns
    -------
    list of str
        A line for every file of git and every output of DVC that was restored or removed.

    Raises
    ------
    EchoError
        If HEAD has no dvc.lock, or DVC's cache lacks an output that it names, or git or DVC fails. Files of git have
        their contents of before then; DVC may have restored a part of the outputs.
    """
    head = revisions.find("HEAD")
    results, outputs = recorded_outputs(head)
    # A file that was added to the index only is nobody's result: it stays.
    parameters = _names(_git("ls-tree", "-r", "-z", "--name-only", head.sha, "--", str(LOCK), *PARAMETERS))
    tracked = sorted({*parameters, *_tracked_files(results)})
    before = changed_files(head, tracked)
    _make_git_look_again(before)
    if missing := cache.missing_outputs(cache.folder(), outputs):
        names = join_words(missing)
        raise EchoError(f"DVC's cache lacks parts of the committed {names}. Nothing was changed. {_remedy()}")
    try:
        _git("restore", "--source=HEAD", "--staged", "--worktree", *_FILES_OF_STDIN, stdin="\0".join(tracked))
        in_dvc = _checkout(outputs)
    except BaseException:
        _write_back(before)
        raise
    untracked = _untracked_files(results)
    if untracked:
        _git("clean", "-ffdxq", "--", *results)
    in_git = [f"{'restored' if Path(path).exists() else 'removed'} {path}" for path in before]
    return [*in_git, *(f"removed {path}" for path in untracked), *in_dvc]


def recorded_outputs(head: Revision) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Outputs of all stages in the dvc.lock of a commit.

    Parameters
    ----------
    head : Revision
        The commit.

    Returns
    -------
    results : list of str
        Paths of those that git has.
    outputs : dict
        Entries of the others, which DVC has, by path.

    Raises
    ------
    EchoError
        If the commit has no dvc.lock, or it is not readable, or this is not the top of the repository.
    """
    if not Path("dvc.yaml").exists():
        raise EchoError("dvc.yaml does not exist. Run from the root of the repository, where it is.")
    recorded = revisions.read_yaml(head, str(LOCK))
    if recorded is None:
        raise EchoError(f"The last commit has no {LOCK} to go back to. Run `dvc repro`, and commit what it writes.")
    stages = recorded.get("stages", {}).values()
    outputs = {output["path"]: output for stage in stages for output in stage.get("outs", [])}
    committed = _names(_git("ls-tree", "-r", "-z", "--name-only", head.sha))
    folders = {str(folder) for name in committed for folder in PurePosixPath(name).parents}
    in_git = outputs.keys() & (folders | set(committed))
    return sorted(in_git), {path: output for path, output in outputs.items() if path not in in_git}


def changed_files(head: Revision, paths: list[str]) -> dict[str, bytes | None]:
    """Files that differ from a commit in a byte, also where git does not notice.

    Parameters
    ----------
    head : Revision
        The commit.
    paths : list of str
        Files of it, or of the index.

    Returns
    -------
    dict of str to bytes or None
        What each that differs contains now; None if it is missing.
    """
    contents = {path: Path(path).read_bytes() if Path(path).is_file() else None for path in paths}
    return {path: content for path, content in contents.items() if content != revisions.read(head, path)}


def _make_git_look_again(paths: dict[str, bytes | None]) -> None:
    """Change the times of files, as git takes a file of the same size and time for unchanged.

    `dvc exp run` may write a parameter within the second in which it updated git's index. Two seconds are the coarsest
    resolution of a file system (FAT).

    References
    ----------
    git's documentation, "Use of index and Racy Git problem".
    """
    for path in paths:
        with suppress(FileNotFoundError):
            status = Path(path).stat()
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 2_000_000_000))


def _checkout(outputs: dict[str, dict[str, Any]]) -> list[str]:
    """Restore outputs from DVC's cache, as the dvc.lock in the working folder has them."""
    if not outputs:
        return []
    done = cache.dvc("checkout", "--force", *outputs)
    if done.returncode:
        raise EchoError(
            f"`dvc checkout` failed: {' '.join(done.stderr.split())} Parameters and {LOCK} are as before. Fix what it "
            "reports, and run `make restore` again."
        )
    changes = [line.split(maxsplit=1) for line in done.stdout.splitlines() if line[:1] in _KINDS]
    return [f"{_KINDS[kind]} {path}" for kind, path in changes]


_KINDS = {"A": "restored", "M": "restored", "D": "removed"}  # as `dvc checkout` begins a line


def _write_back(contents: dict[str, bytes | None]) -> None:
    for path, content in contents.items():
        if content is None:
            Path(path).unlink(missing_ok=True)
        else:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(content)


def _remedy() -> str:
    if cache.dvc("remote", "list").stdout.strip():
        return f"Get them from the remote: `dvc fetch --all-branches`. If it lacks them too, compute them: {REPRODUCE}."
    return f"Compute them: {REPRODUCE}. What ran here before comes from the cache."


def _tracked_files(paths: list[str]) -> list[str]:
    """Files of HEAD or of the index, in the given files and folders."""
    return _names(_git("ls-files", "-z", "--with-tree=HEAD", "--", *paths))


def _untracked_files(paths: list[str]) -> list[str]:
    return _names(_git("ls-files", "-z", "--others", "--", *paths)) if paths else []


def _names(output: str) -> list[str]:
    return [name for name in output.split("\0") if name]


_FILES_OF_STDIN = ("--pathspec-from-file=-", "--pathspec-file-nul")


def _git(*arguments: str, stdin: str = "") -> str:
    command = ["git", "--literal-pathspecs", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise EchoError(f"`git {arguments[0]}` failed: {' '.join(done.stderr.split())} Fix that, and try again.")
    return done.stdout


if __name__ == "__main__":
    main()
