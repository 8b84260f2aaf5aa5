"""The cane toad and the tree frogs: each an individual drawn once, that can then call.

Values are those of the literature named in the docstrings; where it gives none they are chosen by field sense, and the
docstring says so. They describe how the animals sound, not what any classifier finds easy.
"""

from dataclasses import dataclass

import numpy as np

from project_echo.corpora.demo.sounds import Samples, glide, harmonics, lay, length, swell, wander


@dataclass(frozen=True)
class CaneToad:
    """One male cane toad: pitch by its size, rate by its warmth."""

    pitch_hz: float
    notes_per_s: float
    pulses: int
    call_s: float
    second: float  # amplitude of the second harmonic
    third: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "CaneToad":
        return cls(
            pitch_hz=float(np.clip(generator.normal(600, 60), 470, 740)),
            notes_per_s=generator.uniform(11, 18),
            pulses=int(generator.integers(2, 4)),
            call_s=float(np.clip(generator.normal(6.3, 2.3), 2.5, 12)),
            second=generator.uniform(0.02, 0.25),
            third=generator.uniform(0.005, 0.08),
        )

    def pause_s(self, generator: np.random.Generator) -> float:
        return generator.uniform(0.8, 6)

    def call(self, generator: np.random.Generator, rate: int) -> Samples:
        """One advertisement trill, of 1.75 to 15 s; shape (n,).

        After the sister species Rhinella jimi: trains of notes of 2 to 3 pulses, 6.3 +- 2.3 s long, dominant frequency
        601 +- 52 Hz, pitch and strength rising over the first 16 +- 7 notes (Garda, Sao-Pedro & Lion 2010, South Am. J.
        Herpetol. 5:151-156). Cane toads differ in dominant frequency and rate by size and condition (Muller &
        Schwarzkopf 2017, Pest Manag. Sci. 73:2372-2378); 11 to 18 notes a second is the span of field descriptions.
        """
        n = length(self.call_s * generator.uniform(0.7, 1.25), rate)
        seconds = np.arange(n) / rate
        ramp = np.clip(seconds * self.notes_per_s / generator.uniform(9, 23), 0, 1)
        notes = np.cumsum(self.notes_per_s * (1 + 0.02 * wander(generator, n, rate, 2))) / rate
        within = np.minimum((notes % 1) / 0.65, 1)  # each note fills two thirds of its beat
        ripple = 0.6 + 0.4 * np.cos(2 * np.pi * self.pulses * (within - 0.5 / self.pulses))
        strength = generator.uniform(0.75, 1, int(notes[-1]) + 1)[notes.astype(int)]
        envelope = np.sin(np.pi * within) * ripple * strength * (0.25 + 0.75 * ramp)
        pitch = self.pitch_hz * (0.93 + 0.07 * ramp) * (1 + 0.008 * wander(generator, n, rate, 3))
        return harmonics(pitch, [1, self.second, self.third], rate) * envelope * swell(n, rate, 0.05, 0.1)


@dataclass(frozen=True)
class TreeFrog:
    """One male tree frog of one of three manners: fast pulsed calls in long series, quacks, or short trills."""

    manner: str
    pitch_hz: float
    low: float  # amplitude of the lower of its two bands
    low_ratio: float
    calls_per_s: float
    pulses_per_s: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "TreeFrog":
        manner = str(generator.choice(["series", "series", "quack", "trill"]))
        pitch, ratio, calls, pulses = {
            "series": ((2000, 2900), (0.45, 0.55), (3.2, 6.5), (90, 140)),
            "quack": ((2500, 3300), (0.3, 0.36), (0.9, 1.7), (90, 140)),
            "trill": ((1900, 2500), (0.48, 0.52), (0.3, 0.6), (17, 46)),
        }[manner]
        return cls(
            manner=manner,
            pitch_hz=generator.uniform(*pitch),
            low=generator.uniform(0.15, 0.9),
            low_ratio=generator.uniform(*ratio),
            calls_per_s=generator.uniform(*calls),
            pulses_per_s=generator.uniform(*pulses),
        )

    def pause_s(self, generator: np.random.Generator) -> float:
        return generator.uniform(0.4, 3.5)

    def call(self, generator: np.random.Generator, rate: int) -> Samples:
        """A series of pulsed calls, a few quacks, or one trill; shape (n,).

        Series after Hyla arborea, whose males differ in call rate, duration, pulses and dominant frequency, and follow
        the temperature (Friedl & Klump 2002, Behaviour 139:113-140). Quacks after Hyla cinerea: bands at about 0.9 and
        3.0 kHz (Gerhardt 1974, J. Exp. Biol. 61:229-241). Trills after the gray tree frogs Hyla versicolor and
        H. chrysoscelis: bimodal spectrum, about half a second, some 20 to 45 pulses a second by species and warmth.
        Exact rates and bands are field sense.
        """
        if self.manner == "trill":
            return self._pulsed(generator, generator.uniform(0.4, 1.3), rate)
        count = int(generator.integers(6, 25) if self.manner == "series" else generator.integers(2, 7))
        longest = (0.06, 0.11) if self.manner == "series" else (0.11, 0.19)
        starts = np.cumsum(generator.uniform(0.92, 1.08, count)) / self.calls_per_s
        track = np.zeros(length(starts[-1] + 0.3, rate))
        growth = glide([0.35, 1, 1, 1, 0.9], count)  # series begin softly
        for start, strength in zip(starts - starts[0], growth, strict=True):
            call = self._pulsed(generator, generator.uniform(*longest), rate)
            lay(track, call * strength * generator.uniform(0.85, 1), int(start * rate))
        return track

    def _pulsed(self, generator: np.random.Generator, duration_s: float, rate: int) -> Samples:
        n = length(duration_s, rate)
        pulse = np.cumsum(self.pulses_per_s * (1 + 0.04 * wander(generator, n, rate, 20))) / rate % 1
        depth = 0.45 if self.manner == "quack" else 0.95
        envelope = 1 - depth + depth * np.exp(-3 * pulse) * np.clip(pulse / 0.12, 0, 1) * 1.6
        pitch = self.pitch_hz * glide([0.96, 1, 1, 0.98], n) * generator.uniform(0.985, 1.015)
        bands = harmonics(pitch, [1, 0.06], rate) + self.low * harmonics(pitch * self.low_ratio, [1], rate)
        return bands * envelope * swell(n, rate, 0.012, 0.03)
