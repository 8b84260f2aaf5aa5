"""A Dask cluster on this machine, shared by all tests that need one."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Dask scheduler with two workers, in a folder of their own."""
    distributed = pytest.importorskip("distributed", reason="pip install distributed")
    folder = tmp_path_factory.mktemp("cluster")
    connection = folder / "scheduler.json"
    env = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}

    def dask(*arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
        with (folder / f"{arguments[0]}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)

    started = [dask("scheduler", "--port", "0", "--host", "127.0.0.1", "--scheduler-file", str(connection))]
    try:
        started += [dask("worker", "--scheduler-file", str(connection), "--nthreads", "1") for _ in range(2)]
        wait_for(lambda: connection.exists() and connection.stat().st_size > 0)
        address = json.loads(connection.read_text(encoding="utf-8"))["address"]
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        yield address
    finally:
        for process in reversed(started):  # the scheduler last, so that workers can sign off
            process.terminate()
            process.wait(30)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, however slow the machine is; pytest's timeout ends a test that waits in vain."""
    while not condition():
        time.sleep(0.01)


Messages = Callable[[], list[str]]


@pytest.fixture
def messages(caplog: pytest.LogCaptureFixture) -> Messages:
    """Lines that the library has logged since the last call."""
    caplog.set_level(logging.INFO, logger="project_echo")

    def pop() -> list[str]:
        lines = [line for record in caplog.records for line in record.getMessage().splitlines()]
        caplog.clear()
        return lines

    return pop
