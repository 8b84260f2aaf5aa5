"""Who is trained on, who decides, who is scored: by source, so that no one is heard twice."""

from collections import Counter, defaultdict

import numpy as np
import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.seeds import generator

PARTS = ("train", "validation", "test")
UNUSED = "unused"


def by_source(clips: pd.DataFrame, train: float, validation: float, test: float, seed: int) -> pd.DataFrame:
    """Assign every source, and with it all of its clips, to train, validation or test, stratified by kind.

    `clips` has a row per clip with `recording`, `label`, `kind` (of an animal its label) and `source`; the answer is
    the same rows with a column `part`. Sizes are sources per class (int) or fractions of a class's sources (float).
    Test is drawn first, then validation, then train, so experiments that differ in the number of training sources are
    scored on the same clips; sources beyond the sizes are `unused`. A source that carries several kinds (a site with
    two species) stands on one side with all of them, and counts for each. One source more is drawn for each kind in
    turn, so a smaller training set is always part of a larger one.

    Background (label ``none``) is not held to sizes in sources, as nobody counts it: of each kind validation and test
    get what is asked for, at most a quarter each, and train all the rest.

    Raises EchoError if a class has too few sources, or a kind of background too few to stand on all three sides.
    """
    background = set(clips.loc[clips["label"] == NONE, "kind"])
    sources_of = {str(kind): sorted(group.unique()) for kind, group in clips.groupby("kind")["source"]}
    sizes = {
        kind: (_background_sizes if kind in background else _sizes)(len(sources), train, validation, test)
        for kind, sources in sources_of.items()
    }
    orders = {kind: generator(seed, "split", kind).permutation(sources) for kind, sources in sources_of.items()}
    part_of = _draw(orders, sizes, background)
    table = clips.assign(part=clips["source"].map(part_of).fillna(UNUSED))
    assert_no_leak(table)
    return table


def _draw(orders: dict[str, np.ndarray], sizes: dict[str, dict[str, int]], background: set[str]) -> dict[str, str]:
    """The part of every source that is wanted, from each kind's sources in their order."""
    kinds_of = defaultdict(list)
    for kind, order in orders.items():
        for source in order:
            kinds_of[source].append(kind)
    scarce_first = sorted(orders, key=lambda kind: (len(orders[kind]), kind))
    left = {kind: iter(order) for kind, order in orders.items()}
    part_of: dict[str, str] = {}
    held: Counter[tuple[str, str]] = Counter()
    for part in reversed(PARTS):
        for n in range(1, max(size[part] for size in sizes.values()) + 1):
            for kind in scarce_first:
                if not held[kind, part] < n <= sizes[kind][part]:
                    continue
                source = next((source for source in left[kind] if source not in part_of), None)
                if source is not None:
                    part_of[source] = part
                    held.update((other, part) for other in kinds_of[source])
                elif kind not in background:
                    raise _too_few(kind, len(orders[kind]), sizes[kind])
                elif not held[kind, part]:  # a place with an animal may be on another side, for the animal's sake
                    raise _too_little_background(kind, len(orders[kind]))
    return part_of


def _sizes(n_sources: int, train: float, validation: float, test: float) -> dict[str, int]:
    """Sources of a class for each part."""
    shares = {"train": train, "validation": validation, "test": test}
    if isinstance(train, int):
        return {part: int(size) for part, size in shares.items()}
    sizes = {part: max(1, round(share * n_sources)) for part, share in shares.items()}
    left = n_sources - sizes["validation"] - sizes["test"]  # rounding must neither lose nor invent a source
    whole = abs(sum(shares.values()) - 1) < 1e-9
    return sizes | {"train": max(1, left if whole else min(left, sizes["train"]))}


def _background_sizes(n_sources: int, train: float, validation: float, test: float) -> dict[str, int]:
    """Sources of a kind of background for each part."""
    if not isinstance(train, int):
        return _sizes(n_sources, train, validation, test)
    at_most = max(1, n_sources // 4)
    sizes = {"validation": min(int(validation), at_most), "test": min(int(test), at_most)}
    return sizes | {"train": max(1, n_sources - sum(sizes.values()))}


def _too_few(label: str, n_sources: int, sizes: dict[str, int]) -> EchoError:
    parts = ", ".join(f"split.{part} {sizes[part]}" for part in PARTS)
    needed = sum(sizes.values())
    shared = ", but shares some with other classes" if n_sources >= needed else ""
    return EchoError(
        f"class {label} has {n_sources} source{'s' * (n_sources != 1)}{shared} and needs {needed} ({parts}). "
        "Record more animals or places, or lower these numbers in params.yaml."
    )


def _too_little_background(kind: str, n_sources: int) -> EchoError:
    shared = ", but shares some with other kinds" if n_sources >= len(PARTS) else ""
    return EchoError(
        f"background {kind} has {n_sources} source{'s' * (n_sources != 1)}{shared} and needs one for each of "
        f"{', '.join(PARTS)}. Add recordings of other sources, or move them into the folder of another kind."
    )


def assert_no_leak(table: pd.DataFrame) -> None:
    """Raise EchoError if any source or recording stands in more than one part."""
    for column in ("source", "recording"):
        parts = table.groupby(column)["part"].nunique()
        if (parts > 1).any():
            raise EchoError(f"{column} {parts.idxmax()} stands on two sides of the split. Run the split stage anew.")


def describe(table: pd.DataFrame) -> str:
    """One line with counts: 4 classes, 65 sources (13 of background): 45 train, 10 validation, 10 test."""
    counts = table.groupby("part")["source"].nunique()
    parts = ", ".join(f"{counts[part]} {part}" for part in (*PARTS, UNUSED) if part in counts)
    background = table.loc[table["label"] == NONE, "source"].nunique()
    return (
        f"{len(set(table['label']) - {NONE})} classes, {table['source'].nunique()} sources"
        f"{f' ({background} of background)' if background else ''}: {parts}"
    )
