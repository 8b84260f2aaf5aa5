"""Sites: one name for one place, in the layouts that recorders and people make."""

from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.screening.sites import left_out, name_sites


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


DAYS = [
    *["20240501", "2024-05-01", "2024_05_01", "2024.05.01", "01.05.2024", "05-31-2024", "2024-5-1", "1.5.2024"],
    *["2024-05", "2024_05", "05-2024", "2024", "24-05-01", "24_05_01", "240501"],
    *["20240501_053000", "2024-05-01T0530", "2024-05-01_night", "20240501-20240514"],
    *["2024May01", "May_2024", "1-May-2024", "1May2024", "May 1, 2024", "Sept. 2024", "2024-December", "MARCH 2024"],
    *["mai 2024", "1 février 2024", "fe\u0301vrier 2024", "fevrier 2024", "1-août-2024"],
    *["1. Mai 2024", "März 2024", "Ma\u0308rz_2024", "Maerz 2024", "Dez 2024", "Okt_2024"],
    *["enero 2024", "2024 agosto", "dic-2024", "15 diciembre 2024"],
]


@pytest.mark.parametrize("day", DAYS)
def test_folders_of_days_months_and_years_are_no_sites(day: str) -> None:
    assert sites("/disk", f"north/{day}", f"{day}/north", day) == ["north", "north", "disk"]


@pytest.mark.parametrize(
    "day", ["20240501", "2024-05-01", "01.05.2024", "May 2024", "01May2024", "2024_mars", "août 2024"]
)
def test_a_date_at_either_end_of_a_name_is_left_out(day: str) -> None:
    assert sites("/disk", f"north_{day}", f"{day} north", f"plot-1_{day}") == ["north", "north", "plot-1"]


PLACES = [
    # Words that begin as months do
    *["marsh 2024", "mayfield 2024", "junction_2023", "octagon-2024", "decoy 2024", "marina2022", "2024 marsh", "May"],
    # Numbers of places after a year, or of other things
    *["plot_2024_1", "plot_2024_2", "plot_2024_10", "plot_2024_13", "2024_1", "2024_2", "2024_13", "1-2024"],
    *["20241301", "1234567", "241301", "120501", "24-13-01", "32.05.2024", "13-13-2024", "100", "2024/1", "2024/13"],
    *["Data_NE", "Data_SW", "100NORTH", "200SOUTH", "FOLDER11", "folder 1", "ZOOM1", "SD1", "SD2", "DCIM 2"],
    *["2MM00123", "24F319055FDF2F5B", "plot-7", "A1", "day", "mic 1", "mar", "database"],
]


def test_names_of_places_and_devices_are_sites() -> None:
    """All beside each other, so that none is merged with another."""
    assert sites("/disk", *PLACES) == [place.removeprefix("2024/") for place in PLACES]


@pytest.mark.parametrize(
    "storage",
    ["Data", "Data_AC", "STEREO/FOLDER01", "ZOOM0001", "FOLDER10/ZOOM0012", "DCIM/100NORTH", "DCIM/100ABCDE", "WAV"]
    + [f"{number}{code}" for number in (100, 999) for code in ("MEDIA", "GOPRO", "CANON", "NIKON", "OLYMP", "RECNX")]
    + ["100EK113", "101MSDCF", "100_BTCF", "100APPLE"],
)
def test_folders_of_recorders_and_cameras_are_no_sites(storage: str) -> None:
    assert sites("/disk", f"north/{storage}", f"south/{storage}/20240501", storage) == ["north", "south", "disk"]


def test_months_and_days_below_a_year_have_two_digits_or_names() -> None:
    for below in ("05/01", "05", "May", "05_May/31", "2024-05/01", "mai"):
        assert sites("/disk", f"north/2024/{below}") == ["north"]
    assert sites("/disk", "2024/1", "2024/2", "2024/13", "2024/5/1") == ["1", "2", "13", "5/1"]


def test_a_day_after_a_number_is_not_taken_from_a_name() -> None:
    assert sites("/disk", "mic 1 May 2024", "mic 2 May 2024") == ["mic 1", "mic 2"]


def test_folders_that_are_left_out_are_known() -> None:
    def of(*pairs: tuple[str, str]) -> list[str]:
        return left_out([(PurePosixPath(root), PurePosixPath(inside)) for root, inside in pairs])

    assert of(("/disk", "north/Data/20240501"), ("/disk", "south/Data"), ("/disk", "")) == ["Data", "20240501"]
    assert of(("/disk/north_20240501", ""), ("/x/2024/05", "01")) == ["north_20240501", "2024", "05", "01"]
    assert of(("/Data/disk", "north"), ("/", "north"), ("/Data", "")) == []
    assert of(("/20240501/north/Data", "DCIM/100NORTH")) == ["Data", "DCIM", "100NORTH"]


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


def test_a_place_passed_in_two_ways_has_one_name_whatever_the_order() -> None:
    pairs = [(PurePosixPath("/"), PurePosixPath("a/x/b")), (PurePosixPath("/a/x/b"), PurePosixPath())]
    assert name_sites(pairs) == name_sites(pairs[::-1]) == ["a/x/b"] * 2


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
