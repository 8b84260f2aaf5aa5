r"""Train the head on embeddings, or the network on spectrograms, and save the classifier with its LiteRT twin.

    python stages/train.py data/spectrograms data/embeddings data/split.csv models/backbone data/crossval.csv \
        models/classifier plots/history.csv
"""

from pathlib import Path

from project_echo.core import files
from project_echo.core.labels import animal_labels, clips_for_head, sorted_labels
from project_echo.datasets.examples import Views, examples, n_views, read, read_batches
from project_echo.datasets.split import assert_no_leak
from project_echo.evaluation import crossval
from project_echo.features.config import Features
from project_echo.models import export, heads, networks, training
from project_echo.models.backend import repeatable
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(
    spectrograms: Path,
    embeddings: Path,
    split: Path,
    backbone: Path,
    predictions: Path,
    classifier: Path,
    history: Path,
) -> None:
    params = load_params()
    recipe = Recipe(**dict(params.train))
    repeatable(recipe.seed)
    table = files.read_table(split)
    assert_no_leak(table)
    tested = set(table.loc[table["part"] == "test", "source"])
    table = clips_for_head(table, recipe.head)
    labels = sorted_labels(table["label"].unique())
    n_animals = len(animal_labels(labels))
    images = examples(table, "validation", labels, 1)

    features = Features(**files.read_json(spectrograms / "features.json"))
    pooling = files.read_json(embeddings / "embeddings.json")
    network = networks.backbone(
        features.image_shape, features.top_db, **pooling, weights=backbone / "mobilenet_v2.weights.h5"
    )
    if recipe.trainable == "none":
        learned = examples(table, "train", labels, 1)
        vectors, held_out = Views(embeddings, learned.clips), read(embeddings, images)
        head, epochs = heads.fit(vectors, learned.targets, (held_out, images.targets), n_animals, recipe)
        model = networks.join(network, networks.as_network(head, vectors.shape[-1]))
    else:
        views = n_views(embeddings, table)
        clips = examples(table, "train", labels, views)
        model, epochs = training.train_network(network, spectrograms, clips, images, n_animals, recipe)

    drawn = files.read_table(predictions)
    temperature, threshold = crossval.calibrate(drawn, labels, params.rejection.false_alarms, tested)
    trained = {"trainable": recipe.trainable, "head": recipe.head, **pooling}
    with files.atomic_folder(classifier) as beside:
        export.save(model, labels, features, trained, beside, temperature, threshold)
        difference = export.compare_twins(beside, read_batches(spectrograms, images))
    files.write_table(epochs, history)
    best = epochs.loc[epochs["val_loss"].idxmin()]
    print(
        f"{(table['part'] == 'train').sum()} clips of {len(labels)} labels; validation loss {best['val_loss']:.3f}, "
        f"accuracy {best['val_accuracy']:.3f} after epoch {best['epoch']:.0f} of {len(epochs)}; temperature "
        f"{temperature:.2f}, threshold {'none' if threshold is None else f'{threshold:.3f}'}; LiteRT differs by at "
        f"most {difference:.1g}"
    )


if __name__ == "__main__":
    run(main)
