"""The sound of clips and of their augmented copies, and what it holds. Made again, it is the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from project_echo.core.labels import NO_ANIMAL, NONE
from project_echo.core.seeds import generator
from project_echo.datasets.stated import PRESENT, calls_of_clip, other_labels, stated_call
from project_echo.features.augmentation import Augmentation, mix_calls, vary_background
from project_echo.features.mixing import find_active

Call = tuple[str, int, str, float, float, str]  # a row of the table of calls (`views.CALL_COLUMNS`)


@dataclass(frozen=True)
class Plan:
    """What the views of a clip are made of.

    Attributes
    ----------
    clip, label : str
    copies : pd.DataFrame
        The rows of `copies.plan_copies` of this clip.
    stated : mapping of str to pd.DataFrame
        What is stated of this clip and of those that are mixed with it, by clip, where there is anything.
    """

    clip: str
    label: str
    copies: pd.DataFrame
    stated: Mapping[str, pd.DataFrame]


def plan_views(clips: pd.DataFrame, copies: pd.DataFrame, stated: pd.DataFrame) -> list[Plan]:
    """Plan the views of all clips.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip with `clip` and `label`.
    copies : pd.DataFrame
        What `copies.plan_copies` returns.
    stated : pd.DataFrame
        A row per part of a clip that is stated to hold a label or not: `clip`, `label`, `start_s`, `end_s`, `present`.

    Returns
    -------
    list of Plan
        In the order of `clips`.
    """
    copies_of, stated_of = dict(list(copies.groupby("clip"))), dict(list(stated.groupby("clip")))
    plans = []
    for clip, label in zip(clips["clip"], clips["label"], strict=True):
        its = copies_of.get(clip, copies[:0])
        used = {name: stated_of[name] for name in (clip, *its["second"], *its["background"]) if name in stated_of}
        plans.append(Plan(clip, label, its, used))
    return plans


def make_views(
    plan: Plan, augmentation: Augmentation, read: Callable[[str], tuple[np.ndarray, int]]
) -> tuple[list[np.ndarray], list[Call]]:
    """Make the views of a clip: itself, and its augmented copies.

    Parameters
    ----------
    plan : Plan
    augmentation : Augmentation
    read : callable
        Reads the samples of a clip, and their sample rate, Hz.

    Returns
    -------
    samples : list of np.ndarray of shape (n,)
        Of the clip itself, and of each copy.
    calls : list of tuple
        Rows of the table of calls.
    """
    clip, label, stated = plan.clip, plan.label, plan.stated
    samples, rate = read(clip)
    nothing = pd.DataFrame(columns=["label", "start_s", "end_s", "present"])
    views, calls = [samples], []
    spans = _seconds(find_active(samples, rate).spans, rate) if label not in NO_ANIMAL and samples.any() else []
    calls += [(clip, 0, *row) for row in calls_of_clip(label, spans, stated.get(clip, nothing)) if row[0] != NONE]
    for row in plan.copies.itertuples():
        random = generator(augmentation.seed, clip, row.view)
        if label == NONE:
            views.append(vary_background(samples, rate, augmentation, random))
            unknown = other_labels(NONE, stated.get(clip, nothing))
        else:
            called = [(clip, label)] + ([(row.second, row.second_label)] if row.second else [])
            sounds = []
            unknown = other_labels(NONE, stated.get(row.background, nothing))
            for name, its_label in called:
                sound = samples if name == clip else read(name)[0]
                sounds.append(stated_call(sound, rate, its_label, stated.get(name, nothing)))
                unknown |= other_labels(its_label, stated.get(name, nothing))
            background = read(row.background)[0] if row.background else None
            mixture, placed = mix_calls(sounds, background, len(samples), rate, augmentation, random)
            views.append(mixture)
            for (_, its_label), call in zip(called, placed, strict=True):
                calls += [(clip, row.view, its_label, *span, PRESENT) for span in _seconds(call.spans, rate)]
        calls += [(clip, row.view, other, 0.0, len(samples) / rate, "unknown") for other in sorted(unknown)]
    return views, calls


def _seconds(spans: list[tuple[int, int]], rate: int) -> list[tuple[float, float]]:
    return [(start / rate, stop / rate) for start, stop in spans]
