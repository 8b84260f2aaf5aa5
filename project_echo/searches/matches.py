"""Matches of a search: stretches of recordings that sound like the examples, each call once."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from project_echo.searches.similarity import Slices

COLUMNS: Mapping[str, type] = {"recording": str, "start_s": float, "end_s": float, "similarity": float}
GAP_S = 1.0  # between two matches, more than this
SHARE = 0.5  # of the similarity of its best slice: adjoining slices from which on are part of a match
MAX_S = 5.0  # of a match
TOUCHING_S = 1e-3
Stretch = tuple[str, float, float]  # a recording, and start and end in it, s


def find_matches(slices: Slices, exclude: Iterable[Stretch], n: int) -> pd.DataFrame:
    """The matches with the highest similarity.

    The best slice is the first match, with adjoining ones that are similar, too; then the best one that is more than
    GAP_S away from it, and so on. Only similarities above 0 count.

    Parameters
    ----------
    slices : Slices
    exclude : iterable of (str, float, float)
        Stretches of recordings that are no matches: the examples.
    n : int
        Most matches.

    Returns
    -------
    pd.DataFrame
        COLUMNS, the most similar first. `similarity` is that of the best slice.
    """
    remaining = slices.similarity.copy()  # 0 where a slice can be in no further match
    codes = {name: code for code, name in enumerate(slices.names)}
    for name, first_s, last_s in exclude:
        own = np.flatnonzero(slices.recording == codes[name])
        remaining[own[(slices.start_s[own] < last_s) & (slices.end_s[own] > first_s)]] = 0
    rows: list[tuple[str, float, float, float]] = []
    ordered: dict[int, np.ndarray] = {}  # slices of a recording in order of time
    for index in _descending(remaining.copy()):
        if remaining[index] <= 0:
            continue
        code = int(slices.recording[index])
        if code not in ordered:
            own = np.flatnonzero(slices.recording == code)
            ordered[code] = own[np.argsort(slices.start_s[own], kind="stable")]
        own = ordered[code]
        similarity = float(remaining[index])
        start_s, end_s = _grown(slices, remaining, own, index)
        rows.append((slices.names[code], start_s, end_s, similarity))
        if len(rows) == n:
            break
        remaining[own[(slices.start_s[own] <= end_s + GAP_S) & (slices.end_s[own] >= start_s - GAP_S)]] = 0
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _descending(similarity: np.ndarray) -> Iterable[int]:
    """Slices from the most similar on, down to 0; as many as are asked for are sorted."""
    done, n = 0, 4096
    while done < len(similarity):
        n = min(n, len(similarity))
        least = -np.partition(-similarity, n - 1)[n - 1]
        first = np.flatnonzero(similarity >= least)  # with all that equal the last one
        first = first[np.argsort(-similarity[first], kind="stable")]
        for index in first[done:]:
            if similarity[index] <= 0:
                return
            yield int(index)
        done, n = len(first), 8 * len(first)


def _grown(slices: Slices, similarity: np.ndarray, ordered: np.ndarray, index: int) -> tuple[float, float]:
    """Start and end of a match around its best slice; `ordered` are the slices of its recording in order of time."""
    least = SHARE * similarity[index]
    start_s, end_s = float(slices.start_s[index]), float(slices.end_s[index])
    place = int(np.flatnonzero(ordered == index)[0])
    for other in ordered[place + 1 :]:
        other_start_s, other_end_s = float(slices.start_s[other]), float(slices.end_s[other])
        if (
            similarity[other] < least
            or other_start_s > end_s + TOUCHING_S
            or other_end_s - start_s > MAX_S + TOUCHING_S
        ):
            break
        end_s = max(end_s, other_end_s)
    for other in ordered[:place][::-1]:
        other_start_s, other_end_s = float(slices.start_s[other]), float(slices.end_s[other])
        if (
            similarity[other] < least
            or other_end_s < start_s - TOUCHING_S
            or end_s - other_start_s > MAX_S + TOUCHING_S
        ):
            break
        start_s = min(start_s, other_start_s)
    return start_s, end_s
