"""Results, models and jobs are deleted as a whole, with nothing beside them, and never while they are used."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest

from project_echo.app.deletion import erase, finish_deletions, set_aside, size_of, size_text
from project_echo.app.jobs.job import Action, Job, State, load_all, now, save
from project_echo.app.reviewed import count_answers
from project_echo.models.card import card_digest
from project_echo.reviews.exchange import COLUMNS
from project_echo.reviews.stored_answers import append_changes, check_changes
from tests.project_echo.app.server import RunningApp, StillQueue, serve
from tests.sounds import fill

RESULT = {"recordings": 1, "events": 2, "skipped": 0}


@pytest.fixture
def app(tmp_path: Path, by_pitch: Path, by_pitch_or_none: Path) -> Iterator[RunningApp]:
    """An app with the models boars (with an earlier version) and boars 2, results of boars, their review, and a job."""
    workspace = tmp_path / "workspace"
    models = workspace / "models"
    for folder in (models / "boars", models / "boars 2", models / "boars-study" / "versions" / "2" / "model"):
        shutil.copytree(by_pitch_or_none if folder.name == "boars 2" else by_pitch, folder)
    shutil.copytree(by_pitch_or_none, models / "boars-study" / "versions" / "1" / "model")
    fill(workspace / "results", "may/events.csv", "june/events.csv")
    settings = workspace / "results" / "may" / ".journal" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(f'{{"model": "{card_digest(by_pitch)}"}}', encoding="utf-8")
    fill(workspace / "reviews", "may/index.html", "may/events.csv", "may/media/1.flac")
    fill(workspace / "answers", "may.jsonl", "may-0123abcd.csv", "may 2.jsonl", "may-june.jsonl")
    save(job_of(workspace, 1, "done"), workspace / "jobs")
    with serve(workspace, StillQueue(workspace / "jobs")) as running:
        yield running


def job_of(workspace: Path, number: int, state: State) -> Job:
    """A screening as may with the earlier version of boars."""
    model = workspace / "models" / "boars-study" / "versions" / "1" / "model"
    arguments = {"recordings": ["/nights"], "model": str(model), "output": str(workspace / "results" / "may")}
    return Job(number, "predict", arguments, "Screen nights as may", state, now(), now(), result=RESULT)


def left(app: RunningApp, *folders: str) -> set[str]:
    """What is in folders of the workspace, hidden ones as well."""
    return {path.name for folder in folders for path in (app.context.workspace.folder / folder).iterdir()}


def test_results_are_deleted_and_their_review_only_if_that_is_wanted(app: RunningApp) -> None:
    page = unescape(app.get("delete?kind=results&name=may").text)
    workspace = app.context.workspace
    for path in (workspace.results / "may", workspace.reviews / "may", workspace.answers("may")):
        assert f"{path}<" in page
    assert left(app, "results") == {"may", "june"}  # it only asks
    assert app.post("delete", {"kind": "results", "name": "may"}).status == 303
    assert left(app, "results", "reviews") == {"june", "may"}
    shutil.copytree(workspace.results / "june", workspace.results / "may")
    assert app.post("delete", {"kind": "results", "name": "may", "review": "yes"}).status == 303
    assert left(app, "results", "reviews", "answers") == {"june", "may 2.jsonl", "may-june.jsonl"}
    assert app.post("delete", {"kind": "results", "name": "may"}).status == 400


def test_a_review_is_deleted_whether_its_results_are_there_or_not(app: RunningApp) -> None:
    workspace = app.context.workspace
    fill(workspace.reviews, "old/index.html", "old/events.csv", "old/media/1.flac")
    fill(workspace.folder / "answers", "old.jsonl")
    page = app.get("review").text
    for name in ("may", "old"):  # even though their pages cannot be read
        assert f"delete?kind=review&amp;name={name}" in page
        confirmed = unescape(app.get(f"delete?kind=review&name={name}").text)
        assert f"{workspace.reviews / name}<" in confirmed and f"{workspace.answers(name)}<" in confirmed
        assert app.post("delete", {"kind": "review", "name": name}).status == 303
    assert left(app, "results", "reviews", "answers") == {"june", "may", "may 2.jsonl", "may-june.jsonl"}
    assert left(app, "reviews") == set()


def test_answers_are_those_to_events_and_windows_of_the_review(app: RunningApp) -> None:
    workspace = app.context.workspace
    assert count_answers(workspace, "may") is None  # its page cannot be read
    rows = [("1.wav", 0.0, "fox", ""), ("1.wav", 0.0, "owl", ""), ("1.wav", 5.0, "fox", "")]
    rows += [("2.wav", start, label, "random") for start in (0.0, 2.5, 5.0) for label in ("fox", "owl")]
    events = [
        {**dict.fromkeys(COLUMNS, ""), "id": f"{n:016x}", "recording": name, "start_s": start, "end_s": start + 2}
        | {"mean_confidence": 0.5, "peak_confidence": 0.5, "label": label, "sample": sample}
        for n, (name, start, label, sample) in enumerate(rows)
    ]
    data = json.dumps({"searched": False, "columns": list(COLUMNS), "events": events})
    page = workspace.reviews / "may" / "index.html"
    page.write_text(f'<script type="application/json" id="data">{data}</script>', encoding="utf-8")
    workspace.answers("may").unlink()
    assert count_answers(workspace, "may") == 0
    answer = {"verdict": "accepted", "label": "fox", "sequence": 1}
    answered = [0, 1, 3, 4, 6, 99]  # two events at the same time, both labels of a window, one of another, none of ours
    body = json.dumps([{"event": f"{n:016x}", "answer": answer} for n in answered]).encode()
    append_changes(workspace.answers("may"), check_changes(body))
    assert count_answers(workspace, "may") == 4
    for kind in ("results", "review"):
        assert "with 4 answers" in app.get(f"delete?kind={kind}&name=may").text


def test_of_two_clicks_the_second_finds_nothing(app: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    queue, paused = app.context.queue, app.context.queue.paused

    @contextmanager
    def second() -> Iterator[None]:
        shutil.rmtree(app.context.workspace.results / "may")  # by the first, for which this one waits
        with paused():
            yield

    monkeypatch.setattr(queue, "paused", second)
    assert app.post("delete", {"kind": "results", "name": "may"}).status == 400


@pytest.mark.parametrize(
    ("action", "kind", "files"),
    [
        ("predict", "results", ["results/owls/.journal/settings.json"]),
        ("predict", "results", ["results/owls/.lock"]),
        ("train", "model", [f"models/owls-study/{name}" for name in ("modules.yaml", "dvc.yaml", ".dvc/config")]),
    ],
)
def test_what_a_job_has_left_can_be_deleted_and_then_the_job(
    app: RunningApp, action: Action, kind: str, files: list[str]
) -> None:
    queue, workspace = app.context.queue, app.context.workspace
    folder = workspace.results if kind == "results" else workspace.models
    number = queue.submit(action, {"recordings": [], "output": str(folder / "owls")}, "").number
    queue.stop(number)
    assert f"jobs/{number}/remove" in app.get(f"jobs/{number}").text  # it has written nothing
    before = left(app, folder.name)
    fill(workspace.folder, *files)
    page = app.get(f"jobs/{number}").text
    assert f"jobs/{number}/remove" not in page and f"delete?kind={kind}&amp;name=owls" in page
    assert app.post(f"jobs/{number}/remove").status == 400
    assert app.get(f"delete?kind={kind}&name=owls").status == 200
    assert app.post("delete", {"kind": kind, "name": "owls"}).status == 303
    assert left(app, folder.name) == before
    assert app.post(f"jobs/{number}/remove").status == 303
    assert queue.get(number) is None


def test_what_a_list_shows_keeps_no_job_that_was_stopped(app: RunningApp) -> None:
    queue, workspace = app.context.queue, app.context.workspace
    jobs: list[tuple[Action, Path]] = [("predict", workspace.results / "june"), ("train", workspace.models / "boars 2")]
    for action, output in jobs:
        number = queue.submit(action, {"recordings": [], "output": str(output)}, "").number
        queue.stop(number)
        assert app.post(f"jobs/{number}/remove").status == 303


def test_a_model_is_deleted_with_its_study(app: RunningApp) -> None:
    page = unescape(app.get("delete?kind=model&name=boars").text)
    models = app.context.workspace.models
    assert f"{models / 'boars'}<" in page and f"{models / 'boars-study'}<" in page
    assert "may" in page and "june" not in page  # results that it has made
    assert app.post("delete", {"kind": "model", "name": "boars"}).status == 303
    assert left(app, "models") == {"boars 2"}
    assert left(app, "results") == {"may", "june"}


@pytest.mark.parametrize(("kind", "name"), [("results", "may"), ("model", "boars")])
def test_what_a_job_uses_is_not_deleted(app: RunningApp, kind: str, name: str) -> None:
    job = job_of(app.context.workspace.folder, 2, "queued")
    app.context.queue.submit(job.action, job.arguments, job.title)
    before = left(app, "results", "models")
    refused = app.post("delete", {"kind": kind, "name": name})
    assert (refused.status, job.title in refused.text) == (400, True)
    assert left(app, "results", "models") == before
    assert app.post("delete", {"kind": "results", "name": "june"}).status == 303
    app.context.queue.stop(2)
    assert app.post("delete", {"kind": kind, "name": name}).status == 303


@pytest.mark.parametrize("name", ["..", ".", "", "boars-study", "../models/boars", "/", "May", "linked"])
def test_nothing_else_is_deleted(app: RunningApp, name: str) -> None:
    outside = fill(app.context.workspace.folder.parent / "outside", "events.csv", "classifier.json")
    for folder in (app.context.workspace.results, app.context.workspace.models):
        (folder / "linked").symlink_to(outside)
    before = left(app, ".", "results", "models")
    for kind in ("results", "model", "review", ""):
        assert app.post("delete", {"kind": kind, "name": name}).status in (400, 403)
    assert left(app, ".", "results", "models") == before
    assert len(list(outside.iterdir())) == 2


def test_a_job_can_be_removed_unless_its_results_need_it(app: RunningApp) -> None:
    workspace = app.context.workspace
    save(job_of(workspace.folder, 2, "failed"), workspace.jobs)
    fill(workspace.jobs, "0001.log")
    page = app.get("jobs/1").text
    assert "results?name=may" in page and "jobs/1/remove" not in page
    assert app.post("jobs/1/remove").status == 400  # they are exported with its settings
    waiting = app.context.queue.submit("review", {}, "Review").number
    app.post(f"jobs/{waiting}/remove")
    assert app.get(f"jobs/{waiting}").status == 200
    app.post("delete", {"kind": "results", "name": "may"})
    page = app.get("jobs/1").text
    assert "jobs/1/remove" in page
    assert "results?name=may" not in page  # they are gone
    assert app.post("jobs/1/remove").status == 303
    assert app.get("jobs/1").status == 404
    assert 1 not in load_all(workspace.jobs)
    assert not (workspace.jobs / "0001.log").exists()


def test_all_is_moved_or_nothing_and_the_rest_is_deleted_at_the_next_start(app: RunningApp) -> None:
    results = app.context.workspace.results
    with pytest.raises(FileNotFoundError):
        set_aside([results / "may", results / "gone"])
    assert left(app, "results") == {"may", "june"}
    set_aside([results / "may"])  # and then the app is killed
    assert app.context.workspace.result_names() == ["june"]
    finish_deletions(app.context.workspace)
    assert left(app, "results") == {"june"}


def test_what_cannot_be_erased_is_left_and_told(
    app: RunningApp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    results = app.context.workspace.results
    rmtree = shutil.rmtree

    def fail(path: Path) -> None:
        if (path / "deleted" / "in use").exists():
            raise PermissionError(13, "in use", str(path))
        rmtree(path)

    monkeypatch.setattr(shutil, "rmtree", fail)
    fill(results, "may/in use")
    assert app.post("delete", {"kind": "results", "name": "may"}).status == 303
    (aside,) = results.glob(".deleting-*")
    assert str(aside) in caplog.text
    assert app.context.workspace.result_names() == ["june"]
    erase([aside, *set_aside([results / "june"])])
    assert left(app, "results") == {aside.name}


def test_sizes_are_those_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").write_bytes(b"x" * 1000)
    (tmp_path / "big").write_bytes(b"x" * 50_000)
    os.link(tmp_path / "a" / "one", tmp_path / "a" / "b" / "the same")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "big")
    assert size_of([tmp_path / "a"]) == size_of([tmp_path / "a" / "one"]) == 1000
    (tmp_path / "to a").symlink_to(tmp_path / "a")
    assert size_of([tmp_path / "to a"]) == 0
    assert [size_text(n) for n in (0, 1_200_000, 1_249_000_000)] == ["less than 1 MB", "1 MB", "1.2 GB"]
