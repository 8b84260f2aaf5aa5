"""What a run of the pipeline shows: the stage that runs, in words, and about how much time is left."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from project_echo.core.progress import OnProgress, Progress
from project_echo.core.text import rounded_duration

COLUMNS = 79


@dataclass(frozen=True)
class Stage:
    """What a stage does, in words, and how long it takes: seconds in any case, and for each recording."""

    words: str
    fixed_s: float
    each_s: float = 0.0


# Measured on two quiet cores with the parameters of params.yaml and 60 recordings; what grows with them, with 9 and 84,
# or 18 and 60 (crossval and field).
STAGES = {
    "check": Stage("Checking the parameters", 1.5),
    "collect": Stage("Collecting the recordings", 1),
    "extract": Stage("Decoding the recordings", 1, 0.01),
    "segment": Stage("Finding the loudest seconds", 1, 0.01),
    "spectrograms": Stage("Making images of sounds mixed into background", 1.5, 0.075),
    "split": Stage("Dividing sources to learn from and to test on", 1),
    "backbone": Stage("Fetching the pretrained network", 7),
    "embed": Stage("Running the sounds through the network", 1.5, 0.02),
    "crossval": Stage("Training and testing on many draws of sources", 3.5, 0.11),
    "field": Stage("Testing in long recordings mixed from sounds", 3.5, 0.075),
    "train": Stage("Training the classifier", 1.5),
    "evaluate": Stage("Testing the classifier", 2),
    "infer": Stage("Screening the unseen recordings", 2),
    "report": Stage("Writing the report", 3),
}
PRIOR_S = 10.0  # of measured time that the speed of this machine is told from, beside what has run


@dataclass
class TimeLeft:
    """How long a run still takes: the measured seconds of each stage, corrected by the speed so far.

    Attributes
    ----------
    recordings : int
    stages : list of str
        Those that may still run.
    """

    recordings: int
    stages: list[str] = field(default_factory=lambda: list(STAGES))
    _expected_s: float = PRIOR_S
    _actual_s: float = PRIOR_S

    def expected_s(self, stage: str) -> float:
        """Seconds that a stage takes on the machine that STAGES was measured on."""
        of = STAGES.get(stage, Stage(stage, 5))
        return of.fixed_s + of.each_s * self.recordings

    def ended(self, stage: str, elapsed_s: float | None) -> None:
        """A stage has ended after some seconds, or was skipped (None)."""
        if elapsed_s is not None:
            self._expected_s += self.expected_s(stage)
            self._actual_s += elapsed_s
        if stage in self.stages:
            self.stages.remove(stage)

    def left_s(self, running: str = "", elapsed_s: float = 0.0) -> float:
        """Seconds until the end, with a stage that has been running for `elapsed_s`."""
        speed = self._actual_s / self._expected_s
        others = sum(self.expected_s(stage) for stage in self.stages if stage != running)
        current = max(0.0, self.expected_s(running) * speed - elapsed_s) if running else 0.0
        return speed * others + current


class StageProgress:
    """Shows the stage that runs: on a terminal in a line that changes, otherwise in a line for each stage.

    With `on_progress` nothing is shown, and that is called instead.
    """

    def __init__(
        self,
        recordings: int,
        *,
        on_progress: OnProgress | None = None,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        stages: Sequence[str] = tuple(STAGES),
    ) -> None:
        self._on_progress = on_progress
        self._stream = stream or sys.stderr
        self._clock = clock
        self._begun = clock()
        self._total = len(stages)
        self._number = {stage: number for number, stage in enumerate(stages, start=1)}
        self._left = TimeLeft(recordings, list(stages))
        self._is_terminal = self._stream.isatty()
        self._running, self._since = "", clock()
        self.ran: list[str] = []

    def skipped(self, stage: str) -> None:
        """A stage has nothing to do."""
        self._end_stage()
        self._left.ended(stage, None)

    def started(self, stage: str) -> None:
        """A stage has begun, and the one before has ended."""
        self._end_stage()
        self._running, self._since = stage, self._clock()
        self.ran.append(stage)
        if self._on_progress or self._is_terminal:
            self.tick()
        else:
            self._write(f"{self._text()}\n")

    def tick(self) -> None:
        """Some time has passed."""
        if self._on_progress and self._running:
            self._on_progress(self._progress())
        elif self._is_terminal and self._running:
            self._write(f"\r{self._text()[:COLUMNS]:{COLUMNS}}")

    def ended(self) -> None:
        """The run has ended, and the line can be used for something else."""
        self._end_stage()
        if self._is_terminal and self.ran and not self._on_progress:
            self._write(f"\r{'':{COLUMNS}}\r")

    def _end_stage(self) -> None:
        if self._running:
            self._left.ended(self._running, self._clock() - self._since)
            self._running = ""

    def _progress(self) -> Progress:
        stage, now = self._running, self._clock()
        left_s = self._left.left_s(stage, now - self._since)
        elapsed_s = now - self._begun
        words = STAGES[stage].words if stage in STAGES else stage
        return Progress(elapsed_s / max(elapsed_s + left_s, 1e-9), words, left_s)

    def _text(self) -> str:
        stage, progress = self._running, self._progress()
        words = progress.text
        about = f"about {rounded_duration(progress.left_s or 0.0)} left"
        number = f"[{self._number.get(stage, 0):2d}/{self._total}]"
        return f"{number} {words[: COLUMNS - len(number) - len(about) - 3]}, {about}"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
