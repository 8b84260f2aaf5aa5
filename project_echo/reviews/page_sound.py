"""Sound of the review page: small enough for thousands of events, and in a form that the page may filter."""

import base64
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from project_echo.media import ffmpeg, resample

# Bits a second by sample rate, Hz, which keep the sound up to half of the rate. All browsers decode MP3 of these rates.
BIT_RATES = {16000: "24k", 22050: "32k", 24000: "40k", 32000: "48k"}
_MP3: dict[str, Any] = {"format": "mp3", "acodec": "libmp3lame", "id3v2_version": 0}


@dataclass(frozen=True)
class PageSound:
    """A sound as the page reads it."""

    sample_rate: int  # Hz
    n_samples: int  # without those that MP3 adds before and after
    mp3: bytes


def encode(samples: np.ndarray, sample_rate: int) -> PageSound:
    """Encode a sound as MP3, the same bytes on every processor.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), int16
    sample_rate : int
        Of `samples`, Hz. What is above 16 kHz is left out.

    Returns
    -------
    PageSound

    Raises
    ------
    UnusableMediaError
        If ffmpeg fails, or takes too long.
    """
    rate = next((rate for rate in BIT_RATES if rate >= sample_rate), max(BIT_RATES))
    resampled = resample.resample(samples.astype(np.float32) / 2**15, sample_rate, rate)
    # Without `cutoff`, LAME would leave out high sounds at these bit rates.
    options = ffmpeg.BITEXACT | _MP3 | {"b:a": BIT_RATES[rate], "cutoff": rate // 2}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sound.mp3"  # a file: its header is completed at the end
        output = ffmpeg.pcm_source(rate, "f32le").output(ffmpeg.file_url(target), **options)
        ffmpeg.run(ffmpeg.command(output), resampled.astype("<f4").tobytes())
        return PageSound(rate, len(resampled), target.read_bytes())


def script(name: str, sound: PageSound) -> str:
    """A script that gives a sound to the page.

    A page from disk may play sound files beside it, but browsers do not let it filter them: that needs the sound in
    the page. A script is the only file that such a page may read.

    Parameters
    ----------
    name : str
        Of the event's files, without suffix.
    sound : PageSound

    Returns
    -------
    str
        JavaScript, which calls `receiveExcerpt` in sound.js.
    """
    text = base64.b64encode(sound.mp3).decode("ascii")
    return f'receiveExcerpt("{name}", {sound.sample_rate}, {sound.n_samples}, "{text}");\n'
