"""From a folder of recordings to a classifier, to a better one, as a person without git or DVC does it."""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import project_echo
from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import write_table
from project_echo.reviews import exchange
from project_echo.studies.improving import add_events
from project_echo.studies.outcome import HEIGHT, WIDTH, _fitting
from project_echo.studies.progress import STAGES
from project_echo.studies.training import Trained, study_of
from tests.project_echo.conftest import ROOT
from tests.project_echo.custom_networks.networks import write_tflite
from tests.sounds import fill
from tests.test_pipeline import CHANGES, RATE, write_tone

pytestmark = pytest.mark.slow  # CI runs the pipeline once; test_wheel.py runs a stage of a study

LABELS = {"Füchse am Bach": 400, "tree frog": 2200}  # Hz
LEFT_TO_THE_RECORDINGS = ("collect", "split")
SETTINGS = {
    f"{section}.{key}": value
    for section, values in CHANGES.items()
    for key, value in values.items()
    if section not in LEFT_TO_THE_RECORDINGS
} | {"crossval.draws": 4}


def write_recordings(folder: Path) -> None:
    """Four recordings of each label and three of background, and files that turn out not to be sound."""
    draw = np.random.default_rng(1)
    for label, pitch in LABELS.items():
        for source in range(4):
            write_tone(folder / label / f"nächtlich {source}.wav", pitch * draw.uniform(0.95, 1.05), 1.2, draw)
    for source in range(3):
        write_tone(folder / "none" / "hum & hiss" / f"{source}.wav", 120 * draw.uniform(0.95, 1.05), 1.2, draw)
    fill(folder, "tree frog/broken.wav", "none/hum & hiss/broken.wav")


def write_review(folder: Path) -> Path:
    """A review of a recording of one site in which a label is heard, and another one that hears none; its answers."""
    draw = np.random.default_rng(2)
    rows = []
    for event, (site, label, verdict, heard, pitch) in enumerate(
        [
            ("pond", "tree frog", "accepted", "tree frog", 2250),
            ("road", "tree frog", "rejected", "none", 90),
            ("road", "Füchse am Bach", "skipped", "", 130),
        ]
    ):
        media = f"media/{event}.flac"
        (folder / "media").mkdir(parents=True, exist_ok=True)
        write_tone(folder / "sound.wav", pitch, 1.5, draw)
        shutil.move(folder / "sound.wav", folder / media)
        facts = (str(event), f"{site}/night.wav", site, site, 60.0 * event, 60.0 * event + 1.5, label, 0.9, 0.9, "")
        rows.append((*facts, verdict, heard, "", media, ""))
    answers = pd.DataFrame(rows, columns=list(exchange.COLUMNS))
    write_table(answers.assign(verdict="", reviewed_label=""), folder / exchange.EVENTS)
    write_table(answers, folder / "labels.csv")
    return folder / "labels.csv"


def set_permissions(folder: Path, mode: int) -> None:
    """Those of all folders in a folder, as of a disk that is mounted to be read."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(mode)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass
class Story:
    """What one person does, one run after the other, and what is said in each."""

    folder: Path
    recordings: Path
    before: dict[str, bytes]
    runs: list[Trained] = field(default_factory=list)
    said: list[list[str]] = field(default_factory=list)
    models: list[dict[str, bytes]] = field(default_factory=list)

    def add(self, trained: Trained, records: list[logging.LogRecord]) -> None:
        self.runs.append(trained)
        self.said.append([line for record in records for line in record.getMessage().splitlines()])
        self.models.append(contents(trained.model))
        records.clear()


class Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Trained with a custom network, once more, and improved with a review and with a recording that was added."""
    folder = tmp_path_factory.mktemp("Bärbels Projekt")
    recordings, model = folder / "Meine Töne", folder / "Wald & Wiese"
    write_recordings(recordings)
    network = write_tflite(folder / "network.tflite", rate=RATE, window_s=0.4)
    labels = write_review(folder / "review")
    listener, logger = Listener(), logging.getLogger("project_echo")
    level = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.INFO)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("LOKY_MAX_CPU_COUNT", "1")  # starting more processes takes longer than the work of these
        for name in ("SITE_CACHE", "GLOBAL_CONFIG", "SYSTEM_CONFIG"):
            patch.setenv(f"DVC_{name}_DIR", str(folder / name))
        story = Story(folder, recordings, contents(recordings))
        set_permissions(recordings, 0o555)
        settings = {name: value for name, value in SETTINGS.items() if not name.startswith("embed.")}
        story.add(
            project_echo.train(recordings, output=model, settings=settings | {"embed.slices": 3}, backbone=network),
            listener.records,
        )
        story.add(project_echo.train(recordings, output=model), listener.records)
        set_permissions(recordings, 0o755)
        write_tone(recordings / "tree frog" / "added.wav", 2100, 1.2, np.random.default_rng(3))
        assert story.before.items() < contents(recordings).items()
        story.before = contents(recordings)
        story.add(project_echo.improve(model, folder / "review", labels), listener.records)
        yield story
    logger.removeHandler(listener)
    logger.setLevel(level)


