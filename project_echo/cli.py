"""The command line `project-echo`: its commands, options, messages and exit codes."""

import argparse
import gc
import inspect
import logging
import math
import sys
from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from typing import Any, NoReturn, TypeVar, get_args

from project_echo import __version__
from project_echo.core.command_line import OutputHandler, escape_unencodable_output, path_argument
from project_echo.core.errors import EchoError
from project_echo.custom_networks.inspect_network import inspect_network
from project_echo.reviews.collect_labels import collect_labels
from project_echo.reviews.review import review
from project_echo.reviews.thresholds import set_thresholds
from project_echo.screening.screen import MAX_HOP_S, Format, find_time_zone, screen
from project_echo.searches.search import search
from project_echo.studies.command import add_commands

EXIT_ALERT, EXIT_STOPPED = 3, 130
# Python looks for garbage after 700 new objects; while modules are loaded there is none, and it takes a tenth of the
# time to start.
GARBAGE_THRESHOLD = 100_000
Number = TypeVar("Number", int, float)
EPILOG = """\
results:
  recordings.csv   a row per recording: its time, and the events, seconds and highest probability of each label
  events.csv       when each label is heard: start, end, confidence; several may be at the same time
  windows.parquet  every window with the probability of each label by itself
  activity.csv     events by label, site, day and hour; activity.png shows them
  skipped.csv      what could not be used, with the reason and what to do
  raven/, audacity/, kaleidoscope/   with --format; clips/ with --clips; alerts.csv with --alerts;
                   embeddings/ with --embeddings

A site is the path from the folder that you pass to the recording, without folders of days (20240501, 2024-05-01) and
of memory cards (Data, DCIM, 100MEDIA): a folder for each recorder makes a site of each. Folders of the same name are
told apart by the folders above. All files that may hold sound are screened or listed in skipped.csv, except hidden
ones. The tables list the recordings that you pass; --output may be a folder of recordings.

You may stop it at any time; run the same command again to continue. Exit codes: 0 success, 1 error, 2 wrong command
line, 3 alert with --fail-on-alert, 130 stopped.
"""


def main() -> None:
    """Run a command and exit with its code; errors are one line without a traceback."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    escape_unencodable_output()
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
    """Build the parser. Options are named as in BirdNET-Analyzer where it has them."""
    root = argparse.ArgumentParser(prog="project-echo", description="Find animals in sound recordings.")
    root.add_argument("--version", action="version", version=f"project-echo {__version__}")
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    _add_predict(commands)
    _add_review(commands)
    _add_search(commands)
    _add_collect_labels(commands)
    _add_thresholds(commands)
    _add_backbone(commands)
    add_commands(commands)
    return root


def _defaults(function: Callable[..., object]) -> dict[str, Any]:
    """Default values of a function's keyword arguments."""
    parameters = inspect.signature(function).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters if parameter.default is not parameter.empty}


