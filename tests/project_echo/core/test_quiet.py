"""Output of native code is discarded inside the block only."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

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


def test_threads_that_silence_at_once_leave_the_stream_as_it_was() -> None:
    before = os.fstat(2)

    def silence(_: int) -> None:
        with silenced_stderr():
            time.sleep(0.001)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(silence, range(40)))
    assert os.path.samestat(os.fstat(2), before)


def test_a_program_without_standard_error_is_not_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_descriptor(_: int) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(os, "dup", no_descriptor)
    with silenced_stderr():
        pass
