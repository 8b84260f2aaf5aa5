"""Charts of long recordings."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from project_echo.plots.palette import label_styles
from project_echo.plots.svg import css_color
from project_echo.report.field_charts import field_charts, level_text
from tests.project_echo.report.figures import colors, drawing, hovers, texts

MANY = [f"label_{n:02}" for n in range(12)]


def interval(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


def metrics(labels: list[str]) -> dict[str, Any]:
    of_label = {"recall": interval(0.75), "precision": None}
    by_snr = {"20": {"calls": 4, **interval(0.85)}, "-5": {"calls": 3, **interval(0.25)}}
    return {
        "per_label": {label: {"average_precision": 0.5} for label in labels},
        "events": {
            "calls": 7,
            "events": 9,
            "recall": interval(0.65),
            "precision": interval(0.55),
            "per_label": dict.fromkeys(labels, of_label),
            "recall_by_snr": by_snr,
        },
    }


def windows(labels: list[str]) -> pd.DataFrame:
    recall = np.linspace(0, 1, 5)
    return pd.concat(
        [pd.DataFrame({"label": label, "recall": recall, "precision": 1 - recall / 2}) for label in labels]
    )


def test_precision_and_recall_of_events_as_far_as_they_are_defined() -> None:
    events, *_ = field_charts(metrics(["boar"]), windows(["boar"]))
    assert {"all labels", "boar", "65%", "55%", "75%"} <= set(texts(events))
    assert len(hovers(events)) == 3
    assert all(text in events.summary for text in ("of 7", "of 9"))


def test_recall_is_in_the_order_of_levels_with_numbers_of_calls() -> None:
    _, by_level, _ = field_charts(metrics(["boar"]), windows(["boar"]))
    assert list(by_level.table["dB"]) == ["-5", "20"]
    assert list(by_level.table["recall"]) == [0.25, 0.85]
    assert {"3 calls", "4 calls", "25%", "85%"} <= set(texts(by_level))
    assert all(text in by_level.summary for text in ("25%", "5 dB below", "85%", "20 dB above"))


def test_more_labels_than_colors_are_told_apart_by_names_and_dashes() -> None:
    *_, curves = field_charts(metrics(MANY), windows(MANY))
    assert [text for text in texts(curves) if text.startswith("label ")] == [f"label {n:02} 0.50" for n in range(12)]
    styles = label_styles(MANY)
    assert {css_color(styles[label].color) for label in MANY} <= colors(curves)
    lines = [group.find("path") for group in drawing(curves).iter("g")]
    looks = {(line.get("stroke"), line.get("stroke-dasharray")) for line in lines if line is not None}
    assert len(looks) == 12


def test_a_label_without_windows_has_no_average_precision() -> None:
    without = metrics(["boar"]) | {"per_label": {"boar": {"average_precision": None}}}
    *_, curves = field_charts(without, windows(["boar"]))
    assert "boar" in texts(curves)


def test_levels_without_a_recall_are_left_out() -> None:
    known = metrics(["boar"])
    by_snr = known["events"]["recall_by_snr"]
    by_snr["-5"] |= {"value": None, "low": None, "high": None}
    by_snr["20"]["calls"] = 1
    _, by_level, _ = field_charts(known, windows(["boar"]))
    assert list(by_level.table["dB"]) == ["20"]
    assert {"1 call", "85%"} <= set(texts(by_level))
    assert by_level.summary.count("20 dB") == 1
    by_snr["20"] |= {"low": None}
    assert len(field_charts(known, windows(["boar"]))) == 2


@pytest.mark.parametrize(("level", "text"), [(-5.0, "5 dB below"), (20.0, "20 dB above")])
def test_levels_are_said_against_the_background(level: float, text: str) -> None:
    assert level_text(level) == text
    assert "0" not in level_text(0.0)


def test_without_long_recordings_there_are_no_charts() -> None:
    assert field_charts({"head": "dense"}, pd.DataFrame()) == []
    assert len(field_charts(metrics(["boar"]), pd.DataFrame())) == 2
