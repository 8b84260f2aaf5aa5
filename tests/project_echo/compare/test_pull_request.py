"""The comment on a pull request."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from project_echo.compare import floors, lock, pull_request, revisions, verdict
from tests.repositories import Repository

WORKFLOW = Path(__file__).parents[3] / ".github/workflows/compare.yml"
METRICS = "metrics/crossval.json"
CURVE = "plots/crossval/curve%20%28a%29.png"


def run(monkeypatch: pytest.MonkeyPatch, base: str = "main") -> None:
    monkeypatch.setattr(sys, "argv", ["pull_request", base])
    pull_request.main()


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split(" | ")]


@pytest.fixture
def fresh_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """dvc.lock is not stale, without asking DVC, which takes a second."""
    monkeypatch.setattr(lock, "staleness", lambda: "")


@pytest.fixture(scope="module")
def improved(first_run: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    repository = first_run.copy(tmp_path_factory.mktemp("improved") / "repository")
    repository.replace("params.yaml", "wrong: 1", "wrong: 0")
    repository.replace("params.yaml", "'<x>'", "'a|b'")
    repository.dvc("repro")
    repository.commit("better")
    return repository


@pytest.fixture
def better(improved: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy, which is the working folder, on a branch with two parameters changed, run and committed."""
    return improved.copy(tmp_path / "repository").enter(monkeypatch)


def test_verdict_parameters_metrics_and_plots(
    better: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch)
    output = capsys.readouterr()
    lines = output.out.splitlines()
    before, after = (better.git("rev-parse", "--short=7", name).strip() for name in ("main", "HEAD"))
    assert lines[0] == pull_request.MARK
    assert lines[1].startswith(f"**{verdict.OPENINGS['same']}** (20 sources)")  # a single source differs
    assert "95.0% → 100.0%" in lines[1]
    assert f"`{before}`" in lines[3]
    assert f"`{after}`" in lines[3]
    assert "2 draws of 20 sources" in lines[3]
    parameters = lines[lines.index("#### Parameters") : lines.index("#### Metrics")]
    assert '| `train.a\\|b` | `"<x>"` | `"a\\|b"` |' in parameters
    assert "| `train.wrong` | `1` | `0` |" in parameters
    table = [cells(line) for line in lines if line.startswith("| accuracy among animals |")]
    assert table[0][1:3] == ["95.0% (85.0 to 100.0)", "100.0% (90.0 to 100.0)"]
    assert table[0][3].startswith("+5.0 points (0.0 to +")
    (errors,) = [cells(line) for line in lines if line.startswith("| `crossval: errors.a")]
    assert errors[1:] == ["1.000", "0.000", "-1.000"]
    images = [f"![{side}](pr-comment/{side}/{CURVE})" for side in ("before", "after")]
    assert [cells(line) for line in lines if "![" in line] == [["`plots/crossval/curve (a).png`", *images]]
    assert Path("pr-comment/before/plots/crossval/curve (a).png").read_text() == "an image of 1"
    assert Path("pr-comment/after/plots/crossval/curve (a).png").read_text() == "an image of 0"
    assert "This fails" not in output.out
    assert output.err == ""


def test_many_parameters_are_folded(repository: Repository) -> None:
    names = [f"p{number}" for number in range(pull_request.MAX_PARAMETERS + 1)]
    repository.write("params.yaml", repository.read("params.yaml") + "".join(f"{name}: 1\n" for name in names[:-1]))
    repository.commit("parameters")
    first = pull_request.params_section(revisions.find("main"), revisions.find("HEAD"))
    assert "<details>" not in first
    repository.write("params.yaml", repository.read("params.yaml") + f"{names[-1]}: 1\n")
    repository.commit("one more")
    section = pull_request.params_section(revisions.find("main"), revisions.find("HEAD"))
    assert section.startswith(f"<details><summary>{len(names)} ")
    assert all(f"| `{name}` |  | `1` |" in section for name in names)


def test_a_comment_fits_and_says_what_was_cut(repository: Repository) -> None:
    values = {f"metric{number}": {"value": 0.5, "low": 0.25, "high": 0.75} for number in range(2000)}
    repository.write("metrics/many.json", json.dumps(values))
    repository.commit("many metrics")
    text = pull_request.comment(revisions.find("main"), revisions.find("HEAD"), ["a problem"])
    assert 60_000 < len(text) <= 65_536
    assert "- a problem" in text
    assert "#### Parameters" in text
    assert "dvc metrics diff" in text.splitlines()[-1]
    assert text.count("<details>") == text.count("</details>")


def test_the_workflow_finds_its_comment_by_the_mark() -> None:
    step = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["comment"]["steps"][-1]["run"]
    assert f'startswith("{pull_request.MARK}")' in step
    assert "--edit-last" not in step


@pytest.mark.usefixtures("better")
def test_on_github_images_are_linked_by_their_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "people/echo")
    before, after = revisions.find("main"), revisions.find("HEAD")
    text = pull_request.comment(before, after, [])
    assert f"![before](https://github.example/people/echo/blob/{before.sha}/{CURVE}?raw=true)" in text
    assert f"![after](https://github.example/people/echo/blob/{after.sha}/{CURVE}?raw=true)" in text
    assert not Path("pr-comment").exists()


