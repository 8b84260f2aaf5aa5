"""Mixing calls into background at a stated signal-to-noise ratio."""

from dataclasses import dataclass

import numpy as np

FRAME_S = 0.02
SMOOTHING = 3  # frames
RANGE_DB = 30.0  # a call is active where it is at most this much below its loudest frame
FADE_S = 0.01
MAX_PAUSE_S = 0.5  # a longer pause divides an active part in two


@dataclass(frozen=True)
class Active:
    """Where a sound is active, and how loud it is there.

    Attributes
    ----------
    start, stop : int
        Samples from the first active frame to the end of the last.
    spans : list of (int, int)
        Active parts in samples, divided by pauses longer than MAX_PAUSE_S.
    rms : float
        Of the active frames.
    """

    start: int
    stop: int
    spans: list[tuple[int, int]]
    rms: float


def find_active(samples: np.ndarray, sample_rate: int) -> Active:
    """Find the active part of a call: what is within RANGE_DB of its loudest frame.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    sample_rate : int
        Hz.

    Returns
    -------
    Active
        The whole of a silent sound, with an `rms` of 0.
    """
    frame = max(1, round(FRAME_S * sample_rate))
    n_frames = max(1, -(-len(samples) // frame))
    padded = np.zeros(n_frames * frame)
    padded[: len(samples)] = samples
    power = np.square(padded).reshape(n_frames, frame).mean(axis=1)
    padded_power = np.pad(power, SMOOTHING // 2)  # "same" would lengthen a sound of fewer frames
    smooth = np.convolve(padded_power, np.full(SMOOTHING, 1 / SMOOTHING), "valid")
    active = smooth >= smooth.max(initial=0) * 10 ** (-RANGE_DB / 10)
    frames = np.flatnonzero(active)
    gaps = np.flatnonzero(np.diff(frames) > round(MAX_PAUSE_S / FRAME_S))
    starts, ends = frames[np.append(0, gaps + 1)], frames[np.append(gaps, -1)] + 1
    spans = [(int(start) * frame, min(int(end) * frame, len(samples))) for start, end in zip(starts, ends, strict=True)]
    return Active(spans[0][0], spans[-1][1], spans, float(np.sqrt(power[active].mean())))


def cut_call(samples: np.ndarray, sample_rate: int) -> tuple[np.ndarray, Active]:
    """Cut out the active part of a call, with short fades, scaled to an RMS of 1 where it is active.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    sample_rate : int
        Hz.

    Returns
    -------
    call : np.ndarray of shape (m,), float64
    active : Active
        Counted from the start of the call.
    """
    active = find_active(samples, sample_rate)
    call = samples[active.start : active.stop].astype(np.float64)
    if active.rms > 0:
        call /= active.rms
    n = min(round(FADE_S * sample_rate), len(call) // 2)
    fade = (np.arange(n) + 0.5) / max(1, n)
    call[:n] *= fade
    call[len(call) - n :] *= fade[::-1]
    spans = [(start - active.start, stop - active.start) for start, stop in active.spans]
    return call, Active(0, len(call), spans, 1.0 if active.rms > 0 else 0.0)


def add_call(mixture: np.ndarray, call: np.ndarray, start: int, gain: float) -> tuple[int, int]:
    """Add a call to a mixture, in place; what lies outside is cut off.

    Parameters
    ----------
    mixture : np.ndarray of shape (n,), float64
    call : np.ndarray of shape (m,)
    start : int
        Sample of the mixture at which the call starts; may be negative.
    gain : float
        Factor.

    Returns
    -------
    (int, int)
        Samples of the mixture that the call covers.
    """
    first, last = min(max(0, start), len(mixture)), max(0, min(len(mixture), start + len(call)))
    mixture[first:last] += gain * call[first - start : last - start]
    return first, max(first, last)


def gain_for_snr(background: np.ndarray, snr_db: float) -> float:
    """The factor by which a call of RMS 1 is `snr_db` above the RMS of a background."""
    return float(np.sqrt(np.mean(np.square(background))) * 10 ** (snr_db / 20))
