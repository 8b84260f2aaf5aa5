"""Accuracy of this project, of the study's two recipes and of other classifiers, on the same draws of sources.

    python -m benchmarks.accuracy /data/ESC-50 --categories dog frog pig rooster

Prints a Markdown table. Each draw assigns the sources to training and test, as in the crossval stage. The 95%
confidence intervals are by bootstrap over sources; differences are paired. `--network` adds this project on the
embeddings of a custom network, with its card beside it.
"""

import tempfile
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pandas as pd
import soundfile
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks import clones
from benchmarks.cost import read_embedder, run_in_environment, seconds_per_hour
from benchmarks.field_table import BIRDNET, COST, THIS_PROJECT, network_name
from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels
from project_echo.core.tables import read_table
from project_echo.custom_networks.card import read_network_card
from project_echo.custom_networks.parameters import add_network
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources
from project_echo.evaluation import crossval
from project_echo.evaluation.config import Crossval
from project_echo.features.config import Features
from project_echo.pipeline.params import load_params

# Whole windows, and copies with a single call in noise that is well below it.
STUDY: dict[str, Any] = {
    "train.head": "dense",
    "train.class_weight": "balanced",
    "augmentation.second_call": 0.0,
    "augmentation.snr_db": [10.0, 40.0],
    "embed.blocks": ["last"],
    "embed.bands": [1],
    "embed.slices": 1,
    "embed.std": False,
    "embed.sqrt": False,
}
FIRST_RUN = STUDY | {
    "split.train": 7,
    "train.trainable": "all",
    "train.head_units": 256,
    "augmentation.copies": 0,
}
RERUN = STUDY | {
    "split.train": 9,
    "train.trainable": "none",
    "train.head_units": 64,
    "augmentation.copies": 4,
}
BIRDNET_C = (0.01, 0.1, 1.0)  # of its logistic regressions; the best in hindsight is in the table


def main() -> None:
    parser = clones.argument_parser(__doc__)
    parser.add_argument(
        "--network-draws", type=int, default=10, help="draws of the first run, a minute each (default 10)"
    )
    parser.add_argument("--birdnet", type=Path, help="Python of an environment with BirdNET (birdnet_embeddings.py)")
    parser.add_argument("--network", type=Path, help="custom network (.tflite, .onnx) with its card beside it")
    arguments = parser.parse_args()
    if arguments.network_draws < 2:  # now rather than after the minutes of the others
        parser.error("argument --network-draws: at least 2")
    params = {"crossval.draws": arguments.draws, "crossval.train_sizes": []}
    costs: dict[str, float] = {}
    with clones.clone_for_esc50(arguments.folder, arguments.categories) as clone:
        predictions = {THIS_PROJECT: run_crossval(clone, params)}
        costs[THIS_PROJECT] = cost(clone)
        first_run = params | FIRST_RUN | {"crossval.draws": arguments.network_draws}
        predictions |= {
            "the study's rerun": run_crossval(clone, params | RERUN),
            "the study's first run": run_crossval(clone, first_run),
            "MFCC + SVM": predict_draws(clone, mfcc_features(clone), SVC(), arguments.draws),
        }
        if arguments.birdnet:
            embeddings, seconds = birdnet_embeddings(clone, arguments.folder, arguments.birdnet.absolute())
            by_c = {
                C: predict_draws(clone, embeddings, LogisticRegression(C=C, max_iter=1000), arguments.draws)
                for C in BIRDNET_C
            }
            best = max(by_c, key=lambda C: float((by_c[C]["truth"] == by_c[C]["prediction"]).mean()))
            system = f"{BIRDNET} (C={best:g})"
            predictions[system], costs[system] = by_c[best], seconds
        if arguments.network:  # last, as clips have its rate from here on
            system = network_name(read_network_card(arguments.network))
            changes = add_network(arguments.network, clone, load_params("features", Features, clone / "params.yaml"))
            predictions[system], costs[system] = run_crossval(clone, params | changes), cost(clone)
    references = [system for system in predictions if system.startswith(THIS_PROJECT)]
    differences = " | ".join(f"difference from {system} (95% CI)" for system in references)
    print(f"| system | accuracy (95% CI) | macro F1 (95% CI) | {differences} | {COST} | draws | sources |")
    print("|---|---|---|" + "---|" * (len(references) + 3))
    for system, of_system in predictions.items():
        seconds_text = f"{costs[system]:.1f}" if system in costs else ""
        print(table_row(system, of_system, {name: predictions[name] for name in references}, seconds_text))


def cost(clone: Path) -> float:
    """Processor time of an hour of sound with the backbone that a clone ran last, s."""
    embedder = read_embedder(
        clone / "models" / "backbone", clone / "data" / "spectrograms", clone / "data" / "embeddings"
    )
    return seconds_per_hour(embedder, embedder.spectrogram.features.window_s)


def run_crossval(clone: Path, changes: dict[str, Any]) -> pd.DataFrame:
    """Run the crossval stage with some parameters changed.

    Parameters
    ----------
    clone : Path
    changes : dict
        Values of params.yaml by address.

    Returns
    -------
    pd.DataFrame
        Columns draw, clip, source, truth, prediction.
    """
    clones.run_stages(clone, ["crossval"], changes)
    return read_table(clone / "plots" / "crossval" / "predictions.csv")


