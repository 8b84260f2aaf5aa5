"""Coordinates of sites: from recorders' metadata, and from a person's table, which wins."""

import struct
from pathlib import Path

import pytest

from project_echo.app.results.coordinates import (
    TABLE,
    Located,
    Position,
    locate_sites,
    parse_positions,
    position_of,
    read_positions,
    write_positions,
)
from project_echo.core.errors import EchoError
from tests.project_echo.media.test_riff import wav

ZURICH = Position(47.3769, 8.5417)


def guano(position: str) -> tuple[bytes, bytes]:
    return b"guan", f"GUANO|Version: 1.0\nWA|Loc Position: 1 1\nLoc Position: {position}\nTE: 1\n".encode()


def wamd(first: str) -> tuple[bytes, bytes]:
    entries = [(0, b"\1\0"), (1, b"SM4"), (6, first.encode()), (0x12, b"U1")]
    return b"wamd", b"".join(struct.pack("<HI", number, len(content)) + content for number, content in entries)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ([guano("47.3769 8.5417")], ZURICH),
        ([guano("-33.5  151.25\r")], (-33.5, 151.25)),
        ([wamd("WGS84, 47.3769, N, 8.5417, E, 410")], ZURICH),
        ([wamd("WGS84,33.5,S,70.25,W\0")], (-33.5, -70.25)),
        ([wamd("WGS84, 41.5, -121.25")], (41.5, -121.25)),
        ([wamd("WGS84, 1, N, 1, E"), guano("47.3769 8.5417")], ZURICH),
        ([guano("0.0 0.0")], None),
        ([guano("91 8")], None),
        ([guano("nan 8")], None),
        ([guano("here there")], None),
        ([wamd("WGS84, N")], None),
        ([wamd("")], None),
        ([(b"wamd", b"\6\0\xff\xff\xff\xff1")], None),
        ([], None),
    ],
)
def test_positions_in_recordings(
    tmp_path: Path, metadata: list[tuple[bytes, bytes]], expected: Position | None
) -> None:
    assert position_of(wav(tmp_path / "a.wav", *metadata)) == expected


def test_other_files_have_no_position(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"fLaC")
    assert position_of(tmp_path / "a.flac") is None
    assert position_of(tmp_path / "gone.wav") is None


def test_a_file_is_read_again_only_if_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wav(tmp_path / "a.wav", guano("47.3769 8.5417"))
    assert position_of(path) == ZURICH
    with monkeypatch.context() as patch:
        patch.setattr("project_echo.app.results.coordinates.chunks", lambda *_: pytest.fail("it was read again"))
        assert position_of(path) == ZURICH


def test_the_table_wins_and_one_file_of_each_site_is_read(tmp_path: Path) -> None:
    names = {"pond": ["p1", "p2"], "wood": ["w1", "w2"], "marsh": ["m1"]}
    files = {
        "p1": wav(tmp_path / "p1.wav", guano("1 1")),
        "w2": wav(tmp_path / "w2.wav", guano("2 2")),
    }
    asked = []

    def find(name: str) -> Path | None:
        asked.append(name)
        return files.get(name)

    located = locate_sites(names, {"pond": ZURICH}, find)
    assert located == {"pond": Located(ZURICH, "table"), "wood": Located(Position(2, 2), "recording")}
    assert asked == ["w1", "w2", "m1"]


def test_the_table_is_kept(tmp_path: Path) -> None:
    assert read_positions(tmp_path) == {}
    positions = parse_positions([("=pond", " 47,3769 ", "8.5417"), ("wood", "", ""), ("mârsh, 2", "-90", "180")])
    write_positions(positions, tmp_path)
    assert read_positions(tmp_path) == positions == {"=pond": ZURICH, "mârsh, 2": (-90, 180)}


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("90.1", "0"), ("0", "-180.5"), ("north", "0"), ("nan", "0"), ("", "8"), ("47", "")]
)
def test_what_is_not_on_earth_is_named(tmp_path: Path, latitude: str, longitude: str) -> None:
    with pytest.raises(EchoError, match="pond"):
        parse_positions([("wood", "1", "1"), ("pond", latitude, longitude)])
    (tmp_path / TABLE).write_text(f"site,latitude,longitude\npond,{latitude},{longitude}\n", encoding="utf-8")
    with pytest.raises(EchoError, match=f"{TABLE}.*pond"):
        read_positions(tmp_path)


def test_a_table_of_something_else_is_an_error(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_text("place,lat\n", encoding="utf-8")
    with pytest.raises(EchoError, match="latitude"):
        read_positions(tmp_path)
