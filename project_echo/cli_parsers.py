"""Arguments and help of each command; their defaults are those of the functions that run them."""

import argparse
from typing import TYPE_CHECKING, get_args

from project_echo import cli_types
from project_echo.core.command_line import path_argument
from project_echo.screening.screen import Format

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EXIT_ALERT = 3
EPILOG = """\
results:
  recordings.csv   a row per recording: its time, and the events, seconds and peak probability of each label
  events.csv       when each label is heard: start, end, confidence; labels may overlap
  windows.parquet  the probability of each label in every window
  activity.csv     events by label, site, day and hour; activity.png is a figure of it
  skipped.csv      files that could not be used, with the reason and what to do
  raven/, audacity/, kaleidoscope/   with --format; clips/ with --clips; alerts.csv with --alerts;
                   embeddings/ with --embeddings

A site is the path from the folder that you pass to the recording, without folders named after days (20240501,
2024-05-01) and those of memory cards (Data, DCIM, 100MEDIA), so give each recorder its own folder. Folders with the
same name are distinguished by the folders above them. All files that may contain sound are screened or listed in
skipped.csv, except hidden ones. The tables list the recordings that you pass; --output may be a folder of recordings.

You can stop at any time; run the same command again to continue. Exit codes: 0 success, 1 error, 2 wrong command
line, 3 alert with --fail-on-alert, 130 stopped.
"""


def add_predict(commands: "Commands") -> argparse.ArgumentParser:
    """Add `predict`, whose options are named as in BirdNET-Analyzer where it has them."""
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
        type=cli_types.positive,
        metavar="S",
        help="step between windows, s (default: window length)",
    )
    windows.add_argument(
        "--overlap",
        dest="overlap_seconds",
        type=cli_types.seconds,
        metavar="S",
        help="window overlap in seconds (alternative to --hop)",
    )
    add(
        "--threshold",
        dest="thresholds",
        action="append",
        type=cli_types.threshold,
        metavar="LABEL=P",
        help="lowest probability at which a label is reported, 0 to 1, in place of the classifier's threshold; may be "
        "repeated",
    )
    add(
        "--min-confidence",
        type=cli_types.probability,
        metavar="P",
        help="minimum probability for all labels, 0 to 1, in addition to the thresholds (default: %(default)s)",
    )
    add(
        "--merge-gap",
        dest="merge_gap_s",
        type=cli_types.seconds,
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
        type=cli_types.count,
        metavar="N",
        help="cut the N most and the N least confident events of each label (default: %(default)s)",
    )
    add(
        "--embeddings",
        action="store_true",
        help="keep embeddings, which `project-echo search` needs",
    )
    add(
        "--time-zone",
        type=cli_types.zone,
        metavar="ZONE",
        help="time zone in which times are shown, also assumed for recorders that do not state theirs, such as UTC or "
        "Europe/Berlin (default: none)",
    )
    add(
        "--alerts",
        type=path_argument,
        metavar="RULES",
        help="YAML file with alert rules; alerts are written to alerts.csv",
    )
    add("--fail-on-alert", action="store_true", help=f"exit with code {EXIT_ALERT} if there is an alert")
    add("--jobs", "--threads", type=cli_types.jobs, metavar="N", help="cores to use (default: all)")
    add(
        "--scheduler",
        type=cli_types.address,
        metavar="tcp://HOST:PORT",
        help="run on the Dask cluster of this scheduler",
    )
    add(
        "--resume",
        action=argparse.BooleanOptionalAction,
        help="continue from the results in --output (default)",
    )
    return command


def add_review(commands: "Commands") -> argparse.ArgumentParser:
    """Add `review`."""
    command = commands.add_parser(
        "review",
        help="make a page to check events by ear",
        description="Make a page to check the events of a screening by ear: sound and spectrogram of each event, keys "
        "to answer, and the share of correct events. The page opens from disk, without a server.",
        epilog="The browser keeps the answers; the page exports them as labels.csv for `project-echo improve`, "
        "`thresholds` and `collect-labels`. "
        "Run this in the same folder as `predict`: recordings are found by their paths in the results.",
    )
    add = command.add_argument
    add(
        "results", type=path_argument, metavar="RESULTS", help="results folder of `project-echo predict` (its --output)"
    )
    add("--output", "-o", type=path_argument, help="folder for the page (default: %(default)s)")
    add("--model", type=path_argument, help="classifier folder that the results are from (default: %(default)s)")
    add(
        "--random-windows",
        type=cli_types.count,
        metavar="N",
        help="also ask about N randomly drawn windows, which show how much is missed (default: %(default)s)",
    )
    add("--jobs", type=cli_types.jobs, metavar="N", help="cores to use (default: all)")
    return command


