"""Assignment of sources to train, validation and test: all clips of a source are in one part."""

from collections import Counter, defaultdict

import numpy as np
import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.seeds import generator
from project_echo.core.text import count
from project_echo.datasets.config import Split

PARTS = ("train", "validation", "test")
UNUSED = "unused"


def split_by_source(clips: pd.DataFrame, split: Split) -> pd.DataFrame:
    """Assign every source, and with it all of its clips, to a part, stratified by kind.

    Test is drawn first, then validation, then train, so experiments that differ in the number of training sources are
    scored on the same clips. Sources beyond the sizes are `unused`. A source with several kinds (a site with two
    species) is in one part with all of them, and counts for each. One source is drawn for each kind in turn, so a
    smaller training set is always part of a larger one.

    Background (label `none`) is not held to sizes in sources: of each kind, validation and test get the size asked
    for, but at most a quarter each, and train gets the rest.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `recording`, `label`, `kind` (of an animal its label) and `source`.
    split : Split
        Sizes and seed.

    Returns
    -------
    pd.DataFrame
        The same rows with a column `part`: train, validation, test or unused.

    Raises
    ------
    EchoError
        If a class has too few sources, or a kind of background has fewer than one for each part.
    """
    background = set(clips.loc[clips["label"] == NONE, "kind"])
    sources_of = {str(kind): sorted(group.unique()) for kind, group in clips.groupby("kind")["source"]}
    sizes = {
        kind: (_background_sizes if kind in background else _sizes)(len(sources), split)
        for kind, sources in sources_of.items()
    }
    orders = {kind: generator(split.seed, "split", kind).permutation(sources) for kind, sources in sources_of.items()}
    part_of = _assign(orders, sizes, background)
    table = clips.assign(part=clips["source"].map(part_of).fillna(UNUSED))
    assert_no_leak(table)
    return table


def _assign(orders: dict[str, np.ndarray], sizes: dict[str, dict[str, int]], background: set[str]) -> dict[str, str]:
    """The part of every source that is needed, taken from each kind's sources in order."""
    kinds_of = defaultdict(list)
    for kind, order in orders.items():
        for source in order:
            kinds_of[source].append(kind)
    scarce_first = sorted(orders, key=lambda kind: (len(orders[kind]), kind))
    left = {kind: iter(order) for kind, order in orders.items()}
    part_of: dict[str, str] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for part in reversed(PARTS):
        for n in range(1, max(size[part] for size in sizes.values()) + 1):
            for kind in scarce_first:
                if not counts[kind, part] < n <= sizes[kind][part]:
                    continue
                source = next((source for source in left[kind] if source not in part_of), None)
                if source is not None:
                    part_of[source] = part
                    counts.update((kind_of_source, part) for kind_of_source in kinds_of[source])
                elif kind not in background:
                    raise _too_few(kind, len(orders[kind]), sizes[kind])
                elif not counts[kind, part]:  # a source with an animal as well may be in another part
                    raise _too_little_background(kind, len(orders[kind]))
    return part_of


def _sizes(n_sources: int, split: Split) -> dict[str, int]:
    """Sources of a class for each part."""
    shares = {"train": split.train, "validation": split.validation, "test": split.test}
    if isinstance(split.train, int):
        return {part: int(size) for part, size in shares.items()}
    sizes = {part: max(1, round(share * n_sources)) for part, share in shares.items()}
    rest = n_sources - sizes["validation"] - sizes["test"]  # rounding must neither lose nor invent a source
    add_up_to_one = abs(sum(shares.values()) - 1) < 1e-9
    return sizes | {"train": max(1, rest if add_up_to_one else min(rest, sizes["train"]))}


def _background_sizes(n_sources: int, split: Split) -> dict[str, int]:
    """Sources of a kind of background for each part."""
    if not isinstance(split.train, int):
        return _sizes(n_sources, split)
    at_most = max(1, n_sources // 4)
    sizes = {"validation": min(int(split.validation), at_most), "test": min(int(split.test), at_most)}
    return sizes | {"train": max(1, n_sources - sum(sizes.values()))}


def _too_few(label: str, n_sources: int, sizes: dict[str, int]) -> EchoError:
    parts = ", ".join(f"split.{part} {sizes[part]}" for part in PARTS)
    needed = sum(sizes.values())
    shared = ", but shares some with other classes" if n_sources >= needed else ""
    return EchoError(
        f"class {label} has {count(n_sources, 'source')}{shared} and needs {needed} ({parts}). "
        "Record more animals or places, or lower these numbers in params.yaml."
    )


def _too_little_background(kind: str, n_sources: int) -> EchoError:
    shared = ", but shares some with other kinds" if n_sources >= len(PARTS) else ""
    return EchoError(
        f"background {kind} has {count(n_sources, 'source')}{shared} and needs one for each of "
        f"{', '.join(PARTS)}. Add recordings of other sources, or move them into the folder of another kind."
    )


def assert_no_leak(table: pd.DataFrame) -> None:
    """Check that every source and every recording is in one part only.

    Parameters
    ----------
    table : pd.DataFrame
        A row per clip with `source`, `recording` and `part`.

    Raises
    ------
    EchoError
        Naming the source or recording that occurs in more than one part.
    """
    for column in ("source", "recording"):
        n_parts = table.groupby(column)["part"].nunique()
        if (n_parts > 1).any():
            raise EchoError(f"{column} {n_parts.idxmax()} occurs in more than one split. Run again: dvc repro split.")


def describe(table: pd.DataFrame) -> str:
    """Summary in one line: 4 classes, 65 sources (13 of background): 45 train, 10 validation, 10 test."""
    counts = table.groupby("part")["source"].nunique()
    parts = ", ".join(f"{counts[part]} {part}" for part in (*PARTS, UNUSED) if part in counts)
    background = table.loc[table["label"] == NONE, "source"].nunique()
    return (
        f"{len(set(table['label']) - {NONE})} classes, {table['source'].nunique()} sources"
        f"{f' ({background} of background)' if background else ''}: {parts}"
    )
