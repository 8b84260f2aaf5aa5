"""Views of clips, each clip itself (0) and its augmented copies: sources mixed in them, and what each slice holds."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import PARTIAL

MIN_CALL_S = 0.3  # of a call, or half of it, that a slice with its label holds
MAX_REST_S = 0.02  # of a call that a slice without its label may hold; in between it is unknown
YES, NO, UNKNOWN = 1, 0, -1
UNSTATED = -2  # unknown, too: in partially labelled clips all is of which nothing is stated
CALL_COLUMNS = ["clip", "view", "label", "start_s", "end_s", "held"]  # held: one of HELD
HELD = ("yes", "unknown", "no")


@dataclass(frozen=True)
class Views:
    """Views of clips; arrays of shape (views,), in the order of clips and of their views.

    Attributes
    ----------
    clip : np.ndarray of str
    view : np.ndarray of int
        0 is the clip itself.
    label : np.ndarray of str
        Of the clip.
    sources : np.ndarray of str, shape (views, 3)
        Of the clip, of its background, and of its second call; the clip's own where there is none.
    background_kind, second_label : np.ndarray of str
        Of the background and of the second call, or empty.
    truth : np.ndarray of int8, shape (views, slices, labels)
        YES, NO, UNKNOWN or UNSTATED.
    """

    clip: np.ndarray
    view: np.ndarray
    label: np.ndarray
    sources: np.ndarray
    background_kind: np.ndarray
    second_label: np.ndarray
    truth: np.ndarray

    def __len__(self) -> int:
        return len(self.clip)

    def __getitem__(self, indices: np.ndarray) -> "Views":
        return Views(
            self.clip[indices],
            self.view[indices],
            self.label[indices],
            self.sources[indices],
            self.background_kind[indices],
            self.second_label[indices],
            self.truth[indices],
        )

    def of_clips(self, clips: Iterable[str], sources: Iterable[str], left_out: str = "") -> np.ndarray:
        """Indices of the views of some clips that are mixed from some sources alone, not into a kind of background."""
        allowed = np.isin(self.sources, list(sources)).all(axis=1)
        if left_out:  # its sources may be those of other kinds as well
            allowed &= self.background_kind != left_out
        return np.flatnonzero(np.isin(self.clip, list(clips)) & allowed)


def list_views(
    clips: pd.DataFrame, copies: pd.DataFrame, calls: pd.DataFrame, labels: list[str], slice_times: np.ndarray
) -> Views:
    """List the views of clips, with what each slice holds.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `clip`, `label` and `source`.
    copies : pd.DataFrame
        What `copies.plan_copies` returns; rows of other clips are left out.
    calls : pd.DataFrame
        CALL_COLUMNS: a row per part of a view that holds a label, does not, or may.
    labels : list of str
        The animals.
    slice_times : np.ndarray of shape (slices, 2)
        Start and end of each slice, s.

    Returns
    -------
    Views
    """
    clips = clips[["clip", "label", "source"]].sort_values("clip")
    originals = clips.assign(view=0, background_source="", second_source="", background_kind="", second_label="")
    columns = [
        "clip",
        "view",
        "label",
        "source",
        "background_source",
        "second_source",
        "background_kind",
        "second_label",
    ]
    table = pd.concat([originals[columns], copies.fillna("").merge(clips, on="clip")[columns]])
    table = table.sort_values(["clip", "view"], ignore_index=True)
    own = table["source"].to_numpy(str)
    partners = [table[f"{partner}_source"].to_numpy(str) for partner in ("background", "second")]
    sources = np.stack([own, *(np.where(partner == "", own, partner) for partner in partners)], axis=1)
    row_of = {key: row for row, key in enumerate(zip(table["clip"], table["view"], strict=True))}
    truth = np.zeros((len(table), len(slice_times), len(labels)), np.int8)
    truth[table["label"] == PARTIAL] = UNSTATED
    for held in HELD:  # in this order: what is stated to be absent overrides what was found
        for clip, view, label, start_s, end_s, _ in calls.loc[calls["held"] == held, CALL_COLUMNS].itertuples(
            index=False
        ):
            if (row := row_of.get((clip, view))) is not None and label in labels:
                column = truth[row, :, labels.index(label)]
                column[:] = _with_call(column, start_s, end_s, held, slice_times)
    return Views(
        clip=table["clip"].to_numpy(str),
        view=table["view"].to_numpy(int),
        label=table["label"].to_numpy(str),
        sources=sources,
        background_kind=table["background_kind"].to_numpy(str),
        second_label=table["second_label"].to_numpy(str),
        truth=truth,
    )


def _with_call(truth: np.ndarray, start_s: float, end_s: float, held: str, slice_times: np.ndarray) -> np.ndarray:
    """Truth of a label, shape (slices,), with one more row of the table of calls."""
    if held == "no":
        middle = slice_times.mean(axis=1)
        return np.where((middle >= start_s) & (middle < end_s), NO, truth)
    found = slice_truth(start_s, end_s, slice_times)
    if held == "unknown":
        found = np.where(found == YES, UNKNOWN, found)
    return np.where((found == YES) | (truth == YES), YES, np.where((found == UNKNOWN), UNKNOWN, truth))


def slice_truth(start_s: float, end_s: float, slice_times: np.ndarray) -> np.ndarray:
    """Whether each slice holds a call, from its start and end, s: YES, NO or UNKNOWN, shape (slices,), int8."""
    overlap = np.minimum(end_s, slice_times[:, 1]) - np.maximum(start_s, slice_times[:, 0])
    enough = min(MIN_CALL_S, (end_s - start_s) / 2)
    return np.where(overlap >= enough, YES, np.where(overlap > MAX_REST_S, UNKNOWN, NO)).astype(np.int8)


def training_slices(views: Views) -> tuple[np.ndarray, np.ndarray]:
    """The slices that are learned from, as indices of views and of slices.

    Of a clip, every second slice and the last, as each overlaps the next by half. Of each copy two, `slices // 2`
    apart, which move on by one slice from copy to copy: (slices + 1) // 2 copies together have every slice. More of
    each copy would take heads twice as long, and find animals in the field no better (`benchmarks.field`). Of partially
    labelled clips, which have no copies, every slice of which something is known.

    Parameters
    ----------
    views : Views

    Returns
    -------
    (np.ndarray, np.ndarray) of int
    """
    n_slices = views.truth.shape[1]
    pairs = []
    for index, (label, view) in enumerate(zip(views.label, views.view, strict=True)):
        if label == PARTIAL:
            chosen = set(np.flatnonzero((views.truth[index] >= NO).any(axis=1)).tolist())
        elif view:
            chosen = {view % n_slices, (view + n_slices // 2) % n_slices}
        else:
            chosen = {*range(0, n_slices, 2), n_slices - 1}
        pairs += [(index, part) for part in sorted(chosen)]
    indices = np.array(pairs, int).reshape(-1, 2)
    return indices[:, 0], indices[:, 1]


def assert_no_leak(views: Views, sources: Iterable[str]) -> None:
    """Check that views to learn from are mixed from training sources alone.

    Parameters
    ----------
    views : Views
    sources : iterable of str
        Of the training part.

    Raises
    ------
    EchoError
        Naming a view and the source.
    """
    foreign = ~np.isin(views.sources, list(sources))
    if foreign.any():
        row, column = np.argwhere(foreign)[0]
        raise EchoError(
            f"{views.clip[row]}, copy {views.view[row]}, holds a recording of source {views.sources[row, column]}, "
            "which is not in the training part. Run again: dvc repro spectrograms split."
        )