def add_search(commands: "Commands") -> argparse.ArgumentParser:
    """Add `search`."""
    command = commands.add_parser(
        "search",
        help="find sounds similar to an example",
        description="Find sounds similar to one or more examples in the recordings of a screening that kept embeddings "
        "(predict --embeddings). The output is a table of the most similar sounds, and a page to check them by ear.",
        epilog="The page exports the answers as labels.csv for `project-echo collect-labels`, also under a new label. "
        "If a file has a name that looks like a part or an event, the file is used. Run this in the same folder as "
        "`predict`: recordings are found by their paths in the results.",
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
        help="audio or video file, part of one in seconds (night.wav@12.5-15), or an event of events.csv "
        "(event:3 for the third); all are examples of the same sound",
    )
    add("--model", type=path_argument, help="classifier folder that the results are from (default: %(default)s)")
    add("--output", "-o", type=path_argument, help="folder for matches.csv and the page (default: %(default)s)")
    add("--top", type=cli_types.above_0, metavar="N", help="maximum number of matches (default: %(default)s)")
    add(
        "--label",
        metavar="NAME",
        help="label that the page asks about, and of accepted matches in a corpus (default: %(default)s)",
    )
    add("--jobs", type=cli_types.jobs, metavar="N", help="cores to use (default: all)")
    return command


def add_collect_labels(commands: "Commands") -> argparse.ArgumentParser:
    """Add `collect-labels`."""
    command = commands.add_parser(
        "collect-labels",
        help="add reviewed events to a corpus for the next training",
        description="Add reviewed events to a corpus, a folder of labelled recordings: under a label that is heard, or "
        "as background (none/) if none is. labels.csv of the corpus states when labels are heard, and when not. All "
        "sounds of a site are one source, which is never divided between splits.",
        epilog="Nothing in the corpus is overwritten. Running this again changes nothing, except that an event whose "
        "verdict has changed is moved, and an event that is now skipped is removed.",
    )
    add = command.add_argument
    add("review", type=path_argument, metavar="REVIEW", help="review folder of `project-echo review` (its --output)")
    add("labels", type=path_argument, metavar="LABELS.csv", help="labels that the review page exported")
    add("--output", "-o", type=path_argument, help="corpus folder (default: %(default)s)")
    return command


def add_thresholds(commands: "Commands") -> argparse.ArgumentParser:
    """Add `thresholds`."""
    command = commands.add_parser(
        "thresholds",
        help="set thresholds from reviewed events",
        description="Write a copy of a classifier with thresholds that reach a precision on reviewed events. They are "
        "chosen on one half of the sites. Precision, and recall if random windows were reviewed, are measured on the "
        "other half. A label with too few answers keeps its threshold.",
        epilog="Review events in shuffled order, not only those near the threshold. A threshold is never lower than "
        "the reviewed confidences: to try lower ones, screen with a lower --threshold and review again. The output "
        "also has thresholds.csv, which the pipeline can use for training.",
    )
    add = command.add_argument
    add("model", type=path_argument, metavar="MODEL", help="classifier folder that screened the recordings")
    add("labels", type=path_argument, metavar="LABELS.csv", help="labels that the review page exported")
    add("--output", "-o", type=path_argument, help="folder of the new classifier (default: %(default)s)")
    add(
        "--precision",
        type=cli_types.share,
        metavar="P",
        help="share of correct events at or above a threshold, above 0 and below 1 (default: %(default)s)",
    )
    return command


def add_backbone(commands: "Commands") -> argparse.ArgumentParser:
    """Add `backbone inspect`."""
    backbone = commands.add_parser(
        "backbone", help="use a custom network", description="Use a custom network for embeddings."
    )
    actions = backbone.add_subparsers(required=True, metavar="ACTION")
    command = actions.add_parser(
        "inspect",
        help="list a network's tensors and write its first card",
        description="List the tensors of a network, and write its first card beside it (NAME.yaml), or check its card.",
        epilog="The card is a guess: check its lines with a question mark. ONNX files need onnxruntime: "
        "pip install 'project-echo[onnx]'.",
    )
    command.add_argument("network", type=path_argument, metavar="NETWORK", help="LiteRT (.tflite) or ONNX (.onnx) file")
    return command
