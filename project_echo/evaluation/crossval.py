"""What many draws say together: how good, how sure, how well background is told apart.

The table of predictions has a row per draw and clip: `draw`, `train` (training sources per class), `left_out` (a kind
of background that was not learned from, or empty), `part`, `clip`, `source`, `label`, `kind`, and a column of
log-probabilities per label.
"""

from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, animal_labels
from project_echo.evaluation import bootstrap
from project_echo.evaluation.metrics import most_confused, rejected
from project_echo.models import calibration, rejection
from project_echo.models.rejection import threshold_for_recall

KEYS = ["draw", "train", "left_out", "part", "clip", "source", "label", "kind"]
RECALL = 0.9  # of animals, at which false alarms on unheard kinds of background are told


def full(predictions: pd.DataFrame, part: str) -> pd.DataFrame:
    """The rows of a part with all training sources and all kinds of background."""
    whole = predictions["train"] == predictions["train"].max()
    return predictions[whole & (predictions["left_out"] == "") & (predictions["part"] == part)]


def calibrate(
    predictions: pd.DataFrame, labels: list[str], false_alarms: float, tested: set[str]
) -> tuple[float, float | None]:
    """Temperature, and threshold of the animal probability, from validation clips of all draws.

    Clips of the sources in `tested` have no say, though heads of other draws have learned from some of them. The
    threshold lets at most a share of `false_alarms` of background through; it is None without background. Raises
    EchoError if no clips are left to go by.
    """
    known = full(predictions[~predictions["source"].isin(tested)], "validation")
    background = known[known["label"] == NONE]
    if known.empty or (NONE in labels and background.empty):
        raise EchoError(
            f"in no draw of crossval is there a validation clip{' of background' * (not known.empty)} of other sources "
            f"than the test's. Raise crossval.draws in params.yaml, or add sources."
        )
    temperature = calibration.fit_temperature(known[labels].to_numpy(), _targets(known, labels))
    if NONE not in labels:
        return temperature, None
    return temperature, rejection.threshold_for_false_positive_rate(
        _animal_probability(background, labels, temperature), false_alarms
    )


