"""A stage takes its paths from the command line and speaks in one line."""

import socket
import sys
from pathlib import Path

import pytest

from project_echo.core import cluster
from project_echo.core.errors import EchoError
from project_echo.pipeline.script import run


def test_paths_come_in_the_order_of_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []

    def main(audio: Path, clips: Path) -> None:
        seen.extend([audio, clips])

    monkeypatch.setattr(sys, "argv", ["stage", "data/my audio", "001"])
    run(main)
    assert seen == [Path("data/my audio"), Path("001")]


def test_a_missing_path_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def main(audio: Path, clips: Path) -> None:
        raise AssertionError

    monkeypatch.setattr(sys, "argv", ["stage", "data/audio"])
    with pytest.raises(SystemExit):
        run(main)
    assert "the following arguments are required: clips" in capsys.readouterr().err


def test_an_error_for_the_person_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        raise EchoError("params.yaml: wrong\n  in two places")

    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(SystemExit) as ended:
        run(main)
    assert ended.value.code == "error: params.yaml: wrong in two places"  # to standard error, with exit code 1


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(ZeroDivisionError):
        run(main)


def test_work_is_done_where_the_parameters_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")

    def main() -> None:
        print("worked")

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
    committed = Path("params.yaml").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["stage"])
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    monkeypatch.chdir(tmp_path)
    run(main)  # without params.yaml, and so on this machine
    assert capsys.readouterr().out == "worked\n"

    Path("params.yaml").write_text(committed.replace("scheduler: ''", f"scheduler: {address}"), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        run(main)
    assert str(ended.value.code).startswith(f"error: {address}: no scheduler answers")
    assert capsys.readouterr().out == ""
