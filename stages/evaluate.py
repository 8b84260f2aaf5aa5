r"""Score the classifier on the test clips.

    python stages/evaluate.py models/classifier data/clips data/split.csv plots/history.csv \
        metrics/evaluate.json plots/evaluate
"""

from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NONE, scored_labels, sorted_labels
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.examples import select_examples
from project_echo.datasets.split import assert_no_leak
from project_echo.evaluation.metrics import classification_metrics, confusion, per_class, rejection_rates, wilson_ci
from project_echo.models import classifier
from project_echo.models.card import read_card
from project_echo.pipeline.script import run
from project_echo.plots import evaluation, style


def main(model: Path, clips: Path, split: Path, history: Path, metrics: Path, plots: Path) -> None:
    trained = classifier.load_classifier(model)
    animals = list(trained.labels)
    card = read_card(model)
    calibrated_on = card.calibration
    table = read_table(split)
    assert_no_leak(table)
    # The dense head has no label for background, unless there is a single animal.
    has_none = trained.thresholds is not None or len(animals) == 1
    labels = sorted_labels([*animals, *([NONE] if has_none and (table["label"] == NONE).any() else [])])
    scored = scored_labels(labels)
    test = select_examples(table[table["label"].isin(labels)], "test", labels, n_views=1)
    sounds = (files.read_sound(clips / f"{clip}.wav")[0] for clip in test.clips)
    probabilities = np.stack([trained.predict_windows(samples, np.zeros(1, int))[0].max(axis=0) for samples in sounds])

    truth = np.array(labels)[test.targets]
    predictions = pd.DataFrame({"clip": test.clips, "truth": truth, "prediction": trained.decide(probabilities)})
    predictions = predictions.join(pd.DataFrame(probabilities, columns=animals))
    most_probable = np.array(animals)[probabilities.argmax(axis=1)]  # whatever the threshold
    if len(animals) == 1:
        most_probable = np.where(probabilities[:, 0] < 1 / 2, NONE, most_probable)
    predictions.insert(3, "animal", most_probable)
    of_scored = predictions[predictions["truth"].isin(scored)]
    scored_truth, scored_prediction = of_scored["truth"].to_numpy(), of_scored["animal"].to_numpy()
    scores = classification_metrics(scored_truth, scored_prediction, scored)
    classes = per_class(scored_truth, scored_prediction, scored)
    counts = confusion(truth, predictions["prediction"].to_numpy(), labels)
    if NONE in truth:
        scores["rejection"] = rejection_rates(predictions["truth"], predictions["prediction"])
    scores["decided"] = None
    if trained.thresholds is not None:
        of_animals = predictions[predictions["truth"] != NONE]
        scores["decided"] = {"accuracy": wilson_ci((of_animals["prediction"] == of_animals["truth"]).to_numpy())}
    if calibrated_on:
        scores["calibration"] = calibrated_on.model_dump()
        if card.reviewed:  # their thresholds were not chosen for that rate
            scores["calibration"]["reviewed"] = [label for label in animals if label in card.reviewed]

    files.write_metrics(scores, metrics)
    with files.atomic_folder(plots) as temporary:
        write_table(predictions, temporary / "predictions.csv")
        by_truth = pd.DataFrame(counts, index=labels, columns=labels).rename_axis("truth").reset_index()
        write_table(by_truth, temporary / "confusion.csv")
        write_table(classes, temporary / "per_class.csv")
        style.save(
            evaluation.confusion(counts, labels, f"Confusion, {len(test)} test clips"), temporary / "confusion.png"
        )
        style.save(evaluation.per_class(classes), temporary / "per_class.png")
        style.save(evaluation.history(read_table(history)), temporary / "history.png")
        style.save(evaluation.predictions(predictions, animals), temporary / "predictions.png")
    accuracy, pair = scores["accuracy"], scores["most_confused"]["pair"]
    n_background = int((truth == NONE).sum())
    note = calibrated_on.note if calibrated_on else ""
    print(
        f"{len(test) - n_background} test clips of animals and {n_background} of background: accuracy of "
        f"{' and '.join(scored) if NONE in scored else 'animals'} {accuracy['value']:.3f} (95% confidence interval "
        f"{accuracy['low']:.2f} to {accuracy['high']:.2f}), macro F1 {scores['macro_f1']:.3f}, most confused: "
        f"{' and '.join(pair) if pair else 'none'}{note and f'. {note}'}"
    )


if __name__ == "__main__":
    run(main)
