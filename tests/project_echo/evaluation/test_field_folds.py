"""Recordings of the clips of a fold, screened by a classifier with a known answer, and the scores of folds together."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core.labels import NONE, PARTIAL
from project_echo.evaluation import field_scores
from project_echo.evaluation.cross_fitting import source_folds
from project_echo.evaluation.field_config import FieldRecordings
from project_echo.evaluation.field_folds import Screened, divide, plan_fold, score, screen_fold
from project_echo.evaluation.field_recordings import BACKGROUND, CALL, DISTRACTOR
from project_echo.evaluation.field_scores import WindowTruth
from project_echo.models.classifier import Classifier, load_classifier
from project_echo.models.window_tables import slice_table
from project_echo.screening.events import find_events
from project_echo.screening.recording import screen_samples
from tests.conftest import LABELS, compare_halves
from tests.sounds import FEATURES, hiss
from tests.tables import clips_of, numbered, with_background, with_partial

RATE = FEATURES.sample_rate
LOW, HIGH = LABELS
CLIPS = with_background(
    clips_of({LOW: numbered("low", 6), HIGH: numbered("high", 6)}, recordings=1),
    {kind: numbered(kind, 4) for kind in ("rain", "wind", "bird")},
).assign(active_s=0.6)
FOLDS = source_folds(CLIPS, 3)
FIELD = FieldRecordings(
    folds=3, recordings=2, duration_s=30, calls_per_minute=12, distractors_per_minute=4, hop_s=0.5, seed=1
)
HIGH_HALF = {LOW: False, HIGH: True, "bird": True}  # of the mel bands


def read(clip: str) -> np.ndarray:
    """0.6 s of noise in half of the mel bands within silence, or noise in all of them."""
    kind = CLIPS.set_index("clip").loc[clip, "kind"]
    if kind not in HIGH_HALF:
        return hiss(1, RATE)
    spectrum = np.fft.rfft(hiss(0.6, RATE))
    above = np.fft.rfftfreq(round(0.6 * RATE), 1 / RATE) > 1300  # Hz
    spectrum[above != HIGH_HALF[kind]] = 0
    return np.pad(np.fft.irfft(spectrum).astype(np.float32), round(0.2 * RATE))


# Clips to learn from, and clips that are heard


@pytest.mark.parametrize("fold", range(3))
def test_a_fold_is_heard_in_its_own_clips_and_learns_from_no_source_of_them(fold: int) -> None:
    train, heard, _ = divide(CLIPS, FOLDS, fold)
    assert set(heard["source"]) == {source for source, of in FOLDS.items() if of == fold}
    assert sorted(heard["clip"]) == sorted(CLIPS.loc[CLIPS["source"].map(FOLDS) == fold, "clip"])
    assert not set(train["source"]) & set(heard["source"])


@pytest.mark.parametrize("fold", range(3))
def test_partially_labelled_clips_are_heard_in_no_fold_and_learned_where_their_source_is_not_heard(fold: int) -> None:
    mixed = with_partial(CLIPS, ["pond", "low0", "bird0"])
    assert source_folds(mixed, 3) == FOLDS
    plain, plain_heard, distractors = divide(CLIPS, FOLDS, fold)
    train, heard, same_distractors = divide(mixed, FOLDS, fold)
    pd.testing.assert_frame_equal(train[train["label"] != PARTIAL][CLIPS.columns], plain)
    pd.testing.assert_frame_equal(heard[CLIPS.columns], plain_heard)
    assert same_distractors == distractors
    expected = {"pond", *(source for source in ("low0", "bird0") if FOLDS[source] != fold)}
    assert set(train.loc[train["label"] == PARTIAL, "source"]) == expected


def test_every_kind_of_background_is_a_distractor_in_its_turn_and_then_not_learned_from() -> None:
    turns = []
    for fold in range(3):
        train, heard, (distractor,) = divide(CLIPS, FOLDS, fold)
        turns.append(distractor)
        assert set(train["kind"]) == set(CLIPS["kind"]) - {distractor}
        assert distractor in set(heard["kind"])
        others = CLIPS[~CLIPS["source"].isin(heard["source"]) & (CLIPS["kind"] != distractor)]
        assert sorted(train["clip"]) == sorted(others["clip"])
    assert sorted(turns) == ["bird", "rain", "wind"]


def test_a_kind_that_the_fold_does_not_hear_is_no_distractor_and_not_learned_from_either() -> None:
    elsewhere = next(source for source in numbered("bird", 4) if FOLDS[source] != 0)
    clips = CLIPS[(CLIPS["kind"] != "bird") | (CLIPS["source"] == elsewhere)]
    train, heard, distractors = divide(clips, FOLDS, 0)  # the turn of the first kind by name
    assert distractors == []
    assert "bird" not in {*train["kind"], *heard["kind"]}


def test_a_single_kind_of_background_is_learned_from() -> None:
    clips = CLIPS[~CLIPS["kind"].isin(["wind", "bird"])]
    train, heard, distractors = divide(clips, FOLDS, 0)
    assert distractors == []
    assert set(train["kind"]) == {LOW, HIGH, "rain"}
    assert len(train) + len(heard) == len(clips)


@pytest.mark.parametrize("background", [True, False])
def test_clips_of_animals_alone_have_no_distractors(background: bool) -> None:
    clips = CLIPS if background else CLIPS[CLIPS["label"] != NONE]
    train, heard, distractors = divide(clips, FOLDS, 1)
    assert bool(distractors) is background
    assert set(train["label"]) == set(heard["label"]) == set(clips["label"])


# Recordings


@pytest.mark.parametrize("fold", range(3))
def test_the_recordings_of_a_fold_are_made_of_its_clips_alone(fold: int) -> None:
    _, heard, distractors = divide(CLIPS, FOLDS, fold)
    plan = plan_fold(heard, distractors, fold, FIELD, FEATURES.window_s)
    assert set(plan["source"].map(FOLDS)) == {fold}
    assert set(plan["clip"]) <= set(heard["clip"])
    assert plan["recording"].nunique() == FIELD.recordings
    assert set(plan.loc[plan["role"] == DISTRACTOR, "kind"]) == set(distractors)
    assert set(plan.loc[plan["role"] == BACKGROUND, "kind"]) == {"rain", "wind", "bird"} - set(distractors)
    assert (plan[plan["role"] == CALL].groupby("recording").size() == 6).all()
    assert (plan[plan["role"] == DISTRACTOR].groupby("recording").size() == 2).all()


def screen(classifier: Path, fold: int = 0, **changes: float) -> Screened:
    _, heard, distractors = divide(CLIPS, FOLDS, fold)
    field = FIELD.model_copy(update=changes)
    return screen_fold(load_classifier(classifier), heard, distractors, fold, field, read)


def test_windows_are_scored_with_what_their_own_recording_holds(by_pitch_or_none: Path) -> None:
    screened = screen(by_pitch_or_none)
    names = ["fold0_00", "fold0_01"]
    assert list(screened.windows.columns) == ["start_s", "end_s", *LABELS, "recording"]
    assert screened.windows["recording"].unique().tolist() == screened.hours.index.tolist() == names
    assert screened.hours.tolist() == [30 / 3600] * 2
    assert screened.fold == 0
    assert screened.thresholds == {LOW: 0.5, HIGH: 0.5}
    for name, windows in screened.windows.groupby("recording"):
        assert len(windows) == (30 - FEATURES.window_s) / FIELD.hop_s + 1
        truth = screened.truth[screened.truth["recording"] == name]
        start_s, end_s = windows["start_s"].to_numpy(), windows["end_s"].to_numpy()
        held = field_scores.window_truth(truth, start_s, end_s, list(LABELS))
        for mine, expected in zip(
            (screened.held.positive, screened.held.empty, screened.held.distractor),
            (held.positive, held.empty, held.distractor),
            strict=True,
        ):
            np.testing.assert_array_equal(mine[windows.index], expected)


def test_clear_calls_are_found_and_background_is_not(tmp_path: Path) -> None:
    classifier = compare_halves(tmp_path, LABELS, [0.6, -0.6], [-3.0, -3.0], thresholds=[0.5, 0.5], slices=3)
    screened = [screen(classifier, distractors_per_minute=0)]  # in rain and wind, which are in all bands
    scores, curves = score(screened, list(LABELS), seed=1)
    assert scores["windows"] == 2 * 59
    assert scores["events"]["calls"] == 2 * 6
    assert scores["events"]["recall_by_snr"]["20"]["value"] == 1
    assert scores["events"]["precision"]["value"] == 1
    assert scores["auc_background"]["value"] > 0.8
    assert set(scores["per_label"]) == set(scores["events"]["per_label"]) == set(curves["label"]) == set(LABELS)


def test_a_second_screening_is_the_same(by_pitch_or_none: Path) -> None:
    first, second = screen(by_pitch_or_none), screen(by_pitch_or_none)
    for name in ("windows", "events", "truth"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


def test_other_folds_and_seeds_give_other_recordings(by_pitch_or_none: Path) -> None:
    first = screen(by_pitch_or_none)
    assert set(first.truth["recording"]) == {"fold0_00", "fold0_01"}
    assert set(screen(by_pitch_or_none, fold=1).truth["recording"]) == {"fold1_00", "fold1_01"}
    assert screen(by_pitch_or_none, seed=2).truth["start_s"].tolist() != first.truth["start_s"].tolist()


# Windows of slices


@pytest.mark.parametrize("hop_s", [0.25, 0.7, 1.0, 3.0])
def test_window_maxima_are_the_windows_that_the_classifier_predicts(by_pitch_or_none: Path, hop_s: float) -> None:
    classifier = load_classifier(by_pitch_or_none)
    samples = np.concatenate([read(CLIPS["clip"].iloc[row]) for row in (0, 30, 20, 5, 13, 40)])
    maxima, _, _ = screen_samples(samples, classifier, hop_s)
    pd.testing.assert_frame_equal(maxima, classifier.predict(samples, RATE, hop_seconds=hop_s))


def test_a_window_has_the_highest_of_each_label_by_itself(
    by_pitch_or_none: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probabilities = np.array([[[0.1, 0.9], [0.2, 0.0], [0.3, 0.1]], [[0.5, 0.0], [0.0, 0.0], [0.4, 0.2]]])
    slices = slice_table(probabilities, LABELS, FEATURES, 2.0, 30.0)
    monkeypatch.setattr(Classifier, "predict", lambda *_, **__: slices)
    maxima, _, _ = screen_samples(np.zeros(30 * RATE, np.float32), load_classifier(by_pitch_or_none), 2.0)
    assert maxima[list(LABELS)].to_numpy().tolist() == [[0.3, 0.9], [0.5, 0.2]]
    assert maxima[["start_s", "end_s"]].to_numpy().tolist() == [[0, 1], [2, 3]]


# Scores of folds together


def of_scores(fold: int, probabilities: list[tuple[float, float]], threshold: float, calls: bool = True) -> Screened:
    """A fold of one recording of an hour: every window holds both labels, and every second of the recording a call."""
    n, name = len(probabilities), f"fold{fold}_00"
    start_s = np.arange(n, dtype=float)
    windows = pd.DataFrame(probabilities, columns=list(LABELS)).assign(
        recording=name, start_s=start_s, end_s=start_s + 1
    )
    none = np.zeros(n, bool)
    truth = windows[["recording", "start_s", "end_s"]].assign(
        label=LOW, snr_db=10.0, source=f"source of {fold}", clip="clip", kind=LOW
    )
    columns = ["recording", "label", "start_s", "end_s", "mean_confidence", "peak_confidence"]
    return Screened(
        fold=fold,
        windows=windows,
        held=WindowTruth(np.full((n, 2), calls), none if calls else ~none, none),
        events=pd.DataFrame([(name, LOW, 0.0, 2.0, 0.9, 0.9)], columns=columns)[: int(calls)],
        truth=truth if calls else truth[:0],
        hours=pd.Series(1.0, index=[name]),
        thresholds={LOW: threshold, HIGH: threshold},
    )


@pytest.mark.parametrize(("first", "second", "found"), [(0.5, 0.5, 0.5), (0.1, 0.5, 1.0), (0.5, 0.9, 0.0)])
def test_windows_of_each_fold_are_compared_with_its_own_thresholds(first: float, second: float, found: float) -> None:
    folds = [of_scores(0, [(0.2, 0.2)] * 4, first), of_scores(3, [(0.8, 0.8)] * 4, second)]
    scores, _ = score(folds, list(LABELS), seed=1)
    assert scores["both_found"]["value"] == found


def test_windows_of_each_fold_are_compared_with_what_they_hold() -> None:
    found, empty = of_scores(0, [(0.8, 0.8)] * 4, 0.5), of_scores(1, [(0.2, 0.2)] * 4, 0.5, calls=False)
    for folds in ([found, empty], [empty, found]):
        scores, _ = score(folds, list(LABELS), seed=1)
        assert (scores["both_found"]["value"], scores["windows"]) == (1, 8)


def test_hours_count_recordings_without_calls_and_events() -> None:
    wrong = of_scores(0, [(0.2, 0.2)] * 4, 0.5)
    wrong = Screened(**vars(wrong) | {"events": wrong.events.assign(label=HIGH)})
    alone, _ = score([wrong], list(LABELS), seed=1)
    with_silence, _ = score([wrong, of_scores(1, [(0.1, 0.1)] * 4, 0.5, calls=False)], list(LABELS), seed=1)
    assert alone["events"]["false_events_per_hour"]["value"] == 1
    assert with_silence["events"]["false_events_per_hour"]["value"] == 0.5
    assert with_silence["events"]["false_seconds_per_hour"]["value"] == 1


def test_recordings_in_which_nothing_calls_and_nothing_is_found_have_scores(by_pitch_or_none: Path) -> None:
    screened = screen(by_pitch_or_none, calls_per_minute=0, distractors_per_minute=0)
    assert screened.truth.empty
    assert screened.held.empty.all()
    assert screened.events.empty
    scores, curves = score([screened], list(LABELS), seed=1)
    assert scores["map"] is None
    assert scores["events"]["recall"] is None
    assert scores["events"]["false_events_per_hour"]["value"] == 0
    assert curves.empty


def test_events_are_those_of_the_slices(by_pitch_or_none: Path) -> None:
    screened = screen(by_pitch_or_none)
    expected = find_events(screened.windows, load_classifier(by_pitch_or_none))
    lengths = screened.events["end_s"] - screened.events["start_s"]
    assert set(screened.events["recording"]) <= set(screened.hours.index)
    assert lengths.sum() < (expected["end_s"] - expected["start_s"]).sum()  # whole windows would be longer
