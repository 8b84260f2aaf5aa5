"""The spectrograms stage: images of every clip and its augmented copies, whatever else is in the corpus."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.labels import NONE, PARTIAL
from project_echo.core.seeds import generator
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.copies import plan_copies
from project_echo.datasets.view_sounds import Plan
from project_echo.datasets.views import CALL_COLUMNS
from project_echo.features.augmentation import Augmentation, mix_calls
from project_echo.features.config import Features, read_features
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import read_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.pipeline.params import load_params
from stages import spectrograms
from tests.sounds import hiss, tone

RATE = 8000
CLIPS, IMAGES = Path("data/clips"), Path("data/spectrograms")


@pytest.fixture(autouse=True)
def parameters(workspace: Path, set_params: Callable[..., None]) -> None:
    set_params("features", sample_rate=RATE, window_s=1.0, n_fft=256, win_length=512, hop_length=200)
    set_params("features", n_mels=32, fmin=50.0, fmax=4000.0, top_db=80.0)
    set_params("augmentation", copies=2, second_call=0.5, seed=1)


def features_of_stage() -> Features:
    return load_params("features", Features)


def sound_of(name: str) -> np.ndarray:
    """A tone of half a second in faint noise; of background, noise alone."""
    samples = 0.001 * hiss(1, RATE)
    if not name.startswith("rain"):
        samples[RATE // 4 : 3 * RATE // 4] += tone(300 + len(name) * 100, 0.5, RATE)
    return samples


def run(*names: str, stated: list[tuple[str, str, float, float, str]] | None = None) -> dict[str, np.ndarray]:
    """Run the stage on clips, each of a source of its own and of the label of its folder; the images of each."""
    for name in names:
        files.write_sound(sound_of(name), RATE, CLIPS / f"{name}.wav")
    kinds = [name.split("/")[0] for name in names]
    labels = [{"rain": NONE, "partial": PARTIAL}.get(kind, kind) for kind in kinds]
    kinds = [PARTIAL if kind == "partial" else kind for kind in kinds]
    table = pd.DataFrame({"clip": names, "label": labels, "kind": kinds, "source": names})
    write_table(table, CLIPS / "clips.csv")
    columns = ["clip", "label", "start_s", "end_s", "present"]
    write_table(pd.DataFrame(stated or [], columns=columns), CLIPS / "labels.csv")
    spectrograms.main(CLIPS, IMAGES)
    return {name: np.array(files.read_array(IMAGES / f"{name}.npy")) for name in names}


CORPUS = ("boar/001", "boar/002", "fox/aa", "fox/b", "rain/1", "rain/2")


def test_the_first_image_is_of_the_clip_and_those_of_its_copies_differ() -> None:
    images = run("boar/001", "fox/a", "rain/1")
    features = read_features(IMAGES / "features.json")
    spectrogram = MelSpectrogram(features, read_mel_filters(IMAGES / "mel_filters.npz", features))
    assert features.image_shape == (32, 38, 3)
    for name, views in images.items():
        assert (views.shape, views.dtype) == ((3, *features.image_shape), np.int8)
        clip = files.read_sound(CLIPS / f"{name}.wav")[0]
        np.testing.assert_array_equal(views[0], spectrogram.image(clip))
        assert len({view.tobytes() for view in views}) == 3


def test_copies_do_not_depend_on_the_order_of_clips_or_on_the_number_of_workers() -> None:
    first = run(*CORPUS)
    again = run(*CORPUS[::-1])
    for name in CORPUS:
        np.testing.assert_array_equal(again[name], first[name])


def test_copies_of_animals_are_mixed_as_planned_and_the_tables_say_so() -> None:
    images = run(*CORPUS)
    copies, calls = read_table(IMAGES / "copies.csv"), read_table(IMAGES / "calls.csv")
    clips = read_table(CLIPS / "clips.csv")
    augmentation = load_params("augmentation", Augmentation)
    planned = plan_copies(clips, augmentation)
    assert copies.astype(str).to_numpy().tolist() == planned.astype(str).to_numpy().tolist()
    assert list(calls.columns) == CALL_COLUMNS
    assert set(calls["held"]) == {"yes"}
    spectrogram = MelSpectrogram(features_of_stage(), compute_mel_filters(features_of_stage()))
    assert (planned["second"] != "").any() and (planned["background"] != "").any()
    for row in planned.itertuples():
        held = calls[(calls["clip"] == row.clip) & (calls["view"] == row.view)]
        label = clips.set_index("clip").loc[row.clip, "label"]
        random = generator(augmentation.seed, row.clip, row.view)
        if label == NONE:
            assert held.empty
            continue
        names = [row.clip, *([row.second] if row.second else [])]
        sounds = {name: files.read_sound(CLIPS / f"{name}.wav")[0] for name in (*names, row.background) if name}
        mixture, placed = mix_calls(
            [sounds[name] for name in names], sounds.get(row.background), RATE, RATE, augmentation, random
        )
        np.testing.assert_array_equal(images[row.clip][row.view], spectrogram.image(mixture))
        expected = [
            (its_label, first / RATE, last / RATE)
            for its_label, call in zip([label, row.second_label], placed, strict=False)
            for first, last in call.spans
        ]
        assert held[["label", "start_s", "end_s"]].to_numpy().tolist() == [list(values) for values in expected]


def test_clips_themselves_hold_their_call_where_it_is_active() -> None:
    run(*CORPUS)
    calls = read_table(IMAGES / "calls.csv")
    originals = calls[calls["view"] == 0]
    assert originals["clip"].tolist() == list(CORPUS[:4])
    assert originals["label"].tolist() == ["boar", "boar", "fox", "fox"]
    np.testing.assert_allclose(originals[["start_s", "end_s"]], [[0.25, 0.75]] * 4, atol=0.05)


def test_a_silent_clip_of_an_animal_holds_no_call() -> None:
    files.write_sound(np.zeros(RATE, np.float32), RATE, CLIPS / "silent.wav")
    features = features_of_stage()
    augmentation = load_params("augmentation", Augmentation)
    table = pd.DataFrame([("silent", "boar", "boar", "s")], columns=["clip", "label", "kind", "source"])
    plan = Plan("silent", "boar", plan_copies(table, augmentation), {})
    mel_spectrogram = MelSpectrogram(features, compute_mel_filters(features))
    calls = spectrograms.write_images(plan, CLIPS, mel_spectrogram, augmentation, IMAGES)
    assert calls == []
    assert files.read_array(IMAGES / "silent.npy").shape == (3, *features.image_shape)


def test_what_is_stated_of_clips_is_in_the_table_and_other_labels_of_their_copies_are_unknown() -> None:
    run(*CORPUS, stated=[("boar/001", "boar", 0.25, 0.5, "yes"), ("boar/001", "fox", 0.6, 0.9, "yes")])
    calls = read_table(IMAGES / "calls.csv")
    of_clip = calls[calls["clip"] == "boar/001"]
    original = of_clip[of_clip["view"] == 0]
    assert original[["label", "start_s", "end_s", "held"]].to_numpy().tolist() == [
        ["boar", 0.25, 0.5, "yes"],
        ["fox", 0.6, 0.9, "yes"],
    ]
    unknown = of_clip[(of_clip["view"] > 0) & (of_clip["held"] == "unknown")]
    assert unknown[["view", "label", "start_s", "end_s"]].to_numpy().tolist() == [[1, "fox", 0, 1], [2, "fox", 0, 1]]


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 2},
        {"reverberation_s": [2.0, 2.0]},
        {"pitch_semitones": [7.0, 7.0]},
        {"snr_db": [0.0, 0.0]},
        {"gain_db": [30.0, 30.0]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_seed_and_ranges_change_the_copies_and_not_the_clip(
    set_params: Callable[..., None], changes: dict[str, Any]
) -> None:
    first = run("boar/001")["boar/001"]
    set_params("augmentation", **changes)
    second = run("boar/001")["boar/001"]
    np.testing.assert_array_equal(first[0], second[0])
    assert all((before != after).any() for before, after in zip(first[1:], second[1:], strict=True))


def test_without_copies_there_is_only_the_clip(set_params: Callable[..., None]) -> None:
    set_params("augmentation", copies=0)
    assert run("boar/001")["boar/001"].shape == (1, 32, 38, 3)


def test_partially_labelled_clips_have_no_copies_no_found_calls_and_no_part_in_others() -> None:
    plain = run(*CORPUS)
    copies, calls = ((IMAGES / name).read_bytes() for name in ("copies.csv", "calls.csv"))
    images = run(*CORPUS, "partial/1", stated=[("partial/1", "fox", 0.25, 0.5, "no")])
    assert (IMAGES / "copies.csv").read_bytes() == copies
    for name in CORPUS:
        np.testing.assert_array_equal(images[name], plain[name])
    assert len(images["partial/1"]) == 1
    table = read_table(IMAGES / "calls.csv")
    added = table[table["clip"] == "partial/1"]
    assert added.to_numpy().tolist() == [["partial/1", 0, "fox", 0.25, 0.5, "no"]]
    write_table(table[table["clip"] != "partial/1"], IMAGES / "calls.csv")
    assert (IMAGES / "calls.csv").read_bytes() == calls
