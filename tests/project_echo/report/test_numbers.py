"""Numbers as people say them, the corpus, long recordings, and what is left to listen to."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.report import phrases, usefulness
from project_echo.report.corpus import describe_corpus, read_origin
from project_echo.report.field import describe_field
from project_echo.report.headlines import columns, headline, headline_figures
from tests.project_echo.report.results import CROSSVAL, DECIDED, FIELD, NOT_IN_THE_FIELD, changed, interval

INFER = {"recordings": 3, "with_truth": 2, "correct": 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.849, "85%"),
        (0, "0%"),
        (0.001, "less than 1%"),
        (0.999, "more than 99%"),
        (1.0, "100%"),
        (0.995, "more than 99%"),
    ],
)
def test_a_share_is_in_whole_percent_and_nothing_is_all_or_nothing_by_rounding(value: float, text: str) -> None:
    assert phrases.share(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 second"), (48, "48 seconds"), (120, "2 minutes"), (211, "3.5 minutes"), (36 * 3600, "1.5 days")],
)
def test_a_duration_is_in_its_largest_unit(seconds: float, text: str) -> None:
    assert phrases.duration(seconds) == text


@pytest.mark.parametrize("figures", range(1, 13))
def test_no_tile_is_alone_in_a_row(figures: int) -> None:
    assert columns(figures) <= 4
    assert figures <= 4 or figures % columns(figures) != 1


def test_events_that_overlap_are_listened_to_once() -> None:
    rows = [("a", 0, 10), ("a", 2, 4), ("a", 8, 12), ("a", 50, 60), ("b", 0, 8)]
    events = pd.DataFrame(rows, columns=["recording", "start_s", "end_s"])
    left = usefulness.listening(300, events)
    assert left.left_s == 12 + 10 + 8
    assert "10%" in left.sentence
    assert "no animal" in usefulness.listening(300, events.iloc[:0]).sentence


def test_the_headline_is_of_decisions_by_thresholds_where_there_are_some() -> None:
    decided = headline(changed(**DECIDED))
    assert decided.value == "82%"
    assert "82%" in decided.title
    assert "78 to 86%" in decided.note
    assert headline(changed(decided=None)).value == "90%"
    assert "accuracy among animals" in headline(CROSSVAL).note
    assert "accuracy among animals" not in decided.note


def test_the_headline_of_a_single_animal_is_of_its_clips_or_of_all() -> None:
    single = changed(recall={"boar": 0.8, "none": 0.9})
    titles = {headline(scores).title for scores in (single, single | DECIDED, CROSSVAL)}
    assert len(titles) == 3
    assert "accuracy against background" in headline(single).note


def test_figures_beside_the_headline_are_those_that_there_are() -> None:
    figures = {figure.title: figure.value for figure in headline_figures(changed(**DECIDED), FIELD, INFER, None)}
    assert figures["Accuracy among animals"] == "90%"
    assert list(figures.values())[1:] == ["5%", "82%", "141", "1 of 2"]
    runs = headline_figures(CROSSVAL, NOT_IN_THE_FIELD, {"with_truth": 0}, ("accuracy among animals", 0.28, 0.95))
    assert [figure.value for figure in runs] == ["5%", "28% → 95%"]


def test_long_recordings_are_described_by_what_a_user_gets() -> None:
    field = describe_field(FIELD, pd.DataFrame())
    assert field
    assert all(part in field.calls for part in ("40 calls", "5 dB below", "20 dB above"))
    assert [figure.value for figure in field.figures] == ["82%", "62%", "141", "0.80"]
    text = " ".join(field.findings)
    assert all(part in text for part in ("90%", "58%", "30%", "boar", "fox", "64%", "53% of those of owl", "7 minutes"))
    assert "dog" not in text
    assert "rain" not in text


def test_what_is_not_defined_in_long_recordings_is_left_out() -> None:
    assert describe_field(NOT_IN_THE_FIELD, pd.DataFrame()) is None
    events = {**FIELD["events"], "precision": None, "recall_clear": None, "distractors": {}}
    field = describe_field({**FIELD, "events": events, "both_found": None, "map": None}, pd.DataFrame())
    assert field
    assert [figure.value for figure in field.figures] == ["82%", "141"]
    assert usefulness.caveats(NOT_IN_THE_FIELD, 2.5) == []
    missed, wrong, measured = usefulness.caveats(FIELD, 2.5)
    assert "18%" in missed
    assert "38%" in wrong
    assert "2.5 s" in measured


def test_no_seconds_without_a_call_and_overlapping_labels_are_not_mentioned() -> None:
    none = {"value": 0.0, "low": 0.0, "high": 0.0}
    labels = {label: of | {"recall": interval(0.8, 0.2)} for label, of in FIELD["events"]["per_label"].items()}
    field, without = (
        describe_field({**FIELD, "events": {**FIELD["events"], **changes}}, pd.DataFrame())
        for changes in ({}, {"false_seconds_per_hour": none, "per_label": labels})
    )
    assert field
    assert without
    assert len(field.findings) - len(without.findings) == 2
    assert not any("boar" in finding for finding in without.findings)


@pytest.mark.parametrize("levels", [("10",), ("0",), ()])
def test_calls_of_one_loudness_have_no_range(levels: tuple[str, ...]) -> None:
    recalls = {level: {"calls": 1, **interval(0.5)} for level in levels}
    field = describe_field({**FIELD, "events": {**FIELD["events"], "recall_by_snr": recalls}}, pd.DataFrame())
    assert field
    assert "from" not in field.calls
    assert field.calls.count("background") == len(levels)


@pytest.mark.parametrize(("recall", "precision", "sentences"), [(1.0, 1.0, 2), (0.0, 0.0, 3), (0.5, 1.0, 2)])
def test_caveats_have_no_share_of_nothing_or_all(recall: float, precision: float, sentences: int) -> None:
    events = {"recall": interval(recall), "precision": interval(precision)}
    caveats = usefulness.caveats({"events": events}, 2.5)
    assert len(caveats) == sentences
    assert not any(text in caveat for caveat in caveats for text in (" 0%", "100%"))


def test_a_recording_full_of_events_saves_nothing() -> None:
    sentence = usefulness.Listening(60.0, 60.0).sentence
    assert "%" not in sentence


def test_a_corpus_is_called_by_its_layout_or_its_folder(tmp_path: Path) -> None:
    for layout in ("demo", "esc50"):
        (tmp_path / f"{layout}.yaml").write_text(f"layout: {layout}", encoding="utf-8")
    assert read_origin(str(tmp_path / "demo.yaml")).synthetic
    assert read_origin(str(tmp_path / "esc50.yaml")).name == "ESC-50"
    pond = read_origin(str(tmp_path / "pond"))
    assert (pond.name, pond.synthetic) == ("pond", False)


def test_recordings_sources_and_clips_of_each_label_are_counted() -> None:
    rows = [("a", "fox", "fox", "s1", False), ("b", "fox", "fox", "s1", False), ("c", "none", "rain", "s2", False)]
    rows += [("d", "none", "sea_waves", "s3", False), ("unseen/e", "fox", "fox", "s4", True)]
    recordings = pd.DataFrame(rows, columns=["recording", "label", "kind", "source", "unseen"])
    audio = pd.DataFrame({"recording": ["a", "unseen/e"], "duration_s": [10.0, 120.0]})
    clips = pd.DataFrame({"clip": ["a1", "a2", "c1"], "label": ["fox", "fox", "none"]})
    described = describe_corpus(read_origin("pond"), recordings, audio, clips, ["fox", "owl"], 3)
    assert [(of.label, of.recordings, of.sources, of.clips, of.kinds) for of in described.amounts] == [
        ("fox", 2, 1, 2, ""),
        ("owl", 0, 0, 0, ""),
        ("other sounds", 2, 2, 1, "rain and sea waves"),
    ]
    assert (described.unseen, described.unseen_length, described.skipped) == (1, "2 minutes", 3)
    assert [amount.label for amount in described.animals] == ["fox", "owl"]


@pytest.mark.parametrize("kind", ["", "none"])
def test_background_without_kinds_is_no_animal(kind: str) -> None:
    rows = [("a", "fox", "fox", "s1", False), ("c", "none", kind, "s2", False)]
    recordings = pd.DataFrame(rows, columns=["recording", "label", "kind", "source", "unseen"])
    audio = pd.DataFrame({"recording": ["a"], "duration_s": [10.0]})
    described = describe_corpus(
        read_origin("pond"), recordings, audio, pd.DataFrame({"label": ["fox", "none"]}), ["fox"], 0
    )
    assert [amount.label for amount in described.animals] == ["fox"]
    assert [(amount.is_background, amount.kinds) for amount in described.amounts] == [(False, ""), (True, "")]
    assert described.summary.startswith("1 recording of 1 animal")


@pytest.mark.parametrize(
    ("low", "high", "text", "between"),
    [
        (0.78, 0.91, "78 to 91%", "between 78 and 91%"),
        (0.002, 0.997, "<1 to >99%", "between <1 and >99%"),
        (0.0, 1.0, "0 to 100%", "between 0 and 100%"),
        (0.951, 0.954, "95%", "at about 95%"),
    ],
)
def test_the_interval_of_a_share_reaches_0_and_100_only_if_it_does(
    low: float, high: float, text: str, between: str
) -> None:
    assert phrases.share_range({"low": low, "high": high}) == text
    assert phrases.share_between({"low": low, "high": high}) == between


@pytest.mark.parametrize(("value", "text"), [(-0.002, "0"), (0.002, "0"), (0.351, "+35"), (-0.12, "-12")])
def test_a_difference_has_no_sign_before_zero(value: float, text: str) -> None:
    assert phrases.points(value, sign=True) == text
