"""The same work on a Dask cluster: a scheduler and two workers on this machine, in a folder of their own."""

import json
import operator
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from project_echo.core import files, parallel
from project_echo.core.errors import EchoError
from project_echo.core.parallel import as_completed, map_all
from project_echo.media.decode import UnusableMediaError, decode
from stages import extract
from tests import work
from tests.project_echo.conftest import wait_for
from tests.sounds import tone, write_wav

distributed = pytest.importorskip("distributed", reason="pip install project-echo[cluster]")
ROOT = Path(__file__).parents[3]


def test_results_are_those_of_this_machine(scheduler: str) -> None:
    items = [(item, 7) for item in range(20)]
    here = map_all(operator.mod, items, "remainders")
    with parallel.use_scheduler(scheduler):
        assert map_all(operator.mod, items, "remainders") == here
        assert sorted(as_completed(operator.mod, iter(items))) == sorted(here)
        assert map_all(operator.mod, [], "nothing") == []
        assert os.getpid() not in map_all(work.process, items, "processes")
        assert all(counts == {1} for counts in as_completed(work.threads, items))
    assert map_all(work.process, items[:1], "processes") == [os.getpid()]


def test_relative_paths_mean_what_they_mean_here(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("note.txt").write_text("here", encoding="utf-8")
    with parallel.use_scheduler(scheduler):
        assert map_all(Path.read_text, [(Path("note.txt"),)], "read") == ["here"]


def test_an_error_for_the_person_arrives_as_such(scheduler: str, tmp_path: Path) -> None:
    with parallel.use_scheduler(scheduler), pytest.raises(UnusableMediaError, match="not a file"):
        map_all(decode, [(tmp_path / "gone", 8000)] * 5, "decode")


def test_a_killed_worker_loses_and_doubles_nothing(scheduler: str, tmp_path: Path) -> None:
    with parallel.use_scheduler(scheduler):
        found = list(as_completed(work.kill_itself_once, ((tmp_path, item) for item in range(20))))
    assert (tmp_path / "7").exists()
    assert sorted(found) == list(range(20))


def test_what_kills_every_worker_is_named_instead_of_waited_for(scheduler: str) -> None:
    with parallel.use_scheduler(scheduler), pytest.raises(EchoError, match=r"2 workers died over big\.wav"):
        list(as_completed(work.kill_itself, [("big.wav",)]))


def test_what_kills_every_worker_need_not_end_the_rest(scheduler: str) -> None:
    """Of what waits beside it on the same worker Dask may blame some as well; nothing is lost, and nothing doubled."""
    died: list[tuple[str, ...]] = []
    items = [("big.wav",), *((str(item),) for item in range(6))]
    with parallel.use_scheduler(scheduler):
        found = list(as_completed(work.kill_itself_if_big, iter(items), died=died.append))
    assert ("big.wav",) in died
    assert sorted([*found, *(name for (name,) in died)]) == sorted(name for (name,) in items)


@pytest.fixture
def one_worker(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler with a single worker that nobody starts again."""
    found, env = tmp_path / "scheduler.json", os.environ | {"PYTHONPATH": str(ROOT)}
    start, shared = [sys.executable, "-m", "dask"], ["--scheduler-file", str(found), "--no-dashboard"]
    commands = [
        [*start, "scheduler", *shared, "--port", "0", "--host", "127.0.0.1"],
        [*start, "worker", *shared, "--nthreads", "1", "--no-nanny"],
    ]
    with (tmp_path / "log").open("ab") as log:
        started = [subprocess.Popen(command, cwd=tmp_path, env=env, stdout=log, stderr=log) for command in commands]
    try:
        wait_for(lambda: found.exists() and found.stat().st_size > 0, 120)
        address = json.loads(found.read_text(encoding="utf-8"))["address"]
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=120)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)


def test_a_cluster_without_any_worker_left_is_not_waited_for(one_worker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "NO_WORKER_S", 3)
    items = [("small.wav",), ("big.wav",), *((str(item),) for item in range(6))]
    says = rf"no workers for 3 s.*dask worker {one_worker} --nthreads 1.*run again"
    with parallel.use_scheduler(one_worker), pytest.raises(EchoError, match=says):
        list(as_completed(work.kill_itself_if_big, items, died=lambda item: None))


def test_a_result_that_died_with_its_worker_is_not_waited_for(
    one_worker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first item is done, but its result lies on the worker, which dies over the second."""
    fetch, asked = parallel._result, []

    def once_it_is_dead(future: distributed.Future, item: tuple[Path, str]) -> str:
        asked.append(item)
        work.mark(tmp_path, "told")
        wait_for(lambda: not future.client.nthreads())
        return fetch(future, item)

    monkeypatch.setattr(parallel, "NO_WORKER_S", 3)
    with parallel.use_scheduler(one_worker), pytest.raises(EchoError, match="no workers for 3 s"):
        monkeypatch.setattr(parallel, "ANSWER_S", 1)
        monkeypatch.setattr(parallel, "_result", once_it_is_dead)
        list(as_completed(work.kill_itself_once_told, [(tmp_path, "small"), (tmp_path, "big")], died=lambda item: None))
    assert asked == [(tmp_path, "small")]


def test_a_result_that_is_late_is_asked_for_again(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch, asked = parallel._result, set()

    def late(future: distributed.Future, item: tuple[int]) -> int:
        if item not in asked:
            asked.add(item)
            raise parallel._LostError
        return fetch(future, item)

    monkeypatch.setattr(parallel, "_result", late)
    with parallel.use_scheduler(scheduler):
        assert sorted(as_completed(operator.neg, [(item,) for item in range(20)])) == sorted(
            -item for item in range(20)
        )


def test_an_item_that_is_timed_out_itself_is_not_asked_for_again(scheduler: str) -> None:
    with parallel.use_scheduler(scheduler), pytest.raises(TimeoutError, match="network drive"):
        list(as_completed(work.time_out, [(1,), (2,)]))


def test_a_worker_at_long_work_is_waited_for(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "NO_WORKER_S", 0.5)
    monkeypatch.setattr(parallel, "LOOK_S", 0.1)
    with parallel.use_scheduler(scheduler):
        assert list(as_completed(time.sleep, [(2,)])) == [None]


def test_a_slow_caller_holds_the_cluster_back(scheduler: str, tmp_path: Path) -> None:
    """Two items per thread are under way, and four threads at most are there; all are let go in the end."""
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


def test_a_stage_writes_the_same_on_a_cluster(scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as dvc.yaml runs it: relative paths, and functions of the script itself."""
    monkeypatch.chdir(tmp_path)
    names = [f"{hz}.wav" for hz in (300, 400, 500, 600, 700)]
    for name in names:
        write_wav(Path("corpus") / name, tone(float(name.removesuffix(".wav")), 0.2))
    columns = {"recording": names, "label": "tone", "kind": "tone", "source": names, "unseen": False, "original": names}
    files.write_table(pd.DataFrame(columns), Path("corpus/recordings.csv"))
    files.write_table(pd.DataFrame(columns=["recording", "reason"]), Path("corpus/skipped.csv"))
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(params.replace("scheduler: ''", f"scheduler: {scheduler}"), encoding="utf-8")
    command = [sys.executable, "-m", "stages.extract", "corpus", "there"]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
    extract.main(Path("corpus"), Path("here"))
    assert contents(Path("there")) == contents(Path("here"))


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nobody_at_the_address_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "ANSWER_S", 0.5)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
    with (
        pytest.raises(EchoError, match=rf"{address}: no scheduler answers.*dask scheduler"),
        parallel.use_scheduler(address),
    ):
        raise AssertionError


def test_without_dask_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EchoError, match=r"pip install distributed"), parallel.use_scheduler("tcp://127.0.0.1:8786"):
        raise AssertionError


def test_no_address_is_this_machine() -> None:
    with parallel.use_scheduler(""):
        assert map_all(work.process, [(1,)], "here") == [os.getpid()]
