"""What a place and a recorder make of a sound: distance, echo, wind, insects, hum, other animals, electronics."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import signal

from project_echo.corpora.demo.sounds import (
    Samples,
    amplitude,
    glide,
    harmonics,
    length,
    loudness_db,
    noise,
    shape,
    wander,
)

# Attenuation per octave band, 63 Hz to 8 kHz, after ISO 9613-2:1996. Air at 10 degrees C and 70 % humidity in dB/km
# (table 2); dense foliage, 20 to 200 m deep, in dB/m (table A.1).
_OCTAVES_HZ = np.array([63, 125, 250, 500, 1000, 2000, 4000, 8000])
_AIR_DB_PER_KM = np.array([0.1, 0.4, 1.0, 1.9, 3.7, 9.7, 32.8, 117.0])
_LEAVES_DB_PER_M = np.array([0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.09, 0.12])


@dataclass(frozen=True)
class Place:
    """Where an animal is recorded. Levels of the background are relative to one another, in dB; None is absent."""

    snr_db: float  # the animal, while it calls, over wind, insects, hum and electronics together
    distance_m: float
    leaves: float  # 0 open ground, 1 dense foliage all the way
    reverberation_s: float  # time to fall by 60 dB
    wind_db: float
    gusts_hz: float
    insects_db: float | None
    insects_hz: float
    hum_db: float | None
    mains_hz: int
    noise_db: float

    @classmethod
    def draw(cls, generator: np.random.Generator, snr_db: float | None = None) -> "Place":
        """A place at random; a given `snr_db` is kept, else it is drawn from 0 to 25 dB.

        A clear animal is a near one: sound falls by 6 dB with each doubling of distance, so against like backgrounds
        0 dB lies some 18 times farther than 25 dB. Cane toads are lost at 120 to 130 m (Muller, Pike & Schwarzkopf
        2016, Behaviour 153:1951-1969).
        """
        snr_db = generator.uniform(0, 25) if snr_db is None else snr_db
        distance = 4 * amplitude(25 - snr_db + generator.normal(0, 4))
        return cls(
            snr_db=snr_db,
            distance_m=float(np.clip(distance, 2, 120)),
            leaves=generator.uniform(0, 1),
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
    """What a sound is recorded with."""

    low_hz: float
    high_hz: float
    tilt_db: float  # per octave, around 1 kHz
    bumps: tuple[tuple[float, float], ...]  # (octaves from 1 kHz, dB) of broad peaks and dips of its response
    peak_dbfs: float
    rate_hz: int

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Recorder":
        return cls(
            low_hz=generator.uniform(40, 220),
            high_hz=generator.uniform(6500, 15000),
            tilt_db=generator.uniform(-1.8, 1.8),
            bumps=tuple((generator.uniform(-2, 3), generator.uniform(-6, 6)) for _ in range(3)),
            peak_dbfs=generator.uniform(-26, -2),
            rate_hz=int(generator.choice([22050, 32000, 44100, 48000])),
        )

    def gain(self, hz: Samples) -> Samples:
        """Response at frequencies in Hz, shape (n,)."""
        octaves = np.log2(np.maximum(hz, 20) / 1000)
        db = self.tilt_db * octaves
        for centre, height in self.bumps:
            db = db + height * np.exp(-((octaves - centre) ** 2) / 0.5)
        edges = 1 / np.sqrt(1 + (self.low_hz / np.maximum(hz, 1)) ** 4) / np.sqrt(1 + (hz / self.high_hz) ** 8)
        return 10 ** (db / 20) * edges


def travel(samples: Samples, distance_m: float, place: Place, generator: np.random.Generator, rate: int) -> Samples:
    """The sound after `distance_m` of air, leaves and echo; shape kept, level free.

    High frequencies fade with distance, and the echo grows against the direct sound.
    """
    per_m = _AIR_DB_PER_KM / 1000 + place.leaves * _LEAVES_DB_PER_M
    loss_db = (per_m - per_m.min()) * distance_m

    def fade(hz: Samples) -> Samples:
        return 10 ** (-np.interp(np.log2(np.maximum(hz, 1)), np.log2(_OCTAVES_HZ), loss_db) / 20)

    n = length(place.reverberation_s, rate)
    decay = 10 ** (-3 * np.arange(n) / n)
    echo = signal.lfilter([0.35], [1, -0.65], noise(generator, n) * decay)  # trunks and slopes return less of the highs
    echo *= amplitude(-22 + 9 * np.log10(distance_m)) / np.sqrt((echo**2).sum())
    echo[0] += 1
    lead = length(0.01, rate)  # room before the direct sound, for the fading filter's own width
    path = shape(np.pad(echo, lead).astype(np.float32), rate, fade)
    return signal.oaconvolve(samples, path)[: samples.size]


def background(place: Place, n: int, generator: np.random.Generator, rate: int) -> Samples:
    """Wind, insects, hum and the recorder's own noise, shape (n,), each at its level; the whole has no fixed level."""
    heard = _at(_wind(place, n, generator, rate), place.wind_db, rate)
    heard += _at(noise(generator, n), place.noise_db, rate)
    if place.insects_db is not None:
        heard += _at(_insects(place, n, generator, rate), place.insects_db, rate)
    if place.hum_db is not None:
        second = harmonics(np.full(rate, float(place.mains_hz)), generator.uniform(0, 1, 8) / np.arange(1, 9), rate)
        heard += _at(np.resize(second, n), place.hum_db, rate)  # a second holds whole cycles, so it repeats
    return heard


