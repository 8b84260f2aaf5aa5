"""Scores that tell animals from background, compared on background of a kind that is held out of training.

    python -m benchmarks.rejection /data/ESC-50 --categories dog frog pig rooster --background rain sea_waves helicopter

Each kind of background is held out in turn. Prints a Markdown table: for each score and held-out kind, the
area under the ROC curve (test clips of animals against clips of that kind) and the false positive rate at the threshold
that detects 90% of the validation clips of animals. The clips of all draws are pooled.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from benchmarks import clones
from project_echo.core.labels import NONE, animal_labels, sorted_labels
from project_echo.core.parallel import map_all
from project_echo.core.tables import read_table
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources, hold_out_background
from project_echo.datasets.examples import Embeddings
from project_echo.datasets.split import UNUSED
from project_echo.datasets.views import YES, Views, training_slices
from project_echo.evaluation.background import DETECTION_RATE
from project_echo.evaluation.config import Crossval
from project_echo.evaluation.trainer import Trainer, read_views, views_of_trial
from project_echo.models.embedding import floor_variance
from project_echo.models.recipe import Recipe
from project_echo.models.rejection import threshold_for_recall
from project_echo.pipeline.params import load_params

SCORES = {
    "highest probability of a label (this project)": "highest",
    "joint energy": "energy",
    "Mahalanobis distance": "distance",
}


def main() -> None:
    parser = clones.argument_parser(__doc__)
    parser.add_argument("--background", nargs="+", required=True, help="categories without animals")
    arguments = parser.parse_args()
    with clones.clone_for_esc50(arguments.folder, arguments.categories, arguments.background) as clone:
        clones.run_stages(clone, ["embed", "split"], {})
        scores = score_draws(clone, arguments.draws)
    print(f"| score | {' | '.join(f'{kind}: AUC, FPR' for kind in arguments.background)} |")
    print("|---" * (len(arguments.background) + 1) + "|")
    for name, column in SCORES.items():
        cells = []
        for kind in arguments.background:
            area, false_positive_rate = separation(scores[scores["held_out"] == kind], column)
            cells.append(f"{area:.3f}, {false_positive_rate:.3f}")
        print(f"| {name} | {' | '.join(cells)} |")


def score_draws(clone: Path, n_draws: int) -> pd.DataFrame:
    """Scores of the clips of all draws, with each kind of background held out in turn.

    Parameters
    ----------
    clone : Path
        Its params.yaml, data/split.csv and data/embeddings are used.
    n_draws : int

    Returns
    -------
    pd.DataFrame
        What `score_draw` returns for each draw and kind.
    """
    clips = read_table(clone / "data" / "split.csv")
    spectrograms, embeddings, params = (
        clone / name for name in ("data/spectrograms", "data/embeddings", "params.yaml")
    )
    sizes, recipe = load_params("split", Split, params), load_params("train", Recipe, params)
    seed = load_params("crossval", Crossval, params).seed
    animals = animal_labels(sorted_labels(clips["label"].unique()))
    views = read_views(spectrograms, embeddings, clips, animals)
    trainer = Trainer(embeddings, views, animals, recipe)
    kinds = sorted(clips.loc[clips["label"] == NONE, "kind"].unique())
    items = [
        (trainer, views, embeddings, hold_out_background(draw, kind), kind)
        for draw in (draw_sources(clips, sizes, seed, number) for number in range(n_draws))
        for kind in kinds
    ]
    return pd.concat(map_all(score_draw, items, "rejection"), ignore_index=True)


def score_draw(trainer: Trainer, views: Views, embeddings: Path, draw: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Train on a draw with a kind of background held out, and score all other clips.

    Parameters
    ----------
    trainer : Trainer
    views : Views
        Of all clips.
    embeddings : Path
        Folder of arrays.
    draw : pd.DataFrame
        What `hold_out_background` returns.
    kind : str
        The kind that is held out.

    Returns
    -------
    pd.DataFrame
        Columns held_out, part, label, and a score each of SCORES, higher for animals. Of background, only the clips of
        the held-out kind.
    """
    clips = draw[draw["part"] != UNUSED]
    train, held_out, part = views_of_trial(views, clips)
    kinds = clips.set_index("clip").loc[views.clip[held_out], "kind"].to_numpy()
    kept = (views.view[held_out] == 0) & ((views.label[held_out] != NONE) | (kinds == kind))
    held_out, part = held_out[kept], part[kept]
    odds = trainer.predict(train, held_out, held_out[part == "validation"])
    learned = views[train]
    of_view, of_slice = training_slices(learned)
    truth = learned.truth[of_view, of_slice]
    single = (truth == YES).sum(axis=-1) == 1
    rows = Embeddings(embeddings, learned)[of_view[single], of_slice[single]]
    targets = (truth[single] == YES).argmax(axis=-1)
    scored = Embeddings(embeddings, views)[held_out]
    distances = mahalanobis_distance(rows, targets, scored.reshape(-1, scored.shape[-1]))
    return pd.DataFrame(
        {
            "held_out": kind,
            "part": part,
            "label": views.label[held_out],
            "highest": odds.max(axis=1),
            "energy": joint_energy(odds),
            "distance": -distances.reshape(scored.shape[:2]).min(axis=1),  # of the nearest slice
        }
    )


