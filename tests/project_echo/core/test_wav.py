"""WAV files of floats."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from project_echo.core import files
from project_echo.core.wav import float_header


@pytest.mark.parametrize("n_samples", [0, 1, 12_345])
def test_the_same_samples_give_the_same_file(tmp_path: Path, n_samples: int) -> None:
    samples = np.linspace(-2, 2, n_samples, dtype=np.float32)
    for name in ("a.wav", "b.wav"):
        files.write_sound(samples, 22_050, tmp_path / name)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.format, info.subtype, info.channels, info.samplerate) == ("WAV", "FLOAT", 1, 22_050)
    np.testing.assert_array_equal(files.read_sound(tmp_path / "a.wav")[0], samples)


@pytest.mark.parametrize("n_samples", [2**30 - 13, 2**30 - 12, 2**31])
def test_more_than_4_gib_can_be_written(tmp_path: Path, n_samples: int) -> None:
    header = float_header(n_samples, 22_050)
    with (tmp_path / "a.wav").open("wb") as stream:  # sparse: takes no space
        stream.write(header)
        stream.seek(len(header) + 4 * (n_samples - 1))
        stream.write(np.float32(0.5).tobytes())
    with soundfile.SoundFile(tmp_path / "a.wav") as sound:
        assert sound.frames == n_samples
        sound.seek(n_samples - 1)
        assert sound.read().tolist() == [0.5]
