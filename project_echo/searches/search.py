"""Search by example: `project_echo.search`, and the command `project-echo search`."""

import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from project_echo.core.command_line import as_path
from project_echo.core.errors import EchoError
from project_echo.core.text import count

if TYPE_CHECKING:
    import pandas as pd

    from project_echo.searches.examples import Example

MATCHES = "matches.csv"
logger = logging.getLogger(__name__)


def search(
    results: str | os.PathLike[str],
    examples: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    model: str | os.PathLike[str] = "models/classifier",
    output: str | os.PathLike[str] = "search",
    top: int = 50,
    label: str = "similar",
    jobs: int = -1,
) -> "pd.DataFrame":
    """Find what sounds like some examples in the recordings of a screening that kept embeddings.

    Parameters
    ----------
    results : str, path or Results
        Folder of the results of a screening, with embeddings.
    examples : str, path, or iterable of them
        Each an audio or video file of at most a minute, a stretch of a file in seconds (``night.wav@12.5-15``), or an
        event of events.csv (``event:3``, the third). They count alike, as examples of one sound.
    model : str or path
        Folder of the classifier that screened the recordings.
    output : str or path
        Folder for matches.csv and a page to check the matches by ear. An earlier search there is replaced.
    top : int
        Most matches.
    label : str
        What the page asks about, and the label under which `collect_labels` adds accepted matches to a corpus. The
        classifier need not know it.
    jobs : int
        Cores to use; -1 for all.

    Returns
    -------
    pd.DataFrame
        The matches, the most similar first: recording, start_s, end_s and similarity, which is 0 for what is as far
        from the examples as the average of the recordings, and 1 for the average of the examples.

    Raises
    ------
    EchoError
        If the results, the model or an example cannot be used, the results have no embeddings, nothing is similar, or
        `output` contains other files.
    ValueError
        If an argument is not valid.

    Examples
    --------
    >>> import project_echo
    >>> matches = project_echo.search("results", ["owl.wav", "night.wav@12.5-15"], label="tawny_owl")
    >>> matches[matches["similarity"] > 0.5]
    """
    # Imported here, as the command line takes its defaults from above, and its --help should not wait for these.
    from project_echo.core import files  # noqa: PLC0415
    from project_echo.core.spreadsheets import write_table  # noqa: PLC0415
    from project_echo.searches.page import check_label, write_page  # noqa: PLC0415

    results, model, output = as_path(results, "results"), as_path(model, "model"), as_path(output, "output")
    given = [examples] if isinstance(examples, str | os.PathLike) else list(examples)
    if not given:
        raise ValueError("examples is empty: pass at least one")
    if top < 1:
        raise ValueError(f"top is {top}, not above 0")
    if not (jobs >= 1 or jobs == -1):
        raise ValueError(f"jobs is {jobs}, not above 0, or -1 for all cores")
    label = check_label(label)
    _check_output(output)
    matches = list_matches(results, given, model, top, jobs)
    if matches.empty:
        raise EchoError(f"Nothing in {results} is similar to the examples. Try others.")
    with files.atomic_folder(output) as temporary:
        write_table(matches, temporary / MATCHES)
        page = write_page(matches, results, model, label, temporary, jobs)
    recordings = count(matches["recording"].nunique(), "recording")
    logger.info("%s in %s: %s", _matches(len(matches)), recordings, output / MATCHES)
    logger.info("Check them by ear: open %s in a browser", output / page)
    return matches


def list_matches(
    results: Path, given: "Iterable[str | os.PathLike[str]]", model: Path, top: int, jobs: int
) -> "pd.DataFrame":
    """The table of matches; see `search`."""
    from project_echo.core.parallel import cores  # noqa: PLC0415
    from project_echo.models.classifier import load_classifier  # noqa: PLC0415
    from project_echo.reviews.events import load_journal  # noqa: PLC0415
    from project_echo.screening.results import read_results  # noqa: PLC0415
    from project_echo.searches.examples import embed_examples, find_example  # noqa: PLC0415
    from project_echo.searches.matches import find_matches  # noqa: PLC0415
    from project_echo.searches.similarity import compare_slices, embeddings_files  # noqa: PLC0415

    journal, digest = load_journal(results, model)
    paths = embeddings_files(results)
    screened = read_results(results)
    examples = [find_example(text, screened, journal) for text in given]
    query = embed_examples(examples, load_classifier(model))
    slices = compare_slices(paths, query, digest, cores() if jobs == -1 else jobs)
    own = [stretch for example in examples for stretch in _own_stretches(example, slices.names)]
    return find_matches(slices, own, top)


def _own_stretches(example: "Example", names: list[str]) -> list[tuple[str, float, float]]:
    """Where an example lies in the recordings that were screened, if it does: name, start and end, s."""
    from project_echo.screening.discovery import recording_path  # noqa: PLC0415

    start_s, end_s = example.stretch or (0.0, float("inf"))
    of_same_name = [name for name in names if recording_path(name).name == example.path.name]
    own = [name for name in of_same_name if _is_same(recording_path(name), example.path)]
    return [(name, start_s, end_s) for name in own]


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _matches(n: int) -> str:
    return f"{n:,} match" if n == 1 else f"{n:,} matches"


def _check_output(output: Path) -> None:
    """Raise EchoError if the output would replace anything but an earlier search."""
    from project_echo.searches.page import PAGE_FILES  # noqa: PLC0415

    if not output.exists():
        return
    if not output.is_dir():
        raise EchoError(f"{output} is a file. Choose a folder for the search.")
    names, expected = {path.name for path in output.iterdir()}, {MATCHES, *PAGE_FILES}
    if names and not expected <= names:
        raise EchoError(f"{output} exists and is not a search. Choose another output folder.")
    if names > expected:
        raise EchoError(f"{output} also contains {min(names - expected)}, which would be lost. Move it elsewhere.")
