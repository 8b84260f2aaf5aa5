"""What a study needs besides the packages that training needs: a command python, and git."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from project_echo.core.errors import EchoError


def check_tools(git: bool) -> None:
    """Check that stages find this Python, and that git is installed if it is wanted. Raises EchoError."""
    folder = Path(sys.executable).parent
    if shutil.which("python", path=str(folder)) is None:
        raise EchoError(f"{folder} has no command python, which stages run. Install project-echo in a new environment.")
    if git and shutil.which("git") is None:
        raise EchoError("git is not installed, which keeps the versions of a study. Install it from git-scm.com.")


def environment() -> dict[str, str]:
    """Environment variables with which the stages of a study, which run `python`, find this one; DVC sends nothing."""
    path = [str(Path(sys.executable).parent), *filter(None, [os.environ.get("PATH")])]
    return os.environ | {"PATH": os.pathsep.join(path), "DVC_NO_ANALYTICS": "1"}


def run_git(folder: Path, *arguments: str) -> str:
    """What git prints in a folder. Raises EchoError, with what it says, if it fails."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise EchoError(f"`git {arguments[0]}` failed: {' '.join(done.stderr.split())} Fix this, then run again.")
    return done.stdout
