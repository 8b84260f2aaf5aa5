"""The whole pipeline under DVC, on a few tones: from nothing, once more for the bytes, and as others then use it."""

import json
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from tests import repositories

pytestmark = pytest.mark.slow  # CI runs the real pipeline, and compares it with the committed results

ROOT = Path(__file__).parents[1]
RATE = 8000
LABELS = {"bell frog": 400, "sm_rt & co": 2200}  # Hz
BACKGROUND = {"hiss": 0.0, "hum & hiss": 120}  # Hz; without a tone it is noise alone
STAGES = ["check", "collect", "extract", "segment", "spectrograms", "split", "backbone", "embed"]
STAGES += ["crossval", "field", "train", "export", "evaluate", "infer", "explain", "report"]
CHANGES = {  # as small as every stage allows
    "collect": {"corpus": "sounds", "folder": "sounds"},
    "features": {
        "sample_rate": RATE,
        "window_s": 1.0,
        "n_fft": 512,
        "win_length": 512,
        "hop_length": 200,
        "n_mels": 32,
        "fmax": 4000.0,
    },
    "segment": {"hop_s": 0.5},
    "augmentation": {"copies": 1},
    "split": {"train": 2, "validation": 1, "test": 1},
    "embed": {"blocks": [3], "bands": [2], "slices": 3},
    "train": {"epochs": 3, "head_units": 8},
    "crossval": {"draws": 2, "train_sizes": []},
    "field": {"folds": 2, "recordings": 1, "duration_s": 30.0, "hop_s": 1.0},
    "infer": {"hop_s": 0.5},
}
# Commands of stages, in one process, which imports TensorFlow once. Keras numbers layers as in a process of its own.
RUN_ALL = """
import json, runpy, sys
for python, m, module, *arguments in json.loads(sys.argv[1]):
    if "keras" in sys.modules:
        sys.modules["keras"].utils.clear_session()
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__")
"""


@dataclass
class Repository(repositories.Repository):
    """A repository with the pipeline's source."""

    cores: int = 2  # at most, of which stages make use
    output: str = ""  # what the first `dvc repro` printed

    def environment(self) -> dict[str, str]:
        environment = super().environment() | {"LOKY_MAX_CPU_COUNT": str(self.cores)}
        del environment["PYTHONDONTWRITEBYTECODE"]  # DVC and git ignore bytecode, and stages start sooner with it
        return environment

    def names(self, folder: str) -> set[str]:
        return {path.name for path in (self.folder / folder).iterdir()}

    def files(self, folder: str) -> set[str]:
        """Paths of all files below a folder of the repository."""
        found = (self.folder / folder).rglob("*")
        return {path.relative_to(self.folder).as_posix() for path in found if path.is_file()}

    def json(self, path: str) -> dict:
        return json.loads((self.folder / path).read_text(encoding="utf-8"))


def stages_run(output: str) -> list[str]:
    return [stage for stage in STAGES if f"Running stage '{stage}'" in output]


def write_sounds(folder: Path) -> None:
    """Two animals with four sources each, two kinds of background with three, and two unseen recordings."""
    draw = np.random.default_rng(1)
    for label, pitch in LABELS.items():
        for source in range(4):
            write_tone(folder / label / f"{source}.wav", pitch * draw.uniform(0.95, 1.05), 1.2, draw)
    for kind, pitch in BACKGROUND.items():
        for source in range(3):
            write_tone(folder / "none" / kind / f"{source}.wav", pitch * draw.uniform(0.95, 1.05), 1.2, draw)
    write_tone(folder / "unseen" / "long.wav", 2200, 2, draw)
    write_tone(folder / "unseen" / "short.wav", 400, 0.6, draw)


def write_tone(path: Path, pitch: float, seconds: float, draw: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(seconds * RATE)) / RATE
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * pitch * time) + 0.01 * draw.standard_normal(len(time)), RATE)


