"""No code reads or writes pickles, or other files that can run code. (Dask and joblib send pickles between workers.)"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [
    path for folder in ("project_echo", "stages", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))
]
MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "shelve", "marshal", "torch"}
FUNCTIONS = {"read_pickle", "to_pickle", "read_hdf", "unsafe_load", "full_load"}  # of any module
FUNCTIONS |= {"joblib.load", "joblib.dump", "yaml.load"}
LAST_NAMES = {name.rpartition(".")[2] for name in FUNCTIONS}  # looked for first, as writing out all code takes seconds
NEVER_TRUE = {"allow_pickle"}
NEVER_FALSE = {"safe_mode", "weights_only"}


def risks(code: str) -> Iterator[str]:
    """Imports, calls and arguments that read or write files that can run code."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from [module] if module.split(".")[0] in MODULES else []
            yield from (alias.name for alias in node.names if {alias.name, f"{module}.{alias.name}"} & FUNCTIONS)
        elif isinstance(node, ast.Attribute) and node.attr in LAST_NAMES:
            yield from {node.attr, ast.unparse(node)} & FUNCTIONS
        elif isinstance(node, ast.Call):
            risky = [keyword for keyword in node.keywords if keyword.arg in NEVER_TRUE | NEVER_FALSE]
            values = {keyword.arg: ast.unparse(keyword.value) for keyword in risky}
            yield from (f"{name}={values[name]}" for name in NEVER_TRUE & values.keys() if values[name] != "False")
            yield from (f"{name}={values[name]}" for name in NEVER_FALSE & values.keys() if values[name] != "True")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_reads_or_writes_pickles(path: Path) -> None:
    assert not list(risks(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from dill import loads",
        "joblib.load(path)",
        "pd.read_pickle(path)",
        "table.to_pickle(path)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=anything)",
        "keras.models.load_model(path, safe_mode=False)",
        "yaml.load(text)",
        "read = yaml.unsafe_load",
        "from joblib import load",
        "from yaml import load as read",
        "from pandas import DataFrame, read_pickle",
        "pd.read_hdf(path)",
    ],
)
def test_a_risk_is_found(code: str) -> None:
    assert list(risks(code))


@pytest.mark.parametrize("code", ["from joblib import Parallel", "from json import load", "yaml.safe_load(text)"])
def test_safe_code_is_accepted(code: str) -> None:
    assert not list(risks(code))
