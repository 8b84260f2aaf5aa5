"""Jobs on disk: what was started is found again, whatever has become of its file."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from project_echo.app.jobs.job import Job, load_all, now, numbers, path_of, save
from project_echo.core.progress import Progress

DONE = Job(
    number=3,
    action="predict",
    arguments={"recordings": ["/Ünd/a b"], "hop_seconds": 0.5, "embeddings": True},
    title="Screen “a b” as may",
    state="done",
    started_at=now(),
    ended_at=now(),
    progress=Progress(1.0, "writing", None),
    messages=(("info", "10 recordings"), ("warning", "1 skipped")),
    result={"events": 7},
)


def test_a_job_that_has_ended_is_read_as_it_was(tmp_path: Path) -> None:
    save(DONE, tmp_path)
    failed = replace(DONE, number=12345, state="failed", error="No labels.", progress=None, messages=())
    save(failed, tmp_path)
    assert load_all(tmp_path) == {3: DONE, 12345: failed}
    assert load_all(tmp_path / "not-there") == {}


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_job_that_had_not_ended_is_interrupted_and_can_be_continued(tmp_path: Path, state: Any) -> None:
    save(replace(DONE, state=state, ended_at=""), tmp_path)
    job = load_all(tmp_path)[3]
    assert (job.state, job.can_continue, job.is_open) == ("interrupted", True, False)
    assert job.ended_at
    assert job.messages == DONE.messages


WRONG: list[Any] = [[], None, 7, "x", {}, {"number": "three"}, {"state": "sleeping"}, {"action": "search"}]
WRONG += [{"arguments": []}, {"progress": [1]}, {"messages": [["info"]]}, {"number": 4}, {"title": None}]


@pytest.mark.parametrize("change", WRONG)
def test_a_damaged_file_or_one_of_a_later_version_is_left_out_and_left_alone(tmp_path: Path, change: Any) -> None:
    save(replace(DONE, number=1), tmp_path)
    save(DONE, tmp_path)
    path = path_of(3, tmp_path)
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, **change} if change and isinstance(change, dict) else change), "utf-8")
    before = path.read_bytes()
    assert load_all(tmp_path).keys() == {1}
    assert numbers(tmp_path) == [1, 3]  # so that no other job takes its place
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"null\0"])
def test_a_file_cut_short_is_left_out(tmp_path: Path, content: bytes) -> None:
    save(DONE, tmp_path)
    path_of(3, tmp_path).write_bytes(content)
    (tmp_path / "0004.json").mkdir()
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    (tmp_path / ".writing-0005.json").write_text("{}", encoding="utf-8")
    assert load_all(tmp_path) == {}
    assert numbers(tmp_path) == [3, 4]


def test_what_a_later_version_adds_does_no_harm(tmp_path: Path) -> None:
    save(DONE, tmp_path)
    path = path_of(3, tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"priority": 1}), encoding="utf-8")
    assert load_all(tmp_path) == {3: DONE}
