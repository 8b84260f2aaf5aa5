"""Which images, labels and windows the figures of the evidence show."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from project_echo.explain import panels
from project_echo.features.melspectrogram import to_db
from tests.sounds import FEATURES, mel_spectrogram, tone

LABELS = ["a_1", "b", "c"]
WITH_NONE = [*LABELS, "none"]
IMAGES = np.stack([np.full(FEATURES.image_shape, value, dtype=np.int8) for value in (95, 63)])


def constant_map(image: np.ndarray, target: int) -> np.ndarray:
    """A map with the index of the label as its value, in tenths."""
    return np.full(image.shape[:2], target / 10, dtype=np.float32)


EXPLAINER = panels.Explainer(LABELS, mel_spectrogram(), constant_map)


def shown(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.images]


def label_of(axes: Axes) -> str:
    """The label whose map lies over the spectrogram."""
    heat = axes.images[1].get_array()
    assert heat is not None
    return WITH_NONE[round(10 * float(heat.mean()))]


def clip(truth: str, animal: str, prediction: str) -> pd.DataFrame:
    probabilities = dict(zip(WITH_NONE, (0.4, 0.3, 0.2, 0.6), strict=True))
    return pd.DataFrame([{"clip": "x/1", "truth": truth, "prediction": prediction, "animal": animal, **probabilities}])


@pytest.mark.parametrize(
    ("truth", "animal", "prediction", "labels", "verdict"),
    [
        ("a_1", "a_1", "a_1", ["a_1", "b"], "correct"),
        ("b", "b", "b", ["b", "a_1"], "correct"),
        ("a_1", "c", "c", ["c", "a_1"], "wrong"),
        ("b", "a_1", "none", ["a_1", "b"], "wrong, but rejected"),
        ("b", "b", "none", ["b", "a_1"], "correct, but rejected"),
    ],
)
def test_a_confused_clip_is_shown_with_its_animal_and_the_alternative(
    truth: str, animal: str, prediction: str, labels: list[str], verdict: str
) -> None:
    figure = panels.confused(clip(truth, animal, prediction), IMAGES[:1], ("a_1", "b"), EXPLAINER)
    first, second = shown(figure)
    assert [label_of(first), label_of(second)] == labels
    assert first.get_title("left").splitlines()[0] == f"x/1: {verdict}"
    assert truth.replace("_", " ") in second.get_title("left").splitlines()[0]
    probabilities = dict(zip(LABELS, ("0.40", "0.30", "0.20"), strict=True))
    for axes, label in zip((first, second), labels, strict=True):
        evidence = axes.get_title("left").splitlines()[1]
        assert label.replace("_", " ") in evidence
        assert probabilities[label] in evidence


@pytest.mark.parametrize(("animal", "verdict"), [("none", "correct"), ("a_1", "wrong")])
def test_background_that_is_rightly_none_is_not_called_rejected(animal: str, verdict: str) -> None:
    figure = panels.confused(clip("none", animal, animal), IMAGES[:1], ("a_1", "none"), EXPLAINER)
    first, second = shown(figure)
    assert first.get_title("left").splitlines()[0] == f"x/1: {verdict}"
    assert {label_of(first), label_of(second)} == {"a_1", "none"}


def test_every_confused_clip_has_its_own_image() -> None:
    clips = pd.concat([clip("a_1", "b", "b"), clip("b", "b", "b")])
    figure = panels.confused(clips, IMAGES, ("a_1", "b"), EXPLAINER)
    means = [np.asarray(axes.images[0].get_array()).mean() for axes in shown(figure)]
    assert means == pytest.approx([-10, -10, -20, -20], abs=0.2)


def test_the_example_shows_its_most_probable_animal_also_if_it_is_rejected() -> None:
    (row,) = clip("a_1", "b", "none").to_dict("records")
    figure = panels.example({str(key): value for key, value in row.items()}, IMAGES[0], EXPLAINER)
    (axes,) = shown(figure)
    assert label_of(axes) == "b"
    assert figure.get_suptitle() == "x/1"


WINDOWS = pd.DataFrame([(0.0, 1.0, 0.1, 0.3, 0.0), (1.0, 2.0, 0.2, 0.0, 0.0)], columns=["start_s", "end_s", *LABELS])
SAMPLES = np.concatenate([tone(300, 1, FEATURES.sample_rate), tone(2000, 1, FEATURES.sample_rate)])


def summary(label: str, verdict: str = "", truth: str = "") -> dict[str, str | float]:
    return {"recording": "unseen/pond/x.mp4", "label": label, "confidence": 0.9, "verdict": verdict, "truth": truth}


@pytest.mark.parametrize(("label", "start_s", "explained"), [("a_1", 1.0, "a_1"), ("b", 0.0, "b"), ("none", 0.0, "b")])
def test_a_recording_is_shown_in_the_window_where_its_label_is_most_probable(
    label: str, start_s: float, explained: str
) -> None:
    (axes,) = shown(panels.recording(summary(label), WINDOWS, SAMPLES, EXPLAINER))
    start = round(start_s * FEATURES.sample_rate)
    image = to_db(mel_spectrogram().image(SAMPLES[start : start + FEATURES.window_samples]), FEATURES)
    np.testing.assert_allclose(np.asarray(axes.images[0].get_array()), image.mean(axis=-1, dtype=np.float32), atol=0.1)
    assert label_of(axes) == explained
    assert start_s <= axes.get_xlim()[0] < axes.get_xlim()[1] <= start_s + 1
    assert f"{start_s:g} to {start_s + 1:g} s" in axes.get_title("left")


@pytest.mark.parametrize(("verdict", "truth"), [("", ""), ("wrong", "c")])
def test_the_title_of_a_recording_has_its_verdict_where_there_is_one(verdict: str, truth: str) -> None:
    title = panels.recording(summary("a_1", verdict, truth), WINDOWS, SAMPLES, EXPLAINER).get_suptitle()
    assert title.startswith("x.mp4: a 1 0.90")
    assert title.endswith(f"({verdict}, truth: {truth})" if verdict else "0.90")


def test_a_recording_without_a_confidence_has_none_in_its_title() -> None:
    figure = panels.recording({**summary("none"), "confidence": np.nan}, WINDOWS, SAMPLES, EXPLAINER)
    assert figure.get_suptitle() == "x.mp4: none"
