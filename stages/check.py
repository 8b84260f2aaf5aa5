"""Check params.yaml, report.yaml and whether the corpus can be read, so that this stops the first stage, not a later.

python stages/check.py report.yaml networks
"""

from pathlib import Path

from project_echo.core.validation import Schema
from project_echo.corpora.config import Collect
from project_echo.corpora.readable import check_readable
from project_echo.custom_networks.network import CustomNetwork
from project_echo.datasets.config import Split
from project_echo.evaluation.config import Crossval
from project_echo.evaluation.field_config import FieldRecordings
from project_echo.features.augmentation import Augmentation
from project_echo.features.config import Features
from project_echo.features.mel_filters import check_bands
from project_echo.features.segments import Segmentation
from project_echo.models.backbone_config import Backbone, custom_network
from project_echo.models.pooling import Pooling
from project_echo.models.recipe import Recipe, Rejection, check_frozen, check_slices
from project_echo.pipeline.params import check_params, load_params
from project_echo.pipeline.script import Execution, run
from project_echo.report.settings import parse_settings
from project_echo.screening.config import Infer

SECTIONS: dict[str, type[Schema]] = {
    "collect": Collect,
    "features": Features,
    "segment": Segmentation,
    "augmentation": Augmentation,
    "split": Split,
    "backbone": Backbone,
    "embed": Pooling,
    "train": Recipe,
    "rejection": Rejection,
    "crossval": Crossval,
    "field": FieldRecordings,
    "infer": Infer,
    "execution": Execution,
}


def main(report_settings: Path = Path("report.yaml"), networks: Path = Path("networks")) -> None:
    check_params(SECTIONS)
    check_bands(load_params("features", Features))
    parse_settings(report_settings)
    recipe, custom = load_params("train", Recipe), custom_network(load_params("backbone", Backbone).model, networks)
    check_frozen(recipe.trainable, custom is not None)
    check_slices(recipe.head, load_params("embed", Pooling).slices)
    if custom is not None:
        CustomNetwork(custom).check_features(load_params("features", Features))
    collect = load_params("collect", Collect)
    check_readable(Path(collect.corpus), "collect.corpus")
    check_readable(Path(collect.folder), "collect.folder")
    print(f"params.yaml: {len(SECTIONS)} sections checked")


if __name__ == "__main__":
    run(main)
