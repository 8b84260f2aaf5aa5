"""What the scripts of all stages share: paths from the command line, parallel work, errors in one line."""

import argparse
import inspect
import sys
from collections.abc import Callable
from typing import Annotated

import pydantic

from project_echo.core import parallel
from project_echo.core.cluster import check_address
from project_echo.core.command_line import escape_unencodable_output, path_argument, skip_garbage_search_at_exit
from project_echo.core.errors import EchoError
from project_echo.core.validation import Schema
from project_echo.pipeline.params import PARAMS, load_params


class Execution(Schema):
    """The section `execution` of params.yaml: where parallel work is done."""

    scheduler: Annotated[str, pydantic.AfterValidator(check_address)]  # address of a Dask scheduler, or empty


def run(main: Callable[..., None]) -> None:
    """Call `main` with one path per parameter, taken from the command line in that order.

    Parallel work is done where the section `execution` of params.yaml says, if there is a params.yaml. No stage
    declares that section in dvc.yaml: it changes no result. An EchoError ends the process with its message in one
    line and exit code 1, without a traceback.

    Parameters
    ----------
    main : Callable
        The function of a script, whose docstring becomes the help text.
    """
    escape_unencodable_output()
    skip_garbage_search_at_exit()
    module = inspect.getmodule(main)
    parser = argparse.ArgumentParser(
        description=module.__doc__ if module else None, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in inspect.signature(main).parameters:
        parser.add_argument(name, type=path_argument)
    arguments = parser.parse_args()
    try:
        scheduler = load_params("execution", Execution).scheduler if PARAMS.exists() else ""
        with parallel.use_scheduler(scheduler):
            main(**vars(arguments))
    except EchoError as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
