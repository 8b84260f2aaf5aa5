"""The whole pipeline under DVC, on a folder of tones: twice from nothing, then as a second person meets it."""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from tests import repositories

ROOT = Path(__file__).parents[1]
RATE = 8000
LABELS = {"bell frog": 400, "owl": 1000, "sm_rt & co": 2200}  # Hz
BACKGROUND = {"hiss": 0.0, "hum & hiss": 120}  # Hz; without any it is noise alone
STAGES = ["collect", "extract", "segment", "spectrograms", "split", "backbone", "embed"]
STAGES += ["crossval", "train", "evaluate", "infer", "explain", "report"]
CHANGES = {
    "collect": {"corpus": "sounds", "folder": "sounds"},
    "extract": {"sample_rate": RATE},
    "segment": {"seconds": 1.0, "hop_seconds": 0.5},
    "spectrograms": {"n_fft": 512, "win_lengths": [512], "hop_length": 200, "n_mels": 32, "fmax": 4000.0, "copies": 1},
    "split": {"train": 2, "validation": 1, "test": 1},
    "embed": {"blocks": [3], "bands": [2]},
    "train": {"epochs": 4, "trainable": "none", "head_units": 8},
    "crossval": {"draws": 3, "curve": []},
    "infer": {"hop_seconds": 0.5},
}


@dataclass
class Repository(repositories.Repository):
    """A repository of the pipeline's source; `said` is what its first `dvc repro` printed."""

    said: str = ""

    def lock(self) -> str:
        return (self.folder / "dvc.lock").read_text(encoding="utf-8")

    def stages_run(self, said: str) -> list[str]:
        return [stage for stage in STAGES if f"Running stage '{stage}'" in said]


def write_sounds(folder: Path) -> None:
    """A tone per label, each source a little off and with noise of its own, two kinds of background, and two recordings
    without a label.
    """
    draw = np.random.default_rng(1)
    for label, pitch in LABELS.items():
        for source in range(4):
            write_tone(folder / label / f"{source}.wav", pitch * draw.uniform(0.95, 1.05), 1.5, draw)
    for kind, pitch in BACKGROUND.items():
        for source in range(4):
            write_tone(folder / "none" / kind / f"{source}.wav", pitch * draw.uniform(0.95, 1.05), 1.5, draw)
    write_tone(folder / "unseen" / "long.wav", 1000, 4, draw)
    write_tone(folder / "unseen" / "short.wav", 400, 0.6, draw)


def write_tone(path: Path, pitch: float, seconds: float, draw: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(seconds * RATE)) / RATE
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * pitch * time) + 0.01 * draw.standard_normal(len(time)), RATE)


def repository(folder: Path) -> Repository:
    """The source of this repository, with small parameters and small sounds, committed and not yet run."""
    for name in ("project_echo", "stages", "corpora", "data", "models", ".dvc"):
        (folder / name).mkdir(parents=True)
    for name in ("project_echo", "stages", "corpora"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored, dirs_exist_ok=True)
    for name in ("experiments", "screening"):  # what a report shows besides, where there is any
        (folder / name).mkdir()
        (folder / name / ".gitkeep").touch()
    files = ("dvc.yaml", "params.yaml", ".dvcignore", ".gitignore", ".dvc/config", ".dvc/.gitignore")
    for name in (*files, "data/.gitignore", "models/.gitignore"):
        shutil.copy(ROOT / name, folder / name)
    params = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    for section, values in CHANGES.items():
        params[section] |= values
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    write_sounds(folder / "sounds")
    made = Repository(folder)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit("source")
    return made


def run_from_nothing(folder: Path) -> Repository:
    made = repository(folder)
    made.said = made.dvc("repro")
    made.commit("first run")
    return made


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Repository, Repository]]:
    """Two runs from nothing, in places of different names, with nothing in common."""
    folders = [tmp_path_factory.mktemp("pipeline") / name for name in ("here", "a place with spaces")]
    with ThreadPoolExecutor(2) as pool:
        yield tuple(pool.map(run_from_nothing, folders))


@pytest.fixture(scope="module")
def ran(twice: tuple[Repository, Repository]) -> Repository:
    return twice[0]


def test_two_runs_from_nothing_write_the_same_lock_metrics_and_plots(twice: tuple[Repository, Repository]) -> None:
    here, there = twice
    assert here.stages_run(here.said) == there.stages_run(there.said) == STAGES
    assert here.lock() == there.lock()
    tracked = here.git("ls-files").splitlines()
    assert {"dvc.lock", "metrics/evaluate.json", "plots/evaluate/confusion.png"} <= set(tracked)
    for name in tracked:
        assert (here.folder / name).read_bytes() == (there.folder / name).read_bytes(), name


