"""Who is trained on, who decides, who is scored: by source, so that no one is heard twice."""

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
    with all of them, and counts for each.

    Raises EchoError if a class has too few sources.
    """
    sources_of = {str(label): sorted(group.unique()) for label, group in clips.groupby("label")["source"]}
    part_of: dict[str, str] = {}
    for label, sources in sorted(
        sources_of.items(), key=lambda item: (len(item[1]), item[0])
    ):  # the scarce choose first
        sizes = _sizes(len(sources), train, validation, test)
        order = [sources[place] for place in generator(seed, "split", label).permutation(len(sources))]
        free = [source for source in order if source not in part_of]
        for part, size in sizes.items():
            wanted = size - sum(part_of.get(source) == part for source in order)
            if wanted > len(free):
                raise _too_few(label, len(sources), sizes)
            part_of |= {free.pop(0): part for _ in range(wanted)}
    table = clips.assign(part=clips["source"].map(part_of).fillna(UNUSED))
    assert_no_leak(table)
    return table


def _sizes(n_sources: int, train: float, validation: float, test: float) -> dict[str, int]:
    """Sources of a class for each part, in the order in which they are drawn."""
    shares = {"test": test, "validation": validation, "train": train}
    if isinstance(train, int):
        return {part: int(size) for part, size in shares.items()}
    sizes = {part: max(1, round(share * n_sources)) for part, share in shares.items()}
    if abs(sum(shares.values()) - 1) < 1e-9:  # the whole is wanted: rounding must neither lose nor invent a source
        sizes["train"] = max(1, n_sources - sizes["validation"] - sizes["test"])
    return sizes


def _too_few(label: str, n_sources: int, sizes: dict[str, int]) -> EchoError:
    parts = ", ".join(f"split.{part} {sizes[part]}" for part in PARTS)
    return EchoError(
        f"class {label} has {n_sources} source{'s' * (n_sources != 1)} and needs {sum(sizes.values())} ({parts}). "
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
