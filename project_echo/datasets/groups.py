"""Fixed groups of sources, from which copies are mixed and by which sources are drawn."""

import pandas as pd

from project_echo.core.labels import NONE, PARTIAL
from project_echo.core.seeds import generator

MIN_GROUPS = 5  # with fewer sources of background, some groups have none: their copies are mixed into noise


def source_groups(clips: pd.DataFrame) -> dict[str, int]:
    """Fixed groups of sources, each with sources of every label and, where there are enough, of background.

    A copy is mixed from clips of one group, and draws of sources take them group by group. So most copies of training
    clips are mixed from training sources alone, and can be learned from.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `label`, `kind` and `source`.

    Returns
    -------
    dict of str to int
        The group of each source, without those of partially labelled clips alone: as many groups as the label with the
        fewest sources has sources, or background, if it has fewer, but at least MIN_GROUPS.
    """
    clips = clips[clips["label"] != PARTIAL]
    is_animal = clips["label"] != NONE
    if not is_animal.any():
        return dict.fromkeys(clips["source"], 0)
    n_sources = [*clips[is_animal].groupby("kind")["source"].nunique()]
    n_background = clips.loc[~is_animal, "source"].nunique()
    if n_background >= MIN_GROUPS:
        n_sources.append(n_background)
    n_groups = min(n_sources)
    group_of: dict[str, int] = {}
    next_background = 0
    for kind, rows in clips.groupby("kind"):
        sources = [source for source in sorted(rows["source"].unique()) if source not in group_of]
        shuffled = generator(0, "groups", str(kind)).permutation(sources).tolist()
        is_background = (rows["label"] == NONE).all()
        first = next_background if is_background else 0
        next_background += len(sources) if is_background else 0  # the kinds of background one after the other
        group_of |= {source: (first + number) % n_groups for number, source in enumerate(shuffled)}
    return group_of