def joint_energy(odds: np.ndarray) -> np.ndarray:
    """Negative free energies of all labels added up, higher for animals.

    Parameters
    ----------
    odds : np.ndarray of shape (clips, animals)
        Log-odds.

    Returns
    -------
    np.ndarray of shape (clips,)

    References
    ----------
    H. Wang et al., "Can multi-label classification networks know what they don't know?", NeurIPS 2021.
    """
    energy: np.ndarray = np.logaddexp(0, odds).sum(axis=1)
    return energy


def mahalanobis_distance(train: np.ndarray, targets: np.ndarray, embeddings: np.ndarray) -> np.ndarray:
    """Squared Mahalanobis distance of slices to the nearest class mean.

    Channels are standardized, and the classes share one covariance. As there are more channels than slices, it is
    shrunk towards a multiple of the identity.

    Parameters
    ----------
    train : np.ndarray of shape (training slices, width)
        Embeddings.
    targets : np.ndarray of int, shape (training slices,)
        Their classes.
    embeddings : np.ndarray of shape (slices, width)
        Of the slices to score.

    Returns
    -------
    np.ndarray of shape (slices,)

    References
    ----------
    K. Lee et al., "A simple unified framework for detecting out-of-distribution samples and adversarial attacks",
    NeurIPS 2018, equation 2.
    """
    width = train.shape[-1]
    scale = np.sqrt(floor_variance(train.astype(float).var(axis=0)))
    train, embeddings = train / scale, embeddings / scale
    means = np.stack([train[targets == target].mean(axis=0) for target in np.unique(targets)])
    residuals = train - means[np.searchsorted(np.unique(targets), targets)]
    # Computed from the inner products of the residuals: there are thousands of channels, but hundreds of rows.
    eigenvalues, rotation = np.linalg.eigh(residuals @ residuals.T / len(residuals))
    kept = eigenvalues > 1e-9 * eigenvalues[-1]
    axes = residuals.T @ rotation[:, kept] / np.sqrt(len(residuals) * eigenvalues[kept])  # orthonormal columns
    shrinkage, mean_variance = oas_shrinkage(eigenvalues[kept], width, len(residuals))
    differences = embeddings[:, np.newaxis] - means
    squares = (differences @ axes) ** 2  # along the axes; orthogonal to them the shrunk covariance is constant
    within_span = (squares / ((1 - shrinkage) * eigenvalues[kept] + shrinkage * mean_variance)).sum(axis=-1)
    outside_span = ((differences**2).sum(axis=-1) - squares.sum(axis=-1)) / (shrinkage * mean_variance)
    distance: np.ndarray = (within_span + outside_span).min(axis=1)
    return distance


def oas_shrinkage(eigenvalues: np.ndarray, width: int, n_rows: int) -> tuple[float, float]:
    """Oracle approximating shrinkage of a covariance matrix, from its eigenvalues.

    As scikit-learn's OAS simplifies it, but without a matrix of shape (width, width).

    Parameters
    ----------
    eigenvalues : np.ndarray of shape (n,)
        Those that are not 0.
    width : int
        Channels.
    n_rows : int
        Rows from which the covariance was estimated.

    Returns
    -------
    shrinkage : float
        Weight of the identity, 0 to 1.
    mean_variance : float
        Factor of the identity.

    References
    ----------
    Y. Chen et al., "Shrinkage algorithms for MMSE covariance estimation", IEEE Transactions on Signal Processing 58,
    2010, equation 23.
    """
    mean_variance, square = eigenvalues.sum() / width, (eigenvalues**2).sum() / width**2
    shrinkage = (square + mean_variance**2) / ((n_rows + 1) * (square - mean_variance**2 / width))
    return float(min(1, shrinkage)), float(mean_variance)


def separation(scores: pd.DataFrame, column: str) -> tuple[float, float]:
    """How well a score separates animals from background.

    Parameters
    ----------
    scores : pd.DataFrame
        Columns part, label, and `column`, higher for animals.
    column : str

    Returns
    -------
    area : float
        Area under the ROC curve, of all clips of background and the test clips of animals.
    false_positive_rate : float
        At the threshold that detects DETECTION_RATE of the validation clips of animals.
    """
    is_animal, is_validation = scores["label"] != NONE, scores["part"] == "validation"
    tested = scores[~(is_animal & is_validation)]
    area = roc_auc_score(tested["label"] != NONE, tested[column])
    threshold = threshold_for_recall(scores.loc[is_animal & is_validation, column].to_numpy(), DETECTION_RATE)
    return float(area), float((scores.loc[~is_animal, column] >= threshold).mean())


if __name__ == "__main__":
    main()
