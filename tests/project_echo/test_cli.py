"""The command line: options, errors and exit codes."""

import inspect
import io
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import project_echo
from project_echo import cli
from project_echo.custom_networks.inspect_network import inspect_network
from project_echo.reviews.collect_labels import collect_labels
from project_echo.reviews.review import review
from project_echo.reviews.thresholds import set_thresholds
from project_echo.screening.screen import screen
from project_echo.searches.search import search
from tests.conftest import LABELS
from tests.project_echo.custom_networks.networks import EMBEDDING, SCORES, write_tflite
from tests.sounds import FEATURES, tone, write_wav

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def no_handlers_left() -> Iterator[None]:
    """Remove the handlers that the command adds, as they write to streams that a test replaced."""
    yield
    logging.getLogger("project_echo").handlers = []
    logging.getLogger("project_echo").setLevel(logging.NOTSET)


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
    for option in ("--threshold", "--labels", "--merge-gap"):
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
        (["--threshold", "fox"], "--threshold", "'fox'"),
        (["--threshold", "=0.5"], "--threshold", "'=0.5'"),
        (["--threshold", "fox=25"], "--threshold", "'25'"),
        (["--merge-gap", "-1"], "--merge-gap", "-1"),
        (["--labels"], "--labels", "argument"),
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


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["predict", "recordings", "-o", ""], "--output"),
        (["predict", ""], "RECORDINGS"),
        (["predict", "recordings", "--model", ""], "--model"),
        (["predict", "recordings", "--alerts", " "], "--alerts"),
        (["review", "results", "--output", ""], "--output"),
        (["collect-labels", "review", ""], "LABELS.csv"),
        (["thresholds", "model", ""], "LABELS.csv"),
        (["backbone", "inspect", ""], "NETWORK"),
    ],
)
def test_an_empty_path_is_reported_with_its_argument(run: Run, arguments: list[str], name: str) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert name in err.splitlines()[-1] and "empty" in err.splitlines()[-1]


