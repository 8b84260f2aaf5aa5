"""Building blocks of synthetic sound: pitch glides, harmonics, resonances, noise, levels.

Sound is a float array of shape (n,): tracks and what is added to them are float32, at half the time and memory of
float64; pitches and phases are float64.

Every sound is the same on every processor. The last bits of NumPy's sin, exp, log and powers depend on the processor,
and so do those of complex products and of BLAS. Therefore such functions are evaluated once, for a table or a filter,
and rounded (`rounded`); samples are only looked up, added and multiplied. Fast Fourier transforms are SciPy's, whose
code does not depend on the processor, at a few fixed sizes.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from scipy import fft

Samples = np.ndarray

PART_S, PARTS_PER_FRAME = 0.0025, 8  # of `active_level_db`
CYCLE = 1 << 16  # samples of a table that holds one cycle
_FIR = 4096  # taps of the filters of `apply_gain`: a resolution of 8 Hz at 32 kHz
_BLOCK = 1 << 14  # samples that `apply_gain` transforms together
_TOGETHER = 4  # blocks: SciPy transforms as many as there are floats in an SSE register
_STEPS = 2.0**24  # per unit, of `rounded`: as fine as float32 near 1


def n_samples(duration_s: float, sample_rate: int) -> int:
    """Number of samples in a duration; at least one."""
    return max(1, round(duration_s * sample_rate))


def glide(points: Sequence[float] | np.ndarray, n: int) -> Samples:
    """Interpolate linearly between evenly spaced points.

    Parameters
    ----------
    points : sequence of float
        At least one; the first and the last are the ends of the result.
    n : int
        Number of samples.

    Returns
    -------
    np.ndarray of shape (n,)
    """
    return np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(points)), points)


def drift(generator: np.random.Generator, n: int, sample_rate: int, hz: float) -> Samples:
    """Slow random movement.

    Parameters
    ----------
    generator : np.random.Generator
    n : int
        Number of samples.
    sample_rate : int
        Hz.
    hz : float
        How many random values per second the movement connects.

    Returns
    -------
    np.ndarray of shape (n,)
        Within -1.7..1.7.
    """
    knots = max(2, int(np.ceil(n / sample_rate * hz)) + 1)
    return glide(generator.uniform(-1.7, 1.7, knots), n)


def rounded(values: np.ndarray) -> np.ndarray:
    """Round values of order 1 to steps of 2^-24, which hides the last bits of float64; float32."""
    return (np.rint(np.asarray(values) * _STEPS) / _STEPS).astype(np.float32)


def white_noise(generator: np.random.Generator, n: int) -> Samples:
    """White noise, uniformly distributed, with standard deviation 1; float32, shape (n,)."""
    integers = np.frombuffer(generator.bytes(2 * n), "<i2")
    return integers * np.float32(3**0.5 / 2**15)


def look_up(cycle: Samples, phase: Samples) -> Samples:
    """Values of a periodic function.

    Parameters
    ----------
    cycle : np.ndarray of shape (CYCLE,), float32
        One cycle of it.
    phase : np.ndarray of shape (n,)
        In cycles, at least 0.

    Returns
    -------
    np.ndarray of shape (n,), float32
    """
    return cycle[(phase * CYCLE).astype(np.int64) & (CYCLE - 1)]


@cache
def _sine_cycle() -> Samples:
    return rounded(np.sin(2 * np.pi * np.arange(CYCLE) / CYCLE))


def sine(phase: Samples) -> Samples:
    """Sine of phases in cycles, at least 0, both of shape (n,); float32, with 16 bits of phase."""
    return look_up(_sine_cycle(), phase)


def harmonics(pitch_hz: Samples, weights: Sequence[float] | np.ndarray, sample_rate: int) -> Samples:
    """A harmonic tone.

    Parameters
    ----------
    pitch_hz : np.ndarray of shape (n,)
        Fundamental frequency of each sample, Hz.
    weights : sequence of float
        Amplitudes of harmonics 1, 2, ...; those near the Nyquist frequency are left out.
    sample_rate : int
        Hz.

    Returns
    -------
    np.ndarray of shape (n,), float32
    """
    # Phases as integers, of 2^32 to the cycle: products with the number of a harmonic wrap around as phases do.
    phase = (np.cumsum(pitch_hz) * (2.0**32 / sample_rate)).astype(np.int64).astype(np.uint32)
    cycle, highest_hz = _sine_cycle(), float(pitch_hz.max())
    tone = np.zeros(pitch_hz.shape, np.float32)
    for number, weight in enumerate(weights, start=1):
        if weight and number * highest_hz < 0.48 * sample_rate:  # no aliasing
            tone += np.float32(weight) * cycle[(phase * np.uint32(number)) >> np.uint32(16)]
    return tone


def fade_in_out(n: int, sample_rate: int, attack_s: float, release_s: float) -> Samples:
    """Envelope with a raised-cosine attack and release.

    Parameters
    ----------
    n : int
        Number of samples.
    sample_rate : int
        Hz.
    attack_s, release_s : float
        Durations of the attack and of the release, s.

    Returns
    -------
    np.ndarray of shape (n,)
        0 to 1.
    """
    seconds = np.arange(n) / sample_rate
    envelope = np.ones(n, np.float32)
    attack = seconds[seconds < attack_s] / attack_s
    envelope[: attack.size] = sine(attack / 4) ** 2
    release = seconds[seconds < release_s] / release_s  # from the end
    envelope[n - release.size :] *= sine(release[::-1] / 4) ** 2
    return envelope


def resonate(samples: Samples, peaks: Sequence[tuple[float, float, float]], sample_rate: int) -> Samples:
    """Filter sound with parallel resonances, as a vocal tract does.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    peaks : sequence of (float, float, float)
        Center frequency (Hz), bandwidth (Hz) and amplitude of each resonance.
    sample_rate : int
        Hz.

    Returns
    -------
    np.ndarray of shape (n,), float32
    """
    peaks = [peak for peak in peaks if peak[0] < 0.45 * sample_rate]
    if not peaks:
        return np.zeros(samples.size, np.float32)
    narrowest_hz = min(bandwidth_hz for _, bandwidth_hz, _ in peaks)
    seconds = np.arange(n_samples(2 / narrowest_hz, sample_rate)) / sample_rate  # it decays by 55 dB
    response = np.zeros(seconds.size)
    for hz, bandwidth_hz, weight in peaks:
        # A damped cosine has its peak, of 1, at its frequency, and half the power half a bandwidth beside it.
        decay = 2 * np.pi * bandwidth_hz / sample_rate * np.exp(-np.pi * bandwidth_hz * seconds)
        response += weight * decay * np.cos(2 * np.pi * hz * seconds)
    return convolve(samples, rounded(response))


def convolve(samples: Samples, response: Samples) -> Samples:
    """Filter sound with an impulse response, block by block (overlap-save).

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    response : np.ndarray of shape (m,), float32
        Causal: its first sample weights the current sample of the sound, the next one the sample before.

    Returns
    -------
    np.ndarray of shape (n,), float32
        What exceeds the length of the sound is cut off.
    """
    before = response.size - 1
    size = 1 << max(10, int(2.5 * response.size).bit_length())
    transfer = fft.rfft(response, size)
    return _filter_blocks(samples, size, before, 0, lambda spectra: _product(spectra, transfer))


def _product(spectra: np.ndarray, transfer: np.ndarray) -> np.ndarray:
    """Complex product, from real ones: NumPy's own is fused where the processor can, and rounds differently."""
    product = np.empty_like(spectra)
    product.real = spectra.real * transfer.real - spectra.imag * transfer.imag
    product.imag = spectra.real * transfer.imag + spectra.imag * transfer.real
    return product