def answers(predictions: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """The most probable animal of every test clip that holds one: draw, clip, source, truth, prediction."""
    tested = full(predictions, "test")
    tested = tested[tested["label"] != NONE]
    found = rejection.decide(np.exp(tested[labels].to_numpy()), labels, None)
    return tested[["draw", "clip", "source"]].assign(truth=tested["label"], prediction=found)


def score(answers: pd.DataFrame, animals: list[str], seed: int) -> dict[str, Any]:
    """Accuracy and macro F1 of the pooled answers with intervals, recall per class, and the most confused pair.

    The intervals are of 95 %, by bootstrap over sources within classes: draws share their sources, so a thousand draws
    know no more animals than a hundred. They are of the tested sources, given this pool to learn from. `draws_90` is
    where nine of ten single draws fall. Macro F1 is of the pooled answers: of the two clips a class of a single draw it
    would be biased (Forman & Scholz, "Apples-to-apples in cross-validation studies", SIGKDD Explorations 12, 2010).
    """
    truth, prediction = answers["truth"].to_numpy(), answers["prediction"].to_numpy()
    counts, strata = by_source(answers, animals)
    pooled = counts.sum(axis=0)
    low, high = accuracies(answers)["accuracy"].quantile([0.05, 0.95])
    accuracy = bootstrap.over_sources(counts, strata, bootstrap.accuracy, seed)
    confused = most_confused(truth, prediction, animals)
    of_pair = np.isin(truth, confused["pair"].split(" / ")).sum()
    return {
        "draws": int(answers["draw"].nunique()),
        "sources": len(counts),
        "accuracy": {"mean": accuracy["pooled"], "low": accuracy["low"], "high": accuracy["high"]},
        "draws_90": {"low": float(low), "high": float(high)},
        "macro_f1": bootstrap.over_sources(counts, strata, bootstrap.macro_f1, seed),
        "recall": {animal: float(pooled[i, i] / pooled[i].sum()) for i, animal in enumerate(animals)},
        "most_confused": {**confused, "rate": float(confused["errors"] / max(1, of_pair))},
    }


def difference(before: pd.DataFrame, after: pd.DataFrame, animals: list[str], seed: int) -> dict[str, Any]:
    """What `after` is better than `before`, two tables of answers, on the clips that the same draws of both tested.

    The intervals of 95 % are paired: every replicate takes the same sources of both.
    """
    common = before.merge(after, on=["draw", "clip", "source", "truth"], suffixes=("_before", "_after"))
    if common.empty:
        return {"draws": 0}
    pair = [
        by_source(common.rename(columns={f"prediction_{when}": "prediction"}), animals) for when in ("before", "after")
    ]
    (first, strata), (second, _) = pair
    drawn = bootstrap.weights(strata, seed)
    found: dict[str, Any] = {"draws": int(common["draw"].nunique())}
    for name, statistic in (("accuracy", bootstrap.accuracy), ("macro_f1", bootstrap.macro_f1)):
        values = [statistic(np.tensordot(drawn, counts, axes=1)) for counts in (first, second)]
        low, high = bootstrap.interval(values[1] - values[0])
        scores = [float(statistic(counts.sum(axis=0))) for counts in (first, second)]
        found[name] = {"before": scores[0], "after": scores[1], "low": low, "high": high}
    return found


def by_source(answers: pd.DataFrame, animals: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Confusion counts of each source, shape (sources, animals, animals), and the class that each source stands for."""
    codes, sources = pd.factorize(answers["source"], sort=True)
    truth, prediction = (answers[column].map(animals.index).to_numpy() for column in ("truth", "prediction"))
    strata = answers.groupby("source")["truth"].first().loc[sources].to_numpy()
    return bootstrap.confusions(truth, prediction, codes, len(animals)), strata


def accuracies(answers: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of every single draw: draw, accuracy."""
    right = answers.assign(accuracy=answers["truth"] == answers["prediction"])
    return right.groupby("draw", as_index=False)["accuracy"].mean()


def curve(predictions: pd.DataFrame, labels: list[str], seed: int) -> pd.DataFrame:
    """Accuracy against training sources per class: train, accuracy, low, high."""
    rows = []
    animals = animal_labels(labels)
    for train, some in predictions[predictions["left_out"] == ""].groupby("train"):
        counts, strata = by_source(answers(some, labels), animals)
        found = bootstrap.over_sources(counts, strata, bootstrap.accuracy, seed)
        rows.append((train, found["pooled"], found["low"], found["high"]))
    return pd.DataFrame(rows, columns=["train", "accuracy", "low", "high"])


def sureness(
    predictions: pd.DataFrame, labels: list[str], false_alarms: float, seed: int
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Calibration and rejection on the test clips of every draw, and what they are scored from.

    Temperature and threshold of a draw come from the validation clips of all draws, without the sources that it tests.
    The table has a row per test clip of a draw: label, kind, source, before, after (confidence in the most probable
    label), right, answer (with ``none``).
    """
    temperatures, tables = [], []
    for _, tested in full(predictions, "test").groupby("draw"):
        temperature, threshold = calibrate(predictions, labels, false_alarms, set(tested["source"]))
        raw = np.exp(tested[labels].to_numpy())
        scaled = calibration.scale(raw, temperature)
        tables.append(
            pd.DataFrame(
                {
                    "label": tested["label"].to_numpy(),
                    "kind": tested["kind"].to_numpy(),
                    "source": tested["source"].to_numpy(),
                    "before": raw.max(axis=1),
                    "after": scaled.max(axis=1),
                    "right": np.array(labels)[raw.argmax(axis=1)] == tested["label"].to_numpy(),
                    "answer": rejection.decide(scaled, labels, threshold),
                }
            )
        )
        temperatures.append(temperature)
    table = pd.concat(tables, ignore_index=True)
    errors = {
        when: calibration.expected_calibration_error(table[when].to_numpy(), table["right"].to_numpy())
        for when in ("before", "after")
    }
    found: dict[str, Any] = {
        "calibration": {"temperature": float(np.median(temperatures)), "expected_calibration_error": errors}
    }
    if NONE in labels:
        background = table[table["label"] == NONE]
        columns = (
            (background["answer"] != NONE).to_numpy(),
            background["source"].to_numpy(),
            background["kind"].to_numpy(),
        )
        found["rejection"] = {
            "stated_false_alarms": false_alarms,
            **rejected(table["label"], table["answer"]),
            "false_alarms_95": bootstrap.share(*columns, seed),
            "unheard_kinds": unheard(predictions, labels, seed),
        }
    return found, table


def unheard(predictions: pd.DataFrame, labels: list[str], seed: int) -> dict[str, Any]:
    """False alarms on each kind of background when nothing was learned from it, where 90 % of animals are named.

    The threshold of a draw is that of 90 % of the validation clips of animals in all draws, without the sources that it
    tests; how many of its test clips of animals it names stands beside.
    """
    found = {}
    left_out = predictions[predictions["left_out"] != ""]
    left_out = left_out.assign(probability=_animal_probability(left_out, labels, 1.0), animal=left_out["label"] != NONE)
    for kind, rows in left_out.groupby("left_out"):
        validation = rows[rows["animal"] & (rows["part"] == "validation")]
        named = []
        for _, tested in rows[rows["part"] == "test"].groupby("draw"):
            others = validation[~validation["source"].isin(tested["source"])]
            named.append(
                tested.assign(
                    named=tested["probability"] >= threshold_for_recall(others["probability"].to_numpy(), RECALL)
                )
            )
        told = pd.concat(named)
        shares = told.groupby("animal")["named"].mean()
        background = told[~told["animal"]]
        found[str(kind)] = {
            "false_alarms": float(shares[False]),
            "false_alarms_95": bootstrap.share(
                background["named"].to_numpy(), background["source"].to_numpy(), background["kind"].to_numpy(), seed
            ),
            "animals_named": float(shares[True]),
        }
    return found


def _targets(rows: pd.DataFrame, labels: list[str]) -> np.ndarray:
    targets: np.ndarray = rows["label"].map(labels.index).to_numpy()
    return targets


def _animal_probability(rows: pd.DataFrame, labels: list[str], temperature: float) -> np.ndarray:
    probabilities = calibration.scale(np.exp(rows[labels].to_numpy()), temperature)
    return rejection.animal_probability(probabilities, labels)
