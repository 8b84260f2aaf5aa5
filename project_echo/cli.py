"""The command line `project-echo`: its commands, options, messages and exit codes."""

import argparse
import gc
import inspect
import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from project_echo import __version__, cli_parsers
from project_echo.app.command import add_command as add_app
from project_echo.cli_parsers import EXIT_ALERT
from project_echo.core.command_line import OutputHandler, escape_unencodable_output, skip_garbage_search_at_exit
from project_echo.core.errors import EchoError
from project_echo.custom_networks.inspect_network import inspect_network
from project_echo.reviews.collect_labels import collect_labels
from project_echo.reviews.review import review
from project_echo.reviews.thresholds import set_thresholds
from project_echo.screening.screen import screen
from project_echo.searches.search import search
from project_echo.studies.command import add_commands

EXIT_STOPPED = 130
# Python looks for garbage after 700 new objects. Loading modules makes 180,000, hardly any of them garbage, and looking
# takes a tenth of the time to start; what a command leaves in cycles later is little.
GARBAGE_THRESHOLD = 500_000


def main() -> None:
    """Run a command and exit with its code; errors are one line without a traceback."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    escape_unencodable_output()
    skip_garbage_search_at_exit()
    arguments = vars(parser().parse_args())
    run, output = arguments.pop("run"), arguments.get("output", arguments.get("network"))
    log_to_terminal()
    try:
        sys.exit(run(**arguments))
    except EchoError as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
    except OSError as error:  # a full disk, a folder without write permission
        reason, path = error.strerror or error, error.filename or output
        if error.filename2:  # on Windows a file that a spreadsheet has open cannot be replaced
            reason, path = f"{reason} (is it open in another program?)", error.filename2
        sys.exit(f"error: {path}: {reason}. Fix this, then run the same command again.")
    except KeyboardInterrupt:
        print("stopped. Run the same command again.", file=sys.stderr)
        sys.exit(EXIT_STOPPED)


def log_to_terminal() -> None:
    """Print messages of the library: warnings and errors on standard error, all others on standard output."""
    messages, warnings = OutputHandler(sys.stdout), OutputHandler(sys.stderr)
    messages.addFilter(lambda record: record.levelno < logging.WARNING)
    warnings.setLevel(logging.WARNING)
    warnings.setFormatter(logging.Formatter("warning: %(message)s"))
    logger = logging.getLogger("project_echo")
    logger.handlers = [messages, warnings]
    logger.setLevel(logging.INFO)


def parser() -> argparse.ArgumentParser:
    """Build the parser; defaults of options are those of the functions."""
    root = argparse.ArgumentParser(prog="project-echo", description="Find animals in sound recordings.")
    root.add_argument("--version", action="version", version=f"project-echo {__version__}")
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    add_app(commands)
    add_commands(commands)
    predict = cli_parsers.add_predict(commands)
    # argparse appends to a list of its own.
    predict.set_defaults(**_defaults(screen) | {"formats": []}, run=partial(_predict, predict.error))
    cli_parsers.add_review(commands).set_defaults(**_defaults(review), run=_review)
    cli_parsers.add_search(commands).set_defaults(**_defaults(search), run=_search)
    cli_parsers.add_collect_labels(commands).set_defaults(**_defaults(collect_labels), run=_collect_labels)
    cli_parsers.add_thresholds(commands).set_defaults(**_defaults(set_thresholds), run=_set_thresholds)
    cli_parsers.add_backbone(commands).set_defaults(run=_inspect_network)
    return root


def _defaults(function: Callable[..., object]) -> dict[str, Any]:
    """Default values of a function's keyword arguments."""
    parameters = inspect.signature(function).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters if parameter.default is not parameter.empty}


def _predict(
    usage_error: Callable[[str], NoReturn],
    *,
    fail_on_alert: bool,
    thresholds: list[tuple[str, float]] | None,
    **arguments: Any,
) -> int:
    if fail_on_alert and not arguments["alerts"]:
        usage_error("--fail-on-alert needs alert rules; add --alerts RULES")
    results = screen(**arguments, thresholds=None if thresholds is None else dict(thresholds))
    return EXIT_ALERT if fail_on_alert and len(results.alerts) else 0


def _review(**arguments: Any) -> None:
    review(**arguments)


def _search(**arguments: Any) -> None:
    search(**arguments)


def _collect_labels(**arguments: Any) -> None:
    collect_labels(**arguments)


def _set_thresholds(**arguments: Any) -> None:
    set_thresholds(**arguments)


def _inspect_network(**arguments: Any) -> None:
    inspect_network(**arguments)


if __name__ == "__main__":
    main()
