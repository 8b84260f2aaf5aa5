"""The one seam for parallel work: independent items on all cores (joblib), or on a cluster (Dask).

Workers of a cluster are started with ``dask worker ADDRESS --nthreads 1``: one item at a time, and Dask then keeps
BLAS and OpenMP to one thread as well (its setting ``distributed.nanny.pre-spawn-environ``). They need the same Python,
the packages of requirements.txt and the same state of this project (``pip install -e .[cluster]``), and must
see the files under the same paths as the machine that gives out the work.
"""

import asyncio
import os
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sized
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from project_echo.core.errors import EchoError

Result = TypeVar("Result")
Items = Iterable[tuple[Any, ...]]
ANSWER_S = 10  # how long a scheduler, and then the first worker, may take to answer, and a result to come from a worker
LOOK_S = 1  # from one look for workers to the next, while nothing is done
NO_WORKER_S = 300  # machines that were taken away may come back
_cluster: ContextVar[Any] = ContextVar("cluster", default=None)  # Dask's Client within `on`


@contextmanager
def use_scheduler(scheduler: str) -> Iterator[None]:
    """Within it all parallel work runs on the Dask cluster at `scheduler` (tcp://...); empty text is this machine.

    Raises EchoError if Dask is not installed, or no scheduler or no worker answers there.
    """
    if not scheduler:
        yield
        return
    with _connect(scheduler) as client:
        before = _cluster.set(client)
        try:
            yield
        finally:
            _cluster.reset(before)


