r"""Mix long recordings with known truth, and screen each with a classifier that has met none of its sources.

    python stages/field.py data/clips data/spectrograms data/embeddings data/split.csv models/backbone \
        metrics/field.json plots/field
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, animal_labels, sorted_labels
from project_echo.core.parallel import progress
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.examples import clips_for_head
from project_echo.datasets.groups import source_groups
from project_echo.evaluation import field_folds
from project_echo.evaluation.cross_fitting import can_fit, fit_classifier, source_folds
from project_echo.evaluation.field_config import FieldRecordings
from project_echo.evaluation.field_recordings import active_seconds
from project_echo.evaluation.trainer import Trainer, read_views
from project_echo.features.config import read_features
from project_echo.features.mel_filters import read_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.models.card import FILTERS
from project_echo.models.embedder import load_embedder
from project_echo.models.pooling import read_pooled
from project_echo.models.recipe import Recipe, Rejection, check_slices
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.plots import field as figures
from project_echo.plots import style


def main(
    clips: Path, spectrograms: Path, embeddings: Path, split: Path, backbone: Path, metrics: Path, plots: Path
) -> None:
    recipe, field = load_params("train", Recipe), load_params("field", FieldRecordings)
    target = load_params("rejection", Rejection).false_positive_rate
    table = read_table(split)
    animals = animal_labels(sorted_labels(clips_for_head(table, recipe.head)["label"].unique()))
    features = read_features(spectrograms / "features.json")
    if field.hop_s > features.window_s:
        raise EchoError(
            f"field.hop_s is {field.hop_s:g} s, longer than a window: parts of the recordings would not be heard. Use "
            f"at most features.window_s, {features.window_s:g}."
        )
    pooling = read_pooled(embeddings / "embeddings.json").pooling
    spectrogram = MelSpectrogram(features, read_mel_filters(spectrograms / FILTERS, features))
    embedder = load_embedder(backbone, spectrogram, pooling)

    @lru_cache(maxsize=256)  # clips of one fold
    def read(clip: str) -> np.ndarray:
        return files.read_sound(clips / f"{clip}.wav")[0]

    groups = source_groups(table)
    fold_of = source_folds(table, field.folds)
    screened = []
    # A network that is trained as a whole is not: that would take a minute for each fold, several times.
    if recipe.trainable == "none" and len(set(fold_of.values())) > 1:
        check_slices(recipe.head, pooling.slices)
        table = table.assign(active_s=[active_seconds(read(clip), features.sample_rate) for clip in table["clip"]])
        trainer = Trainer(embeddings, read_views(spectrograms, embeddings, table, animals), animals, recipe)
        for fold in progress(sorted(set(fold_of.values())), "field"):
            train, heard, distractors = field_folds.divide(table, fold_of, fold)
            if can_fit(train, animals, groups) and (heard["label"] != NONE).any():
                left_out = field_folds.left_out_kind(table, fold)
                classifier = fit_classifier(
                    trainer, train, animals, recipe, target, embedder, groups=groups, left_out=left_out
                )
                screened.append(field_folds.screen_fold(classifier, heard, distractors, fold, field, read))
    scores: dict[str, Any] = {"head": recipe.head, "trainable": recipe.trainable, "folds": len(screened), "map": None}
    with files.atomic_folder(plots) as temporary:
        (temporary / ".gitkeep").touch()  # git drops empty folders
        if screened:
            of_folds, curves = field_folds.score(screened, animals, field.seed)
            scores |= of_folds
            truth, events = (pd.concat([getattr(of, name) for of in screened]) for name in ("truth", "events"))
            by_snr = pd.DataFrame(
                [
                    (float(snr_db), of["calls"], of["value"], of["low"], of["high"])
                    for snr_db, of in scores["events"]["recall_by_snr"].items()
                ],
                columns=["snr_db", "calls", "recall", "low", "high"],
            )
            write_table(curves, temporary / "precision_recall.csv")
            write_table(by_snr, temporary / "recall_by_snr.csv")
            write_table(truth, temporary / "truth.csv", decimals=3)
            write_table(events, temporary / "events.csv", decimals=3)
            precisions = {label: of_label["average_precision"] for label, of_label in scores["per_label"].items()}
            style.save(figures.precision_recall(curves, precisions), temporary / "precision_recall.png")
            style.save(figures.recall_by_snr(by_snr), temporary / "recall_by_snr.png")
    files.write_metrics(scores, metrics)
    print(_summary(scores))


def _summary(scores: dict[str, Any]) -> str:
    if not scores["folds"]:
        return f"not evaluated in the field: trainable {scores['trainable']}, or too few sources for two folds"
    events = scores["events"]
    values = {"mAP": scores["map"], "recall": events["recall"], "of calls 10 dB and more": events["recall_clear"]}
    shares = ", ".join(f"{name} {of['value']:.3f}" for name, of in values.items() if of)
    return (
        f"{scores['folds']} folds, {scores['windows']} windows: {shares}, "
        f"{events['false_events_per_hour']['value']:.1f} false events an hour"
    )


if __name__ == "__main__":
    run(main)
