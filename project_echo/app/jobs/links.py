"""Where to go from a job that is done."""

from pathlib import Path
from typing import Any

from project_echo.app.jobs.job import Job, written
from project_echo.app.workspace import Workspace

Step = tuple[str, str, dict[str, Any]]  # title, path of the page, query


def next_steps(job: Job, workspace: Workspace) -> list[Step]:
    """Links to what a job has made, and to what to do with it, the most likely one first."""
    if job.state != "done" or not Path(str(written(job))).exists():
        return []
    if job.action in ("train", "improve"):
        model = Path(job.arguments["output"] if job.action == "train" else job.arguments["model"]).name
        steps: list[Step] = [("See the report", f"models/{model}/report/index.html", {})]
        return [*steps, ("Screen recordings with it", "screen", {"model": model})]
    if job.action == "predict":
        name = Path(job.arguments["output"]).name
        return [
            ("See the results", "results/files" if job.arguments.get("formats") else "results", {"name": name}),
            ("Review events", "review", {"results": name}),
        ]
    name = Path(job.arguments["output"]).name
    return [("Review", f"reviews/{name}/index.html", {})]
