"""Scores of events in recordings with known truth: precision, recall, false events and false seconds per hour.

An event is right if half of its length overlaps calls of its label. A call is found if right events cover a second, or
half, of it. Seconds of events without a call of their label are counted too, so one endless event wins nothing.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE
from project_echo.evaluation.bootstrap import percentile_interval, proportion_ci, resample_sources

RIGHT_SHARE = 0.5  # of an event overlaps calls of its label
FOUND_S, FOUND_SHARE = 1.0, 0.5  # of a call are covered by right events
TOLERANCE_S = 1e-6
CLEAR_DB = 10.0  # calls at least as loud have a recall of their own


def match_events(events: pd.DataFrame, truth: pd.DataFrame, labels: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare events with calls.

    Parameters
    ----------
    events : pd.DataFrame
        A row per event: recording, label, start_s, end_s. Those of one label do not overlap.
    truth : pd.DataFrame
        A row per call or distractor, as `field_recordings.build_recording` returns them.
    labels : sequence of str
        Events and calls of other labels are left out.

    Returns
    -------
    events : pd.DataFrame
        The events with `right` and `false_s`, the seconds of each without a call of its label.
    calls : pd.DataFrame
        The calls, without distractors, with `found`.
    """
    animals = [label for label in labels if label != NONE]
    events = events[events["label"].isin(animals)].reset_index(drop=True)
    calls = truth[truth["label"].isin(animals)].reset_index(drop=True)
    lengths = (events["end_s"] - events["start_s"]).to_numpy(dtype=float)
    shared_s = _covered_seconds(events, calls)
    right = (shared_s >= RIGHT_SHARE * lengths - TOLERANCE_S) & (shared_s > TOLERANCE_S)
    needed_s = np.minimum(FOUND_S, FOUND_SHARE * (calls["end_s"] - calls["start_s"]).to_numpy(dtype=float))
    covered_s = _covered_seconds(calls, events[right])
    found = (covered_s >= needed_s - TOLERANCE_S) & (covered_s > TOLERANCE_S)
    return events.assign(right=right, false_s=lengths - shared_s), calls.assign(found=found)


def score_events(
    events: pd.DataFrame, truth: pd.DataFrame, labels: Sequence[str], hours: pd.Series, seed: int
) -> dict[str, Any]:
    """Scores of events, with 95% confidence intervals.

    Recalls are resampled by the sources of the calls, within labels. Wrong events have no such source, so precision and
    rates per hour are resampled by recording.

    Parameters
    ----------
    events, truth, labels
        As in `match_events`.
    hours : pd.Series
        Length of each recording, h, by its name; also of those without calls or events.
    seed : int

    Returns
    -------
    dict
        `calls`, `events`: their numbers. `recall`, `recall_clear` (of calls at CLEAR_DB or more), `precision`,
        `false_events_per_hour`, `false_seconds_per_hour`: each `value`, `low`, `high`, over all labels. `per_label`:
        the same of each. `recall_by_snr`: `calls` and `value`, `low`, `high` by signal-to-noise ratio in dB.
        `distractors`: of each kind `calls`, `false_events` (wrong events that overlap some of it) and `share_hit`, the
        share of its calls that a wrong event overlaps. None for what is not defined.

    Raises
    ------
    ValueError
        If a recording of an event has no length.
    """
    if unknown := set(events["recording"]) - set(hours.index):
        raise ValueError(f"hours has no recording {min(unknown)}: give the length of every recording")
    matched, calls = match_events(events, truth, labels)
    by_snr = recall_by_snr(calls, seed)
    return _scores(matched, calls, hours, seed) | {
        "per_label": {
            label: _scores(matched[matched["label"] == label], calls[calls["label"] == label], hours, seed)
            for label in labels
            if label != NONE
        },
        "recall_by_snr": {
            f"{row['snr_db']:g}": {"calls": int(row["calls"])}
            | {"value": row["recall"], "low": row["low"], "high": row["high"]}
            for row in by_snr.to_dict("records")
        },
        "distractors": _false_on_distractors(matched[~matched["right"]], truth[truth["label"] == NONE], seed),
    }


