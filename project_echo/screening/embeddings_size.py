"""How much disk space the embeddings of recordings will take, as far as it is known before they are read."""

from collections.abc import Sequence
from pathlib import Path

import soundfile

from project_echo.media.plain import open_plain

TIMES_BYTES = 20  # of a row: start, end, and the number of its recording


def stated_size(paths: Sequence[Path], kept: tuple[int, int], hop_s: float) -> str:
    """Say how much space embeddings take: for an hour of sound, and in all if every file is WAV or FLAC.

    Other files are not asked how long they are, as that starts a process for each.

    Parameters
    ----------
    paths : sequence of Path
        Recordings to screen.
    kept : (int, int)
        Slices of a window that are kept, and dimensions of each.
    hop_s : float
        Step between windows, s.

    Returns
    -------
    str
        A line; the journal keeps a copy, which is counted.
    """
    slices, dimensions = kept
    bytes_per_s = slices * (2 * 2 * dimensions + TIMES_BYTES) / hop_s
    text = f"Embeddings take {_megabytes(bytes_per_s * 3600)} for an hour of sound"
    durations = [_stated_s(path) for path in paths]
    known = [duration_s for duration_s in durations if duration_s is not None]
    if len(known) < len(paths):
        return text
    total_s = sum(known)
    return f"{text}: {_megabytes(bytes_per_s * total_s)} for {total_s / 3600:,.1f} hours"


def _stated_s(path: Path) -> float | None:
    try:
        with open_plain(path) as sound:
            return sound.frames / sound.samplerate if sound else None
    except (OSError, soundfile.SoundFileError):
        return 0.0  # screening it will say why it cannot be used


def _megabytes(n_bytes: float) -> str:
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes < 1e9 else f"{n_bytes / 1e9:,.1f} GB"
