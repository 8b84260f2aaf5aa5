"""A disk from the field: every file is used or listed with a reason, and none costs the others."""

import csv
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.spreadsheets import unescape_formulas
from project_echo.core.tables import read_table
from project_echo.screening import worker
from project_echo.screening.screen import screen
from tests.project_echo.screening.conftest import HIGH, RATE, Make
from tests.sounds import cut, encode, mute_video, write_wav

SOUND = np.concatenate([HIGH] * 3)
# What the note of a used file, or the reason of a skipped one, contains.
USED = {
    "good.wav": "",
    "cut.wav": "truncated",
    "cut.flac": "truncated",
    "cut.mp3": "truncated",
    "cut.mp4": "truncated",
    "8 kHz 'quoted' \"twice\".wav": "",
    "-leading dash.wav": "",
    "new\nline.wav": "",
    "carriage\rreturn.wav": "",
    "=1+1.wav": "",
    "@SUM(A1).flac": "",
    "mp3 by content.wav": "",
    "clipped.wav": "",
    "192 kHz.wav": "",
    "5.1.wav": "",
    "8-bit.wav": "",
    "24-bit.wav": "",
    "32-bit.wav": "",
    "constant.wav": "",
    "nan.wav": "not finite",
    "infinite.wav": "not finite",
}
SKIPPED = {
    "empty.wav": "from the card again",
    "one sample.wav": "no sound",
    "text.wav": "convert it to WAV with that",
    "night.wac": "Kaleidoscope",
    "night.W4V": "Kaleidoscope",
    "night.zip": "unpack",
    "night.37#": "zero-crossing",
    "unknown.dat": "pass the file itself",
    "header.wav": "",
    "silent.wav": "microphone",
    "no sound.mp4": "no audio track",
    "no index.mp4": "index at its end",
    "playlist.wav": "not a media file",
    "script.wav": "not a media file",
    "pipe.wav": "",
    "loop.wav": "",
}


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


def fill(disk: Path) -> None:
    """Write every kind of file that is used or skipped."""
    for name in USED:
        write_wav(disk / name, SOUND, RATE) if name.endswith(".wav") else encode(disk / name, SOUND)
    cut(disk / "cut.wav", 0.5)
    cut(disk / "cut.flac", 0.6)
    cut(disk / "cut.mp3", 0.6)
    cut(encode(disk / "cut.mp4", SOUND, "-c:a", "aac", "-movflags", "+faststart"), 0.6)
    cut(encode(disk / "no index.mp4", SOUND, "-c:a", "aac"), 0.6)
    encode(disk / "mp3.mp3", SOUND).rename(disk / "mp3 by content.wav")
    write_wav(disk / "clipped.wav", np.clip(100 * SOUND, -1, 1), RATE)
    write_wav(disk / "192 kHz.wav", np.repeat(SOUND, 24), 24 * RATE)
    write_wav(disk / "5.1.wav", np.stack([SOUND] * 6, axis=1), RATE)
    for name, subtype in (("8-bit.wav", "PCM_U8"), ("24-bit.wav", "PCM_24"), ("32-bit.wav", "PCM_32")):
        write_wav(disk / name, SOUND, RATE, subtype)
    write_wav(disk / "constant.wav", 0 * SOUND + 0.25, RATE)
    (disk / "empty.wav").touch()
    write_wav(disk / "one sample.wav", SOUND[:1], RATE)
    (disk / "text.wav").write_text("no sound at all")
    for name in ("night.wac", "night.W4V", "night.zip", "night.37#", "unknown.dat"):
        (disk / name).write_bytes(b"WAAC" + bytes(range(256)))
    (disk / "notes.txt").write_text("not mentioned")
    (disk / "header.wav").write_bytes((disk / "good.wav").read_bytes()[:44])
    for name, sample in (("nan.wav", np.nan), ("infinite.wav", -np.inf)):
        write_wav(disk / name, np.where(np.arange(len(SOUND)) == 9000, sample, SOUND), RATE, "FLOAT")
    write_wav(disk / "silent.wav", 0 * SOUND, RATE)
    mute_video(disk / "no sound.mp4")
    (disk / "playlist.wav").write_text(f"#EXTM3U\n#EXTINF:3,\n{disk / 'good.wav'}\n")
    (disk / "script.wav").write_text(f"ffconcat version 1.0\nfile '{disk / 'good.wav'}'\n")
    os.mkfifo(disk / "pipe.wav")
    (disk / "loop.wav").symlink_to("loop.wav")


