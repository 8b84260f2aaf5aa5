"""What the command lines of project-echo and of the stages share: paths as arguments, and output of any encoding."""

import argparse
import io
import os
import sys
from pathlib import Path


def as_path(value: str | os.PathLike[str], name: str) -> Path:
    """An argument as a path. Raises ValueError, naming the argument, if it is empty: it would be the current folder."""
    if not os.fspath(value).strip():
        raise ValueError(f"{name} is empty: name a file or folder ('.' is the current one)")
    return Path(value)


def path_argument(text: str) -> Path:
    """An argparse type: a path that is not empty, as of a script's variable that is not set."""
    try:
        return as_path(text, "the path")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; if a script passes a variable, set it") from None


def escape_unencodable_output() -> None:
    r"""Print characters that the output's encoding does not have as escapes (``\u017c``), instead of failing.

    On Windows a redirected log has the encoding of the system's code page, which has few characters, and file names
    that are not UTF-8 can be printed in no encoding.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a program without a console has none
            stream.reconfigure(errors="backslashreplace")
