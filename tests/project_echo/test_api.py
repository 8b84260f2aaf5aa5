"""The package as a notebook uses it: nothing but `import project_echo`."""

import doctest
import inspect
import logging
import shutil
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import project_echo
from tests.conftest import LABELS
from tests.sounds import FEATURES, hiss, tone, write_wav

LOW_LABEL, HIGH_LABEL = LABELS
RATE = FEATURES.sample_rate
LOW, HIGH, QUIET = tone(250, 2, RATE), tone(3000, 2, RATE), hiss(2, RATE, 0.05)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder corpus: a folder for each label, and one of background."""
    for number in range(2):
        for label, call in (("low", LOW), ("high", HIGH)):
            sound = np.concatenate([QUIET, call, QUIET, call])
            write_wav(tmp_path / "corpus" / label / f"site-{number}" / f"2024050{number + 1}_220000.wav", sound, RATE)
    write_wav(tmp_path / "corpus" / "none" / "rain" / "20240503_220000.wav", np.concatenate([QUIET, QUIET]), RATE)
    return tmp_path / "corpus"


def test_a_notebook_goes_from_a_corpus_to_events_and_back(corpus: Path, by_pitch_or_none: Path, tmp_path: Path) -> None:
    classifier = project_echo.load_classifier(by_pitch_or_none)
    assert classifier.labels == tuple(LABELS)

    path = corpus / "low" / "site-0" / "20240501_220000.wav"
    samples, sample_rate = soundfile.read(path)
    windows = classifier.predict(samples, sample_rate, hop_seconds=0.5)
    assert list(windows) == ["start_s", "end_s", *LABELS]
    slices = classifier.predict(samples, sample_rate, hop_seconds=0.5, slices=True)
    events = project_echo.find_events(slices, classifier)
    assert events["label"].tolist() == [LOW_LABEL] * 2
    assert np.abs(events[["start_s", "end_s"]].to_numpy() - [[2, 4], [6, 8]]).max() <= 1  # within a window

    results = project_echo.screen(corpus, model=by_pitch_or_none, output=tmp_path / "results", hop_seconds=0.5)
    folders = results.events["recording"].str.split("/").str[-3]
    assert pd.crosstab(folders, results.events["label"]).to_dict() == {
        LOW_LABEL: {"low": 4, "high": 0},
        HIGH_LABEL: {"low": 0, "high": 4},
    }
    its_windows = results.windows[results.windows["recording"] == path.as_posix()].drop(columns="recording")
    pd.testing.assert_frame_equal(its_windows.reset_index(drop=True), windows)
    again = project_echo.read_results(tmp_path / "results")
    pd.testing.assert_frame_equal(again.events, results.events)

    page = project_echo.review(results, model=by_pitch_or_none, output=tmp_path / "review")
    assert page.is_file()
    labels = pd.read_csv(page.parent / "events.csv", dtype=str, keep_default_na=False)
    labels.assign(verdict="accepted").to_csv(tmp_path / "labels.csv", index=False)  # as the page exports it
    files = project_echo.collect_labels(page.parent, tmp_path / "labels.csv", output=corpus)
    assert len(files) == len(results.events) and all((corpus / file).is_file() for file in files["file"])
    assert files["truth"].nunique() == 2


def test_every_public_function_is_documented_with_an_example() -> None:
    for name in project_echo.__all__:
        public = getattr(project_echo, name)
        assert public.__doc__
        if inspect.isfunction(public):
            sections = [line.strip() for line in public.__doc__.splitlines()]
            assert {"Parameters", "Returns", "Raises", "Examples"} <= set(sections), name
    assert "Examples" in str(project_echo.Classifier.predict.__doc__)


def test_all_arguments_but_what_is_worked_on_are_given_by_name_and_have_defaults() -> None:
    functions = (project_echo.screen, project_echo.review, project_echo.collect_labels, project_echo.find_events)
    for function in (*functions, project_echo.set_thresholds, project_echo.suggest_thresholds):
        for parameter in inspect.signature(function).parameters.values():
            assert (parameter.kind is parameter.KEYWORD_ONLY) == (parameter.default is not parameter.empty)
    events, screen = (inspect.signature(function) for function in (project_echo.find_events, project_echo.screen))
    for name in ("thresholds", "min_confidence", "merge_gap_s", "labels"):
        assert events.parameters[name].default == screen.parameters[name].default


def test_only_listed_names_are_public_and_an_unknown_one_is_an_attribute_error() -> None:
    assert {"screen", "review", "Classifier"} < set(dir(project_echo))
    with pytest.raises(AttributeError, match="screem"):
        project_echo.screem  # noqa: B018


def test_messages_are_logged_and_nothing_is_printed(
    corpus: Path,
    by_pitch_or_none: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, logger="project_echo"):
        project_echo.screen([corpus / "low", corpus / "gone"], model=by_pitch_or_none, output=tmp_path / "results")
    assert capfd.readouterr() == ("", "")
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING and "gone" in record.message]
    assert warning.name == "project_echo.screening.screen"


def test_importing_the_package_imports_one_small_library() -> None:
    code = "import sys, project_echo; print(*{name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    done = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True)
    installed = {name for name in done.stdout.split() if not name.startswith(("_", "sitecustomize", "distutils"))}
    assert installed == {"project_echo", "lazy_loader"}


def test_the_examples_run(
    corpus: Path, by_pitch_or_none: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the docstrings, with a classifier and recordings where the examples have them."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(by_pitch_or_none, "models/classifier")
    shutil.copy(corpus / "low" / "site-0" / "20240501_220000.wav", "night.wav")
    monkeypatch.setattr("webbrowser.open", bool)
    screened = ("screen", "read_results", "review", "collect_labels")
    for name in ("load_classifier", "Classifier.predict", "find_events", *screened):
        if name == "collect_labels":
            shutil.copy("review/events.csv", "labels.csv")
        code = attrgetter(name)(project_echo).__doc__.replace("/media/recorders", "corpus")
        examples = doctest.DocTestParser().get_examples(code.replace("boar", LOW_LABEL))
        assert examples, name
        names: dict[str, object] = {}
        for example in examples:
            exec(example.source, names)
