"""Parallel work on a Dask cluster: a scheduler and two workers on this machine, in a folder of their own."""

import json
import operator
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from project_echo.core import cluster, parallel
from project_echo.core.errors import EchoError, WorkerDiedError
from project_echo.core.parallel import as_completed, map_all
from project_echo.core.tables import write_table
from project_echo.datasets.stated import STATED
from project_echo.media.decode import decode
from project_echo.media.errors import UnusableMediaError
from stages import extract
from tests import work
from tests.project_echo.conftest import wait_for
from tests.sounds import tone, write_wav

distributed = pytest.importorskip("distributed", reason="pip install distributed")
ROOT = Path(__file__).parents[3]


def test_results_are_the_same_as_on_this_machine(scheduler: str) -> None:
    items = [(item, 7) for item in range(20)]
    here = map_all(operator.mod, items, "remainders")
    with parallel.use_scheduler(scheduler):
        assert map_all(operator.mod, items, "remainders") == here
        assert sorted(as_completed(operator.mod, iter(items))) == sorted(here)
        assert map_all(operator.mod, [], "nothing") == []
        assert os.getpid() not in map_all(work.process, items, "processes")
        assert all(counts == {1} for counts in as_completed(work.threads, items))
    assert map_all(work.process, items[:1], "processes") == [os.getpid()]


def test_relative_paths_are_relative_to_the_callers_folder(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("note.txt").write_text("here", encoding="utf-8")
    with parallel.use_scheduler(scheduler):
        assert map_all(Path.read_text, [(Path("note.txt"),)], "read") == ["here"]


def test_an_error_for_the_user_arrives_unchanged(scheduler: str, tmp_path: Path) -> None:
    with parallel.use_scheduler(scheduler), pytest.raises(UnusableMediaError):
        map_all(decode, [(tmp_path / "gone", 8000)] * 5, "decode")


def test_no_item_is_lost_or_doubled_if_a_worker_is_killed(scheduler: str, tmp_path: Path) -> None:
    with parallel.use_scheduler(scheduler):
        results = list(as_completed(work.kill_itself_once, ((tmp_path, item) for item in range(20))))
    assert (tmp_path / "7").exists()
    assert sorted(results) == list(range(20))


def test_what_items_share_is_sent_to_each_worker_once(scheduler: str, tmp_path: Path) -> None:
    """And to the scheduler, through which it comes."""
    with parallel.use_scheduler(scheduler):
        results = map_all(work.wait_a_little, [(item,) for item in range(20)], "items", (work.Traced(tmp_path),))
    assert results == list(range(20))
    processes = [path.name.split("-")[0] for path in tmp_path.iterdir()]
    assert len(processes) == len(set(processes))
    assert 2 <= len(processes) <= 3


def test_what_items_share_is_sent_again_if_all_workers_that_had_it_were_killed(
    tmp_path: Path,
) -> None:
    items = ((tmp_path, item) for item in range(20))
    with single_worker(tmp_path) as address, parallel.use_scheduler(address):
        results = list(as_completed(work.kill_itself_once_sharing, items, shared=("shared",)))
    assert (tmp_path / "7").exists()
    assert sorted(results) == list(range(20))


def test_an_item_that_kills_every_worker_is_named_in_the_error(scheduler: str) -> None:
    with parallel.use_scheduler(scheduler), pytest.raises(WorkerDiedError) as error:
        list(as_completed(work.kill_itself, [("big.wav",)]))
    assert str(error.value).startswith("big.wav: 2 workers")


def test_the_other_items_go_on_if_one_kills_every_worker(scheduler: str) -> None:
    """Dask may blame some of the items that wait on the same worker as well; none is lost or doubled."""
    blamed: list[tuple[str, ...]] = []
    items = [("big.wav",), *((str(item),) for item in range(6))]
    with parallel.use_scheduler(scheduler):
        results = list(as_completed(work.kill_itself_if_big, iter(items), on_worker_death=blamed.append))
    assert ("big.wav",) in blamed
    assert sorted([*results, *(name for (name,) in blamed)]) == sorted(name for (name,) in items)


@contextmanager
def single_worker(tmp_path: Path, *options: str) -> Iterator[str]:
    """The address of a scheduler with a single worker."""
    connection, env = tmp_path / "scheduler.json", os.environ | {"PYTHONPATH": str(ROOT)}
    start, shared = [sys.executable, "-m", "dask"], ["--scheduler-file", str(connection), "--no-dashboard"]
    commands = [
        [*start, "scheduler", *shared, "--port", "0", "--host", "127.0.0.1"],
        [*start, "worker", *shared, "--nthreads", "1", *options],
    ]
    with (tmp_path / "log").open("ab") as log:
        started = [subprocess.Popen(command, cwd=tmp_path, env=env, stdout=log, stderr=log) for command in commands]
    try:
        wait_for(lambda: connection.exists() and connection.stat().st_size > 0)
        address = json.loads(connection.read_text(encoding="utf-8"))["address"]
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=120)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)


