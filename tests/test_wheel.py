"""The wheel, installed with the base alone into an empty environment: it screens, and its results are reviewed.

With what training needs as well, it makes a study, which runs without a clone.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

import project_echo
from tests.conftest import LABELS
from tests.sounds import tone, write_wav

ROOT = Path(__file__).parents[1]
RATE = 8000
# Also what comes with librosa.
FOR_TRAINING = {"dvc", "keras", "librosa", "numba", "scikit-learn", "tensorflow"}
TEMPLATE = ("dvc.yaml", "params.yaml", "report.yaml", "thresholds.csv", ".dvcignore", ".gitattributes")
FOR_A_CLUSTER = {"dask", "distributed"}
INTERFACE = """
import sys
from pathlib import Path
import soundfile
import project_echo

recording, model = sys.argv[1:]
classifier = project_echo.load_classifier(model)
classifier.predict(*soundfile.read(recording)).to_csv("windows.csv", index=False)
results = project_echo.screen([recording], model=model, output="screened")
results.events.to_csv("events.csv", index=False)
project_echo.review(results, model=model, output="reviewed")
print(project_echo.__version__)
"""


@dataclass
class Installation:
    """An environment that holds the wheel and what it requires, and a folder to run in, out of reach of the sources."""

    environment: Path
    folder: Path

    def run(self, command: str, *arguments: str | Path, cwd: str = ".") -> str:
        done = run(self.environment / "bin" / command, *arguments, cwd=self.folder / cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def run(*command: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(command, cwd=cwd, env=inherited, capture_output=True, text=True, check=False)


def uv(*arguments: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return run(sys.executable, "-m", "uv", *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the sources, with the pinned setuptools."""
    source = tmp_path_factory.mktemp("source")
    for name in ("project_echo", "stages", "corpora"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE", "NOTICE", *TEMPLATE):
        shutil.copy(ROOT / name, source)
    done = uv("build", "--wheel", "--offline", "--no-build-isolation", "--python", sys.executable, ".", cwd=source)
    assert done.returncode == 0, done.stderr
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Install the wheel. If its requirements cannot be downloaded, the test is skipped; in CI it fails."""
    folder = tmp_path_factory.mktemp("installation")
    environment = folder / "environment"
    uv("venv", "--python", sys.executable, environment, cwd=folder).check_returncode()
    install = ("pip", "install", "--python", environment, "--constraint", ROOT / "requirements.txt", wheel)
    done = uv(*install, "--offline", cwd=folder)  # uv has everything if it installed requirements.txt, as in CI
    if done.returncode:
        done = uv(*install, cwd=folder)
    if "error sending request" in done.stderr:
        message = f"The wheel's requirements cannot be downloaded: {done.stderr}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    assert done.returncode == 0, done.stderr
    share_bytecode(environment)
    return Installation(environment, folder)


def share_bytecode(environment: Path) -> None:
    """Copy what Python has compiled of the same packages here, which takes it seconds; it uses what fits."""
    (packages,) = environment.glob("lib/python*/site-packages")
    for folder in [path for path in packages.rglob("*") if path.is_dir()]:
        compiled = Path(sysconfig.get_path("purelib")) / folder.relative_to(packages) / "__pycache__"
        if compiled.is_dir():
            shutil.copytree(compiled, folder / "__pycache__", dirs_exist_ok=True, copy_function=copy_unless_linked)


def copy_unless_linked(source: str, target: str) -> None:
    """Copy a file, unless uv has linked both to the same one."""
    with suppress(shutil.SameFileError):
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def with_training(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Install the wheel over this environment's packages, as TensorFlow takes long to install, and not over its own."""
    folder = tmp_path_factory.mktemp("with training")
    environment = folder / "environment"
    uv("venv", "--python", sys.executable, environment, cwd=folder).check_returncode()
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    uv("pip", "install", "--offline", "--no-deps", "--python", environment, wheel, cwd=folder).check_returncode()
    return Installation(environment, folder)


@pytest.fixture(scope="module")
def recording(installation: Installation) -> Path:
    """Three seconds of a low tone and three of a high one."""
    samples = np.concatenate([tone(500, 3, RATE), tone(3000, 3, RATE)])
    return write_wav(installation.folder / "disk" / "pond.wav", samples, RATE)


def events(path: Path) -> list[tuple[object, ...]]:
    return list(pd.read_csv(path)[["label", "start_s", "end_s"]].itertuples(index=False, name=None))


LOW_THEN_HIGH = [(LABELS[0], 0.0, 3.0), (LABELS[1], 3.0, 6.0)]


def test_the_base_installs_nothing_for_training_or_clusters(installation: Installation) -> None:
    lines = uv("pip", "freeze", "--python", installation.environment, cwd=installation.folder).stdout.splitlines()
    installed = {line.split("==")[0].split(" @ ")[0] for line in lines}
    assert {"project-echo", "numpy", "ai-edge-litert"} <= installed
    assert not installed & (FOR_TRAINING | FOR_A_CLUSTER)


def test_the_wheel_holds_the_types_and_every_file_that_is_no_code(wheel: Path) -> None:
    kinds = {".html", ".css", ".js", ".mplstyle", ".yaml", ".pyi", ".py", ".typed"}
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "project_echo").rglob("*") if path.suffix in kinds}
    of_studies = [ROOT / name for name in TEMPLATE]
    of_studies += [*(ROOT / "corpora").glob("*.yaml"), *(ROOT / "stages").glob("*.py")]
    sources |= {f"project_echo/studies/template/{path.relative_to(ROOT).as_posix()}" for path in of_studies}
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert "project_echo/py.typed" in packed
    assert packed == sources


