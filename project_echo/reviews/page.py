"""The HTML of the review page, from events and their excerpts."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from project_echo.core.labels import display_name
from project_echo.media.excerpt import CONTEXT_S as CLIP_CONTEXT_S
from project_echo.models.classifier import Classifier
from project_echo.plots import palette
from project_echo.reviews import exchange
from project_echo.reviews.excerpts import CONTEXT_S
from project_echo.web import timeline
from project_echo.web.render import render
from project_echo.web.timeline import Timeline


def render_page(events: pd.DataFrame, trained: Classifier, title: str, searched: bool = False) -> str:
    """Render the review page.

    Parameters
    ----------
    events : pd.DataFrame
        Events with their excerpts, from `excerpts.add_excerpts`, with `probabilities`, from
        `probabilities.peak_probabilities`, and `sample` and `reported`, from `random_windows.add_windows`.
    trained : Classifier
        The classifier that screened the recordings: its labels and features are used.
    title : str
        Name of the results.
    searched : bool
        Whether events are matches of a search, whose confidences are similarities.

    Returns
    -------
    str
        HTML that fetches only the excerpts' media files, by paths relative to the page.
    """
    labels = sorted({*trained.labels, *events["label"]})
    data = {
        "review_id": hashlib.sha256("\n".join(events["id"]).encode()).hexdigest()[:16],
        "columns": list(exchange.COLUMNS),
        "key_columns": exchange.KEY_COLUMNS,
        "added_columns": exchange.ADDED_COLUMNS,
        "contexts_s": [CLIP_CONTEXT_S, 2.0, CONTEXT_S],
        "labels": [{"label": label, "name": display_name(label)} for label in labels],
        "colors": palette.label_colors(labels),
        "thresholds": dict(zip(trained.labels, trained.event_thresholds, strict=True)),
        "searched": searched,
        "events": [_event_data(event) for event in events.to_dict("records")],
    }
    media = next(filter(None, [*events["media"], *events["excerpt"]]), "")
    picture = next(filter(None, events["spectrogram"]), "")
    # The page's script fills the player with one event after the other; without any sound there is no player.
    empty = Timeline("the event", media, False, "", picture, 1.0, timeline.frequency_ticks(trained.features), [])
    return render(
        "reviews/review.html",
        title=title,
        data=data,
        timeline=empty if media else None,
        searched=searched,
        has_windows=bool((events["sample"] == exchange.RANDOM).any()),
    )


def _event_data(event: dict[str, Any]) -> dict[str, Any]:
    """An event as the page's scripts read it (`ReviewEvent` in event.js)."""
    facts = {name: event[name] for name in exchange.FACTS}
    numbers = {name: round(value, 6) for name, value in facts.items() if isinstance(value, float)}
    return {
        **facts,
        **numbers,
        "id": event["id"],
        "event_time": _event_time(event["recorded_at"], event["start_s"]),
        "media": event["media"],
        "model": event[exchange.MODEL],
        "excerpt": event["excerpt"],
        "spectrogram": event["spectrogram"],
        "reason": event["reason"],
        "sample": event["sample"],
        "reported": event["reported"],
        "excerpt_start_s": round(event["excerpt_start_s"], 3),
        "excerpt_duration_s": round(event["excerpt_duration_s"], 3),
        "probabilities": event["probabilities"],
        "vector": event["vector"],
    }


def _event_time(recorded_at: str, start_s: float) -> str:
    """Date and time of an event on the recorder's clock, ISO 8601; empty if it is not known."""
    return (datetime.fromisoformat(recorded_at) + timedelta(seconds=int(start_s))).isoformat() if recorded_at else ""