@pytest.fixture
def one_worker(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler with a single worker that is not restarted."""
    with single_worker(tmp_path, "--no-nanny") as address:
        yield address


@pytest.mark.timing  # time limits of a real cluster expire here; the limits themselves are tested with a fake clock
def test_nothing_waits_for_a_result_that_was_lost_with_the_last_worker(
    one_worker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first item is finished, but its result is on the worker, which dies over the second."""
    fetch, fetched = cluster._result, []

    def fetch_after_death(future: distributed.Future, item: tuple[Path, str]) -> str:
        fetched.append(item)
        work.mark(tmp_path, "signal")
        wait_for(lambda: not future.client.nthreads())
        return fetch(future, item)

    monkeypatch.setattr(cluster, "NO_WORKER_S", 1)
    monkeypatch.setattr(cluster, "CHECK_S", 0.1)
    with parallel.use_scheduler(one_worker), pytest.raises(EchoError) as error:
        monkeypatch.setattr(cluster, "RESULT_S", 0.5)
        monkeypatch.setattr(cluster, "_result", fetch_after_death)
        items = [(tmp_path, "small"), (tmp_path, "big")]
        list(as_completed(work.kill_itself_on_signal, items, on_worker_death=lambda item: None))
    assert fetched == [(tmp_path, "small")]
    assert str(error.value).startswith(f"{one_worker}: ")
    assert f"dask worker {one_worker} --nthreads 1" in str(error.value)


def test_a_late_result_is_fetched_again(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch, late = cluster._result, set()

    def fetch_late(future: distributed.Future, item: tuple[int]) -> int:
        if item not in late:
            late.add(item)
            raise cluster._LostResultError
        return fetch(future, item)

    monkeypatch.setattr(cluster, "_result", fetch_late)
    with parallel.use_scheduler(scheduler):
        results = sorted(as_completed(operator.neg, [(item,) for item in range(20)]))
    assert results == sorted(-item for item in range(20))
    assert len(late) == 20


def test_a_timeout_inside_the_function_is_its_own_error(scheduler: str) -> None:
    with parallel.use_scheduler(scheduler), pytest.raises(TimeoutError, match="network drive"):
        list(as_completed(work.time_out, [(1,), (2,)]))


class FakeFuture:
    """A future whose result raises an error."""

    def __init__(self, error: BaseException, status: str = "pending") -> None:
        self.error, self.status = error, status

    def done(self) -> bool:
        return True

    def result(self, timeout: float) -> None:
        raise self.error


def test_a_result_that_does_not_arrive_in_time_is_lost() -> None:
    with pytest.raises(cluster._LostResultError):
        cluster._result(FakeFuture(TimeoutError()), ("a.wav",))


def test_a_scheduler_that_stops_is_an_error() -> None:
    with pytest.raises(EchoError, match="scheduler"):
        cluster._result(FakeFuture(CancelledError(), "cancelled"), ("a.wav",))


class FakeCluster:
    """A client, futures and a clock in one: results are ready at given times, workers are present at others."""

    thread_condition = property(lambda self: self)
    scheduler = property(lambda self: self)
    address = "tcp://10.0.0.1:8786"

    def __init__(self, ready_s: list[float], has_workers: Callable[[float], bool]) -> None:
        self.ready_s, self.has_workers, self.now_s = ready_s, has_workers, 0.0

    def monotonic(self) -> float:
        return self.now_s

    def nthreads(self) -> dict[str, int]:
        return {"worker": 1} if self.has_workers(self.now_s) else {}

    def is_empty(self) -> bool:
        return not self.ready_s

    def next_batch(self, block: bool) -> list[float]:
        assert not block
        return [self.ready_s.pop(0)] if self.ready_s[0] <= self.now_s else []

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass

    def wait(self, seconds: float) -> None:
        self.now_s += seconds


def results_of(fake: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    monkeypatch.setattr(cluster, "monotonic", fake.monotonic)
    return [result for batch in cluster._batches(fake, fake) for result in batch]


def test_long_work_is_waited_for_while_there_are_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeCluster([10 * cluster.NO_WORKER_S], has_workers=lambda now_s: True)
    assert results_of(fake, monkeypatch) == [10 * cluster.NO_WORKER_S]


def test_workers_may_be_away_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeCluster([1000.0, 2000.0], has_workers=lambda now_s: now_s % cluster.NO_WORKER_S > 290)
    assert results_of(fake, monkeypatch) == [1000, 2000]


def test_a_result_shows_that_there_was_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeCluster([1.0, 250.0, 500.0, 750.0], has_workers=lambda now_s: False)
    assert results_of(fake, monkeypatch) == [1, 250, 500, 750]


def test_a_cluster_without_workers_is_an_error_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeCluster([1e6], has_workers=lambda now_s: now_s < 100)
    with pytest.raises(EchoError) as error:
        results_of(fake, monkeypatch)
    assert fake.now_s == pytest.approx(100 + cluster.NO_WORKER_S, abs=2 * cluster.CHECK_S)
    assert f"{fake.address}: " in str(error.value)
    assert str(cluster.NO_WORKER_S) in str(error.value)
    assert f"dask worker {fake.address} --nthreads 1" in str(error.value)


def test_a_scheduler_that_does_not_answer_at_once_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def has_workers(now_s: float) -> bool:
        if now_s < 100:
            raise OSError
        return True

    fake = FakeCluster([1000.0], has_workers)
    assert results_of(fake, monkeypatch) == [1000]


def test_a_slow_caller_limits_how_many_items_are_submitted(scheduler: str, tmp_path: Path) -> None:
    """Two items per thread are submitted, of at most four threads, and all are cancelled in the end."""
    taken: list[int] = []

    def items() -> Iterator[tuple[Path, int]]:
        for item in range(10_000):
            taken.append(item)
            yield tmp_path, item

    with parallel.use_scheduler(scheduler):
        results = as_completed(work.mark, items())
        for _ in range(10):
            next(results)
        assert len(taken) <= 10 + 2 * 4
        results.close()
        assert map_all(operator.neg, [(1,)], "after") == [-1]


@pytest.mark.slow
def test_a_stage_writes_the_same_on_a_cluster(scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as dvc.yaml runs it: relative paths, and functions of the script itself."""
    monkeypatch.chdir(tmp_path)
    names = [f"{hz}.wav" for hz in (300, 400, 500, 600, 700)]
    for name in names:
        write_wav(Path("corpus") / name, tone(float(name.removesuffix(".wav")), 0.2))
    columns = {"recording": names, "label": "tone", "kind": "tone", "source": names, "unseen": False, "original": names}
    write_table(pd.DataFrame(columns), Path("corpus/recordings.csv"))
    write_table(pd.DataFrame(columns=["recording", "reason"]), Path("corpus/skipped.csv"))
    write_table(pd.DataFrame(columns=STATED), Path("corpus/labels.csv"))
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(params.replace("scheduler: ''", f"scheduler: {scheduler}"), encoding="utf-8")
    command = [sys.executable, "-m", "stages.extract", "corpus", "on_cluster"]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
    extract.main(Path("corpus"), Path("local"))
    assert contents(Path("on_cluster")) == contents(Path("local"))


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_address_without_a_scheduler_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
    assert "dask scheduler" in refusal(address)


class FakeClient:
    """Dask's client of a cluster with given threads per worker."""

    def __init__(self, threads: list[int]) -> None:
        self.threads, self.closed = threads, False

    def __call__(self, address: str, **_: Any) -> "FakeClient":
        return self

    def wait_for_workers(self, n: int, timeout: float) -> None:
        if len(self.threads) < n:
            raise TimeoutError

    def nthreads(self) -> dict[str, int]:
        return {f"worker {number}": n for number, n in enumerate(self.threads)}

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("threads", "advice"), [([], "dask worker"), ([1, 2], "--nthreads 1")])
def test_a_cluster_without_single_threaded_workers_is_refused(
    monkeypatch: pytest.MonkeyPatch, threads: list[int], advice: str
) -> None:
    client = FakeClient(threads)
    monkeypatch.setattr(distributed, "Client", client)
    assert advice in refusal("tcp://10.0.0.1:8786")
    assert client.closed


def test_without_dask_the_error_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "distributed" in refusal("tcp://127.0.0.1:8786")


def refusal(address: str) -> str:
    """The error of a scheduler that cannot be used; it begins with the address."""
    with pytest.raises(EchoError) as error, parallel.use_scheduler(address):
        raise AssertionError
    assert str(error.value).startswith(f"{address}: ")
    return str(error.value)


def test_without_an_address_work_is_done_on_this_machine() -> None:
    with parallel.use_scheduler(""):
        assert map_all(work.process, [(1,)], "here") == [os.getpid()]
