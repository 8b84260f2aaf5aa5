"""The command lines of `train` and `improve`."""

from pathlib import Path

import pytest

from project_echo import cli
from project_echo.studies import command


def test_parameters_may_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    called: dict[str, object] = {}
    monkeypatch.setattr(command, "train", lambda **arguments: called.update(arguments))
    arguments = vars(
        cli.parser().parse_args(["train", "ours", "-o", "boars", "--set", "train.C=0.1", "--set", "embed.blocks=[6]"])
    )
    arguments.pop("run")(**arguments)
    assert called == {
        "recordings": Path("ours"),
        "output": Path("boars"),
        "settings": {"train.C": 0.1, "embed.blocks": [6]},
        "backbone": None,
    }


@pytest.mark.parametrize(
    "arguments",
    [["train", "ours"], ["train", "ours", "-o", "boars", "--set", "train.C"], ["improve", "boars", "review"]],
)
def test_a_wrong_command_line_ends_with_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.parser().parse_args(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err
