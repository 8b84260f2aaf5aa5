"""The columns and keys in docs/reference/files.md are those of the code."""

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

import pandas as pd
import pytest

from project_echo.app.results import coordinates
from project_echo.core.validation import Schema
from project_echo.corpora import collected, partial
from project_echo.corpora.demo.description import Description
from project_echo.corpora.esc50 import Esc50
from project_echo.custom_networks.card import NetworkCard
from project_echo.datasets import copies, stated, views
from project_echo.evaluation import predictions
from project_echo.evaluation.stated_calls import COUNTS
from project_echo.models import thresholds
from project_echo.models.card import Card
from project_echo.models.windows import TIME_COLUMNS
from project_echo.report.settings import Settings
from project_echo.reviews import exchange, ledger
from project_echo.screening import clips, columns, embeddings_files, formats, output
from project_echo.screening.alerts import Rule
from project_echo.screening.summary import SUMMARY_COLUMNS
from project_echo.searches import matches
from project_echo.studies import versions
from stages import extract, segment
from tests.docs.tables import REFERENCE, names, tables

PAGE = REFERENCE / "files.md"
LABEL = "<label>"
TYPES = {str: "text", float: "number", int: "whole number"}
EVENTS = pd.DataFrame([("a.wav", "boar", 0.0, 1.0, 0.5, 0.5)], columns=list(columns.EVENTS))
RECORDINGS = pd.DataFrame({"recording": ["a.wav"], "sample_rate": [8000]})


def exported(name: str, separator: str) -> list[str]:
    (text,) = formats.FORMATS[name](EVENTS, RECORDINGS, 50.0, 4000.0).values()
    return text.splitlines()[0].split(separator)


TYPED: dict[str, Mapping[str, type]] = {
    "recordings.csv": columns.recordings([LABEL]),
    "events.csv": columns.EVENTS,
    "activity.csv": columns.ACTIVITY,
    "alerts.csv": columns.ALERTS,
    "skipped.csv": columns.SKIPPED,
    "events.csv of a review": exchange.COLUMNS,
    "matches.csv": matches.COLUMNS,
    "labels.csv of a corpus": partial.INPUT,
    ".labels.csv": ledger.COLUMNS,
    "thresholds.csv": {**thresholds.COLUMNS, thresholds.MODEL: str},
    "sites.csv": coordinates.COLUMNS,
    "data/predictions/events.csv": columns.EVENTS,
}
COLUMNS: dict[str, Sequence[str]] = {
    "windows.parquet": ["recording", *TIME_COLUMNS, LABEL],
    "clips/clips.csv": [*clips.select_events(EVENTS, 1), "file", "reason"],
    "embeddings/*.parquet": embeddings_files.SCHEMA.names,
    "raven/<recording>.Table.1.selections.txt": exported("raven", "\t"),
    "kaleidoscope/kaleidoscope.csv": exported("kaleidoscope", ","),
    "data/corpus/recordings.csv": collected.COLUMNS,
    "data/corpus/labels.csv": stated.STATED,
    "data/audio/audio.csv": [*collected.COLUMNS[:-1], *extract.RESULT[:-1]],
    "data/clips/clips.csv": segment.CLIP,
    "data/clips/dropped.csv": segment.DROPPED,
    "data/clips/labels.csv": segment.STATED,
    "data/spectrograms/copies.csv": copies.COLUMNS,
    "data/spectrograms/calls.csv": views.CALL_COLUMNS,
    "data/split.csv": [*(name for name in segment.CLIP if name not in ("start_s", "level_dbfs")), "part"],
    "data/crossval.csv": [*predictions.KEYS, LABEL],
    "data/predictions/recordings.csv": ["recording", *SUMMARY_COLUMNS, *COUNTS],
    "data/predictions/windows.csv": ["recording", *TIME_COLUMNS, LABEL],
}
SCHEMAS: dict[str, type[Schema]] = {
    "alerts.yaml": Rule,
    "corpora/esc50.yaml": Esc50,
    "corpora/demo.yaml": Description,
    "classifier.json": Card,
    "networks/<name>.yaml": NetworkCard,
    "report.yaml": Settings,
}
ELSEWHERE = {"Features", "Pooling", "Slices", "Threshold"}  # described on the page of parameters


@pytest.mark.parametrize("name", TYPED)
def test_columns_have_the_names_and_types_of_the_code(name: str) -> None:
    rows = tables(PAGE)[name]
    documented = dict(zip(names(rows, "column"), (row["type"] for row in rows), strict=True))
    assert documented == {column: TYPES[kind] for column, kind in TYPED[name].items()}
    assert list(documented) == list(TYPED[name])


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_those_of_the_code(name: str) -> None:
    assert names(tables(PAGE)[name], "column") == list(COLUMNS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_keys_are_those_of_the_schema(name: str) -> None:
    assert names(tables(PAGE)[name], "key") == list(keys(SCHEMAS[name]))


def keys(schema: type[Schema], above: str = "") -> Iterator[str]:
    """Keys of a schema, and of those in it."""
    for name, field in schema.model_fields.items():
        yield f"{above}{name}"
        for inside in parts(field.annotation):
            if inside.__name__ not in ELSEWHERE:
                yield from keys(inside, f"{above}{name}.")


def parts(annotation: object) -> list[type[Schema]]:
    """Schemas in a type such as list[Video] or Schema | None."""
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        return [annotation]
    return [schema for inner in get_args(annotation) for schema in parts(inner)]


def test_every_table_is_compared() -> None:
    of_columns = {name for name, rows in tables(PAGE).items() if "column" in rows[0] or "key" in rows[0]}
    assert of_columns == {*TYPED, *COLUMNS, *SCHEMAS}


def test_files_of_a_classifier_are_those_that_training_may_replace() -> None:
    cells = names(tables(PAGE)["A classifier"], "file")
    assert {name.strip("`") for cell in cells for name in cell.split(", ")} == versions._MODEL_FILES


def test_all_results_are_listed() -> None:
    cells = " ".join(names(tables(PAGE)["Results of a screening"], "file")).replace("`", "").replace(",", "")
    assert {name.rstrip("/") for name in cells.split()} == {*output.RESULTS, output.JOURNAL, output.LOCK}


def test_verdicts_are_those_of_the_review() -> None:
    verdicts = names(tables(PAGE)["labels.csv of a review"], "verdict")
    assert verdicts == [verdict or "(empty)" for verdict in exchange.VERDICTS]
