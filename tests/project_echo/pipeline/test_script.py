"""The command line of a stage script: paths as arguments, errors in one line."""

import io
import socket
import sys
from pathlib import Path

import pytest

from project_echo.core import cluster
from project_echo.core.errors import EchoError
from project_echo.pipeline.script import run

COMMITTED = Path(__file__).parents[3] / "params.yaml"


def test_paths_are_passed_in_the_order_of_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[Path] = []

    def main(audio: Path, clips: Path) -> None:
        passed.extend([audio, clips])

    monkeypatch.setattr(sys, "argv", ["stage", "data/my audio", "001"])
    run(main)
    assert passed == [Path("data/my audio"), Path("001")]


def test_a_missing_path_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def main(audio: Path, clips: Path) -> None:
        raise AssertionError

    monkeypatch.setattr(sys, "argv", ["stage", "data/audio"])
    with pytest.raises(SystemExit) as ended:
        run(main)
    assert ended.value.code == 2
    assert "clips" in capsys.readouterr().err


def test_an_empty_path_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def main(audio: Path) -> None:
        raise AssertionError

    monkeypatch.setattr(sys, "argv", ["stage", ""])
    with pytest.raises(SystemExit) as ended:
        run(main)
    assert ended.value.code == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert "audio" in message and "empty" in message


def test_a_stage_prints_what_the_output_cannot_encode(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        print("żółw")

    monkeypatch.setattr(sys, "argv", ["stage"])
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    run(main)
    sys.stdout.flush()
    assert sys.stdout.buffer.getvalue().startswith(b"\\u017c\xf3\\u0142w")


def test_an_echo_error_ends_the_process_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        raise EchoError("params.yaml: wrong\n  in two places")

    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(SystemExit) as ended:
        run(main)
    assert ended.value.code == "error: params.yaml: wrong in two places"  # to standard error, with exit code 1


def test_any_other_exception_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(ZeroDivisionError):
        run(main)


def test_without_a_params_file_work_is_done_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["stage"])
    monkeypatch.chdir(tmp_path)
    run(lambda: print("done"))
    assert capsys.readouterr().out == "done\n"


def test_a_scheduler_that_does_not_answer_is_an_error_that_names_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
    params = COMMITTED.read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(params.replace("scheduler: ''", f"scheduler: {address}"), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["stage"])
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        run(lambda: print("done"))
    assert str(ended.value.code).startswith("error: ")
    assert address in str(ended.value.code)
    assert capsys.readouterr().out == ""
