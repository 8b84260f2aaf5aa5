"""Recordings mixed from clips are what their plan and their truth say."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.evaluation import field_recordings
from project_echo.evaluation.field_recordings import (
    BACKGROUND,
    BACKGROUND_DBFS,
    CALL,
    DISTRACTOR,
    PAIR_S,
    PlacedCall,
    active_seconds,
    build_planned,
    build_recording,
    join_background,
    plan_recordings,
)

RATE = 8000
ANIMALS = ["boar", "fox", "owl"]


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def noise(seconds: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE)).astype(np.float32)


def clip_with_call(before_s: float, call_s: float, after_s: float, seed: int = 2) -> np.ndarray:
    silence = [np.zeros(round(seconds * RATE), dtype=np.float32) for seconds in (before_s, after_s)]
    return np.concatenate([silence[0], 0.1 * noise(call_s, seed), silence[1]])


def placed(samples: np.ndarray, start_s: float, snr_db: float, label: str = "boar", kind: str = "boar") -> PlacedCall:
    return PlacedCall(samples, start_s, snr_db, label, kind, "source", "clip")


def clips_table() -> pd.DataFrame:
    """Two clips of each of three sources of animals, of two kinds of background, and of a kind of distractor."""
    rows = [
        (f"{kind}-{source}-{clip}", label, kind, f"{kind}-{source}", 0.4 + 0.7 * source + 0.3 * clip)
        for kind, label in {**dict(zip(ANIMALS, ANIMALS, strict=True)), "rain": NONE, "sea": NONE, "cow": NONE}.items()
        for source in range(3)
        for clip in range(2)
    ]
    return pd.DataFrame(rows, columns=["clip", "label", "kind", "source", "active_s"])


def plan(clips: pd.DataFrame | None = None, **changes: Any) -> pd.DataFrame:
    settings: dict[str, Any] = {"seed": 1, "recordings": 6, "distractors": ["cow"]} | changes
    return plan_recordings(clips_table() if clips is None else clips, **settings)


def calls_of(table: pd.DataFrame) -> pd.DataFrame:
    """Calls and distractors with their ends."""
    seconds = clips_table().set_index("clip")["active_s"]
    calls = table[table["role"] != BACKGROUND]
    return calls.assign(end_s=calls["start_s"] + calls["clip"].map(seconds))


@pytest.mark.parametrize("snr_db", [-5, 0, 20])
def test_a_call_is_as_far_above_the_background_as_stated(snr_db: float) -> None:
    background, clip = 3 * noise(10), clip_with_call(1, 2, 2)
    without, _ = build_recording(background, [], RATE)
    mixture, truth = build_recording(background, [placed(clip, 4.0, snr_db)], RATE)
    assert 20 * np.log10(rms(without)) == pytest.approx(BACKGROUND_DBFS, abs=0.01)
    call = mixture.astype(np.float64) - without
    active = call[round(truth["start_s"][0] * RATE) : round(truth["end_s"][0] * RATE)]
    assert 20 * np.log10(rms(active) / rms(without)) == pytest.approx(snr_db, abs=0.15)  # it fades in and out
    assert mixture.dtype == np.float32


def test_the_truth_is_where_the_call_is_heard_and_not_where_its_clip_is() -> None:
    background = noise(20)
    calls = [placed(clip_with_call(1, 2, 1), 12.0, 10), placed(clip_with_call(0, 0.5, 4), 3.25, 0, NONE, "cow")]
    without, _ = build_recording(background, [], RATE)
    mixture, truth = build_recording(background, calls, RATE, "night")
    assert truth["recording"].tolist() == ["night", "night"]
    assert truth["start_s"].tolist() == [3.25, 12.0]  # in order of time
    assert truth["end_s"].to_numpy() == pytest.approx([3.75, 14.0], abs=0.05)
    assert truth[["label", "kind"]].to_numpy().tolist() == [[NONE, "cow"], ["boar", "boar"]]
    changed = np.zeros(len(mixture), dtype=bool)
    for row in truth.itertuples():
        changed[round(row.start_s * RATE) - 8 : round(row.end_s * RATE) + 8] = True
    np.testing.assert_array_equal(mixture[~changed], without[~changed])
    assert (mixture != without).sum() > 2.4 * RATE


def test_what_is_not_heard_is_not_in_the_truth() -> None:
    silent, late = placed(np.zeros(RATE), 1.0, 10), placed(clip_with_call(0, 1, 0), 6.0, 10)
    _, truth = build_recording(noise(5), [silent, late], RATE)
    assert truth.empty
    assert list(truth) == field_recordings.TRUTH_COLUMNS


def test_a_call_at_the_end_is_cut_in_the_truth_too() -> None:
    mixture, truth = build_recording(noise(5), [placed(clip_with_call(0, 2, 0), 4.0, 10)], RATE)
    assert len(mixture) == 5 * RATE
    assert truth[["start_s", "end_s"]].to_numpy().tolist() == [[4.0, 5.0]]


def test_clips_of_background_are_joined_at_one_level_without_a_gap() -> None:
    joined = join_background([noise(2, 1), 0.01 * noise(2, 2), np.zeros(RATE, dtype=np.float32)], 4 * RATE, RATE)
    levels = [rms(joined[start : start + RATE // 10]) for start in range(0, 38 * RATE // 10, RATE // 10)]
    assert levels == pytest.approx([1] * len(levels), abs=0.15)
    assert len(joined) == 4 * RATE


def test_few_clips_of_background_are_repeated() -> None:
    joined = join_background([noise(1)], 5 * RATE, RATE)
    step = round((1 - field_recordings.CROSSFADE_S) * RATE)
    middle = slice(RATE // 4, RATE // 2)
    np.testing.assert_allclose(joined[step:][middle], joined[middle])
    assert len(joined) == 5 * RATE


def test_a_plan_does_not_depend_on_the_order_of_clips_but_on_seed_and_fold() -> None:
    expected = plan()
    pd.testing.assert_frame_equal(plan(clips_table().sample(frac=1, random_state=3)), expected)
    pd.testing.assert_frame_equal(plan(clips_table().assign(recording="x", start_s=1.0)), expected)
    assert not plan(seed=2)[["clip", "start_s"]].equals(expected[["clip", "start_s"]])
    assert not plan(fold=1)[["clip", "start_s"]].equals(expected[["clip", "start_s"]])
    assert not set(plan(fold=1)["recording"]) & set(expected["recording"])


def test_more_recordings_leave_the_first_ones_as_they_are() -> None:
    few = plan(recordings=2)
    pd.testing.assert_frame_equal(plan(recordings=5).head(len(few)), few)


def test_a_third_of_the_calls_are_pairs_of_two_labels_that_overlap() -> None:
    calls = calls_of(plan())
    targets = calls[calls["role"] == CALL]
    assert len(targets) == 6 * 12  # 4 a minute
    pairs = targets[targets["pair"] >= 0].groupby(["recording", "pair"])
    assert len(pairs) == len(targets) / 6
    for _, pair in pairs:
        first, second = pair.sort_values("start_s").itertuples()
        assert first.label != second.label
        assert second.start_s - first.start_s <= PAIR_S
        assert second.start_s < first.end_s


def test_other_calls_and_distractors_overlap_nothing() -> None:
    for _, calls in calls_of(plan()).groupby("recording"):
        assert calls["start_s"].min() >= 0
        assert calls["end_s"].max() <= 180
        for first, second in itertools.pairwise(calls.sort_values("start_s").itertuples()):
            assert second.start_s > first.end_s or first.pair == second.pair >= 0


def test_labels_and_levels_are_dealt_evenly_and_no_source_is_left_out() -> None:
    calls = plan()[lambda table: table["role"] == CALL]
    assert set(calls["snr_db"]) == {-5, 0, 5, 10, 15, 20}
    assert calls.groupby("label").size().between(20, 28).all()
    assert np.ptp(calls.groupby(["label", "snr_db"]).size()) <= 2
    assert calls["source"].nunique() == 9


def test_distractors_are_calls_and_never_background() -> None:
    table = plan()
    assert set(table.loc[table["role"] == DISTRACTOR, "kind"]) == {"cow"}
    assert set(table.loc[table["role"] == DISTRACTOR, "label"]) == {NONE}
    assert (table["role"] == DISTRACTOR).sum() == 6 * 5
    background = table[table["role"] == BACKGROUND]
    assert set(background["kind"]) == {"rain", "sea"}
    assert (background.groupby("recording")["kind"].nunique() == 1).all()
    assert (background.groupby("recording").size() * 5 >= 180).all()


def test_a_source_with_clips_enough_is_the_background_alone() -> None:
    long = clips_table().query("kind == 'rain'").iloc[[0] * 50].assign(clip=[f"rain-long-{n}" for n in range(50)])
    clips = pd.concat([clips_table().query("kind != 'sea'"), long.assign(source="rain-long")])
    background = plan(clips)[lambda table: table["role"] == BACKGROUND]
    assert set(background["source"]) == {"rain-long"}


def test_a_single_label_has_no_pairs_and_no_background_is_pink_noise() -> None:
    boars = clips_table().query("label == 'boar'")
    table = plan(boars, distractors=[], recordings=1, duration_s=60.0, snr_db=(-5, -5))
    assert set(table["role"]) == {CALL}
    assert (table["pair"] == -1).all()
    samples, truth = build_planned(table, lambda _: clip_with_call(1, 1, 1), RATE, 60, seed=1)
    again, _ = build_planned(table, lambda _: clip_with_call(1, 1, 1), RATE, 60, seed=1)
    np.testing.assert_array_equal(samples, again)
    assert len(truth) == 4
    spectrum = np.square(np.abs(np.fft.rfft(samples)))
    assert spectrum[60 * 100 : 60 * 200].mean() > 5 * spectrum[60 * 1000 : 60 * 2000].mean()


def test_a_planned_recording_holds_what_the_plan_says() -> None:
    table = plan(recordings=1)
    clips = {name: clip_with_call(0.5, seconds, 1) for name, seconds in clips_table()[["clip", "active_s"]].to_numpy()}
    samples, truth = build_planned(table, clips.__getitem__, RATE, 180, seed=1)
    assert samples.shape == (180 * RATE,)
    expected = calls_of(table).sort_values(["start_s", "clip"], ignore_index=True)
    columns = ["recording", "label", "kind", "source", "clip", "snr_db", "start_s"]
    pd.testing.assert_frame_equal(truth[columns], expected[columns], atol=0.001)
    np.testing.assert_allclose(truth["end_s"], expected["end_s"], atol=0.05)


def test_seconds_of_the_active_part_leave_out_the_silence_around_it() -> None:
    assert active_seconds(clip_with_call(1, 2, 2), RATE) == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"distractors": ["cow", "wolf"]}, "distractors wolf"),
        ({"clips": clips_table().query("label == 'none'")}, "of animals"),
        ({"calls_per_minute": 60.0}, "do not fit into 180 s"),
    ],
)
def test_what_cannot_be_planned_is_an_error(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(EchoError, match=problem):
        plan(**changes)
