"""Animals without a label: an owl, a songbird and a dog, as heard at night and at dawn. All values are assumptions."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from project_echo.corpora.demo.sounds import (
    Samples,
    add_at,
    drift,
    fade_in_out,
    glide,
    harmonics,
    n_samples,
    resonate,
    sine,
    white_noise,
)


@dataclass(frozen=True)
class Owl:
    """Long, nearly pure hoots with a vibrato, like a tawny owl's."""

    pause_s: ClassVar[tuple[float, float]] = (2, 7)
    pitch_hz: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Owl":
        """Draw a random individual."""
        return cls(pitch_hz=generator.uniform(480, 950))

    def call(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        """One long hoot, or a short and a long one; shape (n,)."""
        track = np.zeros(n_samples(3.0, sample_rate))
        start_s = 0.0
        for duration_s in [generator.uniform(0.2, 0.4), generator.uniform(0.6, 1.6)][int(generator.integers(2)) :]:
            n = n_samples(duration_s, sample_rate)
            vibrato = 1 + 0.02 * sine(12 * np.arange(n) / sample_rate) * glide([0, 1], n)
            pitch_hz = self.pitch_hz * glide([0.92, 1, 1, 0.94], n) * vibrato
            hoot = harmonics(pitch_hz, [1, 0.08, 0.03], sample_rate)
            add_at(track, hoot * fade_in_out(n, sample_rate, 0.06, 0.15), int(start_s * sample_rate))
            start_s += duration_s + 0.4
        return track


@dataclass(frozen=True)
class Songbird:
    """Phrases of short whistles that jump in pitch."""

    pause_s: ClassVar[tuple[float, float]] = (1, 4)
    pitch_hz: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Songbird":
        """Draw a random individual."""
        return cls(pitch_hz=generator.uniform(2200, 4500))

    def call(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        """One phrase of 4 to 11 whistles; shape (n,)."""
        count = int(generator.integers(4, 12))
        starts_s = np.cumsum(generator.uniform(0.12, 0.3, count))
        track = np.zeros(n_samples(starts_s[-1] + 0.3, sample_rate))
        for start_s in starts_s - starts_s[0]:
            n = n_samples(generator.uniform(0.05, 0.2), sample_rate)
            pitch_hz = self.pitch_hz * glide(generator.uniform(0.75, 1.4, 3), n)
            whistle = harmonics(pitch_hz, [1, 0.1], sample_rate) * fade_in_out(n, sample_rate, 0.015, 0.03)
            add_at(track, whistle * generator.uniform(0.4, 1), int(start_s * sample_rate))
        return track


@dataclass(frozen=True)
class Dog:
    """Barks that are slightly lower and steadier than a fox's."""

    pause_s: ClassVar[tuple[float, float]] = (0.8, 5)
    pitch_hz: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Dog":
        """Draw a random individual."""
        return cls(pitch_hz=generator.uniform(180, 480))

    def call(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        """1 to 6 barks; shape (n,)."""
        count = int(generator.integers(1, 7))
        starts_s = np.cumsum(generator.uniform(0.35, 0.6, count))
        track = np.zeros(n_samples(starts_s[-1] + 0.4, sample_rate))
        for start_s in starts_s - starts_s[0]:
            n = n_samples(generator.uniform(0.1, 0.2), sample_rate)
            pitch_hz = self.pitch_hz * glide([0.9, 1.1, 0.8], n) * (1 + 0.05 * drift(generator, n, sample_rate, 120))
            source = harmonics(pitch_hz, [1, 0.8, 0.6, 0.4, 0.3, 0.2], sample_rate)
            source = source + np.float32(0.4) * white_noise(generator, n)
            bark = source + resonate(source, [(700, 400, 1.5), (1400, 500, 0.8)], sample_rate)
            add_at(track, bark * fade_in_out(n, sample_rate, 0.01, 0.06), int(start_s * sample_rate))
        return track
