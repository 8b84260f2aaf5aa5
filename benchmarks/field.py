"""Scores in the field: real calls mixed into long recordings of real background, of sources that nothing learned from.

    python -m benchmarks.field /data/ESC-50 --targets dog frog pig rooster --background rain sea_waves helicopter \
        --distractors crow --birdnet birdnet/bin/python --network birdnet.tflite

Prints a Markdown table: means over assignments of sources to training and to recordings, and differences from this
project with their 95% confidence intervals by Student's t distribution over assignments. Uses
params.yaml, and models/backbone, which `dvc repro backbone` makes. A third of the calls overlap another one; they are
5 dB below to 20 dB above the background.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import soundfile

from benchmarks import ROOT, field_birdnet
from benchmarks.clones import edit_yaml
from benchmarks.cost import read_embedder, seconds_per_hour
from benchmarks.field_sources import assign, list_clips, read_original, take_half
from benchmarks.field_table import BIRDNET, COST, THIS_PROJECT, WITHOUT_MIXING, network_name, print_table, row
from benchmarks.measure import describe_machine
from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.core.tables import write_table
from project_echo.custom_networks.card import read_network_card
from project_echo.custom_networks.network import save_network
from project_echo.custom_networks.parameters import add_network
from project_echo.evaluation import field_folds, field_recordings, field_scores
from project_echo.evaluation.cross_fitting import fit_classifier
from project_echo.evaluation.field_config import FieldRecordings
from project_echo.evaluation.trainer import Trainer, read_views
from project_echo.features.config import Features
from project_echo.models.classifier import Classifier
from project_echo.models.recipe import Recipe, Rejection
from project_echo.pipeline.params import load_params
from stages import embed, segment, spectrograms

FALSE_POSITIVES = 0.05
TRAIN_SOURCES = 13  # of a label
PLAIN = {"augmentation.copies": 0, "embed.slices": 1}  # clips as they are, and whole windows
Scored = tuple[field_folds.Screened, dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder in ESC-50's layout")
    parser.add_argument("--targets", nargs="+", required=True, help="categories to find")
    parser.add_argument("--background", nargs="+", required=True, help="categories of background")
    parser.add_argument(
        "--distractors", nargs="+", default=[], help="categories to call in between, never learned from"
    )
    parser.add_argument("--birdnet", type=Path, help="Python of an environment with BirdNET (birdnet_embeddings.py)")
    parser.add_argument("--network", type=Path, help="custom network (.tflite, .onnx) with its card beside it")
    parser.add_argument("--assignments", type=int, default=10, help="assignments of sources (default 10)")
    parser.add_argument("--recordings", type=int, default=24, help="recordings of each, 3 minutes (default 24)")
    parser.add_argument("--half", type=int, choices=(0, 1), help="use one half of the sources only")
    parser.add_argument("--train-sources", type=int, default=TRAIN_SOURCES, help="to learn from, of a target")
    arguments = parser.parse_args()
    clips = list_clips(arguments.folder, arguments.targets, arguments.background, arguments.distractors)
    if arguments.half is not None:
        clips = take_half(clips, arguments.half)
    print(f"{describe_machine()}\n")
    rows: list[dict[str, Any]] = []
    for number in range(arguments.assignments):
        train, heard = assign(clips, number, arguments.train_sources)
        with tempfile.TemporaryDirectory() as folder:
            rows += run_assignment(
                Path(folder),
                arguments.folder.absolute(),
                train,
                heard,
                arguments.distractors,
                number,
                arguments.recordings,
                arguments.birdnet and arguments.birdnet.absolute(),
                arguments.network and arguments.network.absolute(),
            )
        print_table(pd.DataFrame(rows), number + 1, arguments.assignments)


def run_assignment(
    folder: Path,
    esc50: Path,
    train: pd.DataFrame,
    heard: pd.DataFrame,
    distractors: list[str],
    number: int,
    recordings: int,
    birdnet: Path | None,
    network: Path | None,
) -> list[dict[str, Any]]:
    """Scores of each system on the recordings of an assignment."""
    train = train[~train["kind"].isin(distractors)].reset_index(drop=True)
    field = load_params("field", FieldRecordings).model_copy(update={"recordings": recordings})
    rate = load_params("features", Features).sample_rate
    read = cache(partial(read_original, esc50, rate))
    heard = heard.assign(active_s=[field_recordings.active_seconds(read(clip), rate) for clip in heard["clip"]])
    heard_distractors = [kind for kind in distractors if (heard["kind"] == kind).any()]

    def screen(classifier: Classifier, read: Callable[[str], np.ndarray]) -> Scored:
        screened = field_folds.screen_fold(classifier, heard, heard_distractors, number, field, read)
        scores, _ = field_folds.score([screened], list(classifier.labels), seed=1)
        scores |= windows_scores(screened.windows, screened.held, list(classifier.labels))
        return screened, scores | scores["events"]

    classifier = train_classifier(folder, train, read, rate, ROOT / "models" / "backbone")
    screened, scores = screen(classifier, read)
    labels = list(classifier.labels)
    rows = [row(THIS_PROJECT, number, scores, seconds_per_hour(classifier.embedder, field.hop_s))]
    with changed_params(PLAIN, folder / "plain"):
        plain = train_classifier(folder / "plain", train, read, rate, ROOT / "models" / "backbone")
        rows.append(row(WITHOUT_MIXING, number, screen(plain, read)[1], rows[0][COST]))
    if network:
        card = read_network_card(network)
        read_fast = cache(partial(read_original, esc50, card.sample_rate_hz))
        changes = add_network(network, folder / "network", load_params("features", Features))
        save_network(network, folder / "network" / "backbone", "backbone")
        with changed_params(changes, folder / "network"):
            backbone = folder / "network" / "backbone"
            of_network = train_classifier(folder / "network", train, read_fast, card.sample_rate_hz, backbone)
            of_recordings = screen(of_network, read_fast)[1]
            rows.append(
                row(network_name(card), number, of_recordings, seconds_per_hour(of_network.embedder, field.hop_s))
            )
    if birdnet:
        plan = field_folds.plan_fold(heard, heard_distractors, number, field, classifier.features.window_s)
        by_c, seconds = field_birdnet.screen(folder, birdnet, esc50, train, plan, field, screened.windows)
        for C, windows in by_c.items():
            rows.append(row(f"{BIRDNET}, C {C:g}", number, windows_scores(windows, screened.held, labels), seconds))
    return rows


@contextmanager
def changed_params(changes: dict[str, Any], folder: Path) -> Iterator[None]:
    """Work in a folder whose params.yaml has other values, by address."""
    before = Path.cwd()
    params = folder / "params.yaml"
    files.write_text(Path("params.yaml").read_text(encoding="utf-8"), params)
    edit_yaml(params, changes)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def windows_scores(windows: pd.DataFrame, held: Any, labels: list[str]) -> dict[str, Any]:
    """Scores of windows; two labels count as found at the thresholds that 5% of the windows without each reach."""
    probabilities = windows[labels].to_numpy()
    thresholds = [
        np.quantile(of_label[~holds], 1 - FALSE_POSITIVES)
        for of_label, holds in zip(probabilities.T, held.positive.T, strict=True)
    ]
    number = np.zeros(len(windows), int)
    return field_scores.score_windows(windows, held, labels, number, probabilities > thresholds, seed=1)


def train_classifier(
    folder: Path, train: pd.DataFrame, read: Callable[[str], np.ndarray], rate: int, backbone: Path
) -> Classifier:
    """Train as the pipeline does, on all clips of a table; calibration and thresholds are cross-fitted on them."""
    for clip in train["clip"]:
        path = folder / "clips" / f"{clip}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, read(clip), rate, subtype="FLOAT")
    write_table(train, folder / "clips" / "clips.csv")
    write_table(pd.DataFrame(columns=segment.STATED), folder / "clips" / "labels.csv")
    images, vectors = folder / "spectrograms", folder / "embeddings"
    spectrograms.main(folder / "clips", images)
    embed.main(folder / "clips", images, backbone, vectors)
    recipe = load_params("train", Recipe)
    animals = sorted(set(train["label"]) - {NONE})
    embedder = read_embedder(backbone, images, vectors)
    trainer = Trainer(vectors, read_views(images, vectors, train, animals), animals, recipe)
    target = load_params("rejection", Rejection).false_positive_rate
    return fit_classifier(trainer, train, animals, recipe, target, embedder)


if __name__ == "__main__":
    main()
