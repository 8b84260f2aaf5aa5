"""Write the pages of the reference that follow from the code: the command line and the parameters.

    python -m docs.reference.generate

`make docs` runs it. A test compares the committed pages with what it would write.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from project_echo import cli
from project_echo.core.files import write_text
from stages.check import SECTIONS

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
DO_NOT_EDIT = "<!-- Written by docs/reference/generate.py; run `make docs` after a change of the code. -->\n\n"


def main() -> None:
    """Write all generated pages."""
    for name, text in pages().items():
        write_text(text, FOLDER / name)


def pages() -> dict[str, str]:
    """Text of each generated page, by the name of its file."""
    return {"command-line.md": command_line(), "parameters.md": parameters()}


def command_line() -> str:
    """The commands with their arguments and defaults, from the parser."""
    lines = [
        "# Command line\n",
        "`project-echo COMMAND --help` shows the same. Exit codes: 0 success, 1 error, 2 wrong command line, 3 alert "
        "with `--fail-on-alert`, 130 stopped with Ctrl-C.\n",
    ]
    for name, command in commands(cli.parser()):
        lines += [f"## `{name}`\n", f"{_cell(command.description or '')}\n", f"```text\n{_usage(name, command)}\n```\n"]
        lines += ["| argument | default | meaning |", "|---|---|---|"]
        lines += [_argument(action) for action in command._actions if action.help != argparse.SUPPRESS]
        if command.epilog:
            is_layout = command.formatter_class is argparse.RawDescriptionHelpFormatter
            epilog = command.epilog.strip()
            lines += ["", f"```text\n{epilog}\n```" if is_layout else epilog]
        lines.append("")
    return DO_NOT_EDIT + "\n".join(lines)


def commands(
    parser: argparse.ArgumentParser, name: str = "project-echo"
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Each command that has arguments of its own, with its whole name."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield name, parser
    for group in groups:
        for word, command in group.choices.items():
            yield from commands(command, f"{name} {word}")


def _usage(name: str, command: argparse.ArgumentParser) -> str:
    positional = [_metavar(action) for action in command._actions if not action.option_strings]
    required = [
        f"{action.option_strings[0]} {_metavar(action)}"
        for action in command._actions
        if action.required and action.option_strings
    ]
    return " ".join([name, *positional, *required, "[options]"])


def _metavar(action: argparse.Action) -> str:
    name = str(action.metavar or action.dest.upper())
    several = f"{name} [{name} ...]" if action.nargs == "+" else name
    return f"[{name}]" if action.nargs == "?" else several


def _argument(action: argparse.Action) -> str:
    takes_value = action.nargs != 0
    values = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else _metavar(action)
    names = [f"{option} {values}" if takes_value else option for option in action.option_strings] or [_metavar(action)]
    words = action.help or ""
    default = ""
    if "%(default)s" in words and action.default not in (None, argparse.SUPPRESS):
        default = f"`{action.default}`"
    words = re.sub(r" ?\(default: %\(default\)s\)", "", words) % {"prog": "project-echo"} if "%" in words else words
    return f"| {', '.join(f'`{name}`' for name in names)} | {default} | {_cell(words)} |"


def parameters() -> str:
    """The parameters of params.yaml with their defaults, comments and allowed values."""
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    defaults = yaml.safe_load(text)
    comments = _comments(text)
    lines = [
        "# Parameters\n",
        "All parameters of the pipeline are in `params.yaml`. Change them there, for one experiment with "
        "`dvc exp run -S train.C=0.1`, or for your own model with `project-echo train FOLDER --output MODEL "
        "--set train.C=0.1`.\n",
    ]
    for section, schema in SECTIONS.items():
        lines.append(f"## {section}\n")
        described = schema.model_json_schema()
        for key, value in defaults[section].items():
            allowed = _allowed(described["properties"][key], described.get("$defs", {}))
            comment = _cell(comments[f"{section}.{key}"])
            default = yaml.safe_dump(value, default_flow_style=True).splitlines()[0]
            # A heading each, which the search of the site finds.
            lines.append(f"### `{section}.{key}`\n\n{comment}\n\nDefault `{default}`; {allowed}\n")
    return DO_NOT_EDIT + "\n".join(lines)


def _comments(text: str) -> dict[str, str]:
    """The comment of each parameter by its whole name: beside the key with the following lines, or above it."""
    comments: dict[str, str] = {}
    section = name = above = ""
    for line in text.splitlines():
        key, _, comment = line.partition("#")
        if found := re.match(r"(\w+):", key):
            section, name = found[1], ""
        elif found := re.match(r"  (\w+):", key):
            name = f"{section}.{found[1]}"
            comment, above = f"{above} {comment}", ""
        elif key == "  ":
            above, comment = comment.partition(" (A comment")[0], ""  # without the note for who edits the file
        if name and comment.strip():
            comments[name] = f"{comments.get(name, '')} {comment.strip()}".strip()
    return comments


def _allowed(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Values that a JSON schema allows, in words."""
    if "$ref" in schema:
        return _allowed(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return " or ".join(_allowed(option, definitions) for option in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        items = schema.get("items") or next(iter(schema.get("prefixItems", [{"type": "number"}])))
        return f"list of {_allowed(items, definitions).replace('number', 'numbers', 1)}"
    bounds = [
        f"{words} {schema[key]:g}"
        for key, words in (
            ("exclusiveMinimum", "above"),
            ("minimum", "at least"),
            ("exclusiveMaximum", "below"),
            ("maximum", "at most"),
        )
        if key in schema
    ]
    types = {
        "integer": "whole number",
        "number": "number",
        "string": "text",
        "boolean": "`true` or `false`",
        "null": "`null`",
    }
    return " ".join([types[schema["type"]], " and ".join(bounds)]).strip()


def _cell(text: str) -> str:
    """Text in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    main()
