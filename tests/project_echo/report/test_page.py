"""What the page shows, from metrics, tables and the classifier's card."""

from dataclasses import replace
from typing import Any

import pandas as pd

from project_echo.evaluation.predictions import POOLED_COLUMNS
from project_echo.models.card import Card, Threshold
from project_echo.models.pooling import Pooling
from project_echo.plots.palette import label_colors
from project_echo.report.example import Example
from project_echo.report.page import PageContent, Results, page_content
from tests.project_echo.report.test_findings import CROSSVAL, EVALUATE
from tests.sounds import FEATURES

LABELS = ("boar", "cane_toad")
CLIPS = pd.DataFrame(
    [("a", "boar", "s1"), ("b", "boar", "s1"), ("c", "cane_toad", "s2"), ("d", "none", "s3")],
    columns=["clip", "label", "source"],
)
RESULTS = Results(
    crossval=CROSSVAL | {"macro_f1": {"value": 0.88, "low": 0.8, "high": 0.92}},
    evaluate=EVALUATE,
    infer={"recordings": 0, "with_truth": 0, "correct": 0},
    clips=CLIPS,
    pooled=pd.DataFrame([(0, "a", "s1", "boar", "boar"), (0, "c", "s2", "cane_toad", "boar")], columns=POOLED_COLUMNS),
    decided=pd.DataFrame(
        [(0, "a", "boar", "none"), (0, "c", "cane_toad", "cane_toad"), (0, "d", "none", "boar")],
        columns=["draw", "clip", "truth", "prediction"],
    ),
    accuracies=pd.DataFrame({"draw": [0], "accuracy": [0.5]}),
    curve=pd.DataFrame({"train": [1], "accuracy": [0.5], "low": [0.0], "high": [1.0]}),
    skipped=0,
    synthetic=False,
)
CARD = Card(
    labels=LABELS,
    features=FEATURES,
    pooling=Pooling(blocks=("last",), bands=(1,), slices=3, std=False, sqrt=False),
    slope=(1.0, 1.0),
    intercept=(0.0, 0.0),
    thresholds=(Threshold(0.12345, 0.1, 0.2), Threshold(0.5, 0.4, 0.6)),
    calibration=None,
    trained={"trainable": "none"},
    versions={"tensorflow": "2.21", "numpy": "2.0"},
    sha256={},
)
EXAMPLE = Example("a", "5", "boar", "boar", True, "boar", [], "")


def content(**card_changes: Any) -> PageContent:
    card = CARD.model_copy(update=card_changes)
    return page_content(RESULTS, card, EXAMPLE, None, [], [])


def test_labels_are_shown_by_name_and_in_their_colors() -> None:
    page = content()
    assert page.labels == ["boar", "cane toad"]
    assert page.listed_labels == "boar and cane toad"
    colors = label_colors(LABELS)
    assert page.legend == [
        ("boar", colors["boar"], ""),
        ("cane toad", colors["cane_toad"], ""),
    ]


def test_background_does_not_count_as_data_and_labels_without_clips_are_few_sources() -> None:
    page = content(labels=("boar", "cane_toad", "fox"))
    data, accuracy, f1 = page.headlines
    assert (data.value, data.note) == ("3 clips", "3 labels, 2 sources")
    assert (accuracy.value, f1.value) == ("0.900", "0.880")
    assert any("fox (0)" in sentence for sentence in page.limitations)


def test_unseen_recordings_with_a_known_label_are_a_headline() -> None:
    results = replace(RESULTS, infer={"recordings": 3, "with_truth": 2, "correct": 1})
    page = page_content(results, CARD, EXAMPLE, None, [], [])
    assert page.headlines[-1].value == "1 of 2"
    assert page.findings[-1] == page.unseen


def test_decisions_by_thresholds_are_the_headline_beside_the_accuracy_of_the_study() -> None:
    decided = {"accuracy": {"value": 0.82, "low": 0.78, "high": 0.86}}
    results = replace(RESULTS, crossval={**RESULTS.crossval, "decided": decided})
    shown = {figure.title: figure.value for figure in page_content(results, CARD, EXAMPLE, None, [], []).headlines[1:]}
    assert shown == {"Accuracy": "0.820", "Accuracy among animals": "0.900", "Macro F1 among animals": "0.880"}


def test_the_confusion_has_none_as_row_and_column_and_scores_of_labels_have_not() -> None:
    confusion, scores, *_ = content().uncertainty
    names = ["boar", "cane toad", "none"]
    assert confusion.table.columns.tolist() == ["true", *names]
    assert confusion.table[names].to_numpy().tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert scores.table["label"].tolist() == names[:2]


def test_without_thresholds_nothing_is_rejected() -> None:
    assert content().rejects
    assert not content(thresholds=None).rejects


def test_the_card_says_how_the_network_was_trained_and_with_which_libraries() -> None:
    assert content().frozen
    assert not content(trained={"trainable": "all"}).frozen
    assert content().versions == ["tensorflow 2.21", "numpy 2.0"]
