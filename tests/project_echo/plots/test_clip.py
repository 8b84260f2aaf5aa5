"""Figures of a clip."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from project_echo.plots import clip
from tests.project_echo.plots import figures
from tests.project_echo.plots.figures import IMAGE, SOUND
from tests.sounds import FEATURES


def lightness(axes: Axes) -> np.ndarray:
    """Lightness of a spectrogram as drawn, shape (n_mels, frames)."""
    (image,) = axes.images
    values: np.ndarray = np.asarray(image.get_array()).astype(float).mean(axis=-1)
    return values


def test_waveform_and_spectrogram_share_their_seconds() -> None:
    wave, mel = figures.sound().axes
    assert wave.get_xlim() == mel.get_xlim() == (0, FEATURES.window_s)
    (outline,) = wave.collections[0].get_paths()
    vertices = np.asarray(outline.vertices)
    assert vertices[:, 1].min() == pytest.approx(SOUND.min())
    assert vertices[:, 1].max() == pytest.approx(SOUND.max())


def test_what_is_louder_is_lighter() -> None:
    mel = figures.sound().axes[1]
    decibels = IMAGE.mean(axis=-1)
    shades = lightness(mel)
    assert shades.shape == decibels.shape
    assert shades[decibels > -5].min() > shades[decibels <= np.median(decibels)].max()


@pytest.mark.parametrize("views", [1, 2, 3, 5])
def test_every_copy_has_a_panel(views: int) -> None:
    figure = clip.copies(np.stack([IMAGE] * views), FEATURES)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles == ["as recorded", *(f"copy {number}" for number in range(1, views))]


def test_without_evidence_a_spectrogram_is_gray_and_with_it_warm() -> None:
    attention = np.zeros(IMAGE.shape[:2])
    attention[:, : attention.shape[1] // 2] = 1
    (axes,) = clip.evidence(IMAGE, attention, FEATURES).axes
    colors = np.asarray(axes.images[0].get_array()).astype(int)
    warm, gray = np.split(colors, [attention.shape[1] // 2], axis=1)
    assert (gray[..., 0] == gray[..., 2]).all()
    assert (warm[..., 0] > warm[..., 2]).all()
