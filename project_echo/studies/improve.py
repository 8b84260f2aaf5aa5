"""Train a classifier again, with reviewed events: `project_echo.improve`, and the command `project-echo improve`."""

import os
from typing import TYPE_CHECKING

from project_echo.core.command_line import as_path
from project_echo.core.progress import OnProgress
from project_echo.studies.train import check_installed

if TYPE_CHECKING:
    from project_echo.studies.training import Trained


def improve(
    model: str | os.PathLike[str],
    review: str | os.PathLike[str],
    labels: str | os.PathLike[str],
    *,
    on_progress: OnProgress | None = None,
) -> "Trained":
    """Add reviewed events to what a classifier has learned from, train it again, and report whether it has improved.

    Parameters
    ----------
    model : str or path
        Folder of the classifier, as `train` wrote it, with its study beside it.
    review : str or path
        The review: its folder, or its page as `review` returned it.
    labels : str or path
        The table that its page exported.
    on_progress : callable, optional
        Called about once a second with a `Progress`, instead of showing the stages.

    Returns
    -------
    Trained
        Its `comparison` is on the recordings that both classifiers were tested on. The old classifier is kept in the
        study (versions/).

    Raises
    ------
    EchoError
        If there is no study beside the classifier, or a table or the events cannot be used; no event is added then. If
        a stage fails; the events are kept, and running it again continues.

    Examples
    --------
    >>> import project_echo
    >>> improved = project_echo.improve("boars", "review", "labels.csv")
    >>> improved.comparison.kind
    """
    from project_echo.studies import improving  # noqa: PLC0415  (--help should not wait for it)

    paths = as_path(model, "model"), as_path(review, "review"), as_path(labels, "labels")
    check_installed()
    return improving.improve_model(*paths, on_progress)
