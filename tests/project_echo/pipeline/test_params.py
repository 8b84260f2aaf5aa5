"""params.yaml: what is wrong is named before any work is done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.utils.serialize import modify_yaml

from project_echo.core.errors import EchoError
from project_echo.pipeline.params import load_params

COMMITTED = Path(__file__).parents[3] / "params.yaml"


@pytest.fixture
def load_with(tmp_path: Path) -> Callable[..., object]:
    """Load the committed parameters with some changed: `load_with({"segment.seconds": 3})`; None takes one away."""

    def load(changes: dict[str, Any]) -> object:
        values = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
        for key, value in changes.items():
            *sections, name = key.split(".")
            section = values[sections[0]] if sections else values
            section[name] = value
            if value is None:
                del section[name]
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
        return load_params(tmp_path / "params.yaml")

    return load


def test_the_committed_parameters_are_valid() -> None:
    load_params(COMMITTED)


def test_dvc_rewrites_the_committed_parameters_without_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(COMMITTED.read_bytes())
    with modify_yaml(str(path)) as params:
        params["split"]["seed"] = 12345
    changed = path.read_text(encoding="utf-8").splitlines()
    committed = COMMITTED.read_text(encoding="utf-8").splitlines()
    assert len(changed) == len(committed)
    assert [after for before, after in zip(committed, changed, strict=True) if before != after] == ["  seed: 12345"]


@pytest.mark.parametrize(
    "changes",
    [
        {"split.train": 0.6, "split.validation": 0.2, "split.test": 0.2},
        {"spectrograms.fmax": 11025, "extract.sample_rate": 22050},
        {"spectrograms.win_lengths": [512]},
        {"spectrograms.snr_db": [20, 20]},
        {"spectrograms.reverberation_seconds": [0, 0]},
        {"embed.blocks": ["last"], "embed.bands": [4]},
        {"train.trainable": "all", "train.head": "dense"},
        {"crossval.draws": 2, "crossval.curve": []},
        {"execution.scheduler": "tcp://10.0.0.1:8786"},
        {"execution.scheduler": "tls://[fd00::1]:8786"},
    ],
)
def test_values_at_the_edge_of_the_possible_are_taken(
    load_with: Callable[..., object], changes: dict[str, Any]
) -> None:
    load_with(changes)


FRACTIONS = {"split.train": 0.7, "split.validation": 0.2, "split.test": 0.2}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"segment.second": 5.0}, ["unknown key segment.second,"]),
        ({"segments": {"seconds": 5.0}}, ["unknown key segments,"]),
        ({"segment": None}, ["segment is missing"]),
        ({"train.epochs": None}, ["train.epochs is missing"]),
        ({"segment": "five"}, ["segment = 'five'"]),
        ({"segment.hop_seconds": -2.5}, ["segment.hop_seconds = -2.5", "greater than"]),
        ({"segment.hop_seconds": 1e-5}, ["segment.hop_seconds = 1e-05", "0.01"]),
        ({"segment.seconds": float("nan")}, ["segment.seconds = nan", "finite"]),
        ({"segment.min_dbfs": float("-inf")}, ["segment.min_dbfs = -inf", "finite"]),
        ({"segment.seconds": "long"}, ["segment.seconds = 'long'", "number"]),
        ({"segment.seconds": 0.01}, ["segment.seconds (0.01 s)", "0 frames", "spectrograms.n_fft"]),
        ({"spectrograms.hop_length": 22050}, ["makes 5 frames", "spectrograms.hop_length (22050)"]),
        ({"spectrograms.n_mels": 16}, ["spectrograms.n_mels = 16", "32"]),
        ({"segment.per_recording": 1.5}, ["segment.per_recording = 1.5", "integer"]),
        ({"extract.sample_rate": 0}, ["extract.sample_rate = 0"]),
        ({"spectrograms.fmax": 20000}, ["spectrograms.fmax (20000 Hz)", "extract.sample_rate (", "lower the one"]),
        ({"spectrograms.fmin": 9000, "spectrograms.fmax": 500}, ["spectrograms", "fmin (9000.0 Hz)"]),
        ({"spectrograms.win_lengths": [512, 1024]}, ["spectrograms", "one window length, or three"]),
        ({"spectrograms.win_lengths": [4096], "spectrograms.n_fft": 2048}, ["win_lengths: 4096", "n_fft (2048)"]),
        ({"spectrograms.snr_db": [40, 10]}, ["spectrograms.snr_db", "lowest value (40.0) comes first"]),
        ({"split.train": 0}, ["split.train = 0", "greater than 0"]),
        (FRACTIONS, ["split", "add up to 1.1, more than 1"]),
        ({**FRACTIONS, "split.train": 9}, ["split", "not a mixture"]),
        ({"train.trainable": "some"}, ["train.trainable = 'some'", "'none'", "'all'"]),
        ({"embed.blocks": ["first"]}, ["embed.blocks", "'first'"]),
        ({"embed.blocks": [6, 13]}, ["embed", "bands: give one number for each of the 2 blocks"]),
        ({"embed.bands": [4, 0, 1]}, ["embed.bands", "0", "greater than 0"]),
        ({"spectrograms.reverberation_seconds": [0.8, 0.1]}, ["reverberation_seconds", "lowest value (0.8) comes"]),
        ({"spectrograms.reverberation_seconds": [-1, 0.1]}, ["spectrograms.reverberation_seconds", "-1"]),
        ({"train.trainable": "last_n"}, ["train", "head: with trainable last_n", "set it to dense"]),
        ({"train.trainable": "all"}, ["train", "head: with trainable all", "set it to dense"]),
        ({"train.C": 0}, ["train.C = 0", "greater than 0"]),
        ({"rejection.false_alarms": 5}, ["rejection.false_alarms = 5", "less than 1"]),
        ({"execution.scheduler": "10.0.0.1:8786"}, ["execution.scheduler = '10.0.0.1:8786'", "tcp://"]),
        ({"execution.scheduler": "tcp://10.0.0.1"}, ["execution.scheduler = 'tcp://10.0.0.1'", ":8786"]),
        ({"crossval.draws": 1}, ["crossval.draws = 1", "2"]),
        ({"crossval.curve": [0]}, ["crossval.curve", "0", "greater than 0"]),
        ({"train.epochs": 0, "train.dropout": 1}, ["train.epochs = 0", "train.dropout = 1"]),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(
    load_with: Callable[..., object], changes: dict[str, Any], told: list[str]
) -> None:
    with pytest.raises(EchoError) as error:
        load_with(changes)
    message = str(error.value)
    assert "params.yaml: " in message
    assert "\n" not in message
    for words in told:
        assert words in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "keys and values"),
        ("# only a comment\n", "keys and values"),
        ("- segment\n- train\n", "keys and values"),
        ("segment: [1,\n", "not readable YAML"),
        ("segment:\n\tseconds: 5\n", "not readable YAML"),
    ],
)
def test_a_file_that_holds_no_parameters_is_named(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(EchoError, match=told) as error:
        load_params(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_a_missing_file_says_where_to_stand(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"params.yaml is not there\. Run from the top of the repository"):
        load_params(tmp_path / "params.yaml")
