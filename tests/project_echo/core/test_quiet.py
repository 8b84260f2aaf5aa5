"""Native noise is dropped, and only where asked."""

import os
import sys

import pytest

from project_echo.core.quiet import silenced_stderr


def test_only_what_is_written_inside_is_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    print("before", file=sys.stderr)
    with silenced_stderr():
        os.write(2, b"native noise\n")
        print("an answer")
    print("after", file=sys.stderr)
    assert capfd.readouterr() == ("an answer\n", "before\nafter\n")


def test_an_error_inside_passes_and_ends_the_silence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="told"), silenced_stderr():
        raise ValueError("told")
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_no_descriptor_is_left_open() -> None:
    free = os.dup(2)
    os.close(free)
    for _ in range(3):
        with silenced_stderr():
            pass
    again = os.dup(2)
    os.close(again)
    assert again == free
