"""Paired differences in the field: the same calls in the same mixed recordings, screened by two revisions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from project_echo.compare import revisions
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.evaluation.field_events import match_events
from project_echo.evaluation.paired import Change, ratio_change

TRUTH, EVENTS = "plots/field/truth.csv", "plots/field/events.csv"
COLUMNS = {  # those that are used, and whether each is a number
    TRUTH: {"recording": False, "label": False, "source": False, "start_s": True, "end_s": True, "snr_db": True},
    EVENTS: {"recording": False, "label": False, "start_s": True, "end_s": True},
}


@dataclass(frozen=True)
class Screened:
    """Calls of the mixed recordings of a revision, and the events that its classifiers found.

    Attributes
    ----------
    truth, events : pd.DataFrame
        COLUMNS.
    duration_s : float
        Of each recording, s.
    per_fold : int
        Recordings of each fold; one without calls and events is in no table.
    """

    truth: pd.DataFrame
    events: pd.DataFrame
    duration_s: float
    per_fold: int = 0

    @property
    def recordings(self) -> list[str]:
        """Names of all recordings of the folds that were screened, as `field_recordings` gives them."""
        named = {*self.truth["recording"], *self.events["recording"]}
        folds = {name.rpartition("_")[0] for name in named}
        return sorted(named | {f"{fold}_{number:02}" for fold in folds for number in range(self.per_fold)})


def read_screened(revision: Revision) -> Screened | None:
    """Read calls and events of a revision.

    Parameters
    ----------
    revision : Revision
        A commit.

    Returns
    -------
    Screened or None
        None if the revision lacks a table, or has no calls: it was not evaluated in the field.

    Raises
    ------
    EchoError
        If a table is not readable, or params.yaml has no `field.duration_s` and `field.recordings`.
    """
    truth, events = _read(revision, TRUTH), _read(revision, EVENTS)
    if truth is None or events is None or not (truth["label"] != NONE).any():
        return None
    params = revisions.read_yaml(revision, "params.yaml") or {}
    try:
        duration_s, per_fold = float(params["field"]["duration_s"]), int(params["field"]["recordings"])
    except (KeyError, TypeError, ValueError):
        raise EchoError(
            f"params.yaml of {revision.name} has no numbers field.duration_s and field.recordings. Set them (180.0, 3)."
        ) from None
    return Screened(truth, events, duration_s, per_fold)


def _read(revision: Revision, path: str) -> pd.DataFrame | None:
    table = revisions.read_text_table(revision, path)
    if table is None:
        return None
    columns = COLUMNS[path]
    if missing := [name for name in columns if name not in table]:
        raise EchoError(f"{path} of {revision.name} has no column {', '.join(missing)}. Write it again: dvc repro.")
    try:
        return table[list(columns)].astype({name: float for name, number in columns.items() if number})
    except ValueError as error:
        raise EchoError(f"{path} of {revision.name}: {error}. Write it again: dvc repro.") from None


def common_recordings(before: Screened, after: Screened) -> list[str]:
    """Names of the recordings that hold the same calls, or none, from the same sources, at the same times in both."""
    if before.duration_s != after.duration_s:
        return []
    calls = [
        {name: list[object]() for name in side.recordings}
        | {str(name): sorted(rows.itertuples(index=False, name=None)) for name, rows in side.truth.groupby("recording")}
        for side in (before, after)
    ]
    return [name for name, rows in calls[0].items() if rows == calls[1].get(name)]


def calls_of(side: Screened, recordings: list[str]) -> pd.DataFrame:
    """Calls of animals in some recordings."""
    truth = side.truth[side.truth["recording"].isin(recordings)]
    return truth[truth["label"] != NONE]


def changes(before: Screened, after: Screened, recordings: list[str]) -> tuple[Change, Change]:
    """Paired differences in the share of calls found and in false events per hour.

    Parameters
    ----------
    before, after : Screened
        The two revisions.
    recordings : list of str
        What `common_recordings` returns; at least one, with a call.

    Returns
    -------
    found : Change
        Share of calls found, by bootstrap over sources within labels.
    false_events : Change
        False events per hour, by bootstrap over recordings: a false event has no source.
    """
    found, false_events = [], []
    for side in (before, after):
        truth, events = (table[table["recording"].isin(recordings)] for table in (side.truth, side.events))
        matched, calls = match_events(events, truth, sorted({*truth["label"], *events["label"]}))
        ordered = calls.sort_values(["recording", "label", "source", "start_s"], ignore_index=True)
        found.append(ordered)
        wrong = matched.loc[~matched["right"], "recording"].value_counts()
        false_events.append(wrong.reindex(recordings, fill_value=0).to_numpy(dtype=float))
    first, second = found
    ones, hours = np.ones(len(first)), np.full(len(recordings), before.duration_s / 3600)
    one_stratum = np.full(len(recordings), "recordings")
    return (
        ratio_change(
            first["found"].to_numpy(),
            second["found"].to_numpy(),
            ones,
            first["source"].to_numpy(),
            first["label"].to_numpy(),
        ),
        ratio_change(false_events[0], false_events[1], hours, np.array(recordings), one_stratum),
    )