def test_each_file_is_used_or_listed_with_its_reason(disk: Path, arguments: Make) -> None:
    fill(disk)
    chosen = arguments(recordings=[disk])
    screen(**chosen)
    tables = {
        name: unescape_formulas(read_table(chosen["output"] / f"{name}.csv")) for name in ("recordings", "skipped")
    }
    used = {
        name.removeprefix(f"{disk}/"): note for name, note in tables["recordings"][["recording", "note"]].to_numpy()
    }
    skipped = {name.removeprefix(f"{disk}/"): reason for name, reason in tables["skipped"].to_numpy()}
    assert set(used) == {name.replace("\r", r"\r") for name in USED}
    assert set(skipped) == set(SKIPPED)
    assert all(USED.get(name, "") in note and bool(note) == bool(USED.get(name)) for name, note in used.items())
    assert all(reason and SKIPPED[name] in reason for name, reason in skipped.items())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no names that are not UTF-8")
def test_a_file_whose_name_is_not_utf8_is_used_and_shown(disk: Path, arguments: Make) -> None:
    odd = Path(os.fsdecode(os.fsencode(disk) + b"/night \xff.wav"))
    write_wav(disk / "night.wav", SOUND, RATE).rename(odd)
    chosen = arguments(recordings=[odd], formats=["raven", "audacity", "kaleidoscope"], clips=1)
    screen(**chosen)
    (row,) = read_table(chosen["output"] / "recordings.csv").to_dict("records")
    assert row["recording"] == f"{disk}/night \\xff.wav"
    assert len(list((chosen["output"] / "clips").rglob("*.wav"))) == 1


def test_a_file_that_vanishes_during_the_run_is_listed(
    disk: Path, arguments: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, clipped = (write_wav(disk / f"{name}.wav", SOUND, RATE) for name in ("gone", "clipped"))
    load = worker._load

    def load_late(*arguments: object) -> object:  # after the files are found, before they are read
        gone.unlink(missing_ok=True)
        return load(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(worker, "_load", load_late)
    chosen = arguments(recordings=[gone, clipped])
    screen(**chosen)
    (row,) = read_table(chosen["output"] / "skipped.csv").to_dict("records")
    assert row["recording"] == str(gone)
    assert "does not exist" in row["reason"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_listed(disk: Path, arguments: Make) -> None:
    closed, good = (write_wav(disk / f"{name}.wav", SOUND, RATE) for name in ("closed", "good"))
    closed.chmod(0)
    chosen = arguments(recordings=[closed, good])
    screen(**chosen)
    (row,) = read_table(chosen["output"] / "skipped.csv").to_dict("records")
    assert row["recording"] == str(closed) and "change its permissions" in row["reason"]


def test_a_name_is_no_formula_in_any_table(disk: Path, arguments: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passed as relative paths, names begin their cells."""
    monkeypatch.chdir(disk)
    names = ["=1+1.wav", "@SUM(A1).flac", "-leading dash.wav", "+2.wav"]
    encode(disk / names[1], SOUND)
    for name in ("=1+1.wav", "-leading dash.wav"):
        write_wav(disk / name, SOUND, RATE)
    (disk / "+2.wav").touch()
    chosen = arguments(
        recordings=[Path(name) for name in names],
        formats=["raven", "audacity", "kaleidoscope"],
        clips=1,
        min_confidence=0,
    )
    screen(**chosen)
    tables = list(chosen["output"].rglob("*.csv"))
    assert len(tables) == 6
    cells = [cell for path in tables for row in csv.reader(path.open(encoding="utf-8", newline="")) for cell in row]
    assert not [cell for cell in cells if re.match(r"\s*[=+@-]", cell) and not re.fullmatch(r"-?[\d.]+", cell)]
    assert {f"'{name}" for name in names} <= set(cells)