def test_the_commands_work_without_the_extras(installation: Installation, recording: Path, by_pitch: Path) -> None:
    assert installation.run("project-echo", "--version").split() == ["project-echo", project_echo.__version__]
    assert "--output" in installation.run("project-echo", "collect-labels", "--help")
    installation.run("project-echo", "predict", recording, "--model", by_pitch, "--output", "results")
    assert events(installation.folder / "results" / "events.csv") == LOW_THEN_HIGH
    installation.run("project-echo", "review", "results", "--model", by_pitch, "--output", "review")
    assert (installation.folder / "review" / "index.html").is_file()


def test_a_study_without_the_extra_says_what_to_install(installation: Installation) -> None:
    done = run(installation.environment / "bin" / "project-echo", "new", "study", cwd=installation.folder)
    assert done.returncode == 1
    assert "project-echo[train]" in done.stderr
    assert not (installation.folder / "study").exists()


def test_the_python_interface_works_without_the_extras(
    installation: Installation, recording: Path, by_pitch: Path
) -> None:
    printed = installation.run("python", "-c", INTERFACE, recording, by_pitch)
    assert printed.split() == [project_echo.__version__]
    windows = pd.read_csv(installation.folder / "windows.csv")
    assert list(windows.columns) == ["start_s", "end_s", *LABELS]
    assert windows[LABELS].idxmax(axis=1).tolist() == [LABELS[0]] * 3 + [LABELS[1]] * 3
    assert events(installation.folder / "events.csv") == LOW_THEN_HIGH
    assert (installation.folder / "reviewed" / "index.html").is_file()


def test_a_study_runs_without_a_clone(with_training: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{with_training.environment / 'bin'}{os.pathsep}{os.environ['PATH']}")  # it is active
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(with_training.folder / "cache"))
    for label, pitch in (("bell frog", 400), ("Rohrdommel (ö)", 900)):
        for number in range(3):
            samples = tone(pitch + 10 * number, 0.1, RATE)
            write_wav(with_training.folder / "Tierstimmen" / label / f"{number}.wav", samples, RATE)
    with_training.run("project-echo", "new", "die Studie", "Tierstimmen")
    with_training.run("python", "-m", "dvc", "repro", "--quiet", "check", "collect", cwd="die Studie")
    corpus = with_training.folder / "die Studie" / "data" / "corpus"
    assert len(pd.read_csv(corpus / "recordings.csv")) == 6
    assert (corpus / "recordings.csv").stat().st_nlink == 2  # DVC's cache has no copy of its own
    here = with_training.run("python", "-c", "import project_echo; print(project_echo.__file__)", cwd="die Studie")
    assert Path(here.strip()).is_relative_to(with_training.environment)
