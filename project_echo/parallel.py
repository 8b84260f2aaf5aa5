"""The one seam for parallel work: joblib over independent items, with a progress bar."""

from collections.abc import Callable, Iterable, Sized
from typing import Any, TypeVar

import joblib
from tqdm import tqdm

Result = TypeVar("Result")


def map_all(function: Callable[..., Result], items: Iterable[tuple[Any, ...]], description: str) -> list[Result]:
    """``[function(*item) for item in items]`` in order, on all cores; `function` must be importable.

    What is small is done here and now: starting the workers takes longer than a handful of items.
    """
    items = list(items)
    workers = joblib.Parallel(n_jobs=-1 if len(items) > 4 else 1, return_as="generator")
    results = workers(joblib.delayed(function)(*item) for item in items)
    return list(progress(results, description, len(items)))


def progress(items: Iterable[Result], description: str, total: int | None = None) -> Iterable[Result]:
    """The same items with a progress bar on a terminal; silent in logs and pipes, where bars are noise."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    bar: Iterable[Result] = tqdm(items, desc=description, total=total, disable=None, leave=False)
    return bar