def create(folder: Path, cores: int) -> Repository:
    """The source of this repository with small parameters and small sounds, committed and not yet run."""
    for name in ("project_echo", "stages", "corpora"):
        shutil.copytree(ROOT / name, folder / name)  # with the bytecode there is
    for name in ("experiments", "networks", "screening"):  # what there may be as well
        (folder / name).mkdir()
        (folder / name / ".gitkeep").touch()
    files = (
        "dvc.yaml",
        "params.yaml",
        "thresholds.csv",
        "report.yaml",
        ".dvcignore",
        ".gitignore",
        ".dvc/config",
        ".dvc/.gitignore",
    )
    for name in (*files, "data/.gitignore", "models/.gitignore"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    params = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    for section, values in CHANGES.items():
        params[section] |= values
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    write_sounds(folder / "sounds")
    repository = Repository(folder, cores)
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.commit("source")
    return repository


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A run from nothing under DVC."""
    repository = create(tmp_path_factory.mktemp("pipeline") / "first", cores=2)
    repository.output = repository.dvc("repro")
    repository.commit("first run")
    return repository


def run_stages(folder: Path) -> Repository:
    """Run the commands of all stages without DVC, on one core."""
    repository = create(folder, cores=1)
    stages = yaml.safe_load(repository.read("dvc.yaml"))["stages"]
    assert list(stages) == STAGES
    commands = [shlex.split(stage["cmd"]) for stage in stages.values()]
    repository.run(sys.executable, "-c", RUN_ALL, json.dumps(commands))
    return repository


def test_every_stage_runs_and_results_are_committed(run: Repository) -> None:
    assert stages_run(run.output) == STAGES
    assert {"dvc.lock", "metrics/evaluate.json", "plots/evaluate/confusion.png"} <= set(
        run.git("ls-files").splitlines()
    )


@pytest.mark.slow  # CI compares its run of the real pipeline with the committed one
def test_a_second_run_in_one_process_and_on_one_core_writes_the_same(run: Repository, tmp_path: Path) -> None:
    second = run_stages(tmp_path / "second run")
    for folder in ("data", "models", "metrics", "plots", "report"):
        written = run.files(folder)
        assert written == second.files(folder)
        for name in written:
            assert (run.folder / name).read_bytes() == (second.folder / name).read_bytes(), name


def test_a_second_repro_runs_nothing_and_status_is_clean(run: Repository) -> None:
    output = run.dvc("repro")
    assert stages_run(output) == []
    assert output.count("didn't change, skipping") == len(STAGES)
    assert "up to date" in run.dvc("status")
    assert run.git("status", "--short") == ""


def test_metrics_plots_predictions_and_report_are_written(run: Repository) -> None:
    evaluate = run.json("metrics/evaluate.json")
    assert evaluate["clips"] == len(LABELS)
    assert set(evaluate["per_class"]) == set(LABELS)
    assert evaluate["rejection"]["background_clips"] == len(BACKGROUND)
    crossval = run.json("metrics/crossval.json")
    assert crossval["draws"] == 2
    assert set(crossval["recall"]) == set(LABELS)
    assert set(crossval["rejection"]["held_out_background"]) == set(BACKGROUND)
    assert run.json("metrics/field.json")["folds"] == 2
    assert run.json("metrics/infer.json")["recordings"] == 2
    card = run.json("models/classifier/classifier.json")
    assert card["labels"] == sorted(LABELS)
    assert len(card["thresholds"]) == len(card["slope"]) == len(LABELS)

    assert {f"{name}.png" for name in ("accuracies", "confusion", "curve", "reliability")} < run.names("plots/crossval")
    assert {f"{name}.png" for name in ("confusion", "history", "per_class", "predictions")} < run.names(
        "plots/evaluate"
    )
    assert run.names("plots/unseen") == {".gitkeep", "long.wav.png", "short.wav.png"}
    attention = {"confused.png", "example.png", "long.wav.png", "short.wav.png"}
    assert run.names("plots/why") == attention | {"errors.csv"}
    assert run.names("data/predictions") == {"events.csv", "recordings.csv", "windows.csv"}
    assert (run.folder / "report/index.html").is_file()


def test_dvc_shows_metrics_and_plots(run: Repository, tmp_path: Path) -> None:
    shown = run.dvc("metrics", "show", "--json")
    metrics = json.loads(shown[shown.index("{") :])[""]["data"]
    assert metrics.keys() == {f"metrics/{name}.json" for name in ("crossval", "evaluate", "field", "infer")}
    run.dvc("plots", "show", "--out", str(tmp_path))
    assert (tmp_path / "index.html").is_file()


def test_data_and_models_are_in_dvc_and_not_in_git(run: Repository) -> None:
    assert run.git("ls-files", "data", "models").splitlines() == ["data/.gitignore", "models/.gitignore"]


def test_a_clone_pulls_everything_and_has_nothing_to_run(run: Repository, tmp_path: Path) -> None:
    store = tmp_path / "store"
    run.dvc("remote", "add", "--local", "--default", "store", str(store))
    run.dvc("push")
    clone = Repository(tmp_path / "a clone")
    run.git("clone", "--quiet", str(run.folder), str(clone.folder))
    clone.dvc("remote", "add", "--local", "--default", "store", str(store))
    clone.dvc("pull")
    assert stages_run(clone.dvc("repro")) == []
    assert clone.git("status", "--short") == ""
    model = "models/classifier/backbone.tflite"
    assert (clone.folder / model).read_bytes() == (run.folder / model).read_bytes()


@pytest.mark.slow
def test_an_experiment_with_another_head_runs_training_and_what_follows(run: Repository) -> None:
    values = ("train.head=dense", "embed.slices=1", "train.epochs=1")
    changes = [f"--set-param={value}" for value in values]
    output = run.dvc("exp", "run", "--name", "dense", *changes)
    assert stages_run(output) == ["check", *STAGES[STAGES.index("embed") :]]
    params = run.dvc("params", "diff")
    assert "train.epochs" in params
    assert "train.patience" not in params
    # The dense head learns animals only: background is neither learned from nor scored.
    card = run.json("models/classifier/classifier.json")
    assert (card["labels"], card["thresholds"]) == (sorted(LABELS), None)
    assert "rejection" not in run.json("metrics/evaluate.json")
    assert len((run.folder / "plots/history.csv").read_text().splitlines()) == 1 + 1
    assert "rejection.background_clips" in run.dvc("metrics", "diff", "HEAD")
    assert "dense" in run.dvc("exp", "list", "--name-only")


def test_a_wrong_parameter_of_a_later_stage_stops_the_first(run: Repository) -> None:
    run.git("checkout", "--quiet", "--force", "HEAD")
    run.replace("params.yaml", "max_per_recording: 1", "max_per_recording: 0")
    with pytest.raises(AssertionError, match=r"segment\.max_per_recording") as error:
        run.dvc("repro")
    assert stages_run(str(error.value)) == ["check"]
