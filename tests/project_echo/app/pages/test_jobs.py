"""The pages of jobs: what tells that one has ended is there until a person knows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from project_echo.app.jobs.job import Job, State, load_all, now, save
from tests.project_echo.app.server import RunningApp, StillQueue, serve
from tests.sounds import fill


@pytest.fixture
def app(tmp_path: Path) -> Iterator[RunningApp]:
    """An app in which a screening as may and another one have just ended; the second one failed."""
    workspace = tmp_path / "workspace"
    ended: list[tuple[int, str, State]] = [(1, "may", "done"), (2, "june", "failed")]
    for number, name, state in ended:
        save(_ended(number, workspace / "results" / name, state), workspace / "jobs")
    with serve(workspace, StillQueue(workspace / "jobs")) as running:
        yield running


def _ended(number: int, output: Path, state: State) -> Job:
    arguments = {"recordings": ["/nights"], "model": "/models/owls", "output": str(output)}
    return Job(
        number,
        "predict",
        arguments,
        f"Screen as {output.name}",
        state,
        now(),
        now(),
        result={"recordings": 1, "events": 2},
    )


def news(app: RunningApp) -> list[str]:
    """Numbers of the jobs that each page tells have ended, the newest first."""
    return re.findall(r"jobs/(\d+)/seen", app.get("train").text)


@pytest.mark.parametrize("page", ["jobs/1", "results?name=may"])
def test_who_has_opened_a_job_or_its_result_is_not_told_again(app: RunningApp, page: str) -> None:
    results = app.context.workspace.results / "may"
    fill(results, "events.csv")
    assert news(app) == ["2", "1"]
    app.get(page)
    assert news(app) == ["2"]
    assert {number: job.is_seen for number, job in load_all(app.context.workspace.jobs).items()} == {1: True, 2: False}
    app.context.queue.resume(2)
    assert news(app) == []


def test_results_say_nothing_of_a_job_that_failed_to_write_them(app: RunningApp) -> None:
    fill(app.context.workspace.results, "june/events.csv")
    app.get("results?name=june")
    assert news(app) == ["2", "1"]


def test_news_can_be_closed_without_scripts(app: RunningApp) -> None:
    came_from = f"{app.url}screen?folder=/a%20b&model=owls"
    closed = app.post("jobs/1/seen", Referer=came_from)
    assert (closed.status, closed.headers["location"]) == (303, came_from.removeprefix(app.origin))
    assert news(app) == ["2"]
    for other in ("http://evil.example/", f"{app.origin}//evil.example", "", f"http://evil.example{app.token}/"):
        assert app.post("jobs/2/seen", Referer=other).headers["location"] == f"/{app.token}/jobs"


def test_news_can_be_closed_while_something_is_typed(app: RunningApp, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{app.url}train")
        page.get_by_label("Name of the model").fill("foxes")
        page.get_by_role("button", name="Screen as june").click()
        expect(page.locator("#running button")).to_have_count(1)
        expect(page.get_by_label("Name of the model")).to_have_value("foxes")
    assert news(app) == ["1"]
