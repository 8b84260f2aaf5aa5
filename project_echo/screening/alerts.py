"""Alerts: rules in a YAML file, and the events that meet them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pydantic
from pydantic import Field, PositiveFloat

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import empty_table
from project_echo.core.validation import Schema, validate
from project_echo.screening import activity, columns

MIN_RECORDED_H = 0.1  # less counts as this much, so that one call in a minute is not a rate of sixty per hour


class Rule(Schema):
    """Alert on events of one label: of a minimum duration, or of a minimum rate per recorded hour."""

    label: str
    min_confidence: Annotated[float, Field(ge=0, le=1)]
    min_duration_s: PositiveFloat | None = None
    events_per_hour: PositiveFloat | None = None

    @pydantic.model_validator(mode="after")
    def _one_limit(self) -> "Rule":
        if (self.min_duration_s is None) == (self.events_per_hour is None):
            raise ValueError("give either min_duration_s or events_per_hour")
        return self


class _Alerts(Schema):
    alerts: list[dict[str, Any]]


def read_rules(path: Path, labels: Sequence[str]) -> list[Rule]:
    """Read the rules of a YAML file: a list under ``alerts:``.

    Parameters
    ----------
    path : Path
        The YAML file.
    labels : sequence of str
        Labels of the events.

    Returns
    -------
    list of Rule
        In the order of the file.

    Raises
    ------
    EchoError
        Names the file, the rule by its number from 1, and the key that is wrong.
    """
    if not path.is_file():
        raise EchoError(f"{path} does not exist. Write the alert rules into it, or correct the path.")
    entries = validate(_Alerts, files.read_yaml(path), path).alerts
    return [_rule(entry, labels, f"{path}, rule {number}") for number, entry in enumerate(entries, 1)]


def _rule(entry: dict[str, Any], labels: Sequence[str], origin: str) -> Rule:
    rule = validate(Rule, entry, origin)
    if rule.label not in labels:
        raise EchoError(
            f"{origin}: label = {rule.label!r}: not a label of these events. Use one of {', '.join(labels)}."
        )
    return rule


def find_alerts(rules: Sequence[Rule], events: Mapping[float, pd.DataFrame], recordings: pd.DataFrame) -> pd.DataFrame:
    """Find the events, or hours with events, that reach the limit of a rule.

    - ``min_duration_s``: an alert for every event that lasts at least so long; `value` is its duration, s.
    - ``events_per_hour``: an alert for every site and hour of the clock in which events start at such a rate; `value`
      is their number per recorded hour. Each recording without a time is taken by itself. Less than a tenth of an
      hour of sound counts as a tenth.

    Parameters
    ----------
    rules : sequence of Rule
        In the order of their numbers.
    events : mapping of float to pd.DataFrame
        For the min_confidence of each rule, events merged with that minimum, so that fainter calls next to an event
        do not lower its confidence: recording, label, start_s, end_s, mean_confidence.
    recordings : pd.DataFrame
        recording, site, recorded_at (ISO 8601, or empty) and duration_s (s).

    Returns
    -------
    pd.DataFrame
        columns.ALERTS, sorted by rule (its number from 1), recording and time. recording, start_s, end_s (s from the
        start of the recording) and at (ISO 8601, with UTC offset if known, empty if there is no time) are those of the
        event, or of the first event in the hour. confidence is the mean of the events' mean_confidence.
    """
    alerts = [
        _rule_alerts(number, rule, events[rule.min_confidence], recordings) for number, rule in enumerate(rules, 1)
    ]
    not_empty = [table for table in alerts if len(table)]
    if not not_empty:
        return empty_table(columns.ALERTS)
    table = pd.concat(not_empty).sort_values(["rule", "recording", "start_s"], ignore_index=True)
    recorded_at = table["recording"].map(recordings.set_index("recording")["recorded_at"])
    table["at"] = [_at(time, start_s) for time, start_s in zip(recorded_at, table["start_s"], strict=True)]
    return table[list(columns.ALERTS)]


def _rule_alerts(number: int, rule: Rule, events: pd.DataFrame, recordings: pd.DataFrame) -> pd.DataFrame:
    events = events[(events["label"] == rule.label) & (events["mean_confidence"] >= rule.min_confidence)]
    events = events.assign(rule=number, confidence=events["mean_confidence"])
    if rule.min_duration_s is not None:
        duration_s = (events["end_s"] - events["start_s"]).astype(float).round(6)  # without rounding errors
        alerts = events.assign(value=duration_s, limit=rule.min_duration_s)
    else:
        alerts = _rates(events, recordings).assign(limit=rule.events_per_hour)
    return alerts[alerts["value"] >= alerts["limit"]]


def _rates(events: pd.DataFrame, recordings: pd.DataFrame) -> pd.DataFrame:
    """Events per recorded hour: the first event of each site and hour, and of each recording without a time."""
    recordings = recordings.assign(started_at=activity.start_times(recordings)).reset_index(drop=True)
    untimed = recordings["started_at"].isna()
    with_time, without_time = recordings[~untimed], recordings[untimed]
    hours = activity.split_by_hour(with_time["started_at"], with_time["duration_s"]).join(with_time["site"])
    starts = activity.with_start_times(events, with_time)
    return pd.concat(
        [
            _rate(starts, ["site", "clock_hour"], hours.groupby(["site", "clock_hour"])["seconds"].sum()),
            _rate(events.sort_values("start_s"), ["recording"], without_time.set_index("recording")["duration_s"]),
        ]
    )


def _rate(events: pd.DataFrame, period: list[str], recorded_s: pd.Series) -> pd.DataFrame:
    """The first of the ordered events of each recorded period, with the period's rate as `value`."""
    events = events.merge(recorded_s.rename("recorded_s").reset_index(), on=period)
    hours = (events["recorded_s"] / 3600).clip(lower=MIN_RECORDED_H)
    confidences = events.groupby(period)["mean_confidence"]
    events = events.assign(value=confidences.transform("size") / hours, confidence=confidences.transform("mean"))
    return events.drop_duplicates(period)


def _at(recorded_at: str, start_s: float) -> str:
    if not recorded_at:
        return ""
    return (datetime.fromisoformat(recorded_at) + timedelta(seconds=start_s)).isoformat(timespec="seconds")
