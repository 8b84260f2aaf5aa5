"""Sentences follow the numbers."""

import numpy as np
import pandas as pd
import pytest

from project_echo.report import findings
from project_echo.report.accuracies import label_accuracies
from project_echo.report.ranking import rank, shares_of
from tests.project_echo.report.results import (
    BINS,
    BY_LABEL,
    CROSSVAL,
    DECIDED,
    EVALUATE,
    FLAT,
    RISING,
    changed,
    interval,
    without_background,
)


def test_confusions_state_what_becomes_of_clips_and_which_labels_are_confused() -> None:
    of_a_hundred, recall, confused, background = findings.confusions(CROSSVAL, BY_LABEL)
    assert all(f" {number} " in of_a_hundred for number in (100, 82, 15, 3))  # 97 are noticed, 82 of them named right
    assert recall.index("tree frog (100%") < recall.index("boar (80%")
    assert all(text in confused for text in ("cane toad and fox", "3%"))
    assert all(text in background for text in ("5%", "1 to 10%"))


def test_what_becomes_of_a_hundred_clips_adds_up_after_rounding() -> None:
    rates = {**CROSSVAL["rejection"], "detection_rate": 0.8775, "correct_detection_rate": 0.8488}
    sentence = findings.confusions(changed(rejection=rates), BY_LABEL)[0]
    assert sum(int(word) for word in sentence.replace(",", "").split() if word.isdecimal()) == 100 + 100


def test_labels_are_named_as_best_and_worst_only_if_their_intervals_do_not_overlap() -> None:
    ranking = rank(BY_LABEL)
    assert ranking
    assert (ranking.highest, ranking.lowest, ranking.apart) == (["tree frog"], ["boar"], True)
    overlapping = rank(BY_LABEL | {"boar": interval(0.8, 0.1)})
    assert overlapping
    assert not overlapping.apart
    sentence = findings.confusions(CROSSVAL, BY_LABEL | {"boar": interval(0.8, 0.1)})[1]
    assert not any(label in sentence for label in ("boar", "fox", "tree frog"))
    assert "80 to 100%" in sentence


def test_labels_with_equal_shares_are_all_named() -> None:
    ranking = rank(BY_LABEL | {"cane_toad": BY_LABEL["tree_frog"]})
    assert ranking
    assert ranking.highest == ["cane toad", "tree frog"]
    assert rank({}) is None
    same = rank(dict.fromkeys(("boar", "fox"), interval(0.9)))
    assert same
    assert (same.equal, same.apart) == (True, False)


def test_the_ranking_is_that_of_the_predictions() -> None:
    """A label that is always right and one that never is, by the table that the page is made of."""
    rows = [(0, f"{label}-{n}", label, right) for label, right in (("a", "a"), ("b", "a")) for n in range(8)]
    pooled = pd.DataFrame(rows, columns=["draw", "source", "truth", "prediction"])
    ranking = rank(shares_of(label_accuracies(pooled, ["a", "b"], "")))
    assert ranking
    assert (ranking.most["value"], ranking.least["value"], ranking.apart) == (1, 0, True)
    assert (ranking.highest, ranking.lowest) == (["a"], ["b"])


def test_background_that_a_single_animal_is_told_from_is_called_other_sounds() -> None:
    pair = {"pair": ["boar", "none"], "errors": 4, "rate": 0.08}
    scores = {"boar": interval(0.7), "none": interval(0.9)}
    _, recall, confused, _ = findings.confusions(changed(most_confused=pair), scores)
    assert "other sounds (90%" in recall
    assert "8%" in confused
    assert "none" not in recall + confused


def test_without_differences_and_confusions_no_label_is_named() -> None:
    nothing = {"pair": None, "errors": 0, "rate": 0.0}
    same = dict.fromkeys(("boar", "fox"), interval(0.9))
    sentences = findings.confusions(without_background(most_confused=nothing), same)
    assert len(sentences) == 2
    assert "90%" in sentences[0]
    assert not any(label in sentence for sentence in sentences for label in ("boar", "fox"))


def test_certainty_is_of_the_accuracy_that_is_the_headline() -> None:
    tested, repeated, learning, *probabilities = findings.certainty(changed(**DECIDED), EVALUATE, RISING, BINS)
    assert all(text in tested for text in ("8 clips", " 8 of them", "67 to 100%"))
    assert all(text in repeated for text in ("100 times", "82%", "78 and 86%"))
    assert all(text in learning for text in ("80%", "7 sources", "90%", "9 sources"))
    assert len(probabilities) == 2
    assert "90%" in findings.certainty(CROSSVAL, EVALUATE, RISING, BINS)[1]


def test_high_probabilities_are_measured_apart_from_the_many_low_ones() -> None:
    middle, high = findings.high_probabilities(BINS)
    assert (middle.low, middle.high, middle.pairs) == (0.5, 0.9, 80)
    assert middle.probability == pytest.approx((60 * 0.55 + 20 * 0.85) / 80)
    assert middle.there == pytest.approx((60 * 0.3 + 20 * 0.7) / 80)
    assert high.pairs == 20
    assert [high.probability, high.there] == pytest.approx([0.95, 0.9])


def test_high_probabilities_are_those_of_the_clips() -> None:
    """Recomputed from single pairs of a clip and a label."""
    generator = np.random.default_rng(1)
    pairs = pd.DataFrame({"probability": generator.random(3000)})
    pairs["there"] = generator.random(3000) < pairs["probability"] ** 2
    edges = np.arange(11) / 10
    bins = pairs.groupby(np.digitize(pairs["probability"], edges)).agg(
        confidence=("probability", "mean"), accuracy=("there", "mean"), clips=("there", "size")
    )
    bins = bins.assign(scaling="after", **{"from": edges[:-1], "to": edges[1:]})
    for measured in findings.high_probabilities(bins):
        inside = pairs[pairs["probability"].between(measured.low, measured.high)]
        assert measured.pairs == len(inside)
        assert measured.there == pytest.approx(inside["there"].mean())
        assert measured.probability == pytest.approx(inside["probability"].mean())


def test_without_a_curve_and_high_probabilities_nothing_is_said_of_them() -> None:
    assert len(findings.certainty(CROSSVAL, EVALUATE, FLAT.tail(1), BINS.head(2))) == 2


def test_the_tested_clips_of_decisions_are_those_of_animals() -> None:
    evaluate = {**EVALUATE, "clips": 10, "per_class": {"boar": {"support": 6}, "none": {"support": 4}}}
    assert findings.tested_clips(evaluate) == 10
    assert findings.tested_clips(evaluate | {"decided": {"accuracy": {"value": 0.5}}}) == 6


@pytest.mark.parametrize(
    ("recordings", "with_truth", "correct", "text"),
    [(0, 0, 0, "no unseen recordings"), (3, 0, 0, "3 recordings"), (5, 4, 3, "3 of 4")],
)
def test_unseen_recordings_are_counted(recordings: int, with_truth: int, correct: int, text: str) -> None:
    metrics = {"recordings": recordings, "with_truth": with_truth, "correct": correct}
    assert text in findings.unseen_recordings(metrics)
