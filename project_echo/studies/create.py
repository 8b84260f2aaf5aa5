"""Making the folder of a study, and writing it again after an upgrade of the package."""

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

from project_echo.core.errors import EchoError
from project_echo.core.files import atomic_folder, write_text
from project_echo.studies import tools
from project_echo.studies.digests import MODULES, digests, format_digests, read_digests
from project_echo.studies.parameters import change_params, renew_params
from project_echo.studies.pipeline import format_pipeline
from project_echo.studies.template import template

logger = logging.getLogger(__name__)
PIPELINE = Path("dvc.yaml")
_COPIED = ("params.yaml", "report.yaml", "thresholds.csv", ".dvcignore", "corpora")
# What a report shows as well, where there is any; git keeps no empty folder.
_EMPTY = ("experiments", "networks", "screening")
_DVC_SETTINGS = """\
[core]
    analytics = false
{scm}[cache]
    type = "hardlink,copy"
"""  # a recording is stored once in the study, and its name is a link to it
_DVC_IGNORES = "/config.local\n/tmp\n/cache\n"
_GIT_IGNORES = """\
__pycache__/
/report
/dvc_plots/
# Of a screening, track only the tables that the report reads (see .dvcignore).
/screening/*/*
!/screening/*/recordings.csv
!/screening/*/events.csv
!/screening/*/activity.csv
!/screening/*/alerts.csv
"""
_FIRST_COMMIT = (
    "git config --global user.name NAME, git config --global user.email ADDRESS, then in the study: git commit -m first"
)
_README = """\
# A study with project-echo

    dvc repro                         # runs what has changed since the last run; report/index.html shows the results
    dvc exp run -S train.C=0.1        # tries another parameter, beside the results that are committed (with git)
    dvc exp show                      # compares
    project-echo predict FOLDER --model models/classifier

params.yaml has all parameters, and names the folder of recordings. After an upgrade of project-echo, run
`project-echo new .` here, then `dvc repro`. The environment that project-echo is installed in must be active.
"""


def create_study(
    folder: Path, recordings: Path | None, changes: Mapping[str, object] | None = None, *, git: bool
) -> None:
    """Make a study: the folder in which `dvc repro` trains a classifier. It appears when it is complete.

    Parameters
    ----------
    folder : Path
        The study, a folder that does not exist or is empty.
    recordings : Path, optional
        A folder of labelled recordings (`corpora.folder`), which is only read. By default, the demo corpus.
    changes : mapping of str to object, optional
        Other parameters than those of the clone's params.yaml, by name, such as `train.C`.
    git : bool
        Whether it is a git repository as well, with which `dvc exp run` compares parameters.

    Raises
    ------
    EchoError
        If the folder is not empty, there is no such folder of recordings, the one lies in the other, a parameter is
        unknown, or git is missing or fails.
    """
    check_new(folder, recordings)
    tools.check_tools(git)
    corpus: dict[str, object] = {}
    if recordings is not None:
        corpus = dict.fromkeys(("collect.corpus", "collect.folder"), str(recordings.resolve()))
    with atomic_folder(folder.resolve()) as temporary:
        _copy_template(temporary)
        change_params(temporary, {**corpus, **(changes or {})})
        write_text(_README, temporary / "README.md")
        _write_pipeline(temporary, digests())
        settings = _DVC_SETTINGS.format(scm="" if git else "    no_scm = true\n")
        write_text(settings, temporary / ".dvc" / "config")  # all that `dvc init` does, which takes a second
        write_text(_DVC_IGNORES, temporary / ".dvc" / ".gitignore")
        if git:
            write_text(_GIT_IGNORES, temporary / ".gitignore")
            shutil.copyfile(template() / ".gitattributes", temporary / ".gitattributes")  # line ends stay as they are
            tools.run_git(temporary, "init", "--quiet")
            _commit(temporary)
        check_new(folder, recordings)  # another process may have made it meanwhile


def is_study(folder: Path) -> bool:
    """Whether a folder was made by `create_study`."""
    return (folder / MODULES).is_file() and (folder / PIPELINE).is_file() and (folder / ".dvc").is_dir()


def refresh(folder: Path) -> list[str]:
    """Write a study's files again that depend on the version of the package; nothing is written if none has changed.

    Parameters
    ----------
    folder : Path
        The study.

    Returns
    -------
    list of str
        The stages whose modules have changed, which the next `dvc repro` runs.

    Raises
    ------
    EchoError
        If it is not a study, or its params.yaml or modules.yaml is not readable.
    """
    if not is_study(folder):
        raise EchoError(f"{folder} is not a study. Make one: project-echo new.")
    before, now = read_digests(folder), digests()
    _copy_template(folder)
    renew_params(folder)
    _write_pipeline(folder, now)
    return [name for name, value in now.items() if before.get(name) != value]


def check_new(folder: Path, recordings: Path | None) -> None:
    """Check where a study is to be made (`create_study`). Raises EchoError if it is not empty, or in the recordings."""
    if is_study(folder):
        raise EchoError(f"{folder} is a study already. Its params.yaml names the recordings (collect.corpus).")
    if is_taken(folder):
        raise EchoError(f"{folder} exists and is not an empty folder. Name a new folder for the study.")
    if recordings is None:
        return
    if not recordings.is_dir():
        raise EchoError(f"{recordings} is not a folder. Name the folder that contains <label>/<recording>.")
    if overlap(folder, recordings):
        raise EchoError(
            f"{folder} and {recordings} overlap: one contains the other. Make the study beside the recordings."
        )


def is_taken(folder: Path) -> bool:
    """Whether a path exists and is not an empty folder."""
    return folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))


def overlap(first: Path, second: Path) -> bool:
    """Whether one of two folders contains the other, or they are the same."""
    first, second = first.resolve(), second.resolve()
    return first.is_relative_to(second) or second.is_relative_to(first)


def _copy_template(folder: Path) -> None:
    """Copy what a study has beside its pipeline, unless it is there: a later version may need more."""
    for name in _COPIED:
        source = template() / name
        if not (folder / name).exists():
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / name)
    for name in _EMPTY:
        if not (folder / name).exists():
            (folder / name).mkdir()
            (folder / name / ".gitkeep").touch()


def _write_pipeline(folder: Path, values: Mapping[str, str]) -> None:
    for path, text in {PIPELINE: format_pipeline(), MODULES: format_digests(values)}.items():
        if not (folder / path).is_file() or (folder / path).read_text(encoding="utf-8") != text:
            write_text(text, folder / path)


def _commit(folder: Path) -> None:
    """Commit everything, if git knows the name of who commits."""
    tools.run_git(folder, "add", ".")
    try:
        tools.run_git(folder, "var", "GIT_COMMITTER_IDENT")
    except EchoError:
        logger.warning("git does not know your name, so the study is not committed. Run: %s", _FIRST_COMMIT)
        return
    tools.run_git(folder, "commit", "--quiet", "--message", "New study")