def test_a_second_repro_runs_nothing_and_status_is_clean(ran: Repository) -> None:
    said = ran.dvc("repro")
    assert ran.stages_run(said) == []
    assert said.count("didn't change, skipping") == len(STAGES)
    assert "up to date" in ran.dvc("status")
    assert ran.git("status", "--short") == ""


def test_metrics_plots_predictions_and_model_are_where_people_look(ran: Repository) -> None:
    scores = json.loads((ran.folder / "metrics/evaluate.json").read_text())
    assert scores["clips"] == len(LABELS)
    assert set(scores["per_class"]) == set(LABELS)
    assert scores["rejection"]["background_clips"] == len(BACKGROUND)
    crossval = json.loads((ran.folder / "metrics/crossval.json").read_text())
    assert crossval["draws"] == 3
    assert set(crossval["recall"]) == set(LABELS)
    assert len(crossval["rejection"]["unheard_kinds"]) == len(BACKGROUND)
    crossvalidated = {"accuracies", "confusion", "curve", "reliability"}
    assert {f"{name}.png" for name in crossvalidated} < {
        path.name for path in (ran.folder / "plots/crossval").iterdir()
    }
    assert json.loads((ran.folder / "metrics/infer.json").read_text())["recordings"] == 2
    evaluate = {"confusion", "history", "per_class", "predictions"}
    assert {f"{name}.png" for name in evaluate} <= {path.name for path in (ran.folder / "plots/evaluate").iterdir()}
    assert {path.name for path in (ran.folder / "plots/unseen").iterdir()} == {
        ".gitkeep",
        "long.wav.png",
        "short.wav.png",
    }
    assert {path.name for path in (ran.folder / "plots/why").iterdir()} == {
        "confused.png",
        "errors.csv",
        "example.png",
        "long.wav.png",
        "short.wav.png",
    }
    assert {path.name for path in (ran.folder / "data/predictions").iterdir()} == {"recordings.csv", "windows.csv"}
    assert (ran.folder / "report/index.html").is_file()
    shown = ran.dvc("metrics", "show", "--json")
    assert json.loads(shown[shown.index("{") :])[""]["data"].keys() == {
        "metrics/crossval.json",
        "metrics/evaluate.json",
        "metrics/infer.json",
    }
    ran.dvc("plots", "show", "--out", str(ran.folder / ".dvc/tmp/plots"))


def test_data_is_in_dvc_and_not_in_git(ran: Repository) -> None:
    tracked = ran.git("ls-files", "data", "models").splitlines()
    assert tracked == ["data/.gitignore", "models/.gitignore"]


def test_an_experiment_with_another_training_runs_training_and_what_follows(ran: Repository) -> None:
    said = ran.dvc("exp", "run", "--name", "longer", "--set-param", "train.head=dense", "--set-param", "train.epochs=7")
    assert ran.stages_run(said) == ["crossval", "train", "evaluate", "infer", "explain", "report"]
    params = ran.dvc("params", "diff")
    assert "train.epochs" in params
    assert "train.patience" not in params
    # The dense head knows the animals alone: background is neither learned from nor scored.
    assert json.loads((ran.folder / "models/classifier/classifier.json").read_text())["labels"] == sorted(LABELS)
    assert "rejection" not in json.loads((ran.folder / "metrics/evaluate.json").read_text())
    assert "mean_confidence" in ran.dvc("metrics", "diff", "HEAD")
    assert len((ran.folder / "plots/history.csv").read_text().splitlines()) == 1 + 7
    assert "longer" in ran.dvc("exp", "list", "--name-only")
    ran.git("checkout", "--quiet", "--force", "HEAD")
    ran.dvc("checkout", "--force")
    assert "up to date" in ran.dvc("status")


def test_a_second_person_pulls_and_has_nothing_to_run(ran: Repository, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ran.dvc("remote", "add", "--local", "--default", "store", str(store))
    ran.dvc("push")
    clone = Repository(tmp_path / "second person")
    ran.git("clone", "--quiet", str(ran.folder), str(clone.folder))
    clone.dvc("remote", "add", "--local", "--default", "store", str(store))
    clone.dvc("pull")
    assert clone.stages_run(clone.dvc("repro")) == []
    assert "up to date" in clone.dvc("status")
    model = "models/classifier/model.tflite"
    assert (clone.folder / model).read_bytes() == (ran.folder / model).read_bytes()
    assert clone.git("status", "--short") == ""
