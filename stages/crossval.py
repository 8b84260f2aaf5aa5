r"""Train and test anew on many draws of sources, so that scores carry their uncertainty.

    python stages/crossval.py data/spectrograms data/embeddings data/split.csv models/backbone \
        data/crossval.csv metrics/crossval.json plots/crossval
"""

from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.labels import animal_labels, clips_for_head, sorted_labels
from project_echo.core.parallel import map_all, progress
from project_echo.datasets import draws
from project_echo.evaluation import crossval, trials
from project_echo.evaluation.metrics import confusion as confusion_counts
from project_echo.models import calibration
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.plots import crossval as crossval_figures
from project_echo.plots.style import confusion, save


def main(
    spectrograms: Path, embeddings: Path, split: Path, backbone: Path, predictions: Path, metrics: Path, plots: Path
) -> None:
    params = load_params()
    recipe, wanted = Recipe(**dict(params.train)), params.crossval
    weights = backbone / "mobilenet_v2.weights.h5"
    clips = files.read_table(split)
    known = clips_for_head(clips, recipe.head)
    labels = sorted_labels(known["label"].unique())
    sizes = params.split.train, params.split.validation, params.split.test
    draws = [
        clips_for_head(draws.draw(clips, *sizes, wanted.seed, number), recipe.head) for number in range(wanted.draws)
    ]
    # Sources that several classes share may give one more of them to some draws: they are of one size all the same.
    train = max(trials.learned(draw) for draw in draws)
    jobs = [trials.of(draw, number, train, wanted.curve, wanted.seed) for number, draw in enumerate(draws)]
    if recipe.trainable == "none":
        found = map_all(trials.try_heads, [(embeddings, job, labels, recipe) for job in jobs], "crossval")
    else:
        found = [
            trials.try_network(spectrograms, embeddings, weights, *trial, labels, recipe)
            for trial in progress([trial for job in jobs for trial in job], "crossval")
        ]
    rows = pd.concat(found, ignore_index=True)

    answers = crossval.answers(rows, labels)
    animals = animal_labels(labels)
    scored = crossval.score(answers, animals, wanted.seed)
    sure, confidences = crossval.sureness(rows, labels, params.rejection.false_alarms, wanted.seed)
    curve = crossval.curve(rows, labels, wanted.seed)
    accuracies = crossval.accuracies(answers)
    reliability = pd.concat(
        [
            calibration.reliability(confidences[when].to_numpy(), confidences["right"].to_numpy()).assign(scaling=when)
            for when in ("before", "after")
        ]
    )
    files.write_table(rows, predictions)
    files.write_json(scored | sure, metrics)
    with files.atomic_folder(plots) as beside:
        for name, table in {
            "answers": answers,
            "accuracies": accuracies,
            "curve": curve,
            "reliability": reliability,
        }.items():
            files.write_table(table, beside / f"{name}.csv")
        counts = confusion_counts(answers["truth"].to_numpy(), answers["prediction"].to_numpy(), animals)
        save(confusion(counts, animals, f"Confusion, {wanted.draws} draws"), beside / "confusion.png")
        save(crossval_figures.accuracies(accuracies, scored["accuracy"]), beside / "accuracies.png")
        save(crossval_figures.curve(curve), beside / "curve.png")
        save(
            crossval_figures.reliability(reliability, sure["calibration"]["expected_calibration_error"]),
            beside / "reliability.png",
        )
    accuracy = scored["accuracy"]
    print(
        f"{wanted.draws} draws of {scored['sources']} sources: accuracy {accuracy['mean']:.3f} (95 % interval "
        f"{accuracy['low']:.3f} to {accuracy['high']:.3f}), macro F1 {scored['macro_f1']['pooled']:.3f}, "
        f"most confused: {scored['most_confused']['pair']}"
    )


if __name__ == "__main__":
    run(main)
