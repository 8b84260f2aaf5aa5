"""Every figure of the library, drawn with labels of choice."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from project_echo.evaluation.reliability import reliability_bins
from project_echo.features.melspectrogram import to_db
from project_echo.plots import activity, attention, clip, crossval, evaluation, field
from project_echo.plots.timeline import timeline as draw_timeline
from tests.sounds import FEATURES, mel_spectrogram, tone

LABELS = ["cane_toad", "Füchse & co", "001"]
SOUND = tone(1000, 1, FEATURES.sample_rate)
IMAGE = to_db(mel_spectrogram().image(SOUND), FEATURES)
SPREAD = pd.DataFrame({"accuracy": [0.75, 1.0, 0.875, 0.875, 0.3, 0.1 + 0.2]})
CURVE = pd.DataFrame({"train": [1, 5, 9], "accuracy": [0.5, 0.8, 0.9], "low": [0.4, 0.7, 0.85], "high": [0.6, 0.9, 1]})
BINS = pd.DataFrame({"confidence": [0.4, 0.8], "accuracy": [0.5, 0.6], "clips": [10, 30]})
HISTORY = pd.DataFrame(
    {"epoch": range(1, 6)} | {name: np.linspace(1, 0.2, 5) for name in ("loss", "val_loss", "accuracy", "val_accuracy")}
)


def confusion(labels: Sequence[str] = LABELS) -> Figure:
    return evaluation.confusion(np.array([[2, 0, 1], [0, 3, 0], [0, 0, 0]]), labels, f"Confusion of {labels[0]}")


def per_class(labels: Sequence[str] = LABELS) -> Figure:
    scores = {"precision": [1, 0.5, 0], "recall": [0.5, 1, 0], "f1": [0.7, 0.7, 0]}
    return evaluation.per_class(pd.DataFrame({"label": labels, "support": [3, 3, 0], **scores}))


def history(_: Sequence[str] = LABELS) -> Figure:
    return evaluation.history(HISTORY)


def history_of_one_row(_: Sequence[str] = LABELS) -> Figure:
    return evaluation.history(HISTORY.tail(1))


def predictions(labels: Sequence[str] = LABELS) -> Figure:
    table = pd.DataFrame({"truth": labels, "prediction": [labels[0], labels[0], "none"]})
    return evaluation.predictions(table.assign(**dict(zip(labels, (0.9, 0.8, 0.0), strict=True))), labels)


def timeline(labels: Sequence[str] = LABELS) -> Figure:
    windows = pd.DataFrame({"start_s": [0.0, 1.0], "end_s": [5.0, 6.0], **{label: [0.2, 0.6] for label in labels}})
    name = f"unseen/{labels[0]}.mp4"
    summary = {"recording": name, "label": labels[2], "truth": labels[1], "verdict": "wrong", "agreement": 0.5}
    return draw_timeline(windows, summary)


def accuracies(_: Sequence[str] = LABELS) -> Figure:
    return crossval.accuracies(SPREAD, {"value": 0.7, "low": 0.6, "high": 0.8})


def curve(_: Sequence[str] = LABELS) -> Figure:
    return crossval.curve(CURVE)


def reliability(_: Sequence[str] = LABELS) -> Figure:
    generator = np.random.default_rng(1)
    after = reliability_bins(generator.random(50), generator.random(50) < 0.5)
    table = pd.concat([BINS.assign(scaling="before"), after.assign(scaling="after")])
    return crossval.reliability(table, {"before": 0.25, "after": 0.125})


def overlays(labels: Sequence[str] = LABELS) -> Figure:
    evidence = np.zeros(FEATURES.image_shape[:2], dtype=np.float32)
    evidence[:4, :4] = 1
    panels = [attention.Panel(label, IMAGE, evidence) for label in labels[:2]]
    return attention.overlays([panels, panels], FEATURES, labels[2])


def sound(_: Sequence[str] = LABELS) -> Figure:
    return clip.sound(SOUND, IMAGE, FEATURES)


def evidence(_: Sequence[str] = LABELS) -> Figure:
    return clip.evidence(IMAGE, np.linspace(0, 1, IMAGE[..., 0].size).reshape(IMAGE.shape[:2]), FEATURES)


def copies(_: Sequence[str] = LABELS) -> Figure:
    return clip.copies(np.stack([IMAGE] * 5), FEATURES)


def by_hour(labels: Sequence[str] = LABELS) -> Figure:
    return activity.by_hour(activity_table(labels, days=3))


def by_hour_of_one_day(labels: Sequence[str] = LABELS) -> Figure:
    return activity.by_hour(activity_table(labels, days=1))


def activity_table(
    labels: Sequence[str], days: int, sites: int = 1, hours: Sequence[int] = (5, 6, 20), events: int = 2
) -> pd.DataFrame:
    """A table of activity with `events` in every hour that was recorded, but none of the last of several labels."""
    rows = [
        (label, f"site {site}", f"{pd.Timestamp('2024-04-20') + pd.Timedelta(days=day):%Y-%m-%d}", hour)
        for label in labels
        for site in range(sites)
        for day in range(days)
        for hour in hours
    ]
    table = pd.DataFrame(rows, columns=["label", "site", "date", "hour"])
    counts = events * ((table["label"] != labels[-1]) | (len(labels) == 1))
    return table.assign(events=counts, active_s=3.0 * counts, recorded_s=1800.0, events_per_h=2.0 * counts)


def precision_recall(labels: Sequence[str] = LABELS) -> Figure:
    recall = np.linspace(0, 1, 11)
    curves = [pd.DataFrame({"label": label, "recall": recall, "precision": 1 - 0.9 * recall**2}) for label in labels]
    return field.precision_recall(pd.concat(curves), dict.fromkeys(labels, 0.64))


def recall_by_snr(_: Sequence[str] = LABELS) -> Figure:
    table = pd.DataFrame({"snr_db": [-5.0, 20.0], "calls": 40, "recall": [0.1, 0.9]})
    return field.recall_by_snr(table.assign(low=table["recall"] - 0.1, high=table["recall"] + 0.1))


FIGURES: list[Callable[[Sequence[str]], Figure]] = [
    *(confusion, per_class, history, history_of_one_row, predictions),
    *(timeline, accuracies, curve, reliability),
    *(overlays, sound, copies, evidence, by_hour, by_hour_of_one_day),
    *(precision_recall, recall_by_snr),
]
