"""What is read from the table that the page of a review exported."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.models.card import card_digest
from project_echo.reviews import exchange
from project_echo.reviews.answer_tables import read_answers
from project_echo.reviews.answered import read_answered
from project_echo.reviews.exchange import RANDOM
from tests.project_echo.reviews.conftest import WriteLabels

LABELS = ["fox", "owl"]
DIGEST = 64 * "0"


def answer(verdict: str, label: str = "fox", start_s: float = 0, confidence: float = 0.8) -> dict[str, object]:
    times = {"start_s": start_s, "end_s": start_s + 2}
    return {
        "recording": "a.wav",
        "site": "pond",
        **times,
        "label": label,
        "peak_confidence": confidence,
        "verdict": verdict,
    }


def read(folder: Path, *answers: dict[str, object]) -> tuple[pd.DataFrame, pd.DataFrame]:
    pd.DataFrame(answers).to_csv(folder / "labels.csv", index=False)
    return read_answered(folder / "labels.csv", LABELS, DIGEST)


def test_a_label_is_confirmed_by_accepted_alone_and_open_if_nobody_was_sure(tmp_path: Path) -> None:
    verdicts = [*exchange.VERDICTS, " Accepted "]
    events, windows = read(tmp_path, *(answer(verdict, start_s=number) for number, verdict in enumerate(verdicts)))
    correct = dict(zip(verdicts, events["correct"], strict=True))
    assert correct.pop(" Accepted ") and correct.pop(exchange.ACCEPTED)
    assert correct.pop(exchange.SKIPPED) is correct.pop(exchange.UNDECIDED) is pd.NA
    assert correct and not any(correct.values())
    assert list(events) == ["recording", "site", "label", "confidence", "correct"]
    assert windows.empty


def test_repeated_rows_count_once_and_an_answer_counts_more_than_none(tmp_path: Path) -> None:
    once, _ = read(tmp_path, answer("accepted"), answer("rejected", start_s=5), answer("accepted", "owl"))
    rows = [
        answer("accepted"),
        answer("rejected", start_s=5),
        answer(""),
        answer("accepted", "owl"),
        answer("accepted"),
    ]
    for order in (rows, rows[::-1]):
        again, _ = read(tmp_path, *order)
        by = ["label", "correct"]
        pd.testing.assert_frame_equal(again.sort_values(by, ignore_index=True), once.sort_values(by, ignore_index=True))


@pytest.mark.parametrize("other", [answer("rejected"), answer("accepted", confidence=0.7)])
def test_rows_that_contradict_each_other_are_an_error_that_names_the_later(
    tmp_path: Path, other: dict[str, object]
) -> None:
    with pytest.raises(EchoError, match=r"labels\.csv, row 4 "):
        read(tmp_path, answer("accepted"), answer("accepted", start_s=3), other)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (answer("perhaps", start_s=3), "accepted"),
        (answer("accepted", "boar", start_s=3), "fox and owl"),
        (answer("accepted", start_s=3, confidence=80), "peak_confidence"),
    ],
)
def test_an_unusable_row_is_an_error_that_names_it(tmp_path: Path, wrong: dict[str, object], named: str) -> None:
    with pytest.raises(EchoError, match=r"labels\.csv, row 3 ") as error:
        read(tmp_path, answer("accepted"), wrong)
    assert named in str(error.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"labels\.csv has no column verdict\b"):
        read(tmp_path, {name: value for name, value in answer("accepted").items() if name != "verdict"})


def test_random_windows_are_told_from_events(tmp_path: Path) -> None:
    heard = answer("accepted", confidence=0.1) | {"sample": RANDOM}
    events, windows = read(tmp_path, answer("accepted") | {"sample": ""}, heard)
    assert events["confidence"].tolist() == [0.8]
    assert windows["confidence"].tolist() == [0.1]


def test_answers_to_events_of_another_classifier_are_an_error(tmp_path: Path) -> None:
    of_this = answer("accepted") | {"sample": "", "model": exchange.model_name(DIGEST)}
    other = answer("accepted", start_s=5) | {"sample": ""}
    assert len(read(tmp_path, of_this, other | {"model": ""})[0]) == 2
    with pytest.raises(EchoError, match=r"labels\.csv .* another classifier"):
        read(tmp_path, of_this, other | {"model": exchange.model_name(64 * "1")})


def test_a_table_that_lacks_the_model_alone_keeps_all_labels_that_were_heard(write_labels: WriteLabels) -> None:
    path = write_labels({1: ("accepted", "boar|frog"), 2: ("rejected", "none")})
    table = read_answers(path, "")
    assert "boar|frog" in set(table["reviewed_label"])
    pd.read_csv(path, keep_default_na=False).drop(columns="model").to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_answers(path, ""), table.assign(model=""))


def test_what_the_page_exports_is_read(write_labels: WriteLabels, by_pitch_or_none: Path) -> None:
    path = write_labels({1: ("accepted", ""), 2: ("rejected", "none"), 3: ("skipped", "")})
    exported = pd.read_csv(path)
    events, _ = read_answered(path, exported["label"].unique().tolist(), card_digest(by_pitch_or_none))
    assert len(events) == len(exported)
    assert events["confidence"].tolist() == exported["peak_confidence"].tolist()
    assert (events["correct"].eq(True).sum(), events["correct"].eq(False).sum()) == (1, 1)
