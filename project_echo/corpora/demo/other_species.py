"""Animals that are none of the four: an owl, a songbird and a dog, as heard at night and at dawn. Field sense only."""

from dataclasses import dataclass

import numpy as np

from project_echo.corpora.demo.sounds import Samples, glide, harmonics, lay, length, resonate, swell, wander


@dataclass(frozen=True)
class Owl:
    """Long, nearly pure hoots with a quaver, like a tawny owl's."""

    pitch_hz: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Owl":
        return cls(pitch_hz=generator.uniform(480, 950))

    def pause_s(self, generator: np.random.Generator) -> float:
        return generator.uniform(2, 7)

    def call(self, generator: np.random.Generator, rate: int) -> Samples:
        """One long hoot, or a short and a long one; shape (n,)."""
        track = np.zeros(length(3.0, rate))
        start = 0.0
        for duration_s in [generator.uniform(0.2, 0.4), generator.uniform(0.6, 1.6)][int(generator.integers(2)) :]:
            n = length(duration_s, rate)
            quaver = 1 + 0.02 * np.sin(2 * np.pi * 12 * np.arange(n) / rate) * glide([0, 1], n)
            hoot = harmonics(self.pitch_hz * glide([0.92, 1, 1, 0.94], n) * quaver, [1, 0.08, 0.03], rate)
            lay(track, hoot * swell(n, rate, 0.06, 0.15), int(start * rate))
            start += duration_s + 0.4
        return track


@dataclass(frozen=True)
class Songbird:
    """Phrases of short whistles that leap in pitch."""

    pitch_hz: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Songbird":
        return cls(pitch_hz=generator.uniform(2200, 4500))

    def pause_s(self, generator: np.random.Generator) -> float:
        return generator.uniform(1, 4)

    def call(self, generator: np.random.Generator, rate: int) -> Samples:
        """One phrase of 4 to 11 whistles; shape (n,)."""
        count = int(generator.integers(4, 12))
        starts = np.cumsum(generator.uniform(0.12, 0.3, count))
        track = np.zeros(length(starts[-1] + 0.3, rate))
        for start in starts - starts[0]:
            n = length(generator.uniform(0.05, 0.2), rate)
            whistle = harmonics(self.pitch_hz * glide(generator.uniform(0.75, 1.4, 3), n), [1, 0.1], rate)
            lay(track, whistle * swell(n, rate, 0.015, 0.03) * generator.uniform(0.4, 1), int(start * rate))
        return track


@dataclass(frozen=True)
class Dog:
    """Barks lower and more even than a fox's, but not by much."""

    pitch_hz: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Dog":
        return cls(pitch_hz=generator.uniform(180, 480))

    def pause_s(self, generator: np.random.Generator) -> float:
        return generator.uniform(0.8, 5)

    def call(self, generator: np.random.Generator, rate: int) -> Samples:
        """1 to 6 barks; shape (n,)."""
        count = int(generator.integers(1, 7))
        starts = np.cumsum(generator.uniform(0.35, 0.6, count))
        track = np.zeros(length(starts[-1] + 0.4, rate))
        for start in starts - starts[0]:
            n = length(generator.uniform(0.1, 0.2), rate)
            pitch = self.pitch_hz * glide([0.9, 1.1, 0.8], n) * (1 + 0.05 * wander(generator, n, rate, 120))
            source = harmonics(pitch, [1, 0.8, 0.6, 0.4, 0.3, 0.2], rate) + 0.4 * generator.standard_normal(n)
            bark = source + resonate(source, [(700, 400, 1.5), (1400, 500, 0.8)], rate)
            lay(track, bark * swell(n, rate, 0.01, 0.06), int(start * rate))
        return track
