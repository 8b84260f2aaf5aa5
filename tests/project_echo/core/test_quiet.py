"""Output of native code is discarded inside the block only."""

import os
import sys

import pytest

from project_echo.core.quiet import silenced_stderr


def test_only_output_inside_the_block_is_discarded(capfd: pytest.CaptureFixture[str]) -> None:
    print("before", file=sys.stderr)
    with silenced_stderr():
        os.write(2, b"native noise\n")
        print("an answer")
    print("after", file=sys.stderr)
    assert capfd.readouterr() == ("an answer\n", "before\nafter\n")


def test_an_error_inside_the_block_is_raised_and_output_appears_again(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="inside"), silenced_stderr():
        raise ValueError("inside")
    os.write(2, b"shown\n")
    assert capfd.readouterr().err == "shown\n"


def test_no_descriptor_is_left_open() -> None:
    free = os.dup(2)
    os.close(free)
    for _ in range(3):
        with silenced_stderr():
            pass
    again = os.dup(2)
    os.close(again)
    assert again == free
