"""From results to the folder of a review: what it contains, and what it never overwrites."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.reviews import excerpts
from project_echo.reviews.review import review
from project_echo.screening.discovery import find_recordings
from tests.project_echo.conftest import Messages
from tests.project_echo.reviews.conftest import RECORDINGS


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_event_has_its_sound_and_spectrogram(review_folder: Path) -> None:
    events = pd.read_csv(review_folder / "events.csv", keep_default_na=False)
    assert {path.name for path in review_folder.iterdir()} == {"index.html", "events.csv", "media"}
    for media in events["media"]:
        for suffix in (".flac", ".js", ".jpg"):
            assert (review_folder / media).with_suffix(suffix).is_file()
    assert len(list((review_folder / "media").iterdir())) == 3 * len(events)
    assert any("=1+2.wav" in name for name in events["recording"])


def test_sounds_of_a_review_are_no_recordings(review_folder: Path) -> None:
    with pytest.raises(EchoError, match="No recordings"):
        find_recordings([review_folder])


def test_the_same_results_give_the_same_files(
    review_folder: Path, screening: Path, by_pitch_or_none: Path, tmp_path: Path
) -> None:
    review(screening / "results", model=by_pitch_or_none, output=tmp_path / "again", jobs=1)
    assert contents(tmp_path / "again") == contents(review_folder)


def test_events_of_missing_recordings_are_kept_with_the_reason(
    own_screening: Path, by_pitch_or_none: Path, messages: Messages
) -> None:
    results, output = own_screening / "results", own_screening / "review"
    (own_screening / "recordings" / "pond" / "20240501_053000.wav").unlink()
    review(results, model=by_pitch_or_none, output=output, jobs=1)
    events = pd.read_csv(output / "events.csv", keep_default_na=False)
    silent = events[events["media"] == ""]
    assert set(silent["recording"].str[-19:]) == {"20240501_053000.wav"} and len(silent) < len(events)
    line = messages()[-1]
    assert line.startswith(f"{len(silent)} ") and line.endswith("20240501_053000.wav")
    (own_screening / "recordings").rename(own_screening / "elsewhere")
    review(results, model=by_pitch_or_none, output=output, jobs=1)
    assert "relative to the folder" in messages()[-1]
    assert not list((output / "media").iterdir())


def test_only_an_earlier_review_is_replaced_and_only_by_a_complete_one(
    own_screening: Path, by_pitch_or_none: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, recordings, output = (own_screening / name for name in ("results", "recordings", "review"))
    with pytest.raises(EchoError, match=str(recordings)):
        review(results, model=by_pitch_or_none, output=recordings, jobs=1)
    assert len(list(recordings.rglob("*.wav"))) == len(RECORDINGS)
    review(results, model=by_pitch_or_none, output=output, jobs=1)
    (output / "labels.csv").write_text("hours of work", encoding="utf-8")
    with pytest.raises(EchoError, match=r"labels\.csv"):
        review(results, model=by_pitch_or_none, output=output, jobs=1)
    (output / "labels.csv").unlink()
    before = contents(output)

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(excerpts, "write_excerpt", full_disk)
    with pytest.raises(OSError, match="No space"):
        review(results, model=by_pitch_or_none, output=output, jobs=1)
    assert contents(output) == before
    assert not list(own_screening.glob(".review-*"))


def test_the_summary_counts_events_and_recordings(
    own_results: Path, by_pitch_or_none: Path, tmp_path: Path, messages: Messages
) -> None:
    table = pd.read_csv(own_results / "events.csv")
    table.iloc[:1].to_csv(own_results / "events.csv", index=False)
    review(own_results, model=by_pitch_or_none, output=tmp_path / "review", jobs=1)
    (line,) = messages()
    assert "1 event " in line and "1 recording:" in line and str(tmp_path / "review" / "index.html") in line


def test_results_without_events_are_refused(own_results: Path, by_pitch_or_none: Path, tmp_path: Path) -> None:
    events = own_results / "events.csv"
    pd.read_csv(events).iloc[:0].to_csv(events, index=False)
    with pytest.raises(EchoError, match=f"{own_results} .*minimum confidence"):
        review(own_results, model=by_pitch_or_none, output=tmp_path / "review", jobs=1)
    events.unlink()
    with pytest.raises(EchoError, match=f"{events} .*again"):
        review(own_results, model=by_pitch_or_none, output=tmp_path / "review", jobs=1)
