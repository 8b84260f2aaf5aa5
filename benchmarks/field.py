"""Scores in the field: real calls mixed into long recordings of real background, of sources that nothing learned from.

    python -m benchmarks.field /data/ESC-50 --targets dog frog pig rooster --background rain sea_waves helicopter \
        --distractors crow --birdnet birdnet/bin/python --network birdnet.tflite

Prints a Markdown table: means over assignments of sources to training and to recordings, and differences from this
project with their 95% confidence intervals by bootstrap over assignments. Uses params.yaml, and models/backbone, which
`dvc repro backbone` makes. A third of the calls overlap another one; they are 5 dB below to 20 dB above the background.
"""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks import ROOT
from benchmarks.clones import edit_yaml
from benchmarks.measure import describe_machine
from benchmarks.own_network import changes_for, system_name
from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.core.seeds import generator
from project_echo.evaluation import field_folds, field_recordings, field_scores
from project_echo.evaluation.cross_fitting import fit_classifier
from project_echo.evaluation.field_config import FieldRecordings
from project_echo.evaluation.trainer import Trainer, read_views
from project_echo.features.config import Features, read_features
from project_echo.features.mel_filters import read_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.media.resample import resample
from project_echo.models.card import FILTERS
from project_echo.models.classifier import Classifier
from project_echo.models.embedder import load_embedder
from project_echo.models.network_card import read_network_card
from project_echo.models.own_network import save_network
from project_echo.models.pooling import read_pooled
from project_echo.models.recipe import Recipe, Rejection
from project_echo.pipeline.params import load_params
from stages import embed, segment, spectrograms

