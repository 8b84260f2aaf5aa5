"""Events against known truth: when an event is right, when a call is found, and what is counted as false."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from project_echo.core.labels import NONE
from project_echo.evaluation.field_events import match_events, recall_by_snr, score_events

LABELS = ["boar", "fox", NONE]
HOURS = pd.Series({"a": 0.05, "b": 0.05})  # 3 minutes each


def truth_table(*calls: tuple[str, str, float, float], snr_db: float = 0.0) -> pd.DataFrame:
    """Calls of a source each; the label of a distractor is none/kind."""
    table = pd.DataFrame(calls, columns=["recording", "label", "start_s", "end_s"])
    kinds = [label.rpartition("/")[2] for label in table["label"]]
    labels = [label if label == kind else NONE for label, kind in zip(table["label"], kinds, strict=True)]
    return table.assign(label=labels, kind=kinds, snr_db=snr_db, source=[f"source-{n}" for n in range(len(table))])


def events_table(*events: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(events, columns=["recording", "label", "start_s", "end_s"])


def score(events: pd.DataFrame, truth: pd.DataFrame) -> dict[str, Any]:
    return score_events(events, truth, LABELS, HOURS, seed=1)


@pytest.mark.parametrize(("start_s", "right"), [(8.0, True), (7.9, False), (9.0, True), (12.0, True), (12.1, False)])
def test_an_event_is_right_if_half_of_it_is_on_a_call(start_s: float, right: bool) -> None:
    events, _ = match_events(
        events_table(("a", "boar", start_s, start_s + 4)), truth_table(("a", "boar", 10, 14)), LABELS
    )
    assert events["right"].tolist() == [right]
    assert events["false_s"].to_numpy() == pytest.approx([abs(start_s - 10)])


def test_an_event_over_two_calls_is_right_if_they_fill_half_of_it_together() -> None:
    truth = truth_table(("a", "boar", 0, 1.5), ("a", "boar", 1, 2), ("a", "boar", 5, 6))
    events, calls = match_events(events_table(("a", "boar", 0, 6)), truth, LABELS)
    assert events["right"].tolist() == [True]
    assert events["false_s"].tolist() == [3]  # what two calls share counts once
    assert calls["found"].all()


@pytest.mark.parametrize(("recording", "label"), [("b", "boar"), ("a", "fox")])
def test_calls_of_other_labels_and_recordings_do_not_count(recording: str, label: str) -> None:
    events, calls = match_events(
        events_table((recording, label, 10, 14)), truth_table(("a", "boar", 10, 14), ("a", "none/cow", 10, 14)), LABELS
    )
    assert not events["right"].any()
    assert calls["found"].tolist() == [False]  # distractors are no calls
    assert events["false_s"].tolist() == [4]


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([(9.5, 11.0)], True),  # a second
        ([(9.5, 10.9)], False),
        ([(10.0, 10.5), (12.0, 12.5)], True),  # half a second each
        ([(10.0, 10.5), (10.0, 10.5)], False),  # the same half second
        ([(10.0, 10.5)], False),
        ([(8.9, 11.0), (4.0, 4.5)], False),  # a second, but by a wrong event
    ],
)
def test_a_call_is_found_if_right_events_cover_a_second_of_it(events: list[tuple[float, float]], found: bool) -> None:
    table = events_table(*(("a", "boar", *event) for event in events))
    _, calls = match_events(table, truth_table(("a", "boar", 10, 14)), LABELS)
    assert calls["found"].tolist() == [found]


def test_half_of_a_short_call_is_enough() -> None:
    table = events_table(("a", "boar", 9.8, 10.2), ("a", "fox", 19.85, 20.15))
    _, calls = match_events(table, truth_table(("a", "boar", 10, 10.4), ("a", "fox", 20, 20.4)), LABELS)
    assert calls["found"].tolist() == [True, False]


def test_an_endless_event_wins_nothing() -> None:
    truth = truth_table(*(("a", "boar", start, start + 2.0) for start in range(0, 180, 20)))
    scores = score(events_table(("a", "boar", 0, 180)), truth)
    assert scores["recall"]["value"] == scores["precision"]["value"] == 0
    assert scores["false_events_per_hour"]["value"] == pytest.approx(10)  # one in 6 minutes
    assert scores["false_seconds_per_hour"]["value"] == pytest.approx(162 / 0.1)


def test_an_endless_event_where_calls_are_dense_is_seen_in_its_false_seconds() -> None:
    truth = truth_table(*(("a", "boar", start, start + 10.0) for start in range(0, 180, 20)))
    scores = score(events_table(("a", "boar", 0, 180)), truth)
    assert scores["recall"]["value"] == scores["precision"]["value"] == 1
    assert scores["false_seconds_per_hour"]["value"] == pytest.approx(90 / 0.1)


def simulated(n_recordings: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Recordings with 8 calls, from 20 sources of each label; louder ones are found more often."""
    draw = np.random.default_rng(seed)
    rows, events = [], []
    for number in range(n_recordings):
        for place in range(8):
            label, snr_db, start_s = LABELS[place % 2], float(draw.choice([-5, 5, 15])), 20.0 * place
            source = f"{label}-{draw.integers(20)}"
            rows.append((f"{number}", label, label, start_s, start_s + 3, snr_db, source))
            if draw.random() < 0.5 + snr_db / 40:
                events.append((f"{number}", label, start_s, start_s + 5))
            if draw.random() < 0.2:
                events.append((f"{number}", label, start_s + 8, start_s + 12))
    truth = pd.DataFrame(rows, columns=["recording", "label", "kind", "start_s", "end_s", "snr_db", "source"])
    return events_table(*events), truth, pd.Series(0.05, [f"{number}" for number in range(n_recordings)])


