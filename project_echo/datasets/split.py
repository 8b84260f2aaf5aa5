"""Assignment of sources to train, validation and test: all clips of a source are in one part."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL, animal_labels
from project_echo.core.seeds import generator
from project_echo.core.text import count
from project_echo.datasets.config import Split
from project_echo.datasets.groups import source_groups

PARTS = ("train", "validation", "test")
UNUSED = "unused"


def split_by_source(clips: pd.DataFrame, split: Split, groups: Mapping[str, int] | None = None) -> pd.DataFrame:
    """Assign every source, and with it all of its clips, to a part, stratified by kind.

    Test is drawn first, then validation, then train, so experiments that differ in the number of training sources are
    scored on the same clips. Sources beyond the sizes are `unused`. A source with several kinds (a site with two
    species) is in one part with all of them, and counts for each. One source is drawn for each kind in turn, so a
    smaller training set is always part of a larger one.

    Background (label `none`) is not held to sizes in sources: of each kind, validation and test get the size asked
    for, but at most a quarter each, and train gets the rest.

    Partially labelled clips count as no source of anything. They train if no other clip has their source, or if the
    others train; else they are unused.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `recording`, `label`, `kind` (of an animal its label) and `source`.
    split : Split
        Sizes and seed.
    groups : mapping of str to int, optional
        The group of each source (`groups.source_groups`), by default of these clips. Groups are drawn, and from each
        group a source of each kind, then a second one, and so on: so the parts have much the same groups for all kinds.

    Returns
    -------
    pd.DataFrame
        The same rows with a column `part`: train, validation, test or unused.

    Raises
    ------
    EchoError
        If classes have too few sources, or kinds of background fewer than one for each part; names all of them.
    """
    sources_of, background = _sources(clips)
    sizes = _sizes_of_kinds(sources_of, background, split)
    _check_counts(sources_of, background, sizes)
    groups = source_groups(clips) if groups is None else groups
    ranks = generator(split.seed, "groups").permutation(max(groups.values(), default=0) + 1)
    orders = {
        kind: _by_groups(generator(split.seed, "split", kind).permutation(sources), groups, ranks)
        for kind, sources in sources_of.items()
    }
    part_of = _assign(orders, sizes, background)
    table = clips.assign(part=clips["source"].map(part_of).fillna(UNUSED))
    is_partial = table["label"] == PARTIAL
    trains = table["source"].map(part_of).eq("train") | ~table["source"].isin(table.loc[~is_partial, "source"])
    table.loc[is_partial, "part"] = np.where(trains[is_partial], "train", UNUSED)
    assert_no_leak(table)
    return table


def check_labels(clips: pd.DataFrame) -> None:
    """Check that clips are left of two labels, or of one and of background.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `label`.

    Raises
    ------
    EchoError
        Naming the only label that is left.
    """
    labels = sorted(set(clips["label"]) - {PARTIAL})
    if len(labels) < 2:
        raise EchoError(
            f"all clips are of {labels[0] if labels else 'no label'}: a classifier needs two labels, or one and "
            f"background (label {NONE}). Add recordings; those that could not be used are in data/audio/skipped.csv, "
            "the silent ones in data/clips/dropped.csv."
        )


def check_sources(clips: pd.DataFrame, split: Split) -> None:
    """Check that there are enough sources for a split, and if not, say which sizes would do.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip, or per recording, with `clip`, `recording`, `label`, `kind` and `source`.
    split : Split
        Sizes and seed.

    Raises
    ------
    EchoError
        As `split_by_source`, with the parameters that fit these sources, if there are any.
    """
    try:
        split_by_source(clips, split)
    except EchoError as error:
        fitting = fitting_sizes(clips, split)
        sizes = " ".join(f"-S split.{part}={fitting[part]}" for part in PARTS if part in fitting)
        command = f" Sizes that fit these sources: dvc exp run {sizes}" if fitting else ""
        raise EchoError(f"{error}{command}") from None


def fitting_sizes(clips: pd.DataFrame, split: Split) -> dict[str, int]:
    """The largest sizes in sources per class, at most those asked for, that these clips allow; empty if none do.

    Validation and test get a quarter of the sources of the smallest class each, at most.
    """
    sources_of, background = _sources(clips)
    n_sources = min((len(sources) for kind, sources in sources_of.items() if kind not in background), default=0)
    asked = [size if isinstance(size, int) else n_sources for size in (split.train, split.validation, split.test)]
    for held_out in (max(1, n_sources // 4), 1):
        validation, test = (min(size, held_out) for size in asked[1:])
        for train in range(min(asked[0], n_sources - validation - test), 0, -1):
            sizes = {"train": train, "validation": validation, "test": test}
            try:
                split_by_source(clips, Split(seed=split.seed, **sizes))
            except EchoError:
                continue
            return sizes
    return {}


def _sources(clips: pd.DataFrame) -> tuple[dict[str, list[str]], set[str]]:
    """Sorted sources of each kind, and the kinds that are background."""
    clips = clips[clips["label"] != PARTIAL]
    sources_of = {str(kind): sorted(group.unique()) for kind, group in clips.groupby("kind")["source"]}
    return sources_of, set(clips.loc[clips["label"] == NONE, "kind"])


def _sizes_of_kinds(sources_of: dict[str, list[str]], background: set[str], split: Split) -> dict[str, dict[str, int]]:
    return {
        kind: (_background_sizes if kind in background else _sizes)(len(sources), split)
        for kind, sources in sources_of.items()
    }


def _by_groups(sources: np.ndarray, groups: Mapping[str, int], ranks: np.ndarray) -> np.ndarray:
    """Sort sources, which are in random order: one of each group in the order of `ranks`, then the next ones."""
    ranked = [ranks[groups[source]] for source in sources]
    taken: Counter[int] = Counter()
    rounds = []
    for rank in ranked:
        rounds.append(taken[rank])
        taken[rank] += 1
    sorted_sources: np.ndarray = sources[np.lexsort((ranked, rounds))]
    return sorted_sources


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
                    raise _too_few({kind: len(orders[kind])}, sizes, shared=True)
                elif not counts[kind, part]:  # a source with an animal as well may be in another part
                    raise _too_little_background({kind: len(orders[kind])}, shared=True)
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


def _check_counts(sources_of: dict[str, list[str]], background: set[str], sizes: dict[str, dict[str, int]]) -> None:
    """Check the number of sources of every kind before any is assigned, so that one error names all of them."""
    counts = {kind: len(sources) for kind, sources in sorted(sources_of.items())}
    problems = []
    if few := {kind: n for kind, n in counts.items() if kind not in background and n < sum(sizes[kind].values())}:
        problems.append(str(_too_few(few, sizes)))
    if few := {kind: n for kind, n in counts.items() if kind in background and n < len(PARTS)}:
        problems.append(str(_too_little_background(few)))
    if problems:
        raise EchoError(" ".join(problems))


def _too_few(n_sources: dict[str, int], sizes: dict[str, dict[str, int]], shared: bool = False) -> EchoError:
    """The error about some classes, each with its number of sources."""
    shares = ", but shares some with other classes" if shared else ""
    counts = [
        f"class {label} has {count(n, 'source')}{shares} and needs {sum(sizes[label].values())}"
        for label, n in n_sources.items()
    ]
    parts = ", ".join(f"split.{part} {sizes[next(iter(n_sources))][part]}" for part in PARTS)
    lower = ", or lower these numbers in params.yaml" if min(n_sources.values()) >= len(PARTS) else ""
    return EchoError(f"{'; '.join(counts)} ({parts}). Record more animals or places{lower}.")


def _too_little_background(n_sources: dict[str, int], shared: bool = False) -> EchoError:
    """The error about some kinds of background, each with its number of sources."""
    shares = ", but shares some with other kinds" if shared else ""
    counts = [f"background {kind} has {count(n, 'source')}{shares}" for kind, n in n_sources.items()]
    return EchoError(
        f"{'; '.join(counts)} and needs one for each of {', '.join(PARTS)}. Add recordings of other sources, or move "
        "them into the folder of another kind."
    )


def assert_no_leak(table: pd.DataFrame) -> None:
    """Check that every source and every recording is in one part only, but for partially labelled clips in no part.

    Parameters
    ----------
    table : pd.DataFrame
        A row per clip with `label`, `source`, `recording` and `part`.

    Raises
    ------
    EchoError
        Naming the source or recording that occurs in more than one part.
    """
    table = table[(table["label"] != PARTIAL) | (table["part"] != UNUSED)]
    for column in ("source", "recording"):
        n_parts = table.groupby(column)["part"].nunique()
        if (n_parts > 1).any():
            raise EchoError(f"{column} {n_parts.idxmax()} occurs in more than one split. Run again: dvc repro split.")


def describe(table: pd.DataFrame) -> str:
    """Summary in one line: 4 classes, 65 sources (13 of background): 45 train, 10 validation, 10 test."""
    is_partial = table["label"] == PARTIAL
    learned = (table.loc[is_partial, "part"] == "train").sum()
    partial = (
        f"; {learned} of {count(int(is_partial.sum()), 'partially labelled clip')} train" if is_partial.any() else ""
    )
    table = table[~is_partial]
    counts = table.groupby("part")["source"].nunique()
    parts = ", ".join(f"{counts[part]} {part}" for part in (*PARTS, UNUSED) if part in counts)
    background = table.loc[table["label"] == NONE, "source"].nunique()
    return (
        f"{len(animal_labels(table['label'].unique()))} classes, {table['source'].nunique()} sources"
        f"{f' ({background} of background)' if background else ''}: {parts}{partial}"
    )
