"""From results to a folder with a page: what it holds, and what it never destroys."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.review import command, excerpts


def test_every_event_has_its_sound_and_picture(made: Path) -> None:
    events = pd.read_csv(made / "events.csv", keep_default_na=False)
    assert {path.name for path in made.iterdir()} == {"index.html", "events.csv", "media"}
    for media in events["media"]:
        assert (made / media).is_file() and (made / media).with_suffix(".png").is_file()
    assert len(list((made / "media").iterdir())) == 2 * len(events)
    assert any(name.endswith("'=1+2.wav") or "=1+2" in name for name in events["recording"])


def test_the_same_results_give_the_same_page(
    made: Path, screening: Path, by_pitch_or_none: Path, tmp_path: Path
) -> None:
    command.review(screening / "results", by_pitch_or_none, tmp_path / "again", 1)
    for path in sorted(made.rglob("*")):
        assert path.is_dir() or path.read_bytes() == (tmp_path / "again" / path.relative_to(made)).read_bytes()


def test_an_event_whose_recording_is_gone_is_kept_with_the_reason(
    own: Path, by_pitch_or_none: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "recordings" / "pond" / "20240501_053000.wav").unlink()
    command.review(own / "results", by_pitch_or_none, own / "review", 1)
    events = pd.read_csv(own / "review" / "events.csv", keep_default_na=False)
    mute = events[events["media"] == ""]
    assert set(mute["recording"].str[-19:]) == {"20240501_053000.wav"} and len(mute) < len(events)
    assert f"{len(mute)} of them without sound: the recording cannot be read" in capsys.readouterr().out
    (own / "recordings").rename(own / "elsewhere")
    command.review(own / "results", by_pitch_or_none, own / "review", 1)
    assert "run this where you ran it" in capsys.readouterr().out
    assert not list((own / "review" / "media").iterdir())


def test_nothing_but_a_review_is_replaced_and_a_review_only_by_a_whole_one(
    own: Path, by_pitch_or_none: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EchoError, match="there already and no review"):
        command.review(own / "results", by_pitch_or_none, own / "recordings", 1)
    assert len(list((own / "recordings").rglob("*.wav"))) == 4
    command.review(own / "results", by_pitch_or_none, own / "review", 1)
    (own / "review" / "labels.csv").write_text("hours of work", encoding="utf-8")
    with pytest.raises(EchoError, match=r"holds labels.csv as well.*Move it"):
        command.review(own / "results", by_pitch_or_none, own / "review", 1)
    (own / "review" / "labels.csv").rename(own / "labels.csv")
    before = {path: path.read_bytes() for path in (own / "review").rglob("*") if path.is_file()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(excerpts, "cut", full)
    with pytest.raises(OSError, match="No space"):
        command.review(own / "results", by_pitch_or_none, own / "review", 1)
    assert {path: path.read_bytes() for path in (own / "review").rglob("*") if path.is_file()} == before
    assert not list(own.glob(".review-*"))


def test_one_event_is_one_event(own: Path, by_pitch_or_none: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.read_csv(own / "results" / "events.csv")
    table.iloc[:1].to_csv(own / "results" / "events.csv", index=False)
    command.review(own / "results", by_pitch_or_none, own / "review", 1)
    assert "1 event of 1 recording: open " in capsys.readouterr().out


def test_results_without_events_say_what_to_do(own: Path, by_pitch_or_none: Path) -> None:
    table = pd.read_csv(own / "results" / "events.csv")
    table.iloc[:0].to_csv(own / "results" / "events.csv", index=False)
    with pytest.raises(EchoError, match=r"holds no events.*--min-confidence"):
        command.review(own / "results", by_pitch_or_none, own / "review", 1)
    (own / "results" / "events.csv").unlink()
    with pytest.raises(EchoError, match="is not there"):
        command.review(own / "results", by_pitch_or_none, own / "review", 1)
