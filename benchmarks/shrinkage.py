"""What bounds and shrinkage of temperature and threshold do for small corpora, on clips of other sources.

    python -m benchmarks.shrinkage /data/ESC-50 --categories dog frog pig rooster --background rain sea_waves helicopter

The sources are halved: `models.shrinkage.PSEUDO_SOURCES` is chosen on the first half and read on the second. Small
corpora are drawn from each half, calibrated by a few draws as crossval does it, and tested on the other sources of the
half. Prints a Markdown table: mean log loss, false positive rate and detection rate over the corpora, of temperature
and threshold as estimated, and within bounds for several numbers of pseudo-sources.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import clones
from project_echo.core import files
from project_echo.core.labels import NONE, sorted_labels
from project_echo.core.parallel import map_all
from project_echo.core.seeds import generator
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources
from project_echo.models import calibration, logistic, rejection, shrinkage
from project_echo.models.pooling import read_pooled
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params

SIZES = [(1, 6, 6), (2, 6, 6), (3, 8, 8), (4, 6, 12), (2, 13, 13)]  # animals, sources of each, sources of background
CORPORA = 24  # of each size
DRAWS = 10
PSEUDO_SOURCES = (0, 5, 10, 20, 40, 80)
FALSE_POSITIVE_RATE = 0.05


@dataclass(frozen=True)
class Predictions:
    """Log-probabilities of clips, shape (clips, labels), `none` last; their targets and sources, shape (clips,)."""

    logs: np.ndarray
    targets: np.ndarray
    sources: np.ndarray

    @property
    def is_background(self) -> np.ndarray:
        background: np.ndarray = self.targets == self.logs.shape[1] - 1
        return background


Corpus = tuple[Predictions, Predictions]  # of the validation clips of all draws, and of clips of other sources


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder in ESC-50's layout")
    parser.add_argument("--categories", nargs="+", required=True, help="categories of animals")
    parser.add_argument("--background", nargs="+", required=True, help="categories without animals")
    arguments = parser.parse_args()
    with clones.clone_for_esc50(arguments.folder, arguments.categories, arguments.background) as clone:
        clones.run_stages(clone, ["embed", "split"], {})
        clips = files.read_table(clone / "data" / "split.csv")
        recipe = load_params("train", Recipe, clone / "params.yaml")
        halves = [small_corpora(half, clone / "data" / "embeddings", recipe) for half in halve(clips)]
    print("| | " + " | ".join(f"half {n}: log loss, FPR, detection" for n in (1, 2)) + " |")
    print("|---|---|---|")
    for name, decide in [("as estimated", estimate), *((str(n), with_pseudo_sources(n)) for n in PSEUDO_SOURCES)]:
        cells = [np.mean([score(corpus, decide) for corpus in corpora], axis=0) for corpora in halves]
        print(f"| {name} | " + " | ".join(", ".join(f"{value:.3f}" for value in cell) for cell in cells) + " |")


def halve(clips: pd.DataFrame) -> list[pd.DataFrame]:
    """Two halves of the sources of each kind."""
    half: dict[str, int] = {}
    for kind, rows in clips.groupby("kind"):
        sources = generator(1, "shrinkage", str(kind)).permutation(sorted(rows["source"].unique()))
        half |= {source: number % 2 for number, source in enumerate(sources)}
    return [clips[clips["source"].map(half) == number] for number in (0, 1)]


def small_corpora(clips: pd.DataFrame, embeddings: Path, recipe: Recipe) -> list[Corpus]:
    """Corpora of SIZES, as far as there are sources."""
    items = [(clips, embeddings, recipe, size, number) for size in SIZES for number in range(CORPORA)]
    return [corpus for corpus in map_all(small_corpus, items, "corpora") if corpus]


def small_corpus(
    clips: pd.DataFrame, embeddings: Path, recipe: Recipe, size: tuple[int, int, int], number: int
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
    held_out = 2 if n_sources > 12 else 1
    split = Split(train=n_sources - 2 * held_out, validation=held_out, test=held_out, seed=1)
    sizes = read_pooled(embeddings / "embeddings.json").sizes
    vectors = {clip: files.read_array(embeddings / f"{clip}.npy") for clip in clips["clip"]}

    def predict(train: pd.DataFrame, tested: pd.DataFrame) -> Predictions:
        stacked = np.stack([vectors[clip] for clip in train["clip"]])
        targets = train["label"].map(labels.index).to_numpy()
        head = logistic.fit(stacked, sizes, targets, n_animals, recipe.C, recipe.class_weight == "balanced")
        logs = head.log_probabilities(np.stack([vectors[clip][0] for clip in tested["clip"]]))
        return Predictions(logs, tested["label"].map(labels.index).to_numpy(), tested["source"].to_numpy())

    draws = [draw_sources(own, split, number, k) for k in range(DRAWS)]
    parts = [{part: drawn[drawn["part"] == part] for part in ("train", "validation")} for drawn in draws]
    validated = [predict(part["train"], part["validation"]) for part in parts]
    columns = [np.concatenate([getattr(p, name) for p in validated]) for name in ("logs", "targets", "sources")]
    return Predictions(*columns), predict(parts[0]["train"], others.groupby("source").head(1))


def estimate(validation: Predictions) -> tuple[float, float]:
    """Temperature and threshold as estimated from the validation clips."""
    temperature = calibration.fit_temperature(validation.logs, validation.targets)
    return temperature, estimate_threshold(validation, temperature)


def estimate_threshold(validation: Predictions, temperature: float) -> float:
    """The threshold for FALSE_POSITIVE_RATE at a temperature."""
    background = animal_probability(validation.logs[validation.is_background], temperature)
    return rejection.threshold_for_false_positive_rate(background, FALSE_POSITIVE_RATE)


def with_pseudo_sources(n: int) -> Callable[[Predictions], tuple[float, float]]:
    """Temperature and threshold within bounds, shrunk as if the defaults counted as `n` sources."""

    def shrunk(validation: Predictions) -> tuple[float, float]:
        temperature, _ = estimate(validation)
        temperature = shrinkage.shrink_temperature(temperature, len(set(validation.sources)), n)
        n_background = len(set(validation.sources[validation.is_background]))
        return temperature, shrinkage.shrink_threshold(estimate_threshold(validation, temperature), n_background, n)

    return shrunk


def score(corpus: Corpus, decide: Callable[[Predictions], tuple[float, float]]) -> tuple[float, float, float]:
    """Log loss, false positive rate and detection rate on other sources, at a temperature and threshold."""
    validation, tested = corpus
    temperature, threshold = decide(validation)
    scaled = calibration.apply_temperature(np.exp(tested.logs), temperature)
    losses = -np.log(np.maximum(scaled[np.arange(len(scaled)), tested.targets], calibration.SMALLEST))
    detected = animal_probability(tested.logs, temperature) >= threshold
    background = tested.is_background
    return float(losses.mean()), float(detected[background].mean()), float(detected[~background].mean())


def animal_probability(logs: np.ndarray, temperature: float) -> np.ndarray:
    """The probability of any animal, shape (clips,), of log-probabilities, shape (clips, labels)."""
    probability: np.ndarray = 1 - calibration.apply_temperature(np.exp(logs), temperature)[:, -1]
    return probability


if __name__ == "__main__":
    main()
