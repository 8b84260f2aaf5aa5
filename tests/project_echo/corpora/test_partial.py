"""labels.csv beside a folder of recordings: what is stated about parts of them."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.labels import PARTIAL
from project_echo.corpora.collected import Found
from project_echo.corpora.partial import leave_out_unstated, read_stated

FOUND = [
    Found("boar/a.wav", "boar", "boar", "a", False, "boar/a.wav", ()),
    Found("Tree_Frog/b.wav", "Tree_Frog", "Tree_Frog", "b", False, "Tree_Frog/b.wav", ()),
    Found("none/c.wav", "none", "none", "c", False, "none/c.wav", ()),
    Found("unseen/d.wav", "", "", "unseen/d.wav", True, "Unseen/d.wav", ()),
    *(Found(f"{PARTIAL}/{name}.wav", PARTIAL, PARTIAL, "s", False, f"{PARTIAL}/{name}.wav", ()) for name in "ef"),
]


def write(folder: Path, *rows: str) -> None:
    for item in FOUND:
        (folder / item.original).parent.mkdir(exist_ok=True)
        (folder / item.original).touch()
    (folder / "boar/not-used.wav").touch()
    (folder / "labels.csv").write_text("\n".join(["file,start_s,end_s,label,present", *rows]) + "\n", "utf-8")


def test_rows_are_of_recordings_and_of_the_labels_as_their_folders_are_named(tmp_path: Path) -> None:
    write(tmp_path, "none/c.wav,3,4.5,tree frog,Yes", "boar/a.wav,0,1,boar,no", "boar/not-used.wav,0,1,boar,no")
    stated = read_stated(tmp_path, FOUND)
    assert stated.to_numpy().tolist() == [
        ["boar/a.wav", "boar", 0.0, 1.0, "no"],
        ["none/c.wav", "Tree_Frog", 3.0, 4.5, "yes"],
    ]


def test_calls_in_unseen_recordings_can_be_stated_too(tmp_path: Path) -> None:
    write(tmp_path, "Unseen/d.wav,1,2,boar,yes", "Unseen/d.wav,0,60,tree_frog,no")
    assert read_stated(tmp_path, FOUND).to_numpy().tolist() == [
        ["unseen/d.wav", "Tree_Frog", 0.0, 60.0, "no"],
        ["unseen/d.wav", "boar", 1.0, 2.0, "yes"],
    ]


def test_without_a_table_nothing_is_stated(tmp_path: Path) -> None:
    assert read_stated(tmp_path, FOUND).empty


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("boar/gone.wav,0,1,boar,yes", "gone.wav"),
        ("boar/a.wav,2,1,boar,yes", "start_s"),
        ("boar/a.wav,-1,1,boar,yes", "start_s"),
        ("boar/a.wav,0,1,wolf,yes", "wolf"),
        ("boar/a.wav,0,1,none,yes", "none"),
        ("boar/a.wav,0,1,partially_labelled,yes", "partially_labelled"),
        ("Unseen/d.wav,0,1,wolf,yes", "wolf"),
        ("Unseen/gone.wav,0,1,boar,yes", "gone.wav"),
        ("boar/a.wav,0,1,boar,maybe", "maybe"),
    ],
)
def test_the_first_wrong_row_is_named(tmp_path: Path, row: str, names: str) -> None:
    write(tmp_path, "boar/a.wav,0,1,boar,yes", row)
    with pytest.raises(EchoError, match=names) as error:
        read_stated(tmp_path, FOUND)
    assert "row 3" in str(error.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    pd.DataFrame({"file": ["boar/a.wav"]}).to_csv(tmp_path / "labels.csv", index=False)
    with pytest.raises(EchoError, match="present"):
        read_stated(tmp_path, FOUND)


def test_partially_labelled_recordings_of_which_nothing_is_stated_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, f"{PARTIAL}/e.wav,0,1,boar,no")
    stated = read_stated(tmp_path, FOUND)
    assert stated.to_numpy().tolist() == [[f"{PARTIAL}/e.wav", "boar", 0.0, 1.0, "no"]]
    kept, skipped = leave_out_unstated(FOUND, stated)
    assert [item.recording for item in FOUND if item not in kept] == [f"{PARTIAL}/f.wav"]
    assert [name for name, _ in skipped] == [f"{PARTIAL}/f.wav"]
