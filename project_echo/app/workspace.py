"""The folder of the app: models, results, reviews, and what it remembers."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from project_echo.core.errors import EchoError
from project_echo.core.names import is_portable_name
from project_echo.models.card import CARD
from project_echo.reviews.exchange import EVENTS, MEDIA
from project_echo.reviews.review import PAGE
from project_echo.studies.training import study_of

MAX_NAME = 60  # characters
MAX_BYTES = 200  # of 255: the names of folders that are being written are longer


@dataclass(frozen=True)
class Workspace:
    """What the app has written, each thing a folder with a name that a person has chosen.

    Attributes
    ----------
    folder : Path
        Absolute. It contains models/, with the studies beside them, results/, reviews/, answers/ and jobs/.
    """

    folder: Path

    @property
    def models(self) -> Path:
        """Folder of the classifiers."""
        return self.folder / "models"

    @property
    def results(self) -> Path:
        """Folder of the screenings."""
        return self.folder / "results"

    @property
    def reviews(self) -> Path:
        """Folder of the reviews."""
        return self.folder / "reviews"

    @property
    def jobs(self) -> Path:
        """Folder of what has been started."""
        return self.folder / "jobs"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one app at a time work in the folder. Raises EchoError if another one does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise EchoError(
                f"{self.folder} is in use by another project-echo app. Use that one, or name another folder."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def model_names(self) -> list[str]:
        """Classifiers that are trained."""
        return [name for name in _names(self.models) if (self.models / name / CARD).is_file()]

    def result_names(self) -> list[str]:
        """Screenings that have finished."""
        return [name for name in _names(self.results) if (self.results / name / "events.csv").is_file()]

    def review_names(self) -> list[str]:
        """Reviews that have been made."""
        return [name for name in _names(self.reviews) if is_review(self.reviews / name)]

    def answers(self, review: str) -> Path:
        """The answers to a review, not in its folder, which is replaced when it is made again; need not exist."""
        return self.folder / "answers" / f"{review}.jsonl"

    def report(self, model: str) -> Path:
        """The page that shows how good a classifier is; it need not exist."""
        return study_of(self.models / model) / "report" / "index.html"


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted((path.name for path in folder.iterdir() if path.is_dir() and is_name(path.name)), key=str.casefold)


def is_review(folder: Path) -> bool:
    """Whether a folder is one that `review` has written."""
    return all((folder / name).exists() for name in (PAGE, EVENTS, MEDIA))


def is_name(text: str) -> bool:
    """Whether a text can be the name of a model, of results or of a review: that of a folder on any system."""
    return len(text) <= MAX_NAME and len(os.fsencode(text)) <= MAX_BYTES and is_portable_name(text)


def check_name(text: str, what: str) -> str:
    """A name that a person has typed, without spaces around it. Raises EchoError if it cannot be one of a folder."""
    name = text.strip()
    if not is_name(name):
        raise EchoError(
            f'{what} cannot be "{name}". Use 1 to {MAX_NAME} letters, digits, spaces, "-" and "_", not a dot or "-" at '
            "the start."
        )
    return name
