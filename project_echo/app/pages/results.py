"""To be written."""

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from project_echo.app.context import show


def show_page(request: Request) -> HTMLResponse:
    """The page."""
    return show(request, "pages/jobs.html", page="results")


ROUTES = [Route("/results", show_page)]
