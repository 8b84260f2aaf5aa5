"""The command `project-echo`: what it understands, and how it ends."""

import argparse
import math
import sys
from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from project_echo.core.errors import EchoError

ALERTED, STOPPED = 3, 130
Number = TypeVar("Number", int, float)
EPILOG = """\
results:
  recordings.csv   a row per recording: its label, how sure, time of recording
  events.csv       runs of windows of one label: start, end, confidence
  windows.parquet  every window with the probability of every label
  activity.csv     events by label, site (folder), day and hour; activity.png
  skipped.csv      what could not be used, with the reason
  raven/, audacity/, kaleidoscope/   with --format; clips/ with --clips; alerts.csv with --alerts

It may be stopped at any time; the same command goes on where it was. Exit code: 0, 1 after an error, 2 for a wrong
command line, 3 after an alert with --fail-on-alert, 130 if it was stopped.
"""


def main() -> None:
    """Run a command and end the process with its exit code; errors are one line without a traceback."""
    understood = parser()
    arguments = understood.parse_args()
    if arguments.run is _predict and arguments.fail_on_alert and not arguments.alerts:
        understood.error("--fail-on-alert needs rules to go by: --alerts RULES")
    try:
        sys.exit(arguments.run(arguments))
    except EchoError as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
    except OSError as error:  # a full disk, a folder that may not be written
        sys.exit(f"error: {error.strerror or error}: {error.filename or arguments.output}. Run it again to go on.")
    except KeyboardInterrupt:
        goes_on = " The same command goes on where it was." if arguments.run is _predict else ""
        print(f"stopped.{goes_on}", file=sys.stderr)
        sys.exit(STOPPED)