def _add_predict(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "predict",
        help="screen recordings with a trained classifier",
        description="Screen recordings with a trained classifier.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add(
        "recordings",
        nargs="+",
        type=path_argument,
        metavar="RECORDINGS",
        help="audio or video files, or folders containing them",
    )
    add("--model", type=path_argument, help="classifier folder (default: %(default)s)")
    add("--output", "-o", type=path_argument, help="results folder (default: %(default)s)")
    windows = command.add_mutually_exclusive_group()
    windows.add_argument(
        "--hop",
        dest="hop_seconds",
        type=_positive,
        metavar="S",
        help="step between windows, s (default: window length)",
    )
    windows.add_argument(
        "--overlap",
        dest="overlap_seconds",
        type=_seconds,
        metavar="S",
        help="window overlap in seconds (alternative to --hop)",
    )
    add(
        "--threshold",
        dest="thresholds",
        action="append",
        type=_threshold,
        metavar="LABEL=P",
        help="probability from which on a label is heard, 0 to 1, instead of the classifier's; may be repeated",
    )
    add(
        "--min-confidence",
        type=_probability,
        metavar="P",
        help="lowest probability at which any label is heard, 0 to 1, beside the thresholds (default: %(default)s)",
    )
    add(
        "--merge-gap",
        dest="merge_gap_s",
        type=_seconds,
        metavar="S",
        help="longest gap within an event, s (default: %(default)s)",
    )
    add("--labels", nargs="+", metavar="LABEL", help="labels to list in the results (default: all)")
    add(
        "--format",
        dest="formats",
        action="append",
        choices=get_args(Format),
        help="also export events in this format; may be repeated",
    )
    add(
        "--clips",
        type=_count,
        metavar="N",
        help="cut the N most and the N least confident events of each label (default: %(default)s)",
    )
    add(
        "--embeddings",
        action="store_true",
        help="keep embeddings, in which `project-echo search` looks for similar sounds",
    )
    add(
        "--time-zone",
        type=_zone,
        metavar="ZONE",
        help="time zone in which times are shown, and that of clocks that do not state theirs, such as UTC or "
        "Europe/Berlin (default: none)",
    )
    add(
        "--alerts",
        type=path_argument,
        metavar="RULES",
        help="YAML file with alert rules; alerts are written to alerts.csv",
    )
    add("--fail-on-alert", action="store_true", help=f"exit with code {EXIT_ALERT} if there is an alert")
    add("--jobs", "--threads", type=_jobs, metavar="N", help="cores to use (default: all)")
    add(
        "--scheduler",
        type=_address,
        metavar="tcp://HOST:PORT",
        help="run on the Dask cluster of this scheduler",
    )
    add(
        "--resume",
        action=argparse.BooleanOptionalAction,
        help="continue from the results in --output (default)",
    )
    # argparse appends to a list of its own.
    command.set_defaults(**_defaults(screen) | {"formats": []}, run=partial(_predict, command.error))


def _add_review(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "review",
        help="make a page to check events by ear",
        description="Make a page to check the events of a screening by ear: sound and spectrogram of each event, keys "
        "to say what is heard, and the share that was correct. The page opens from disk, without a server.",
        epilog="The browser keeps the answers; the page exports them as labels.csv for `project-echo collect-labels`. "
        "Run this where you ran `predict`: recordings are found by their names in the results.",
    )
    add = command.add_argument
    add(
        "results", type=path_argument, metavar="RESULTS", help="results folder of `project-echo predict` (its --output)"
    )
    add("--output", "-o", type=path_argument, help="folder for the page (default: %(default)s)")
    add("--model", type=path_argument, help="classifier folder that the results are from (default: %(default)s)")
    add(
        "--random-windows",
        type=_count,
        metavar="N",
        help="also ask about N windows drawn at random, which tell how much is missed (default: %(default)s)",
    )
    add("--jobs", type=_jobs, metavar="N", help="parallel events (default: all cores)")
    command.set_defaults(**_defaults(review), run=_review)


def _add_search(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "search",
        help="find what sounds like an example",
        description="Find what sounds like some examples in the recordings of a screening that kept embeddings "
        "(predict --embeddings): a table of the most similar sounds, and a page to check them by ear.",
        epilog="The page exports the answers as labels.csv for `project-echo collect-labels`, also under a label that "
        "the model does not know. A file whose name looks like a stretch or an event is taken as the file. Run this "
        "where you ran `predict`: recordings are found by their names in the results.",
    )
    add = command.add_argument
    add(
        "results",
        type=path_argument,
        metavar="RESULTS",
        help="results folder of `project-echo predict --embeddings` (its --output)",
    )
    add(
        "examples",
        nargs="+",
        type=path_argument,
        metavar="EXAMPLE",
        help="audio or video file, a stretch of one in seconds (night.wav@12.5-15), or an event of the results by its "
        "row in events.csv (event:3); several count as examples of one sound",
    )
    add("--model", type=path_argument, help="classifier folder that the results are from (default: %(default)s)")
    add("--output", "-o", type=path_argument, help="folder for matches.csv and the page (default: %(default)s)")
    add("--top", type=_number_above_0, metavar="N", help="most matches (default: %(default)s)")
    add(
        "--label",
        metavar="NAME",
        help="what the page asks about, and the label of accepted matches in a corpus (default: %(default)s)",
    )
    add("--jobs", type=_jobs, metavar="N", help="cores to use (default: all)")
    command.set_defaults(**_defaults(search), run=_search)


