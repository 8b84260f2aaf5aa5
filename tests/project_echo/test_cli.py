"""The command line: what it understands, how it refuses, how it ends."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from project_echo import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the command in this process; its exit code and what it says."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["project-echo", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        code = end.value.code
        return (1, told.out, str(code)) if isinstance(code, str) else (int(code or 0), told.out, told.err)

    return call


def test_help_names_every_option_and_result(run: Run) -> None:
    code, out, _ = run("predict", "--help")
    assert code == 0
    for option in ("--model", "--output", "--hop", "--overlap", "--min-confidence", "--jobs", "--threads", "--format"):
        assert option in out
    for option in ("--clips", "--time-zone", "--alerts", "--fail-on-alert", "--scheduler", "--no-resume"):
        assert option in out
    for result in ("recordings.csv", "events.csv", "windows.parquet", "activity.csv", "skipped.csv", "alerts.csv"):
        assert result in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--hop", "0"], "--hop: '0' is not a number of seconds above 0"),
        (["--hop", "nan"], "--hop: 'nan' is not"),
        (["--hop", "1e300"], "--hop: '1e300' is not"),
        (["--min-confidence", "25"], "--min-confidence: '25' is not a number from 0 to 1"),
        (["--jobs", "0"], "--threads: '0' is not a whole number from 1 on"),
        (["--clips", "-1"], "--clips: '-1' is not"),
        (["--time-zone", "Mars/Base"], "--time-zone: 'Mars/Base' is not a time zone"),
        (["--format", "pdf"], "invalid choice: 'pdf'"),
        (["--hop", "1", "--overlap", "1"], "not allowed with"),
    ],
)
def test_a_wrong_value_is_told_with_its_option(run: Run, options: list[str], told: str) -> None:
    code, _, err = run("predict", "recordings", *options)
    assert code == 2
    assert told in err


def test_errors_are_one_line(run: Run, tmp_path: Path, by_pitch: Path) -> None:
    code, _, err = run("predict", str(tmp_path / "nowhere"), "--model", str(tmp_path / "none"))
    assert code == 1
    assert err.startswith("error: ") and "holds no classifier" in err and "\n" not in err
    code, _, err = run("predict", str(tmp_path), "--model", str(by_pitch), "--overlap", "1")
    assert (code, err) == (1, "error: --overlap 1 is not below the window's 1 s.")
    code, _, err = run("predict", str(tmp_path), "--model", str(by_pitch), "--fail-on-alert")
    assert code == 2 and "--fail-on-alert needs rules to go by: --alerts RULES" in err


def test_the_commands_of_the_review_say_what_they_take_and_refuse_in_one_line(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("review", "--help")
    assert code == 0 and all(word in out for word in ("RESULTS", "--output", "--model", "--jobs", "collect-labels"))
    code, out, _ = run("collect-labels", "--help")
    assert code == 0 and all(word in out for word in ("REVIEW", "LABELS.csv", "--output", "source"))
    code, _, err = run("review", str(tmp_path), "--output", str(tmp_path / "review"))
    assert code == 1 and err.startswith("error: ") and f"{tmp_path} " in err and "\n" not in err
    code, _, err = run("collect-labels", str(tmp_path), str(tmp_path / "labels.csv"))
    assert code == 1 and str(tmp_path / "events.csv") in err and "`project-echo review`" in err


def test_neither_tensorflow_nor_dvc_is_imported() -> None:
    script = (
        "import sys, project_echo.screening.command; print(*(n for n in ('tensorflow', 'dvc') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