def _filter_blocks(
    samples: Samples, size: int, before: int, after: int, multiply: Callable[[np.ndarray], np.ndarray]
) -> Samples:
    """Multiply the spectra of overlapping blocks of `size` samples; a filter has taps `before` and `after` a sample."""
    step = size - before - after
    n_blocks = -(-samples.size // step)
    padded = np.zeros(n_blocks * step + before + after, np.float32)
    padded[before : before + samples.size] = samples
    blocks = np.lib.stride_tricks.sliding_window_view(padded, size)[::step]
    filtered = np.zeros((n_blocks, step), np.float32)
    sounding = np.flatnonzero(blocks.any(axis=1))  # tracks have pauses
    for start in range(0, sounding.size, _TOGETHER):
        some = sounding[start : start + _TOGETHER]
        spectra = multiply(fft.rfft(blocks[some]))
        filtered[some] = fft.irfft(spectra, size, overwrite_x=True)[:, before : before + step]
    return filtered.reshape(-1)[: samples.size]


def apply_gain(samples: Samples, sample_rate: int, gain: Callable[[Samples], Samples]) -> Samples:
    """Filter sound with a frequency response, without a shift in time.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    sample_rate : int
        Hz.
    gain : callable
        Amplitude factors at frequencies in Hz, both of shape (k,). It should be smooth: it is evaluated at two thousand
        frequencies.

    Returns
    -------
    np.ndarray of shape (n,), float32
    """
    half = _FIR // 2
    response = fft.irfft(rounded(gain(np.linspace(0, sample_rate / 2, half + 1))), _FIR)
    response *= np.roll(sine(np.arange(_FIR) / (2 * _FIR)) ** 2, half)  # a Hann window around the first sample
    centered = np.zeros(_BLOCK, np.float32)
    centered[:half], centered[-half:] = response[:half], response[half:]
    factors = np.repeat(fft.rfft(centered).real, 2)  # of real and imaginary parts
    return _filter_blocks(
        samples, _BLOCK, half, half, lambda spectra: (spectra.view(np.float32) * factors).view(np.complex64)
    )


def add_at(track: Samples, call: Samples, start: int) -> None:
    """Add a call to a track in place.

    Parameters
    ----------
    track : np.ndarray of shape (n,)
        Is changed.
    call : np.ndarray of shape (m,)
        What exceeds the track is cut off.
    start : int
        First sample of the call in the track.
    """
    part = call[: max(0, track.size - start)]
    track[start : start + part.size] += part


def active_level_db(samples: Samples, sample_rate: int) -> float:
    """Level above about 150 Hz without pauses, in dB relative to a full-scale square wave.

    The mean power of 20 ms frames within 20 dB of the loudest frame. Wind and handling noise, which say little about
    how well a call is heard, are taken out as the means of parts of 2.5 ms: 4 dB at 150 Hz, 13 dB at 50 Hz.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    sample_rate : int
        Hz.

    Returns
    -------
    float
        dB; -inf for silence.
    """
    part = n_samples(PART_S, sample_rate)
    frame = PARTS_PER_FRAME * part
    if samples.size < frame:
        samples = np.resize(samples, frame)  # repeats them
    parts = samples[: samples.size // frame * frame].reshape(-1, PARTS_PER_FRAME, part)
    means = parts.mean(axis=2)
    power = ((parts**2).mean(axis=2) - means**2).mean(axis=1)
    if power.max() <= 0:
        return -np.inf
    active = power[power > np.float32(0.01) * power.max()]
    return float(10 * np.log10(active.mean(dtype=np.float64)))  # in float64, whose last bits `db_to_amplitude` rounds


def db_to_amplitude(db: float) -> float:
    """Amplitude factor of a level difference in dB, with the precision of float32."""
    return float(np.float32(10 ** (db / 20)))
