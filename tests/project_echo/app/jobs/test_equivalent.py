"""The command line that does the same as a job, read by the parser of the commands itself."""

import shlex
import string
import sys
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo import cli
from project_echo.app.jobs.equivalent import command_line, command_words, quote_for_windows
from project_echo.app.jobs.job import Action
from project_echo.screening.screen import Format
from project_echo.studies.settings import parse_setting

parts = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=12)
paths = st.lists(parts, min_size=1, max_size=3).map(lambda names: str(Path("/", *names)))
labels = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1).filter(lambda text: text.strip())
positional_labels = labels.filter(lambda label: not label.startswith("-"))
shares = st.floats(0, 1)
names = st.builds(
    "{}.{}".format, st.text(string.ascii_lowercase, min_size=1), st.text(string.ascii_letters, min_size=1)
)
texts = st.text(string.printable, min_size=1).filter(str.strip)


def _as_read(text: str) -> object:
    try:
        return parse_setting(f"a={text}")[1]
    except ValueError:
        return text


# Any that `parse_setting` can give and JSON can hold.
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts.map(_as_read)
json_scalars = scalars.filter(lambda value: isinstance(value, str | int | float | bool | None))
values = json_scalars | st.lists(json_scalars.filter(lambda value: not isinstance(value, str)), max_size=3)

ARGUMENTS: dict[Action, tuple[dict[str, Any], dict[str, Any]]] = {
    "predict": (
        {"recordings": st.lists(paths, min_size=1, max_size=3), "model": paths, "output": paths},
        {
            "hop_seconds": st.floats(0, 86_400, exclude_min=True),
            "thresholds": st.dictionaries(labels, shares, min_size=1, max_size=3),
            "min_confidence": shares,
            "merge_gap_s": st.floats(0, 1e300),
            "labels": st.lists(positional_labels, min_size=1, max_size=3),
            "formats": st.lists(st.sampled_from(get_args(Format)), min_size=1, max_size=3),
            "clips": st.integers(0, 10**9),
            "embeddings": st.booleans(),
            "time_zone": st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"]),
            "alerts": paths,
            "jobs": st.integers(1, 64) | st.just(-1),
            "scheduler": st.just("tcp://10.0.0.1:8786"),
            "resume": st.booleans(),
        },
    ),
    "review": (
        {"results": paths, "model": paths, "output": paths},
        {"random_windows": st.integers(0, 10**9), "jobs": st.integers(1, 64) | st.just(-1)},
    ),
    "train": (
        {"recordings": paths, "output": paths},
        {"settings": st.dictionaries(names, values, max_size=3), "backbone": st.none() | paths},
    ),
    "improve": ({"model": paths, "review": paths, "labels": paths}, {}),
}
calls = st.one_of(
    *(
        st.tuples(st.just(action), st.fixed_dictionaries(required, optional=optional))
        for action, (required, optional) in ARGUMENTS.items()
    )
)


@given(calls)
def test_it_gives_the_same_arguments(call: tuple[Action, dict[str, Any]]) -> None:
    action, arguments = call
    assert _read([action, *command_words(action, arguments)]) == _defaults(action) | _plain(arguments)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Windows splits words by rules of its own")
@given(calls)
def test_a_shell_reads_it_as_it_is_meant(call: tuple[Action, dict[str, Any]]) -> None:
    action, arguments = call
    line = command_line(action, arguments)
    assert shlex.split(line) == ["project-echo", action, *command_words(action, arguments)]


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        (r"C:\nights\may", r"C:\nights\may"),
        (r"C:\may nights", r'"C:\may nights"'),
        ("C:\\a&calc\\", '"C:\\a&calc\\\\"'),  # else the prompt would run calc
        ("a^b|c", '"a^b|c"'),
        ("", '""'),
    ],
)
def test_the_prompt_of_windows_takes_each_word_for_one(word: str, quoted: str) -> None:
    assert quote_for_windows(word) == quoted


def test_it_is_short() -> None:
    arguments = {"recordings": ["/a b", "/c"], "model": "/m", "output": "/o", "hop_seconds": 2.0, "embeddings": False}
    words = command_words("predict", arguments)
    assert words == ["/a b", "/c", "--model", "/m", "--output", "/o", "--hop", "2"]
    settings = {"train.C": 1e-05, "embed.slices": [1, 2], "a.b": None, "a.c": "yes", "a.d": 0.1}
    words = command_words("train", {"recordings": "/a", "output": "/m", "settings": settings, "backbone": None})
    assert words[3::2] == ["--set"] * 5
    assert words[4::2] == ["train.C=1.0e-05", "embed.slices=[1, 2]", "a.b=null", "a.c='yes'", "a.d=0.1"]


def _read(words: list[str]) -> dict[str, Any]:
    """Arguments as the command gives them to the function."""
    arguments = _plain(vars(_parser().parse_args(words)))
    for own in ("run", "fail_on_alert"):
        arguments.pop(own, None)
    for name in ("thresholds", "settings"):
        if isinstance(arguments.get(name), list):
            arguments[name] = dict(arguments[name])
    return arguments


@cache
def _parser() -> Any:
    return cli.parser()


@cache
def _defaults(action: Action) -> dict[str, Any]:
    required = dict.fromkeys(ARGUMENTS[action][0], "/x")
    return _read([action, *command_words(action, required)])


def _plain(value: Any) -> Any:
    """Paths and time zones as the text that they are in JSON."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
