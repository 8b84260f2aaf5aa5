"""Who is trained on, who decides, who is scored: by source, so that no one is heard twice."""

from collections import Counter

import numpy as np
import pandas as pd

from project_echo.errors import EchoError
from project_echo.seeds import generator

PARTS = ("train", "validation", "test")
UNUSED = "unused"


def by_source(clips: pd.DataFrame, train: float, validation: float, test: float, seed: int) -> pd.DataFrame:
    """Assign every source, and with it all of its clips, to train, validation or test, stratified by class.

    `clips` has a row per clip with `recording`, `label` and `source`; the answer is the same rows with a column `part`.
    Sizes are sources per class (int) or fractions of a class's sources (float). Test is drawn first, then validation,
    then train, so experiments that differ in the number of training sources are scored on the same clips; sources
    beyond the sizes are `unused`. A source that carries several labels (a site with two species) stands on one side
    with all of them, and counts for each. One source more is drawn for each class in turn, so a smaller training set is
    always part of a larger one.

    Raises EchoError if a class has too few sources.
    """
    sources_of = {str(label): sorted(group.unique()) for label, group in clips.groupby("label")["source"]}
    sizes = {label: _sizes(len(sources), train, validation, test) for label, sources in sources_of.items()}
    orders = {label: generator(seed, "split", label).permutation(sources) for label, sources in sources_of.items()}
    part_of = _draw(orders, sizes, clips.groupby("source")["label"].unique())
    table = clips.assign(part=clips["source"].map(part_of).fillna(UNUSED))
    assert_no_leak(table)
    return table


def _draw(orders: dict[str, np.ndarray], sizes: dict[str, dict[str, int]], labels_of: pd.Series) -> dict[str, str]:
    """The part of every source that is wanted, from each class's sources in their order."""
    scarce_first = sorted(orders, key=lambda label: (len(orders[label]), label))
    left = {label: iter(order) for label, order in orders.items()}
    part_of: dict[str, str] = {}
    held: Counter[tuple[str, str]] = Counter()
    for part in reversed(PARTS):
        for n in range(1, max(size[part] for size in sizes.values()) + 1):
            for label in scarce_first:
                if not held[label, part] < n <= sizes[label][part]:
                    continue
                source = next((source for source in left[label] if source not in part_of), None)
                if source is None:
                    raise _too_few(label, len(orders[label]), sizes[label])
                part_of[source] = part
                held.update((other, part) for other in labels_of[source])
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


def _too_few(label: str, n_sources: int, sizes: dict[str, int]) -> EchoError:
    parts = ", ".join(f"split.{part} {sizes[part]}" for part in PARTS)
    needed = sum(sizes.values())
    shared = ", but shares some with other classes" if n_sources >= needed else ""
    return EchoError(
        f"class {label} has {n_sources} source{'s' * (n_sources != 1)}{shared} and needs {needed} ({parts}). "
        "Record more animals or places, or lower these numbers in params.yaml."
    )


def assert_no_leak(table: pd.DataFrame) -> None:
    """Raise EchoError if any source or recording stands in more than one part."""
    for column in ("source", "recording"):
        parts = table.groupby(column)["part"].nunique()
        if (parts > 1).any():
            raise EchoError(f"{column} {parts.idxmax()} stands on two sides of the split. Run the split stage anew.")


def describe(table: pd.DataFrame) -> str:
    """One line with counts: 4 classes, 52 sources: 36 train, 8 validation, 8 test."""
    counts = table.groupby("part")["source"].nunique()
    parts = ", ".join(f"{counts[part]} {part}" for part in (*PARTS, UNUSED) if part in counts)
    return f"{table['label'].nunique()} classes, {table['source'].nunique()} sources: {parts}"
