"""Improve: train a model again with the answers of a review."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from project_echo.app.context import Form, choice, context_of, show, start, takes_form
from project_echo.app.reviewed import find_reviews, write_labels
from project_echo.core.errors import EchoError
from project_echo.studies.settings import read_params
from project_echo.studies.training import study_of
from project_echo.studies.versions import check_target


def show_page(request: Request) -> HTMLResponse:
    """The reviews that have answers, and what was improved."""
    context = context_of(request)
    return show(
        request,
        "pages/improve.html",
        page="improve",
        reviews=[review for review in find_reviews(context.workspace) if review.answered],
        chosen=request.query_params.get("review", ""),
        improved=[job for job in context.queue.all() if job.action == "improve" and job.state == "done"],
    )


def improve(request: Request, form: Form) -> Response:
    """Start the training with the answers as they are now."""
    context = context_of(request)
    reviews = {review.name: review for review in find_reviews(context.workspace)}
    name = choice(form, "review", list(reviews), "a review")
    classifier = reviews[name].model
    if classifier is None:
        raise EchoError(f"The model that made the results {name} is no longer here. Screen again with one that is.")
    check_model(context.workspace.models / classifier.name)
    labels = write_labels(context.workspace, name)
    arguments = {
        "model": str(context.workspace.models / classifier.name),
        "review": str(context.workspace.reviews / name),
        "labels": str(labels),
    }
    return start(request, "improve", arguments, f"Improve {classifier.name} with the review of {name}")


def check_model(model: Path) -> None:
    """Check that a model can be trained again; the job's own errors name commands. Raises EchoError if it cannot."""
    study = study_of(model)
    try:
        check_target(model, study)
        folder = Path(str(read_params(study)["collect"]["corpus"]))
    except EchoError:
        raise EchoError(
            f"{model.name} cannot be improved, as its study {study.name} is missing in {study.parent} or is of "
            "another model. Train a new model on the page Train."
        ) from None
    if not folder.is_dir():
        raise EchoError(
            f"{folder} does not exist, from which {model.name} has learned. Connect its disk; or if it has moved, "
            f"train {model.name} on the new folder first, on the page Train."
        )


ROUTES = [Route("/improve", show_page), Route("/improve", takes_form(improve), methods=["POST"])]
