"""Parallel work: independent items on all cores of this machine (joblib), or on a cluster (Dask)."""

import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sized
from contextlib import closing, contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from project_echo.core import cluster
from project_echo.core.cluster import Items, OnWorkerDeath
from project_echo.core.errors import EchoError, WorkerDiedError

Result = TypeVar("Result")
_client: ContextVar[Any] = ContextVar("client", default=None)  # Dask's Client inside `use_scheduler`


@contextmanager
def use_scheduler(scheduler: str) -> Iterator[None]:
    """Run all parallel work inside the block on a Dask cluster.

    Parameters
    ----------
    scheduler : str
        Address of the scheduler (``tcp://host:port``); empty for this machine.

    Raises
    ------
    EchoError
        If Dask is not installed, or neither a scheduler nor a worker answers.
    """
    if not scheduler:
        yield
        return
    with cluster.connect(scheduler) as client:
        before = _client.set(client)
        try:
            yield
        finally:
            _client.reset(before)


def cores() -> int:
    """Number of cores of this machine that this process may use, at most LOKY_MAX_CPU_COUNT."""
    import joblib  # noqa: PLC0415  (a twelfth of the time to start, and work of one process does without)

    return int(joblib.cpu_count())


def map_all(
    function: Callable[..., Result], items: Items, description: str, shared: tuple[Any, ...] = ()
) -> list[Result]:
    """``[function(*shared, *item) for item in items]``, in parallel and in order, with a progress bar.

    Up to four items are processed in this process: starting workers would take longer.

    Parameters
    ----------
    function : callable
        An importable function.
    items : iterable of tuple
        Arguments of each call.
    description : str
        Text of the progress bar.
    shared : tuple
        First arguments of all calls (`as_completed`).

    Returns
    -------
    list of Result
        What `function` returned, in the order of the items.

    Raises
    ------
    WorkerDiedError, EchoError
        As `as_completed`.
    """
    items = list(items)
    call = partial(_numbered, function, len(shared))
    numbered = ((number, *item) for number, item in enumerate(items))
    with closing(as_completed(call, numbered, -1 if len(items) > 4 else 1, shared=shared)) as outcomes:
        results = dict(progress(outcomes, description, len(items)))
    return [results[number] for number in range(len(items))]


def _numbered(function: Callable[..., Result], n_shared: int, *arguments: Any) -> tuple[int, Result]:
    shared, (number, *item) = arguments[:n_shared], arguments[n_shared:]
    return number, function(*shared, *item)


def as_completed(
    function: Callable[..., Result],
    items: Items,
    jobs: int = -1,
    on_worker_death: OnWorkerDeath | None = None,
    shared: tuple[Any, ...] = (),
) -> Generator[Result, None, None]:
    """``function(*shared, *item)`` of each item as soon as it is ready, in any order.

    Close the generator if you may stop early, by an error or Ctrl-C too (``with contextlib.closing(as_completed(...))
    as results``): this stops the work at once, where Python would wait for what has begun.

    Parameters
    ----------
    function : callable
        An importable function.
    items : iterable of tuple
        Arguments of each call, taken as they are needed.
    jobs : int
        Processes on this machine, with one thread each. -1 is one per core; 1 is this process, one item after the
        other. A cluster (`use_scheduler`) uses all its workers.
    on_worker_death : callable, optional
        Called with an item over which several workers of a cluster died; the other items go on.
    shared : tuple
        First arguments of all calls, which may be large: a cluster sends them to each worker once, and processes of
        this machine have the arrays in them in common, read-only.

    Yields
    ------
    Result
        What `function` returned.

    Raises
    ------
    WorkerDiedError
        If a worker of this machine was killed; on a cluster, which tries the item elsewhere, if several workers died
        over the same item and `on_worker_death` is not given.
    EchoError
        If a cluster has had no workers for a while (`cluster.NO_WORKER_S`), or its scheduler is gone.
    """
    call = partial(_call_in_folder, Path.cwd(), function)
    jobs = cores() if jobs == -1 else jobs
    if client := _client.get():
        yield from cluster.run_on_cluster(client, call, items, on_worker_death, shared)
    elif jobs == 1:
        with threadpool_limits(1):  # as in workers: BLAS on all cores is slower here, and adds up in another order
            yield from (function(*shared, *item) for item in items)
    else:
        yield from _on_cores(call, ((*shared, *item) for item in items), jobs)


def _on_cores(call: Callable[..., Result], items: Items, jobs: int) -> Generator[Result, None, None]:
    import joblib  # noqa: PLC0415
    from joblib.externals.loky.process_executor import TerminatedWorkerError  # noqa: PLC0415

    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        workers = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")
    results = workers(joblib.delayed(call)(*item) for item in items)
    try:
        for result in results:  # noqa: UP028 - `yield from` would close `results` itself, with the warnings
            yield result
    except TerminatedWorkerError:
        raise WorkerDiedError(
            "A worker was killed, possibly out of memory. Free memory, or use fewer processes: reduce --jobs "
            "(project-echo) or set LOKY_MAX_CPU_COUNT=1 (dvc repro)."
        ) from None
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about unfinished work
            results.close()


def _call_in_folder(folder: Path, function: Callable[..., Result], *item: Any) -> Result:
    """Call a function on a worker, with the working directory of the process that asked: paths may be relative."""
    try:
        os.chdir(folder)
    except OSError as error:
        raise EchoError(
            f"{folder}: a worker cannot enter this folder ({error.strerror}). Share it under the same path on all "
            "machines."
        ) from None
    return function(*item)


def shows_progress() -> bool:
    """Whether standard error is a terminal or a notebook; logs and pipes get no progress."""
    return bool(sys.stderr and sys.stderr.isatty()) or "ipykernel" in sys.modules


def progress(items: Iterable[Result], description: str, total: int | None = None) -> Iterable[Result]:
    """Show a progress bar on a terminal or in a notebook, and nothing in logs and pipes, while items are taken.

    Parameters
    ----------
    items : iterable
    description : str
        Text of the progress bar.
    total : int, optional
        Number of items, if they have no length.

    Returns
    -------
    iterable
        The same items.
    """
    if not shows_progress():
        return items
    from tqdm import tqdm  # noqa: PLC0415  (a tenth of the time to start)

    if total is None and isinstance(items, Sized):
        total = len(items)
    bar: Iterable[Result] = tqdm(items, desc=description, total=total, leave=False)
    return bar
