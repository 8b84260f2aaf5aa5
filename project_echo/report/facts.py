"""What is stated of an unseen recording beside its caption."""

import re
from typing import Any

from project_echo.core.labels import display_name
from project_echo.core.text import count, percent
from project_echo.report.stated import stated_calls

MAX_TIMES = 6  # of a label that is heard more often, only the first times are listed
HEARD = re.compile(r"(?P<label>.+?) (?P<times>[\d.]+-[\d.]+(, [\d.]+-[\d.]+)*)")  # as screening.summary writes it


def facts(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """What is stated of a recording: names and texts.

    Parameters
    ----------
    summary : dict
        Its row of data/predictions/recordings.csv.

    Returns
    -------
    list of tuple of two str
    """
    agreement = f"{percent(summary['agreement'], 0)} of {count(summary['windows'], 'window')}"
    stated = [("Heard", heard_text(summary.get("heard")))]
    if calls := stated_calls(summary):
        stated.append(("Calls", calls.text))
    stated.append(("Confidence", f"{summary['confidence']:.2f}"))
    if summary["runner_up"]:
        stated.append(("Runner-up", f"{display_name(summary['runner_up'])}, {summary['runner_up_confidence']:.2f}"))
    stated.append(("Agreement", f"{agreement}, {summary['longest_run']} in a row"))
    if summary["verdict"]:
        stated.append(("Truth", f"{display_name(summary['truth'])} ({summary['verdict']})"))
    return stated


def heard_text(heard: object) -> str:
    """Every label that is heard in a recording, with its times, as readers see it.

    Parameters
    ----------
    heard : object
        The column `heard` of data/predictions/recordings.csv: "cane_toad 2.0-23.1, 30.0-31.2; fox 30.0-41.2". Anything
        but text is taken for nothing.

    Returns
    -------
    str
        "cane toad 2.0–23.1, 30.0–31.2 s; fox 30.0–41.2 s", or "nothing".
    """
    if not isinstance(heard, str) or not heard.strip():
        return "nothing"
    return "; ".join(_times_text(part) for part in heard.split("; "))


def _times_text(part: str) -> str:
    matched = HEARD.fullmatch(part.strip())
    if matched is None:
        return display_name(part)
    times = matched["times"].replace("-", "\N{EN DASH}").split(", ")
    more = f" and {len(times) - MAX_TIMES} more" if len(times) > MAX_TIMES else ""
    return f"{display_name(matched['label'])} {', '.join(times[:MAX_TIMES])}\N{NO-BREAK SPACE}s{more}"
