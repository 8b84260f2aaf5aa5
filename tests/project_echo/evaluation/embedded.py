"""Embeddings on disk of made-up clips, with the tables of the spectrograms stage, for tests of trials."""

from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NO_ANIMAL, animal_labels, sorted_labels
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.copies import plan_copies
from project_echo.datasets.views import CALL_COLUMNS, Views, list_views
from project_echo.features.augmentation import Augmentation
from project_echo.features.slices import slice_times
from project_echo.models.pooling import Pooled
from tests.sounds import FEATURES

COPIES, SLICES, WIDTH = 2, 3, 8
AUGMENTATION = Augmentation(
    copies=COPIES,
    snr_db=(0, 20),
    second_call=0.5,
    pitch_semitones=(0, 0),
    reverberation_s=(0, 0),
    gain_db=(0, 0),
    seed=1,
)


def write_tables(clips: pd.DataFrame, folder: Path, copies: int = COPIES) -> pd.DataFrame:
    """Write features.json, copies.csv and calls.csv; calls last as long as their clips. Returns the copies."""
    plan = plan_copies(clips, AUGMENTATION.model_copy(update={"copies": copies}))
    views = plan.merge(clips[["clip", "label"]], on="clip")
    own = pd.concat([clips[["clip", "label"]].assign(view=0), views[["clip", "label", "view"]]])
    second = views.loc[views["second"] != "", ["clip", "view", "second_label"]].rename(
        columns={"second_label": "label"}
    )
    calls = pd.concat([own[~own["label"].isin(NO_ANIMAL)], second]).assign(
        start_s=0.0, end_s=FEATURES.window_s, held="yes"
    )
    write_table(plan, folder / "copies.csv")
    write_table(calls[CALL_COLUMNS], folder / "calls.csv")
    files.write_json(FEATURES.model_dump(), folder / "features.json")
    return plan


def write_embeddings(vectors: np.ndarray, clips: pd.DataFrame, folder: Path) -> None:
    """Write embeddings of shape (clips, views, slices, width), of normal numbers, in 8 bits."""
    stored = np.clip(np.rint(100 + 30 * vectors), 0, 255).astype(np.uint8)
    for clip, views in zip(clips["clip"], stored, strict=True):
        files.write_array(views, folder / f"{clip}.npy")
    _, _, slices, width = vectors.shape
    pooled = Pooled(blocks=(1,), bands=(2,), slices=slices, std=True, sqrt=True, sizes=(width // 2, width - width // 2))
    files.write_json(pooled.model_dump(), folder / "embeddings.json")


def embed_kinds(clips: pd.DataFrame, folder: Path, slices: int = SLICES, copies: int = COPIES) -> None:
    """Write embeddings that tell kinds apart: a point for each, with a little noise."""
    draw = np.random.default_rng(1)
    codes, kinds = pd.factorize(clips["kind"])
    points = draw.normal(0, 1, (len(kinds), WIDTH))[codes]
    noise = draw.normal(0, 0.05, (len(clips), 1 + copies, slices, WIDTH))
    write_embeddings(points[:, np.newaxis, np.newaxis] + noise, clips, folder)


def views_of(clips: pd.DataFrame, folder: Path) -> Views:
    """The views of clips whose tables `write_tables` wrote."""
    copies, calls = (read_table(folder / name) for name in ("copies.csv", "calls.csv"))
    animals = animal_labels(sorted_labels(clips["label"].unique()))
    return list_views(clips, copies, calls, animals, slice_times(SLICES, FEATURES.window_s))
