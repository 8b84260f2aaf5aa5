"""The comment on a pull request."""

import sys
from pathlib import Path

import pytest
import yaml

from project_echo.compare import floors, lock, paired, plots, pull_request, revisions
from project_echo.report.experiments import PREDICTIONS
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


def test_metrics_parameters_and_plots_before_and_after(
    better: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch)
    output = capsys.readouterr()
    lines = output.out.splitlines()
    before, after = (better.git("rev-parse", "--short=7", name).strip() for name in ("main", "HEAD"))
    assert lines[0] == pull_request.MARK
    assert before in lines[1]
    assert after in lines[1]
    rows = [cells(line) for line in lines[lines.index("#### Metrics") : lines.index("#### Parameters")][4:]]
    for row, name in zip(rows, ("accuracy", "macro_f1"), strict=False):
        assert row[:2] == [f"`crossval: {name}`", "0.9500 (0.8500 to 1.0000)"]
        assert row[2:4] == ["1.0000 (0.9000 to 1.0000)", "+0.0500"]
        assert row[4].startswith("+0.0")
    assert rows[2] == ["`crossval: errors.a\\|b`", "1", "0", "-1", ""]
    assert "the 2 draws" in rows[4][0]
    parameters = lines[lines.index("#### Parameters") : lines.index("#### Plots")]
    assert '| `train.a\\|b` | `"<x>"` | `"a\\|b"` |' in parameters
    assert "| `train.wrong` | `1` | `0` |" in parameters
    images = [f"![{side}](pr-comment/{side}/{CURVE})" for side in ("before", "after")]
    assert cells(lines[-1]) == ["`plots/crossval/curve (a).png`", *images]
    assert Path("pr-comment/before/plots/crossval/curve (a).png").read_text() == "an image of 1"
    assert Path("pr-comment/after/plots/crossval/curve (a).png").read_text() == "an image of 0"
    assert "This fails" not in output.out
    assert output.err == ""


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
def test_a_branch_without_changes_shows_the_headlines_only(
    clone: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.write("notes.txt", "of no stage")
    clone.commit("notes")
    run(monkeypatch, "origin/main")
    lines = capsys.readouterr().out.splitlines()
    value = "0.9500 (0.8500 to 1.0000)"
    assert f"| `crossval: macro_f1` | {value} | {value} | 0 | +0.0000 to +0.0000 |" in lines
    assert [line.startswith("| `") for line in lines].count(True) == 2
    assert [line for line in lines if line.startswith("![")] == []
    for kind in ("metric", "parameter", "plot"):
        assert f"No {kind} changed." in "\n".join(lines)


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
    assert lines.index(f"- {code.removeprefix('error: ')}") < lines.index("#### Metrics")
    assert f"![after](pr-comment/after/{CURVE})" in lines[-1]


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
    assert f"![after](pr-comment/after/{CURVE})" in lines[-1]


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


def test_if_draws_differ_the_interval_is_that_of_the_draws_in_common(better: Repository) -> None:
    before = revisions.find("main")
    lines = better.read(PREDICTIONS).splitlines(keepends=True)
    one_draw = "".join(line for line in lines if not line.startswith("1,"))
    better.write(PREDICTIONS, one_draw)
    better.commit("one draw")
    intervals, note = pull_request.change_intervals(before, revisions.find("HEAD"))
    assert set(intervals) == {"accuracy", "macro_f1"}
    assert "the one draw" in note
    assert "accuracy goes from 0.9000 to 1.0000" in note
    better.write(PREDICTIONS, one_draw.replace("owl", "boar"))
    better.commit("boars for owls")
    intervals, note = pull_request.change_intervals(before, revisions.find("HEAD"))
    assert intervals == {}
    assert "draw" in note


def test_the_change_of_decisions_has_a_paired_interval_of_the_clips_of_animals(better: Repository) -> None:
    def decided(wrong: int) -> str:
        rows = [f"{n % 2},{label}-{n},{label}-{n},{label}" for label in ("frog", "owl") for n in range(10)]
        rows = [f"{row},{'none' if n < wrong else row.rpartition(',')[2]}" for n, row in enumerate(rows)]
        background = [f"{n % 2},hum-{n},hum-{n},none,frog" for n in range(10)]
        return "\n".join(["draw,clip,source,truth,prediction", *rows, *background])

    commits = []
    for wrong in (8, 0):
        better.write(paired.DECISIONS, decided(wrong))
        better.commit(f"{wrong} wrong decisions")
        commits.append(revisions.find("HEAD"))
    intervals, _ = pull_request.change_intervals(commits[0], commits[1])
    low, high = map(float, intervals["decided.accuracy"].split(" to "))
    assert 0 < low < 0.4 < high < 1
    intervals, _ = pull_request.change_intervals(revisions.find("main"), commits[1])  # without decisions before
    assert set(intervals) == {"accuracy", "macro_f1"}


def test_without_readable_predictions_the_metrics_have_no_interval_of_the_change(better: Repository) -> None:
    before = revisions.find("main")
    better.write(PREDICTIONS, 'a,b\n"open')
    better.commit("broken")
    section = pull_request.metrics_section(before, revisions.find("HEAD"))
    value = "0.9500 (0.8500 to 1.0000) | 1.0000 (0.9000 to 1.0000)"
    assert f"| `crossval: accuracy` | {value} | +0.0500 |  |" in section
    assert f"`{PREDICTIONS} of HEAD" in section
    better.write(PREDICTIONS, "draw,clip\n")
    better.commit("other columns")
    intervals, note = pull_request.change_intervals(before, revisions.find("HEAD"))
    assert intervals == {}
    assert "source, truth, prediction" in note
    better.git("rm", "--quiet", PREDICTIONS)
    better.commit("no predictions")
    intervals, note = pull_request.change_intervals(before, revisions.find("HEAD"))
    assert intervals == {}
    assert f"`{PREDICTIONS}`" in note


@pytest.mark.usefixtures("repository")
def test_an_unknown_base_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"^error: .*origin/main"):
        run(monkeypatch, "origin/main")


def test_a_plot_of_one_side_has_one_image_and_of_many_plots_the_first_are_shown(repository: Repository) -> None:
    repository.git("rm", "--quiet", "plots/crossval/same.png")
    for number in range(plots.MAX_PLOTS + 2):
        repository.write(f"plots/unseen/{number:03}.png", "an image")
    repository.commit("many plots")
    before, after = revisions.find("main"), revisions.find("HEAD")
    changed = plots.changed_plots(before, after)
    lines = plots.plot_table(before, after, changed, lambda revision, path: f"{revision.name}/{path}").splitlines()
    assert lines[2] == "| `plots/crossval/same.png` | ![before](main/plots/crossval/same.png) |  |"
    assert lines[3] == "| `plots/unseen/000.png` |  | ![after](HEAD/plots/unseen/000.png) |"
    assert len(lines) == 2 + plots.MAX_PLOTS + 2
    assert lines[-1].startswith("3 more plots")