def test_an_output_that_is_a_file_is_one_line_that_names_it(run: Run, tmp_path: Path, by_pitch: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for arguments in (["predict", str(tmp_path), "--model", str(by_pitch)], ["collect-labels", "review", "labels.csv"]):
        code, _, err = run(*arguments, "--output", str(file))
        assert code == 1
        assert err.startswith("error: ") and str(file) in err and "\n" not in err


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_names_that_the_output_cannot_encode_are_no_error(
    tmp_path: Path, by_pitch: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """As on Windows, where a redirected log has the encoding of the system's code page."""
    recording = write_wav(tmp_path / "żaba" / "żółw.wav", tone(250, 1, FEATURES.sample_rate), FEATURES.sample_rate)
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    given = ["predict", str(recording.parent), str(tmp_path / "żuk"), "--model", str(by_pitch)]
    monkeypatch.setattr(sys, "argv", ["project-echo", *given, "--output", str(tmp_path / "żółw"), "--jobs", "1"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    out.flush()
    err.flush()
    assert b"\\u017c\\xf3\\u0142w" in out.buffer.getvalue() or b"\\u017c\xf3\\u0142w" in out.buffer.getvalue()
    assert b"\\u017cuk" in err.buffer.getvalue() and b"Traceback" not in err.buffer.getvalue()


def test_errors_are_one_line_with_the_path_or_option(run: Run, tmp_path: Path, by_pitch: Path) -> None:
    code, _, err = run("predict", str(tmp_path / "nowhere"), "--model", str(tmp_path / "none"))
    assert code == 1
    assert err.startswith("error: ") and str(tmp_path / "none") in err and "\n" not in err
    code, _, err = run("predict", str(tmp_path), "--model", str(by_pitch), "--overlap", "1")
    assert code == 1
    assert err.startswith("error: ") and "overlap of 1 s" in err and "\n" not in err


def test_an_unknown_label_is_one_line_that_lists_the_labels(run: Run, tmp_path: Path, by_pitch: Path) -> None:
    for options in (["--labels", "owl"], ["--threshold", "owl=0.5"]):
        code, _, err = run("predict", str(tmp_path), "--model", str(by_pitch), *options)
        assert code == 1
        assert err.startswith("error: ") and "'owl'" in err and all(label in err for label in LABELS)
        assert "\n" not in err


def test_a_failing_system_call_is_one_line_with_its_path(
    run: Run, tmp_path: Path, by_pitch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "results"))

    monkeypatch.setattr(cli, "screen", fail)
    code, _, err = run("predict", str(tmp_path), "--model", str(by_pitch))
    assert code == 1
    assert err.startswith("error: ") and "No space left" in err and str(tmp_path / "results") in err
    assert "\n" not in err


def test_a_table_that_is_open_in_a_spreadsheet_is_named(
    run: Run, tmp_path: Path, by_pitch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows it cannot be replaced by the temporary file."""

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", ".writing-x.csv", None, "results/events.csv")

    monkeypatch.setattr(cli, "screen", fail)
    code, _, err = run("predict", str(tmp_path), "--model", str(by_pitch))
    assert code == 1
    assert "results/events.csv" in err and "open" in err and ".writing" not in err


@pytest.mark.parametrize(("alerts", "fail", "code"), [(2, True, 3), (0, True, 0), (2, False, 0)])
def test_an_alert_is_an_exit_code_only_if_asked_for(
    run: Run, tmp_path: Path, by_pitch: Path, monkeypatch: pytest.MonkeyPatch, alerts: int, fail: bool, code: int
) -> None:
    monkeypatch.setattr(cli, "screen", lambda *_, **__: SimpleNamespace(alerts=[object()] * alerts))
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


def test_inspecting_a_network_prints_its_tensors_and_writes_its_card(run: Run, tmp_path: Path) -> None:
    network = write_tflite(tmp_path / "tiny.tflite")
    card = network.with_suffix(".yaml")
    card.unlink()
    code, out, err = run("backbone", "inspect", str(network))
    assert (code, err) == (0, "") and card.is_file()
    assert all(word in out for word in ("waveform", EMBEDDING, SCORES, str(card)))
    network.write_bytes(b"damaged")
    code, _, err = run("backbone", "inspect", str(network))
    assert code == 1 and err.startswith("error: ") and str(network) in err and "\n" not in err


def test_nothing_is_imported_that_the_base_does_not_install() -> None:
    script = (
        "import sys, project_echo as echo; [getattr(echo, name) for name in echo.__all__]; "
        "import project_echo.screening.writers, project_echo.reviews.page, project_echo.custom_networks.network; "
        "print(*(name for name in ('tensorflow', 'dvc', 'distributed', 'onnxruntime') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


COMMANDS: dict[str, tuple[list[str], Callable[..., Any]]] = {
    "predict": (["recordings"], screen),
    "review": (["results"], review),
    "search": (["results", "example.wav"], search),
    "collect-labels": (["review", "labels.csv"], collect_labels),
    "thresholds": (["model", "labels.csv"], set_thresholds),
    "backbone": (["inspect", "network.tflite"], inspect_network),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_options_and_defaults_are_those_of_the_function(command: str) -> None:
    paths, function = COMMANDS[command]
    parameters = inspect.signature(function).parameters
    arguments = vars(cli.parser().parse_args([command, *paths]))
    assert set(arguments) - {"run", "fail_on_alert"} == set(parameters)
    for name, parameter in parameters.items():
        if parameter.default is not parameter.empty:
            assert str(arguments[name]) == str([] if name == "formats" else parameter.default)


def test_options_reach_the_function_under_their_names(
    monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(cli, "screen", wraps(screen)(lambda **arguments: given.update(arguments)))
    options = ["--overlap", "2", "--min-confidence", "0.5", "--format", "raven", "--format", "audacity", "--clips", "3"]
    options += ["--embeddings"]
    options += ["--threshold", "fox=0.8", "--threshold", "a=b=0.7", "--merge-gap", "2", "--labels", "fox", "boar"]
    options += ["--time-zone", "Europe/Berlin", "--jobs", "2", "--no-resume", "--scheduler", "tcp://10.0.0.1:8786"]
    assert run("predict", "a.wav", str(tmp_path), *options)[0] == 0
    assert given == {
        "recordings": [Path("a.wav"), tmp_path],
        "model": Path("models/classifier"),
        "output": Path("results"),
        "hop_seconds": None,
        "overlap_seconds": 2,
        "thresholds": {"fox": 0.8, "a=b": 0.7},
        "min_confidence": 0.5,
        "merge_gap_s": 2,
        "labels": ["fox", "boar"],
        "formats": ["raven", "audacity"],
        "clips": 3,
        "embeddings": True,
        "time_zone": ZoneInfo("Europe/Berlin"),
        "alerts": None,
        "jobs": 2,
        "scheduler": "tcp://10.0.0.1:8786",
        "resume": False,
        "on_progress": None,
    }


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version")[:2] == (0, f"project-echo {project_echo.__version__}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_ends_alike_when_it_is_stopped(command: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    paths, function = COMMANDS[command]

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, function.__name__, stopped)
    code, out, err = run(command, *paths)
    assert (code, out) == (130, "") and err.count("\n") == 1


def test_messages_go_to_standard_output_and_warnings_to_standard_error(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def log(**_: object) -> None:
        logger = logging.getLogger("project_echo.screening.screen")
        logger.info("2 recordings")
        logger.warning("disk: not mounted")

    monkeypatch.setattr(cli, "collect_labels", log)
    assert run("collect-labels", "review", "labels.csv") == (0, "2 recordings\n", "warning: disk: not mounted\n")


def test_the_parser_does_not_wait_for_libraries() -> None:
    code = "import sys, project_echo.cli; print(*{'numpy', 'pandas', 'pydantic', 'joblib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
