r"""Train and test anew on many draws of sources, so that scores carry their uncertainty.

    python stages/crossval.py data/spectrograms data/embeddings data/split.csv models/backbone \
        data/crossval.csv metrics/crossval.json plots/crossval
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo import (
    calibration,
    crossval,
    dataset,
    files,
    heads,
    rejection,
    resampling,
    resampling_figures,
    scores,
    splits,
)
from project_echo.features import Features
from project_echo.figures import confusion, save
from project_echo.heads import Recipe
from project_echo.parallel import map_all, progress
from project_echo.params import load_params
from project_echo.rejection import NONE
from project_echo.stage import run

Trial = tuple[dict[str, Any], pd.DataFrame]  # what is tried, and the draw's clips


def main(
    spectrograms: Path, embeddings: Path, split: Path, backbone: Path, predictions: Path, metrics: Path, plots: Path
) -> None:
    params = load_params()
    recipe, wanted = Recipe(**dict(params.train)), params.crossval
    weights = backbone / "mobilenet_v2.weights.h5"
    clips = files.read_table(split)
    if recipe.head == "dense":
        clips = clips[clips["label"] != NONE]
    labels = rejection.with_none_last(clips["label"].unique())
    sizes = params.split.train, params.split.validation, params.split.test
    draws = [resampling.draw(clips, *sizes, wanted.seed, number) for number in range(wanted.draws)]
    # Sources that several classes share may give one more of them to some draws: they are of one size all the same.
    train = max(learned(draw) for draw in draws)
    jobs = [trials(draw, number, train, clips, wanted.curve, wanted.seed) for number, draw in enumerate(draws)]
    if recipe.trainable == "none":
        names = clips["clip"].tolist()
        vectors = np.stack([files.read_array(embeddings / f"{clip}.npy") for clip in names])
        found = map_all(try_heads, [(vectors, names, job, labels, recipe) for job in jobs], "crossval")
    else:
        found = [
            try_network(spectrograms, embeddings, weights, *trial, labels, recipe)
            for trial in progress([trial for job in jobs for trial in job], "crossval")
        ]
    rows = pd.concat(found, ignore_index=True)

    answers = crossval.answers(rows, labels)
    animals = rejection.animals(labels)
    scored = crossval.score(answers, animals, wanted.seed)
    sure, confidences = crossval.sureness(rows, labels, params.rejection.false_alarms)
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
    with files.replacing_folder(plots) as beside:
        for name, table in {
            "answers": answers,
            "accuracies": accuracies,
            "curve": curve,
            "reliability": reliability,
        }.items():
            files.write_table(table, beside / f"{name}.csv")
        counts = scores.confusion(answers["truth"].to_numpy(), answers["prediction"].to_numpy(), animals)
        save(confusion(counts, animals, f"Confusion, {wanted.draws} draws"), beside / "confusion.png")
        save(resampling_figures.accuracies(accuracies, scored["accuracy"]), beside / "accuracies.png")
        save(resampling_figures.curve(curve), beside / "curve.png")
        save(
            resampling_figures.reliability(reliability, sure["calibration"]["expected_calibration_error"]),
            beside / "reliability.png",
        )
    accuracy = scored["accuracy"]
    print(
        f"{wanted.draws} draws of {scored['sources']} sources: accuracy {accuracy['mean']:.3f} (95 % interval "
        f"{accuracy['low']:.3f} to {accuracy['high']:.3f}), macro F1 {scored['macro_f1']['mean']:.3f}, most confused: "
        f"{scored['most_confused']['pair']}"
    )


def learned(draw: pd.DataFrame) -> int:
    """Training sources of the class that has most of them."""
    animals = draw[(draw["part"] == "train") & (draw["label"] != NONE)]
    return int(animals.groupby("kind")["source"].nunique().max())


def trials(
    draw: pd.DataFrame, number: int, train: int, clips: pd.DataFrame, curve: list[int], seed: int
) -> list[Trial]:
    """A draw of `clips` as it is, without each kind of background where there are several, and with fewer sources.

    `train` is how many training sources per class there are where none are left out.
    """
    kinds = sorted(draw.loc[draw["label"] == NONE, "kind"].unique())
    smaller = sorted({size for size in curve if size < train})
    return [
        ({"draw": number, "train": train, "left_out": ""}, draw),
        *(
            ({"draw": number, "train": train, "left_out": kind}, resampling.without(draw, kind, clips))
            for kind in (kinds if len(kinds) > 1 else [])
        ),
        *(
            ({"draw": number, "train": size, "left_out": ""}, resampling.fewer(draw, size, seed, number))
            for size in smaller
        ),
    ]


def try_heads(
    vectors: np.ndarray, clips: list[str], tried: list[Trial], labels: list[str], recipe: Recipe
) -> pd.DataFrame:
    """Train heads as `train` does it, on embeddings of shape (clips, views, width); predictions on all other clips."""
    places = {clip: place for place, clip in enumerate(clips)}
    tables = []
    for keys, draw in tried:
        parts = {part: draw[draw["part"] == part] for part in splits.PARTS}
        found = {part: vectors[rows["clip"].map(places)] for part, rows in parts.items()}
        targets = {part: rows["label"].map(labels.index).to_numpy() for part, rows in parts.items()}
        plain = {part: found[part][:, 0] for part in ("validation", "test")}  # without copies
        validation = plain["validation"], targets["validation"]
        head, _ = heads.fit(found["train"], targets["train"], validation, len(rejection.animals(labels)), recipe)
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
    from project_echo import networks, training  # noqa: PLC0415
    from project_echo.tf import keras  # noqa: PLC0415

    keras.utils.clear_session()
    image = Features(**files.read_json(spectrograms / "features.json"))
    network = networks.backbone(
        image.shape,
        image.top_db,
        **files.read_json(embeddings / "embeddings.json"),
        weights=weights,
    )
    train = dataset.examples(draw, "train", labels, dataset.n_views(embeddings, draw))
    held_out = {part: dataset.examples(draw, part, labels, 1) for part in ("validation", "test")}
    model, _ = training.train_network(network, spectrograms, train, held_out["validation"], len(labels), recipe)
    found = {part: heads.log_probabilities(model, dataset.read(spectrograms, some)) for part, some in held_out.items()}
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
    table = table.fillna(np.log(calibration.SMALLEST))
    if tried["left_out"]:
        table = table[(table["label"] != NONE) | (table["kind"] == tried["left_out"])]
    return table[[*crossval.KEYS, *labels]]


if __name__ == "__main__":
    run(main)
