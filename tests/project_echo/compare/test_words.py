"""Metrics in words."""

import json
from pathlib import Path

import pytest

from project_echo.compare import metrics, words

ROOT = Path(__file__).parents[3]


def test_every_committed_metric_has_words_of_its_own() -> None:
    paths = sorted(ROOT.glob("metrics/*.json"))
    files = {f"metrics/{path.name}": json.loads(path.read_text(encoding="utf-8")) for path in paths}
    pairs = metrics.pair_metrics(files, files)
    texts: dict[tuple[str, str], list[words.Key]] = {}
    for key in pairs:
        term = words.term(key)
        assert term.group in words.GROUPS
        assert not term.text.startswith(f"`{Path(key[0]).stem}: "), key
        texts.setdefault((term.group, term.text), []).append(key)
    assert [keys for keys in texts.values() if len(keys) > 1] == []


def test_an_unknown_metric_is_shown_by_its_name() -> None:
    assert words.term(("metrics/field.json", "a|b")).text == "`field: a\\|b`"
    assert words.term(("metrics/field.json", "a")).group == "field"
    assert words.term(("metrics/other.json", "a")).group in words.GROUPS


def test_a_label_in_a_name_is_code() -> None:
    assert "`tree|frog`".replace("|", "\\|") in words.term(("metrics/crossval.json", "recall.tree|frog")).text


@pytest.mark.parametrize(
    ("value", "kind", "sign", "text"),
    [
        (0.849, "share", False, "84.9%"),
        (0.012, "share", True, "+1.2 points"),
        (-0.0001, "share", True, "0.0 points"),
        (141.333, "rate", False, "141.3"),
        (-50.0, "rate", True, "-50.0"),
        (0.80612, "score", False, "0.806"),
        (3, "count", False, "3"),
        (-3, "count", True, "-3"),
        (0, "count", True, "0"),
        (0.5, "count", False, "0.500"),
        (float("nan"), "count", False, "nan"),
        (float("inf"), "share", True, "inf"),
    ],
)
def test_digits_and_units(value: float, kind: words.Kind, sign: bool, text: str) -> None:
    assert words.number(value, kind, sign=sign) == text
