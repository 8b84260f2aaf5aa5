"""The wild boar and the red fox: each an individual drawn once, that can then call.

Values are those of the literature named in the docstrings; where it gives none they are chosen by field sense, and the
docstring says so. They describe how the animals sound, not what any classifier finds easy.
"""

from dataclasses import dataclass

import numpy as np
from scipy import signal

from project_echo.corpora.demo.sounds import Samples, glide, harmonics, lay, length, resonate, swell, wander


@dataclass(frozen=True)
class Boar:
    """One wild boar: pulse rate of its voice, length of its vocal tract, manner."""

    pitch_hz: float
    formants: tuple[tuple[float, float, float], ...]  # (Hz, bandwidth Hz, amplitude)
    grunts_per_s: float
    breath: float
    squeals: float  # share of calls that break into a grunt-squeal

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Boar":
        quarter_wave = 350 / (4 * generator.uniform(0.19, 0.32))  # speed of sound over four lengths of the vocal tract
        centres = quarter_wave * np.array([1, 3, 5, 7, 9]) * generator.uniform(0.88, 1.12, 5)
        strengths = 0.5 ** np.arange(5) * generator.uniform(0.5, 1.4, 5)
        formants = tuple((centres[k], 100.0 + 80 * k, strengths[k]) for k in range(5))
        return cls(
            pitch_hz=generator.uniform(45, 130),
            formants=formants,
            grunts_per_s=generator.uniform(1.2, 3.5),
            breath=generator.uniform(0.1, 0.7),
            squeals=generator.beta(1, 14),
        )

    def pause_s(self, generator: np.random.Generator) -> float:
        return generator.uniform(0.4, 3.5)

    def call(self, generator: np.random.Generator, rate: int) -> Samples:
        """A series of 1 to 7 grunts, now and then one that breaks into a squeal; shape (n,).

        Grunts, grunt-squeals, squeals and trumpets grade into one another (Garcia et al. 2016, Ethology 122:329-342).
        Formants follow the length of the vocal tract (Garcia, Wondrak, Huber & Fitch 2016, J. Exp. Biol. 219:1913-1921,
        on piglets), here those of a tube closed at one end; 19 to 32 cm from yearling to adult male, pulse rates of 45
        to 130 Hz and durations of 0.12 to 0.45 s are field sense.
        """
        count = int(generator.integers(1, 8))
        starts = np.cumsum(generator.uniform(0.75, 1.25, count)) / self.grunts_per_s
        track = np.zeros(length(starts[-1] + 1.2, rate))
        for start in starts - starts[0]:
            squeals = generator.random() < self.squeals
            voice = self._squeal(generator, rate) if squeals else self._grunt(generator, rate)
            level = generator.uniform(0.4, 1) * (1.5 if squeals else 1)
            lay(track, voice * level / np.sqrt(np.mean(voice**2)), int(start * rate))
        return track

    def _grunt(self, generator: np.random.Generator, rate: int) -> Samples:
        n = length(generator.uniform(0.12, 0.45), rate)
        arch = np.array([0.85, 1.1, 1.0, 0.75]) * generator.uniform(0.85, 1.15)
        pitch = self.pitch_hz * glide(arch, n) * (1 + 0.12 * wander(generator, n, rate, 60))
        cycle = np.cumsum(pitch) / rate
        pulses = np.zeros(n)
        beats = np.flatnonzero(np.diff(np.floor(cycle)) > 0)
        pulses[beats] = generator.uniform(0.5, 1.2, beats.size) * np.sqrt(rate / self.pitch_hz)
        source = pulses + self.breath * generator.standard_normal(n)
        return self._mouth(source, rate, 500) * swell(n, rate, 0.03, 0.09)

    def _squeal(self, generator: np.random.Generator, rate: int) -> Samples:
        n = length(generator.uniform(0.3, 0.8), rate)
        top = generator.uniform(450, 1100)
        pitch = glide([2.5 * self.pitch_hz, 0.8 * top, top, 0.9 * top, 0.5 * top], n)
        pitch *= 1 + 0.05 * wander(generator, n, rate, 90)
        source = harmonics(pitch, [1, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1], rate) + 0.5 * generator.standard_normal(n)
        return (0.5 * self._mouth(source, rate, 2500) + 0.1 * source) * swell(n, rate, 0.06, 0.12)

    def _mouth(self, source: Samples, rate: int, soft_hz: float) -> Samples:
        """Through the formants; above `soft_hz` the voice itself falls by 6 dB an octave."""
        keep = np.exp(-2 * np.pi * soft_hz / rate)
        return resonate(signal.lfilter([1 - keep], [1, -keep], source), self.formants, rate)


