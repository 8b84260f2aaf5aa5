import sys
from pathlib import Path

import pytest
import yaml

from project_echo.compare import plots, pull_request, revisions
from tests.project_echo.compare.conftest import copied, entered
from tests.repositories import Repository

WORKFLOW = Path(__file__).parents[3] / ".github/workflows/compare.yml"
HEADER = "| metric | before | after | change | paired 95 % interval of the change |"


def run(monkeypatch: pytest.MonkeyPatch, base: str = "main") -> None:
    monkeypatch.setattr(sys, "argv", ["pull_request", base])
    pull_request.main()


@pytest.fixture(scope="module")
def improved(ran: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = copied(ran, tmp_path_factory.mktemp("improved") / "repository")
    made.replace("params.yaml", "wrong: 1", "wrong: 0")
    made.replace("params.yaml", "'<x>'", "'a|b'")
    made.dvc("repro")
    made.commit("better")
    return made


@pytest.fixture
def better(improved: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy in which the test is, on a branch with two parameters changed, run and committed."""
    return entered(copied(improved, tmp_path / "repository"), monkeypatch)


def test_metrics_parameters_and_plots_before_and_after(
    better: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch)
    said = capsys.readouterr()
    lines = said.out.splitlines()
    shas = [better.git("rev-parse", "--short=7", name).strip() for name in ("main", "HEAD")]
    assert lines[:2] == ["<!-- compare -->", f"### From {shas[0]} to {shas[1]}"]
    table = lines[lines.index(HEADER) + 2 :]
    accuracy = "| `crossval: accuracy.mean` | 0.9500 (0.8500 to 1.0000) | 1.0000 (0.9000 to 1.0000) | +0.0500 | +0.0"
    assert table[0].startswith(accuracy)
    assert table[1].startswith("| `crossval: macro_f1.pooled` | 0.9500 | 1.0000 | +0.0500 | +0.0")
    assert table[2:4] == ["| `crossval: errors.a\\|b` | 1 | 0 | -1 |  |", ""]
    assert table[4] == "Intervals are of 95 %, those of the change paired on the 2 draws of sources that both have."
    parameters = lines[lines.index("| parameter | before | after |") + 2 :]
    assert parameters[:3] == ['| `train.a\\|b` | `"<x>"` | `"a\\|b"` |', "| `train.wrong` | `1` | `0` |", ""]
    assert lines[-1] == (
        "| `plots/crossval/curve (a).png` | ![before](pr-comment/before/plots/crossval/curve%20%28a%29.png) | "
        "![after](pr-comment/after/plots/crossval/curve%20%28a%29.png) |"
    )
    assert Path("pr-comment/before/plots/crossval/curve (a).png").read_text() == "an image of 1"
    assert Path("pr-comment/after/plots/crossval/curve (a).png").read_text() == "an image of 0"
    assert "This fails" not in said.out
    assert said.err == ""


def test_the_workflow_renews_the_comment_by_its_mark() -> None:
    step = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["comment"]["steps"][-1]["run"]
    assert f'startswith("{pull_request.MARK}")' in step
    assert "--edit-last" not in step


def test_on_github_images_are_linked_by_their_commits(better: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "people/echo")
    before, after = revisions.find("main"), revisions.find("HEAD")
    said = pull_request.comment(before, after, [])
    path = "plots/crossval/curve%20%28a%29.png?raw=true"
    assert f"![before](https://github.example/people/echo/blob/{before.sha}/{path})" in said
    assert f"![after](https://github.example/people/echo/blob/{after.sha}/{path})" in said
    assert not Path("pr-comment").exists()


def test_a_branch_that_changes_nothing_says_so_and_has_accuracy_and_macro_f1(
    clone: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.write("notes.txt", "of no stage")
    clone.commit("notes")
    run(monkeypatch, "origin/main")
    said = capsys.readouterr().out
    row = "| `crossval: macro_f1.pooled` | 0.9500 | 0.9500 | 0 | +0.0000 to +0.0000 |\n\n"
    assert row in said
    for what in ("metric", "parameter", "plot"):
        assert f"No {what} changed." in said


def test_a_metric_below_its_floor_fails_after_the_whole_comment(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.replace("params.yaml", "wrong: 1", "wrong: 4")
    repository.dvc("repro")
    repository.commit("worse")
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch)
    line = "`accuracy.mean` of `metrics/crossval.json` is 0.8000, 0.0500 below its floor of 0.85."
    assert ended.value.code == f"error: {line}"  # text, so the exit code is 1
    said = capsys.readouterr().out
    assert f"**This fails:**\n\n- {line}\n\n#### Metrics" in said
    assert "![after](pr-comment/after/plots/crossval" in said


def test_a_lower_floor_is_shown(better: Repository) -> None:
    better.replace("project_echo/compare/floors.yaml", "0.85", "0.5")
    better.commit("lower")
    said = pull_request.parameters(revisions.find("main"), revisions.find("HEAD"))
    assert "| floor of `metrics/crossval.json.accuracy.mean` | `0.85` | `0.5` |" in said


def test_a_stale_lock_and_floors_that_cannot_be_read_fail_together_in_a_clone(
    clone: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.replace("params.yaml", "wrong: 1", "wrong: 4")
    clone.write("project_echo/compare/floors.yaml", "metrics/crossval.json: {accuracy.mean: high}")
    clone.commit("a parameter, and no run")
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "origin/main")
    assert "dvc.lock is stale: `params.yaml: train.wrong` is modified (`score`)" in str(ended.value.code)
    assert "accuracy.mean = 'high' is no number" in str(ended.value.code)
    said = capsys.readouterr().out
    assert "- dvc.lock is stale" in said
    assert "| `train.wrong` | `1` | `4` |" in said


def test_a_comment_is_written_though_metrics_tables_and_parameters_cannot_be_read(
    better: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in ("metrics/crossval.json", "params.yaml"):
        better.write(path, "<<<<<<< HEAD\n")
    better.commit("the marks of a merge")
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch)
    assert "metrics/crossval.json of HEAD is not readable" in str(ended.value.code)
    said = capsys.readouterr().out
    assert said.startswith("<!-- compare -->\n### From ")
    assert "- `metrics/crossval.json of HEAD is not readable" in said
    assert "#### Metrics\n\nNot to be had: `metrics/crossval.json of HEAD is not readable" in said
    assert "#### Parameters\n\nNot to be had: `params.yaml of HEAD should hold keys and values" in said
    assert "![after](pr-comment/after/plots/crossval" in said


def test_without_the_answers_of_a_side_the_metrics_are_there(better: Repository) -> None:
    better.write("plots/crossval/answers.csv", 'a,b\n"open')
    better.commit("broken")
    said = pull_request.measured(revisions.find("main"), revisions.find("HEAD"))
    assert "| `crossval: accuracy.mean` | 0.9500 (0.8500 to 1.0000) | 1.0000 (0.9000 to 1.0000) | +0.0500 |  |" in said
    assert "No paired interval: `plots/crossval/answers.csv of HEAD is not a readable CSV table" in said


def test_a_floor_that_is_gone_fails(
    better: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    better.write("project_echo/compare/floors.yaml", "{}")
    better.commit("no floors")
    with pytest.raises(
        SystemExit, match=r"error: project_echo/compare/floors.yaml: the floor of `accuracy.mean` .* is gone"
    ):
        run(monkeypatch)
    better.git("rm", "--quiet", "project_echo/compare/floors.yaml")
    better.commit("no file of floors")
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch)
    assert str(ended.value.code).count("project_echo/compare/floors.yaml is not there") == 1


def test_a_run_that_is_not_committed_fails_as_the_metrics_are_of_the_last_commit(
    better: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    better.replace("params.yaml", "wrong: 0", "wrong: 4")
    better.dvc("repro")
    with pytest.raises(SystemExit, match=r"^error: `dvc.lock`, `params.yaml`: not committed,"):
        run(monkeypatch)
    assert "**This fails:**\n\n- `dvc.lock`, `params.yaml`: not committed, and" in capsys.readouterr().out


def test_what_is_not_committed_is_said_to_be_left_out(
    better: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    better.replace("project_echo/compare/floors.yaml", "0.85", "0.80")
    run(monkeypatch)
    assert capsys.readouterr().err == "project_echo/compare/floors.yaml: not committed, so not in the comment.\n"


def test_where_draws_differ_the_interval_is_of_those_that_both_have(
    better: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = (better.folder / "plots/crossval/answers.csv").read_text().splitlines(keepends=True)
    kept = [line for line in answers if not line.startswith("1,")]
    better.write("plots/crossval/answers.csv", "".join(kept))
    better.commit("one draw")
    before, after = revisions.find("main"), revisions.find("HEAD")
    intervals, note = pull_request.interval_of_change(before, after)
    assert set(intervals) == {"accuracy", "macro_f1"}
    assert "paired on the one draw of sources that both have, on which accuracy goes from 0.9000 to 1.0000" in note
    better.write("plots/crossval/answers.csv", "".join(kept).replace("owl", "boar"))
    better.commit("boars for owls")
    assert pull_request.interval_of_change(before, revisions.find("HEAD")) == (
        {},
        "No paired interval: the two sides have no draw of the same sources in common.",
    )
    better.git("rm", "--quiet", "plots/crossval/answers.csv")
    better.commit("no answers")
    assert "is not on both sides" in pull_request.interval_of_change(before, revisions.find("HEAD"))[1]


def test_a_base_that_is_not_here_is_named(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"error: origin/main is no commit, branch or experiment here"):
        run(monkeypatch, "origin/main")


def test_a_plot_of_one_side_has_one_image_and_of_many_the_first_are_shown(repository: Repository) -> None:
    repository.git("rm", "--quiet", "plots/crossval/same.png")
    for number in range(plots.MOST + 2):
        repository.write(f"plots/unseen/{number:03}.png", "an image")
    repository.commit("many plots")
    before, after = revisions.find("main"), revisions.find("HEAD")
    changed = plots.changed(before, after)
    said = plots.side_by_side(before, after, changed, lambda revision, path: f"{revision.name}/{path}").splitlines()
    assert said[2] == "| `plots/crossval/same.png` | ![before](main/plots/crossval/same.png) |  |"
    assert said[3] == "| `plots/unseen/000.png` |  | ![after](HEAD/plots/unseen/000.png) |"
    assert len(said) == 2 + plots.MOST + 2
    assert said[-1] == "3 more plots changed."
