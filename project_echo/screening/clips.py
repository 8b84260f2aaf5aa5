"""Events to listen to: which, and cut out of their recordings."""

import re
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
import soundfile

from project_echo.core import files
from project_echo.core.names import portable_path
from project_echo.media import decode
from project_echo.media.decode import UnusableMediaError

CONTEXT_S = 0.5  # before and after: a call that begins at once startles, and says less
RUN_UP_S = 30.0  # decoded before a stretch: codecs need the frames before, and no seek leads before the first picture
_UNIT = re.compile(rb"^#tb 0: (\d+)/(\d+)$", re.MULTILINE)
_FRAME = re.compile(rb"^0, *-?\d+, *(-?\d+),", re.MULTILINE)


def choose(events: pd.DataFrame, n: int) -> pd.DataFrame:
    """Of each label the `n` most confident events, and of the others the `n` least confident ones, by their mean.

    Adds `why`, most_confident or least_certain, and `rank` from 1. Of equals the first in the table comes first.
    """
    chosen = []
    for _, some in events.groupby("label"):
        ordered = some.sort_values("mean_confidence", ascending=False, kind="stable")
        least = ordered.iloc[n:].sort_values("mean_confidence", kind="stable").head(n)
        for why, part in (("most_confident", ordered.head(n)), ("least_certain", least)):
            chosen.append(part.assign(why=why, rank=range(1, len(part) + 1)))
    return pd.concat(chosen, ignore_index=True) if chosen else events.assign(why="", rank=0)


def name(event: dict[str, Any]) -> str:
    """Where an event goes: a folder for its label, then why it was chosen, which, and where it is from."""
    stem = PurePosixPath(str(event["recording"])).stem
    label = str(event["label"]).replace("/", "_")
    return portable_path(
        PurePosixPath(label, f"{event['why']}-{event['rank']:03}-{stem[-60:]}-{event['start_s']:.1f}s.wav")
    )


def cut(recording: Path, start_s: float, end_s: float, target: Path) -> None:
    """Write a stretch of a recording with some context as 16-bit WAV, at its own rate and channels.

    Seconds are told from the first sound, as those of windows are: in a video it may begin after the pictures, or
    before. Raises UnusableMediaError if the recording cannot be read, or holds no sound there.
    """
    begin = max(0.0, start_s - CONTEXT_S)
    with files.atomic_path(target) as beside:
        # Times are those written in the file (copyts): they mean the same whether ffmpeg reads from its start or seeks.
        place = first_sound_s(recording) + begin
        seek: dict[str, Any] = {"ss": place - RUN_UP_S, "seek_timestamp": 1, "noaccurate_seek": None}
        stretch: dict[str, Any] = {"ss": place, "t": end_s + CONTEXT_S - begin, "copyts": None}
        words = decode.reading(
            recording, seek if begin > RUN_UP_S else {}, f"file:{beside}", **stretch, format="wav", acodec="pcm_s16le"
        )
        decode.run([*words, "-y"])
        if not soundfile.info(beside).frames:
            raise UnusableMediaError(f"holds no sound from {start_s:.1f} to {end_s:.1f} s")


def first_sound_s(recording: Path) -> float:
    """The time in a recording at which its sound begins: ffmpeg lists a frame, "#tb 0: 1/22050", "0, 33075, 33075,"."""
    asked: dict[str, Any] = {"format": "framecrc", "frames:a": 1, "copyts": None}
    listed, _ = decode.run(decode.reading(recording, {}, "pipe:", **asked))
    unit, frame = _UNIT.search(listed), _FRAME.search(listed)
    return int(frame[1]) * int(unit[1]) / int(unit[2]) if unit and frame else 0.0
