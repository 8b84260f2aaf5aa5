"""Alert rules: reading them, with errors that name the rule, and applying them."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from project_echo.core.errors import EchoError
from project_echo.core.tables import read_table, write_table
from project_echo.screening import alerts, columns
from project_echo.screening.alerts import Rule

LABELS = ["boar", "toad"]
LONG = {"label": "toad", "min_confidence": 0.7, "min_duration_s": 7.5}
RATE = {"label": "boar", "min_confidence": 0.5, "events_per_hour": 10}
EVENTS = ["recording", "label", "start_s", "end_s", "mean_confidence"]


def find(rules: list[Rule], events: pd.DataFrame, recordings: pd.DataFrame) -> pd.DataFrame:
    """Alerts if the events are the same for every minimum confidence."""
    return alerts.find_alerts(rules, {rule.min_confidence: events for rule in rules}, recordings)


def read(tmp_path: Path, value: object) -> list[Rule]:
    (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(value), encoding="utf-8")
    return alerts.read_rules(tmp_path / "alerts.yaml", LABELS)


def recordings(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["recording", "site", "recorded_at", "duration_s"])


def events(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=EVENTS)


def calls(recording: str, *starts: float) -> list[tuple[str, str, float, float, float]]:
    return [(recording, "boar", start, start + 5, 0.6) for start in starts]


def test_rules_are_read_in_order(tmp_path: Path) -> None:
    assert read(tmp_path, {"alerts": [LONG, RATE]}) == [Rule(**LONG), Rule(**RATE)]
    assert read(tmp_path, {"alerts": []}) == []


@pytest.mark.parametrize(
    ("value", "facts"),
    [
        ({"alerts": [LONG, {**RATE, "event_per_hour": 3}]}, ["alerts.yaml, rule 2", "event_per_hour"]),
        ({"alerts": [{**LONG, "label": "frog"}]}, ["rule 1", "label", "frog", "boar, toad"]),
        ({"alerts": [{**LONG, "label": "none"}]}, ["rule 1", "label", "none"]),
        ({"alerts": [{**LONG, "label": 3}]}, ["rule 1", "label", "3"]),
        ({"alerts": [{**LONG, "events_per_hour": 3}]}, ["rule 1", "min_duration_s", "events_per_hour"]),
        ({"alerts": [{"label": "toad", "min_confidence": 0}]}, ["rule 1", "min_duration_s", "events_per_hour"]),
        ({"alerts": [{"label": "toad", "min_duration_s": 1}]}, ["rule 1", "min_confidence"]),
        ({"alerts": [{**LONG, "min_confidence": 70}]}, ["rule 1", "min_confidence", "70"]),
        ({"alerts": [{**LONG, "min_duration_s": 0}]}, ["rule 1", "min_duration_s", "0"]),
        ({"alerts": [{**RATE, "events_per_hour": float("inf")}]}, ["rule 1", "events_per_hour", "inf"]),
        ({"alerts": ["toad"]}, ["alerts.yaml", "alerts.0", "toad"]),
        ({"alerts": None}, ["alerts.yaml", "alerts", "None"]),
        ({"alarms": [LONG]}, ["alerts.yaml", "alarms", "alerts"]),
        ([LONG], ["alerts.yaml"]),
    ],
)
def test_an_error_names_the_file_the_rule_and_the_key(tmp_path: Path, value: object, facts: list[str]) -> None:
    with pytest.raises(EchoError) as error:
        read(tmp_path, value)
    assert all(fact in str(error.value) for fact in facts)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"alerts\.yaml"):
        alerts.read_rules(tmp_path / "alerts.yaml", LABELS)


def test_events_are_alerts_by_duration_and_confidence() -> None:
    events_table = events(
        ("a", "toad", 10, 17.5, 0.7),
        ("a", "boar", 12, 42, 0.9),
        ("a", "toad", 30, 37.4, 0.9),
        ("a", "toad", 50, 60, 0.69),
        ("b", "toad", 60, 80, 0.8),
    )
    recorded = recordings(("a", "pond", "2024-05-01T23:59:55+10:00", 600), ("b", "pond", "", 600))
    table = find([Rule(**LONG)], events_table, recorded)
    assert list(table) == list(columns.ALERTS)
    assert table.to_numpy().tolist() == [
        [1, "toad", "a", "2024-05-02T00:00:05+10:00", 10, 17.5, 7.5, 7.5, 0.7],
        [1, "toad", "b", "", 60, 80, 20, 7.5, 0.8],
    ]


def test_events_per_hour_are_counted_by_site_and_hour_of_the_clock() -> None:
    recorded = recordings(
        ("a", "pond", "2024-05-01T05:00:00", 900),
        ("b", "pond", "2024-05-01T05:30:00", 900),
        ("c", "wood", "2024-05-01T05:30:00", 900),
        ("d", "pond", "2024-05-01T06:00:00", 900),
    )
    events_table = events(*calls("b", 20, 100), *calls("a", 50, 7, 300), *calls("c", 1, 2), *calls("d", 3))
    table = find([Rule(**RATE)], events_table, recorded)
    assert table[["recording", "at", "start_s", "end_s", "value", "limit"]].to_numpy().tolist() == [
        ["a", "2024-05-01T05:00:07", 7, 12, 10, 10]
    ]
    assert table["confidence"].iloc[0] == pytest.approx(0.6)


def test_a_recording_of_several_hours_is_counted_hour_by_hour() -> None:
    recorded = recordings(("a", "pond", "2024-05-01T05:30:00", 7200))
    events_table = events(*calls("a", *range(1700, 1800, 10), *range(1801, 1900, 10)))
    table = find([Rule(**RATE)], events_table, recorded)
    assert table[["start_s", "value"]].to_numpy().tolist() == [[1700, 20], [1801, 10]]


def test_one_call_in_a_minute_of_sound_is_a_rate_of_ten_per_hour() -> None:
    for began in ("2024-05-01T05:30:00", ""):
        recorded = recordings(("a", "pond", began, 60))
        assert find([Rule(**{**RATE, "events_per_hour": 11})], events(*calls("a", 1)), recorded).empty
        assert find([Rule(**RATE)], events(*calls("a", 1)), recorded)["value"].tolist() == [10]


def test_recordings_without_times_are_counted_separately() -> None:
    recorded = recordings(("a", "pond", "", 1800), ("b", "pond", "", 1800), ("c", "pond", "2024-05-01T05:30:00", 1800))
    events_table = events(*calls("a", *range(0, 50, 10)), *calls("b", 1, 2, 3, 4), *calls("c", 1, 2))
    table = find([Rule(**RATE)], events_table, recorded)
    assert table[["recording", "at", "value"]].to_numpy().tolist() == [["a", "", 10]]


def test_rules_are_numbered_and_only_events_with_the_minimum_confidence_count() -> None:
    recorded = recordings(("a", "pond", "", 360))
    events_table = events(*calls("a", 1, 2), ("a", "boar", 3, 12, 0.2))
    rules = [Rule(**LONG), Rule(**RATE), Rule(label="boar", min_confidence=0.1, min_duration_s=9)]
    table = find(rules, events_table, recorded)
    assert table[["rule", "value"]].to_numpy().tolist() == [[2, 20], [3, 9]]


def test_empty_tables_and_no_rules_give_an_empty_table(tmp_path: Path) -> None:
    rules = [Rule(**LONG), Rule(**RATE)]
    recorded = recordings(("a", "pond", "2024-05-01T05:30:00", 60))
    for table in (
        find(rules, events(), recordings()),
        find(rules, events(), recorded),
        find([], events(*calls("a", 1)), recorded),
    ):
        assert table.empty
        assert list(table) == list(columns.ALERTS)
    write_table(table, tmp_path / "alerts.csv")
    write_table(events(), tmp_path / "events.csv")
    assert find(rules, read_table(tmp_path / "events.csv"), recordings()).empty
