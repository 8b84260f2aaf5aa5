"""Events as a screening left them, and their recordings as they are now."""

import os
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.media.decode import UnusableMediaError
from project_echo.review import events as screened
from project_echo.screening.command import predict
from tests.project_echo.review.conftest import options
from tests.sounds import tone, write_wav


def test_events_have_their_recordings_facts_and_names_stay_what_they_were(
    screening: Path, by_pitch_or_none: Path
) -> None:
    noted, digest = screened.journal(screening / "results", by_pitch_or_none)
    events = screened.events(screening / "results", digest)
    assert list(events["event"]) == list(range(1, len(events) + 1)) and len(events) >= 6
    assert events["id"].is_unique
    assert set(events["site"]) == {"pond", "north/day 1", "wood"}
    assert (events["source"] == events["site"]).all()
    odd = events[events["recording"].str.endswith("=1+2.wav")]
    assert len(odd) == 2 and (odd["duration_s"] == 5).all()
    for recording in events["recording"]:
        assert screened.located(recording, noted).is_file()


def test_an_event_keeps_its_id_when_there_are_more_events(own: Path, by_pitch_or_none: Path) -> None:
    _, digest = screened.journal(own / "results", by_pitch_or_none)
    before = screened.events(own / "results", digest)
    write_wav(own / "recordings" / "a" / "001.wav", tone(250, 3, 8000), 8000)
    predict(options(own / "recordings", by_pitch_or_none, own / "results"))
    after = screened.events(own / "results", digest)
    assert len(after) > len(before) and set(before["id"]) < set(after["id"])


def test_a_recording_that_is_gone_or_changed_is_not_taken_for_the_one_that_was_screened(
    own: Path, by_pitch_or_none: Path
) -> None:
    noted, _ = screened.journal(own / "results", by_pitch_or_none)
    path = own / "recordings" / "pond" / "20240501_053000.wav"
    os.utime(path, ns=(0, 0))
    with pytest.raises(UnusableMediaError, match="changed since it was screened"):
        screened.located(str(path), noted)
    path.unlink()
    with pytest.raises(UnusableMediaError, match="cannot be read"):
        screened.located(str(path), noted)


def test_results_of_another_model_are_refused(screening: Path, by_pitch: Path, tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"made by another model.*--model FOLDER"):
        screened.journal(screening / "results", by_pitch)
    with pytest.raises(EchoError, match="holds no classifier"):
        screened.journal(screening / "results", tmp_path)
    with pytest.raises(EchoError, match="holds no results of a screening"):
        screened.journal(tmp_path, by_pitch)
