"""Nothing that is read can run code: no pickles, in no disguise. (Dask and joblib send them among trusted workers.)"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [
    path
    for folder in ("project_echo", "stages", "compare", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "shelve", "marshal", "torch"}
FUNCTIONS = {"read_pickle", "to_pickle", "read_hdf", "unsafe_load", "full_load"}  # whatever module they are of
FUNCTIONS |= {"joblib.load", "joblib.dump", "yaml.load"}
NEVER_TRUE = {"allow_pickle"}
NEVER_FALSE = {"safe_mode", "weights_only"}


def risks(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from [module] if module.split(".")[0] in MODULES else []
            yield from (alias.name for alias in node.names if {alias.name, f"{module}.{alias.name}"} & FUNCTIONS)
        elif isinstance(node, ast.Attribute) and (node.attr in FUNCTIONS or ast.unparse(node) in FUNCTIONS):
            yield ast.unparse(node)
        elif isinstance(node, ast.Call):
            said = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            yield from (f"{name}={said[name]}" for name in NEVER_TRUE & said.keys() if said[name] != "False")
            yield from (f"{name}={said[name]}" for name in NEVER_FALSE & said.keys() if said[name] != "True")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_reads_or_writes_what_may_run_code(path: Path) -> None:
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
def test_what_may_run_code_is_found(code: str) -> None:
    assert list(risks(code))


@pytest.mark.parametrize("code", ["from joblib import Parallel", "from json import load", "yaml.safe_load(text)"])
def test_what_runs_none_is_passed_over(code: str) -> None:
    assert not list(risks(code))
