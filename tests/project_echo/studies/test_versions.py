"""Where a classifier may be written, and that earlier ones are kept."""

import json
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.studies.versions import check_target, copy_model, keep_version, latest_version
from tests.sounds import fill

ANSWERS = "draw,clip,source,truth,prediction\n0,a/1-0.0,a/1,a,a\n"


def trained(study: Path, card: str, accuracy: float) -> Path:
    fill(study, "models/classifier/head.npz")
    (study / "models/classifier/classifier.json").write_text(card)
    for name, text in {
        "plots/crossval/decided.csv": ANSWERS,
        "plots/crossval/predictions.csv": ANSWERS,
        "metrics/crossval.json": json.dumps({"accuracy": accuracy}),
        "metrics/field.json": "{}",
    }.items():
        fill(study, name)
        (study / name).write_text(text)
    return study


def test_another_classifier_is_another_version_and_the_same_one_is_not(tmp_path: Path) -> None:
    assert latest_version(tmp_path) is None
    first = keep_version(trained(tmp_path, "one", 0.5))
    assert keep_version(trained(tmp_path, "one", 0.6)).folder == first.folder  # another test of the same classifier
    second = keep_version(trained(tmp_path, "two", 0.7))
    assert (first.model / "classifier.json").read_text() == "one"
    latest = latest_version(tmp_path)
    assert latest is not None and latest.folder == second.folder != first.folder
    assert latest.crossval == {"accuracy": 0.7} and len(latest.decided) == 1


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["notes.txt"], r"notes\.txt"),
        (["classifier.json", "thesis.docx"], r"thesis\.docx"),
        (["head.npz"], "no classifier"),
        (["classifier.json", "head.npz"], "not trained"),  # a classifier of somebody else
    ],
)
def test_a_folder_of_something_else_is_not_overwritten(tmp_path: Path, names: list[str], reason: str) -> None:
    fill(tmp_path / "boars", *names)
    keep_version(trained(tmp_path / "boars-study", "ours", 0.5))
    with pytest.raises(EchoError, match=reason):
        check_target(tmp_path / "boars", tmp_path / "boars-study")
    (tmp_path / "file").touch()
    with pytest.raises(EchoError, match="is a file"):
        check_target(tmp_path / "file", tmp_path / "file-study")


def test_a_new_or_empty_folder_and_a_classifier_of_the_study_are_fine(tmp_path: Path) -> None:
    check_target(tmp_path / "boars", tmp_path / "boars-study")
    (tmp_path / "boars").mkdir()
    check_target(tmp_path / "boars", tmp_path / "boars-study")
    versions = [keep_version(trained(tmp_path / "boars-study", card, 0.5)) for card in ("one", "two")]
    copy_model(versions[0].model, tmp_path / "boars")  # it was killed before it copied the second one
    check_target(tmp_path / "boars", tmp_path / "boars-study")
