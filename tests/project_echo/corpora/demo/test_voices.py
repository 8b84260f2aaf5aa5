"""The voices keep to the literature they cite, and to their address."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from project_echo.core.seeds import generator
from project_echo.corpora.demo.frogs import CaneToad, TreeFrog
from project_echo.corpora.demo.mammals import Boar, Fox
from project_echo.corpora.demo.voices import LABELS, NEIGHBOURS, calling, individual

RATE = 32000
INDIVIDUALS = range(12)


def dominant_hz(call: np.ndarray) -> float:
    frequencies, power = signal.welch(call, RATE, nperseg=4096)
    return float(frequencies[power.argmax()])


def share_within(call: np.ndarray, low_hz: float, high_hz: float) -> float:
    frequencies, power = signal.welch(call, RATE, nperseg=2048)
    return float(power[(frequencies >= low_hz) & (frequencies <= high_hz)].sum() / power.sum())


def beat_hz(call: np.ndarray, slowest: float, fastest: float) -> float:
    """Rate of the strongest rhythm of the envelope, by autocorrelation."""
    step = 32
    envelope = np.abs(call)[: call.size // step * step].reshape(-1, step).mean(axis=1)
    envelope -= envelope.mean()
    echo = signal.correlate(envelope, envelope, method="fft")[envelope.size - 1 :]
    lags = np.arange(int(RATE / step / fastest), int(RATE / step / slowest))
    return RATE / step / lags[echo[lags].argmax()]


@pytest.mark.parametrize("number", INDIVIDUALS)
def test_toad_trills_at_the_cited_pitch_rate_and_length(number: int) -> None:
    draw = generator(1, "toad", number)
    toad = CaneToad.draw(draw)
    call = toad.call(draw, RATE)
    assert 450 <= dominant_hz(call) <= 760
    assert beat_hz(call, 8, 25) == pytest.approx(toad.notes_per_s, rel=0.1)
    assert 10.5 <= toad.notes_per_s <= 18.5
    assert 1.7 <= call.size / RATE <= 15


@pytest.mark.parametrize("number", INDIVIDUALS)
def test_grunts_are_low_and_squeals_are_higher(number: int) -> None:
    draw = generator(1, "boar", number)
    boar = Boar.draw(draw)
    grunts = replace(boar, squeals=0.0).call(draw, RATE)
    squeals = replace(boar, squeals=1.0).call(draw, RATE)
    assert share_within(grunts, 60, 1500) > 0.85
    assert share_within(squeals, 400, 6000) > share_within(grunts, 400, 6000) * 0.9
    assert dominant_hz(grunts) < 800


@pytest.mark.parametrize("number", INDIVIDUALS)
def test_foxes_bark_in_short_series_and_scream_at_length(number: int) -> None:
    draw = generator(1, "fox", number)
    fox = Fox.draw(draw)
    scream = replace(fox, screams=1.0).call(draw, RATE)
    barks = replace(fox, screams=0.0).call(draw, RATE)
    assert 0.6 <= scream.size / RATE <= 1.5
    assert share_within(barks, 300, 5000) > 0.8
    assert share_within(scream, 400, 7500) > 0.8


@pytest.mark.parametrize("number", INDIVIDUALS)
def test_tree_frogs_call_in_their_two_bands(number: int) -> None:
    draw = generator(1, "frog", number)
    call = TreeFrog.draw(draw).call(draw, RATE)
    assert share_within(call, 700, 1700) + share_within(call, 1800, 3600) > 0.9


@pytest.mark.parametrize("voice", LABELS + NEIGHBOURS)
def test_a_voice_is_found_again_from_its_address(voice: str) -> None:
    def once(number: int) -> np.ndarray:
        draw = generator(3, voice, number)
        return calling(individual(voice, draw), draw, RATE, 6 * RATE)

    first, other = once(1), once(2)
    assert np.isfinite(first).all()
    assert np.abs(first).max() > 0
    np.testing.assert_array_equal(first, once(1))
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("label", LABELS)
def test_calls_have_pauses_and_keep_to_their_time(label: str) -> None:
    draw = generator(5, label)
    track = calling(individual(label, draw), draw, RATE, 60 * RATE, 3, 30)
    assert not track[: 3 * RATE].any()
    assert track[3 * RATE : 4 * RATE].any()
    assert not track[50 * RATE :].any()  # the longest call is 15 s
    frames = np.abs(track[3 * RATE : 30 * RATE]).reshape(-1, RATE // 10).max(axis=1)
    assert 0.05 < (frames < 0.01 * frames.max()).mean() < 0.95


def test_the_individuals_of_a_species_differ() -> None:
    pitches = [dominant_hz(CaneToad.draw(generator(1, n)).call(generator(2, n), RATE)) for n in INDIVIDUALS]
    assert np.ptp(pitches) > 60
    assert len({TreeFrog.draw(generator(1, n)).manner for n in range(20)}) == 3
