"""Rules for alarms: read with errors that help, and applied."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.screening import alerts
from project_echo.screening.alerts import Rule

LABELS = ["boar", "toad", "none"]
RUN = {"label": "toad", "min_confidence": 0.7, "windows_in_a_row": 3}
RATE = {"label": "boar", "min_confidence": 0.5, "events_per_hour": 10}
EVENTS = ["recording", "label", "start_s", "end_s", "windows", "mean_confidence"]


def find(rules: list[Rule], heard: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """The alarms where events are the same for whatever confidence a rule asks."""
    return alerts.find(rules, {rule.min_confidence: heard for rule in rules}, whole)


def read(tmp_path: Path, value: object) -> list[Rule]:
    (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(value), encoding="utf-8")
    return alerts.read(tmp_path / "alerts.yaml", LABELS)


def recordings(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["recording", "site", "recorded_at", "duration_s"])


def events(*rows: tuple[str, str, float, float, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=EVENTS)


def calls(recording: str, *starts: float) -> list[tuple[str, str, float, float, int, float]]:
    return [(recording, "boar", start, start + 5, 1, 0.6) for start in starts]


def test_rules_are_read_in_their_order(tmp_path: Path) -> None:
    assert read(tmp_path, {"alerts": [RUN, RATE]}) == [Rule(**RUN), Rule(**RATE)]
    assert read(tmp_path, {"alerts": []}) == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"alerts": [RUN, {**RATE, "event_per_hour": 3}]}, ["alerts.yaml, rule 2: unknown key event_per_hour"]),
        ({"alerts": [{**RUN, "label": "frog"}]}, ["rule 1: label = 'frog'", "boar, toad"]),
        ({"alerts": [{**RUN, "label": "none"}]}, ["rule 1: label = 'none'"]),
        ({"alerts": [{**RUN, "label": 3}]}, ["rule 1: label = 3", "string"]),
        ({"alerts": [{**RUN, "events_per_hour": 3}]}, ["rule 1: give either windows_in_a_row or events_per_hour"]),
        ({"alerts": [{"label": "toad", "min_confidence": 0}]}, ["rule 1: give either windows_in_a_row or"]),
        ({"alerts": [{"label": "toad", "windows_in_a_row": 1}]}, ["rule 1: min_confidence is missing"]),
        ({"alerts": [{**RUN, "min_confidence": 70}]}, ["rule 1: min_confidence = 70", "less than or equal to 1"]),
        ({"alerts": [{**RUN, "windows_in_a_row": 0}]}, ["rule 1: windows_in_a_row = 0", "greater than 0"]),
        ({"alerts": [{**RATE, "events_per_hour": float("inf")}]}, ["rule 1: events_per_hour = inf", "finite"]),
        ({"alerts": ["toad"]}, ["alerts.yaml: alerts.0 = 'toad'", "dictionary"]),
        ({"alerts": None}, ["alerts.yaml: alerts = None", "list"]),
        ({"alarms": [RUN]}, ["unknown key alarms", "alerts is missing"]),
        ([RUN], ["should hold keys and values"]),
    ],
)
def test_what_is_wrong_is_named_with_file_rule_and_key(tmp_path: Path, value: object, told: list[str]) -> None:
    with pytest.raises(EchoError) as error:
        read(tmp_path, value)
    for words in told:
        assert words in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"alerts\.yaml is not there"):
        alerts.read(tmp_path / "alerts.yaml", LABELS)


def test_runs_of_windows_are_found_by_length_and_confidence() -> None:
    heard = events(
        ("a", "toad", 10, 17.5, 3, 0.7),
        ("a", "toad", 30, 35, 2, 0.9),
        ("a", "toad", 50, 60, 4, 0.69),
        ("b", "boar", 10, 17.5, 3, 0.9),
        ("b", "toad", 60, 80, 5, 0.8),
    )
    whole = recordings(("a", "pond", "2024-05-01T23:59:55+10:00", 600), ("b", "pond", "", 600))
    found = find([Rule(**RUN)], heard, whole)
    assert list(found) == alerts.COLUMNS
    assert found.to_numpy().tolist() == [
        [1, "toad", "a", "2024-05-02T00:00:05+10:00", 10, 17.5, 3, 3, 0.7],
        [1, "toad", "b", "", 60, 80, 5, 3, 0.8],
    ]


def test_events_per_hour_are_counted_by_site_and_hour_of_the_clock() -> None:
    whole = recordings(
        ("a", "pond", "2024-05-01T05:00:00", 900),
        ("b", "pond", "2024-05-01T05:30:00", 900),
        ("c", "wood", "2024-05-01T05:30:00", 900),
        ("d", "pond", "2024-05-01T06:00:00", 900),
    )
    heard = events(*calls("b", 20, 100), *calls("a", 50, 7, 300), *calls("c", 1, 2), *calls("d", 3))
    found = find([Rule(**RATE)], heard, whole)
    assert found[["recording", "at", "start_s", "end_s", "value", "limit"]].to_numpy().tolist() == [
        ["a", "2024-05-01T05:00:07", 7, 12, 10, 10]
    ]
    assert found["confidence"].iloc[0] == pytest.approx(0.6)


def test_an_hour_is_counted_across_a_recording_that_goes_on() -> None:
    whole = recordings(("a", "pond", "2024-05-01T05:30:00", 7200))
    heard = events(*calls("a", *range(1700, 1800, 10), *range(1801, 1900, 10)))
    found = find([Rule(**RATE)], heard, whole)
    assert found[["start_s", "value"]].to_numpy().tolist() == [[1700, 20], [1801, 10]]


def test_a_minute_of_sound_does_not_alarm() -> None:
    for began in ("2024-05-01T05:30:00", ""):
        whole = recordings(("a", "pond", began, 60))
        assert find([Rule(**{**RATE, "events_per_hour": 11})], events(*calls("a", 1)), whole).empty
        assert find([Rule(**RATE)], events(*calls("a", 1)), whole)["value"].tolist() == [10]


def test_without_times_recordings_are_counted_each_for_itself() -> None:
    whole = recordings(("a", "pond", "", 1800), ("b", "pond", "", 1800), ("c", "pond", "2024-05-01T05:30:00", 1800))
    heard = events(*calls("a", *range(0, 50, 10)), *calls("b", 1, 2, 3, 4), *calls("c", 1, 2))
    found = find([Rule(**RATE)], heard, whole)
    assert found[["recording", "at", "value"]].to_numpy().tolist() == [["a", "", 10]]


def test_rules_are_numbered_and_only_sure_events_count() -> None:
    whole = recordings(("a", "pond", "", 360))
    heard = events(*calls("a", 1, 2), ("a", "boar", 3, 4, 9, 0.2))
    rules = [Rule(**RUN), Rule(**RATE), Rule(label="boar", min_confidence=0.1, windows_in_a_row=9)]
    found = find(rules, heard, whole)
    assert found[["rule", "value"]].to_numpy().tolist() == [[2, 20], [3, 9]]


def test_empty_tables_and_no_rules_give_an_empty_table(tmp_path: Path) -> None:
    rules = [Rule(**RUN), Rule(**RATE)]
    whole = recordings(("a", "pond", "2024-05-01T05:30:00", 60))
    for found in (
        find(rules, events(), recordings()),
        find(rules, events(), whole),
        find([], events(*calls("a", 1)), whole),
    ):
        assert found.empty
        assert list(found) == alerts.COLUMNS
    files.write_table(found, tmp_path / "alerts.csv")
    files.write_table(events(), tmp_path / "events.csv")
    assert find(rules, files.read_table(tmp_path / "events.csv"), recordings()).empty
