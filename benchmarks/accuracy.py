"""Accuracy of the first run, the rerun, this project and others, on the same draws of sources.

    python -m benchmarks.accuracy /data/ESC-50 --categories dog frog pig rooster

Prints a Markdown table. Each draw trains and tests on other sources, as in the crossval stage. Intervals are 95%
confidence intervals by bootstrap over sources; differences are paired.
"""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pandas as pd
import yaml
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks import clones
from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels
from project_echo.datasets.draws import draw_sources
from project_echo.datasets.split import Split
from project_echo.evaluation import crossval

THIS = "this project"
STUDY: dict[str, Any] = {
    "train.head": "dense",
    "features.win_lengths": [2048],
    "embed.blocks": ["last"],
    "embed.bands": [1],
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


def main() -> None:
    parser = clones.parser(__doc__)
    parser.add_argument("--network-draws", type=int, default=10, help="of the first run, a minute each (default 10)")
    parser.add_argument("--birdnet", type=Path, help="Python of an environment with BirdNET (birdnet_embeddings.py)")
    wanted = parser.parse_args()
    draws = {"crossval.draws": wanted.draws, "crossval.train_sizes": []}
    with clones.clone(wanted.folder, wanted.categories) as place:
        found = {
            THIS: pipeline(place, draws),
            "the study's rerun": pipeline(place, draws | RERUN),
            "the study's first run": pipeline(place, draws | FIRST_RUN | {"crossval.draws": wanted.network_draws}),
        }
        found["MFCC + SVM"] = on_draws(place, mfccs(place), SVC(), wanted.draws)
        if wanted.birdnet:
            regression = LogisticRegression(max_iter=1000)
            vectors = birdnet(place, wanted.birdnet.absolute())
            found["BirdNET 2.4 + logistic regression"] = on_draws(place, vectors, regression, wanted.draws)
    print(
        "| system | accuracy (95% CI) | macro F1 (95% CI) | difference from this project (95% CI) | draws | sources |"
    )
    print("|---|---|---|---|---|---|")
    for name, answers in found.items():
        print(row(name, answers, found[THIS]))


def pipeline(place: Path, changes: dict[str, Any]) -> pd.DataFrame:
    """The answers of the crossval stage with some parameters changed."""
    clones.repro(place, ["crossval"], changes)
    return files.read_table(place / "plots" / "crossval" / "predictions.csv")


def mfccs(place: Path) -> dict[str, np.ndarray]:
    """Means and standard deviations over time of 20 mel-frequency cepstral coefficients of each clip, shape (40,)."""
    found = {}
    for clip in animals(place)["clip"]:
        samples, rate = files.read_sound(place / "data" / "clips" / f"{clip}.wav")
        coefficients = librosa.feature.mfcc(y=samples, sr=rate)
        found[clip] = np.concatenate([coefficients.mean(axis=1), coefficients.std(axis=1)])
    return found


def birdnet(place: Path, python: Path) -> dict[str, np.ndarray]:
    """BirdNET's embedding of each clip, from an environment of its own."""
    script = Path(__file__).with_name("birdnet_embeddings.py")
    clips = animals(place)["clip"]
    paths = [str(place / "data" / "clips" / f"{clip}.wav") for clip in clips]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "embeddings.npy"
        subprocess.run([str(python), str(script), str(target), *paths], check=True)
        return dict(zip(clips, np.load(target), strict=True))


def animals(place: Path) -> pd.DataFrame:
    """The clips that hold one of the animals."""
    clips = files.read_table(place / "data" / "split.csv")
    return clips[clips["label"] != NONE]


def on_draws(place: Path, vectors: dict[str, np.ndarray], classifier: ClassifierMixin, number: int) -> pd.DataFrame:
    """The answers of a classifier of standardised vectors on the draws of the crossval stage."""
    clips = animals(place)
    params = yaml.safe_load((place / "params.yaml").read_text(encoding="utf-8"))
    sizes = Split(**params["split"])
    tables = []
    for n in range(number):
        draw = draw_sources(clips, sizes, params["crossval"]["seed"], n)
        train, test = (draw[draw["part"] == part] for part in ("train", "test"))
        model = make_pipeline(StandardScaler(), classifier)
        model.fit(np.stack([vectors[clip] for clip in train["clip"]]), train["label"])
        named = model.predict(np.stack([vectors[clip] for clip in test["clip"]]))
        tables.append(test[["clip", "source"]].assign(draw=n, truth=test["label"], prediction=named))
    return pd.concat(tables, ignore_index=True)


def row(name: str, answers: pd.DataFrame, ours: pd.DataFrame) -> str:
    """A row of the table: a system's scores, and what it is better or worse by than ours."""
    labels = animal_labels(sorted(answers["truth"].unique()))
    scored = crossval.score(answers, labels, seed=1)
    cells = [
        "{value:.3f} ({low:.3f} to {high:.3f})".format(**scored["accuracy"]),
        "{value:.3f} ({low:.3f} to {high:.3f})".format(**scored["macro_f1"]),
    ]
    if answers is ours:
        cells.append("")
    else:
        assert_same_tests(name, answers, ours)
        change = crossval.paired_difference(ours, answers, labels, seed=1)["accuracy"]
        cells.append(f"{change['value']:+.3f} ({change['low']:+.3f} to {change['high']:+.3f})")
    return f"| {name} | {' | '.join(cells)} | {scored['draws']} | {scored['sources']} |"


def assert_same_tests(name: str, answers: pd.DataFrame, ours: pd.DataFrame) -> None:
    """Raise ValueError unless a system was tested on the same clips as ours in each of the draws of both."""
    common = set(answers["draw"]) & set(ours["draw"])
    one, other = (set(zip(table["draw"], table["clip"], strict=True)) for table in (answers, ours))
    if any(draw in common for draw, _ in one ^ other):
        raise ValueError(f"{name} was tested on other clips than this project")


if __name__ == "__main__":
    main()
