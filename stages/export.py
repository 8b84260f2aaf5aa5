"""Write the Keras model of the whole, and compare it with the classifier on the validation clips.

python stages/export.py models/classifier models/backbone data/spectrograms data/split.csv models/keras
"""

from dataclasses import asdict
from pathlib import Path

from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.core.tables import read_table
from project_echo.datasets.examples import read_batches, select_examples
from project_echo.models.classifier import load_classifier
from project_echo.models.embedder import custom_file
from project_echo.pipeline.script import run


def main(classifier: Path, backbone: Path, spectrograms: Path, split: Path, keras_folder: Path) -> None:
    if custom_file(backbone) is not None:
        note = "there is no Keras model: the backbone is a custom network"
        with files.atomic_folder(keras_folder) as temporary:
            files.write_json({"note": note}, temporary / "difference.json")
        print(note)
        return
    # TensorFlow takes seconds to import, and a custom network does without.
    from project_echo.models import export  # noqa: PLC0415
    from project_echo.models.backend import repeatable  # noqa: PLC0415

    repeatable(seed=0)  # nothing is random here, but operations must give the same bits on every run
    trained = load_classifier(classifier)
    model = export.keras_model(trained, backbone / "mobilenet_v2.weights.h5")
    table = read_table(split)
    labels = [*trained.labels, NONE]
    clips = select_examples(table[table["label"].isin(labels)], "validation", labels, n_views=1)
    difference = export.compare(model, trained, read_batches(spectrograms, clips))
    with files.atomic_folder(keras_folder) as temporary:
        export.save(model, temporary / export.KERAS)
        files.write_metrics(asdict(difference), temporary / "difference.json")
    print(
        f"Keras model, {model.count_params():,} values; on {difference.clips} validation clips its probabilities "
        f"differ from the classifier's by {difference.median:.2f} (median), at most {difference.largest:.2f}; the same "
        f"label for {difference.same_label:.0%}"
    )


if __name__ == "__main__":
    run(main)