def mfcc_features(clone: Path) -> dict[str, np.ndarray]:
    """Means and standard deviations over time of 20 mel-frequency cepstral coefficients, shape (40,), by clip."""
    features = {}
    for clip in animal_clips(clone)["clip"]:
        samples, sample_rate = files.read_sound(clone / "data" / "clips" / f"{clip}.wav")
        coefficients = librosa.feature.mfcc(y=samples, sr=sample_rate)
        features[clip] = np.concatenate([coefficients.mean(axis=1), coefficients.std(axis=1)])
    return features


def birdnet_embeddings(clone: Path, folder: Path, python: Path) -> tuple[dict[str, np.ndarray], float]:
    """BirdNET's embeddings of the original recordings, which have all of the frequencies that it hears.

    Parameters
    ----------
    clone : Path
        Its data/split.csv is used.
    folder : Path
        In ESC-50's layout.
    python : Path
        That of an environment with BirdNET.

    Returns
    -------
    dict of str to np.ndarray of shape (1024,)
        By clip. A recording of ESC-50 is as long as a clip.
    float
        Processor time of an hour of sound, s, the start of the program included.
    """
    clips = animal_clips(clone)
    paths = [str(original_path(folder, recording)) for recording in clips["recording"]]
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary) / "embeddings.npy"
        seconds = run_in_environment(python, ["benchmarks.birdnet_embeddings", str(target), *paths])
        duration_s = sum(soundfile.info(path).duration for path in paths)
        return dict(zip(clips["clip"], np.load(target), strict=True)), seconds * 3600 / duration_s


def original_path(folder: Path, recording: str) -> Path:
    """The file that a recording of the corpus, ``dog/1-100032-A-0.wav``, was copied from."""
    return folder.resolve() / "audio" / Path(recording).name


def animal_clips(clone: Path) -> pd.DataFrame:
    """The rows of data/split.csv that are not background."""
    clips = read_table(clone / "data" / "split.csv")
    return clips[clips["label"] != NONE]


def predict_draws(
    clone: Path, vectors: dict[str, np.ndarray], classifier: ClassifierMixin, n_draws: int
) -> pd.DataFrame:
    """Train and test a classifier of standardized vectors on the draws of the crossval stage.

    Parameters
    ----------
    clone : Path
        Its params.yaml and data/split.csv are used.
    vectors : dict of str to np.ndarray of shape (width,)
        By clip.
    classifier : ClassifierMixin
    n_draws : int

    Returns
    -------
    pd.DataFrame
        Columns draw, clip, source, truth, prediction.
    """
    clips = animal_clips(clone)
    sizes = load_params("split", Split, clone / "params.yaml")
    seed = load_params("crossval", Crossval, clone / "params.yaml").seed
    tables = []
    for number in range(n_draws):
        draw = draw_sources(clips, sizes, seed, number)
        train, test = (draw[draw["part"] == part] for part in ("train", "test"))
        model = make_pipeline(StandardScaler(), classifier)
        model.fit(np.stack([vectors[clip] for clip in train["clip"]]), train["label"])
        prediction = model.predict(np.stack([vectors[clip] for clip in test["clip"]]))
        tables.append(test[["clip", "source"]].assign(draw=number, truth=test["label"], prediction=prediction))
    return pd.concat(tables, ignore_index=True)


def table_row(system: str, predictions: pd.DataFrame, references: dict[str, pd.DataFrame], cost: str) -> str:
    """Format a row of the table: a system's scores, and the differences from others.

    Parameters
    ----------
    system : str
        Its name.
    predictions : pd.DataFrame
        Columns draw, clip, source, truth, prediction.
    references : dict of str to pd.DataFrame
        Those of the systems to compare with.
    cost : str

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    ValueError
        If two were tested on different clips.
    """
    labels = animal_labels(sorted(predictions["truth"].unique()))
    scores = crossval.score(predictions, labels, seed=1)
    cells = [
        "{value:.3f} ({low:.3f} to {high:.3f})".format(**scores["accuracy"]),
        "{value:.3f} ({low:.3f} to {high:.3f})".format(**scores["macro_f1"]),
    ]
    for reference, of_reference in references.items():
        if reference == system:
            cells.append("")
            continue
        check_same_test_clips(system, predictions, of_reference)
        difference = crossval.paired_difference(of_reference, predictions)["accuracy"]
        cells.append("{value:+.3f} ({low:+.3f} to {high:+.3f})".format(**difference))
    return f"| {system} | {' | '.join(cells)} | {cost} | {scores['draws']} | {scores['sources']} |"


def check_same_test_clips(system: str, predictions: pd.DataFrame, reference: pd.DataFrame) -> None:
    """Raise ValueError if a system was tested on other clips than the reference in a draw that both have."""
    common_draws = set(predictions["draw"]) & set(reference["draw"])
    tested, expected = (set(zip(table["draw"], table["clip"], strict=True)) for table in (predictions, reference))
    if any(draw in common_draws for draw, _ in tested ^ expected):
        raise ValueError(f"{system} was tested on other clips than {THIS_PROJECT}")


if __name__ == "__main__":
    main()
