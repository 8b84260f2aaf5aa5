"""Train a classifier on a folder of recordings: `project_echo.train`, and the command `project-echo train`."""

import importlib.util
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from project_echo.core.command_line import as_path
from project_echo.core.errors import EchoError
from project_echo.core.progress import OnProgress

if TYPE_CHECKING:
    from project_echo.studies.training import Trained

_NEEDED = ("dvc", "tensorflow", "keras", "librosa", "sklearn")


def train(
    recordings: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str],
    settings: Mapping[str, object] | None = None,
    backbone: str | os.PathLike[str] | None = None,
    on_progress: OnProgress | None = None,
) -> "Trained":
    """Train a classifier on a folder of labelled recordings, and measure how good it is.

    The pipeline runs in a study, the folder `<output>-study` beside the classifier. Running it again runs only what has
    changed, and goes on where it was stopped. Earlier classifiers are kept in the study (versions/).

    Parameters
    ----------
    recordings : str or path
        Folder that contains ``<label>/<recording>``, and background in ``none/<kind>/<recording>``. It is only read.
    output : str or path
        Folder of the classifier.
    settings : mapping of str to object, optional
        Parameters of the pipeline by name, such as ``{"train.C": 0.1}``. The study keeps them.
    backbone : str or path, optional
        A network of your own (.tflite or .onnx) with its card beside it, in place of MobileNetV2.
    on_progress : callable, optional
        Called about once a second with a `Progress`, instead of showing the stages.

    Returns
    -------
    Trained
        With the attributes model, study, report, stages and comparison.

    Raises
    ------
    EchoError
        If the recordings cannot be trained on, the output is in the way, a parameter is wrong, or a stage fails.

    Examples
    --------
    >>> import project_echo
    >>> trained = project_echo.train("recordings", output="boars")
    >>> project_echo.screen(["nights"], model=trained.model)
    """
    from project_echo.studies import training  # noqa: PLC0415  (--help should not wait for it)

    folder, model = as_path(recordings, "recordings"), as_path(output, "output")
    network = None if backbone is None else as_path(backbone, "backbone")
    check_installed()
    return training.train_folder(folder, model, settings or {}, network, on_progress)


def check_installed() -> None:
    """Check that what training needs is installed. Raises EchoError if not."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise EchoError(f"{', '.join(missing)} not installed. Training needs more: pip install 'project-echo[train]'.")