def _connect(scheduler: str) -> Any:
    try:
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        raise EchoError(f"{scheduler}: Dask is not installed. Do: pip install distributed.") from None
    try:
        client = Client(scheduler, timeout=ANSWER_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EchoError(
            f"{scheduler}: no scheduler answers ({error}). Start one (dask scheduler), give the address that it names, "
            "or leave it empty to work on this machine."
        ) from None
    try:
        client.wait_for_workers(1, timeout=ANSWER_S)
    except (TimeoutError, asyncio.TimeoutError):  # two of them, before Python 3.11
        client.close()
        raise EchoError(
            f"{scheduler}: the scheduler has no workers. Start some: dask worker {scheduler} --nthreads 1."
        ) from None
    if max(client.nthreads().values()) > 1:  # the network and the working folder belong to one thread
        client.close()
        raise EchoError(f"{scheduler}: workers have several threads. Start them with --nthreads 1 --nworkers N.")
    return client


class WorkerDiedError(EchoError):
    """A process that did the work was ended by something else."""


class _LostError(Exception):
    """A result is not to be had, or not in time."""


def cores() -> int:
    """How many cores of this machine are ours."""
    return int(joblib.cpu_count())


def map_all(function: Callable[..., Result], items: Items, description: str) -> list[Result]:
    """``[function(*item) for item in items]`` in order, on all cores; `function` must be importable.

    What is small is done here and now: starting the workers takes longer than a handful of items.
    """
    items = list(items)
    numbered = ((function, number, item) for number, item in enumerate(items))
    with closing(as_completed(_numbered, numbered, -1 if len(items) > 4 else 1)) as results:
        found = dict(progress(results, description, len(items)))
    return [found[number] for number in range(len(items))]


def _numbered(function: Callable[..., Result], number: int, item: tuple[Any, ...]) -> tuple[int, Result]:
    return number, function(*item)


def as_completed(
    function: Callable[..., Result],
    items: Items,
    jobs: int = -1,
    died: Callable[[tuple[Any, ...]], None] | None = None,
) -> Generator[Result, None, None]:
    """``function(*item)`` of each item as soon as it is done, in any order; `function` must be importable.

    `jobs` processes of this machine do it, -1 for one per core, each with one thread; 1 does it in this process, one
    after the other. On a cluster (`on`) all its workers do. Items are taken as they are needed. Whoever may stop
    early, by an error or Ctrl-C too, closes it (``with contextlib.closing(as_completed(...)) as results``): that stops the
    work at once, where Python would wait for what has begun.

    A process of this machine that something ends is a WorkerDiedError. A cluster does its item elsewhere; one over
    which several workers died is told to `died`, and the rest goes on. Without `died` it is a WorkerDiedError too.
    A cluster that has had no worker for NO_WORKER_S is an EchoError.
    """
    if client := _cluster.get():
        yield from _on_cluster(client, function, items, died)
    elif jobs == 1:
        with threadpool_limits(1):  # as _on_cores does: BLAS on all cores is slower here, and sums in another order
            yield from (function(*item) for item in items)
    else:
        yield from _on_cores(function, items, jobs)


def _on_cores(function: Callable[..., Result], items: Items, jobs: int) -> Generator[Result, None, None]:
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        workers = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")
    here = Path.cwd()
    results = workers(joblib.delayed(_there)(here, function, item) for item in items)
    try:
        for result in results:  # noqa: UP028 - `yield from` would close `results` itself, with the warnings
            yield result
    except TerminatedWorkerError:
        raise WorkerDiedError(
            "A process that worked for this one was ended, perhaps for want of memory. Take fewer side by side, or "
            "find out what ended it: its system's log says."
        ) from None
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of work that nobody waits for any more
            results.close()


def _on_cluster(
    client: Any, function: Callable[..., Result], items: Items, died: Callable[[tuple[Any, ...]], None] | None
) -> Generator[Result, None, None]:
    """Two items in hand per thread of the cluster, so that memory stays flat however slow the caller is.

    When a worker dies, Dask does its items elsewhere, until they were there at so many deaths that they may be the
    cause (https://distributed.dask.org/en/stable/killed.html). joblib's own Dask backend then waits for ever (1.6.0:
    DaskDistributedBackend._collect tells nobody), which is why items are submitted here.
    """
    from distributed import as_completed  # noqa: PLC0415

    here, waiting = Path.cwd(), iter(items)
    given: dict[Any, tuple[Any, ...]] = {}
    done = as_completed(loop=client.loop)

    def give() -> None:
        room = 2 * max(1, sum(client.nthreads().values())) - len(given)  # workers come and go
        for item in islice(waiting, max(0, room)):
            future = client.submit(_there, here, function, item, pure=False)
            given[future] = item
            done.add(future)

    try:
        give()
        for batch in _batches(client, done):  # of one, or of what was done meanwhile
            results = []
            for future in batch:
                item = given.pop(future)
                try:
                    results.append(_result(future, item))
                except _LostError:  # Dask does it anew
                    given[future] = item
                    done.add(future)
                except WorkerDiedError:
                    if not died:
                        raise
                    died(item)
            batch.clear()  # and with it the results on the workers
            give()
            yield from results
    finally:
        client.cancel(list(given))


def _batches(client: Any, done: Any) -> Iterator[list[Any]]:
    """``done.batches()`` that looks for workers while it waits; Dask itself would wait for ever."""
    since = looked = time.monotonic()  # when there was a worker, as far as we know
    while not done.is_empty():
        if batch := done.next_batch(block=False):
            yield batch
            since = time.monotonic()
            continue
        with done.thread_condition:
            done.thread_condition.wait(0.1)  # as Dask's own next() does: a future may be done just before
        now = time.monotonic()
        if now < looked + LOOK_S:
            continue
        looked = now
        with suppress(OSError):  # no answer says nothing of workers; a scheduler that is gone cancels what it was given
            if client.nthreads():
                since = now
        if now > since + NO_WORKER_S:
            raise EchoError(
                f"The scheduler has had no workers for {NO_WORKER_S} s. Start some (dask worker "
                f"{client.scheduler.address} --nthreads 1), and run again."
            )


def _result(future: Any, item: tuple[Any, ...]) -> Any:
    """What an item that was done gave. Raises _LostError if it lay on a worker that died before it was asked for."""
    from distributed import KilledWorker  # noqa: PLC0415

    if not future.done():
        raise _LostError
    try:
        return future.result(ANSWER_S)
    except (TimeoutError, asyncio.TimeoutError):
        if future.status == "error":  # it is the item's own
            raise
        raise _LostError from None
    except KilledWorker as error:
        raise WorkerDiedError(
            f"{error.allowed_failures + 1} workers died over {' '.join(map(str, item))[:200]}. Look into their logs; "
            "memory is the usual cause. If they were taken away, raise Dask's setting "
            "distributed.scheduler.allowed-failures."
        ) from None
    except CancelledError:
        raise EchoError("The scheduler went away in the middle of the work. Start it, and run again.") from None


def _there(folder: Path, function: Callable[..., Result], item: tuple[Any, ...]) -> Result:
    """On a worker, started who knows where: relative paths mean what they mean where the work was given out."""
    try:
        os.chdir(folder)
    except OSError as error:
        raise EchoError(
            f"{folder} cannot be entered on a worker ({error.strerror}). Share it under the same path on all machines."
        ) from None
    return function(*item)


def progress(items: Iterable[Result], description: str, total: int | None = None) -> Iterable[Result]:
    """The same items with a progress bar on a terminal; silent in logs and pipes, where bars are noise."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    bar: Iterable[Result] = tqdm(items, desc=description, total=total, disable=None, leave=False)
    return bar
