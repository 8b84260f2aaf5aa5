"""Train: a classifier from a folder of labelled recordings."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from project_echo.app.context import Form, choice, context_of, field, show, start, takes_form
from project_echo.app.made_by import earlier_versions
from project_echo.app.workspace import check_name
from project_echo.core.errors import EchoError
from project_echo.studies.create import is_study, is_taken, overlap
from project_echo.studies.settings import check_settings, parse_setting, read_params
from project_echo.studies.training import study_of
from project_echo.studies.versions import check_target


def show_page(request: Request) -> HTMLResponse:
    """The form, and the classifiers that are trained."""
    context = context_of(request)
    query = request.query_params
    return show(
        request,
        "pages/train.html",
        page="train",
        folders=[str(folder) for folder in context.opened.all()],
        chosen=query.get("folder", ""),
        models={name: list(earlier_versions(name, context.workspace)) for name in context.workspace.model_names()},
    )


def train(request: Request, form: Form) -> Response:
    """Start the training."""
    context = context_of(request)
    folders = [str(folder) for folder in context.opened.all()]
    folder = choice(form, "folder", folders, "a folder of recordings")
    name = check_name(field(form, "name"), "The name of the model")
    check_folder(name, context.workspace.models / name, Path(folder))
    arguments = {
        "recordings": folder,
        "output": str(context.workspace.models / name),
        "settings": read_settings(field(form, "settings"), context.workspace.models / name),
        "backbone": find_network(field(form, "backbone")),
    }
    return start(request, "train", arguments, f"Train {name} on {Path(folder).name}")


def check_folder(name: str, model: Path, folder: Path) -> None:
    """Check that a model may learn from a folder.

    The training checks the same, and its errors name options of the command.

    Raises
    ------
    EchoError
        If one folder contains the other, or there is a model of this name that was not trained on this folder.
    """
    study = study_of(model)
    if overlap(model, folder):
        raise EchoError(f"{folder} contains the app's own files, or lies among them. Choose another folder.")
    try:
        check_target(model, study)
    except EchoError:
        raise EchoError(
            f"There is a model {name} that was not trained here, or was changed since. Choose another name."
        ) from None
    if not is_study(study):
        if is_taken(study):
            raise EchoError(f"{study} exists, and is not of a model. Choose another name.")
        return
    before = Path(str(read_params(study)["collect"]["corpus"]))
    if before.resolve() != folder.resolve() and before.exists():
        raise EchoError(f"The model {name} was trained on {before}. Choose another name for this folder.")


def find_network(text: str) -> str | None:
    """The path of a network, which may begin with ~; None if none is stated. Raises EchoError if it is no file."""
    if not text:
        return None
    try:
        path = Path(text.strip('"')).expanduser().absolute()
        is_file = path.is_file()
    except (OSError, RuntimeError, ValueError):  # no such person, a null character
        is_file = False
    if not is_file:
        raise EchoError(f"{text} is not a file. Correct the path of your network, or leave it empty.")
    return str(path)


def read_settings(text: str, model: Path) -> dict[str, object]:
    """Parameters of the pipeline, NAME=VALUE on a line each. Raises EchoError if one is wrong or unknown."""
    try:
        settings = dict(parse_setting(line.strip()) for line in text.splitlines() if line.strip())
    except ValueError as error:
        raise EchoError(f"Parameters: {error}.") from None
    check_settings(read_params(study_of(model)), settings)
    return settings


ROUTES = [Route("/train", show_page), Route("/train", takes_form(train), methods=["POST"])]
