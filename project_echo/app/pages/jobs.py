"""Jobs: what runs, what has ended, and each one with its progress, messages and command."""

from pathlib import Path
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from project_echo.app.context import Context, context_of, go, show
from project_echo.app.deletion import Kind, find_deletion
from project_echo.app.jobs.equivalent import command_line
from project_echo.app.jobs.job import Job, written
from project_echo.app.jobs.links import next_steps
from project_echo.app.results.exports import find_screening
from project_echo.core.errors import EchoError


def list_jobs(request: Request) -> HTMLResponse:
    """All jobs, the newest first."""
    return show(request, "pages/jobs.html", page="jobs")


def show_running(request: Request) -> HTMLResponse:
    """What runs or waits, as part of each page."""
    return show(request, "pages/running.html", page="")


def show_job(request: Request) -> HTMLResponse:
    """A job: how it goes, what it said, and where its results are."""
    context_of(request).queue.see(_job(request).number)
    return _show(request, "pages/job.html")


def show_state(request: Request) -> HTMLResponse:
    """The part of the page of a job that changes while it runs."""
    return _show(request, "pages/job_state.html", is_part=True)


def stop(request: Request) -> Response:
    """Stop a job."""
    job = _job(request)
    context_of(request).queue.stop(job.number)
    return go(request, f"jobs/{job.number}")


def resume(request: Request) -> Response:
    """Continue a job that has ended before it was done."""
    job = _job(request)
    context_of(request).queue.resume(job.number)
    return go(request, f"jobs/{job.number}")


def remove(request: Request) -> Response:
    """Forget a job."""
    job = _job(request)
    if kept := kept_for(job, context_of(request)):
        kind, name = kept
        raise EchoError(f"The {kind} {name} can be exported or continued only with this job. Delete the {kind} first.")
    context_of(request).queue.remove(job.number)
    return go(request, "jobs")


def kept_for(job: Job, context: Context) -> tuple[Kind, str] | None:
    """Kind and name of what a person would lose sight of without this job; None if there is nothing.

    These are results that are exported with its settings, and what it has written before it was stopped or has failed,
    which only the job can continue and no page lists.
    """
    workspace, output = context.workspace, Path(str(written(job)))
    kind: Kind = "results" if job.action == "predict" else "model"
    finished = workspace.result_names() if kind == "results" else workspace.model_names()
    if job.state == "done":
        is_last = find_screening(context.queue.all(), output) == job
        return (kind, output.name) if is_last and output.name in finished else None
    is_left = output.name not in finished and find_deletion(kind, output.name, workspace) is not None
    return (kind, output.name) if is_left and job.action != "review" else None  # a review is made whole or not at all


def see(request: Request) -> Response:
    """Close what tells that a job has ended; the page that shows it stays."""
    context_of(request).queue.see(_job(request).number)
    return _go_back(request)


def _go_back(request: Request) -> Response:
    """Go to the page of the app from which a form was sent."""
    came_from = urlsplit(request.headers.get("referer", ""))
    root = f"{request.scope['root_path']}/"
    if not came_from.path.startswith(root):
        return go(request, "jobs")
    query = f"?{came_from.query}" if came_from.query else ""
    return RedirectResponse(f"{came_from.path}{query}", 303)


def _show(request: Request, template: str, *, is_part: bool = False) -> HTMLResponse:
    job = _job(request)
    command = command_line(job.action, job.arguments)
    steps = next_steps(job, context_of(request).workspace)
    kept = None if job.is_open else kept_for(job, context_of(request))
    return show(request, template, page=job.action, job=job, command=command, steps=steps, kept=kept, is_part=is_part)


def _job(request: Request) -> Job:
    job = context_of(request).queue.get(int(request.path_params["number"]))
    if job is None:
        raise HTTPException(404)
    return job


ROUTES = [
    Route("/jobs", list_jobs),
    Route("/jobs/running", show_running),
    Route("/jobs/{number:int}", show_job),
    Route("/jobs/{number:int}/state", show_state),
    Route("/jobs/{number:int}/stop", stop, methods=["POST"]),
    Route("/jobs/{number:int}/resume", resume, methods=["POST"]),
    Route("/jobs/{number:int}/seen", see, methods=["POST"]),
    Route("/jobs/{number:int}/remove", remove, methods=["POST"]),
]
