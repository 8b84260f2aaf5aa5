"""The layout of a corpus is recognized, and an unusable corpus is refused."""

from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.corpora.collect import collect
from project_echo.evaluation import predictions
from project_echo.models import windows
from tests.sounds import fill


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ([], "0 labels"),
        (["loose.wav"], "0 labels"),
        (["boar/a.wav", "boar/b.wav", "unseen/c.wav"], "1 label: boar"),
        (["boar/a.wav", "none/rain/b.wav", "none/c.wav"], "1 label: boar"),
    ],
)
def test_fewer_than_two_labels_are_an_error(tmp_path: Path, names: list[str], labels: str) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(EchoError) as error:
        collect(fill(tmp_path / "mine", *names), tmp_path, tmp_path / "corpus")
    assert str(error.value).startswith(str(tmp_path / "mine"))
    assert labels in str(error.value)
    assert "<label>/<file>" in str(error.value)


def test_a_missing_corpus_names_the_parameter_to_change(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"gone\.yaml .*collect\.corpus"):
        collect(tmp_path / "gone.yaml", tmp_path, tmp_path / "corpus")


@pytest.mark.parametrize(("content", "layout"), [("layout: birdnet\n", "birdnet"), ("seed: 1\n", "None")])
def test_an_unknown_layout_is_an_error_that_names_the_known_ones(tmp_path: Path, content: str, layout: str) -> None:
    (tmp_path / "c.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(EchoError, match=rf"c\.yaml: layout = .*{layout}.*demo.*esc50"):
        collect(tmp_path / "c.yaml", tmp_path, tmp_path / "corpus")


def test_a_kind_of_background_that_is_also_a_label_is_refused(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav", "dog/b.wav", "none/dog/c.wav")
    with pytest.raises(EchoError, match=r"mine: dog .*background"):
        collect(mine, tmp_path, tmp_path / "corpus")


@pytest.mark.parametrize("label", ["truth", "animal", *windows.TIME_COLUMNS, *predictions.KEYS])
def test_a_label_that_is_a_column_of_the_results_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(EchoError, match=f"mine: .* {label} "):
        collect(fill(tmp_path / "mine", "boar/a.wav", f"{label}/b.wav"), tmp_path, tmp_path / "corpus")
