"""Rules that say what is worth an alarm, and where it happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import animal_labels
from project_echo.core.validation import Schema, validate
from project_echo.screening import activity

COLUMNS = ["rule", "label", "recording", "at", "start_s", "end_s", "value", "limit", "confidence"]
SHORTEST_H = 0.1  # less sound counts as this much, so that one call in a minute is not sixty in an hour


class Rule(Schema):
    """Alarm on one label: on an event of so many windows, or on so many events per recorded hour."""

    label: str
    min_confidence: Annotated[float, Field(ge=0, le=1)]
    windows_in_a_row: PositiveInt | None = None
    events_per_hour: PositiveFloat | None = None

    @pydantic.model_validator(mode="after")
    def _one_limit(self) -> "Rule":
        if (self.windows_in_a_row is None) == (self.events_per_hour is None):
            raise ValueError("give either windows_in_a_row or events_per_hour")
        return self


class _Alerts(Schema):
    alerts: list[dict[str, Any]]


def read(path: Path, labels: Sequence[str]) -> list[Rule]:
    """The rules in a YAML file, a list under ``alerts:``; `labels` are those that the classifier knows.

    Raises EchoError naming the file, the rule by its number from 1, and the key that is wrong.
    """
    if not path.is_file():
        raise EchoError(f"{path} is not there. Write the rules for alerts into it, or correct its name.")
    listed = validate(_Alerts, files.read_yaml(path), path).alerts
    return [_rule(values, labels, f"{path}, rule {number}") for number, values in enumerate(listed, 1)]


def _rule(values: dict[str, Any], labels: Sequence[str], origin: str) -> Rule:
    rule = validate(Rule, values, origin)
    animals = animal_labels(labels)
    if rule.label not in animals:
        raise EchoError(
            f"{origin}: label = {rule.label!r}: the classifier does not name it, only {', '.join(animals)}."
        )
    return rule


def find(rules: Sequence[Rule], events: Mapping[float, pd.DataFrame], recordings: pd.DataFrame) -> pd.DataFrame:
    """The alarms, a row each, sorted by `rule` (its number from 1), recording and time.

    `events` has a table for the min_confidence of each rule, merged of windows that have so much: fainter neighbours
    take nothing from an alarm. What reaches `limit` is one:

    - ``windows_in_a_row``: every event of so many windows; `value` is its windows.
    - ``events_per_hour``: every hour of the clock at a site in which so many events begin; `value` is their number by
      the recorded part of the hour. Recordings whose time is not known are counted each for itself, by their duration.
      Less than a tenth of an hour of sound counts as a tenth.

    `recording`, `start_s`, `end_s` (s from its start) and `at` (ISO 8601, with UTC offset where it is known, empty
    where no time is) tell where the event is, of an hour's events the first; `confidence` is the mean of their
    mean_confidence.
    """
    found = [_find(number, rule, events[rule.min_confidence], recordings) for number, rule in enumerate(rules, 1)]
    filled = [alarms for alarms in found if len(alarms)]
    if not filled:
        return pd.DataFrame(columns=COLUMNS)
    alarms = pd.concat(filled).sort_values(["rule", "recording", "start_s"], ignore_index=True)
    times = recordings.set_index("recording")["recorded_at"]
    told = zip(alarms["recording"].map(times), alarms["start_s"], strict=True)
    return alarms.assign(at=[_at(began, start_s) for began, start_s in told])[COLUMNS]


def _find(number: int, rule: Rule, events: pd.DataFrame, recordings: pd.DataFrame) -> pd.DataFrame:
    heard = events[(events["label"] == rule.label) & (events["mean_confidence"] >= rule.min_confidence)]
    heard = heard.assign(rule=number, confidence=heard["mean_confidence"])
    if rule.windows_in_a_row is not None:
        alarms = heard.assign(value=heard["windows"].astype(float), limit=float(rule.windows_in_a_row))
    else:
        alarms = _rates(heard, recordings).assign(limit=rule.events_per_hour)
    return alarms[alarms["value"] >= alarms["limit"]]


def _rates(heard: pd.DataFrame, recordings: pd.DataFrame) -> pd.DataFrame:
    """Events per recorded hour as `value`, a row per site and hour, or recording without a time: its first event."""
    places = recordings.assign(began=activity.began(recordings)).reset_index(drop=True)
    timeless = places["began"].isna()
    known, unknown = places[~timeless], places[timeless]
    hours = activity.by_hour(known["began"], known["duration_s"]).join(known["site"])
    starts = activity.starts(heard, known)
    return pd.concat(
        [
            _rate(starts, ["site", "clock_hour"], hours.groupby(["site", "clock_hour"])["seconds"].sum()),
            _rate(heard.sort_values("start_s"), ["recording"], unknown.set_index("recording")["duration_s"]),
        ]
    )


def _rate(heard: pd.DataFrame, stretch: list[str], recorded_s: pd.Series) -> pd.DataFrame:
    """Of events in their order, the first of each stretch of time that was recorded."""
    heard = heard.merge(recorded_s.rename("recorded_s").reset_index(), on=stretch)
    hours = (heard["recorded_s"] / 3600).clip(lower=SHORTEST_H)
    confidences = heard.groupby(stretch)["mean_confidence"]
    heard = heard.assign(value=confidences.transform("size") / hours, confidence=confidences.transform("mean"))
    return heard.drop_duplicates(stretch)


def _at(began: str, start_s: float) -> str:
    return (datetime.fromisoformat(began) + timedelta(seconds=start_s)).isoformat(timespec="seconds") if began else ""
