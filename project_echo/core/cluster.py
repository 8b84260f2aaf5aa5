"""Parallel work on a Dask cluster that loses no item when a worker dies.

Start workers with ``dask worker ADDRESS --nthreads 1``. Each processes one item at a time, and Dask then limits BLAS
and OpenMP to one thread as well (its setting ``distributed.nanny.pre-spawn-environ``). They need the same Python, the
packages of requirements.txt and the same version of this project, and must see the
files under the same paths as the machine that submits the work.
"""

import asyncio
import re
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from itertools import islice
from time import monotonic
from typing import Any, TypeVar

from project_echo.core.errors import EchoError, WorkerDiedError

Result = TypeVar("Result")
Items = Iterable[tuple[Any, ...]]
OnWorkerDeath = Callable[[tuple[Any, ...]], None]
CONNECT_S = 10  # how long a scheduler, and then its first worker, may take to answer
RESULT_S = 10  # how long a finished result may take to arrive from its worker
CHECK_S = 1  # between two checks for workers while no result arrives
NO_WORKER_S = 300  # machines that were taken away may come back


class _LostResultError(Exception):
    """A result did not arrive in time, or its worker is gone."""


def check_address(scheduler: str) -> str:
    """Return the address of a scheduler if it is one, or empty for this machine. Raises ValueError otherwise."""
    if scheduler and not re.fullmatch(r"(tcp|tls|ws|wss)://[^/\s]+:\d+", scheduler):
        raise ValueError('give the address that dask scheduler prints (tcp://10.0.0.1:8786), or "" for this machine')
    return scheduler


def connect(scheduler: str) -> Any:
    """Connect to a Dask cluster.

    Parameters
    ----------
    scheduler : str
        Address of the scheduler (``tcp://host:port``).

    Returns
    -------
    distributed.Client
        Connected to a cluster with at least one worker, all of them with one thread.

    Raises
    ------
    EchoError
        If Dask is not installed, no scheduler or no worker answers, or workers have several threads.
    """
    try:
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        raise EchoError(f"{scheduler}: Dask is not installed. Run pip install distributed.") from None
    try:
        client = Client(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EchoError(
            f"{scheduler}: no scheduler answers ({error}). Start one (dask scheduler) and pass the address that it "
            "prints, or leave the address empty to work on this machine."
        ) from None
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
        client.close()
        raise EchoError(
            f"{scheduler}: the scheduler has no workers. Start some: dask worker {scheduler} --nthreads 1."
        ) from None
    if max(client.nthreads().values()) > 1:  # the network and the working directory belong to one thread
        client.close()
        raise EchoError(f"{scheduler}: workers have several threads. Start them with --nthreads 1 --nworkers N.")
    return client


def run_on_cluster(
    client: Any,
    function: Callable[..., Result],
    items: Items,
    on_worker_death: OnWorkerDeath | None,
    shared: tuple[Any, ...] = (),
) -> Generator[Result, None, None]:
    """``function(*shared, *item)`` of each item as soon as it is ready, in any order.

    Two items per thread are submitted at a time, so that memory does not grow if the caller is slow. If a worker dies,
    Dask moves its items to others, until an item was present at so many deaths that it may be the cause [1]_. joblib's
    own Dask backend would wait forever for such an item (DaskDistributedBackend._collect of joblib 1.6.0 reports
    nothing), so items are submitted here.

    Parameters
    ----------
    client : distributed.Client
        From `connect`.
    function : callable
        An importable function.
    items : iterable of tuple
        Arguments of each call, taken as they are needed.
    on_worker_death : callable or None
        Called with an item over which several workers died; the other items go on.
    shared : tuple
        First arguments of all calls, which each worker gets once.

    Yields
    ------
    Result
        What `function` returned.

    Raises
    ------
    WorkerDiedError
        If several workers died over the same item and `on_worker_death` is not given.
    EchoError
        If the cluster has had no workers for NO_WORKER_S, or its scheduler is gone.

    References
    ----------
    .. [1] https://distributed.dask.org/en/stable/killed.html
    """
    from distributed import as_completed  # noqa: PLC0415

    on_workers = _share(client, shared)
    waiting = iter(items)
    submitted: dict[Any, tuple[Any, ...]] = {}
    completed = as_completed(loop=client.loop)

    def submit() -> None:
        room = 2 * max(1, sum(client.nthreads().values())) - len(submitted)  # workers come and go
        for item in islice(waiting, max(0, room)):
            future = client.submit(function, *on_workers, *item, pure=False)
            submitted[future] = item
            completed.add(future)

    try:
        submit()
        for batch in _batches(client, completed):
            results = []
            for future in batch:
                item = submitted.pop(future)
                try:
                    results.append(_result(future, item))
                except _LostResultError:  # Dask computes it again
                    submitted[future] = item
                    completed.add(future)
                except WorkerDiedError:
                    if not on_worker_death:
                        raise
                    on_worker_death(item)
            batch.clear()  # releases the results on the workers
            submit()
            yield from results
    finally:
        client.cancel(list(submitted))


def _share(client: Any, values: tuple[Any, ...]) -> list[Any]:
    """Futures of values that all workers have.

    As results of tasks, since Dask computes these again if all workers that have them die; what `Client.scatter` sends
    would be lost.
    """
    if not values:
        return []
    from distributed import wait  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph")
        futures = [client.submit(_same, value, pure=False) for value in values]
    # Without workers, the items will wait for them, or give up.
    with suppress(TimeoutError, asyncio.TimeoutError), client.as_current():
        wait(futures, NO_WORKER_S)
        client.replicate(futures)  # else Dask would rather give all items to the worker that has them than copy them
    return futures


def _same(value: Result) -> Result:
    return value


def _batches(client: Any, completed: Any) -> Iterator[list[Any]]:
    """``completed.batches()`` with a check for workers while it waits; Dask itself would wait forever."""
    last_alive = last_check = monotonic()
    while not completed.is_empty():
        if batch := completed.next_batch(block=False):
            yield batch
            last_alive = monotonic()
            continue
        with completed.thread_condition:
            completed.thread_condition.wait(0.1)  # as Dask's own next() does: a future may be ready just before
        now = monotonic()
        if now < last_check + CHECK_S:
            continue
        last_check = now
        with suppress(OSError):  # no answer says nothing about workers; a scheduler that is gone cancels its futures
            if client.nthreads():
                last_alive = now
        if now > last_alive + NO_WORKER_S:
            address = client.scheduler.address
            raise EchoError(
                f"{address}: the scheduler has had no workers for {NO_WORKER_S} s. Start some (dask worker {address} "
                "--nthreads 1) and run again."
            )


def _result(future: Any, item: tuple[Any, ...]) -> Any:
    """The result of a future. Raises _LostResultError if its worker died before the result was fetched."""
    from distributed import KilledWorker  # noqa: PLC0415

    if not future.done():
        raise _LostResultError
    try:
        return future.result(RESULT_S)
    except (TimeoutError, asyncio.TimeoutError):
        if future.status == "error":  # the function itself raised it
            raise
        raise _LostResultError from None
    except KilledWorker as error:
        raise WorkerDiedError(
            f"{' '.join(map(str, item))[:200]}: {error.allowed_failures + 1} workers died over this item, possibly out "
            "of memory. Look in their logs. If the machines were taken away, raise Dask's setting "
            "distributed.scheduler.allowed-failures."
        ) from None
    except CancelledError:
        raise EchoError("The scheduler stopped during the work. Start it and run again.") from None
