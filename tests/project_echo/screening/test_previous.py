"""Recordings of the last results that a run leaves out are counted."""

import pytest

from project_echo.screening.screen import screen
from tests.project_echo.conftest import Messages
from tests.project_echo.screening.conftest import Make, tables


def lines(messages: Messages) -> list[str]:
    return [line for line in messages() if "of the last results" in line]


def test_a_recording_that_is_gone_is_counted_once_and_left_out(arguments: Make, messages: Messages) -> None:
    chosen = arguments()
    (folder,) = chosen["recordings"]
    recording = folder / "pond/20240501_053000.wav"
    screen(**chosen)
    assert lines(messages) == []
    content, before = recording.read_bytes(), tables(chosen["output"])
    recording.unlink()
    screen(**chosen)
    (line,) = lines(messages)
    assert line.startswith("1 recording ") and "no longer there" in line and str(recording) in line
    assert str(recording) not in (chosen["output"] / "recordings.csv").read_text()
    screen(**chosen)
    assert lines(messages) == []
    recording.write_bytes(content)  # back from another disk, so its time is another
    screen(**chosen)
    assert messages()[1].startswith("5 recordings, 4 ")  # of which one is broken
    assert tables(chosen["output"]) == before


def test_recordings_that_are_not_passed_are_counted(arguments: Make, messages: Messages) -> None:
    chosen = arguments()
    (folder,) = chosen["recordings"]
    screen(**chosen)
    (folder / "wood/=no time.wav").unlink()
    screen(**arguments(recordings=[folder / "pond"]))
    gone, not_passed = lines(messages)
    assert gone.startswith("1 recording ") and "=no time.wav" in gone
    assert not_passed.startswith("1 recording ") and "not passed" in not_passed and "REC_20240502" in not_passed


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a;b\n1;2\n", None])
def test_a_table_that_was_changed_is_no_error(arguments: Make, messages: Messages, content: bytes | None) -> None:
    chosen = arguments(recordings=[arguments()["recordings"][0] / "pond"])
    screen(**chosen)
    table = chosen["output"] / "recordings.csv"
    if content is None:
        table.unlink()
    else:
        table.write_bytes(content)
    screen(**chosen)
    assert lines(messages) == []
