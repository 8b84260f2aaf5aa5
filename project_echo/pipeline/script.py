"""What every stage's script shares: paths from the command line, where work is done, and errors in one line."""

import argparse
import inspect
import sys
from collections.abc import Callable
from pathlib import Path

from project_echo.core import parallel
from project_echo.core.errors import EchoError
from project_echo.pipeline.params import load_params


def run(main: Callable[..., None]) -> None:
    """Call `main` with one path per parameter, taken from the command line in that order.

    Parallel work is done where params.yaml, if there is one, says (``execution.scheduler``). No stage declares that in
    dvc.yaml: it changes no result.
    An EchoError ends the process with its message in one line and exit code 1, without a traceback.
    """
    module = inspect.getmodule(main)
    parser = argparse.ArgumentParser(
        description=module.__doc__ if module else None, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in inspect.signature(main).parameters:
        parser.add_argument(name, type=Path)
    arguments = parser.parse_args()
    try:
        scheduler = load_params().execution.scheduler if Path("params.yaml").exists() else ""
        with parallel.use_scheduler(scheduler):
            main(**vars(arguments))
    except EchoError as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
