"""Sound of the review page: its size, its frequencies, and its times in a browser."""

import base64
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from project_echo.media.decode import decode
from project_echo.reviews import page_sound
from tests.sounds import hiss, tone

MAX_BYTES_PER_S = 6200
DECODE = """async ([mp3, rate, nSamples]) => {
  const bytes = Uint8Array.from(atob(mp3), (character) => character.charCodeAt(0));
  const wav = new DataView(await (await decodeToWav(bytes.buffer, rate, nSamples)).arrayBuffer());
  return Array.from({length: (wav.byteLength - 44) / 2}, (_, index) => wav.getInt16(44 + 2 * index, true));
}"""


def int16(samples: np.ndarray) -> np.ndarray:
    return (samples * 2**15).astype(np.int16)


@pytest.mark.parametrize(("rate", "encoded"), [(6000, 16000), (22050, 22050), (48000, 32000), (192_000, 32000)])
def test_it_is_small_and_as_long_as_the_sound(rate: int, encoded: int, tmp_path: Path) -> None:
    sound = page_sound.encode(int16(hiss(4, rate, 0.1)), rate)
    assert (sound.sample_rate, sound.n_samples) == (encoded, 4 * encoded)
    assert len(sound.mp3) < 4 * MAX_BYTES_PER_S
    (tmp_path / "a.mp3").write_bytes(sound.mp3)
    assert len(decode(tmp_path / "a.mp3", encoded)) == sound.n_samples


def test_high_sounds_are_kept(tmp_path: Path) -> None:
    rate = 48000
    samples = hiss(3, rate, 0.01) + sum(0.05 * tone(hz, 3, rate) for hz in (1000, 9000, 13000, 15000))
    sound = page_sound.encode(int16(samples), rate)
    (tmp_path / "a.mp3").write_bytes(sound.mp3)
    before, after = (
        np.abs(np.fft.rfft(signal[: 2 * hz])) / hz
        for signal, hz in ((samples, rate), (decode(tmp_path / "a.mp3", sound.sample_rate), sound.sample_rate))
    )
    for hz in (1000, 9000, 13000, 15000):  # two bins a hertz
        assert after[2 * hz] == pytest.approx(before[2 * hz], rel=0.2)


def test_times_are_kept_in_a_browser(page: Page) -> None:
    rate = 44100
    samples = np.concatenate([np.zeros(rate), tone(2000, 0.5, rate), np.zeros(rate)])
    sound = page_sound.encode(int16(samples), rate)
    text = base64.b64encode(sound.mp3).decode()
    decoded = np.array(page.evaluate(DECODE, [text, sound.sample_rate, sound.n_samples]))
    assert len(decoded) == sound.n_samples
    loud = np.flatnonzero(np.abs(decoded) > 0.3 * np.abs(decoded).max()) / sound.sample_rate
    assert [loud[0], loud[-1]] == pytest.approx([1, 1.5], abs=0.005)


def test_padding_is_removed_if_the_browser_keeps_it(page: Page) -> None:
    for before, after in ((1105, 700), (0, 0), (0, 300)):
        lengths = """([before, after]) => {
          const samples = new Float32Array(before + 5000 + after).fill(0);
          samples[before] = 1;
          const kept = withoutPadding(samples, 5000);
          return [kept.length, kept[0]];
        }"""
        assert page.evaluate(lengths, [before, after]) == [5000, 1]
