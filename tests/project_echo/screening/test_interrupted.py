"""A run that was stopped, however and whenever, goes on and ends as if nothing had happened."""

import os
import resource
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.project_echo.conftest import wait_for
from tests.project_echo.screening.conftest import FINE, command, done, tables

KILLS = 20
LIMIT_S = 120  # on a machine with much else to do


def test_killed_at_twenty_random_moments_it_ends_the_same(
    many: Path, by_pitch_or_none: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    draw = np.random.default_rng(2)
    reached: list[int] = []
    orphans: list[psutil.Process] = []
    for number in range(KILLS):
        before = done(tmp_path)
        process = subprocess.Popen(
            command(many, by_pitch_or_none, tmp_path, *FINE),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that its workers can be killed with it
        )
        # Most moments lie in the work itself, some before it begins; the last ones in writing the results.
        few, limit = before + draw.integers(0, 5), time.monotonic() + LIMIT_S
        while done(tmp_path) < few and process.poll() is None and time.monotonic() < limit:
            time.sleep(0.005)
        time.sleep(draw.uniform(0, 0.2))
        with suppress(ProcessLookupError, psutil.NoSuchProcess):  # it may have ended
            if number % 3 == 2:  # its workers go on while the next run begins
                orphans += psutil.Process(process.pid).children(recursive=True)
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() in (0, -signal.SIGKILL)
        reached.append(done(tmp_path))
    for orphan in orphans:
        with suppress(psutil.NoSuchProcess):
            orphan.kill()
    assert orphans
    assert len(set(reached)) > 4, "a handful of kills at least found it at work"
    subprocess.run(command(many, by_pitch_or_none, tmp_path, *FINE), check=True, capture_output=True)
    assert tables(tmp_path) == undisturbed


def test_stopped_by_ctrl_c_it_says_so_and_goes_on(
    many: Path, by_pitch_or_none: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        command(many, by_pitch_or_none, tmp_path, *FINE),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        # A shell that starts this in the background has it ignore Ctrl-C, and what it starts as well.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    wait_for(lambda: done(tmp_path) > 0, LIMIT_S)  # not while it still imports
    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert log.strip().splitlines()[-1] == "stopped. The same command goes on where it was."
    assert "Traceback" not in log
    subprocess.run(command(many, by_pitch_or_none, tmp_path, *FINE), check=True, capture_output=True)
    assert tables(tmp_path) == undisturbed


@pytest.mark.parametrize("fits", [1_000, 8_000], ids=["no recording fits in", "the tables do not"])
def test_a_full_disk_is_one_line_and_then_it_goes_on(
    many: Path, by_pitch_or_none: Path, undisturbed: dict[str, bytes], tmp_path: Path, fits: int
) -> None:
    """A limit on the size of files, in bytes, stands for the disk."""

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (fits, fits))

    stopped = subprocess.run(
        command(many, by_pitch_or_none, tmp_path, *FINE), check=False, capture_output=True, text=True, preexec_fn=small
    )
    assert stopped.returncode == 1
    # Beside it only what joblib's own process for leftovers may have to say.
    (error,) = [line for line in stopped.stderr.splitlines() if line.startswith("error: ")]
    assert "File too large" in error and error.endswith("Run it again to go on.")
    assert "Traceback" not in stopped.stderr
    subprocess.run(command(many, by_pitch_or_none, tmp_path, *FINE), check=True, capture_output=True)
    assert tables(tmp_path) == undisturbed


def test_a_cluster_gives_the_same_also_if_a_worker_is_killed(
    many: Path, by_pitch_or_none: Path, undisturbed: dict[str, bytes], scheduler: str, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed", reason="pip install project-echo[cluster]")
    wanted = command(many, by_pitch_or_none, tmp_path, *FINE, "--scheduler", scheduler)
    with distributed.Client(scheduler, set_as_default=False) as client:
        process = subprocess.Popen(wanted, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wait_for(lambda: done(tmp_path) > 3, LIMIT_S)
        client.wait_for_workers(2, timeout=LIMIT_S)
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
        _, log = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, log.decode()
    assert tables(tmp_path) == undisturbed
