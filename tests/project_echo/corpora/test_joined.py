"""A folder of recordings and a folder of reviewed events are one corpus."""

from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.core.names import portable_name
from project_echo.corpora.collect import collect
from project_echo.corpora.joined import LEDGER, find_joined
from project_echo.datasets.config import Split
from tests.sounds import fill

HEADER = "file,start_s,end_s,label,present\n"


def two_folders(path: Path) -> tuple[Path, Path]:
    mine = fill(path / "mine", *(f"{label}/{number}.wav" for label in ("boar", "None/rain") for number in range(3)))
    reviewed = fill(path / "reviewed", "boar/pond/a.flac", "none/rain/road/b.flac", "owl/pond/c.flac", LEDGER)
    return mine, reviewed


def test_recordings_and_what_is_stated_of_both_are_joined(tmp_path: Path) -> None:
    mine, reviewed = two_folders(tmp_path)
    (mine / "labels.csv").write_text(f"{HEADER}boar/1.wav,0,1,owl,no\n")  # a label of the other folder
    (reviewed / "labels.csv").write_text(f"{HEADER}owl/pond/c.flac,0,1,boar,no\n")
    fill(reviewed, "owl/pond/notes.txt")
    found, skipped, stated = find_joined(mine, reviewed)
    assert {(item.label, item.kind, item.source) for item in found[-3:]} == {
        ("boar", "boar", "pond"),
        ("owl", "owl", "pond"),
        ("none", "rain", "road"),
    }
    assert len(found) == 9
    assert [name for name, _ in skipped] == [str(Path("owl/pond/notes.txt"))]
    assert dict(zip(stated["recording"], stated["label"], strict=True)) == {
        "boar/1.wav": "owl",
        "owl/pond/c.flac": "boar",
    }


def test_the_site_of_a_review_is_the_folder_of_the_same_name(tmp_path: Path) -> None:
    """One place would otherwise be two sources, and could be trained and tested on."""
    mine = fill(tmp_path / "mine", *(f"boar/{site}/1.wav" for site in ("Weiher 1", "wood", "nul")), "None/rain/2.wav")
    sites = {site: portable_name(site) for site in ("Weiher 1", "wood", "nul", "Weiher 2")}
    reviewed = fill(tmp_path / "reviewed", *(f"boar/{name}/a.flac" for name in sites.values()), LEDGER)
    found, _, _ = find_joined(mine, reviewed)
    of_reviews = [item.source for item in found if item.recording.endswith(".flac")]
    assert sorted(of_reviews) == sorted(["Weiher 1", "wood", "nul", sites["Weiher 2"]])


def test_only_a_folder_that_holds_events_of_reviews_is_joined(tmp_path: Path) -> None:
    mine, reviewed = two_folders(tmp_path)
    assert len(find_joined(mine, mine)[0]) == 6
    assert len(find_joined(mine, tmp_path / "nothing")[0]) == 6
    (mine / LEDGER).touch()  # events were collected into the folder itself
    assert len(find_joined(mine, tmp_path / "mine" / ".." / "mine")[0]) == 6
    (reviewed / LEDGER).unlink()
    assert len(find_joined(mine, reviewed)[0]) == 6


def test_the_same_name_in_both_is_an_error(tmp_path: Path) -> None:
    mine, reviewed = two_folders(tmp_path)
    fill(reviewed, "boar/1.wav")
    with pytest.raises(EchoError, match=r"reviewed.boar.1\.wav has the same name as .*mine.boar.1\.wav"):
        find_joined(mine, reviewed)


def test_both_are_collected(tmp_path: Path) -> None:
    mine, reviewed = two_folders(tmp_path)
    (reviewed / "owl" / "pond" / "c.flac").unlink()
    split = Split(train=1, validation=1, test=1, seed=1)
    recordings = collect(mine, reviewed, tmp_path / "corpus", split).recordings
    assert recordings.groupby("label")["source"].nunique().to_dict() == {"boar": 4, "none": 4}
    for recording in recordings["recording"]:
        assert (tmp_path / "corpus" / recording).is_file()
