"""Reasons say what can be done, where there is something."""

import pytest

from project_echo.screening.advice import add_advice


@pytest.mark.parametrize(
    ("recording", "reason", "advice"),
    [
        ("a.wav", "empty file", "from the card"),
        ("a.wav", "truncated: contains 1.0 s of 9.0 s", "from the card"),
        ("a.wav", "not a media file, or damaged at its start", "convert it to WAV"),
        ("a/night.WAC", "not a media file, or damaged at its start", "Kaleidoscope"),
        ("a.w4v", "ffmpeg failed: Invalid argument", "Kaleidoscope"),
        ("a.wac", "empty file", "from the card"),
        ("a.wav", "the process that read it was killed, possibly out of memory", "one job"),
        ("a.wav", "silent", "microphone"),
    ],
)
def test_advice_is_added_to_a_reason(recording: str, reason: str, advice: str) -> None:
    added = add_advice(recording, reason)
    assert added.startswith(f"{reason}: ") and advice in added


@pytest.mark.parametrize(
    "reason", ["no audio track", "a named pipe, not a file", "no permission to open it: change it"]
)
def test_other_reasons_stay_as_they_are(reason: str) -> None:
    assert add_advice("a.wac", reason) == reason
