"""Acoustic scenes and recorders: distance, reverberation, wind, insects, hum, distant animals, electronics."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from project_echo.corpora.demo.sounds import (
    Samples,
    active_level_db,
    apply_gain,
    convolve,
    db_to_amplitude,
    drift,
    glide,
    harmonics,
    n_samples,
    rounded,
    sine,
    white_noise,
)

# Attenuation per octave band from ISO 9613-2:1996: air at 10 degrees C and 70% humidity in dB/km (table 2), dense
# foliage 20 to 200 m deep in dB/m (table A.1).
_OCTAVES_HZ = np.array([63, 125, 250, 500, 1000, 2000, 4000, 8000])
_AIR_DB_PER_KM = np.array([0.1, 0.4, 1.0, 1.9, 3.7, 9.7, 32.8, 117.0])
_FOLIAGE_DB_PER_M = np.array([0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.09, 0.12])
_DULL = rounded(0.35 * 0.65 ** np.arange(40))  # echoes lose their treble; a low-pass filter of first order


@dataclass(frozen=True)
class Scene:
    """Where an animal is recorded. Background levels are relative to one another, in dB; None is absent."""

    snr_db: float  # the animal, while it calls, over all background together
    distance_m: float
    foliage: float  # 0 open ground, 1 dense foliage all the way
    reverberation_s: float  # time to decay by 60 dB
    wind_db: float
    gusts_hz: float
    insects_db: float | None
    insects_hz: float
    hum_db: float | None
    mains_hz: int
    noise_db: float

    @classmethod
    def draw(cls, generator: np.random.Generator, snr_db: float | None = None) -> "Scene":
        """Draw a random scene.

        A high signal-to-noise ratio means a near animal: sound falls by 6 dB with each doubling of distance, so with
        equal background 0 dB is about 18 times farther than 25 dB. The farthest is 120 m: cane toads become inaudible
        at 120 to 130 m [1]_.

        Parameters
        ----------
        generator : np.random.Generator
        snr_db : float, optional
            Signal-to-noise ratio, dB; drawn from 0 to 25 dB by default.

        Returns
        -------
        Scene

        References
        ----------
        .. [1] Muller, Pike & Schwarzkopf 2016, Behavior 153:1951-1969.
        """
        snr_db = generator.uniform(0, 25) if snr_db is None else snr_db
        distance_m = 4 * db_to_amplitude(25 - snr_db + generator.normal(0, 4))
        return cls(
            snr_db=snr_db,
            distance_m=float(np.clip(distance_m, 2, 120)),
            foliage=generator.uniform(0, 1),
            reverberation_s=generator.uniform(0.2, 1.4),
            wind_db=generator.uniform(-14, 0),
            gusts_hz=generator.uniform(0.15, 1.0),
            insects_db=generator.uniform(-16, 0) if generator.random() < 0.6 else None,
            insects_hz=generator.uniform(3200, 7500),
            hum_db=generator.uniform(-24, -8) if generator.random() < 0.4 else None,
            mains_hz=int(generator.choice([50, 60])),
            noise_db=generator.uniform(-22, -8),
        )


@dataclass(frozen=True)
class Recorder:
    """Frequency response, level and sample rate of a recorder."""

    low_hz: float
    high_hz: float
    tilt_db: float  # per octave, around 1 kHz
    bumps: tuple[tuple[float, float], ...]  # (octaves from 1 kHz, dB) of broad peaks and dips
    peak_dbfs: float
    sample_rate: int

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Recorder":
        """Draw a random recorder."""
        return cls(
            low_hz=generator.uniform(40, 220),
            high_hz=generator.uniform(6500, 15000),
            tilt_db=generator.uniform(-1.8, 1.8),
            bumps=tuple((generator.uniform(-2, 3), generator.uniform(-6, 6)) for _ in range(3)),
            peak_dbfs=generator.uniform(-26, -2),
            sample_rate=int(generator.choice([22050, 32000, 44100, 48000])),
        )

    def gain(self, hz: Samples) -> Samples:
        """Amplitude factors at frequencies in Hz; both of shape (n,)."""
        octaves = np.log2(np.maximum(hz, 20) / 1000)
        db = self.tilt_db * octaves
        for center, height_db in self.bumps:
            db = db + height_db * np.exp(-((octaves - center) ** 2) / 0.5)
        edges = 1 / np.sqrt(1 + (self.low_hz / np.maximum(hz, 1)) ** 4) / np.sqrt(1 + (hz / self.high_hz) ** 8)
        return 10 ** (db / 20) * edges


def propagate(
    samples: Samples, distance_m: float, scene: Scene, generator: np.random.Generator, sample_rate: int
) -> Samples:
    """Filter sound as air, foliage and echoes do over a distance.

    High frequencies lose more with distance, and reverberation grows relative to the direct sound.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    distance_m : float
    scene : Scene
        Its foliage and reverberation.
    generator : np.random.Generator
    sample_rate : int
        Hz.

    Returns
    -------
    np.ndarray of shape (n,)
        At an arbitrary level.
    """
    db_per_m = _AIR_DB_PER_KM / 1000 + scene.foliage * _FOLIAGE_DB_PER_M
    loss_db = (db_per_m - db_per_m.min()) * distance_m

    def attenuation(hz: Samples) -> Samples:
        return 10 ** (-np.interp(np.log2(np.maximum(hz, 1)), np.log2(_OCTAVES_HZ), loss_db) / 20)

    n = n_samples(scene.reverberation_s, sample_rate)
    decay = rounded(10 ** (-3 * np.arange(n) / n))
    echo = convolve(white_noise(generator, n) * decay, _DULL)
    level = db_to_amplitude(-22 + 9 * np.log10(distance_m))
    echo *= np.float32(level / np.sqrt((echo.astype(np.float64) ** 2).sum()))
    echo[0] += 1
    lead = n_samples(0.01, sample_rate)  # before the direct sound, for the width of the attenuation filter itself
    return convolve(samples, apply_gain(np.pad(echo, lead), sample_rate, attenuation))


def background(scene: Scene, n: int, generator: np.random.Generator, sample_rate: int) -> Samples:
    """Wind, insects, hum and recorder noise at their levels relative to one another.

    Parameters
    ----------
    scene : Scene
        Levels and frequencies of the background.
    n : int
        Number of samples.
    generator : np.random.Generator
    sample_rate : int
        Hz.

    Returns
    -------
    np.ndarray of shape (n,), float32
    """
    mix = _at_level(_wind(scene, n, generator, sample_rate), scene.wind_db, sample_rate)
    mix += _at_level(white_noise(generator, n), scene.noise_db, sample_rate)
    if scene.insects_db is not None:
        mix += _at_level(_insects(scene, n, generator, sample_rate), scene.insects_db, sample_rate)
    if scene.hum_db is not None:
        weights = generator.uniform(0, 1, 8) / np.arange(1, 9)
        second = harmonics(np.full(sample_rate, float(scene.mains_hz)), weights, sample_rate)
        mix += _at_level(np.resize(second, n), scene.hum_db, sample_rate)  # a second has whole cycles, so it repeats
    return mix


def record(
    animal: Samples,
    distant_animals: Sequence[tuple[Samples, float]],
    scene: Scene,
    recorder: Recorder,
    generator: np.random.Generator,
    sample_rate: int,
) -> Samples:
    """Sound of an animal in its scene, as a recorder stores it.

    Parameters
    ----------
    animal : np.ndarray of shape (n,)
        Track of the animal.
    distant_animals : sequence of (np.ndarray, float)
        Tracks of shape (n,) with their levels in dB relative to the animal; they are 60 to 150 m away.
    scene : Scene
    recorder : Recorder
    generator : np.random.Generator
    sample_rate : int
        Of all tracks, Hz.

    Returns
    -------
    np.ndarray of shape (n,)
        Within -1..1, with the recorder's peak level.
    """
    mix = _at_level(propagate(animal, scene.distance_m, scene, generator, sample_rate), 0, sample_rate)
    for track, level_db in distant_animals:
        distant = propagate(track, generator.uniform(60, 150), scene, generator, sample_rate)
        mix += _at_level(distant, level_db, sample_rate)
    mix += _at_level(background(scene, animal.size, generator, sample_rate), -scene.snr_db, sample_rate)
    mix = apply_gain(mix, sample_rate, recorder.gain)
    return mix * np.float32(db_to_amplitude(recorder.peak_dbfs) / np.abs(mix).max())


def _at_level(samples: Samples, level_db: float, sample_rate: int) -> Samples:
    current_db = active_level_db(samples, sample_rate)
    factor = db_to_amplitude(level_db - current_db) if np.isfinite(current_db) else 0.0
    return samples.astype(np.float32) * np.float32(factor)


def _wind(scene: Scene, n: int, generator: np.random.Generator, sample_rate: int) -> Samples:
    """Turbulence at the microphone, strong at low frequencies, and rustling foliage; both in gusts."""

    def spectrum(hz: Samples) -> Samples:
        return 1 / (1 + (hz / 120) ** 1.3) + scene.foliage * 0.06 / (1 + (hz / 2500) ** 2)

    n_knots = int(np.ceil(n / sample_rate * scene.gusts_hz)) + 1
    gusts = glide(rounded(np.exp(0.45 * generator.uniform(-1.7, 1.7, n_knots))), n)
    return apply_gain(white_noise(generator, n), sample_rate, spectrum) * gusts.astype(np.float32)


def _insects(scene: Scene, n: int, generator: np.random.Generator, sample_rate: int) -> Samples:
    """Either crickets (chirps of a nearly pure tone) or a steady stridulating band."""
    seconds = np.arange(n) / sample_rate
    if generator.random() < 0.5:
        beat = seconds * generator.uniform(1.5, 3.5) + 0.15 * drift(generator, n, sample_rate, 1)
        syllables = np.maximum(sine(generator.uniform(22, 45) * seconds), 0)
        pitch_hz = scene.insects_hz * (1 + 0.004 * drift(generator, n, sample_rate, 5))
        tone = sine(np.cumsum(pitch_hz) / sample_rate)
        return tone * syllables * (beat % 1 < generator.uniform(0.3, 0.7)) * glide(generator.uniform(0.5, 1, 5), n)
    width_octaves = generator.uniform(0.08, 0.25)

    def spectrum(hz: Samples) -> Samples:
        return np.exp(-((np.log2(np.maximum(hz, 1) / scene.insects_hz) / width_octaves) ** 2))

    band = apply_gain(white_noise(generator, n), sample_rate, spectrum)
    return band * (1 + np.float32(0.6) * sine(generator.uniform(8, 40) * seconds))