def recall_by_snr(calls: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Share of calls found at each signal-to-noise ratio, with its 95% confidence interval.

    Parameters
    ----------
    calls : pd.DataFrame
        The second table of `match_events`.
    seed : int

    Returns
    -------
    pd.DataFrame
        Columns snr_db, calls (their number), recall, low, high, in order of snr_db.
    """
    rows = []
    for snr_db, group in calls.groupby("snr_db"):
        recall = proportion_ci(group["found"].to_numpy(), group["source"].to_numpy(), group["label"].to_numpy(), seed)
        rows.append((snr_db, len(group), recall["value"], recall["low"], recall["high"]))
    return pd.DataFrame(rows, columns=["snr_db", "calls", "recall", "low", "high"])


def _scores(events: pd.DataFrame, calls: pd.DataFrame, hours: pd.Series, seed: int) -> dict[str, Any]:
    clear = calls[calls["snr_db"] >= CLEAR_DB]
    one_stratum = pd.Series("recordings", events.index)
    false_events, false_s = (
        amounts.groupby(events["recording"]).sum().reindex(hours.index, fill_value=0).to_numpy(dtype=float)
        for amounts in (~events["right"], events["false_s"])
    )
    return {
        "calls": len(calls),
        "events": len(events),
        "recall": _share(calls["found"], calls["source"], calls["label"], seed),
        "recall_clear": _share(clear["found"], clear["source"], clear["label"], seed),
        "precision": _share(events["right"], events["recording"], one_stratum, seed),
        "false_events_per_hour": _event_rate(false_events, hours.to_numpy(dtype=float), seed),
        "false_seconds_per_hour": _rate(false_s, hours.to_numpy(dtype=float), seed),
    }


def _false_on_distractors(wrong: pd.DataFrame, distractors: pd.DataFrame, seed: int) -> dict[str, Any]:
    """How often wrong events of any label overlap distractors of each kind."""
    result = {}
    wrong = wrong.assign(label=NONE)  # distractors are compared with events of any label
    for kind, calls in distractors.groupby("kind"):
        hit = pd.Series(_covered_seconds(calls, wrong) > TOLERANCE_S, calls.index)
        result[str(kind)] = {
            "calls": len(calls),
            "false_events": int((_covered_seconds(wrong, calls) > TOLERANCE_S).sum()),
            "share_hit": _share(hit, calls["source"], calls["kind"], seed),
        }
    return result


def _covered_seconds(rows: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Seconds of each row (recording, label, start_s, end_s) that others of its recording and label cover together."""
    keys = ["recording", "label"]
    spans = {key: group[["start_s", "end_s"]].to_numpy(dtype=float) for key, group in others.groupby(keys)}
    unions = {key: _union(of_key) for key, of_key in spans.items()}
    covered = np.zeros(len(rows))
    for index, row in enumerate(rows[[*keys, "start_s", "end_s"]].itertuples(index=False)):
        union = unions.get((row.recording, row.label))
        if union is not None:
            shared = np.minimum(union[:, 1], row.end_s) - np.maximum(union[:, 0], row.start_s)
            covered[index] = np.maximum(shared, 0).sum()
    return covered


def _union(spans: np.ndarray) -> np.ndarray:
    """Merge spans that overlap, shape (n, 2)."""
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    ends = np.maximum.accumulate(spans[:, 1])
    first = np.append(True, spans[1:, 0] > ends[:-1])
    return np.column_stack([spans[first, 0], ends[np.append(first[1:], True)]])


def _share(hits: pd.Series, clusters: pd.Series, strata: pd.Series, seed: int) -> dict[str, float] | None:
    if hits.empty:
        return None
    return proportion_ci(hits.to_numpy(dtype=bool), clusters.to_numpy(), strata.to_numpy(), seed)


def _rate(amounts: np.ndarray, hours: np.ndarray, seed: int) -> dict[str, float] | None:
    """Amounts of recordings per hour, resampled by recording."""
    if not hours.sum() > 0:
        return None
    drawn = resample_sources(np.zeros(len(hours)), seed)
    low, high = percentile_interval((drawn @ amounts) / (drawn @ hours))
    return {"value": float(amounts.sum() / hours.sum()), "low": low, "high": high}


def _event_rate(counts: np.ndarray, hours: np.ndarray, seed: int) -> dict[str, float] | None:
    """Events of recordings per hour.

    Resampling recordings without any event would give an interval without width. Then it ends at the rate at which
    events that come by themselves (Poisson) would be missing from one of 40 screenings of the same length.
    """
    rate = _rate(counts, hours, seed)
    if rate is None or counts.any():
        return rate
    return rate | {"high": float(-np.log(0.025) / hours.sum())}
