"""The verdict in one sentence."""

import numpy as np
import pytest

from project_echo.compare import verdict, words
from project_echo.compare.evidence import Evidence
from project_echo.compare.metrics import Metric, Pairs
from project_echo.evaluation.paired import Change, ratio_change

FEWER = Change(191.3, 141.3, -80.1, -23.4, 12)
MORE = Change(141.3, 191.3, 23.4, 80.1, 12)
UNSURE = Change(141.3, 139.2, -9.5, 5.1, 12)
FOUND = Change(0.8, 0.9, 0.04, 0.16, 20)
MISSED = Change(0.9, 0.8, -0.16, -0.04, 20)
FEW = Change(0.8, 0.9, 0.04, 0.16, 3)
EQUAL = Change(0.85, 0.85, 0.0, 0.0, 0)


def judge(changes: dict[words.Key, Change]) -> verdict.Verdict:
    evidence = Evidence(changes, {f"owl-{number}" for number in range(64)}, ["Rests on this."])
    return verdict.judge(evidence, {})


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({words.FALSE_EVENTS: FEWER, words.FOUND: EQUAL}, "better"),
        ({words.FALSE_EVENTS: MORE, words.FOUND: EQUAL}, "worse"),
        ({words.FALSE_EVENTS: UNSURE, words.FOUND: FOUND}, "better"),
        ({words.FALSE_EVENTS: UNSURE, words.FOUND: MISSED}, "worse"),
        ({words.FALSE_EVENTS: FEWER, words.FOUND: MISSED}, "mixed"),
        ({words.FALSE_EVENTS: FEWER, words.DECIDED: MISSED}, "mixed"),
        ({words.FALSE_EVENTS: UNSURE, words.FOUND: EQUAL}, "same"),
        ({words.FOUND: FEW}, "same"),
        ({words.DECIDED: FOUND}, "better"),
        ({words.FALSE_POSITIVES: FOUND, words.DECIDED: EQUAL}, "worse"),
        ({words.ACCURACY: FOUND}, "better"),
        ({words.ACCURACY: FOUND, words.DECIDED: EQUAL}, "unchanged"),  # decisions count, where there are any
        ({words.FALSE_EVENTS: EQUAL, words.MACRO_F1: FOUND, words.DECIDED: EQUAL}, "unchanged"),
    ],
)
def test_the_kind_follows_from_the_paired_differences(changes: dict[words.Key, Change], kind: verdict.Kind) -> None:
    judged = judge(changes)
    assert judged.kind == kind
    assert judged.sentence.startswith(f"**{verdict.OPENINGS[kind]}**")
    assert "64 sources" in judged.sentence
    assert "\n" not in judged.sentence
    assert "Rests on this." in judged.basis


def test_the_sentence_says_by_how_much_field_first() -> None:
    sentence = judge({words.DECIDED: FOUND, words.FOUND: EQUAL, words.FALSE_EVENTS: FEWER}).sentence
    numbers = ["191.3", "141.3", "-50.0", "-80.1 to -23.4", "80.0%", "90.0%"]
    places = [sentence.index(number) for number in numbers]
    assert places == sorted(places)
    assert sentence.index("85.0%") > places[-1]  # what is not told apart comes last


def test_a_difference_of_few_sources_says_so() -> None:
    assert "only 3 sources" in judge({words.FOUND: FEW}).sentence
    assert "only 3 recordings" in judge({words.FALSE_EVENTS: Change(141.3, 91.3, -80.1, -23.4, 3)}).sentence


def change_of(gain: float) -> Change:
    """A difference with its replicates, on 60 sources."""
    draw = np.random.default_rng(1)
    after = draw.normal(size=60)
    after = (after - after.mean()) / after.std() + gain
    return ratio_change(np.zeros(60), after, np.ones(60), np.arange(60), np.zeros(60))


def test_of_several_metrics_each_must_be_surer_than_one_alone() -> None:
    likely, sure = change_of(0.29), change_of(0.5)
    assert 0 < likely.low < likely.value < 0.3
    assert judge({words.FOUND: likely}).kind == "better"
    four = dict.fromkeys((words.FALSE_EVENTS, words.DECIDED, words.FALSE_POSITIVES), EQUAL)
    assert judge({words.FOUND: likely, **four}).kind == "same"
    assert judge({words.FOUND: sure, **four}).kind == "better"


def test_the_intervals_of_several_metrics_hold_at_once_and_are_those_of_the_tables() -> None:
    changes = dict.fromkeys((words.FALSE_EVENTS, words.FOUND, words.DECIDED, words.FALSE_POSITIVES), change_of(0.5))
    shown = verdict.simultaneous(changes)
    assert all(shown[key] == change.at(0.0125) for key, change in changes.items())
    assert shown[words.FOUND].low < changes[words.FOUND].low
    alone = {words.FOUND: change_of(0.5)}
    assert verdict.simultaneous(alone) == alone
    assert verdict.bounds(shown[words.FOUND], "share") in judge(changes).sentence


def test_equal_scores_are_of_each_source_or_recording() -> None:
    assert "every source," in judge({words.FOUND: EQUAL}).sentence
    assert "every recording and source," in judge({words.FALSE_EVENTS: EQUAL, words.FOUND: EQUAL}).sentence


def test_what_cannot_be_compared_has_no_numbers() -> None:
    judged = verdict.judge(Evidence({}, set(), ["A note."], "the corpora differ"), {})
    assert judged.kind == "incomparable"
    assert "the corpora differ" in judged.sentence
    assert judged.basis == "A note."


def test_the_mean_average_precision_stands_beside_as_it_is_not_paired() -> None:
    evidence = Evidence({words.FOUND: FOUND}, {"owl-1"}, [])
    pairs: Pairs = {verdict.MAP: (Metric(0.75, (0.7, 0.8)), Metric(0.8125, (0.7, 0.9)))}
    basis = verdict.judge(evidence, pairs).basis
    assert "0.750" in basis
    assert "0.812" in basis
    assert "mAP" not in verdict.judge(evidence, {verdict.MAP: (Metric(0.75), Metric(None))}).basis
