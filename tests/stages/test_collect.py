"""The stage writes tables of recordings and of what was skipped, and refuses wrong parameters first."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.core.tables import read_table
from stages import collect
from tests.sounds import tone, write_wav

ROOT = Path(__file__).parents[2]
NAMES = ["boar/001.wav", "boar/002.wav", "boar/a b.wav", "fox/%d.wav", "fox/1.wav", "fox/2.wav", "unseen/c.wav"]


@pytest.fixture
def mine(workspace: Path, set_params: Callable[..., None]) -> Path:
    set_params("collect", corpus="mine", folder="mine")
    set_params("split", train=1, validation=1, test=1)
    for number, name in enumerate(NAMES):
        write_wav(workspace / "mine" / name, tone(500 + number, 0.1))
    (workspace / "mine" / "notes.txt").touch()
    return workspace / "mine"


def test_recordings_and_skipped_files_are_in_tables(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collect.main(Path("data/corpus"))
    recordings = read_table(Path("data/corpus/recordings.csv"))
    assert recordings["original"].tolist() == NAMES
    assert all((Path("data/corpus") / name).is_file() for name in recordings["recording"])
    assert read_table(Path("data/corpus/skipped.csv"))["recording"].tolist() == ["notes.txt"]
    printed = capsys.readouterr().out
    assert printed == "6 recordings of 2 labels, 0 of background, 1 unseen, 1 skipped (data/corpus/skipped.csv)\n"


def test_background_is_counted_separately_and_has_its_kind(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        write_wav(mine / "none" / f"{number}.wav", tone(600 + number, 0.1))
        write_wav(mine / "none" / "rain" / f"{number}.wav", tone(700 + number, 0.1))
    collect.main(Path("data/corpus"))
    recordings = read_table(Path("data/corpus/recordings.csv"))
    assert list(recordings.columns) == ["recording", "label", "kind", "source", "unseen", "original"]
    assert recordings["kind"].tolist() == [*["boar"] * 3, *["fox"] * 3, *["none"] * 3, *["rain"] * 3, ""]
    assert capsys.readouterr().out.startswith("6 recordings of 2 labels, 6 of background, 1 unseen, 1 skipped")


def test_what_is_stated_of_labelled_and_unseen_recordings_is_in_a_table(mine: Path) -> None:
    rows = ["file,start_s,end_s,label,present", "unseen/c.wav,0.02,0.05,fox,yes", "boar/a b.wav,0,0.1,boar,no"]
    (mine / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    collect.main(Path("data/corpus"))
    recordings = read_table(Path("data/corpus/recordings.csv")).set_index("original")["recording"]
    assert read_table(Path("data/corpus/labels.csv")).to_numpy().tolist() == [
        [recordings["boar/a b.wav"], "boar", 0, 0.1, "no"],
        [recordings["unseen/c.wav"], "fox", 0.02, 0.05, "yes"],
    ]


def test_a_wrong_parameter_is_an_error_that_names_it(mine: Path, set_params: Callable[..., None]) -> None:
    set_params("collect", corpus="")
    with pytest.raises(EchoError, match=r"collect\.corpus"):
        collect.main(Path("data/corpus"))
    assert not Path("data").exists()


def test_a_failed_run_keeps_the_last_corpus(mine: Path, set_params: Callable[..., None]) -> None:
    collect.main(Path("data/corpus"))
    set_params("collect", corpus="mine/boar")
    with pytest.raises(EchoError, match="mine/boar"):
        collect.main(Path("data/corpus"))
    assert [path.name for path in Path("data").iterdir()] == ["corpus"]
    assert len(read_table(Path("data/corpus/recordings.csv"))) == 7


def test_too_few_sources_are_an_error_that_says_which_sizes_fit(mine: Path, set_params: Callable[..., None]) -> None:
    set_params("split", train=4)
    with pytest.raises(EchoError, match=r"boar has 3 sources.*fox has 3 sources.*-S split\.train=1 "):
        collect.main(Path("data/corpus"))
    assert not list(Path("data").iterdir())


@pytest.mark.parametrize(
    ("parameters", "corpus", "names"),
    [
        ("- a list\n", "mine", "params.yaml"),
        (None, "gone", "gone"),
        (None, "mine/boar", "mine/boar"),
    ],
)
def test_an_error_is_one_line_and_exit_code_one(
    mine: Path, workspace: Path, set_params: Callable[..., None], parameters: str | None, corpus: str, names: str
) -> None:
    set_params("collect", corpus=corpus)
    if parameters:
        (workspace / "params.yaml").write_text(parameters, encoding="utf-8")
    command = [sys.executable, str(ROOT / "stages" / "collect.py"), "data/corpus"]
    done = subprocess.run(
        command, cwd=workspace, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {names} ")
    assert done.stderr.count("\n") == 1
    assert not (workspace / "data" / "corpus").exists()
