"""The table of events is filtered and sorted as asked, and the address keeps all of it."""

from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from project_echo.app.results.event_query import read_filter, read_number, write_filter
from project_echo.app.results.event_table import SORTS, EventFilter, add_context, filter_events, others_nearby

RECORDINGS = pd.DataFrame(
    [("b/2.wav", "pond", "2026-05-01T23:59:50+02:00"), ("a/1.wav", "wood", "2026-05-03T04:00:00"), ("c.wav", "", "")],
    columns=["recording", "site", "recorded_at"],
)
ROWS = [
    ("b/2.wav", "fox", 1.0, 3.3, 0.9),
    ("b/2.wav", "owl", 12.0, 13.0, 0.5),
    ("a/1.wav", "fox", 0.0, 60.0, 0.7),
    ("c.wav", "owl", 5.0, 6.0, 0.8),
    ("b/2.wav", "owl", 2.0, 4.0, 0.4),
]
EVENTS = pd.DataFrame(ROWS, columns=["recording", "label", "start_s", "end_s", "mean_confidence"]).assign(
    peak_confidence=1.0
)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (EventFilter(), [0, 4, 1, 2, 3]),
        (EventFilter(sort="-time"), [2, 1, 4, 0, 3]),
        (EventFilter(sort="confidence"), [4, 1, 2, 3, 0]),
        (EventFilter(sort="-confidence"), [0, 3, 2, 1, 4]),
        (EventFilter(sort="recording"), [2, 0, 4, 1, 3]),
        (EventFilter(labels=("fox",)), [0, 2]),
        (EventFilter(labels=("fox", "owl")), [0, 4, 1, 2, 3]),
        (EventFilter(labels=("wolf",)), []),
        (EventFilter(sites=("wood",)), [2]),
        (EventFilter(recording="B/2.W"), [0, 4, 1]),
        (EventFilter(recording="(["), []),
        (EventFilter(min_confidence=0.7, max_confidence=0.8), [2, 3]),
        (EventFilter(min_s=2.3), [0, 2]),
        (EventFilter(first_date=date(2026, 5, 2)), [1, 2]),
        (EventFilter(last_date=date(2026, 5, 1)), [0, 4]),
        (EventFilter(first_date=date(2026, 5, 2), last_date=date(2026, 5, 2)), [1]),
        (EventFilter(first_hour=4, last_hour=4), [2]),
        (EventFilter(first_hour=23, last_hour=0), [0, 4, 1]),
        (EventFilter(last_hour=4), [1, 2]),
        (EventFilter(first_hour=5), [0, 4]),
        (EventFilter(labels=("owl",), recording="2", min_confidence=0.45), [1]),
    ],
)
def test_filters(chosen: EventFilter, expected: list[int]) -> None:
    assert list(filter_events(add_context(EVENTS, RECORDINGS), chosen).index) == expected


def test_events_have_the_clock_time_and_the_site_of_their_recording() -> None:
    table = add_context(EVENTS, RECORDINGS).sort_index()
    assert list(table["site"]) == ["pond", "pond", "wood", "", "pond"]
    assert table["at"][1] == pd.Timestamp("2026-05-02 00:00:02")  # the recorder's clock, past midnight
    assert pd.isna(table["at"][3])
    pd.testing.assert_frame_equal(table[list(EVENTS)].astype(EVENTS.dtypes.to_dict()), EVENTS)


@pytest.mark.parametrize(
    ("first", "last", "n"), [(date.min, date.max, 4), (date.min, date.min, 0), (date.max, None, 0)]
)
def test_dates_may_be_of_any_year(first: date, last: date | None, n: int) -> None:
    table = add_context(EVENTS, RECORDINGS)
    assert len(filter_events(table, EventFilter(first_date=first, last_date=last))) == n


def test_no_events() -> None:
    table = add_context(EVENTS.iloc[:0], RECORDINGS)
    for sort in SORTS:
        chosen = EventFilter(labels=("fox",), recording="a", first_hour=1, min_s=1, sort=sort)
        assert filter_events(table, chosen).empty


def test_what_is_heard_at_the_same_time() -> None:
    table = add_context(EVENTS, RECORDINGS)
    assert list(others_nearby(table, 0, 1.0, 3.3).index) == [0, 4]
    assert list(others_nearby(table, 2, 0.0, 60.0).index) == [2]


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
FILTERS = st.builds(
    EventFilter,
    labels=st.lists(TEXT.filter(bool), max_size=3).map(tuple),
    sites=st.lists(TEXT.filter(bool), max_size=3).map(tuple),
    recording=TEXT.map(str.strip),
    min_confidence=st.none() | st.integers(0, 100).map(lambda share: share / 100),
    last_date=st.none() | st.dates(),
    first_hour=st.none() | st.integers(0, 23),
    min_s=st.none() | st.integers(0, 10_000).map(lambda tenths: tenths / 10),
    sort=st.sampled_from(sorted(SORTS)),
)


@given(FILTERS)
def test_the_address_keeps_the_filter(chosen: EventFilter) -> None:
    query = QueryParams(urlencode(write_filter(chosen), doseq=True))
    assert read_filter(query) == (chosen, [])


def test_a_comma_is_a_decimal_point() -> None:
    chosen, problems = read_filter(QueryParams("confidence_from=0,25"))
    assert (chosen, problems) == (EventFilter(min_confidence=0.25), [])


@pytest.mark.parametrize(
    "query",
    [
        *(
            "confidence_from=high",
            "confidence_to=1.5",
            "confidence_to=nan",
            "seconds=-1",
            "seconds=inf",
            "hour_from=24",
        ),
        *("hour_to=-1", "hour_to=²", "date_from=yesterday", "date_to=2026-02-30"),
    ],
)
def test_what_is_not_valid_is_named_and_does_not_filter(query: str) -> None:
    chosen, problems = read_filter(QueryParams(f"label=fox&{query}"))
    assert chosen == replace(EventFilter(), labels=("fox",))
    assert len(problems) == 1
    assert query.partition("=")[2] in problems[0]


def test_an_unknown_order_is_that_of_time() -> None:
    assert read_filter(QueryParams("sort=size"))[0].sort == "time"


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("", 1), ("-3", 1), ("x", 1), ("9" * 30, 1), ("٣", 1)])
def test_numbers_of_addresses(text: str, number: int) -> None:
    assert read_number(QueryParams({"page": text}), "page", 1) == number
