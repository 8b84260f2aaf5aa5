"""Levels of samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from project_echo.media import levels
from project_echo.media.errors import UnusableMediaError


@given(arrays.arrays(np.float32, st.integers(0, 30), elements=st.floats(width=32)))
def test_all_samples_become_sound(samples: np.ndarray) -> None:
    replaced, peak, unusable = levels.replace_unusable(samples)
    assert replaced.dtype == np.float32
    assert np.isfinite(replaced).all()
    assert peak == np.abs(replaced).max(initial=0) <= levels.MAX_MAGNITUDE
    kept = np.delete(np.arange(len(samples)), unusable)
    np.testing.assert_array_equal(replaced[kept], samples[kept])
    assert not replaced[unusable].any()
    assert (~(np.abs(samples[unusable]) <= levels.MAX_MAGNITUDE)).all()


@given(st.floats(0, 1e12))
def test_what_is_listened_to_is_neither_clipped_nor_lost(peak: float) -> None:
    heard = peak * levels.listening_gain(peak)
    assert heard <= levels.LOUDEST * (1 + 1e-12)
    assert heard >= levels.QUIETEST or peak < levels.MIN_PEAK
    if levels.QUIETEST <= peak <= levels.LOUDEST:
        assert heard == peak


@pytest.mark.parametrize(("duration_s", "peak"), [(0.04, 1), (1, 0), (1, 2.0**-24)])
def test_hardly_any_sound_is_refused(duration_s: float, peak: float) -> None:
    with pytest.raises(UnusableMediaError):
        levels.check_audible(duration_s, peak)


def test_one_step_of_24_bits_is_sound_unless_a_lossy_codec_made_it() -> None:
    levels.check_audible(1, 2.0**-23)
    with pytest.raises(UnusableMediaError, match="silent"):
        levels.check_audible(1, 2.0**-16, levels.MIN_PEAK_LOSSY)
