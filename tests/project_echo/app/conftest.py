"""Apps that answer: one for each test, or one for each module whose tests leave nothing behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project_echo.app.server import RunningApp, serve


@pytest.fixture
def running_app(tmp_path: Path) -> Iterator[RunningApp]:
    """An app with an empty workspace."""
    with serve(tmp_path / "workspace") as app:
        yield app


@pytest.fixture(scope="module")
def module_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app that the tests of a module share."""
    with serve(tmp_path_factory.mktemp("app") / "workspace") as app:
        yield app
