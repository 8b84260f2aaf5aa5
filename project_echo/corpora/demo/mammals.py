"""Calls of wild boars and red foxes, by random individuals.

Values are from the literature under References; values without a source are assumptions, and the docstring says so.
They describe how the animals sound, not what a classifier finds easy.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from project_echo.corpora.demo.sounds import (
    Samples,
    add_at,
    convolve,
    drift,
    fade_in_out,
    glide,
    harmonics,
    n_samples,
    resonate,
    rounded,
    white_noise,
)


@dataclass(frozen=True)
class Boar:
    """A wild boar: pulse rate of its voice, formants of its vocal tract, and how often it squeals."""

    pause_s: ClassVar[tuple[float, float]] = (0.4, 3.5)
    pitch_hz: float
    formants: tuple[tuple[float, float, float], ...]  # (center Hz, bandwidth Hz, amplitude)
    grunts_per_s: float
    breathiness: float
    squeal_share: float  # of calls that break into a grunt-squeal

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Boar":
        """Draw a random individual."""
        quarter_wave_hz = 350 / (4 * generator.uniform(0.19, 0.32))  # speed of sound over four vocal tract lengths
        centers_hz = quarter_wave_hz * np.array([1, 3, 5, 7, 9]) * generator.uniform(0.88, 1.12, 5)
        amplitudes = 0.5 ** np.arange(5) * generator.uniform(0.5, 1.4, 5)
        formants = tuple((centers_hz[k], 100.0 + 80 * k, amplitudes[k]) for k in range(5))
        return cls(
            pitch_hz=generator.uniform(45, 130),
            formants=formants,
            grunts_per_s=generator.uniform(1.2, 3.5),
            breathiness=generator.uniform(0.1, 0.7),
            squeal_share=generator.beta(1, 14),
        )

    def call(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        """A series of 1 to 7 grunts, some of which break into a squeal; shape (n,).

        Grunts, grunt-squeals, squeals and trumpets grade into one another [1]_. Formants follow the length of the vocal
        tract [2]_ (measured on piglets), here those of a tube closed at one end. Vocal tracts of 19 to 32 cm (yearling
        to adult male), pulse rates of 45 to 130 Hz and durations of 0.12 to 0.45 s are assumptions.

        References
        ----------
        .. [1] Garcia et al. 2016, Ethology 122:329-342.
        .. [2] Garcia, Wondrak, Huber & Fitch 2016, J. Exp. Biol. 219:1913-1921.
        """
        count = int(generator.integers(1, 8))
        starts_s = np.cumsum(generator.uniform(0.75, 1.25, count)) / self.grunts_per_s
        track = np.zeros(n_samples(starts_s[-1] + 1.2, sample_rate))
        for start_s in starts_s - starts_s[0]:
            squeals = generator.random() < self.squeal_share
            voice = self._squeal(generator, sample_rate) if squeals else self._grunt(generator, sample_rate)
            level = generator.uniform(0.4, 1) * (1.5 if squeals else 1)
            add_at(track, voice * level / np.sqrt(np.mean(voice**2)), int(start_s * sample_rate))
        return track

    def _grunt(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        n = n_samples(generator.uniform(0.12, 0.45), sample_rate)
        arch = np.array([0.85, 1.1, 1.0, 0.75]) * generator.uniform(0.85, 1.15)
        pitch_hz = self.pitch_hz * glide(arch, n) * (1 + 0.12 * drift(generator, n, sample_rate, 60))
        cycle = np.cumsum(pitch_hz) / sample_rate
        pulses = np.zeros(n)
        starts = np.flatnonzero(np.diff(np.floor(cycle)) > 0)
        pulses[starts] = generator.uniform(0.5, 1.2, starts.size) * np.sqrt(sample_rate / self.pitch_hz)
        source = pulses + self.breathiness * white_noise(generator, n)
        return self._vocal_tract(source, sample_rate, 500) * fade_in_out(n, sample_rate, 0.03, 0.09)

    def _squeal(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        n = n_samples(generator.uniform(0.3, 0.8), sample_rate)
        top_hz = generator.uniform(450, 1100)
        pitch_hz = glide([2.5 * self.pitch_hz, 0.8 * top_hz, top_hz, 0.9 * top_hz, 0.5 * top_hz], n)
        pitch_hz *= 1 + 0.05 * drift(generator, n, sample_rate, 90)
        source = harmonics(pitch_hz, [1, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1], sample_rate)
        source = source + np.float32(0.5) * white_noise(generator, n)
        squeal = 0.5 * self._vocal_tract(source, sample_rate, 2500) + 0.1 * source
        return squeal * fade_in_out(n, sample_rate, 0.06, 0.12)

    def _vocal_tract(self, source: Samples, sample_rate: int, corner_hz: float) -> Samples:
        """Filter the voice with the formants; above `corner_hz` the voice itself falls by 6 dB per octave."""
        seconds = np.arange(n_samples(1.5 / corner_hz, sample_rate)) / sample_rate  # it falls by 80 dB
        decay = rounded(np.exp(-2 * np.pi * corner_hz * seconds))
        return resonate(convolve(source, decay / decay.sum()), self.formants, sample_rate)


@dataclass(frozen=True)
class Fox:
    """A red fox: pitch, hoarseness, and how often it screams instead of barking."""

    pause_s: ClassVar[tuple[float, float]] = (1, 4.5)
    bark_hz: float
    scream_hz: float
    hoarseness: float
    scream_share: float  # of its calls
    barks_per_s: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Fox":
        """Draw a random individual."""
        return cls(
            bark_hz=generator.uniform(380, 900),
            scream_hz=generator.uniform(600, 1250),
            hoarseness=generator.uniform(0.15, 0.9),
            scream_share=generator.beta(0.8, 0.8),  # most individuals prefer one of the two
            barks_per_s=generator.uniform(2.2, 4.8),
        )

    def call(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        """A scream, or a series of 1 to 5 barks; shape (n,).

        Barks start abruptly with energy in two bands and fall towards their end; screams have many bands and last
        longer; the call types grade into one another [1]_. Barks fill about 700 to 3600 Hz [2]_. Fundamentals of 380
        to 1250 Hz, barks of 0.12 to 0.3 s and screams of 0.6 to 1.5 s are assumptions.

        References
        ----------
        .. [1] Newton-Fisher, Harris, White & Jones 1993, Bioacoustics 5:1-31.
        .. [2] E3S Web Conf. 462:01004, 2023.
        """
        screams = generator.random() < self.scream_share
        return self._scream(generator, sample_rate) if screams else self._barks(generator, sample_rate)

    def _barks(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        count = int(generator.integers(1, 6))
        starts_s = np.cumsum(generator.uniform(0.85, 1.15, count)) / self.barks_per_s
        track = np.zeros(n_samples(starts_s[-1] + 0.5, sample_rate))
        for start_s in starts_s - starts_s[0]:
            n = n_samples(generator.uniform(0.12, 0.3), sample_rate)
            pitch_hz = self.bark_hz * glide([0.8, 1.05, 1.1, 0.9, 0.65], n) * generator.uniform(0.93, 1.07)
            bark = self._hoarse_voice(generator, pitch_hz, [1, 0.9, 0.4, 0.25, 0.15, 0.1], sample_rate)
            bark = bark * fade_in_out(n, sample_rate, 0.012, 0.1)
            add_at(track, bark * generator.uniform(0.6, 1), int(start_s * sample_rate))
        return track

    def _scream(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        n = n_samples(generator.uniform(0.6, 1.5), sample_rate)
        bend = np.array([0.7, 0.95, 1.0, 1.05, 0.95, 0.6]) + generator.normal(0, 0.05, 6)
        pitch_hz = self.scream_hz * glide(bend, n)
        weights = [0.8, 1, 0.8, 0.6, 0.4, 0.3, 0.2, 0.12, 0.08]
        scream = self._hoarse_voice(generator, pitch_hz, weights, sample_rate)
        tremor = 1 + 0.25 * drift(generator, n, sample_rate, 25)
        return scream * fade_in_out(n, sample_rate, 0.08, 0.25) * tremor

    def _hoarse_voice(
        self, generator: np.random.Generator, pitch_hz: Samples, weights: list[float], sample_rate: int
    ) -> Samples:
        """Harmonics with unsteady pitch, and noise around them."""
        jitter = 1 + 0.09 * self.hoarseness * drift(generator, pitch_hz.size, sample_rate, 150)
        voiced = harmonics(pitch_hz * jitter, weights, sample_rate)
        mean_hz = float(pitch_hz.mean())
        noise = white_noise(generator, pitch_hz.size)
        return voiced + self.hoarseness * resonate(noise, [(2 * mean_hz, 1.6 * mean_hz, 3.5)], sample_rate)
