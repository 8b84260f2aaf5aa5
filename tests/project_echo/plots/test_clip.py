"""Figures of a clip."""

import numpy as np
import pytest

from project_echo.plots import clip
from tests.project_echo.plots import figures
from tests.project_echo.plots.figures import FEATURES, IMAGE, SOUND


def test_waveform_and_spectrogram_share_their_seconds() -> None:
    wave, mel = figures.sound().axes[:2]
    assert wave.get_xlim() == mel.get_xlim() == (0, FEATURES.window_s)
    (outline,) = wave.collections[0].get_paths()
    assert outline.vertices[:, 1].min() == pytest.approx(SOUND.min())
    assert outline.vertices[:, 1].max() == pytest.approx(SOUND.max())
    np.testing.assert_allclose(mel.images[0].get_array(), IMAGE.mean(axis=-1, dtype=np.float32))


@pytest.mark.parametrize("views", [1, 2, 3, 5])
def test_every_copy_has_a_panel(views: int) -> None:
    figure = clip.copies(np.stack([IMAGE] * views), FEATURES)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles == ["as recorded", *(f"copy {number}" for number in range(1, views))]
