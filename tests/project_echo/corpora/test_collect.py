"""From the parameter to a corpus: which layout it is, and what is wrong with it."""

from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.corpora.collect import collect
from project_echo.evaluation import crossval
from project_echo.screening import windows
from tests.sounds import fill


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "holds 0 recordings of 0 label"),
        (["loose.wav"], "holds 0 recordings of 0 label"),
        (["boar/a.wav", "boar/b.wav", "unseen/c.wav"], "of 1 label.s.: boar"),
        (["boar/a.wav", "none/rain/b.wav", "none/c.wav"], "of 1 label.s.: boar"),
    ],
)
def test_fewer_than_two_labels_are_an_error_that_says_what_to_do(tmp_path: Path, names: list[str], told: str) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(EchoError, match=told) as error:
        collect(fill(tmp_path / "mine", *names), tmp_path, tmp_path / "corpus")
    assert str(error.value).startswith(str(tmp_path / "mine"))
    assert "put recordings in <label>/<file>" in str(error.value)


def test_a_missing_corpus_names_the_parameter_to_change(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"gone\.yaml is not there\. Set collect\.corpus"):
        collect(tmp_path / "gone.yaml", tmp_path, tmp_path / "corpus")


@pytest.mark.parametrize("content", ["layout: birdnet\n", "seed: 1\n"])
def test_an_unknown_layout_says_which_there_are(tmp_path: Path, content: str) -> None:
    (tmp_path / "c.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(EchoError, match=r"c\.yaml: layout = .*Use demo or esc50"):
        collect(tmp_path / "c.yaml", tmp_path, tmp_path / "corpus")


def test_a_kind_of_background_that_is_also_a_label_is_refused(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav", "dog/b.wav", "none/dog/c.wav")
    with pytest.raises(EchoError, match=r"mine has dog both as a label and as a kind of background\. Rename"):
        collect(mine, tmp_path, tmp_path / "corpus")


@pytest.mark.parametrize("label", ["truth", "animal", "other", *windows.WINDOW, *crossval.KEYS])
def test_a_label_that_the_results_need_themselves_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(EchoError, match=rf"has a label {label}, .*Rename it"):
        collect(fill(tmp_path / "mine", "boar/a.wav", f"{label}/b.wav"), tmp_path, tmp_path / "corpus")
