"""Parallel work gives the same results as one process."""

import operator
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from project_echo.core.errors import WorkerDiedError
from project_echo.core.parallel import as_completed, map_all, progress
from project_echo.media.decode import decode
from project_echo.media.errors import UnusableMediaError
from tests import work

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("n", [0, 1, 4, 20])  # in this process and in others
def test_results_come_in_the_order_of_the_items(n: int) -> None:
    assert map_all(operator.sub, ((item, 1) for item in range(n)), "subtract") == list(range(-1, n - 1))


@pytest.mark.parametrize("n", [0, 4, 20])
def test_what_calls_share_comes_first(n: int) -> None:
    assert map_all(operator.sub, ((item,) for item in range(n)), "subtract", (7,)) == [7 - item for item in range(n)]
    assert sorted(as_completed(operator.sub, ((item,) for item in range(n)), 2, shared=(0,))) == list(range(1 - n, 1))


def test_processes_of_this_machine_have_large_arrays_in_common() -> None:
    large = work.Holder(np.arange(500_000.0))
    results = list(as_completed(work.is_mapped, ((item,) for item in range(8)), 2, shared=(large,)))
    assert results == [(True, 499_999.0)] * 8


@pytest.mark.parametrize("n", [1, 8])
def test_an_error_for_the_user_arrives_unchanged_from_a_worker(tmp_path: Path, n: int) -> None:
    with pytest.raises(UnusableMediaError):
        map_all(decode, [(tmp_path / "gone", 8000)] * n, "decode")


def test_a_killed_worker_is_an_error() -> None:
    with pytest.raises(WorkerDiedError, match="--jobs"):
        list(as_completed(work.kill_itself, [("big.wav",)], 2))


@pytest.mark.parametrize("jobs", [1, 2])
def test_as_completed_gives_every_result_once(jobs: int) -> None:
    assert sorted(as_completed(operator.neg, ((item,) for item in range(500)), jobs)) == list(range(-499, 1))
    assert list(as_completed(operator.neg, [], jobs)) == []


def test_one_job_is_this_process_and_takes_one_item_at_a_time() -> None:
    taken: list[int] = []

    def items() -> Iterator[tuple[int]]:
        for item in range(5):
            taken.append(item)
            yield (item,)

    for number, result in enumerate(as_completed(lambda item: (item, os.getpid()), items(), 1)):
        assert result == (number, os.getpid())
        assert len(taken) == number + 1


# loky's own thread may trip over an item submitted while it stops (joblib 1.6.0, ExecutorManagerThread.run).
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_items_are_taken_as_they_are_needed() -> None:
    endless = iter(lambda: (1,), None)
    results = as_completed(operator.neg, endless, 2)
    assert next(results) == -1
    results.close()


STOPPED_EARLY = """
import time
from contextlib import closing
from project_echo.core.parallel import as_completed
with closing(as_completed(time.sleep, iter([(0.0,)] * 3 + [(600.0,)] * 9), 2)) as results:
    next(results)
    {end}
"""


@pytest.mark.timing  # stopping is tested by a time limit: the work would take ten minutes, the limit is one
@pytest.mark.parametrize(("end", "message"), [("pass", []), ("raise KeyboardInterrupt", ["KeyboardInterrupt"])])
def test_stopping_early_waits_for_no_work_and_prints_no_warning(end: str, message: list[str]) -> None:
    command = [sys.executable, "-c", STOPPED_EARLY.format(end=end)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    # loky's own process, which cleans up after killed workers, may find a semaphore gone already, and say so (joblib
    # 1.6.0, resource_tracker.py); nothing is lost.
    lines = [line for line in done.stderr.splitlines() if "resource_tracker" not in line]
    assert [line for line in lines if not line.startswith((" ", "Traceback"))] == message


def test_a_worker_has_one_thread() -> None:
    assert all(counts == {1} for counts in as_completed(work.threads, ((item,) for item in range(8)), 2))


def test_one_job_adds_up_as_workers_do() -> None:
    """BLAS on several threads adds up in another order."""
    assert list(as_completed(work.threads, [(1,), (2,)], 1)) == [{1}, {1}]


def test_progress_is_shown_in_a_notebook(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its standard error is no terminal."""
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    assert list(progress(range(3), "count")) == [0, 1, 2]
    assert "count" in capfd.readouterr().err


def test_progress_is_silent_without_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(progress(range(3), "count")) == [0, 1, 2]
    assert capfd.readouterr() == ("", "")
