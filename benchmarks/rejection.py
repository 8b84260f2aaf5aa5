"""Scores for telling animals from held-out background: each category is left out of training in turn.

    python -m benchmarks.rejection /data/ESC-50 --categories dog frog pig rooster --background rain sea_waves helicopter

Prints a Markdown table: for each score and held-out category the area under the ROC curve (test clips of animals
against clips of that category) and the false positive rate where 90% of validation clips of animals are detected; the
clips of all draws together, as in metrics/crossval.json.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from scipy.special import log_softmax, logsumexp
from sklearn.metrics import roc_auc_score

from benchmarks import clones
from project_echo.core import files
from project_echo.core.labels import NONE, sorted_labels
from project_echo.core.parallel import map_all
from project_echo.datasets.draws import draw_sources, hold_out_background
from project_echo.datasets.split import Split
from project_echo.evaluation.background import DETECTION_RATE
from project_echo.models import logistic, rejection

SCORES = {
    "maximum probability": "maximum",
    "energy": "energy",
    "Mahalanobis distance": "distance",
    "background regression (this project)": "regression",
}


def main() -> None:
    parser = clones.parser(__doc__)
    parser.add_argument("--background", nargs="+", required=True, help="categories that hold none of the animals")
    wanted = parser.parse_args()
    with clones.clone(wanted.folder, wanted.categories, wanted.background) as place:
        clones.repro(place, ["embed", "split"], {})
        table = scored(place, wanted.draws)
    print(f"| score | {' | '.join(f'{kind}: AUC, FPR' for kind in wanted.background)} |")
    print("|---" * (len(wanted.background) + 1) + "|")
    for name, column in SCORES.items():
        cells = [
            "{:.3f}, {:.3f}".format(*separation(table[table["held_out"] == kind], column)) for kind in wanted.background
        ]
        print(f"| {name} | {' | '.join(cells)} |")


def scored(place: Path, number: int) -> pd.DataFrame:
    """A row per draw, held-out category and clip that was not learned from: held_out, part, label, and the scores."""
    clips = files.read_table(place / "data" / "split.csv")
    params = yaml.safe_load((place / "params.yaml").read_text(encoding="utf-8"))
    names = clips["clip"].tolist()
    vectors = np.stack([files.read_array(place / "data" / "embeddings" / f"{clip}.npy") for clip in names])
    sizes = Split(**params["split"])
    jobs = []
    for n in range(number):
        draw = draw_sources(clips, sizes, params["crossval"]["seed"], n)
        for kind in sorted(clips.loc[clips["label"] == NONE, "kind"].unique()):
            jobs.append((vectors, names, hold_out_background(draw, kind), kind, params["train"]))
    return pd.concat(map_all(score, jobs, "rejection"), ignore_index=True)


def score(vectors: np.ndarray, names: list[str], draw: pd.DataFrame, kind: str, train: dict) -> pd.DataFrame:
    """Train on a draw without a kind of background; the scores of all other clips, higher for an animal.

    `vectors` has shape (clips, views, width), `names` the clips' names.
    """
    rows = {clip: row for row, clip in enumerate(names)}
    labels = sorted_labels(draw["label"].unique())
    learned = draw[draw["part"] == "train"]
    judged = draw[(draw["part"] != "train") & ((draw["label"] != NONE) | (draw["kind"] == kind))]
    targets = learned["label"].map(labels.index).to_numpy()
    copies, plain = vectors[learned["clip"].map(rows)], vectors[judged["clip"].map(rows)][:, 0]
    head = logistic.fit(copies, targets, len(labels) - 1, train["C"], train["class_weight"] == "balanced")
    logits = head.animals.logits(plain)
    animal = targets < len(labels) - 1
    return judged[["part", "label"]].assign(
        held_out=kind,
        maximum=log_softmax(logits, axis=1).max(axis=1),
        energy=energy(logits),
        distance=-nearest(copies[animal], targets[animal], plain),
        regression=-head.log_probabilities(plain)[:, -1],
    )


def energy(logits: np.ndarray) -> np.ndarray:
    """Shape (clips,) of the animals' logits, shape (clips, animals).

    The free energy with its sign turned. Source: W. Liu et al., "Energy-based out-of-distribution detection", NeurIPS
    2020.
    """
    found: np.ndarray = logsumexp(logits, axis=1)
    return found


def nearest(copies: np.ndarray, targets: np.ndarray, embeddings: np.ndarray) -> np.ndarray:
    """Squared Mahalanobis distance of clips, shape (clips, width), to the nearest class mean; shape (clips,).

    `copies` has shape (training clips, views, width), `targets` shape (training clips,). Channels are standardised as
    the logistic head does it, and the classes share one covariance. Source: K. Lee et al., "A simple unified framework
    for detecting out-of-distribution samples and adversarial attacks", NeurIPS 2018, equation 2. As there are more
    channels than clips, the covariance is shrunk towards a multiple of the identity.
    """
    width = copies.shape[-1]
    train, classes = copies.reshape(-1, width).astype(float), np.repeat(targets, copies.shape[1])
    variance = train.var(axis=0)
    scale = np.sqrt(logistic.floor_variance(variance))
    train, embeddings = train / scale, embeddings / scale
    means = np.stack([train[classes == target].mean(axis=0) for target in np.unique(classes)])
    residuals = train - means[np.searchsorted(np.unique(classes), classes)]
    # All from the residuals' inner products: there are thousands of channels, and hundreds of rows.
    eigenvalues, rotation = np.linalg.eigh(residuals @ residuals.T / len(residuals))
    kept = eigenvalues > 1e-9 * eigenvalues[-1]
    axes = residuals.T @ rotation[:, kept] / np.sqrt(len(residuals) * eigenvalues[kept])  # orthonormal columns
    shrinkage, level = oas(eigenvalues[kept], width, len(residuals))
    away = embeddings[:, np.newaxis] - means
    along = (away @ axes) ** 2
    within = (along / ((1 - shrinkage) * eigenvalues[kept] + shrinkage * level)).sum(axis=-1)
    across = ((away**2).sum(axis=-1) - along.sum(axis=-1)) / (shrinkage * level)
    found: np.ndarray = (within + across).min(axis=1)
    return found


def oas(eigenvalues: np.ndarray, width: int, n: int) -> tuple[float, float]:
    """Shrinkage of a covariance of `n` rows and `width` channels, and the variance to which it is shrunk.

    `eigenvalues` are the covariance's that are not 0. Source: Y. Chen et al., "Shrinkage algorithms for MMSE covariance
    estimation", IEEE Transactions on Signal Processing 58, 2010, equation 23, as scikit-learn's OAS simplifies it, but
    without a matrix of shape (width, width).
    """
    level, square = eigenvalues.sum() / width, (eigenvalues**2).sum() / width**2
    return float(min(1, (square + level**2) / ((n + 1) * (square - level**2 / width)))), float(level)


def separation(rows: pd.DataFrame, column: str) -> tuple[float, float]:
    """Area under the ROC curve, and false positive rate where 90% of validation clips of animals are detected."""
    animal, validation = rows["label"] != NONE, rows["part"] == "validation"
    tested = rows[~animal | ~validation]
    area = roc_auc_score(tested["label"] != NONE, tested[column])
    threshold = rejection.threshold_for_recall(rows.loc[animal & validation, column].to_numpy(), DETECTION_RATE)
    return float(area), float((rows.loc[~animal, column] >= threshold).mean())


if __name__ == "__main__":
    main()
