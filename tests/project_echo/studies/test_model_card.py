"""The model card has metadata that a hub reads, and the figures of the metrics."""

from pathlib import Path

import pytest
import yaml

from project_echo.core.files import read_json
from project_echo.models.card import CustomBackbone, read_card
from project_echo.report.corpus import Amount, Corpus, Origin
from project_echo.studies.model_card import format_model_card
from project_echo.studies.outcome import figure_rows
from tests.conftest import LABELS
from tests.project_echo.conftest import ROOT

CROSSVAL, FIELD, EVALUATE = (read_json(ROOT / "metrics" / f"{name}.json") for name in ("crossval", "field", "evaluate"))
CORPUS = Corpus(
    Origin("pond", "of a pond"),
    [*(Amount(label, 12, 10, 12) for label in LABELS), Amount("none", 5, 5, 5, "rain", is_background=True)],
    unseen=0,
    unseen_length="",
    skipped=0,
)


def test_its_metadata_and_tables_hold_what_was_measured(by_pitch_or_none: Path) -> None:
    card = read_card(by_pitch_or_none)
    text = format_model_card("boars", card, CORPUS, CROSSVAL, FIELD, EVALUATE)
    _, front, page = text.split("---\n", 2)
    metadata = yaml.safe_load(front)
    (result,) = metadata["model-index"][0]["results"]
    assert result["metrics"][0]["value"] == pytest.approx(CROSSVAL["decided"]["accuracy"]["value"], abs=1e-3)
    for what, value, note in figure_rows(CROSSVAL, FIELD):
        assert f"| {what} | {value} | {note} |" in page
    for label in LABELS:
        assert f"| {label} | 12 | 10 | 0.50 |" in page
    assert "Google" in page


def test_it_names_the_licence_of_a_custom_network(by_pitch_or_none: Path) -> None:
    card = read_card(by_pitch_or_none).model_copy(update={"backbone": CustomBackbone(name="Owl Net", licence="CC BY")})
    text = format_model_card("boars", card, CORPUS, CROSSVAL, FIELD, EVALUATE)
    assert "Owl Net (CC BY)" in text and "Google" not in text
