r"""Score the classifier on the test clips.

    python stages/evaluate.py models/classifier data/spectrograms data/split.csv plots/history.csv \
        metrics/evaluate.json plots/evaluate
"""

from pathlib import Path

import numpy as np
import pandas as pd

from project_echo import classifier, dataset, figures, files, scores, splits
from project_echo.params import load_params
from project_echo.stage import run


def main(model: Path, spectrograms: Path, split: Path, history: Path, metrics: Path, plots: Path) -> None:
    load_params()
    trained = classifier.load(model)
    labels = list(trained.labels)
    table = files.read_table(split)
    splits.assert_no_leak(table)
    test = dataset.examples(table, "test", labels, 1)
    probabilities = np.concatenate([trained.predict(images) for images in dataset.read_batches(spectrograms, test)])

    truth, prediction = (np.array(labels)[indices] for indices in (test.targets, probabilities.argmax(axis=1)))
    predictions = pd.DataFrame({"clip": test.clips, "truth": truth, "prediction": prediction})
    predictions = predictions.join(pd.DataFrame(probabilities, columns=labels))
    scored = scores.score(truth, prediction, labels)
    classes = scores.per_class(truth, prediction, labels)
    confusion = pd.DataFrame(scores.confusion(truth, prediction, labels), index=labels, columns=labels)

    files.write_json(scored, metrics)
    with files.replacing_folder(plots) as beside:
        files.write_table(predictions, beside / "predictions.csv")
        files.write_table(confusion.rename_axis("truth").reset_index(), beside / "confusion.csv")
        files.write_table(classes, beside / "per_class.csv")
        figures.save(figures.confusion(confusion.to_numpy(), labels), beside / "confusion.png")
        figures.save(figures.per_class(classes), beside / "per_class.png")
        figures.save(figures.history(files.read_table(history)), beside / "history.png")
        figures.save(figures.predictions(predictions, labels), beside / "predictions.png")
    interval = scored["wilson_95"]
    print(
        f"{len(test)} test clips: accuracy {scored['accuracy']:.3f} (95 % interval {interval['low']:.2f} to "
        f"{interval['high']:.2f}), macro F1 {scored['macro_f1']:.3f}, most confused: {scored['most_confused']['pair']}"
    )


if __name__ == "__main__":
    run(main)
