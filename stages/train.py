r"""Train the head on embeddings, or the network on spectrograms, and save the classifier with its LiteRT twin.

    python stages/train.py data/spectrograms data/embeddings data/split.csv models/backbone \
        models/classifier plots/history.csv
"""

from pathlib import Path

from project_echo import dataset, files, networks, saving, splits, training
from project_echo.features import Features
from project_echo.params import load_params
from project_echo.stage import run
from project_echo.tf import repeatable


def main(spectrograms: Path, embeddings: Path, split: Path, backbone: Path, classifier: Path, history: Path) -> None:
    params = load_params().train
    repeatable(params.seed)
    recipe = training.Recipe(
        head_units=params.head_units,
        dropout=params.dropout,
        weight_decay=params.weight_decay,
        learning_rate=params.learning_rate,
        batch_size=params.batch_size,
        epochs=params.epochs,
        patience=params.patience,
        class_weights=params.class_weights,
    )
    table = files.read_table(split)
    splits.assert_no_leak(table)
    labels = sorted(table["label"].unique())
    train = dataset.examples(table, "train", labels, dataset.n_views(embeddings, table))
    validation = dataset.examples(table, "validation", labels, 1)

    image = Features(**files.read_json(spectrograms / "features.json"))
    blocks = files.read_json(embeddings / "embeddings.json")["blocks"]
    network = networks.backbone(image.shape, image.top_db, blocks, backbone / "mobilenet_v2.weights.h5")
    if params.trainable == "none":
        vectors = dataset.read(embeddings, train)
        held_out = dataset.read(embeddings, validation), validation.targets
        head, epochs = training.fit_head(vectors, train.targets, held_out, len(labels), recipe)
        model = networks.join(network, head)
    else:
        model = networks.join(
            network, networks.head(network.output_shape[1], len(labels), recipe.head_units, recipe.dropout)
        )
        batches = training.Batches(spectrograms, train, params.batch_size, params.seed)
        held_out = training.Batches(spectrograms, validation, params.batch_size)
        epochs = training.fit_network(model, batches, held_out, params.trainable, params.last_n, recipe)

    trained = {"trainable": params.trainable, "examples": len(train), "blocks": blocks}
    with files.replacing_folder(classifier) as beside:
        saving.save(model, labels, image, trained, beside)
        difference = saving.compare_twins(beside, dataset.read(spectrograms, validation))
    files.write_table(epochs, history)
    best = epochs.loc[epochs["val_loss"].idxmin()]
    print(
        f"{len(train)} examples of {len(labels)} labels, best of {len(epochs)} epochs: {best['epoch']:.0f}, validation "
        f"loss {best['val_loss']:.3f}, accuracy {best['val_accuracy']:.3f}; LiteRT differs by at most {difference:.1g}"
    )


if __name__ == "__main__":
    run(main)