def _add_collect_labels(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "collect-labels",
        help="add checked events to a corpus for the next training",
        description="Add checked events to a folder corpus: under a label that is heard, or as background (none/) if "
        "none is. labels.csv of the corpus states which labels are heard when, and which are not. All sounds of a site "
        "are one source, which is never divided between splits.",
        epilog="Nothing in the corpus is overwritten. Running it again changes nothing, except that an event whose "
        "verdict has changed is moved, and an event that is now skipped is removed.",
    )
    add = command.add_argument
    add("review", type=path_argument, metavar="REVIEW", help="review folder of `project-echo review` (its --output)")
    add("labels", type=path_argument, metavar="LABELS.csv", help="labels that the review page exported")
    add("--output", "-o", type=path_argument, help="corpus folder (default: %(default)s)")
    command.set_defaults(**_defaults(collect_labels), run=_collect_labels)


def _add_thresholds(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "thresholds",
        help="set thresholds by checked events",
        description="Write a copy of a classifier whose thresholds reach a precision on checked events. They are "
        "chosen on one half of the recordings; precision, and recall if random windows were checked, are told on the "
        "other. A label with too few answers keeps its threshold.",
        epilog="Check events in shuffled order, not only the unsure ones. A threshold is never lower than the "
        "confidences that were checked: to try lower ones, screen with a lower --threshold and check again. "
        "The output also has thresholds.csv, with which the pipeline trains.",
    )
    add = command.add_argument
    add("model", type=path_argument, metavar="MODEL", help="classifier folder that screened the recordings")
    add("labels", type=path_argument, metavar="LABELS.csv", help="labels that the review page exported")
    add("--output", "-o", type=path_argument, help="folder of the new classifier (default: %(default)s)")
    add(
        "--precision",
        type=_share,
        metavar="P",
        help="share of correct events at or above a threshold, above 0 and below 1 (default: %(default)s)",
    )
    command.set_defaults(**_defaults(set_thresholds), run=_set_thresholds)


def _add_backbone(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backbone = commands.add_parser(
        "backbone", help="use a custom network", description="Use a custom network for embeddings."
    )
    actions = backbone.add_subparsers(required=True, metavar="ACTION")
    command = actions.add_parser(
        "inspect",
        help="list a network's tensors and write its first card",
        description="List the tensors of a network, and write a first card beside it (NAME.yaml) unless it has one.",
        epilog="The card is a guess: check its lines with a question mark. ONNX files need onnxruntime: "
        "pip install 'project-echo[onnx]'.",
    )
    command.add_argument("network", type=path_argument, metavar="NETWORK", help="LiteRT (.tflite) or ONNX (.onnx) file")
    command.set_defaults(run=_inspect_network)


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


def _number(
    kind: Callable[[str], Number], is_valid: Callable[[Number], bool], expected: str
) -> Callable[[str], Number]:
    """An argparse type: a number that `is_valid`; the error says what was `expected`."""

    def read(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not is_valid(value):
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return value

    return read


_positive = _number(
    float, lambda value: 0 < value <= MAX_HOP_S, f"a number of seconds above 0, at most a day ({MAX_HOP_S})"
)
_seconds = _number(float, lambda value: 0 <= value < math.inf, "a number of seconds, 0 or more")
_probability = _number(float, lambda value: 0 <= value <= 1, "a number from 0 to 1")
_share = _number(float, lambda value: 0 < value < 1, "a number above 0 and below 1")
_count = _number(int, lambda value: value >= 0, "a whole number, 0 or more")
_number_above_0 = _number(int, lambda value: value >= 1, "a whole number above 0")
_jobs = _number(int, lambda value: value >= 1 or value == -1, "a whole number above 0, or -1 for all cores")


def _threshold(text: str) -> tuple[str, float]:
    label, separator, value = text.rpartition("=")
    if not label or not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not a label and its threshold, such as fox=0.8")
    return label, _probability(value)


def _address(text: str) -> str:
    from project_echo.core.cluster import check_address  # noqa: PLC0415

    try:
        return check_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


def _zone(text: str) -> tzinfo:
    try:
        return find_time_zone(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    main()
