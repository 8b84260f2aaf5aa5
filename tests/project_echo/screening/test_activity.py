"""Activity and recording effort: which events and seconds count in which hour."""

from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.core.tables import read_table, write_table
from project_echo.screening import activity, columns

RECORDINGS = ["recording", "site", "recorded_at", "duration_s"]
EVENTS = ["recording", "label", "start_s", "end_s", "mean_confidence", "peak_confidence"]


def recordings(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=RECORDINGS)


def events(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame([(*row, 0.8, 0.9) for row in rows], columns=EVENTS)


def test_recordings_and_events_are_split_at_full_hours_and_midnight() -> None:
    table = activity.activity_table(
        events(("a", "toad", 1790, 1805), ("a", "toad", 1900, 1903)),
        recordings(("a", "pond", "2024-04-30T23:30:00+10:00", 7200)),
        ["toad"],
    )
    assert table.to_dict("list") == {
        "label": ["toad"] * 3,
        "site": ["pond"] * 3,
        "date": ["2024-04-30", "2024-05-01", "2024-05-01"],
        "hour": [23, 0, 1],
        "events": [1, 1, 0],
        "active_s": [10, 8, 0],
        "recorded_s": [1800, 3600, 1800],
        "events_per_h": [2, 1, 0],
    }


def test_a_label_without_events_has_its_effort() -> None:
    table = activity.activity_table(events(), recordings(("a", "pond", "2024-05-01T05:00:00", 60)), ["toad", "boar"])
    assert list(table["label"]) == ["boar", "toad"]
    assert table["recorded_s"].tolist() == [60, 60]
    assert not table[["events", "active_s", "events_per_h"]].to_numpy().any()


def test_labels_that_call_at_the_same_time_are_both_active() -> None:
    recorded = recordings(("a", "pond", "2024-05-01T05:59:50", 60))
    table = activity.activity_table(events(("a", "boar", 0, 15), ("a", "toad", 5, 25)), recorded, ["boar", "toad"])
    assert table[["label", "hour", "events", "active_s"]].to_numpy().tolist() == [
        ["boar", 5, 1, 10],
        ["boar", 6, 0, 5],
        ["toad", 5, 1, 5],
        ["toad", 6, 0, 15],
    ]


def test_recordings_without_a_time_and_their_events_are_left_out() -> None:
    recorded = recordings(("a", "pond", "2024-05-01T05:00:00", 60), ("b", "pond", "", 60))
    calls = events(("a", "toad", 0, 5), ("b", "toad", 0, 5))
    assert activity.activity_table(calls, recorded, ["toad"])["events"].tolist() == [1]
    assert activity.activity_table(calls, recorded[1:], ["toad"]).empty


def test_recordings_of_a_site_in_one_hour_are_one_row_and_sites_are_two() -> None:
    table = activity.activity_table(
        events(("a", "toad", 0, 5), ("b", "toad", 10, 15), ("c", "boar", 0, 5)),
        recordings(
            ("a", "pond", "2024-05-01T05:00:00", 600),
            ("b", "pond", "2024-05-01T05:30:00", 600),
            ("c", "wood", "2024-05-01T05:30:00+02:00", 300),
        ),
        ["toad"],
    )
    assert table["site"].tolist() == ["pond", "wood"]
    assert table["events_per_h"].tolist() == [6, 0]


@pytest.mark.parametrize("timed", [True, False])
def test_empty_tables_give_an_empty_table(timed: bool) -> None:
    recorded = recordings(("a", "pond", "2024-05-01T05:00:00", 0)) if timed else recordings()
    table = activity.activity_table(events(), recorded, ["toad"])
    assert table.empty
    assert list(table) == list(columns.ACTIVITY)
    assert activity.activity_table(events(), recorded, []).empty


def test_empty_tables_can_be_read_from_files(tmp_path: Path) -> None:
    for name, empty in (("events", events()), ("recordings", recordings())):
        write_table(empty, tmp_path / name)
    read = [read_table(tmp_path / name) for name in ("events", "recordings")]
    assert activity.activity_table(*read, ["toad"]).empty
    table = activity.activity_table(read[0], recordings(("a", "pond", "2024-05-01T05:00:00", 60)), ["toad"])
    assert table["events"].tolist() == [0]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(2024, 1, 1), datetime(2024, 1, 5)),
            st.floats(0, 200_000),
            st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=4),
        ),
        max_size=4,
    )
)
def test_every_second_and_event_is_counted_once(
    drawn: list[tuple[datetime, float, list[tuple[float, float]]]],
) -> None:
    recorded = [(f"{number}", "pond", began.isoformat(), duration) for number, (began, duration, _) in enumerate(drawn)]
    calls = [
        (f"{number}", "toad", min(shares) * duration, max(shares) * duration)
        for number, (_, duration, events) in enumerate(drawn)
        for shares in events
        if duration > 1
    ]
    table = activity.activity_table(events(*calls), recordings(*recorded), ["toad"])
    assert table["recorded_s"].sum() == pytest.approx(sum(row[3] for row in recorded), abs=1e-4)
    assert table["active_s"].sum() == pytest.approx(sum(end - start for *_, start, end in calls), abs=1e-4)
    assert (table["active_s"] <= 4 * table["recorded_s"] + 1e-4).all()
    assert len(table) == len(table.drop_duplicates(["date", "hour"]))
    # An event of no length in the last instant of a recording may begin in an hour that was not recorded.
    lost = sum(start > row[3] - 1e-5 for row in recorded for name, _, start, _ in calls if name == row[0])
    assert len(calls) - lost <= table["events"].sum() <= len(calls)
    for (began, duration, _), row in zip(drawn, recorded, strict=True):
        if duration > 1:
            middle = datetime.fromisoformat(row[2]) + timedelta(seconds=duration / 2)
            assert ((table["date"] == f"{middle:%Y-%m-%d}") & (table["hour"] == middle.hour)).any(), began