def test_scores_equal_those_counted_and_lie_in_their_intervals() -> None:
    events, truth, hours = simulated(20)
    scores = score_events(events, truth, LABELS, hours, seed=1)
    right = events["start_s"] % 20 == 0
    found = truth.merge(events[right], on=["recording", "label", "start_s"])
    assert (scores["calls"], scores["events"]) == (len(truth), len(events))
    assert scores["recall"]["value"] == pytest.approx(len(found) / len(truth))
    clear = found["snr_db"] >= 10
    assert scores["recall_clear"]["value"] == pytest.approx(clear.sum() / (truth["snr_db"] >= 10).sum())
    assert scores["precision"]["value"] == pytest.approx(right.mean())
    assert scores["false_events_per_hour"]["value"] == pytest.approx((~right).sum())  # in one hour
    assert scores["false_seconds_per_hour"]["value"] == pytest.approx(2 * right.sum() + 4 * (~right).sum())
    names = ["recall", "recall_clear", "precision", "false_events_per_hour", "false_seconds_per_hour"]
    for of in (scores, *scores["per_label"].values()):
        for name in names:
            assert of[name]["low"] < of[name]["value"] < of[name]["high"]
    assert set(scores["per_label"]) == {"boar", "fox"}
    for name in ("calls", "events"):
        assert sum(of[name] for of in scores["per_label"].values()) == scores[name]
    assert score_events(events, truth, LABELS, hours, seed=1) == scores


def test_recall_is_told_by_signal_to_noise_ratio() -> None:
    events, truth, hours = simulated(40)
    _, calls = match_events(events, truth, LABELS)
    table = recall_by_snr(calls, seed=1)
    assert table["snr_db"].tolist() == [-5, 5, 15]
    assert table["recall"].is_monotonic_increasing
    assert table["calls"].sum() == len(truth)
    scores = score_events(events, truth, LABELS, hours, seed=1)["recall_by_snr"]
    assert list(scores) == ["-5", "5", "15"]
    for of, row in zip(scores.values(), table.itertuples(), strict=True):
        assert of == {"calls": row.calls, "value": row.recall, "low": row.low, "high": row.high}


def test_more_calls_of_the_same_sources_do_not_narrow_recall_without_limit() -> None:
    truth = pd.concat([truth_table(*(("a", "boar", 10.0 * n, 10.0 * n + 2) for n in range(4)))] * 10)
    truth = truth.assign(start_s=truth["start_s"] + np.repeat(np.arange(10) * 100, 4), end_s=lambda t: t["start_s"] + 2)
    first = truth[truth["source"].isin(["source-0", "source-1"])]
    recall = score(first[["recording", "label", "start_s", "end_s"]], truth)["recall"]
    assert recall == {"value": 0.5, "low": 0.0, "high": 1.0}


def test_false_events_on_distractors_are_counted_by_kind() -> None:
    truth = truth_table(
        *(("a", "none/cow", 10, 12), ("a", "none/cow", 30, 32), ("b", "none/dog", 10, 12), ("a", "boar", 31, 35))
    )
    events = events_table(
        *(
            ("a", "boar", 9, 11),
            ("a", "fox", 11, 13),
            ("b", "fox", 50, 52),
            ("a", "boar", 30.5, 34),
        )  # the last is right
    )
    distractors = score(events, truth)["distractors"]
    assert set(distractors) == {"cow", "dog"}
    assert (distractors["cow"]["calls"], distractors["cow"]["false_events"]) == (2, 2)
    assert distractors["cow"]["share_hit"]["value"] == 0.5
    assert distractors["dog"]["false_events"] == distractors["dog"]["share_hit"]["value"] == 0


def test_without_events_nothing_is_found_and_nothing_false() -> None:
    scores = score(events_table(), truth_table(("a", "boar", 10, 14), ("a", "none/cow", 20, 24)))
    assert scores["recall"]["value"] == 0
    assert scores["recall"]["high"] > 0  # of one source
    assert scores["precision"] is None
    assert scores["false_seconds_per_hour"] == {"value": 0, "low": 0, "high": 0}
    rate, hours = scores["false_events_per_hour"], HOURS.sum()
    assert (rate["value"], rate["low"]) == (0, 0)
    assert np.exp(-rate["high"] * hours) == pytest.approx(0.025)  # the chance of no event at that rate
    assert scores["distractors"]["cow"]["false_events"] == 0


def test_a_label_without_calls_has_no_recall() -> None:
    scores = score(events_table(("b", "fox", 1, 5)), truth_table(("a", "boar", 10, 14)))
    fox = scores["per_label"]["fox"]
    assert fox["recall"] is fox["recall_clear"] is None
    assert fox["precision"]["value"] == 0
    assert scores["recall_clear"] is None  # the boar is at 0 dB


def test_an_event_of_a_recording_without_a_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="no recording c"):
        score(events_table(("c", "fox", 1, 5)), truth_table())


def test_recordings_without_anything_count_as_hours() -> None:
    scores = score(events_table(("b", "fox", 1, 5)), truth_table())
    assert scores["recall"] is None
    assert scores["false_events_per_hour"]["value"] == pytest.approx(10)
    assert scores["recall_by_snr"] == scores["distractors"] == {}
