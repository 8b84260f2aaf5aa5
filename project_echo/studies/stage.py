"""Run a stage of a study: the script of the clone, or of the installed wheel, if it is the one that modules.yaml names.

python -m project_echo.studies.stage collect data/corpus
"""

import runpy
import sys
from pathlib import Path

from project_echo.core.errors import EchoError
from project_echo.studies import template
from project_echo.studies.digests import MODULES, digest, read_digests


def main() -> None:
    _, name, *arguments = sys.argv
    try:
        check_modules(name)
    except EchoError as error:
        sys.exit(f"error: {error}")
    script = str(template.template() / "stages" / f"{name}.py")
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


def check_modules(name: str) -> None:
    """Check that a stage of the study in the working folder runs the modules that dvc.lock will name.

    Parameters
    ----------
    name : str
        The stage.

    Raises
    ------
    EchoError
        If the package was upgraded since modules.yaml was written, or has no such stage.
    """
    known = template.stages()
    if name not in known or read_digests(Path()).get(name) != digest(known[name]):
        raise EchoError(
            f"{MODULES} is of another version of project-echo. Write it again, with what else has changed: "
            "project-echo new ."
        )


if __name__ == "__main__":
    main()
