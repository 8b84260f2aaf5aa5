"""Git and DVC repositories for tests, independent of the user's settings and caches."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Repository:
    """A folder in which git and DVC run with an environment of its own."""

    folder: Path

    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "DVC_"))}
        own = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited['PATH']}",
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "DVC_NO_ANALYTICS": "1",
        }
        for name in ("SITE_CACHE", "GLOBAL_CONFIG", "SYSTEM_CONFIG"):
            own[f"DVC_{name}_DIR"] = str(self.folder.parent / f"{self.folder.name}.{name}")
        for role in ("AUTHOR", "COMMITTER"):
            own |= {f"GIT_{role}_NAME": "Test", f"GIT_{role}_EMAIL": "test@example.org"}
        return inherited | own

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def dvc(self, *arguments: str) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments)

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments)

    def commit(self, message: str) -> str:
        """Commit everything, and return the commit."""
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def read(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a text that the file contains."""
        before = self.read(path)
        assert old in before
        self.write(path, before.replace(old, new))

    def copy(self, folder: Path) -> "Repository":
        """Copy everything, with data and cache."""
        shutil.copytree(self.folder, folder)
        return Repository(folder)

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> "Repository":
        """Make this folder and its environment those of the test, outside of GitHub's workflows."""
        monkeypatch.chdir(self.folder)
        own = self.environment()
        for name in os.environ.keys() - own.keys() | {"GITHUB_SERVER_URL", "GITHUB_REPOSITORY"}:
            monkeypatch.delenv(name, raising=False)
        for name, value in own.items():
            if not name.startswith("GITHUB_"):
                monkeypatch.setenv(name, value)
        return self
