"""The check stage: every section of params.yaml, with what each of its values may be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.utils.serialize import modify_yaml

from project_echo.core import files
from project_echo.core.errors import EchoError
from stages import check

COMMITTED = Path(__file__).parents[2] / "params.yaml"


@pytest.fixture(autouse=True)
def corpora(workspace: Path) -> None:
    """The corpus that the committed parameters name."""
    (workspace / "corpora").mkdir()
    (workspace / "corpora" / "demo.yaml").touch()


@pytest.fixture
def check_with(workspace: Path) -> Callable[[dict[str, Any]], None]:
    """Check the committed parameters with some changed: `check_with({"segment.hop_s": 3})`; None removes a key."""

    def run(changes: dict[str, Any]) -> None:
        params = files.read_yaml(workspace / "params.yaml")
        for key, value in changes.items():
            *sections, name = key.split(".")
            section = params[sections[0]] if sections else params
            section[name] = value
            if value is None:
                del section[name]
        (workspace / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        check.main()

    return run


def test_the_committed_parameters_are_valid_and_every_section_is_checked(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check.main()
    assert check.SECTIONS.keys() == files.read_yaml(COMMITTED).keys()
    assert f"{len(check.SECTIONS)} sections" in capsys.readouterr().out


def test_dvc_changes_a_parameter_without_changing_any_other_line(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(COMMITTED.read_bytes())
    with modify_yaml(str(path)) as params:
        params["split"]["seed"] = 12345
    changed = path.read_text(encoding="utf-8").splitlines()
    committed = COMMITTED.read_text(encoding="utf-8").splitlines()
    assert len(changed) == len(committed)
    (line,) = (after for before, after in zip(committed, changed, strict=True) if before != after)
    assert line.startswith("  seed: 12345 ") and line.endswith("# of the draw of sources")


@pytest.mark.parametrize(
    "changes",
    [
        {"split.train": 0.6, "split.validation": 0.2, "split.test": 0.2},
        {"features.fmax": 11025, "features.sample_rate": 22050},
        {"features.n_fft": 3072},
        {"augmentation.copies": 0},
        {"augmentation.snr_db": [20, 20]},
        {"augmentation.reverberation_s": [0, 0]},
        {"embed.blocks": ["last"], "embed.bands": [4]},
        {"train.trainable": "all", "train.head": "dense", "embed.slices": 1},
        {"crossval.draws": 2, "crossval.train_sizes": []},
        {"execution.scheduler": "tcp://10.0.0.1:8786"},
        {"execution.scheduler": "tls://[fd00::1]:8786"},
    ],
)
def test_values_at_the_limits_are_accepted(
    check_with: Callable[[dict[str, Any]], None], changes: dict[str, Any]
) -> None:
    check_with(changes)


def test_class_weight_may_be_null(workspace: Path) -> None:
    text = (workspace / "params.yaml").read_text(encoding="utf-8")
    (workspace / "params.yaml").write_text(text.replace("class_weight: balanced", "class_weight: null"))
    check.main()


FRACTIONS = {"split.train": 0.7, "split.validation": 0.2, "split.test": 0.2}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"segments": {"hop_s": 5.0}}, ["segments"]),
        ({"segment": None}, ["segment"]),
        ({"segment": "five"}, ["segment"]),
        ({"collect.corpus": ""}, ["collect.corpus"]),
        ({"features.window": 5.0}, ["features.window"]),
        ({"features.window_s": float("nan")}, ["features.window_s", "nan"]),
        ({"features.window_s": "long"}, ["features.window_s", "'long'"]),
        ({"features.window_s": 0.01}, ["features", "window_s", "0.01", "win_length", "hop_length"]),
        ({"features.hop_length": 22050}, ["features", "hop_length", "22050", "5 frames"]),
        ({"features.n_mels": 16}, ["features.n_mels", "16"]),
        ({"features.n_mels": 2000}, ["features", "n_mels", "2000", "n_fft"]),
        ({"features.win_length": 2048}, ["features", "win_length", "2048", "n_fft", "1536"]),
        ({"features.win_length": 1024}, ["features", "win_length", "1024", "n_fft", "1536"]),
        ({"features.n_fft": 384, "features.win_length": 768}, ["features", "4 of 128", "n_mels", "n_fft", "384"]),
        ({"features.fmin": 11000.0}, ["features", "n_mels", "fmin"]),
        ({"features.win_length": 4608}, ["features", "win_length", "4608", "n_fft", "1536"]),
        ({"features.sample_rate": 0}, ["features.sample_rate", "0"]),
        ({"features.fmax": 20000}, ["features", "fmax", "20000", "sample_rate"]),
        ({"features.fmin": 9000, "features.fmax": 500}, ["features", "fmin", "9000", "fmax", "500"]),
        ({"segment.hop_s": -2.5}, ["segment.hop_s", "-2.5"]),
        ({"segment.hop_s": 1e-5}, ["segment.hop_s", "1e-05"]),
        ({"segment.min_db": float("-inf")}, ["segment.min_db", "-inf"]),
        ({"segment.max_per_recording": 1.5}, ["segment.max_per_recording", "1.5"]),
        ({"augmentation.copies": -1}, ["augmentation.copies", "-1"]),
        ({"augmentation.snr_db": [40, 10]}, ["augmentation.snr_db", "40"]),
        ({"augmentation.reverberation_s": [0.8, 0.1]}, ["augmentation.reverberation_s", "0.8"]),
        ({"augmentation.reverberation_s": [-1, 0.1]}, ["augmentation.reverberation_s", "-1"]),
        ({"augmentation.second_call": 1.5}, ["augmentation.second_call", "1.5"]),
        ({"split.train": 0}, ["split.train", "0"]),
        (FRACTIONS, ["split", "1.1"]),
        ({**FRACTIONS, "split.train": 9}, ["split", "train", "validation", "test"]),
        ({"backbone.weights": ""}, ["backbone.weights"]),
        ({"embed.blocks": ["first"]}, ["embed.blocks", "'first'"]),
        ({"embed.blocks": [6, 13]}, ["embed", "bands", "2 blocks"]),
        ({"embed.bands": [4, 0, 1]}, ["embed.bands", "0"]),
        ({"embed.slices": 0}, ["embed.slices", "0"]),
        ({"train.head": "dense"}, ["embed.slices is 7", "train.head"]),
        ({"train.epochs": None}, ["train.epochs"]),
        ({"train.epochs": 0, "train.dropout": 1}, ["train.epochs", "0", "train.dropout", "1"]),
        ({"train.trainable": "some"}, ["train.trainable", "'some'", "'none'", "'all'"]),
        ({"train.trainable": "last_n"}, ["train", "head", "last_n", "dense"]),
        ({"train.trainable": "all"}, ["train", "head", "all", "dense"]),
        ({"train.C": 0}, ["train.C", "0"]),
        ({"train.class_weight": True}, ["train.class_weight", "True", "'balanced'"]),
        ({"rejection.false_positive_rate": 5}, ["rejection.false_positive_rate", "5"]),
        ({"crossval.draws": 1}, ["crossval.draws", "1"]),
        ({"crossval.train_sizes": [0]}, ["crossval.train_sizes", "0"]),
        ({"infer.hop_s": 0}, ["infer.hop_s", "0"]),
        ({"execution.scheduler": "10.0.0.1:8786"}, ["execution.scheduler", "'10.0.0.1:8786'", "tcp://"]),
        ({"execution.scheduler": "tcp://10.0.0.1"}, ["execution.scheduler", "'tcp://10.0.0.1'"]),
    ],
)
def test_a_wrong_value_is_named_by_file_and_key_in_one_line(
    check_with: Callable[[dict[str, Any]], None], changes: dict[str, Any], named: list[str]
) -> None:
    with pytest.raises(EchoError) as error:
        check_with(changes)
    message = str(error.value)
    assert message.startswith("params.yaml: ")
    assert "\n" not in message
    assert all(name in message for name in named), message


@pytest.mark.parametrize("key", ["corpus", "folder"])
@pytest.mark.parametrize("name", ["gone", "mine"])
def test_a_corpus_that_cannot_be_read_is_named_before_dvc_reads_it(
    workspace: Path, check_with: Callable[[dict[str, Any]], None], key: str, name: str
) -> None:
    (workspace / "mine" / "boar").mkdir(parents=True)
    (workspace / "mine" / "boar" / "a.wav").symlink_to("nowhere.wav")
    with pytest.raises(EchoError) as error:
        check_with({f"collect.{key}": name})
    assert str(error.value).startswith({"gone": "gone ", "mine": "mine/boar/a.wav: "}[name])
    assert f"collect.{key}" in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_key_of_report_yaml_stops_the_first_stage(workspace: Path) -> None:
    settings = workspace / "report.yaml"
    settings.write_text("titel: Pond\n")
    with pytest.raises(EchoError, match="titel"):
        check.main(settings)
    settings.write_text("title: Pond\n")
    check.main(settings)
