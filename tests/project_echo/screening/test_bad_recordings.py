"""A disk as it comes from the field: whatever lies on it is used or listed, once, and nothing else is lost."""

import csv
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from project_echo.core import files
from project_echo.core.spreadsheets import unescape_formulas
from project_echo.screening.command import Options, predict
from tests.project_echo.screening.conftest import HIGH, RATE
from tests.sounds import cut, encode, mute_video, write_wav

SOUND = np.concatenate([HIGH] * 3)
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
}
SKIPPED = {
    "empty.wav": "empty",
    "one sample.wav": "no sound",
    "text.wav": "not a media file",
    "header.wav": "",
    "nan.wav": "not finite",
    "infinite.wav": "not finite",
    "silent.wav": "silent",
    "no sound.mp4": "no audio track",
    "no index.mp4": "index at its end",
    "playlist.wav": "not a media file",
    "script.wav": "not a media file",
    "pipe.wav": "",
    "loop.wav": "",
}


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    disk = tmp_path / "disk"
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
    (disk / "header.wav").write_bytes((disk / "good.wav").read_bytes()[:44])
    for name, sample in (("nan.wav", np.nan), ("infinite.wav", -np.inf)):
        write_wav(disk / name, np.where(np.arange(len(SOUND)) == 9000, sample, SOUND), RATE, "FLOAT")
    write_wav(disk / "silent.wav", 0 * SOUND, RATE)
    mute_video(disk / "no sound.mp4")
    (disk / "playlist.wav").write_text(f"#EXTM3U\n#EXTINF:3,\n{disk / 'good.wav'}\n")
    (disk / "script.wav").write_text(f"ffconcat version 1.0\nfile '{disk / 'good.wav'}'\n")
    os.mkfifo(disk / "pipe.wav")
    (disk / "loop.wav").symlink_to("loop.wav")
    return disk


def test_each_is_used_or_listed_with_its_reason(disk: Path, options: Callable[..., Options]) -> None:
    wanted = options(recordings=[disk], jobs=2)
    predict(wanted)
    tables = {
        name: unescape_formulas(files.read_table(wanted.output / f"{name}.csv")) for name in ("recordings", "skipped")
    }
    used = {
        name.removeprefix(f"{disk}/"): note for name, note in tables["recordings"][["recording", "note"]].to_numpy()
    }
    skipped = {name.removeprefix(f"{disk}/"): why for name, why in tables["skipped"].to_numpy()}
    assert set(used) == {name.replace("\r", r"\r") for name in USED}
    assert set(skipped) == set(SKIPPED)
    assert all(
        note.startswith(USED.get(name, "")) and bool(note) == bool(USED.get(name)) for name, note in used.items()
    )
    assert all(reason and SKIPPED[name] in reason for name, reason in skipped.items())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no names that are not UTF-8")
def test_a_name_that_is_not_utf8_is_used_and_shown(disk: Path, options: Callable[..., Options]) -> None:
    odd = Path(os.fsdecode(os.fsencode(disk) + b"/night \xff.wav"))
    (disk / "good.wav").rename(odd)
    wanted = options(recordings=[odd], formats=["raven", "audacity", "kaleidoscope"], clips=1)
    predict(wanted)
    (row,) = files.read_table(wanted.output / "recordings.csv").to_dict("records")
    assert row["recording"] == f"{disk}/night \\xff.wav"
    assert len(list((wanted.output / "clips").rglob("*.wav"))) == 1


def test_what_vanishes_meanwhile_is_listed(
    disk: Path, options: Callable[..., Options], monkeypatch: pytest.MonkeyPatch
) -> None:
    from project_echo.screening import worker  # noqa: PLC0415

    gone = disk / "good.wav"
    load = worker._load

    def load_late(*arguments: object) -> object:  # between finding the files and reading them
        gone.unlink(missing_ok=True)
        return load(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(worker, "_load", load_late)
    wanted = options(recordings=[gone, disk / "clipped.wav"])
    predict(wanted)
    (row,) = files.read_table(wanted.output / "skipped.csv").to_dict("records")
    assert row["recording"] == str(gone)
    assert "No such file" in row["reason"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_listed(disk: Path, options: Callable[..., Options]) -> None:
    (disk / "clipped.wav").chmod(0)
    wanted = options(recordings=[disk / "clipped.wav", disk / "good.wav"])
    predict(wanted)
    (row,) = files.read_table(wanted.output / "skipped.csv").to_dict("records")
    assert row == {"recording": str(disk / "clipped.wav"), "reason": "cannot be read (Permission denied)"}


def test_a_name_is_no_formula_in_any_table(
    disk: Path, options: Callable[..., Options], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given as they lie here, names begin their cells."""
    monkeypatch.chdir(disk)
    (disk / "empty.wav").rename("+2.wav")
    wanted = options(
        recordings=[Path(name) for name in ("=1+1.wav", "@SUM(A1).flac", "-leading dash.wav", "+2.wav")],
        formats=["raven", "audacity", "kaleidoscope"],
        clips=1,
        min_confidence=0,
    )
    predict(wanted)
    tables = list(wanted.output.rglob("*.csv"))
    assert len(tables) == 6
    cells = [cell for path in tables for row in csv.reader(path.open(encoding="utf-8", newline="")) for cell in row]
    assert not [cell for cell in cells if re.match(r"\s*[=+@-]", cell) and not re.fullmatch(r"-?[\d.]+", cell)]
    assert {"'=1+1.wav", "'@SUM(A1).flac", "'-leading dash.wav", "'+2.wav"} <= set(cells)
