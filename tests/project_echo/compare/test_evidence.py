"""What a verdict rests on."""

import json

from project_echo.compare import field, paired, revisions, words
from project_echo.compare.evidence import Evidence, gather
from project_echo.report.experiments import PREDICTIONS
from tests.repositories import Repository

METRICS = "metrics/crossval.json"


def evidence(before: str = "main") -> Evidence:
    return gather(revisions.find(before), revisions.find("HEAD"))


def change_params(repository: Repository, text: str) -> str:
    repository.write("params.yaml", repository.read("params.yaml") + text)
    return repository.commit("parameters")


def write_field(repository: Repository, false_events: int, start_s: float = 10.0) -> str:
    names = [f"fold{number}_00" for number in range(10)]
    truth = [f"{name},owl,owl-{name},{start_s},{start_s + 5},5" for name in names]
    events = [f"{name},owl,{start_s},{start_s + 4}" for name in names]
    events += [f"{name},owl,40,44" for name in names[:false_events]]
    repository.write(field.TRUTH, "\n".join(["recording,label,source,start_s,end_s,snr_db", *truth]))
    repository.write(field.EVENTS, "\n".join(["recording,label,start_s,end_s", *events]))
    return repository.commit(f"{false_events} false events, calls at {start_s} s")


def write_decisions(repository: Repository, wrong: int, background_wrong: int) -> str:
    rows = [f"{n % 2},{label}-{n},{label}-{n},{label}" for label in ("frog", "owl") for n in range(10)]
    rows = [f"{row},{'none' if n < wrong else row.rpartition(',')[2]}" for n, row in enumerate(rows)]
    rows += [f"{n % 2},hum-{n},hum-{n},none,{'frog' if n < background_wrong else 'none'}" for n in range(10)]
    repository.write(paired.DECISIONS, "\n".join(["draw,clip,source,truth,prediction", *rows]))
    metrics = json.loads(repository.read(METRICS))
    repository.write(METRICS, json.dumps(metrics | {"decided": {"accuracy": 1 - wrong / 20}}))
    return repository.commit(f"{wrong} wrong decisions")


def test_the_field_is_paired_by_recording_and_source(repository: Repository) -> None:
    change_params(repository, "field: {duration_s: 60, recordings: 1}\n")
    before = write_field(repository, 8)
    write_field(repository, 1)
    found = evidence(before)
    assert found.changes[words.FALSE_EVENTS].value == -42.0
    assert found.changes[words.FOUND].value == 0
    assert {f"owl-fold{number}_00" for number in range(10)} <= found.sources
    assert any("10 calls of 10 sources in the same 10 recordings" in note for note in found.notes)


def test_recordings_with_other_calls_are_not_paired(repository: Repository) -> None:
    change_params(repository, "field: {duration_s: 60, recordings: 1}\n")
    before = write_field(repository, 8)
    write_field(repository, 8, start_s=12.0)
    found = evidence(before)
    assert words.FALSE_EVENTS not in found.changes
    assert words.ACCURACY in found.changes
    assert any(note.startswith("The field") for note in found.notes)


def test_a_field_of_one_commit_is_named(repository: Repository) -> None:
    change_params(repository, "field: {duration_s: 60, recordings: 1}\n")
    write_field(repository, 8)
    assert any("field" in note and "only after" in note for note in evidence().notes)


def test_decisions_on_animals_and_on_background(repository: Repository) -> None:
    before = write_decisions(repository, 8, 1)
    write_decisions(repository, 0, 9)
    found = evidence(before)
    assert round(found.changes[words.DECIDED].value, 6) == 0.4
    assert found.changes[words.DECIDED].low > 0
    assert round(found.changes[words.FALSE_POSITIVES].value, 6) == 0.8
    assert len(found.sources) == 30
    only_after = evidence()
    assert words.DECIDED not in only_after.changes
    assert words.ACCURACY in only_after.changes
    assert any("only after" in note for note in only_after.notes)


def test_draws_that_both_have_are_compared(repository: Repository) -> None:
    lines = repository.read(PREDICTIONS).splitlines(keepends=True)
    one_draw = "".join(line for line in lines if not line.startswith("1,"))
    repository.write(PREDICTIONS, one_draw)
    repository.commit("one draw")
    found = evidence()
    assert found.changes[words.ACCURACY].after == 0.9
    assert any("2 draws before and 1 after" in note for note in found.notes)
    repository.write(PREDICTIONS, one_draw.replace("owl", "boar"))
    repository.commit("boars for owls")
    found = evidence()
    assert found.changes == {}
    assert found.obstacle


def test_other_corpora_cannot_be_compared(repository: Repository) -> None:
    repository.write("corpora/a.yaml", "seed: 1")
    before = change_params(repository, "collect: {corpus: corpora/a.yaml}\n")
    repository.write("corpora/a.yaml", "seed: 1  # a comment")
    repository.commit("a comment")
    assert not evidence(before).obstacle
    repository.write("corpora/a.yaml", "seed: 2")
    repository.commit("another seed")
    assert "`corpora/a.yaml`" in evidence(before).obstacle
    repository.replace("params.yaml", "corpora/a.yaml", "recordings")
    repository.commit("a folder")
    obstacle = evidence(before).obstacle
    assert "`corpora/a.yaml`" in obstacle
    assert "`recordings`" in obstacle
    assert evidence(before).changes == {}


def test_heads_that_differ_are_named(repository: Repository) -> None:
    repository.replace("params.yaml", "train: {", "train: {head: dense, ")
    before = repository.commit("dense")
    repository.replace("params.yaml", "head: dense", "head: logistic")
    repository.commit("logistic")
    (note,) = [note for note in evidence(before).notes if "head" in note]
    assert note.index("`dense`") < note.index("`logistic`")
    change_params(repository, "collect: {corpus: recordings}\n")
    found = evidence(before)
    assert found.obstacle
    assert note in found.notes


def test_tables_that_are_not_readable_are_named(repository: Repository) -> None:
    repository.write(PREDICTIONS, 'a,b\n"open')
    repository.commit("broken")
    found = evidence()
    assert found.obstacle
    assert any(f"`{PREDICTIONS} of HEAD" in note for note in found.notes)
    repository.write(PREDICTIONS, "draw,clip\n")
    repository.commit("other columns")
    assert any("source, truth, prediction" in note for note in evidence().notes)
    repository.git("rm", "--quiet", PREDICTIONS)
    repository.commit("no predictions")
    assert any(f"`{PREDICTIONS}` after" in note for note in evidence().notes)
