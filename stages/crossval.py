r"""Train and test on many draws of sources, so that scores carry their uncertainty.

    python stages/crossval.py data/spectrograms data/embeddings data/split.csv models/backbone \
        data/crossval.csv metrics/crossval.json plots/crossval
"""

from pathlib import Path

from project_echo.core import files
from project_echo.core.labels import animal_labels, scored_labels, sorted_labels
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.config import Split
from project_echo.datasets.examples import clips_for_head
from project_echo.evaluation import background, crossval, trials
from project_echo.evaluation.config import Crossval
from project_echo.evaluation.metrics import confusion
from project_echo.evaluation.predictions import DECIMALS, draw_accuracies, pooled_predictions
from project_echo.models.embedder import custom_file
from project_echo.models.pooling import read_pooled
from project_echo.models.recipe import Recipe, Rejection, check_frozen, check_slices
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.plots import crossval as figures
from project_echo.plots import evaluation, style


def main(
    spectrograms: Path, embeddings: Path, split: Path, backbone: Path, predictions: Path, metrics: Path, plots: Path
) -> None:
    recipe, params = load_params("train", Recipe), load_params("crossval", Crossval)
    check_slices(recipe.head, read_pooled(embeddings / "embeddings.json").slices)
    check_frozen(recipe.trainable, custom_file(backbone) is not None)
    sizes = load_params("split", Split)
    rejection = load_params("rejection", Rejection)
    clips = read_table(split)
    labels = sorted_labels(clips_for_head(clips, recipe.head)["label"].unique())
    scored = scored_labels(labels)

    draws = trials.draw_all(clips, sizes, params)
    weights = backbone / "mobilenet_v2.weights.h5"
    table = trials.run_trials(draws, params, labels, recipe, spectrograms, embeddings, weights)
    animals = animal_labels(labels)
    table[animals] = table[animals].round(DECIMALS)
    pooled = pooled_predictions(table, labels)
    scores = crossval.score(pooled, scored, params.seed)
    target = rejection.false_positive_rate
    decided_scores, decided, pairs = background.calibration_and_rejection(
        table, labels, target, params.seed, recipe.head
    )
    accuracies, curve = draw_accuracies(pooled), crossval.learning_curve(table, labels, params.seed)
    reliability = background.reliability_table(pairs)

    write_table(table, predictions, decimals=DECIMALS)
    files.write_metrics(scores | decided_scores, metrics)
    counts = confusion(decided["truth"].to_numpy(), decided["prediction"].to_numpy(), labels)
    errors = decided_scores["calibration"]["expected_calibration_error"]
    with files.atomic_folder(plots) as temporary:
        write_table(pooled, temporary / "predictions.csv")
        write_table(decided, temporary / "decided.csv")
        write_table(accuracies, temporary / "accuracies.csv")
        write_table(curve, temporary / "curve.csv")
        write_table(reliability, temporary / "reliability.csv")
        style.save(
            evaluation.confusion(counts, labels, f"Confusion, {params.draws} draws"), temporary / "confusion.png"
        )
        style.save(figures.accuracies(accuracies, scores["accuracy"]), temporary / "accuracies.png")
        style.save(figures.curve(curve), temporary / "curve.png")
        style.save(figures.reliability(reliability, errors), temporary / "reliability.png")
    accuracy, pair = scores["accuracy"], scores["most_confused"]["pair"]
    print(
        f"{params.draws} draws of {scores['sources']} sources: accuracy {accuracy['value']:.3f} (95% confidence "
        f"interval {accuracy['low']:.3f} to {accuracy['high']:.3f}), macro F1 {scores['macro_f1']['value']:.3f}, "
        f"most confused: {' and '.join(pair) if pair else 'none'}"
    )


if __name__ == "__main__":
    run(main)