@dataclass(frozen=True)
class Fox:
    """One red fox: how high, how hoarse, and whether it barks or screams."""

    bark_hz: float
    scream_hz: float
    hoarse: float
    screams: float  # share of calls that are screams
    barks_per_s: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Fox":
        return cls(
            bark_hz=generator.uniform(380, 900),
            scream_hz=generator.uniform(600, 1250),
            hoarse=generator.uniform(0.15, 0.9),
            screams=generator.beta(0.8, 0.8),  # most keep to one of the two
            barks_per_s=generator.uniform(2.2, 4.8),
        )

    def pause_s(self, generator: np.random.Generator) -> float:
        return generator.uniform(1, 4.5)

    def call(self, generator: np.random.Generator, rate: int) -> Samples:
        """A scream, or a series of 1 to 5 barks; shape (n,).

        Barks start abruptly with energy in two bands and fall towards their end; screams hold many bands for long
        (call types of Newton-Fisher, Harris, White & Jones 1993, Bioacoustics 5:1-31, who also found the types to
        grade). Barking fills about 700 to 3600 Hz (E3S Web Conf. 462:01004, 2023). Fundamentals of 380 to 1250 Hz,
        barks of 0.12 to 0.3 s and screams of 0.6 to 1.5 s are field sense.
        """
        return self._scream(generator, rate) if generator.random() < self.screams else self._barks(generator, rate)

    def _barks(self, generator: np.random.Generator, rate: int) -> Samples:
        count = int(generator.integers(1, 6))
        starts = np.cumsum(generator.uniform(0.85, 1.15, count)) / self.barks_per_s
        track = np.zeros(length(starts[-1] + 0.5, rate))
        for start in starts - starts[0]:
            n = length(generator.uniform(0.12, 0.3), rate)
            pitch = self.bark_hz * glide([0.8, 1.05, 1.1, 0.9, 0.65], n) * generator.uniform(0.93, 1.07)
            bark = self._throat(generator, pitch, [1, 0.9, 0.4, 0.25, 0.15, 0.1], rate) * swell(n, rate, 0.012, 0.1)
            lay(track, bark * generator.uniform(0.6, 1), int(start * rate))
        return track

    def _scream(self, generator: np.random.Generator, rate: int) -> Samples:
        n = length(generator.uniform(0.6, 1.5), rate)
        bend = np.array([0.7, 0.95, 1.0, 1.05, 0.95, 0.6]) + generator.normal(0, 0.05, 6)
        pitch = self.scream_hz * glide(bend, n)
        scream = self._throat(generator, pitch, [0.8, 1, 0.8, 0.6, 0.4, 0.3, 0.2, 0.12, 0.08], rate)
        return scream * swell(n, rate, 0.08, 0.25) * (1 + 0.25 * wander(generator, n, rate, 25))

    def _throat(self, generator: np.random.Generator, pitch: Samples, weights: list[float], rate: int) -> Samples:
        """Harmonics roughened as a hoarse voice is: unsteady pitch, and noise around the harmonics."""
        rough = 1 + 0.09 * self.hoarse * wander(generator, pitch.size, rate, 150)
        voiced = harmonics(pitch * rough, weights, rate)
        centre = float(pitch.mean())
        rasp = resonate(generator.standard_normal(pitch.size), [(2 * centre, 1.6 * centre, 3.5)], rate)
        return voiced + self.hoarse * rasp