def parser() -> argparse.ArgumentParser:
    """Options are named as BirdNET-Analyzer names them where it has them."""
    root = argparse.ArgumentParser(prog="project-echo", description="Names animals from sound.")
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    predict = commands.add_parser(
        "predict",
        help="screen recordings with a trained classifier",
        description="Screen recordings with a trained classifier: files and folders, any audio or video.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = predict.add_argument
    add("recordings", nargs="+", type=Path, metavar="RECORDINGS", help="files and folders; a folder with all in it")
    add("--model", type=Path, default=Path("models/classifier"), help="folder of the classifier (default %(default)s)")
    add("--output", "-o", type=Path, default=Path("results"), help="folder for the results (default %(default)s)")
    windows = predict.add_mutually_exclusive_group()
    windows.add_argument("--hop", type=_positive, metavar="S", help="seconds from window to window (default: a window)")
    windows.add_argument("--overlap", type=_seconds, metavar="S", help="the same, told by how much windows overlap")
    add(
        "--min-confidence", type=_probability, default=0.25, metavar="P", help="of events, 0 to 1 (default %(default)s)"
    )
    add("--format", action="append", default=[], choices=["raven", "audacity", "kaleidoscope"], help="also write these")
    add("--clips", type=_count, default=0, metavar="N", help="cut the N surest and the N least sure events per label")
    add("--time-zone", type=_zone, metavar="ZONE", help="of recorders' clocks: UTC, Europe/Berlin (default: unknown)")
    add("--alerts", type=Path, metavar="RULES", help="YAML file with rules; what meets them goes to alerts.csv")
    add("--fail-on-alert", action="store_true", help=f"end with exit code {ALERTED} if there is an alert")
    add("--jobs", "--threads", type=_jobs, default=-1, metavar="N", help="recordings side by side (default: all cores)")
    add("--scheduler", default="", metavar="tcp://HOST:PORT", help="run on a Dask cluster instead")
    add("--resume", action=argparse.BooleanOptionalAction, default=True, help="go on where it was (default)")
    predict.set_defaults(run=_predict)
    _add_review(commands)
    return root


def _add_review(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands by which people check events, and the next training learns from it."""
    review = commands.add_parser(
        "review",
        help="make a page on which to check events by ear",
        description="Make a page on which to check the events of a screening by ear: sound and spectrogram of each, "
        "keys to accept, reject and relabel, and how often it was right. It opens from disk, without a server.",
        epilog="Answers are kept in the browser; the page exports them as labels.csv, for `project-echo "
        "collect-labels`. Run it where `predict` ran: recordings are found by the names that they have in the results.",
    )
    add = review.add_argument
    add("results", type=Path, metavar="RESULTS", help="the --output of `project-echo predict`")
    add("--output", "-o", type=Path, default=Path("review"), help="folder for the page (default %(default)s)")
    add("--model", type=Path, default=Path("models/classifier"), help="that screened them (default %(default)s)")
    add("--jobs", type=_jobs, default=-1, metavar="N", help="events side by side (default: all cores)")
    review.set_defaults(run=_review)
    collect = commands.add_parser(
        "collect-labels",
        help="add checked events to a corpus, for the next training",
        description="Add checked events to a folder corpus: what was accepted or relabelled under its label, what was "
        "rejected to the background (none/). All sounds of a site are one source, which no split divides.",
        epilog="Nothing in the corpus is overwritten. Run again, it changes nothing; an event whose verdict changed is "
        "moved, and one that is skipped now is taken out again.",
    )
    add = collect.add_argument
    add("review", type=Path, metavar="REVIEW", help="the --output of `project-echo review`")
    add("labels", type=Path, metavar="LABELS.csv", help="what its page exported")
    add("--output", "-o", type=Path, default=Path("corpus"), help="folder of the corpus (default %(default)s)")
    collect.set_defaults(run=_collect_labels)


def _predict(arguments: argparse.Namespace) -> int:
    # --help and a wrong option need none of this.
    from project_echo.models import classifier  # noqa: PLC0415
    from project_echo.screening.command import Options, predict  # noqa: PLC0415

    hop_seconds = arguments.hop
    if arguments.overlap is not None:
        seconds = classifier.load(arguments.model).features.window_s
        if arguments.overlap >= seconds:
            raise EchoError(f"--overlap {arguments.overlap:g} is not below the window's {seconds:g} s.")
        hop_seconds = seconds - arguments.overlap
    options = Options(
        recordings=arguments.recordings,
        model=arguments.model,
        output=arguments.output,
        hop_seconds=hop_seconds,
        min_confidence=arguments.min_confidence,
        formats=sorted(set(arguments.format)),
        clips=arguments.clips,
        zone=arguments.time_zone,
        alerts=arguments.alerts,
        jobs=arguments.jobs,
        scheduler=arguments.scheduler,
        resume=arguments.resume,
    )
    alerts = predict(options)
    return ALERTED if alerts and arguments.fail_on_alert else 0


def _review(arguments: argparse.Namespace) -> int:
    from project_echo.review.command import review  # noqa: PLC0415

    review(arguments.results, arguments.model, arguments.output, arguments.jobs)
    return 0


def _collect_labels(arguments: argparse.Namespace) -> int:
    from project_echo.review.collect_labels import collect_labels  # noqa: PLC0415

    collect_labels(arguments.review, arguments.labels, arguments.output)
    return 0


def _checked(kind: Callable[[str], Number], holds: Callable[[Number], bool], wanted: str) -> Callable[[str], Number]:
    def read(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not holds(value):
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return value

    return read


_positive = _checked(float, lambda value: 0 < value <= 86_400, "a number of seconds above 0, and of a day at most")
_seconds = _checked(float, lambda value: 0 <= value < math.inf, "a number of seconds, 0 or more")
_probability = _checked(float, lambda value: 0 <= value <= 1, "a number from 0 to 1")
_count = _checked(int, lambda value: value >= 0, "a whole number, 0 or more")
_jobs = _checked(int, lambda value: value >= 1 or value == -1, "a whole number from 1 on, or -1 for all cores")


def _zone(text: str) -> tzinfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time zone such as UTC or Europe/Berlin") from None


if __name__ == "__main__":
    main()
