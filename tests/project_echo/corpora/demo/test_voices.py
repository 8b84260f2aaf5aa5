"""Calls agree with the cited literature, and are reproducible."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from project_echo.core.seeds import generator
from project_echo.corpora.demo.frogs import CaneToad, TreeFrog
from project_echo.corpora.demo.mammals import Boar, Fox
from project_echo.corpora.demo.voices import LABELS, OTHER_SPECIES, call_track, draw_individual, track_with_calls

SAMPLE_RATE = 32000
INDIVIDUALS = range(12)


def dominant_hz(call: np.ndarray) -> float:
    frequencies, power = signal.welch(call, SAMPLE_RATE, nperseg=4096)
    return float(frequencies[power.argmax()])


def share_within(call: np.ndarray, low_hz: float, high_hz: float) -> float:
    frequencies, power = signal.welch(call, SAMPLE_RATE, nperseg=2048)
    return float(power[(frequencies >= low_hz) & (frequencies <= high_hz)].sum() / power.sum())


def beat_hz(call: np.ndarray, slowest: float, fastest: float) -> float:
    """Strongest modulation frequency of the envelope, Hz, by autocorrelation."""
    step = 32
    envelope = np.abs(call)[: call.size // step * step].reshape(-1, step).mean(axis=1)
    envelope -= envelope.mean()
    echo = signal.correlate(envelope, envelope, method="fft")[envelope.size - 1 :]
    lags = np.arange(int(SAMPLE_RATE / step / fastest), int(SAMPLE_RATE / step / slowest))
    return SAMPLE_RATE / step / lags[echo[lags].argmax()]


@pytest.mark.parametrize("number", INDIVIDUALS)
def test_cane_toads_trill_at_the_cited_pitch_rate_and_length(number: int) -> None:
    rng = generator(1, "toad", number)
    toad = CaneToad.draw(rng)
    call = toad.call(rng, SAMPLE_RATE)
    assert 450 <= dominant_hz(call) <= 760
    assert beat_hz(call, 8, 25) == pytest.approx(toad.notes_per_s, rel=0.1)
    assert 10.5 <= toad.notes_per_s <= 18.5
    assert 1.7 <= call.size / SAMPLE_RATE <= 15


@pytest.mark.parametrize("number", INDIVIDUALS)
def test_boars_grunt_low_and_squeal_higher(number: int) -> None:
    rng = generator(1, "boar", number)
    boar = Boar.draw(rng)
    grunts = replace(boar, squeal_share=0.0).call(rng, SAMPLE_RATE)
    squeals = replace(boar, squeal_share=1.0).call(rng, SAMPLE_RATE)
    assert share_within(grunts, 60, 1500) > 0.85
    assert share_within(squeals, 400, 6000) > share_within(grunts, 400, 6000) * 0.9
    assert dominant_hz(grunts) < 800


@pytest.mark.parametrize("number", INDIVIDUALS)
def test_foxes_bark_and_scream_in_their_bands(number: int) -> None:
    rng = generator(1, "fox", number)
    fox = Fox.draw(rng)
    scream = replace(fox, scream_share=1.0).call(rng, SAMPLE_RATE)
    barks = replace(fox, scream_share=0.0).call(rng, SAMPLE_RATE)
    assert 0.6 <= scream.size / SAMPLE_RATE <= 1.5
    assert share_within(barks, 300, 5000) > 0.8
    assert share_within(scream, 400, 7500) > 0.8


@pytest.mark.parametrize("number", INDIVIDUALS)
def test_tree_frogs_call_in_two_bands(number: int) -> None:
    rng = generator(1, "frog", number)
    call = TreeFrog.draw(rng).call(rng, SAMPLE_RATE)
    assert share_within(call, 700, 1700) + share_within(call, 1800, 3600) > 0.9


@pytest.mark.parametrize("voice", LABELS + OTHER_SPECIES)
def test_a_voice_is_reproducible(voice: str) -> None:
    def once(number: int) -> np.ndarray:
        rng = generator(3, voice, number)
        return call_track(draw_individual(voice, rng), rng, SAMPLE_RATE, 6 * SAMPLE_RATE)

    first, other = once(1), once(2)
    assert np.isfinite(first).all()
    assert np.abs(first).max() > 0
    np.testing.assert_array_equal(first, once(1))
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("label", LABELS)
def test_calls_have_pauses_and_stay_within_their_time(label: str) -> None:
    rng = generator(5, label)
    track = call_track(draw_individual(label, rng), rng, SAMPLE_RATE, 60 * SAMPLE_RATE, 3, 30)
    assert not track[: 3 * SAMPLE_RATE].any()
    assert track[3 * SAMPLE_RATE : 4 * SAMPLE_RATE].any()
    assert not track[50 * SAMPLE_RATE :].any()  # the longest call is 15 s
    frames = np.abs(track[3 * SAMPLE_RATE : 30 * SAMPLE_RATE]).reshape(-1, SAMPLE_RATE // 10).max(axis=1)
    assert 0.05 < (frames < 0.01 * frames.max()).mean() < 0.95


def test_the_individuals_of_a_species_differ() -> None:
    pitches = [dominant_hz(CaneToad.draw(generator(1, n)).call(generator(2, n), SAMPLE_RATE)) for n in INDIVIDUALS]
    assert np.ptp(pitches) > 60
    assert len({TreeFrog.draw(generator(1, n)).call_type for n in range(20)}) == 3


@pytest.mark.parametrize("voice", [*LABELS, *OTHER_SPECIES])
def test_calls_of_a_track_are_where_it_sounds(voice: str) -> None:
    rng = np.random.default_rng(3)
    track, calls = track_with_calls(draw_individual(voice, rng), rng, SAMPLE_RATE, 20 * SAMPLE_RATE, 3)
    again = np.random.default_rng(3)
    alone = call_track(draw_individual(voice, again), again, SAMPLE_RATE, 20 * SAMPLE_RATE, 3)
    np.testing.assert_array_equal(track, alone)
    assert calls
    silent, before = track.copy(), 3.0
    for start_s, end_s in calls:
        assert before <= start_s < end_s <= 20
        margin = SAMPLE_RATE // 100  # times are rounded to 10 ms
        inside = slice(max(0, round(start_s * SAMPLE_RATE) - margin), round(end_s * SAMPLE_RATE) + margin)
        for edge in (track[inside][: 3 * margin], track[inside][-3 * margin :]):
            assert edge.any()
        silent[inside] = 0
        before = end_s
    assert not silent.any()
