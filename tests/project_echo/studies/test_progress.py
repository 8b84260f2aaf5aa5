"""What a run shows of its stages, and how much time it says is left."""

import io

import pytest
import yaml

from project_echo.studies.progress import COLUMNS, STAGES, StageProgress, TimeLeft
from project_echo.studies.run import TARGETS
from project_echo.studies.template import template


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_stages_are_those_that_the_targets_need_in_an_order_that_they_can_run_in() -> None:
    stages = yaml.safe_load((template() / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    written = {}
    for name, stage in stages.items():
        for out in (*stage.get("outs", []), *stage.get("metrics", [])):
            written[out if isinstance(out, str) else next(iter(out))] = name
    needed, open_stages = set(), list(TARGETS)
    while open_stages:
        name = open_stages.pop()
        needed.add(name)
        reads = stages[name].get("deps", [])
        before = {
            of for path, of in written.items() for dep in reads if f"{path}/".startswith(f"{dep}/") or path == dep
        }
        open_stages += before - needed
    assert list(STAGES) == [name for name in stages if name in needed]


def test_each_stage_has_a_line_with_its_number_and_the_time_left() -> None:
    now, stream = [0.0], io.StringIO()
    progress = StageProgress(10, stream=stream, clock=lambda: now[0], stages=("check", "collect", "train"))
    progress.skipped("check")
    progress.started("collect")
    now[0] += 5
    progress.tick()  # only on a terminal
    progress.started("train")
    progress.ended()
    lines = stream.getvalue().splitlines()
    assert [line.split("]")[0] for line in lines] == ["[ 2/3", "[ 3/3"]
    assert all("about" in line for line in lines)
    assert progress.ran == ["collect", "train"]


def test_on_a_terminal_one_line_changes_and_goes() -> None:
    stream = Terminal()
    progress = StageProgress(10, stream=stream)
    for stage in STAGES:
        progress.started(stage)
        progress.tick()
    progress.ended()
    shown = stream.getvalue().split("\r")
    assert "\n" not in stream.getvalue()
    assert {len(line) for line in shown[1:-1]} == {COLUMNS}
    assert all("left" in line for line in shown[1:-2])
    assert all(stage.words in stream.getvalue() for stage in STAGES.values())  # none is cut
    assert not shown[-2].strip()


def test_the_time_left_follows_the_speed_of_the_machine() -> None:
    fast, slow = TimeLeft(60), TimeLeft(60)
    begin = fast.left_s()
    for stage in ("check", "collect", "extract", "segment", "spectrograms"):
        fast.ended(stage, fast.expected_s(stage))
        slow.ended(stage, 3 * slow.expected_s(stage))
    rest = sum(fast.expected_s(stage) for stage in fast.stages)
    assert fast.left_s() == pytest.approx(rest) and rest < begin
    assert 1.5 * rest < slow.left_s() < 3 * rest
    assert fast.left_s("crossval", 2.0) == pytest.approx(rest - 2.0)
    assert fast.left_s("crossval", 1e6) == pytest.approx(
        rest - fast.expected_s("crossval")
    )  # never less than the others
    fast.ended("crossval", None)
    assert fast.left_s() < rest
