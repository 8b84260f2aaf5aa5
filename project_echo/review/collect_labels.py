"""`project-echo collect-labels`: from what people said of events to a folder corpus for the next training."""

import filecmp
import shutil
from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.spreadsheets import escape_formulas
from project_echo.datasets.split import PARTS
from project_echo.review import exchange, placement
from project_echo.review.exchange import ACCEPTED, REJECTED, RELABELLED, UNDECIDED

LEDGER = ".labels.csv"  # hidden, as collecting a corpus passes hidden files over
NOTED = ["file", "recording", "source", "start_s", "end_s", "heard_as", "verdict", "truth"]
EVENT = ["recording", "start_s", "end_s"]  # a stretch of sound is in the corpus once, whatever it was heard as
WIDTH = 3  # decimals of seconds by which stretches are told apart


def collect_labels(review: Path, labels: Path, output: Path) -> None:
    """Add the events of a review that were decided to the corpus in `output`. Raises EchoError, with row and remedy."""
    events = exchange.read(review / exchange.EVENTS, exchange.COLUMNS, "Name the --output of `project-echo review`.")
    answers = exchange.read(labels, exchange.COLUMNS, "Export it from the page of the review.")
    before = ledger(output)
    there = placement.corpus(output, before["file"])
    decided = told(answers, events, there, before, labels)
    left = before[~_keys(before).isin(set(_keys(decided)))]  # of other reviews, or not decided this time
    mute = decided["media"] == ""
    kept = decided[(decided["truth"] != "") & ~mute]
    table = pd.concat([left, kept], ignore_index=True)[NOTED]
    table["file"] = placement.places(table, there)
    sounds = dict(zip(_keys(kept), _sounds(kept, review, labels), strict=True))
    counts = arrange(before, table, sounds, output)
    files.write_table(escape_formulas(table.sort_values("file")), output / LEDGER)
    if mute.any():
        n = int(mute.sum())
        print(f"{n} event{'s' * (n != 1)} left out: no sound could be cut when the page was made")
    print(summary(table, counts, output))


def ledger(corpus: Path) -> pd.DataFrame:
    """What was placed in a corpus before and is still there, by the columns of NOTED; `file` is relative to it."""
    path = corpus / LEDGER
    if not path.exists():
        return pd.DataFrame({name: pd.Series(dtype=float if name.endswith("_s") else str) for name in NOTED})
    table = exchange.read(path, NOTED, "Restore it; it says which files of the corpus came from reviews.")
    return table[[(corpus / file).is_file() for file in table["file"]]]


def told(
    answers: pd.DataFrame, events: pd.DataFrame, there: placement.Corpus, before: pd.DataFrame, path: Path
) -> pd.DataFrame:
    """The events that were decided or skipped, by NOTED without `file`, with `media` and `row` (of the table).

    `truth` is the label that is right, none, or empty of what was skipped; labels that people typed are matched with
    those of the ledger (`before`) and of the rows above. Raises EchoError, naming the row, for an event of another
    review, a verdict that is none, and a label that can be none.
    """
    # What is decided anew has no say: who corrects the spelling of a label means it.
    again = set(_keys(answers[answers["verdict"].str.strip() != UNDECIDED]))
    typed = [truth for key, truth in zip(_keys(before), before["truth"], strict=True) if key not in again]
    places = dict(zip(_keys(events, "label"), events.to_dict("records"), strict=True))
    heard = sorted(set(events["label"]))
    rows = []
    for row, (key, answer) in enumerate(zip(_keys(answers, "label"), answers.to_dict("records"), strict=True), 2):
        event, verdict = places.get(key), answer["verdict"].strip()
        where = f"{path}, row {row} ({answer['recording']}, {answer['start_s']:g} s)"
        if event is None:
            raise EchoError(f"{where}: no such event in this review. Name the review that the table was exported from.")
        if verdict not in exchange.VERDICTS:
            raise EchoError(
                f"{where}: the verdict {verdict!r} is none of {', '.join(filter(None, exchange.VERDICTS))}."
            )
        if verdict == UNDECIDED:
            continue
        try:
            given = {ACCEPTED: event["label"], RELABELLED: answer["reviewed_label"], REJECTED: NONE}.get(verdict)
            truth = "" if given is None else placement.label(given, there, heard, typed)
        except EchoError as error:
            raise EchoError(f"{where}: {error}. Type another one in the column reviewed_label.") from None
        typed += [truth] * bool(truth)
        facts = {name: event[name] for name in (*EVENT, "source", "media")}
        rows.append({**facts, "heard_as": event["label"], "verdict": verdict, "truth": truth, "row": row})
    table = pd.DataFrame(rows, columns=[*NOTED[1:], "media", "row"])
    twice = table[_keys(table).duplicated()]
    if len(twice):
        raise EchoError(f"{path}, row {twice['row'].iloc[0]}: the same event as in a row before. Take one of them out.")
    return table


