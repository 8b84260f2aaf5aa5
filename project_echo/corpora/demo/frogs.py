"""Calls of cane toads and tree frogs, by random individuals.

Values are from the literature under References; values without a source are assumptions, and the docstring says so.
They describe how the animals sound, not what a classifier finds easy.
"""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from project_echo.corpora.demo.sounds import (
    CYCLE,
    Samples,
    add_at,
    drift,
    fade_in_out,
    glide,
    harmonics,
    look_up,
    n_samples,
    rounded,
)


@dataclass(frozen=True)
class CaneToad:
    """A male cane toad; the pitch depends on its size, the note rate on its temperature."""

    pause_s: ClassVar[tuple[float, float]] = (0.8, 6)
    pitch_hz: float
    notes_per_s: float
    pulses_per_note: int
    call_s: float
    second_harmonic: float  # amplitude
    third_harmonic: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "CaneToad":
        """Draw a random individual."""
        return cls(
            pitch_hz=float(np.clip(generator.normal(600, 60), 470, 740)),
            notes_per_s=generator.uniform(11, 18),
            pulses_per_note=int(generator.integers(2, 4)),
            call_s=float(np.clip(generator.normal(6.3, 2.3), 2.5, 12)),
            second_harmonic=generator.uniform(0.02, 0.25),
            third_harmonic=generator.uniform(0.005, 0.08),
        )

    def call(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        """One advertisement trill of 1.75 to 15 s; shape (n,).

        Modelled on the sister species Rhinella jimi: trains of notes of 2 to 3 pulses, 6.3 +- 2.3 s long, dominant
        frequency 601 +- 52 Hz, pitch and level rising over the first 16 +- 7 notes [1]_. Cane toads differ in dominant
        frequency and rate by size and condition [2]_; 11 to 18 notes per second is the range of field descriptions.

        References
        ----------
        .. [1] Garda, Sao-Pedro & Lion 2010, South Am. J. Herpetol. 5:151-156.
        .. [2] Muller & Schwarzkopf 2017, Pest Manag. Sci. 73:2372-2378.
        """
        n = n_samples(self.call_s * generator.uniform(0.7, 1.25), sample_rate)
        seconds = np.arange(n) / sample_rate
        rise = np.clip(seconds * self.notes_per_s / generator.uniform(9, 23), 0, 1)
        notes = np.cumsum(self.notes_per_s * (1 + 0.02 * drift(generator, n, sample_rate, 2))) / sample_rate
        note_levels = generator.uniform(0.75, 1, int(notes[-1]) + 1)[notes.astype(int)]
        envelope = look_up(_note_cycle(self.pulses_per_note), notes) * note_levels * (0.25 + 0.75 * rise)
        pitch_hz = self.pitch_hz * (0.93 + 0.07 * rise) * (1 + 0.008 * drift(generator, n, sample_rate, 3))
        tone = harmonics(pitch_hz, [1, self.second_harmonic, self.third_harmonic], sample_rate)
        return tone * envelope * fade_in_out(n, sample_rate, 0.05, 0.1)


@cache
def _note_cycle(pulses_per_note: int) -> Samples:
    """Envelope of a note of a toad and of the pause after it."""
    phase = np.minimum(np.arange(CYCLE) / (0.65 * CYCLE), 1)  # a note fills two thirds of its period
    pulses = 0.6 - 0.4 * np.cos(2 * np.pi * pulses_per_note * phase)
    return rounded(np.sin(np.pi * phase) * pulses)


@dataclass(frozen=True)
class TreeFrog:
    """A male tree frog with one of three call types: long series of fast pulsed calls, quacks, or short trills."""

    pause_s: ClassVar[tuple[float, float]] = (0.4, 3.5)
    call_type: str
    pitch_hz: float
    low_band: float  # amplitude of the lower of its two frequency bands
    low_ratio: float  # frequency of the lower band relative to the upper
    calls_per_s: float
    pulses_per_s: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "TreeFrog":
        """Draw a random individual."""
        call_type = str(generator.choice(["series", "series", "quack", "trill"]))
        pitch, ratio, calls, pulses = {
            "series": ((2000, 2900), (0.45, 0.55), (3.2, 6.5), (90, 140)),
            "quack": ((2500, 3300), (0.3, 0.36), (0.9, 1.7), (90, 140)),
            "trill": ((1900, 2500), (0.48, 0.52), (0.3, 0.6), (17, 46)),
        }[call_type]
        return cls(
            call_type=call_type,
            pitch_hz=generator.uniform(*pitch),
            low_band=generator.uniform(0.15, 0.9),
            low_ratio=generator.uniform(*ratio),
            calls_per_s=generator.uniform(*calls),
            pulses_per_s=generator.uniform(*pulses),
        )

    def call(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        """A series of pulsed calls, a few quacks, or one trill; shape (n,).

        Series are modelled on Hyla arborea, whose males differ in call rate, duration, pulses and dominant frequency,
        and whose calls depend on temperature [1]_; quacks on Hyla cinerea, with bands at about 0.9 and 3.0 kHz [2]_;
        trills on the gray tree frogs Hyla versicolor and H. chrysoscelis: bimodal spectrum, about half a second, about
        20 to 45 pulses per second by species and temperature. Exact rates and bands are assumptions.

        References
        ----------
        .. [1] Friedl & Klump 2002, Behavior 139:113-140.
        .. [2] Gerhardt 1974, J. Exp. Biol. 61:229-241.
        """
        if self.call_type == "trill":
            return self._pulsed(generator, generator.uniform(0.4, 1.3), sample_rate)
        count = int(generator.integers(6, 25) if self.call_type == "series" else generator.integers(2, 7))
        durations_s = (0.06, 0.11) if self.call_type == "series" else (0.11, 0.19)
        starts_s = np.cumsum(generator.uniform(0.92, 1.08, count)) / self.calls_per_s
        track = np.zeros(n_samples(starts_s[-1] + 0.3, sample_rate))
        levels = glide([0.35, 1, 1, 1, 0.9], count)  # series begin softly
        for start_s, level in zip(starts_s - starts_s[0], levels, strict=True):
            call = self._pulsed(generator, generator.uniform(*durations_s), sample_rate)
            add_at(track, call * level * generator.uniform(0.85, 1), int(start_s * sample_rate))
        return track

    def _pulsed(self, generator: np.random.Generator, duration_s: float, sample_rate: int) -> Samples:
        n = n_samples(duration_s, sample_rate)
        pulse = np.cumsum(self.pulses_per_s * (1 + 0.04 * drift(generator, n, sample_rate, 20))) / sample_rate % 1
        depth = 0.45 if self.call_type == "quack" else 0.95
        envelope = 1 - depth + depth * look_up(_pulse_cycle(), pulse)
        pitch_hz = self.pitch_hz * glide([0.96, 1, 1, 0.98], n) * generator.uniform(0.985, 1.015)
        upper = harmonics(pitch_hz, [1, 0.06], sample_rate)
        bands = upper + self.low_band * harmonics(pitch_hz * self.low_ratio, [1], sample_rate)
        return bands * envelope * fade_in_out(n, sample_rate, 0.012, 0.03)


@cache
def _pulse_cycle() -> Samples:
    """Envelope of a pulse of a tree frog: a steep rise, and a decay."""
    phase = np.arange(CYCLE) / CYCLE
    return rounded(1.6 * np.exp(-3 * phase) * np.minimum(phase / 0.12, 1))
