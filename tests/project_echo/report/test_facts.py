"""What the page says of an unseen recording."""

import pytest

from project_echo.report.facts import MAX_TIMES, facts, heard_text


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        ("cane_toad 2.0-23.1; fox 30.0-41.2", "cane toad 2.0–23.1 s; fox 30.0–41.2 s"),
        ("cane_toad 2.0-23.1, 30.0-31.2", "cane toad 2.0–23.1, 30.0–31.2 s"),
        ("barn-owl 2 1.0-2.0", "barn-owl 2 1.0–2.0 s"),
        ("", "nothing"),
        (float("nan"), "nothing"),
        (None, "nothing"),
    ],
)
def test_every_label_is_heard_at_its_times(heard: object, text: str) -> None:
    assert heard_text(heard).replace("\N{NO-BREAK SPACE}", " ") == text


def test_of_a_label_that_is_heard_often_the_first_times_are_listed() -> None:
    times = [f"{start}.0-{start}.5" for start in range(MAX_TIMES + 3)]
    text = heard_text(f"fox {', '.join(times)}; owl 1.0-2.0")
    assert text.count("–") == MAX_TIMES + 1
    assert " and 3 more; owl" in text


SUMMARY = {"label": "fox", "confidence": 0.75, "runner_up": "cane_toad", "runner_up_confidence": 0.25, "windows": 8}
SUMMARY |= {"agreement": 0.5, "longest_run": 3, "truth": "fox", "verdict": "correct", "heard": "fox 1.0-2.0"}


def test_facts_are_what_is_heard_and_how_sure_it_is() -> None:
    stated = dict(facts(SUMMARY))
    assert list(stated) == ["Heard", "Confidence", "Runner-up", "Agreement", "Truth"]
    assert (stated["Confidence"], stated["Runner-up"]) == ("0.75", "cane toad, 0.25")
    assert (stated["Agreement"], stated["Truth"]) == ("50% of 8 windows, 3 in a row", "fox (correct)")


def test_calls_that_are_found_and_false_reports_are_facts() -> None:
    stated = {"calls": 8, "calls_found": 3, "false_events": 2}
    assert all(number in dict(facts(SUMMARY | stated))["Calls"] for number in "832")
    assert "Calls" not in dict(facts(SUMMARY | dict.fromkeys(stated, "")))


def test_without_a_runner_up_or_a_truth_nothing_is_said_of_them() -> None:
    without = {**SUMMARY, "runner_up": "", "runner_up_confidence": 0.0, "truth": "", "verdict": ""}
    del without["heard"]  # of a screening by an earlier version
    assert [name for name, _ in facts(without)] == ["Heard", "Confidence", "Agreement"]
    assert facts(without)[0] == ("Heard", "nothing")
