"""`project-echo review`: from the results of a screening to a page on which people judge its events."""

import hashlib
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files, parallel
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, display_name
from project_echo.core.spreadsheets import escape_formulas
from project_echo.models import classifier
from project_echo.models.classifier import Classifier
from project_echo.plots.palette import colours
from project_echo.review import events as screened
from project_echo.review import excerpts, exchange
from project_echo.screening.clips import CONTEXT_S
from project_echo.screening.journal import Journal
from project_echo.web import timeline
from project_echo.web.render import render
from project_echo.web.timeline import Timeline

PAGE, MEDIA = "index.html", "media"


def review(results: Path, model: Path, output: Path, jobs: int) -> None:
    """Write the page and all that it shows to `output`. Raises EchoError, with what to do."""
    _refuse_foreign(output)
    noted, digest = screened.journal(results, model)
    trained = classifier.load(model)
    events = screened.events(results, digest)
    if events.empty:
        raise EchoError(f"{results} holds no events. Screen with a lower --min-confidence to have some to review.")
    with files.atomic_folder(output) as beside:
        (beside / MEDIA).mkdir()
        events = with_excerpts(events, noted, trained, beside, jobs)
        files.write_table(escape_formulas(exported(events)), beside / exchange.EVENTS)
        files.write_text(page(events, trained, results.resolve().name), beside / PAGE)
    mute = events[events["media"] == ""]
    counts = {"event": len(events), "recording": events["recording"].nunique()}
    found = " of ".join(f"{n} {what}{'s' * (n != 1)}" for what, n in counts.items())
    print(f"{found}: open {output / PAGE} in a browser")
    for reason, some in mute.groupby("reason", sort=False):
        print(f"{len(some)} of them without sound: {reason}, such as {some['recording'].iloc[0]}")
    if len(mute) == len(events):
        print("Recordings are looked for by the names that `predict` gave them: run this where you ran it.")


def _refuse_foreign(output: Path) -> None:
    """Raise EchoError if the output would replace anything but an earlier review."""
    if not output.exists():
        return
    if not output.is_dir():
        raise EchoError(f"--output {output} is a file. Name a folder.")
    held = {path.name for path in output.iterdir()}
    ours = {PAGE, exchange.EVENTS, MEDIA}
    if held and not ours <= held:
        raise EchoError(f"--output {output} is there already and no review. Name a folder of its own.")
    if held > ours:
        raise EchoError(f"{output} holds {sorted(held - ours)[0]} as well, which would be lost. Move it elsewhere.")


def with_excerpts(events: pd.DataFrame, noted: Journal, trained: Classifier, folder: Path, jobs: int) -> pd.DataFrame:
    """The events (`screened.events`) with `media` below `folder` and `cut_s` of sound, or the `reason` of its lack.

    Writes media/<number>.flac and .png.
    """
    digits = max(4, len(str(len(events))))
    stems = {event: f"{MEDIA}/{event:0{digits}}" for event in events["event"]}
    items = [
        (row.event, row.recording, row.start_s, row.end_s, noted, trained.features, folder / stems[row.event])
        for row in events.itertuples()
    ]
    with closing(parallel.as_completed(excerpts.cut, items, jobs if len(items) > 4 else 1)) as outcomes:
        heard = {event: told for event, *told in parallel.progress(outcomes, "events", len(items))}
    return events.assign(
        cut_s=[heard[event][0] for event in events["event"]],
        reason=[heard[event][1] for event in events["event"]],
        media=["" if heard[event][1] else f"{stems[event]}.flac" for event in events["event"]],
    )


def exported(events: pd.DataFrame) -> pd.DataFrame:
    """The events by the columns that the page exports, with nothing answered yet."""
    return events.assign(verdict=exchange.UNDECIDED, reviewed_label="")[exchange.COLUMNS]


def page(events: pd.DataFrame, trained: Classifier, title: str) -> str:
    """The page's HTML, of events with their excerpts."""
    labels = sorted({*trained.labels, *events["label"]} - {NONE})
    told = [_told(event) for event in events.to_dict("records")]
    heard = events.loc[events["media"] != "", "media"]
    ticks = timeline.frequencies(trained.features)
    first = heard.iloc[0] if len(heard) else ""
    empty = Timeline("the event", first, False, "", _picture(first), 1.0, ticks, []) if first else None
    data = {
        "key": hashlib.sha256("\n".join(events["id"]).encode()).hexdigest()[:16],
        "columns": exchange.COLUMNS,
        "same": exchange.SAME,
        "labels": [{"label": label, "name": display_name(label)} for label in labels],
        "colours": colours(labels),
        "events": told,
    }
    return render("review/review.html", title=title, data=data, empty=empty, events=len(events))


def _told(event: dict[str, Any]) -> dict[str, Any]:
    """One event as the scripts of the page know it."""
    begin_s = max(0.0, event["start_s"] - CONTEXT_S)
    facts = {key: event[key] for key in exchange.FACTS}
    numbers = {key: round(value, 6) for key, value in facts.items() if isinstance(value, float)}
    return {
        **facts,
        **numbers,
        "id": event["id"],
        "windows": event["windows"],
        "at": _at(event["recorded_at"], event["start_s"]),
        "media": event["media"],
        "picture": _picture(event["media"]),
        "reason": event["reason"],
        "begin_s": round(begin_s, 3),
        "cut_s": round(event["cut_s"], 3),
        "ticks": timeline.seconds(event["cut_s"]) if event["media"] else [],
    }


def _picture(media: str) -> str:
    return str(Path(media).with_suffix(".png").as_posix()) if media else ""


def _at(recorded_at: str, start_s: float) -> str:
    """When an event was heard, on the recorder's clock; empty where that is not known."""
    return (datetime.fromisoformat(recorded_at) + timedelta(seconds=int(start_s))).isoformat() if recorded_at else ""
