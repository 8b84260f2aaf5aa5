r"""Train the head on embeddings, or the network on spectrograms, and save the classifier.

    python stages/train.py data/spectrograms data/embeddings data/split.csv models/backbone data/crossval.csv \
        thresholds.csv models/classifier plots/history.csv

A label that thresholds.csv has a row of, as `project-echo thresholds` writes it, gets that threshold instead of the
calibrated one, if it was chosen on this classifier: after another training probabilities mean something else.
"""

import shutil
from pathlib import Path

from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels, sorted_labels
from project_echo.core.tables import read_table, write_table
from project_echo.core.text import count
from project_echo.custom_networks.card import read_network_card
from project_echo.datasets.examples import Embeddings, clips_for_head
from project_echo.datasets.split import assert_no_leak
from project_echo.evaluation.decision import calibrate
from project_echo.evaluation.trainer import read_views, view_examples, views_of_trial
from project_echo.features.config import read_features
from project_echo.models import heads
from project_echo.models.card import BACKBONE, FILTERS, HEAD, NETWORK_CARD, CalibrationSources, read_card, write_card
from project_echo.models.embedder import custom_file
from project_echo.models.embedding import entry_weights
from project_echo.models.head import write_head
from project_echo.models.pooling import Pooling, read_pooled
from project_echo.models.recipe import Recipe, Rejection, check_frozen, check_slices
from project_echo.models.shrinkage import calibration_note
from project_echo.models.thresholds import apply_thresholds, read_thresholds
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(
    spectrograms: Path,
    embeddings: Path,
    split: Path,
    backbone: Path,
    predictions: Path,
    thresholds: Path,
    classifier: Path,
    history: Path,
) -> None:
    recipe, rejection = load_params("train", Recipe), load_params("rejection", Rejection)
    pooled = read_pooled(embeddings / "embeddings.json")
    pooling, custom = pooled.pooling, custom_file(backbone)
    check_slices(recipe.head, pooled.slices)
    check_frozen(recipe.trainable, custom is not None)
    table = read_table(split)
    assert_no_leak(table)
    tested = set(table.loc[table["part"] == "test", "source"])
    labels = sorted_labels(clips_for_head(table, recipe.head)["label"].unique())
    animals = animal_labels(labels)
    stated = read_thresholds(thresholds, animals)
    views = read_views(spectrograms, embeddings, table, animals)
    train, held_out, part = views_of_trial(views, table)
    validation = held_out[(part == "validation") & (views.view[held_out] == 0)]

    features = read_features(spectrograms / "features.json")
    decision = calibrate(
        read_table(predictions), labels, rejection.false_positive_rate, tested, recipe.head, intervals=True
    )
    note = calibration_note(decision.sources)
    calibrated_on = CalibrationSources(
        sources=decision.sources, false_positive_rate=rejection.false_positive_rate, note=note
    )
    with files.atomic_folder(classifier) as temporary:
        shutil.copyfile(spectrograms / FILTERS, temporary / FILTERS)
        if recipe.trainable == "none" or not isinstance(pooling, Pooling):
            vectors, stop = (Embeddings(embeddings, views[chosen]) for chosen in (train, validation))
            head, epochs = heads.fit(
                vectors, entry_weights(pooled), views[train], (stop, views.label[validation]), animals, recipe
            )
            for path in (backbone / BACKBONE,) if custom is None else (custom, backbone / NETWORK_CARD):
                shutil.copyfile(path, temporary / path.name)
        else:
            # TensorFlow takes seconds to import, and the frozen backbone does without.
            from project_echo.models.finetuning import train_backbone  # noqa: PLC0415

            weights = backbone / "mobilenet_v2.weights.h5"
            learned, stop_examples = (view_examples(views[chosen], animals) for chosen in (train, validation))
            n_outputs = max(2, len(animals))
            head, epochs = train_backbone(
                features.image_shape,
                pooling,
                weights,
                spectrograms,
                learned,
                stop_examples,
                n_outputs,
                recipe,
                temporary,
            )
        write_head(head, temporary / HEAD)
        trained = {"trainable": recipe.trainable, "head": recipe.head}
        write_card(
            temporary,
            animals,
            features,
            pooling,
            trained,
            decision.calibration,
            decision.thresholds,
            calibrated_on,
            network=None if custom is None else read_network_card(custom),
        )
        applied = apply_thresholds(temporary, stated)
        decided = read_card(temporary).thresholds
    write_table(epochs, history)
    best = epochs.loc[epochs["val_loss"].idxmin()]
    print(
        f"{(table['part'] == 'train').sum()} clips and {(views.view[train] > 0).sum()} copies of "
        f"{count(len(animals), 'label')}{' and background' if NONE in labels else ''}; "
        f"validation loss {best['val_loss']:.3f}, "
        f"accuracy {best['val_accuracy']:.3f} after epoch {best['epoch']:.0f} of {len(epochs)}; thresholds "
        f"{', '.join(f'{threshold.value:.3f}' for threshold in decided or ()) or 'none'}"
        f"{stated_note(applied, len(stated), thresholds)}"
        f"{note and f'. {note}'}"
    )


def stated_note(applied: int, stated: int, path: Path) -> str:
    """How many thresholds of a table were applied, and why others were not; empty if it has none."""
    if not stated:
        return ""
    others = "" if applied == stated else "; warning: the others were chosen on another classifier, review this one's"
    return f" ({applied} of {stated} in {path} applied{others})"


if __name__ == "__main__":
    run(main)
