"""What calibration, and shrinkage of thresholds, do for small corpora, on clips of other sources.

    python -m benchmarks.shrinkage /data/ESC-50 --categories dog frog pig rooster --background rain sea_waves helicopter

The sources are halved: `models.shrinkage.PSEUDO_SOURCES` is chosen on the first half and read on the second. Small
corpora are drawn from each half, calibrated by a few draws as crossval does it, and tested on the other sources of the
half. They learn from the copies that are mixed from their own sources alone. Prints a Markdown table: mean log loss of
the labels, false positive rate and detection rate over labels and corpora, of thresholds as estimated, with and without
calibration, and of thresholds shrunk by several numbers of pseudo-sources.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import xlogy

from benchmarks import clones
from project_echo.core.labels import NONE, animal_labels, sorted_labels
from project_echo.core.parallel import map_all
from project_echo.core.seeds import generator
from project_echo.core.tables import read_table
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources
from project_echo.evaluation.trainer import Trainer, read_views, views_of_trial
from project_echo.models import calibration, rejection, shrinkage
from project_echo.models.calibration import Calibration
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params

SIZES = [(1, 6, 6), (2, 6, 6), (3, 8, 8), (4, 6, 12), (2, 13, 13)]  # animals, sources of each, sources of background
CORPORA = 24  # of each size
DRAWS = 10
PSEUDO_SOURCES = (0, 5, 10, 20, 40, 80)
FALSE_POSITIVE_RATE = 0.05
SMALLEST = 1e-9  # probability


@dataclass(frozen=True)
class Predictions:
    """Log-odds of windows and whether they hold each label, shape (windows, labels); sources, shape (windows,)."""

    odds: np.ndarray
    truth: np.ndarray
    sources: np.ndarray


Corpus = tuple[Predictions, Predictions]  # of the validation windows of all draws, and of clips of other sources
Decide = Callable[[Predictions], tuple[Calibration, list[float]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder in ESC-50's layout")
    parser.add_argument("--categories", nargs="+", required=True, help="categories of animals")
    parser.add_argument("--background", nargs="+", required=True, help="categories without animals")
    arguments = parser.parse_args()
    with clones.clone_for_esc50(arguments.folder, arguments.categories, arguments.background) as clone:
        clones.run_stages(clone, ["embed", "split"], {})
        clips = read_table(clone / "data" / "split.csv")
        recipe = load_params("train", Recipe, clone / "params.yaml")
        halves = [small_corpora(half, clone / "data", recipe) for half in halve(clips)]
    print("| | " + " | ".join(f"half {n}: log loss, FPR, detection" for n in (1, 2)) + " |")
    print("|---|---|---|")
    systems: list[tuple[str, Decide]] = [
        ("not calibrated, thresholds as estimated", without_calibration),
        ("calibrated, thresholds as estimated", estimate),
        *((f"calibrated, {n} pseudo-sources", with_pseudo_sources(n)) for n in PSEUDO_SOURCES),
    ]
    for name, decide in systems:
        cells = [np.mean([score(corpus, decide) for corpus in corpora], axis=0) for corpora in halves]
        print(f"| {name} | " + " | ".join(", ".join(f"{value:.3f}" for value in cell) for cell in cells) + " |")


def halve(clips: pd.DataFrame) -> list[pd.DataFrame]:
    """Two halves of the sources of each kind."""
    half: dict[str, int] = {}
    for kind, rows in clips.groupby("kind"):
        sources = generator(1, "shrinkage", str(kind)).permutation(sorted(rows["source"].unique()))
        half |= {source: number % 2 for number, source in enumerate(sources)}
    return [clips[clips["source"].map(half) == number] for number in (0, 1)]


def small_corpora(clips: pd.DataFrame, data: Path, recipe: Recipe) -> list[Corpus]:
    """Corpora of SIZES, as far as there are sources; `data` holds spectrograms and embeddings."""
    items = [(clips, data, recipe, size, number) for size in SIZES for number in range(CORPORA)]
    return [corpus for corpus in map_all(small_corpus, items, "corpora") if corpus]


def small_corpus(
    clips: pd.DataFrame, data: Path, recipe: Recipe, size: tuple[int, int, int], number: int
) -> Corpus | None:
    """Draw a corpus and predict its validation clips, and a clip of each source that was left; None without animals."""
    n_animals, n_sources, n_background = size
    draw = generator(number, "shrinkage", *map(str, size))
    counts = clips[clips["label"] != NONE].groupby("label")["source"].nunique()
    able = counts.index[counts >= n_sources + 2]
    if len(able) < n_animals:
        return None
    labels = sorted_labels([*draw.choice(able, n_animals, replace=False), NONE])
    clips = clips[clips["label"].isin(labels)].assign(kind=clips["label"])  # one kind of background
    taken: set[str] = set()
    for label, rows in clips.groupby("label"):
        taken |= set(draw.permutation(sorted(rows["source"].unique()))[: n_background if label == NONE else n_sources])
    own, others = clips[clips["source"].isin(taken)], clips[~clips["source"].isin(taken)]
    tested = others.groupby("source").head(1).assign(part="test")
    held_out = 2 if n_sources > 12 else 1
    split = Split(train=n_sources - 2 * held_out, validation=held_out, test=held_out, seed=1)
    animals = animal_labels(labels)
    views = read_views(data / "spectrograms", data / "embeddings", pd.concat([own, tested]), animals)
    trainer = Trainer(data / "embeddings", views, animals, recipe)
    found: dict[str, list[Predictions]] = {"validation": [], "test": []}
    for k in range(DRAWS):
        drawn = draw_sources(own, split, number, k)
        drawn = drawn[drawn["part"].isin(["train", "validation"])]
        train, scored, part = views_of_trial(views, pd.concat([drawn, tested]))
        odds = trainer.predict(train, scored, scored[part == "validation"])
        of = views[scored]
        truth = (of.label[:, np.newaxis] == animals) | (of.second_label[:, np.newaxis] == animals)
        for name, predictions in found.items():
            inside = part == name
            predictions.append(Predictions(odds[inside], truth[inside], of.sources[inside, 0]))
    validated = found["validation"]
    pooled = [
        np.concatenate([getattr(of_draw, name) for of_draw in validated]) for name in ("odds", "truth", "sources")
    ]
    return Predictions(*pooled), found["test"][0]


def without_calibration(validation: Predictions) -> tuple[Calibration, list[float]]:
    """No calibration, and thresholds as estimated from the validation windows."""
    plain = calibration.uncalibrated(validation.odds.shape[1])
    return plain, estimate_thresholds(validation, plain)


def estimate(validation: Predictions) -> tuple[Calibration, list[float]]:
    """Calibration as the project does it, and thresholds as estimated from the validation windows."""
    fitted = calibration.fit(validation.odds, validation.truth, validation.sources)
    return fitted, estimate_thresholds(validation, fitted)


def estimate_thresholds(validation: Predictions, fitted: Calibration) -> list[float]:
    """The thresholds for FALSE_POSITIVE_RATE of each label."""
    probabilities = fitted.probabilities(validation.odds)
    return [
        rejection.threshold_for_false_positive_rate(of_label[~holds_it], FALSE_POSITIVE_RATE)
        for of_label, holds_it in zip(probabilities.T, validation.truth.T, strict=True)
    ]


def with_pseudo_sources(n: int) -> Decide:
    """Calibration, and thresholds within bounds, shrunk as if the default counted as `n` sources."""

    def shrunk(validation: Predictions) -> tuple[Calibration, list[float]]:
        fitted, thresholds = estimate(validation)
        n_sources = [len(set(validation.sources[~holds_it])) for holds_it in validation.truth.T]
        return fitted, [
            shrinkage.shrink_threshold(threshold, sources, n)
            for threshold, sources in zip(thresholds, n_sources, strict=True)
        ]

    return shrunk


def score(corpus: Corpus, decide: Decide) -> tuple[float, float, float]:
    """Log loss, false positive rate and detection rate on other sources, means over labels."""
    validation, tested = corpus
    fitted, thresholds = decide(validation)
    probabilities = np.clip(fitted.probabilities(tested.odds), SMALLEST, 1 - SMALLEST)
    losses = -xlogy(tested.truth, probabilities) - xlogy(~tested.truth, 1 - probabilities)
    reached = probabilities >= np.array(thresholds)
    false_positives = [column[~holds_it].mean() for column, holds_it in zip(reached.T, tested.truth.T, strict=True)]
    detections = [column[holds_it].mean() for column, holds_it in zip(reached.T, tested.truth.T, strict=True)]
    return float(losses.mean()), float(np.mean(false_positives)), float(np.mean(detections))


if __name__ == "__main__":
    main()
