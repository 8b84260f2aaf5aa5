"""The command `project-echo thresholds`: from the answers of a review to a classifier with other thresholds."""

import doctest
import logging
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import project_echo
from project_echo import cli
from project_echo.core.errors import EchoError
from project_echo.models.card import CARD, Reviewed, Threshold, read_card
from project_echo.models.thresholds import TABLE, read_thresholds
from project_echo.reviews.choosing import choosing_half
from project_echo.reviews.suggestion import SUGGESTED, TOO_FEW
from project_echo.reviews.thresholds import set_thresholds
from tests.conftest import LABELS
from tests.project_echo.conftest import Messages
from tests.project_echo.reviews.reviewed import review_of

LOW, HIGH = LABELS


def write_answers(path: Path, events: pd.DataFrame) -> Path:
    """Events as the page of a review exports them."""
    table = events.rename(columns={"confidence": "peak_confidence"})
    table["verdict"] = np.where(table.pop("correct"), "accepted", "not_this_label")
    table = table.assign(site="", start_s=np.arange(len(table)) * 10.0, end_s=np.arange(len(table)) * 10.0 + 5)
    table.to_csv(path, index=False)
    return path


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Many answers on one label, few on the other."""
    events = pd.concat([review_of(1, recordings=100, label=HIGH), review_of(2, recordings=6, events=1, label=LOW)])
    return write_answers(tmp_path / "labels.csv", events)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_copy_of_the_model_has_the_suggested_thresholds(
    by_pitch_or_none: Path, answers: Path, tmp_path: Path
) -> None:
    table = set_thresholds(by_pitch_or_none, answers, output=tmp_path / "new").set_index("label")
    assert table["outcome"].to_dict() == {HIGH: SUGGESTED, LOW: TOO_FEW}
    row, card = table.loc[HIGH], read_card(tmp_path / "new")
    assert card.thresholds is not None
    assert card.thresholds[0] == Threshold(0.5, 0.5, 0.5)
    assert card.thresholds[1] == pytest.approx((row["threshold"], row["low"], row["high"]))
    assert 0.5 < card.thresholds[1].value < 0.9
    assert card.reviewed == {HIGH: Reviewed(precision=0.9, events=row["events"], recordings=50)}
    (stated,) = read_thresholds(tmp_path / "new" / TABLE, LABELS).to_dict("records")
    assert (stated["label"], stated["threshold"]) == (HIGH, pytest.approx(row["threshold"]))
    loaded = project_echo.load_classifier(tmp_path / "new")
    assert loaded.thresholds == tuple(threshold.value for threshold in card.thresholds)


def test_the_order_and_repetition_of_rows_change_no_byte(by_pitch_or_none: Path, answers: Path, tmp_path: Path) -> None:
    set_thresholds(by_pitch_or_none, answers, output=tmp_path / "first")
    table = pd.read_csv(answers, keep_default_na=False)
    pd.concat([table.sample(frac=1, random_state=1), table[::7]]).to_csv(tmp_path / "shuffled.csv", index=False)
    set_thresholds(by_pitch_or_none, tmp_path / "shuffled.csv", output=tmp_path / "second")
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def test_an_earlier_output_is_replaced_and_nothing_else_is(
    by_pitch_or_none: Path, answers: Path, tmp_path: Path
) -> None:
    before = contents(by_pitch_or_none)
    for precision in (0.9, 0.8):
        set_thresholds(by_pitch_or_none, answers, output=tmp_path / "new", precision=precision)
        assert read_card(tmp_path / "new").reviewed[HIGH].precision == precision
    shutil.copytree(by_pitch_or_none, tmp_path / "trained")
    (tmp_path / "new" / "notes.txt").touch()
    (tmp_path / "file").touch()
    taken = (tmp_path, tmp_path / "new", tmp_path / "trained", tmp_path / "file", by_pitch_or_none)
    for output in (*taken, by_pitch_or_none / "inside"):
        with pytest.raises(EchoError) as error:
            set_thresholds(by_pitch_or_none, answers, output=output)
        assert str(output) in str(error.value)
    assert contents(tmp_path / "trained") == contents(by_pitch_or_none) == before
    assert (tmp_path / "new" / "notes.txt").exists()


def test_answers_that_give_no_threshold_leave_the_model_as_it_is(
    by_pitch_or_none: Path, tmp_path: Path, messages: Messages
) -> None:
    answers = write_answers(tmp_path / "labels.csv", review_of(2, recordings=6, events=1, label=LOW))
    set_thresholds(by_pitch_or_none, answers, output=tmp_path / "new")
    assert project_echo.load_classifier(tmp_path / "new").thresholds == (0.5, 0.5)
    assert not any(TABLE in line for line in messages())


def test_errors_name_the_table_or_the_model(
    by_pitch_or_none: Path, by_pitch: Path, answers: Path, tmp_path: Path
) -> None:
    table = pd.read_csv(answers)
    table.assign(verdict="skipped").to_csv(tmp_path / "unsure.csv", index=False)
    for model, labels, named in (
        (by_pitch, answers, by_pitch),  # the study's head has no thresholds
        (tmp_path, answers, tmp_path),
        (by_pitch_or_none, tmp_path / "unsure.csv", tmp_path / "unsure.csv"),
        (by_pitch_or_none, tmp_path / "none.csv", tmp_path / "none.csv"),
    ):
        with pytest.raises(EchoError) as error:
            set_thresholds(model, labels, output=tmp_path / "new")
        assert str(named) in str(error.value)
    assert not (tmp_path / "new").exists()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command in this process; its exit code."""
    monkeypatch.setattr(sys, "argv", ["project-echo", "thresholds", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    logging.getLogger("project_echo").handlers = []
    return int(end.value.code or 0) if not isinstance(end.value.code, str) else 1


def test_the_command_prints_each_label_beside_its_present_threshold(
    by_pitch_or_none: Path,
    answers: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, by_pitch_or_none, answers, "--output", tmp_path / "new", "--precision", "0.8") == 0
    lines = capsys.readouterr().out.splitlines()
    card = read_card(tmp_path / "new")
    assert card.thresholds is not None and card.reviewed[HIGH].precision == 0.8
    low, high = (next(line for line in lines if line.startswith(label)) for label in LABELS)
    assert "0.500" in high and f"{card.thresholds[1].value:.3f}" in high and "80%" in high
    assert "keeps" in low and "10" in low
    assert (tmp_path / "new" / CARD).exists() and str(tmp_path / "new") in lines[-1]


def test_a_precision_that_the_other_half_does_not_confirm_is_a_warning(
    by_pitch_or_none: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    events = review_of(1, recordings=100, label=HIGH)
    is_choosing = choosing_half(events["recording"], events["confidence"])
    wrong = write_answers(tmp_path / "labels.csv", events.assign(correct=events["correct"] & is_choosing))
    run(monkeypatch, by_pitch_or_none, wrong, "--output", tmp_path / "new")
    captured = capsys.readouterr()
    assert captured.err.startswith("warning: ") and HIGH in captured.err and captured.err.count("\n") == 1


def test_a_threshold_that_no_event_of_the_other_half_reaches_is_a_warning(
    by_pitch_or_none: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sure, unsure = review_of(1, recordings=50, label=HIGH), review_of(2, recordings=50, label=HIGH)
    events = pd.concat([sure, unsure[unsure["confidence"] < 0.5]])
    is_sure = events["recording"].isin(sure["recording"]).to_numpy()
    for name in "abcdefgh":  # chance decides which site chooses
        site = pd.Series(np.where(is_sure, "pond", name), events.index)
        if choosing_half(site, events["confidence"])[is_sure].all():
            break
    answers = write_answers(tmp_path / "labels.csv", events)
    table = pd.read_csv(answers).assign(site=site.to_numpy())
    table.to_csv(answers, index=False)
    run(monkeypatch, by_pitch_or_none, answers, "--output", tmp_path / "new")
    assert HIGH in read_card(tmp_path / "new").reviewed
    assert HIGH in capsys.readouterr().err


@pytest.mark.parametrize("precision", ["0", "1", "90", "nan"])
def test_an_unusable_precision_is_a_wrong_command_line(
    precision: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "model", "labels.csv", "--precision", precision) == 2
    assert "--precision" in capsys.readouterr().err.splitlines()[-1]


def test_the_examples_run(
    by_pitch_or_none: Path, answers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(by_pitch_or_none, "models/classifier")
    for function in (project_echo.set_thresholds, project_echo.suggest_thresholds):
        code = (function.__doc__ or "").replace('{"boar": 0.5}', str(dict.fromkeys(LABELS, 0.5)))
        names: dict[str, object] = {}
        for example in doctest.DocTestParser().get_examples(code):
            exec(example.source, names)
    assert (tmp_path / "models" / "reviewed" / TABLE).exists()
