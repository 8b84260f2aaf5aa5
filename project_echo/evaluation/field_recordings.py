"""Long recordings with known truth, mixed from clips: what an evaluation in the field is made of."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.seeds import generator
from project_echo.features.augmentation import pink_noise
from project_echo.features.mixing import add_call, cut_call, find_active, gain_for_snr

BACKGROUND_DBFS = -34.0
CROSSFADE_S = 0.1
GAP_S = 0.5  # between calls, at least
PAIR_S = 1.5  # between the starts of two overlapping calls, at most
SNR_STEP_DB = 5
STEP = 2.0**-20  # samples are rounded to it: this hides the last bits, in which processors differ
BACKGROUND, CALL, DISTRACTOR = "background", "call", "distractor"  # roles of clips in a recording
PLAN_COLUMNS = ["recording", "role", "clip", "source", "label", "kind", "start_s", "snr_db", "pair"]
TRUTH_COLUMNS = ["recording", "label", "start_s", "end_s", "snr_db", "source", "clip", "kind"]

T = TypeVar("T")


@dataclass(frozen=True)
class PlacedCall:
    """A clip whose active part is heard in a recording.

    Attributes
    ----------
    samples : np.ndarray of shape (n,)
        The whole clip.
    start_s : float
        Where its active part starts in the recording, s.
    snr_db : float
        RMS of its active part above that of the background, dB.
    label, kind : str
        `none` and its kind for a distractor.
    source, clip : str
    """

    samples: np.ndarray
    start_s: float
    snr_db: float
    label: str
    kind: str
    source: str
    clip: str


def active_seconds(samples: np.ndarray, sample_rate: int) -> float:
    """Length in seconds of the active part of a clip, from its start to its end, pauses included."""
    active = find_active(samples, sample_rate)
    return (active.stop - active.start) / sample_rate


def join_background(clips: Sequence[np.ndarray], n: int, sample_rate: int) -> np.ndarray:
    """Join clips of background with equal-power crossfades, each at the same level.

    Parameters
    ----------
    clips : sequence of np.ndarray
        At least one; they are repeated if they are too short together.
    n : int
        Samples to return.
    sample_rate : int
        Hz.

    Returns
    -------
    np.ndarray of shape (n,), float64
        Of unit RMS, but for the crossfades; zeros for silent clips.
    """
    fade = min(round(CROSSFADE_S * sample_rate), min(map(len, clips)) // 2)
    rising = np.sqrt((np.arange(fade) + 0.5) / max(1, fade))  # the squares of both fades add up to 1
    joined, end = np.zeros(n + max(map(len, clips))), 0
    for clip in itertools.cycle(clips):
        rms = math.sqrt(np.mean(np.square(clip, dtype=np.float64)))
        piece = clip / rms if rms > 0 else clip.astype(np.float64)
        start = max(0, end - fade)
        if end:
            joined[start:end] *= rising[::-1]
            piece[:fade] *= rising
        joined[start : start + len(piece)] += piece
        end = start + len(piece)
        if end >= n + fade:  # no fade at the end
            return joined[:n]
    raise AssertionError("cycle ends only without clips")


def build_recording(
    background: np.ndarray, calls: Sequence[PlacedCall], sample_rate: int, recording: str = ""
) -> tuple[np.ndarray, pd.DataFrame]:
    """Mix calls into a background.

    Parameters
    ----------
    background : np.ndarray of shape (n,)
        At any level: it is scaled to an RMS of BACKGROUND_DBFS.
    calls : sequence of PlacedCall
        Silent ones, and those that start after the end, are left out.
    sample_rate : int
        Hz.
    recording : str
        Name of the recording in the truth.

    Returns
    -------
    samples : np.ndarray of shape (n,), float32
        Loud calls may exceed full scale.
    truth : pd.DataFrame
        Columns TRUTH_COLUMNS, a row per call in order of time; start_s and end_s of its active part, s. Distractors
        have the label `none`.
    """
    rms = math.sqrt(np.mean(np.square(background, dtype=np.float64)))
    background = background.astype(np.float64) * (10 ** (BACKGROUND_DBFS / 20) / rms if rms > 0 else 1)
    mixture, rows = background.copy(), []
    for call in calls:
        samples, active = cut_call(call.samples, sample_rate)
        gain = gain_for_snr(background, call.snr_db)
        first, last = add_call(mixture, samples, round(call.start_s * sample_rate), gain)
        if active.rms > 0 and last > first:
            start_s, end_s = round(first / sample_rate, 3), round(last / sample_rate, 3)
            rows.append((recording, call.label, start_s, end_s, float(call.snr_db), call.source, call.clip, call.kind))
    truth = pd.DataFrame(rows, columns=TRUTH_COLUMNS).sort_values(["start_s", "clip"], ignore_index=True)
    return (np.rint(mixture / STEP) * STEP).astype(np.float32), truth


def build_planned(
    plan: pd.DataFrame, read: Callable[[str], np.ndarray], sample_rate: int, duration_s: float, seed: int
) -> tuple[np.ndarray, pd.DataFrame]:
    """Build the recording that some rows of a plan describe; without background, its calls are in pink noise.

    Parameters
    ----------
    plan : pd.DataFrame
        The rows of one recording in the table of `plan_recordings`.
    read : Callable
        Reads the samples of a clip from its name.
    sample_rate : int
        Hz.
    duration_s : float
        Of the recording, s.
    seed : int
        Of the pink noise.

    Returns
    -------
    samples, truth
        What `build_recording` returns.
    """
    recording, n = str(plan["recording"].iloc[0]), round(duration_s * sample_rate)
    pieces = [read(clip) for clip in plan.loc[plan["role"] == BACKGROUND, "clip"]]
    noise = generator(seed, "field", "noise", recording)
    background = join_background(pieces, n, sample_rate) if pieces else pink_noise(n, noise)
    columns = ["start_s", "snr_db", "label", "kind", "source", "clip"]
    calls = plan.loc[plan["role"] != BACKGROUND, columns].to_dict("records")
    placed = [PlacedCall(read(call["clip"]), **{str(name): value for name, value in call.items()}) for call in calls]
    return build_recording(background, placed, sample_rate, recording)


def plan_recordings(
    clips: pd.DataFrame,
    *,
    seed: int,
    fold: int = 0,
    recordings: int,
    duration_s: float = 180.0,
    clip_s: float = 5.0,
    calls_per_minute: float = 4.0,
    overlapping: float = 1 / 3,
    distractors: Sequence[str] = (),
    distractors_per_minute: float = 5 / 3,
    snr_db: tuple[float, float] = (-5, 20),
) -> pd.DataFrame:
    """Plan recordings: which clips are their background, and which are heard as calls, where and how loud.

    Labels, their sources, and signal-to-noise ratios of each label are dealt evenly over the recordings of a fold.
    The background of a recording is of one kind: of one source if it has clips enough, else of the kind's clips in
    turn. Calls do not overlap, except for pairs: two labels, the second starting at most PAIR_S after the first, and
    before half of it is over.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip, in any order: clip, label (`none` for background), kind, source, and for clips that can be
        calls active_s, as `active_seconds` returns it.
    seed, fold : int
        Address of the draws. The fold is also in the names of the recordings.
    recordings : int
        Their number.
    duration_s, clip_s : float
        Length of a recording, and of a clip of background, s.
    calls_per_minute, distractors_per_minute : float
    overlapping : float
        Share of the calls that overlap another one; without effect if there is a single label.
    distractors : sequence of str
        Kinds of background whose clips are placed as calls, and not used as background.
    snr_db : (float, float)
        Lowest and highest signal-to-noise ratio, dB. Those in steps of SNR_STEP_DB are used.

    Returns
    -------
    pd.DataFrame
        Columns PLAN_COLUMNS: role is BACKGROUND (rows in the order of joining, without start_s and snr_db), CALL or
        DISTRACTOR; pair is the number of an overlapping pair within its recording, or -1.

    Raises
    ------
    EchoError
        If there are no calls, or they do not fit, or a kind of distractor has no clips.
    """
    clips = clips[["clip", "source", "label", "kind", "active_s"]]
    background = clips["label"] == NONE
    distracting = background & clips["kind"].isin(distractors)
    labels = sorted(clips.loc[~background, "label"].unique())
    missing = sorted(set(distractors) - set(clips.loc[background, "kind"]))
    if missing or not labels:
        what = f"of the distractors {', '.join(missing)}" if missing else "of animals"
        raise EchoError(f"field recordings: no clips {what}. Add recordings of them.")
    address = seed, "field", fold
    levels = np.arange(snr_db[0], snr_db[1] + 1e-6, SNR_STEP_DB).tolist()
    calls = {label: _deal_clips(clips[clips["label"] == label], levels, CALL, *address) for label in labels}
    others = {
        kind: _deal_clips(clips[background & (clips["kind"] == kind)], levels, DISTRACTOR, *address)
        for kind in distractors
    }
    singles = _deal(labels, generator(*address, "labels"))
    pairs = _deal(list(itertools.permutations(labels, 2)), generator(*address, "pairs"))
    kinds = _deal(sorted(others), generator(*address, "distractors"))
    backgrounds = _deal_background(clips[background & ~distracting], duration_s, clip_s, *address)
    n_calls, n_others = (round(rate * duration_s / 60) for rate in (calls_per_minute, distractors_per_minute))
    n_pairs = round(overlapping * n_calls / 2) if len(labels) > 1 else 0
    rows: list[dict[str, Any]] = []
    for number in range(recordings):
        units = [[next(calls[label]) for label in next(pairs)] for _ in range(n_pairs)]
        units += [[next(calls[next(singles)])] for _ in range(n_calls - 2 * n_pairs)]
        units += [[next(others[next(kinds)])] for _ in range(n_others if others else 0)]
        placed = _place(units, duration_s, generator(*address, "places", number))
        rows += [{"recording": f"fold{fold}_{number:02}"} | row for row in (*next(backgrounds), *placed)]
    return pd.DataFrame(rows, columns=PLAN_COLUMNS)


def _deal(items: Sequence[T], draws: np.random.Generator) -> Iterator[T]:
    """Items in random order, all of them before any is repeated, without end."""
    while items:
        yield from (items[index] for index in draws.permutation(len(items)))


def _deal_clips(
    clips: pd.DataFrame, levels: Sequence[float], role: str, seed: int, *address: str | int
) -> Iterator[dict[str, Any]]:
    """Calls of a label or kind: its sources in turn, the clips of each in turn, and its levels in turn."""
    kind = str(clips["kind"].iloc[0] if role == DISTRACTOR else clips["label"].iloc[0])
    of_source = {
        str(source): _deal(
            rows.sort_values("clip").to_dict("records"), generator(seed, *address, role, kind, str(source))
        )
        for source, rows in clips.groupby("source")
    }
    sources = _deal(sorted(of_source), generator(seed, *address, role, kind))
    for source, snr_db in zip(sources, _deal(levels, generator(seed, *address, role, kind, "snr_db")), strict=False):
        yield {"role": role, "snr_db": snr_db} | {str(name): value for name, value in next(of_source[source]).items()}


def _deal_background(
    clips: pd.DataFrame, duration_s: float, clip_s: float, seed: int, *address: str | int
) -> Iterator[list[dict[str, Any]]]:
    """The background of one recording after the other; empty if there are no clips."""
    n = math.ceil((duration_s - CROSSFADE_S) / (clip_s - CROSSFADE_S)) + 1
    choices: dict[str, Iterator[list[dict[str, Any]]]] = {}
    for kind, rows in clips.sort_values("clip").groupby("kind"):
        draws = generator(seed, *address, BACKGROUND, str(kind))
        sources = [of_source.to_dict("records") for _, of_source in rows.groupby("source")]
        enough = [of_source[:n] for of_source in sources if len(of_source) >= n]
        choices[str(kind)] = _deal(enough, draws) if enough else _batches(_deal(rows.to_dict("records"), draws), n)
    for kind in _deal(sorted(choices), generator(seed, *address, BACKGROUND)):
        yield [{"role": BACKGROUND, "pair": -1} | row for row in next(choices[kind])]
    yield from itertools.repeat([])


def _batches(items: Iterator[T], n: int) -> Iterator[list[T]]:
    while batch := list(itertools.islice(items, n)):
        yield batch


def _place(units: list[list[dict[str, Any]]], duration_s: float, draws: np.random.Generator) -> list[dict[str, Any]]:
    """Place single calls and pairs in random order with random gaps."""
    shifts = [round(draws.random() * min(PAIR_S, unit[0]["active_s"] / 2), 3) for unit in units]
    lengths = [
        max(unit[0]["active_s"], shift + unit[-1]["active_s"]) if len(unit) > 1 else unit[0]["active_s"]
        for unit, shift in zip(units, shifts, strict=True)
    ]
    free_s = duration_s - sum(lengths) - GAP_S * (len(units) + 1)
    if free_s < 0:
        raise EchoError(
            f"field recordings: calls of {sum(lengths):.0f} s do not fit into {duration_s:g} s without overlap. "
            "Lower field.calls_per_minute or raise field.duration_s in params.yaml."
        )
    placed, start_s = [], GAP_S
    gaps = np.diff(np.sort(draws.random(len(units))), prepend=0) * free_s
    for number, gap_s in zip(draws.permutation(len(units)), gaps, strict=True):
        start_s += gap_s
        for call, shift in zip(units[number], (0, shifts[number]), strict=False):
            pair = int(number) if len(units[number]) > 1 else -1
            placed.append(call | {"start_s": round(float(start_s + shift), 3), "pair": pair})
        start_s += lengths[number] + GAP_S
    return placed
