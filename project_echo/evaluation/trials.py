"""One training and one test: what crossval does for every draw, exactly as `train` does it."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels
from project_echo.datasets import draws, examples, split
from project_echo.evaluation import crossval
from project_echo.features.config import Features
from project_echo.models import calibration, heads
from project_echo.models.recipe import Recipe

Trial = tuple[dict[str, Any], pd.DataFrame]  # what is tried, and the draw's clips


def learned(draw: pd.DataFrame) -> int:
    """Training sources of the class that has most of them."""
    animals = draw[(draw["part"] == "train") & (draw["label"] != NONE)]
    return int(animals.groupby("kind")["source"].nunique().max())


def of(draw: pd.DataFrame, number: int, train: int, curve: list[int], seed: int) -> list[Trial]:
    """A draw as it is, without each kind of background where there are several, and with fewer sources.

    `train` is how many training sources per class there are where none are left out. Clips that nothing is done with,
    most of a large corpus, are left out.
    """
    kinds = sorted(draw.loc[draw["label"] == NONE, "kind"].unique())
    smaller = sorted({size for size in curve if size < train})
    tried = [
        ({"draw": number, "train": train, "left_out": ""}, draw),
        *(
            ({"draw": number, "train": train, "left_out": kind}, draws.without(draw, kind))
            for kind in (kinds if len(kinds) > 1 else [])
        ),
        *(({"draw": number, "train": size, "left_out": ""}, draws.fewer(draw, size, seed, number)) for size in smaller),
    ]
    return [(keys, clips[clips["part"] != split.UNUSED]) for keys, clips in tried]


def try_heads(embeddings: Path, tried: list[Trial], labels: list[str], recipe: Recipe) -> pd.DataFrame:
    """Train heads as `train` does it, on the clips' embeddings in a folder; predictions on all other clips."""
    clips = {clip for _, draw in tried for clip in draw["clip"]}
    vectors = {clip: files.read_array(embeddings / f"{clip}.npy") for clip in clips}
    tables = []
    for keys, draw in tried:
        parts = {part: draw[draw["part"] == part] for part in split.PARTS}
        targets = {part: rows["label"].map(labels.index).to_numpy() for part, rows in parts.items()}
        train = np.stack([vectors[clip] for clip in parts["train"]["clip"]])
        plain = {  # without copies
            part: np.stack([vectors[clip][0] for clip in parts[part]["clip"]]) for part in ("validation", "test")
        }
        validation = plain["validation"], targets["validation"]
        head, _ = heads.fit(train, targets["train"], validation, len(animal_labels(labels)), recipe)
        answers = {part: heads.log_probabilities(head, some) for part, some in plain.items()}
        tables.append(predicted(keys, draw, answers, labels))
    return pd.concat(tables)


def try_network(
    spectrograms: Path,
    embeddings: Path,
    weights: Path,
    tried: dict[str, Any],
    draw: pd.DataFrame,
    labels: list[str],
    recipe: Recipe,
) -> pd.DataFrame:
    """Train the network itself on a draw as `train` does it; its predictions on what it was not trained on."""
    # TensorFlow takes seconds to import, and the logistic head does without.
    from project_echo.models import networks, training  # noqa: PLC0415
    from project_echo.models.backend import keras  # noqa: PLC0415

    keras.utils.clear_session()
    features = Features(**files.read_json(spectrograms / "features.json"))
    network = networks.backbone(
        features.image_shape,
        features.top_db,
        **files.read_json(embeddings / "embeddings.json"),
        weights=weights,
    )
    train = examples.examples(draw, "train", labels, examples.n_views(embeddings, draw))
    held_out = {part: examples.examples(draw, part, labels, 1) for part in ("validation", "test")}
    model, _ = training.train_network(network, spectrograms, train, held_out["validation"], len(labels), recipe)
    found = {part: heads.log_probabilities(model, examples.read(spectrograms, some)) for part, some in held_out.items()}
    return predicted(tried, draw, found, labels)


def predicted(
    tried: dict[str, Any], draw: pd.DataFrame, found: dict[str, np.ndarray], labels: list[str]
) -> pd.DataFrame:
    """The rows that a trial adds to the table of predictions."""
    tables = []
    for part, log_probabilities in found.items():
        rows = draw[draw["part"] == part].reset_index(drop=True)
        tables.append(rows.join(pd.DataFrame(log_probabilities, columns=labels[: log_probabilities.shape[1]])))
    # Where background was not learned from, `none` is no answer.
    table = pd.concat(tables, ignore_index=True).reindex(columns=[*draw, *labels]).assign(**tried)
    if NONE in labels:
        table[NONE] = table[NONE].fillna(np.log(calibration.SMALLEST))
    if tried["left_out"]:
        table = table[(table["label"] != NONE) | (table["kind"] == tried["left_out"])]
    return table[[*crossval.KEYS, *labels]]
