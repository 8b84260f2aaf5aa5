"""Screen: find the animals of a model in recordings."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from project_echo.app.context import Form, choice, context_of, field, show, start, takes_form
from project_echo.app.made_by import classifiers, made_by
from project_echo.app.workspace import Workspace, check_name
from project_echo.cli_types import threshold
from project_echo.core.errors import EchoError
from project_echo.core.files import read_json
from project_echo.core.text import join_words
from project_echo.features.config import Features
from project_echo.features.melspectrogram import window_step
from project_echo.models.card import card_digest, read_card
from project_echo.screening.journal import SETTINGS
from project_echo.screening.output import JOURNAL
from project_echo.screening.screen import find_time_zone


def show_page(request: Request) -> HTMLResponse:
    """The form."""
    context = context_of(request)
    query = request.query_params
    return show(
        request,
        "pages/screen.html",
        page="screen",
        folders=[str(folder) for folder in context.opened.all()],
        chosen=query.getlist("folder"),
        models=list(classifiers(context.workspace)),
        model=query.get("model", ""),
    )


def screen(request: Request, form: Form) -> Response:
    """Start the screening."""
    context = context_of(request)
    opened = [str(folder) for folder in context.opened.all()]
    folders = [folder for folder in form.get("folder", []) if folder in opened]
    if not folders:
        raise EchoError("Choose a folder of recordings.")
    models = classifiers(context.workspace)
    model = models[choice(form, "model", list(models), "a model")]
    name = check_name(field(form, "name"), "The name of the results")
    check_model(context.workspace, name, model)
    card = read_card(model)
    options = read_options(form, card.labels)
    check_hop(context.workspace, name, card.features, options.get("hop_seconds"))
    arguments: dict[str, Any] = {
        "recordings": folders,
        "model": str(model),
        "output": str(context.workspace.results / name),
        **options,
    }
    title = f"Screen {join_words([Path(folder).name for folder in folders])} as {name}"
    return start(request, "predict", arguments, title)


def check_model(workspace: Workspace, name: str, model: Path) -> None:
    """Check that a model may continue results of this name. Raises EchoError if another one has made them."""
    results = workspace.results / name
    before = made_by(results, workspace)
    if results.exists() and (before is None or card_digest(before.folder) != card_digest(model)):
        other = f"an earlier version of {before.name}" if before and not before.is_latest else "another model"
        raise EchoError(f"The results {name} are from {other}. Choose another name for those of this model.")


def check_hop(workspace: Workspace, name: str, features: Features, hop_s: float | None) -> None:
    """Check that results of this name, if there are any, have this step (None: a window). Raises EchoError if not."""
    journal = workspace.results / name / JOURNAL / SETTINGS
    before_s = read_json(journal).get("hop") if journal.is_file() else None
    step = window_step(features, features.window_s if hop_s is None else hop_s)
    if before_s is not None and step != window_step(features, before_s):
        raise EchoError(
            f"The results {name} have a step of {before_s:g} s between windows. Enter the same step, or choose another "
            "name."
        )


def read_options(form: Form, labels: Sequence[str]) -> dict[str, Any]:
    """Options of a screening that are not the defaults. Raises EchoError, naming the field, if one is not valid."""
    options: dict[str, Any] = {}
    if field(form, "hop"):
        options["hop_seconds"] = _number(form, "hop", "Step between windows", 0.01, 86_400)
    if field(form, "min_confidence"):
        options["min_confidence"] = _number(form, "min_confidence", "Lowest confidence", 0, 1)
    if thresholds := read_thresholds(field(form, "thresholds")):
        if unknown := sorted(thresholds.keys() - set(labels)):
            raise EchoError(f"Thresholds: the model has no label {unknown[0]}. It has {join_words(list(labels))}.")
        options["thresholds"] = thresholds
    if field(form, "clips"):
        options["clips"] = int(_number(form, "clips", "Clips of each label", 0, 1_000_000))
    if zone := field(form, "time_zone"):
        try:
            find_time_zone(zone)
        except ValueError as error:
            raise EchoError(f"Time zone: {error}.") from None
        options["time_zone"] = zone
    if field(form, "embeddings"):
        options["embeddings"] = True
    return options


def read_thresholds(text: str) -> dict[str, float]:
    """Thresholds of some labels, LABEL=P on a line each. Raises EchoError if a line is not one."""
    try:
        return dict(threshold(line.strip()) for line in text.splitlines() if line.strip())
    except argparse.ArgumentTypeError as error:
        raise EchoError(f"Thresholds: {error}.") from None


def _number(form: Form, name: str, what: str, low: float, high: float) -> float:
    text = field(form, name)
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise EchoError(f'{what} is "{text}", not a number.') from None
    if not low <= value <= high:
        raise EchoError(f"{what} is {value:g}; it must be between {low:g} and {high:g}.")
    return value


ROUTES = [Route("/screen", show_page), Route("/screen", takes_form(screen), methods=["POST"])]