@pytest.mark.usefixtures("fresh_lock")
def test_a_branch_without_changes_says_so(
    clone: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.write("notes.txt", "of no stage")
    clone.commit("notes")
    run(monkeypatch, "origin/main")
    text = capsys.readouterr().out
    assert text.splitlines()[1].startswith(f"**{verdict.OPENINGS['unchanged']}**")
    assert "95.0% (85.0 to 100.0)" in text  # folded
    assert [line for line in text.splitlines() if line.startswith("|")] == []
    for kind in ("metric", "parameter", "plot"):
        assert f"No {kind} changed." in text


@pytest.mark.usefixtures("fresh_lock")
def test_a_metric_below_its_floor_fails_after_the_whole_comment(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.replace(METRICS, '"accuracy": {"value": 0.95', '"accuracy": {"value": 0.80')
    repository.write("plots/crossval/curve (a).png", "another image")
    repository.commit("worse")
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch)
    code = str(exit_info.value.code)  # text, so the exit code is 1
    assert code.startswith("error: `accuracy` ")
    assert "\n" not in code
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("**")
    assert 1 < lines.index(f"- {code.removeprefix('error: ')}") < lines.index("#### Parameters")
    assert any(f"![after](pr-comment/after/{CURVE})" in line for line in lines)


def test_a_lower_floor_is_shown(repository: Repository) -> None:
    repository.replace(floors.FLOORS, "0.85", "0.5")
    repository.commit("lower")
    section = pull_request.params_section(revisions.find("main"), revisions.find("HEAD"))
    assert "| floor of `metrics/crossval.json.accuracy` | `0.85` | `0.5` |" in section


def test_a_stale_lock_and_floors_that_are_not_readable_both_fail(
    clone: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.replace("params.yaml", "wrong: 1", "wrong: 4")
    clone.write(floors.FLOORS, f"{METRICS}: {{accuracy: high}}")
    clone.commit("a parameter, and no run")
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch, "origin/main")
    problems = str(exit_info.value.code).splitlines()
    assert len(problems) == 2
    assert floors.FLOORS in problems[0]
    assert "'high'" in problems[0]
    assert "dvc.lock is stale: `params.yaml: train.wrong` is modified (`score`)" in problems[1]
    lines = capsys.readouterr().out.splitlines()
    assert [f"- {problem.removeprefix('error: ')}" for problem in problems] == lines[5:7]
    assert "| `train.wrong` | `1` | `4` |" in lines


def test_sections_that_are_not_readable_name_the_file_and_the_others_are_written(
    better: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (METRICS, "params.yaml"):
        better.write(path, "<<<<<<< HEAD\n")
    better.commit("merge conflicts")
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch)
    problems = str(exit_info.value.code)
    assert f"{METRICS} of HEAD" in problems
    assert "dvc status" in problems  # it reads params.yaml, too
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == pull_request.MARK
    assert lines[5].startswith(f"- `{METRICS} of HEAD")
    assert f"`{METRICS} of HEAD" in lines[lines.index("#### Metrics") + 2]
    assert "`params.yaml of HEAD" in lines[lines.index("#### Parameters") + 2]
    assert any(f"![after](pr-comment/after/{CURVE})" in line for line in lines)


@pytest.mark.usefixtures("fresh_lock")
def test_removed_floors_fail(better: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    better.write(floors.FLOORS, "{}")
    better.commit("no floors")
    with pytest.raises(SystemExit, match=f"^error: {floors.FLOORS}: .*`accuracy`"):
        run(monkeypatch)
    better.git("rm", "--quiet", floors.FLOORS)
    better.commit("no file of floors")
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch)
    assert str(exit_info.value.code).count(floors.FLOORS) == 1  # two checks read it, and both fail


@pytest.mark.usefixtures("fresh_lock")
def test_an_uncommitted_run_fails_as_the_metrics_are_those_of_the_last_commit(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in ("dvc.lock", "params.yaml", floors.FLOORS):
        repository.write(path, f"{repository.read(path)}# changed\n")
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch)
    code = str(exit_info.value.code)
    assert code.startswith("error: `dvc.lock`, `params.yaml`: ")
    assert floors.FLOORS not in code
    output = capsys.readouterr()
    assert f"\n\n- {code.removeprefix('error: ')}\n\n" in output.out
    assert output.err.startswith(f"dvc.lock, params.yaml, {floors.FLOORS}: ")


@pytest.mark.usefixtures("fresh_lock")
def test_other_uncommitted_files_are_named_and_do_not_fail(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.replace(floors.FLOORS, "0.85", "0.80")
    run(monkeypatch)
    assert capsys.readouterr().err.startswith(f"{floors.FLOORS}: ")


@pytest.mark.usefixtures("repository")
def test_an_unknown_base_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"^error: .*origin/main"):
        run(monkeypatch, "origin/main")
