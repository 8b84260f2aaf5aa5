"""Paired differences in the field."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from project_echo.compare import field, revisions
from project_echo.compare.field import Screened
from project_echo.core.errors import EchoError
from tests.repositories import Repository

ROOT = Path(__file__).parents[3]
DURATION_S = 60.0


def screened(found: int, false_events: int, recordings: int = 10) -> Screened:
    """A call at 10 s in each recording, found in the first ones, and false events at 30 s in the first ones."""
    names = [f"fold{number}_00" for number in range(recordings)]
    truth = [(name, "owl", f"owl-{name}", 10.0, 15.0, 5.0) for name in names]
    truth += [(name, "none", "dog-1", 50.0, 55.0, 5.0) for name in names]
    events = [(name, "owl", 10.0, 14.0) for name in names[:found]]
    events += [(name, "owl", 30.0, 34.0) for name in names[:false_events]]
    return Screened(
        pd.DataFrame(truth, columns=list(field.COLUMNS[field.TRUTH])),
        pd.DataFrame(events, columns=list(field.COLUMNS[field.EVENTS])),
        DURATION_S,
    )


def test_calls_found_and_false_events_per_hour() -> None:
    before, after = screened(2, 8), screened(9, 1)
    recordings = field.common_recordings(before, after)
    assert len(recordings) == 10
    found, false_events = field.changes(before, after, recordings)
    assert (found.before, found.after) == pytest.approx((0.2, 0.9))
    assert (false_events.before, false_events.after) == pytest.approx((48.0, 6.0))
    assert found.low > 0
    assert false_events.high < 0
    assert found.differing == false_events.differing == 7
    assert len(field.calls_of(before, recordings)) == 10  # distractors are none


def test_recordings_with_other_calls_are_not_common() -> None:
    before, after = screened(2, 8), screened(2, 8)
    moved = after.truth.copy()
    moved.loc[0, "start_s"] = 11.0
    assert len(field.common_recordings(before, Screened(moved, after.events, DURATION_S))) == 9
    assert field.common_recordings(before, Screened(after.truth, after.events, 90.0)) == []


def test_false_events_of_recordings_without_calls_count_and_so_does_their_time() -> None:
    sides = [screened(2, 8), screened(9, 1)]
    silent = "fold1_01"  # in which only the first hears something
    heard = pd.DataFrame([(silent, "owl", 20.0, 24.0)], columns=list(field.COLUMNS[field.EVENTS]))
    before = Screened(sides[0].truth, pd.concat([sides[0].events, heard]), DURATION_S, 2)
    after = Screened(sides[1].truth, sides[1].events, DURATION_S, 2)
    recordings = field.common_recordings(before, after)
    assert len(recordings) == 20  # two of each of ten folds
    found, false_events = field.changes(before, after, recordings)
    assert (found.before, found.after) == pytest.approx((0.2, 0.9))
    assert (false_events.before, false_events.after) == pytest.approx((9 / 20 * 60, 1 / 20 * 60))
    assert false_events.differing == 8
    only_before = Screened(sides[0].truth, before.events, DURATION_S)
    assert silent in only_before.recordings and len(field.common_recordings(only_before, sides[1])) == 10


def test_the_committed_tables_give_the_committed_metrics() -> None:
    paths = {path: ROOT / path for path in (field.TRUTH, field.EVENTS)}
    truth, events = (pd.read_csv(path) for path in paths.values())
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["field"]
    metrics = json.loads((ROOT / "metrics/field.json").read_text(encoding="utf-8"))
    side = Screened(
        truth[list(field.COLUMNS[field.TRUTH])],
        events[list(field.COLUMNS[field.EVENTS])],
        params["duration_s"],
        params["recordings"],
    )
    found, false_events = field.changes(side, side, field.common_recordings(side, side))
    assert found.after == pytest.approx(metrics["events"]["recall"]["value"], abs=1e-4)
    assert false_events.after == pytest.approx(metrics["events"]["false_events_per_hour"]["value"], abs=1e-4)
    assert (found.low, found.high, found.differing) == (0, 0, 0)


def test_tables_without_calls_are_no_evaluation_and_broken_ones_are_named(repository: Repository) -> None:
    assert field.read_screened(revisions.find("HEAD")) is None
    repository.write(field.TRUTH, "recording,label,source,start_s,end_s,snr_db\nfold0_00,owl,owl-1,1,2,5\n")
    repository.write(field.EVENTS, "recording,label,start_s,end_s\n")
    repository.commit("the field")
    with pytest.raises(EchoError, match=r"field\.duration_s"):
        field.read_screened(revisions.find("HEAD"))
    repository.write("params.yaml", repository.read("params.yaml") + "field: {duration_s: 180, recordings: 3}\n")
    repository.commit("its length")
    side = field.read_screened(revisions.find("HEAD"))
    assert side is not None
    assert (side.duration_s, side.per_fold) == (180.0, 3)
    assert side.truth["start_s"].tolist() == [1.0]
    repository.write(field.TRUTH, "recording,label,source,start_s,end_s,snr_db\nfold0_00,owl,owl-1,now,2,5\n")
    repository.commit("not a number")
    with pytest.raises(EchoError, match=r"truth\.csv of HEAD.*now"):
        field.read_screened(revisions.find("HEAD"))
    repository.write(field.TRUTH, "recording,label\nfold0_00,owl\n")
    repository.commit("too few columns")
    with pytest.raises(EchoError, match="start_s"):
        field.read_screened(revisions.find("HEAD"))
