"""Pages of the reference are what the code says, and the site can be built without a warning."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.reference.generate import FOLDER, pages
from tests.project_echo.conftest import ROOT


@pytest.mark.parametrize("name", pages())
def test_generated_pages_are_as_the_code_says(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`, and commit what it writes"


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    for name in ("docs", "project_echo"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--strict"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "site" / "index.html").is_file()
