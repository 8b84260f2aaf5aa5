r"""Score the classifier on the test clips.

    python stages/evaluate.py models/classifier data/spectrograms data/split.csv plots/history.csv \
        metrics/evaluate.json plots/evaluate
"""

from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels
from project_echo.datasets import examples
from project_echo.datasets.split import assert_no_leak
from project_echo.evaluation.metrics import confusion, per_class, rejected, score
from project_echo.models import classifier, rejection
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.plots import style


def main(model: Path, spectrograms: Path, split: Path, history: Path, metrics: Path, plots: Path) -> None:
    load_params()
    trained = classifier.load(model)
    labels, animals = list(trained.labels), animal_labels(trained.labels)
    table = files.read_table(split)
    assert_no_leak(table)
    test = examples.examples(table[table["label"].isin(labels)], "test", labels, 1)
    probabilities = np.concatenate([trained.predict(images) for images in examples.read_batches(spectrograms, test)])

    truth = np.array(labels)[test.targets]
    predictions = pd.DataFrame({"clip": test.clips, "truth": truth, "prediction": trained.decide(probabilities)})
    predictions["animal"] = rejection.decide(probabilities, labels, None)
    predictions = predictions.join(pd.DataFrame(probabilities, columns=labels))
    known = predictions[predictions["truth"] != NONE]
    true, found = known["truth"].to_numpy(), known["animal"].to_numpy()
    scored = score(true, found, animals)
    classes = per_class(true, found, animals)
    counts = confusion(truth, predictions["prediction"].to_numpy(), labels)

    if NONE in truth:
        scored["rejection"] = rejected(predictions["truth"], predictions["prediction"])
    files.write_json(scored, metrics)
    with files.atomic_folder(plots) as beside:
        files.write_table(predictions, beside / "predictions.csv")
        answers = pd.DataFrame(counts, index=labels, columns=labels)
        files.write_table(answers.rename_axis("truth").reset_index(), beside / "confusion.csv")
        files.write_table(classes, beside / "per_class.csv")
        style.save(style.confusion(counts, labels, f"Confusion, {len(test)} test clips"), beside / "confusion.png")
        style.save(style.per_class(classes), beside / "per_class.png")
        style.save(style.history(files.read_table(history)), beside / "history.png")
        style.save(style.predictions(predictions, labels), beside / "predictions.png")
    interval, confused = scored["wilson_95"], scored["most_confused"]
    print(
        f"{len(known)} test clips of animals: accuracy {scored['accuracy']:.3f} (95 % interval {interval['low']:.2f} "
        f"to {interval['high']:.2f}), macro F1 {scored['macro_f1']:.3f}, most confused: "
        f"{confused['pair'] if confused['errors'] else 'no two'}; {len(test) - len(known)} of background"
    )


if __name__ == "__main__":
    run(main)
