"""Paths as arguments, and output of any encoding."""

import argparse
import io
import logging
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from project_echo.core.command_line import (
    OutputHandler,
    as_path,
    escape_unencodable_output,
    path_argument,
)


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_an_empty_path_is_an_error_that_names_the_argument(text: str) -> None:
    with pytest.raises(ValueError, match="output is empty"):
        as_path(text, "output")
    with pytest.raises(argparse.ArgumentTypeError, match="empty"):
        path_argument(text)


@pytest.mark.parametrize("text", [".", "a b", " a", "/", "ż"])
def test_any_other_text_is_a_path(text: str) -> None:
    assert as_path(text, "output") == path_argument(text) == Path(text)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437", "utf-8"])
def test_any_text_can_be_printed_in_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    escape_unencodable_output()
    for stream in (sys.stdout, sys.stderr):
        print("żółw 🐢 \udcff", file=stream, flush=True)  # the last is of a name that is not UTF-8
        written = stream.buffer.getvalue().decode(encoding)
        assert written.endswith("\\udcff\n")
        assert ("\\u017c" in written) == (encoding != "utf-8")


def test_a_reader_that_has_gone_costs_messages_only(capfd: pytest.CaptureFixture[str]) -> None:
    """As of `project-echo predict ... | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        handler = OutputHandler(stream)
        for number in range(3):
            handler.emit(logging.LogRecord("name", logging.INFO, "", 0, f"message {number}", None, None))
    assert capfd.readouterr() == ("", "")


def test_a_program_without_a_console_has_no_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    escape_unencodable_output()


@pytest.mark.parametrize("skips", [True, False])
def test_garbage_is_not_searched_for_at_the_end(skips: bool) -> None:
    code = f"""
        import gc
        from project_echo.core.command_line import skip_garbage_search_at_exit
        gc.disable()
        class Found:
            def __del__(self):
                print("found")
        cycle = Found()
        cycle.itself = cycle
        del cycle
        if {skips}:
            skip_garbage_search_at_exit()
    """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout == ("" if skips else "found\n")
