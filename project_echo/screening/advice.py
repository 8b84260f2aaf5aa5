"""What a person can do about recordings that could not be used."""

import re
from pathlib import PurePosixPath

from project_echo.media.file_types import REMEDIES

# By the beginning of the reason. Reasons of the system have their advice already (core.errors.file_reason).
_ADVICE = {
    "empty file": "copy it from the card again, if it is not empty there",
    "truncated": "copy it from the card again, if it is complete there",
    "not a media file": "if another program plays it, convert it to WAV with that",
    "ffmpeg failed": "if another program plays it, convert it to WAV with that",
    "read stalled": "check the disk or the network drive, then run again",
    "reading took more": "if another program plays it, convert it to WAV with that",
    "silent": "check the microphone of the recorder",
    "the process that read it was killed": "run again with one job, or on a machine with more memory",
}
_PATTERN = re.compile("|".join(_ADVICE))


def add_advice(recording: str, reason: str) -> str:
    """Add to the reason why a recording could not be used what can be done about it, where there is something.

    Parameters
    ----------
    recording : str
        Its name in the results.
    reason : str
        As decoding or a worker gave it.

    Returns
    -------
    str
        The reason, a colon and the advice.
    """
    known = _PATTERN.match(reason)
    advice = _ADVICE[known[0]] if known else ""
    if advice.endswith("convert it to WAV with that"):
        advice = REMEDIES.get(PurePosixPath(recording).suffix[1:].lower(), advice)
    return f"{reason}: {advice}" if advice else reason
