"""A clone on Windows, where git converts line ends unless .gitattributes forbids it, has the committed bytes."""

import shutil
from pathlib import Path

from project_echo.core.tables import read_table
from tests.repositories import Repository

ROOT = Path(__file__).parents[1]
TEXT = b"one\ntwo\n"
TABLE = b'clip,label\n"a\r\nb",frog\n'
CONTENTS = {
    "Makefile": TEXT,
    ".ci/run": TEXT,
    ".dvc/config": TEXT,
    "dvc.lock": TEXT,
    "params.yaml": TEXT,
    "corpora/demo.yaml": TEXT,
    "project_echo/core/files.py": TEXT,
    "project_echo/plots/echo.mplstyle": TEXT,
    "project_echo/web/page.css": TEXT,
    "project_echo/web/page.html": TEXT,
    "project_echo/web/player.js": TEXT,
    "metrics/evaluate.json": TEXT,
    "plots/history.csv": TEXT,
    "plots/evaluate/predictions.csv": TABLE,
    "experiments/rerun/plots/history.csv": TABLE,
    "screening/field/events.csv": TABLE,
    "docs/report.png": b"\x89PNG\r\n\x1a\n" + b"no null byte, by which git knows binary files\n" * 9,
    "plots/why/example.png": b"\x89PNG\r\n\x1a\n\0\n",
}


def test_a_clone_that_converts_line_ends_has_the_committed_bytes(tmp_path: Path) -> None:
    origin = Repository(tmp_path / "origin")
    for path, content in CONTENTS.items():
        (origin.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (origin.folder / path).write_bytes(content)
    shutil.copy(ROOT / ".gitattributes", origin.folder)
    origin.git("init", "--quiet", "--template=")
    origin.git("config", "core.autocrlf", "true")
    origin.commit("on Windows")
    origin.git("clone", "--quiet", "--template=", "--config", "core.autocrlf=true", ".", "../clone")
    assert {path: (tmp_path / "clone" / path).read_bytes() for path in CONTENTS} == CONTENTS
    assert read_table(tmp_path / "clone/plots/evaluate/predictions.csv")["clip"].tolist() == ["a\r\nb"]


def test_text_saved_with_other_line_ends_is_committed_with_lf(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    (tmp_path / "params.yaml").write_bytes(b"a: 1\r\n")
    repository.git("init", "--quiet", "--template=")
    repository.commit("from an editor on Windows")
    assert repository.git("ls-files", "--eol", "params.yaml").split()[0] == "i/lf"
