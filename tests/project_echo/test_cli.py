"""The command line: options, errors and exit codes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from project_echo import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process; returns exit code, standard output and standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["project-echo", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        output = capsys.readouterr()
        code = end.value.code
        return (1, output.out, str(code)) if isinstance(code, str) else (int(code or 0), output.out, output.err)

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
    ("options", "option", "value"),
    [
        (["--hop", "0"], "--hop", "'0'"),
        (["--hop", "nan"], "--hop", "'nan'"),
        (["--hop", "1e300"], "--hop", "'1e300'"),
        (["--overlap", "-1"], "--overlap", "-1"),
        (["--min-confidence", "25"], "--min-confidence", "'25'"),
        (["--jobs", "0"], "--jobs/--threads", "'0'"),
        (["--clips", "-1"], "--clips", "'-1'"),
        (["--time-zone", "Mars/Base"], "--time-zone", "'Mars/Base'"),
        (["--format", "pdf"], "--format", "'pdf'"),
        (["--hop", "1", "--overlap", "1"], "--overlap", "--hop"),
        (["--fail-on-alert"], "--fail-on-alert", "--alerts"),
    ],
)
def test_an_invalid_value_is_reported_with_its_option(run: Run, options: list[str], option: str, value: str) -> None:
    code, _, err = run("predict", "recordings", *options)
    assert code == 2
    message = err.splitlines()[-1]
    assert option in message and value in message


def test_errors_are_one_line_with_the_path_or_option(run: Run, tmp_path: Path, by_pitch: Path) -> None:
    code, _, err = run("predict", str(tmp_path / "nowhere"), "--model", str(tmp_path / "none"))
    assert code == 1
    assert err.startswith("error: ") and str(tmp_path / "none") in err and "\n" not in err
    code, _, err = run("predict", str(tmp_path), "--model", str(by_pitch), "--overlap", "1")
    assert code == 1
    assert err.startswith("error: ") and "--overlap 1 " in err and "\n" not in err


def test_a_failing_system_call_is_one_line_with_its_path(
    run: Run, tmp_path: Path, by_pitch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> int:
        raise OSError(28, "No space left on device", str(tmp_path / "results"))

    monkeypatch.setattr("project_echo.screening.command.predict", fail)
    code, _, err = run("predict", str(tmp_path), "--model", str(by_pitch))
    assert code == 1
    assert err.startswith("error: ") and "No space left" in err and str(tmp_path / "results") in err
    assert "\n" not in err


@pytest.mark.parametrize(("alerts", "fail", "code"), [(2, True, 3), (0, True, 0), (2, False, 0)])
def test_an_alert_is_an_exit_code_only_if_asked_for(
    run: Run, tmp_path: Path, by_pitch: Path, monkeypatch: pytest.MonkeyPatch, alerts: int, fail: bool, code: int
) -> None:
    monkeypatch.setattr("project_echo.screening.command.predict", lambda _: alerts)
    fail_on_alert = ["--fail-on-alert"] if fail else []
    rules = str(tmp_path / "rules.yaml")
    assert run("predict", str(tmp_path), "--model", str(by_pitch), "--alerts", rules, *fail_on_alert)[0] == code


def test_review_commands_have_help_and_errors_of_one_line(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("review", "--help")
    assert code == 0 and all(word in out for word in ("RESULTS", "--output", "--model", "--jobs", "collect-labels"))
    code, out, _ = run("collect-labels", "--help")
    assert code == 0 and all(word in out for word in ("REVIEW", "LABELS.csv", "--output"))
    code, _, err = run("review", str(tmp_path), "--output", str(tmp_path / "review"))
    assert code == 1 and err.startswith("error: ") and str(tmp_path) in err and "\n" not in err
    code, _, err = run("collect-labels", str(tmp_path), str(tmp_path / "labels.csv"))
    assert code == 1 and err.startswith("error: ") and "events.csv" in err and "\n" not in err


def test_neither_tensorflow_nor_dvc_is_imported() -> None:
    script = (
        "import sys, project_echo.screening.command; print(*(n for n in ('tensorflow', 'dvc') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
