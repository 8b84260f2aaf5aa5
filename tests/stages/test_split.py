"""The split stage: the table on disk."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.split import assert_no_leak
from stages import split

CLIPS, SPLIT = Path("data/clips"), Path("data/split.csv")


@pytest.fixture(autouse=True)
def clips(workspace: Path, set_params: Callable[..., None]) -> None:
    set_params("split", train=3, validation=1, test=1, seed=1)
    rows = [
        (f"{label}/{n:03}-{k}", f"{label}/{n:03}", label, label, f"{n:03}", 0.0, -20.0)
        for label, offset in (("boar", 0), ("1", 50))
        for n in range(offset, offset + 6)
        for k in range(2)
    ]
    columns = ["clip", "recording", "label", "kind", "source", "start_s", "level_dbfs"]
    write_table(pd.DataFrame(rows, columns=columns), CLIPS / "clips.csv")


def test_every_clip_has_a_part_and_names_that_look_like_numbers_stay_text(capsys: pytest.CaptureFixture[str]) -> None:
    split.main(CLIPS, SPLIT)
    table = read_table(SPLIT)
    assert list(table.columns) == ["clip", "recording", "label", "kind", "source", "part"]
    assert len(table) == 24
    assert table["source"].tolist()[:2] == ["000", "000"]
    assert set(table["label"]) == set(table["kind"]) == {"boar", "1"}
    assert_no_leak(table)
    assert "6 train, 2 validation, 2 test, 2 unused" in capsys.readouterr().out


def test_too_few_sources_are_an_error_and_the_earlier_split_is_kept(set_params: Callable[..., None]) -> None:
    split.main(CLIPS, SPLIT)
    before = SPLIT.read_bytes()
    set_params("split", train=9)
    with pytest.raises(EchoError, match=r"class 1 .*split\.train 9"):
        split.main(CLIPS, SPLIT)
    assert SPLIT.read_bytes() == before


@pytest.mark.parametrize("label", ["boar", "none"])
def test_clips_of_a_single_label_are_an_error_that_names_it(label: str) -> None:
    table = read_table(CLIPS / "clips.csv")
    write_table(table[table["label"] == "boar"].assign(label=label), CLIPS / "clips.csv")
    with pytest.raises(EchoError, match=rf"of {label}: .*background.*skipped\.csv"):
        split.main(CLIPS, SPLIT)
    assert not SPLIT.exists()


def test_a_single_animal_and_background_are_split() -> None:
    table = read_table(CLIPS / "clips.csv")
    write_table(table.assign(label=table["label"].replace("1", "none")), CLIPS / "clips.csv")
    split.main(CLIPS, SPLIT)
    assert set(read_table(SPLIT)["label"]) == {"boar", "none"}