def test_a_folder_becomes_a_classifier_with_a_report(story: Story) -> None:
    first = story.runs[0]
    assert first.stages == tuple(STAGES)
    assert first.comparison is None
    assert sorted(project_echo.load_classifier(first.model).labels) == sorted(LABELS)
    assert first.report.is_file()
    assert first.study == story.folder / "Wald & Wiese-study"
    skipped = pd.read_csv(first.study / "data" / "audio" / "skipped.csv")["recording"]
    assert len(skipped) == 2 and all("broken" in name for name in skipped)
    assert sum("skipped.csv" in line for line in story.said[0]) == 1


def test_the_last_screen_fits_on_one_and_names_what_is_next(story: Story) -> None:
    begin = next(n for n, line in enumerate(story.said[0]) if line.startswith("How good"))
    screen = story.said[0][begin:]
    assert len(screen) <= HEIGHT
    assert all(len(line) <= WIDTH for line in screen if str(story.folder) not in line)
    assert screen[-1].endswith('Wald & Wiese"')
    assert str(story.runs[0].report) in screen[-2]
    assert any("Few sources" in line for line in story.said[0])
    improved = story.said[2]
    assert "--output" in improved[-1], "results of the classifier before are not mixed with those of this one"
    assert str(story.runs[2].study / "versions" / "1" / "model") in "".join(improved)


def test_training_again_runs_nothing_and_changes_nothing(story: Story) -> None:
    again = story.runs[1]
    assert again.stages == () and again.comparison is None
    assert story.models[1] == story.models[0]


def test_improving_learns_from_the_review_and_from_what_was_added(story: Story) -> None:
    improved = story.runs[2]
    assert {"collect", "crossval", "train", "report"} <= set(improved.stages)
    assert "backbone" not in improved.stages
    used = pd.read_csv(improved.study / "data" / "corpus" / "recordings.csv")
    by_label = used.groupby("label")["source"].nunique()
    assert by_label.to_dict() == {"Füchse am Bach": 4, "tree frog": 7, "none": 5}
    assert story.models[2] != story.models[0]


def test_improving_tells_before_and_after_and_keeps_the_earlier_classifier(story: Story) -> None:
    improved = story.runs[2]
    assert improved.comparison is not None
    assert improved.comparison.kind == "same"  # so few sources tell nothing
    assert improved.comparison.sources > 0
    assert any(line.startswith("The new classifier") for line in story.said[2])
    versions = sorted(path.name for path in (improved.study / "versions").iterdir())
    assert versions == ["1", "2"]
    assert contents(improved.study / "versions" / "1" / "model").items() < story.models[0].items()
    kept = {name: content for name, content in story.models[2].items() if name != "README.md"}  # the model card
    assert contents(improved.study / "versions" / "2" / "model") == kept


def test_the_folder_of_recordings_is_only_read(story: Story) -> None:
    assert contents(story.recordings) == story.before


@pytest.mark.parametrize("name", ["inside", "."])
def test_the_classifier_may_not_lie_in_the_recordings(tmp_path: Path, name: str) -> None:
    folder = fill(tmp_path / "mine", *(f"{label}/{n}.wav" for label in ("boar", "fox") for n in range(3)))
    with pytest.raises(EchoError, match="overlap"):
        project_echo.train(folder, output=folder / name)
    assert not (tmp_path / "mine-study").exists()


def test_a_study_of_another_folder_is_not_overwritten(story: Story, tmp_path: Path) -> None:
    folder = fill(tmp_path / "mine", *(f"{label}/{n}.wav" for label in ("boar", "fox") for n in range(3)))
    with pytest.raises(EchoError, match="Meine Töne"):
        project_echo.train(folder, output=story.runs[0].model)


def test_a_classifier_without_a_study_cannot_be_improved(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match="mailed-study is missing"):
        project_echo.improve(tmp_path / "mailed", tmp_path / "review", tmp_path / "labels.csv")


def test_events_of_a_label_with_too_few_sources_are_left_out_and_the_others_are_kept(
    story: Story, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    study = shutil.copytree(story.runs[2].study, tmp_path / "model-study", symlinks=True)
    labels = pd.read_csv(story.folder / "review" / "labels.csv", dtype=str, keep_default_na=False)
    labels.loc[1, ["verdict", "reviewed_label"]] = ["relabelled", "tawny owl"]
    labels.to_csv(tmp_path / "labels.csv", index=False)
    add_events(study, story.recordings, story.folder / "review", tmp_path / "labels.csv")
    assert "1 event left out for now: tawny_owl (1)" in caplog.text
    kept = {path.relative_to(study / "reviewed").parts[0] for path in (study / "reviewed").rglob("*.flac")}
    assert kept == {"tree frog"}


@pytest.mark.parametrize(
    ("model", "study"),
    [("boars", "boars-study"), ("a/boars.v2", "a/boars.v2-study"), ("/a/boars/", "/a/boars-study")],
)
def test_the_study_lies_beside_the_classifier(model: str, study: str) -> None:
    assert study_of(Path(model)) == Path(study)
    assert study_of(Path()).name == f"{Path.cwd().name}-study"


def test_advice_is_not_cut() -> None:
    steps = ["Record more sources of dog. " * 8, "Record more sources of pig."]
    assert " ".join(" ".join(_fitting(steps, 1)).split()) == f"- {steps[0].strip()}"
