"""Sites: one name for one place, in the layouts that recorders and people make."""

from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.screening.sites import name_sites


def sites(root: str, *folders: str) -> list[str]:
    return name_sites([(PurePosixPath(root), PurePosixPath(folder)) for folder in folders])


def arguments(*roots: str) -> list[str]:
    return name_sites([(PurePosixPath(root), PurePosixPath()) for root in roots])


@pytest.mark.parametrize(
    ("root", "folders", "expected"),
    [
        ("/media/AUDIOMOTH", ["20240501", "20240502", ""], ["AUDIOMOTH"] * 3),  # a card with a folder for each day
        ("/disk", ["SMM01/Data", "SMM02/Data", "SMM02/Data/20240501"], ["SMM01", "SMM02", "SMM02"]),  # Song Meters
        ("/disk", ["SM5/Data_AC/20240501", "SM5/Data_AC/20240502"], ["SM5", "SM5"]),
        ("/disk", ["north/2024/05/01", "north/2024/05/02", "south/2024/05/01"], ["north", "north", "south"]),
        ("/disk", ["north/mic 1/2024-05-01", "north/mic 2/2024-05-01"], ["north/mic 1", "north/mic 2"]),
        ("/disk", ["2024/north", "2023/north", "2023/south"], ["north", "north", "south"]),  # the same place every year
        ("/disk", ["2024-05-01/north", "2024-05-02/north"], ["north", "north"]),
        ("/disk", ["north/DCIM/100MEDIA", "north/DCIM/101GOPRO"], ["north", "north"]),  # camera traps
        ("/disk", ["cam1/PRIVATE/AVCHD/BDMV"], ["cam1"]),
        ("/disk", ["north_20240501", "north_20240515", "20240601 south"], ["north", "north", "south"]),
        ("/disk", ["north/day 1", "north/Night_02", "north/week 3", "north"], ["north"] * 4),
        ("/disk", ["eloc1/1702641306844", "eloc1/1702641399999"], ["eloc1", "eloc1"]),
        ("/disk", ["grid 1/01", "grid 1/02"], ["grid 1/01", "grid 1/02"]),  # numbers are sites if no month is above
        ("/disk", ["plots/12345678", "plots/87654321"], ["plots/12345678", "plots/87654321"]),  # no dates
        ("/disk", ["database", "wave", "media 1"], ["database", "wave", "media 1"]),
        ("/disk", ["", ""], ["disk", "disk"]),  # a flat folder
        ("/disk/Data", [""], ["disk"]),
        ("/disk/2024/05", ["01", "02"], ["disk", "disk"]),
        ("/Data", [""], ["Data"]),
        ("/", ["", "north"], ["/", "north"]),
    ],
)
def test_sites_of_layouts(root: str, folders: list[str], expected: list[str]) -> None:
    assert sites(root, *folders) == expected


DAYS = (
    "20240501 2024-05-01 2024_05_01 2024.05.01 2024-05 01.05.2024 05-31-2024 20240501_053000 2024-05-01T0530 "
    "2024-05-01_night 20240501-20240514 2024May01 May_2024 1-May-2024 2024"
)


@pytest.mark.parametrize("day", DAYS.split())
def test_folders_of_days_months_and_years_are_no_sites(day: str) -> None:
    assert sites("/disk", f"north/{day}", f"{day}/north", day) == ["north", "north", "disk"]


@pytest.mark.parametrize("name", ["20241301", "1234567", "2MM00123", "24F319055FDF2F5B", "100", "May", "plot-7", "A1"])
def test_names_of_places_and_devices_are_sites(name: str) -> None:
    assert sites("/disk", name) == [name]


def test_different_arguments_are_different_sites() -> None:
    assert arguments("/sites/north/Data", "/sites/south/Data") == ["north", "south"]
    assert arguments("/a/north", "/b/north", "/b/south") == ["a/north", "b/north", "south"]
    assert arguments("/x/a/north/Data", "/x/b/north/Data") == ["a/north", "b/north"]
    assert arguments("/north", "/a/north") == ["/north", "a/north"]
    assert arguments("/Data/north", "/Data") == ["north", "Data"]
    both = [(PurePosixPath(f"/disk/{site}"), PurePosixPath("mic 1/Data")) for site in ("north", "south")]
    assert name_sites(both) == ["north/mic 1", "south/mic 1"]


def test_days_of_one_recorder_are_one_site_however_they_are_passed() -> None:
    assert arguments("/disk/north/20240501", "/disk/north/20240502", "/disk/north") == ["north"] * 3


def test_a_folder_within_another_keeps_its_site() -> None:
    pairs = [("/disk/north", ""), ("/disk", "south"), ("/disk", "")]
    assert name_sites([(PurePosixPath(root), PurePosixPath(inside)) for root, inside in pairs]) == [
        "north",
        "south",
        "disk",
    ]


def test_cards_of_two_drives_are_two_sites_on_windows() -> None:
    roots = [PureWindowsPath("E:/Data"), PureWindowsPath("F:/Data"), PureWindowsPath("//server/share/north")]
    assert name_sites([(root, PureWindowsPath("20240501")) for root in roots]) == ["E:/Data", "F:/Data", "north"]
    assert name_sites([(PureWindowsPath("E:/"), PureWindowsPath())]) == ["E:"]


PARTS = st.sampled_from(["north", "south", "Data", "20240501", "2024", "05", "01", "mic", "x"])
PATHS = st.lists(PARTS, max_size=4).map(lambda parts: PurePosixPath(*parts))


@given(st.lists(st.tuples(PATHS, PATHS), min_size=1, max_size=8))
def test_sites_depend_neither_on_order_nor_on_repetition(given: Sequence[tuple[PurePosixPath, PurePosixPath]]) -> None:
    pairs = [("/" / root, inside) for root, inside in given]
    names = name_sites(pairs)
    assert name_sites(pairs[::-1]) == names[::-1]
    assert name_sites(pairs * 2) == names * 2
    assert all(names)


@given(st.sets(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map("/".join), min_size=1))
def test_different_folders_without_dates_are_different_sites(folders: set[str]) -> None:
    names = arguments(*(f"/{folder}" for folder in sorted(folders)))
    assert len(set(names)) == len(folders)
    names = sites("/disk", *sorted(folders))
    assert len(set(names)) == len(folders)