THIS_PROJECT, BIRDNET = "this project", "BirdNET 2.4 + logistic regression"
BIRDNET_RATE, BIRDNET_WINDOW_S, BIRDNET_HOP_S = 48_000, 3.0, 0.5
FALSE_POSITIVES = 0.05
BIRDNET_C = (1e-4, 1e-3, 1e-2)  # of its logistic regressions; the best in hindsight is in the table
TRAIN_SOURCES = 13  # of a label
Scored = tuple[field_folds.Screened, dict[str, Any]]
BACKGROUND_SHARE = 0.6  # of the sources of each kind of background, to learn from
MEASURES = {
    "map": "mAP",
    "auc": "AUC",
    "auc_background": "AUC against background",
    "auc_distractors": "AUC against distractors",
    "both_found": "both of two found at 5% false positives",
    "recall": "calls found",
    "recall_clear": "of 10 dB and more",
    "false_events_per_hour": "false events an hour",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder in ESC-50's layout")
    parser.add_argument("--targets", nargs="+", required=True, help="categories to find")
    parser.add_argument("--background", nargs="+", required=True, help="categories of background")
    parser.add_argument(
        "--distractors", nargs="+", default=[], help="categories to call in between, never learned from"
    )
    parser.add_argument("--birdnet", type=Path, help="Python of an environment with BirdNET (birdnet_embeddings.py)")
    parser.add_argument("--network", type=Path, help="network of one's own (.tflite, .onnx) with its card beside it")
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


def list_clips(
    folder: Path, targets: Sequence[str], background: Sequence[str], distractors: Sequence[str]
) -> pd.DataFrame:
    """Clips of some categories: clip (file name), label, kind and source. Distractors are kinds of background."""
    table = pd.read_csv(folder / "meta" / "esc50.csv")
    table = table[table["category"].isin([*targets, *background, *distractors])].sort_values("filename")
    clips = pd.DataFrame(
        {"clip": table["filename"], "kind": table["category"], "source": table["src_file"].astype(str)}
    )
    label = clips["kind"].where(clips["kind"].isin(targets), NONE)
    return clips.assign(label=label).reset_index(drop=True)


def take_half(clips: pd.DataFrame, half: int) -> pd.DataFrame:
    """The clips of one half of the sources of each kind. A source of several kinds is in one half with all of them."""
    half_of: dict[str, int] = {}
    for kind, rows in clips.groupby("kind"):
        sources = generator(0, "half", str(kind)).permutation(sorted(rows["source"].unique())).tolist()
        half_of = {source: number % 2 for number, source in enumerate(sources)} | half_of
    return clips[clips["source"].map(half_of) == half].reset_index(drop=True)


def assign(clips: pd.DataFrame, number: int, train_sources: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clips to learn from, and clips to mix recordings of, none of whose sources is learned from."""
    learned: set[str] = set()
    for kind, rows in clips.groupby("kind"):
        sources = generator(number, "assign", str(kind)).permutation(sorted(rows["source"].unique())).tolist()
        is_background = (rows["label"] == NONE).all()
        n = max(1, min(len(sources) - 1, round(BACKGROUND_SHARE * len(sources)))) if is_background else train_sources
        learned |= set(sources[:n])
    inside = clips["source"].isin(learned)
    return clips[inside].reset_index(drop=True), clips[~inside].reset_index(drop=True)


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
    rows = [row(THIS_PROJECT, number, scores)]
    if network:
        card = read_network_card(network)
        read_fast = cache(partial(read_original, esc50, card.sample_rate_hz))
        with params_for(network, folder / "network") as backbone:
            of_network = train_classifier(folder / "network", train, read_fast, card.sample_rate_hz, backbone)
            rows.append(row(system_name(card), number, screen(of_network, read_fast)[1]))
    if birdnet:
        plan = field_folds.plan_fold(heard, heard_distractors, number, field, classifier.features.window_s)
        for C, windows in screen_with_birdnet(folder, birdnet, esc50, train, plan, field, screened.windows).items():
            rows.append(row(f"{BIRDNET}, C {C:g}", number, windows_scores(windows, screened.held, labels)))
    return rows


@contextmanager
def params_for(network: Path, folder: Path) -> Iterator[Path]:
    """Work in a folder whose params.yaml has a network of one's own as the backbone; yields the backbone's folder."""
    before = Path.cwd()
    params = folder / "params.yaml"
    changes = changes_for(network, read_network_card(network), load_params("features", Features))
    files.write_text(Path("params.yaml").read_text(encoding="utf-8"), params)
    edit_yaml(params, changes)
    save_network(network, folder / "backbone", "backbone")
    os.chdir(folder)
    try:
        yield folder / "backbone"
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


def screen_with_birdnet(
    folder: Path,
    python: Path,
    esc50: Path,
    train: pd.DataFrame,
    plan: pd.DataFrame,
    field: FieldRecordings,
    like: pd.DataFrame,
) -> dict[float, pd.DataFrame]:
    """Windows of BirdNET's embeddings and a logistic regression of each label, by their C.

    BirdNET hears the same recordings, mixed at 48 kHz from the original clips. Its windows of 3 s, a step of 0.5 s
    apart, count for the windows of 5 s that hold them: their maximum.
    """
    read = cache(partial(read_original, esc50, BIRDNET_RATE))
    names: dict[str, list[str]] = {"train": [], "heard": []}
    sounds = folder / "birdnet"
    sounds.mkdir()
    for clip in train["clip"]:
        soundfile.write(sounds / clip, read(clip), BIRDNET_RATE, subtype="FLOAT")
        names["train"].append(clip)
    for recording, rows in plan.groupby("recording", sort=False):
        samples, _ = field_recordings.build_planned(rows, read, BIRDNET_RATE, field.duration_s, field.seed)
        soundfile.write(sounds / f"{recording}.wav", samples, BIRDNET_RATE, subtype="FLOAT")
        names["heard"].append(f"{recording}.wav")
    vectors: dict[str, np.ndarray] = {}
    for part, hop_s in (("train", 1.0), ("heard", BIRDNET_HOP_S)):
        target = folder / f"{part}.npz"
        paths = [str(sounds / name) for name in names[part]]
        command = [str(python), "-m", "benchmarks.birdnet_windows", str(target), str(hop_s), *paths]
        subprocess.run(command, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
        vectors |= dict(np.load(target))
    learned = np.concatenate([vectors[clip] for clip in train["clip"]])
    truth = np.repeat(train["label"].to_numpy(), [len(vectors[clip]) for clip in train["clip"]])
    scaler = StandardScaler().fit(learned)
    tables = {}
    labels = sorted(set(train["label"]) - {NONE})
    for C in BIRDNET_C:
        table = like[["recording", "start_s", "end_s"]].copy()
        for label in labels:
            regression = LogisticRegression(C=C, class_weight="balanced", max_iter=1000)
            regression.fit(scaler.transform(learned), truth == label)
            odds = {
                recording: regression.decision_function(scaler.transform(vectors[f"{recording}.wav"]))
                for recording in like["recording"].unique()
            }
            table[label] = [
                window_maximum(odds[recording], start_s, end_s)
                for recording, start_s, end_s in zip(like["recording"], like["start_s"], like["end_s"], strict=True)
            ]
        tables[C] = table
    return tables


def window_maximum(odds: np.ndarray, start_s: float, end_s: float) -> float:
    """The highest of BirdNET's windows that lie within a window, with half a step to spare at its end."""
    first = int(np.ceil(start_s / BIRDNET_HOP_S - 1e-6))
    last = int(np.floor((end_s - BIRDNET_WINDOW_S) / BIRDNET_HOP_S + 0.5))
    return float(odds[first : max(last, first) + 1].max())


def row(system: str, number: int, scores: dict[str, Any]) -> dict[str, Any]:
    """The measures of a system in an assignment."""
    values = {name: (scores.get(name) or {}).get("value") for name in MEASURES}
    return {"system": system, "assignment": number} | values


def read_original(esc50: Path, rate: int, clip: str) -> np.ndarray:
    """Samples of a clip of the data set itself, shape (n,), float32, at a rate in Hz."""
    samples, own = soundfile.read(esc50 / "audio" / clip, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return mono if own == rate else resample(mono, own, rate)


def train_classifier(
    folder: Path, train: pd.DataFrame, read: Callable[[str], np.ndarray], rate: int, backbone: Path
) -> Classifier:
    """Train as the pipeline does, on all clips of a table; calibration and thresholds are cross-fitted on them."""
    for clip in train["clip"]:
        path = folder / "clips" / f"{clip}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, read(clip), rate, subtype="FLOAT")
    files.write_table(train, folder / "clips" / "clips.csv")
    files.write_table(pd.DataFrame(columns=segment.STATED), folder / "clips" / "labels.csv")
    images, vectors = folder / "spectrograms", folder / "embeddings"
    spectrograms.main(folder / "clips", images)
    embed.main(folder / "clips", images, backbone, vectors)
    recipe, features = load_params("train", Recipe), read_features(images / "features.json")
    animals = sorted(set(train["label"]) - {NONE})
    pooling = read_pooled(vectors / "embeddings.json").pooling
    spectrogram = MelSpectrogram(features, read_mel_filters(images / FILTERS, features))
    embedder = load_embedder(backbone, spectrogram, pooling)
    trainer = Trainer(vectors, read_views(images, vectors, train, animals), animals, recipe)
    target = load_params("rejection", Rejection).false_positive_rate
    return fit_classifier(trainer, train, animals, recipe, target, embedder)


def print_table(rows: pd.DataFrame, done: int, of: int) -> None:
    """Print means over assignments, and differences from this project."""
    print(f"{done} of {of} assignments\n")
    print("| system | " + " | ".join(MEASURES.values()) + " | difference in mAP (95% CI) |")
    print("|---|" + "---|" * (len(MEASURES) + 1))
    by_system = dict(list(rows.groupby("system", sort=False)))
    ours = by_system[THIS_PROJECT].set_index("assignment")
    for system, of_system in by_system.items():
        means = of_system[list(MEASURES)].astype(float).mean()
        cells = ["" if np.isnan(value) else f"{value:.3f}" for value in means]
        difference = (of_system.set_index("assignment")["map"] - ours["map"]).astype(float).to_numpy()
        text = "" if system == THIS_PROJECT else "{:+.3f} ({:+.3f} to {:+.3f})".format(*mean_interval(difference))
        print(f"| {system} | {' | '.join(cells)} | {text} |")
    print(flush=True)


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean, and its 95% percentile interval by bootstrap."""
    drawn = generator(1, "assignments").integers(len(values), size=(2000, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return float(values.mean()), float(low), float(high)


if __name__ == "__main__":
    main()