def record(
    animal: Samples,
    strangers: Sequence[tuple[Samples, float]],
    place: Place,
    recorder: Recorder,
    generator: np.random.Generator,
    rate: int,
) -> Samples:
    """What the recorder writes: `animal`, shape (n,), in its place, with strangers far off; shape (n,), within -1..1.

    `strangers` are tracks of shape (n,), each with its level in dB relative to the animal's; they are 60 to 150 m off.
    """
    heard = _at(travel(animal, place.distance_m, place, generator, rate), 0, rate)
    for track, level_db in strangers:
        heard += _at(travel(track, generator.uniform(60, 150), place, generator, rate), level_db, rate)
    heard += _at(background(place, animal.size, generator, rate), -place.snr_db, rate)
    heard = shape(heard, rate, recorder.gain)
    return heard * np.float32(amplitude(recorder.peak_dbfs) / np.abs(heard).max())


def _at(samples: Samples, level_db: float, rate: int) -> Samples:
    now_db = loudness_db(samples, rate)
    factor = amplitude(level_db - now_db) if np.isfinite(now_db) else 0.0
    return samples.astype(np.float32) * np.float32(factor)


def _wind(place: Place, n: int, generator: np.random.Generator, rate: int) -> Samples:
    """Turbulence at the microphone: strong towards low frequencies, in gusts, with leaves that rustle along."""

    def spectrum(hz: Samples) -> Samples:
        return 1 / (1 + (hz / 120) ** 1.3) + place.leaves * 0.06 / (1 + (hz / 2500) ** 2)

    gusts = np.exp(0.45 * wander(generator, n, rate, place.gusts_hz)).astype(np.float32)
    return shape(noise(generator, n), rate, spectrum) * gusts


def _insects(place: Place, n: int, generator: np.random.Generator, rate: int) -> Samples:
    """Either crickets (chirps of a nearly pure tone) or a steady stridulating band."""
    seconds = np.arange(n) / rate
    if generator.random() < 0.5:
        beat = seconds * generator.uniform(1.5, 3.5) + 0.15 * wander(generator, n, rate, 1)
        syllables = np.maximum(np.sin(2 * np.pi * generator.uniform(22, 45) * seconds), 0)
        tone = np.sin(2 * np.pi * np.cumsum(place.insects_hz * (1 + 0.004 * wander(generator, n, rate, 5))) / rate)
        return tone * syllables * (beat % 1 < generator.uniform(0.3, 0.7)) * glide(generator.uniform(0.5, 1, 5), n)
    width = generator.uniform(0.08, 0.25)

    def ring(hz: Samples) -> Samples:
        return np.exp(-((np.log2(np.maximum(hz, 1) / place.insects_hz) / width) ** 2))

    band = shape(noise(generator, n), rate, ring)
    return band * (1 + 0.6 * np.sin(2 * np.pi * generator.uniform(8, 40) * seconds))
