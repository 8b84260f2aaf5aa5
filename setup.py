"""A wheel holds what studies are made from as well: the pipeline, its parameters and its scripts (studies/template.py).

All else is in pyproject.toml, which cannot say that files at the top of the sources belong in a folder of a package.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

TEMPLATE = Path("project_echo/studies/template")
FILES = ["dvc.yaml", "params.yaml", "report.yaml", "thresholds.csv", ".dvcignore", ".gitattributes"]
FOLDERS = {"corpora": "*.yaml", "stages": "*.py"}


class BuildPy(build_py):
    """Copies the files into the wheel; an editable installation finds them where they are."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for name in template_files():
                target = Path(self.build_lib, TEMPLATE, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                self.copy_file(name, str(target))

    def get_source_files(self) -> list[str]:
        """What an archive of the sources holds, of which a wheel can be built."""
        return [*super().get_source_files(), *template_files()]


def template_files() -> list[str]:
    found = [path for folder, pattern in FOLDERS.items() for path in sorted(Path(folder).glob(pattern))]
    return [*FILES, *(path.as_posix() for path in found)]


setup(cmdclass={"build_py": BuildPy})
