"""The filter of events as the query of an address, so that a reload shows the same."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, Protocol

from project_echo.app.addresses import whole_number
from project_echo.app.results.event_table import SORTS, EventFilter


class Query(Protocol):
    """The query of an address, in which a name may occur more than once."""

    def getlist(self, key: Any) -> list[str]:
        """All values of a name."""
        ...  # pragma: no cover


# Name in the address: attribute of the filter, and what it is called in messages.
NUMBERS = {
    "confidence_from": ("min_confidence", "Confidence from", 0.0, 1.0),
    "confidence_to": ("max_confidence", "Confidence to", 0.0, 1.0),
    "seconds": ("min_s", "Length at least (seconds)", 0.0, math.inf),
}
HOURS = {"hour_from": ("first_hour", "Hour from"), "hour_to": ("last_hour", "Hour to")}
DATES = {"date_from": ("first_date", "Date from"), "date_to": ("last_date", "Date to")}


def read_filter(query: Query) -> tuple[EventFilter, list[str]]:
    """The filter that an address states.

    Parameters
    ----------
    query : Query
        Its names are those of the fields of the form.

    Returns
    -------
    chosen : EventFilter
        What is not valid is left out.
    problems : list of str
        A sentence about each part that is not valid.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []

    def read(name: str, attribute: str, parse: Callable[[str], Any], problem: str) -> None:
        if text := _last(query, name):
            try:
                values[attribute] = parse(text)
            except ValueError:
                problems.append(problem.format(text))

    for name, (attribute, title, low, high) in NUMBERS.items():
        limits = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"
        parse = partial(_number, low=low, high=high)
        read(name, attribute, parse, f'{title} is "{{}}", not a number {limits}.')
    for name, (attribute, title) in HOURS.items():
        read(name, attribute, _hour, f'{title} is "{{}}", not an hour from 0 to 23.')
    for name, (attribute, title) in DATES.items():
        read(name, attribute, date.fromisoformat, f'{title} is "{{}}", not a date such as 2026-05-01.')
    sort = _last(query, "sort")
    return (
        EventFilter(
            labels=tuple(filter(None, query.getlist("label"))),
            sites=tuple(filter(None, query.getlist("site"))),
            recording=_last(query, "recording"),
            sort=next((known for known in SORTS if known == sort), "time"),
            **values,
        ),
        problems,
    )


def write_filter(chosen: EventFilter) -> dict[str, Any]:
    """The query of a filter: `read_filter` reads it back. What lets all events pass is left out."""
    query: dict[str, Any] = {"label": list(chosen.labels), "site": list(chosen.sites), "recording": chosen.recording}
    attributes = {name: entry[0] for name, entry in (NUMBERS | HOURS | DATES).items()}
    query |= {name: _text(getattr(chosen, attribute)) for name, attribute in attributes.items()}
    query["sort"] = "" if chosen.sort == "time" else chosen.sort
    return {name: value for name, value in query.items() if value}


def read_number(query: Query, name: str, default: int = 0) -> int:
    """A whole number of at least 0, such as a page; the default if it is not one."""
    return whole_number(_last(query, name), default)


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """What the fields of the form hold; those of `write_filter` that have one value."""
    return {name: value for name, value in values.items() if isinstance(value, str)}


def _last(query: Query, name: str) -> str:
    return next(iter(reversed(query.getlist(name))), "").strip()


def _number(text: str, low: float, high: float) -> float:
    value = float(text.replace(",", "."))
    if not low <= value <= high or math.isinf(value):
        raise ValueError(text)
    return value


def _hour(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 24):
        raise ValueError(text)
    return int(text)


def _text(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
