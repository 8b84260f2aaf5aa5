"""A run that is interrupted at any time, in any way, can be resumed and gives the same results."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from project_echo.screening.screen import screen
from tests.project_echo.conftest import wait_for
from tests.project_echo.screening.conftest import done, many_arguments, many_options, tables
from tests.screening_work import start_command

KILLS = 12


@pytest.mark.timing  # kills fall at random moments of real runs
def test_results_are_the_same_after_kills_at_random_moments(
    many: Path, by_pitch_or_none: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    """One screening, killed again and again: with its workers, without them, and in one process."""
    output, n_recordings = tmp_path / "results", len(list(many.rglob("*.wav")))
    draw = np.random.default_rng(2)
    reached: list[int] = []
    orphans: list[psutil.Process] = []
    for number in range(KILLS):
        jobs, keep_workers = (2, number % 2 == 0) if number % 6 < 2 else (1, False)
        process = start_command(many_options(many, by_pitch_or_none, output, jobs), tmp_path / "log")
        # Most moments are during the work, some before it begins; the last ones while the results are written.
        target = min(done(output) + max(keep_workers, draw.integers(0, 5)), n_recordings)
        wait_for(lambda process=process, target=target: done(output) >= target or not process.is_alive())
        time.sleep(draw.uniform(0, 0.2 if done(output) < n_recordings else 1))
        with suppress(ProcessLookupError, psutil.NoSuchProcess):  # it may have ended
            if keep_workers:  # they go on while the next run begins
                orphans += psutil.Process(process.pid).children(recursive=True)
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        reached.append(done(output))
    for orphan in orphans:
        with suppress(psutil.NoSuchProcess):
            orphan.kill()
    assert orphans
    assert len(set(reached)) > 4, "at least a handful of kills interrupted the work"
    screen(**many_arguments(many, by_pitch_or_none, output))
    assert tables(output) == undisturbed


def test_ctrl_c_stops_the_run_which_can_be_resumed(
    many: Path, by_pitch_or_none: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    output = tmp_path / "results"
    process = start_command(many_options(many, by_pitch_or_none, output, jobs=2), tmp_path / "log")
    wait_for(lambda: done(output) > 0 or not process.is_alive())
    os.kill(process.pid, signal.SIGINT)
    process.join()
    log = (tmp_path / "log").read_text()
    assert process.exitcode == 130, log
    assert log.strip().splitlines()[-1].startswith("stopped.")
    assert "Traceback" not in log
    screen(**many_arguments(many, by_pitch_or_none, output))
    assert tables(output) == undisturbed


@pytest.mark.parametrize(
    ("max_file_bytes", "jobs"), [(1_000, 2), (60_000, 1)], ids=["no recording fits", "only the recordings fit"]
)
def test_a_full_disk_is_an_error_of_one_line_and_the_run_can_be_resumed(
    many: Path, by_pitch_or_none: Path, undisturbed: dict[str, bytes], tmp_path: Path, max_file_bytes: int, jobs: int
) -> None:
    """A limit on the size of files acts like a full disk."""
    output = tmp_path / "results"
    arguments = many_options(many, by_pitch_or_none, output, jobs)
    process = start_command(arguments, tmp_path / "log", max_file_bytes=max_file_bytes)
    process.join()
    log = (tmp_path / "log").read_text()
    assert process.exitcode == 1, log
    # Other lines may come from joblib's own process that removes leftovers.
    (error,) = [line for line in log.splitlines() if line.startswith("error: ")]
    assert "File too large" in error and str(output) in error
    assert "Traceback" not in log
    assert (done(output) > 0) == (max_file_bytes > 1_000)
    screen(**many_arguments(many, by_pitch_or_none, output))
    assert tables(output) == undisturbed


def test_results_are_the_same_if_a_worker_of_a_cluster_is_killed(
    many: Path, by_pitch_or_none: Path, undisturbed: dict[str, bytes], scheduler: str, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed", reason="pip install distributed")
    output = tmp_path / "results"
    arguments = [*many_options(many, by_pitch_or_none, output, jobs=1), "--scheduler", scheduler]
    with distributed.Client(scheduler, set_as_default=False) as client:
        process = start_command(arguments, tmp_path / "log")
        wait_for(lambda: done(output) > 3 or not process.is_alive())
        client.wait_for_workers(2, timeout=120)
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
        process.join()
    assert process.exitcode == 0, (tmp_path / "log").read_text()
    assert tables(output) == undisturbed