def _sounds(kept: pd.DataFrame, review: Path, labels: Path) -> list[Path]:
    """The sound of each event that is to be placed. Raises EchoError, naming the row, if one is missing."""
    found = [review / media for media in kept["media"]]
    for row, path in zip(kept["row"], found, strict=True):
        if not path.is_file():
            raise EchoError(f"{labels}, row {row}: its sound, {path}, is missing. Make the review anew.")
    return found


def arrange(before: pd.DataFrame, after: pd.DataFrame, sounds: dict[str, Path], corpus: Path) -> dict[str, int]:
    """Make the corpus hold the files that `after` names; counts of what was added, moved and taken out.

    Only files that `before` names are ever moved or taken out. Raises EchoError, before anything is changed, if a
    file of somebody else's is in the way.
    """
    was = {key: corpus / file for key, file in zip(_keys(before), before["file"], strict=True)}
    will = {key: corpus / file for key, file in zip(_keys(after), after["file"], strict=True)}
    origins = {**sounds, **was}
    for key, path in will.items():
        if path.exists() and path != was.get(key) and not filecmp.cmp(path, origins[key], shallow=False):
            raise EchoError(f"{path} is there already and did not come from a review. Move it out of the way.")
    counts = {"added": 0, "moved": 0, "taken out": 0}
    for key, path in will.items():
        if not path.exists():
            counts["moved" if key in was else "added"] += 1
            with files.atomic_path(path) as beside:
                shutil.copyfile(origins[key], beside)
    wanted = {_identity(path) for path in will.values()}
    for key, path in was.items():
        if path != will.get(key):
            counts["taken out"] += key not in will
            if _identity(path) not in wanted:  # Owl/ and owl/ are one, where the file system ignores case
                path.unlink()
                _drop_empty(path.parent, corpus)
    return counts


def _identity(path: Path) -> tuple[int, int]:
    """The same for two paths of one file (`Path.samefile`)."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _drop_empty(folder: Path, corpus: Path) -> None:
    """Folders that hold nothing any more: collecting a corpus would list them as astray."""
    while folder != corpus and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _keys(table: pd.DataFrame, *more: str) -> pd.Series:
    """What an event is known by, as text."""
    names = [*EVENT, *more]
    rows = [
        "\n".join(f"{value:.{WIDTH}f}" if isinstance(value, float) else str(value) for value in row)
        for row in table[names].itertuples(index=False)
    ]
    return pd.Series(rows, index=table.index, dtype=str)


def summary(table: pd.DataFrame, counts: dict[str, int], corpus: Path) -> str:
    """What the corpus holds from reviews now, and what to do with it."""
    lines = [f"{corpus}: " + ", ".join(f"{n} {what}" for what, n in counts.items())]
    background = placement.corpus(corpus, ()).sources
    parts = table["file"].str.split("/")
    for folder, some in table.groupby(parts.map(lambda part: "/".join(part[:-2]))):
        here = some["source"].nunique()
        place = corpus / str(folder)
        if place.parent == corpus:
            sources = len([path for path in place.iterdir() if not path.name.startswith(".")])
        else:
            sources = len(background[place.name])  # of no kind are files beside the kinds' folders too
        few = ": too few to train on; record more, or skip its events and collect again" if sources < len(PARTS) else ""
        lines.append(
            f"  {folder}: {len(some)} event{'s' * (len(some) != 1)} of {here} source{'s' * (here != 1)}, "
            f"{sources} with all that is there{few}"
        )
    alarms = table[table["truth"] == NONE]
    joined = sorted({part[1] for part in parts[alarms.index]} - {placement.FALSE_ALARM})
    if joined:
        most = f"of the kind with most, {joined[0]}, in crossval's unheard_kinds too"
        lines.append(
            f"  False alarms come from fewer than {len(PARTS)} sources, too few for a kind of their own. Whatever they "
            f"are, they count as background {'of no kind' if joined[0] == NONE else most}. With more sources they "
            f"become a kind, {placement.FALSE_ALARM}."
        )
    return "\n".join([*lines, f"Train on it: dvc exp run -S collect.corpus={corpus}"])
