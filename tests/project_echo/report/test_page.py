"""What the page shows, from metrics, tables and the classifier's card."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from markupsafe import Markup

from project_echo.evaluation.paired import Change
from project_echo.evaluation.predictions import POOLED_COLUMNS
from project_echo.models.card import Card, Reviewed, Threshold
from project_echo.models.pooling import Pooling
from project_echo.plots.palette import label_colors
from project_echo.report.comparison import NOT_SET, compare_experiments
from project_echo.report.example import Example
from project_echo.report.page import PageContent, Results, default_purpose, default_title, page_content
from project_echo.report.rerun import accuracies, changes, rerun_sentences
from project_echo.report.settings import Settings
from project_echo.report.statement import Statement
from tests.project_echo.report.experiments import CORPUS, write_experiment
from tests.project_echo.report.results import CROSSVAL, EVALUATE, FIELD, NOT_IN_THE_FIELD, corpus
from tests.sounds import FEATURES

LABELS = ("boar", "cane_toad")
RESULTS = Results(
    crossval=CROSSVAL,
    evaluate=EVALUATE,
    field=NOT_IN_THE_FIELD,
    infer={"recordings": 0, "with_truth": 0, "correct": 0},
    pooled=pd.DataFrame([(0, "a", "s1", "boar", "boar"), (0, "c", "s2", "cane_toad", "boar")], columns=POOLED_COLUMNS),
    decided=pd.DataFrame(
        [(0, "a", "s1", "boar", "none"), (0, "c", "s2", "cane_toad", "cane_toad"), (0, "d", "s3", "none", "boar")],
        columns=POOLED_COLUMNS,
    ),
    accuracies=pd.DataFrame({"draw": [0], "accuracy": [0.5]}),
    curve=pd.DataFrame({"train": [1], "accuracy": [0.5], "low": [0.0], "high": [1.0]}),
    reliability=pd.DataFrame(
        {
            "scaling": ["before", "after"],
            "from": [0.2, 0.3],
            "to": [0.3, 0.4],
            "confidence": [0.2, 0.3],
            "accuracy": [0.1, 0.3],
            "clips": [4, 4],
        }
    ),
    precision_recall=pd.DataFrame({"label": ["boar"], "recall": [0.5], "precision": [0.5]}),
    field_hop_s=2.5,
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
EXAMPLE = Example("a", "5", "boar", "boar", True, "boar", [], Markup(), Markup(), Markup())


def content(results: Results = RESULTS, settings: Settings = Settings(), **card_changes: Any) -> PageContent:  # noqa: B008
    card = CARD.model_copy(update=card_changes)
    return page_content(results, card, corpus(), EXAMPLE, None, [], None, [], settings)


def test_labels_are_shown_by_name_and_in_their_colors() -> None:
    page = content()
    assert all(name in text for name in ("boar", "cane toad") for text in (page.title, page.purpose))
    colors = label_colors(LABELS)
    assert page.legend == [("boar", colors["boar"], ""), ("cane toad", colors["cane_toad"], "")]


def test_a_title_fits_any_number_of_labels() -> None:
    assert "boar" in default_title(["boar"])
    assert "12 animals" in default_title([str(n) for n in range(12)])
    assert "16 recordings of each" in default_purpose(["boar", "fox"], [16, 16])
    assert "9 to 16 recordings" in default_purpose(["boar", "fox"], [16, 9])
    assert "of each" not in default_purpose(["boar"], [16])


def test_words_of_a_person_stand_for_those_of_the_page_and_their_steps_come_first() -> None:
    settings = Settings(title="Toads", author="A", date="May", purpose="To know.", next_steps=("Record owls.",))
    page = content(settings=settings)
    assert (page.title, page.byline, page.purpose) == ("Toads", "A, May", "To know.")
    assert page.next_steps == [Statement("own", "Record owls."), *content().next_steps]


def test_sections_without_results_are_left_out() -> None:
    sections = [name for name, _ in content().sections]
    assert sections == ["data", "answer", "how", "confused", "certain", "limitations", "next"]
    in_the_field = content(replace(RESULTS, field=FIELD))
    assert "field" in [name for name, _ in in_the_field.sections]
    assert in_the_field.field
    assert in_the_field.field.charts


def test_the_confusion_has_none_as_row_and_column() -> None:
    confusion = content().uncertainty.confusion
    names = ["boar", "cane toad", "none"]
    assert confusion.table.columns.tolist() == ["true", *names]
    assert confusion.table[names].to_numpy().tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize(("head", "independent"), [("logistic", True), ("dense", False)])
@pytest.mark.parametrize("thresholds", [CARD.thresholds, None])
def test_labels_of_the_dense_head_share_a_probability_with_and_without_thresholds(
    head: str, independent: bool, thresholds: Any
) -> None:
    page = content(trained={"trainable": "none", "head": head}, thresholds=thresholds)
    assert (page.independent, page.rejects) == (independent, thresholds is not None)


def test_labels_with_reviewed_thresholds_are_a_limitation() -> None:
    reviewed = {"boar": Reviewed(precision=0.9, events=40, recordings=12)}
    assert "reviewed" in [of.about for of in content(reviewed=reviewed).limitations]
    assert "reviewed" not in [of.about for of in content().limitations]


def test_without_thresholds_nothing_is_rejected() -> None:
    assert content().rejects
    assert not content(thresholds=None).rejects


def test_the_card_says_how_the_network_was_trained_and_with_which_libraries() -> None:
    assert content().frozen
    assert not content(trained={"trainable": "all"}).frozen
    assert content().versions == ["tensorflow 2.21", "numpy 2.0"]


def compared(folder: Path, *errors: int, thresholds: bool = False) -> Any:
    for name, n_errors, draws in zip(("baseline", "rerun"), errors, (2, 4), strict=True):
        write_experiment(folder / name, {"train": {"head": name}}, n_errors, draws, thresholds=thresholds)
        (folder / name / "plots/crossval").mkdir(exist_ok=True)
    return compare_experiments(folder, CORPUS)


@pytest.mark.parametrize(
    ("errors", "outcome"),
    [((8, 1), "better"), ((1, 8), "worse"), ((2, 2), "same"), ((5, 0), "same")],  # five sources are too few
)
def test_a_run_is_better_by_the_rule_of_pull_requests(tmp_path: Path, errors: tuple[int, int], outcome: str) -> None:
    comparison = compared(tmp_path, *errors)
    change = comparison.difference
    assert change.outcome(lower_is_better=False) == outcome
    assert change.differing == abs(errors[0] - errors[1])
    accuracies_of_runs, difference = rerun_sentences(comparison)
    assert (f"is {outcome} by" in difference) == (outcome != "same")
    assert f"{round(100 * abs(change.value))} percentage points" in difference
    for errors_of_run in errors:
        assert f"{100 - 5 * errors_of_run}%" in accuracies_of_runs


@pytest.mark.parametrize(("low", "high", "differing"), [(0.0, 0.0, 0), (-0.002, 0.002, 9)])
def test_a_difference_that_rounds_to_nothing_has_no_minus(
    tmp_path: Path, low: float, high: float, differing: int
) -> None:
    change = Change(0.9, 0.9 + low, low, high, differing)
    sentence = rerun_sentences(replace(compared(tmp_path, 2, 2), difference=change))[1]
    assert "-0" not in sentence
    assert "+0" not in sentence


def test_both_runs_have_the_accuracy_of_all_their_draws_and_the_difference_is_of_those_in_common(
    tmp_path: Path,
) -> None:
    comparison = compared(tmp_path, 8, 1)
    difference = rerun_sentences(comparison)[1]
    assert all(text in difference for text in ("2 draws", "4", "35 percentage points"))
    of_runs = accuracies(comparison)
    assert (of_runs.first["value"], of_runs.second["value"]) == (0.6, 0.95)
    assert of_runs.measure == "accuracy among animals"
    assert accuracies(compared(tmp_path / "both", 8, 1, thresholds=True)).measure != of_runs.measure


def test_changed_parameters_are_said_in_words_where_there_are_words_for_them() -> None:
    params = [("augmentation.copies", "0", "8"), ("crossval.draws", "5", "100"), ("train.head", "dense", "logistic")]
    copies, head = changes(params)
    assert "8" in copies
    assert head != copies


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("augmentation.copies", NOT_SET, "8"),
        ("embed.slices", NOT_SET, "7"),
        ("train.head", NOT_SET, "dense"),
        ("split.train", "9", NOT_SET),
    ],
)
def test_a_parameter_that_a_run_does_not_have_has_no_words(name: str, before: str, after: str) -> None:
    assert changes([(name, before, after)]) == []


@pytest.mark.parametrize(("number", "noun"), [("1", "1 source "), ("9", "9 sources "), ("0.7", "0.7")])
def test_sources_are_a_number_or_a_share(number: str, noun: str) -> None:
    (sentence,) = changes([("split.train", "5", number)])
    assert noun in sentence


def test_a_learning_curve_that_stands_beside_the_first_run_is_not_shown_again(tmp_path: Path) -> None:
    comparison = compared(tmp_path, 8, 1)
    same = replace(RESULTS, curve=comparison.after.curve)
    for results, shown in ((RESULTS, True), (same, False)):
        page = page_content(results, CARD, corpus(), EXAMPLE, comparison, [], None, [], Settings())
        assert (page.uncertainty.learning_curve in page.certainty_charts) == shown
        assert page.certainty_charts[-2:] == [page.uncertainty.draws, page.uncertainty.reliability]
