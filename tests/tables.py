"""Small tables of clips for tests: several recordings of each source, several clips of each recording."""

import pandas as pd

from project_echo.core.labels import NONE, PARTIAL


def clips_of(sources: dict[str, list[str]], recordings: int = 2, clips: int = 2) -> pd.DataFrame:
    """Several recordings of each source and label, and several clips of each."""
    rows = [
        (f"{source}-{label}-{recording}-{clip}", f"{source}-{label}-{recording}", label, label, source)
        for label, names in sources.items()
        for source in names
        for recording in range(recordings)
        for clip in range(clips)
    ]
    return pd.DataFrame(rows, columns=["clip", "recording", "label", "kind", "source"])


def with_background(clips: pd.DataFrame, sources: dict[str, list[str]]) -> pd.DataFrame:
    """The clips, and clips of background, by kind."""
    return pd.concat([clips, clips_of(sources).assign(label=NONE)], ignore_index=True)


def numbered(kind: str, n: int) -> list[str]:
    """Names kind0, kind1, ..."""
    return [f"{kind}{number}" for number in range(n)]


def with_partial(clips: pd.DataFrame, sources: list[str], n: int = 2) -> pd.DataFrame:
    """The clips, and some partially labelled ones of each source."""
    partial = clips_of({PARTIAL: sources}, recordings=n, clips=1)
    return pd.concat([clips, partial], ignore_index=True)
