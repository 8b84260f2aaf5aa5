"""The export stage, with a classifier whose backbone, one block of MobileNetV2, was trained."""

from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.core.tables import read_table
from project_echo.models import networks
from project_echo.models.backend import keras
from project_echo.models.card import BACKBONE, FILTERS, HEAD, WEIGHTS, write_card
from project_echo.models.conversion import convert
from project_echo.models.head import write_head
from project_echo.models.pooling import Pooling
from stages import export
from tests.conftest import LABELS
from tests.sounds import FEATURES


def test_writes_a_keras_model_and_its_difference_on_the_validation_clips(
    workspace: Path, spectrograms: Path, split_with_background: Path, keras_backbone: Path
) -> None:
    pooling = Pooling(blocks=(1,), bands=(2,), slices=1, std=True, sqrt=False)
    keras.utils.set_random_seed(2)
    backbone = networks.backbone(FEATURES.image_shape, pooling)
    trained = networks.join(backbone, networks.head(backbone.output_shape[-1], 2, units=0, dropout=0))
    folder = workspace / "classifier"
    folder.mkdir()
    (folder / BACKBONE).write_bytes(convert(backbone, pooling.blocks))
    backbone.save_weights(folder / WEIGHTS)
    write_head(networks.dense_arrays(trained.get_layer("head")), folder / HEAD)
    (folder / FILTERS).write_bytes((spectrograms / FILTERS).read_bytes())
    write_card(folder, LABELS, FEATURES, pooling, {})
    assert NONE in set(read_table(split_with_background)["label"])

    export.main(folder, keras_backbone, spectrograms, split_with_background, workspace / "keras")
    assert sorted(path.name for path in (workspace / "keras").iterdir()) == ["difference.json", "model.keras"]
    difference = files.read_json(workspace / "keras/difference.json")
    assert (difference["clips"], difference["same_label"]) == (3, 1)
    assert difference["median"] <= difference["largest"] < 0.1
    images = files.read_array(spectrograms / "low/4.npy").astype(np.float32)
    loaded = keras.models.load_model(workspace / "keras/model.keras")
    np.testing.assert_allclose(loaded(images), trained(images), atol=1e-5)
