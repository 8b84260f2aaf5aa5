"""The evaluation in the field: recordings of the sources of each fold, screened by a classifier of the other folds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE, PARTIAL
from project_echo.evaluation import field_events, field_recordings, field_scores
from project_echo.evaluation.field_config import FieldRecordings
from project_echo.evaluation.field_scores import WindowTruth
from project_echo.models.classifier import Classifier
from project_echo.screening.recording import screen_samples

Read = Callable[[str], np.ndarray]  # from the name of a clip to its samples


@dataclass(frozen=True)
class Screened:
    """What a fold's classifier made of its recordings.

    Attributes
    ----------
    fold : int
    windows : pd.DataFrame
        recording, start_s, end_s, and a probability for each label.
    held : WindowTruth
        What each window holds.
    events : pd.DataFrame
        recording, label, start_s, end_s, mean_confidence, peak_confidence.
    truth : pd.DataFrame
        The calls (`field_recordings.build_recording`).
    hours : pd.Series
        Of each recording.
    thresholds : dict of str to float
    """

    fold: int
    windows: pd.DataFrame
    held: WindowTruth
    events: pd.DataFrame
    truth: pd.DataFrame
    hours: pd.Series
    thresholds: dict[str, float]


def divide(clips: pd.DataFrame, fold_of: dict[str, int], fold: int) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Clips to learn from, clips to mix recordings of, and the kinds of background that are heard as calls in these.

    One kind of background, another in each fold, is not learned from: its clips are distractors. Partially labelled
    clips are only learned from.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `label`, `kind` and `source`.
    fold_of : dict of str to int
        `cross_fitting.source_folds`.
    fold : int

    Returns
    -------
    train, heard : pd.DataFrame
    distractors : list of str
    """
    inside = clips["source"].map(fold_of) == fold
    left_out = left_out_kind(clips, fold)
    is_left_out = (clips["label"] == NONE) & (clips["kind"] == left_out)
    train, heard = clips[~inside & ~is_left_out], clips[inside & (clips["label"] != PARTIAL)]
    return train, heard, [left_out] if (inside & is_left_out).any() else []


def left_out_kind(clips: pd.DataFrame, fold: int) -> str:
    """The kind of background that a fold does not learn from; empty if there is a single kind."""
    kinds = sorted(clips.loc[clips["label"] == NONE, "kind"].unique())
    return str(kinds[fold % len(kinds)]) if len(kinds) > 1 else ""


def plan_fold(
    heard: pd.DataFrame, distractors: list[str], fold: int, field: FieldRecordings, window_s: float
) -> pd.DataFrame:
    """Plan the recordings of a fold (`field_recordings.plan_recordings`); for the arguments see `screen_fold`."""
    return field_recordings.plan_recordings(
        heard,
        seed=field.seed,
        fold=fold,
        recordings=field.recordings,
        duration_s=field.duration_s,
        clip_s=window_s,
        calls_per_minute=field.calls_per_minute,
        distractors=distractors,
        distractors_per_minute=field.distractors_per_minute,
    )


def screen_fold(
    classifier: Classifier, heard: pd.DataFrame, distractors: list[str], fold: int, field: FieldRecordings, read: Read
) -> Screened:
    """Mix the recordings of a fold, and screen them.

    Parameters
    ----------
    classifier : Classifier
        That has met none of the sources.
    heard : pd.DataFrame
        Clips of the fold, with `active_s` (`field_recordings.active_seconds`).
    distractors : list of str
    fold : int
    field : FieldRecordings
    read : callable
        Reads the samples of a clip, at the classifier's sample rate.

    Returns
    -------
    Screened
    """
    rate = classifier.features.sample_rate
    plan = plan_fold(heard, distractors, fold, field, classifier.features.window_s)
    labels = list(classifier.labels)
    windows, truths, held, events = [], [], [], []
    for recording, rows in plan.groupby("recording", sort=False):
        samples, truth = field_recordings.build_planned(rows, read, rate, field.duration_s, field.seed)
        of_windows, _, of_events = screen_samples(samples, classifier, field.hop_s)
        held.append(
            field_scores.window_truth(truth, of_windows["start_s"].to_numpy(), of_windows["end_s"].to_numpy(), labels)
        )
        windows.append(of_windows.assign(recording=recording))
        truths.append(truth)
        events.append(of_events.assign(recording=recording))
    names = list(dict.fromkeys(plan["recording"]))
    return Screened(
        fold=fold,
        windows=pd.concat(windows, ignore_index=True),
        held=WindowTruth.concatenate(held),
        events=pd.concat(events, ignore_index=True),
        truth=pd.concat(truths, ignore_index=True),
        hours=pd.Series(field.duration_s / 3600, index=names),
        thresholds=dict(zip(labels, classifier.event_thresholds, strict=True)),
    )


def score(folds: list[Screened], labels: list[str], seed: int) -> tuple[dict[str, Any], pd.DataFrame]:
    """Scores of all folds together (`field_scores.score_windows`, `field_events.score_events`).

    Parameters
    ----------
    folds : list of Screened
    labels : list of str
    seed : int

    Returns
    -------
    scores : dict
    curves : pd.DataFrame
        `field_scores.precision_recall_curves`.
    """
    windows = pd.concat([of.windows for of in folds], ignore_index=True)
    held = WindowTruth.concatenate([of.held for of in folds])
    number = np.repeat([of.fold for of in folds], [len(of.windows) for of in folds])
    reached = np.concatenate(
        [of.windows[labels].to_numpy() >= [of.thresholds[label] for label in labels] for of in folds]
    )
    scores = field_scores.score_windows(windows, held, labels, number, reached, seed)
    events, truth = (pd.concat([getattr(of, name) for of in folds], ignore_index=True) for name in ("events", "truth"))
    hours = pd.concat([of.hours for of in folds])
    scores["events"] = field_events.score_events(events, truth, labels, hours, seed)
    return scores, field_scores.precision_recall_curves(windows, held, labels, number)
