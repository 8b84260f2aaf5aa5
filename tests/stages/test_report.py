"""The report stage, and its page in a real browser: labels with markup, a video, a sound, a screening."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from project_echo.core import files, spreadsheets
from project_echo.core.errors import EchoError
from project_echo.core.tables import read_table, write_table
from project_echo.media.track import choose_track, to_row
from project_echo.models import classifier
from project_echo.plots import palette
from project_echo.report import single_file
from project_echo.screening import columns
from project_echo.screening.recording import screen_samples
from stages import report
from tests.browser import HEIGHT, WIDTH, accessibility_violations, no_problems, open_page
from tests.conftest import LABELS
from tests.project_echo.report.experiments import write_experiment
from tests.sounds import FEATURES, encode, tone

ROOT = Path(__file__).parents[2]
LOW, HIGH = LABELS
RATE = FEATURES.sample_rate
INPUTS = ("corpus", "audio", "clips", "spectrograms", "predictions", "model")
INPUTS += ("metrics", "plots/crossval", "plots/evaluate", "plots/field", "experiments", "screening", "report.yaml")
MARKUP = "<img src=x onerror=alert(1)>"  # the name of a folder


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, by_pitch_or_none: Path) -> Iterator[Path]:
    """The working folder, with all that the stage reads; a video is low for two seconds, then high."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "params.yaml").write_text((ROOT / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    files.write_text("layout: demo", folder / "corpora/demo.yaml")
    (folder / "model").symlink_to(by_pitch_or_none)
    write_recordings(folder)
    write_clips(folder)
    write_predictions(folder)
    write_screening(folder / "screening" / MARKUP)
    write_screening(folder / "screening" / "others", label="owl")
    write_scores(folder)
    files.write_text(f"author: {MARKUP}\ncaptions: {{film.mp4: A film of two tones.}}", folder / "report.yaml")
    for name, n_errors in (("baseline", 5), ("rerun", 1)):
        write_experiment(folder / "experiments" / name, {"train": {"head": name}}, n_errors)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


@pytest.fixture(scope="module")
def html(workspace: Path) -> Path:
    return run_stage(workspace, workspace / "report")


@pytest.fixture(scope="module")
def opened(html: Path, browser: Browser) -> Iterator[Page]:
    """The page, opened once for all tests of this module."""
    with open_page(browser, html) as page:
        yield page


@pytest.fixture
def page(opened: Page) -> Iterator[Page]:
    """The page, without problems during the test; its players are at the start again afterwards."""
    with no_problems(opened):
        yield opened
        opened.emulate_media(media="screen", color_scheme="light")
        opened.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        opened.evaluate("document.querySelectorAll('video, audio').forEach((media) => { media.currentTime = 0; })")


def run_stage(workspace: Path, output: Path, **inputs: Path) -> Path:
    """Run the stage on the workspace, or on other inputs where given; returns the page."""
    report.main(*(inputs.get(name, workspace / name) for name in INPUTS), output)
    return output / "index.html"


def write_recordings(folder: Path) -> None:
    """What collect and extract write."""
    (folder / "corpus/unseen/pond").mkdir(parents=True)
    encode(folder / "corpus/unseen/film.mp4", np.concatenate([tone(300, 2), tone(3000, 2)]), pictures_s=4)
    encode(folder / "corpus/unseen/pond/call #1 & 2%.ogg", tone(3000, 2))
    film = np.concatenate([tone(300, 2, RATE), tone(3000, 2, RATE)])
    files.write_sound(film, RATE, folder / "audio/unseen/film.mp4.wav")
    files.write_sound(tone(3000, 2, RATE), RATE, folder / "audio/unseen/pond/call #1 & 2%.ogg.wav")
    unseen = {"unseen/film.mp4": "unseen/<i>Лиса</i>.mp4", "unseen/pond/call #1 & 2%.ogg": "unseen/call"}
    rows = [(name, HIGH, HIGH, name, True, original) for name, original in unseen.items()]
    rows += [(f"{label}/{n}.wav", label, label, f"{label}-{n}", False, "") for label in (LOW, HIGH) for n in range(3)]
    rows += [("none/rain/0.wav", "none", "rain", "rain-0", False, "")]
    columns = ["recording", "label", "kind", "source", "unseen", "original"]
    write_table(pd.DataFrame(rows, columns=columns), folder / "corpus/recordings.csv")
    tracks = [
        {"recording": name, "duration_s": duration_s, **to_row(choose_track(folder / "corpus" / name))}
        for name, duration_s in zip(unseen, (4.0, 2.0), strict=True)
    ]
    write_table(pd.DataFrame(tracks), folder / "audio/audio.csv")
    skipped = pd.DataFrame({"recording": ["stray.txt"], "reason": ["not in the folder of a label"]})
    for name in ("corpus", "audio"):  # extract lists what collect left out as well
        write_table(skipped, folder / name / "skipped.csv")


def write_clips(folder: Path) -> None:
    """What segment and spectrograms write."""
    clips = [(f"{label}/{n}", label, f"{label}-{n}") for label in (LOW, HIGH) for n in range(3)]
    write_table(pd.DataFrame(clips, columns=["clip", "label", "source"]), folder / "clips/clips.csv")
    files.write_sound(tone(300, 1, RATE), RATE, folder / f"clips/{LOW}/0.wav")
    files.write_array(np.full((3, *FEATURES.image_shape), 127, dtype=np.int8), folder / f"spectrograms/{LOW}/0.npy")


def write_predictions(folder: Path) -> None:
    """What infer writes."""
    trained = classifier.load_classifier(folder / "model")
    tables: dict[str, list[pd.DataFrame]] = {"recordings": [], "windows": [], "events": []}
    for name in ("unseen/film.mp4", "unseen/pond/call #1 & 2%.ogg"):
        samples, _ = files.read_sound(folder / "audio" / f"{name}.wav")
        windows, summary, events = screen_samples(samples, trained, 0.5, HIGH)
        for table, rows in zip(tables.values(), (pd.DataFrame([summary]), windows, events), strict=True):
            table.append(rows.assign(recording=name))
    for name, parts in tables.items():
        write_table(pd.concat(parts), folder / f"predictions/{name}.csv")


def write_screening(folder: Path, label: str = LOW) -> None:
    """What project-echo predict writes: a row in each table."""
    values = {"recording": "a.wav", "duration_s": 3600.0, "label": label, "site": "x", "date": "2026-05-01", "hour": 22}
    values |= {"events": 1, "active_s": 1.0, "recorded_s": 3600.0, "events_per_h": 1.0, "rule": 1, "value": 3.0}
    values |= {"start_s": 60.0, "end_s": 420.0}
    tables = {"recordings": columns.recordings([label]), "events": columns.EVENTS, "activity": columns.ACTIVITY}
    for name, dtypes in tables.items():
        row = {column: values.get(column, dtype()) for column, dtype in dtypes.items()}
        spreadsheets.write_table(pd.DataFrame([row]), folder / f"{name}.csv")
    alert = {column: values.get(column, dtype()) for column, dtype in columns.ALERTS.items()}
    spreadsheets.write_table(pd.DataFrame([{**alert, "recording": f"=cmd|'{MARKUP}'"}]), folder / "alerts.csv")


def write_scores(folder: Path) -> None:
    """What crossval, evaluate, infer and explain write."""
    interval = {"value": 0.9, "low": 0.8, "high": 1.0}
    crossval = {
        "draws": 2,
        "sources": 6,
        "accuracy": interval,
        "macro_f1": interval,
        "decided": {"accuracy": {"value": 0.85, "low": 0.7, "high": 0.95}},
        "recall": {LOW: 1.0, HIGH: 0.8},
        "most_confused": {"pair": [LOW, HIGH], "errors": 1, "rate": 0.1},
        "calibration": {"expected_calibration_error": {"before": 0.1, "after": 0.05}},
    }
    files.write_json(crossval, folder / "metrics/crossval.json")
    evaluate = {"clips": 2, "accuracy": {"value": 1.0, "low": 0.3, "high": 1.0}}
    files.write_json(evaluate, folder / "metrics/evaluate.json")
    files.write_json({"recordings": 2, "with_truth": 2, "correct": 1}, folder / "metrics/infer.json")
    files.write_json({"folds": 0, "map": None}, folder / "metrics/field.json")
    (folder / "plots/field").mkdir(parents=True)
    tested = pd.DataFrame({"clip": [f"{LOW}/0"], "truth": [LOW], "prediction": [LOW], "animal": [LOW], LOW: [0.9]})
    write_table(tested.assign(**{HIGH: 0.6}), folder / "plots/evaluate/predictions.csv")
    pooled = pd.DataFrame(
        {"draw": [0, 0, 1], "truth": [LOW, HIGH, HIGH], "prediction": [LOW, HIGH, LOW], "source": ["a", "b", "c"]}
    )
    write_table(pooled, folder / "plots/crossval/predictions.csv")
    decided = pooled.assign(prediction=[LOW, "none", LOW])
    write_table(decided, folder / "plots/crossval/decided.csv")
    write_table(pd.DataFrame({"draw": [0, 1], "accuracy": [1.0, 0.5]}), folder / "plots/crossval/accuracies.csv")
    curve = pd.DataFrame({"train": [1, 2], "accuracy": [0.7, 0.9], "low": [0.6, 0.8], "high": [0.8, 1.0]})
    write_table(curve, folder / "plots/crossval/curve.csv")
    bins = [(scaling, 0.2, 0.3, 0.25, 0.3, 10) for scaling in ("before", "after")]
    reliability = pd.DataFrame(bins, columns=["scaling", "from", "to", "confidence", "accuracy", "clips"])
    write_table(reliability, folder / "plots/crossval/reliability.csv")


def test_names_with_markup_are_shown_as_text(page: Page) -> None:
    assert LOW in page.inner_text("h1")
    assert page.locator(f"text={MARKUP}").count() >= 3  # author, heading of the screening, and recording of an alert
    assert "<i>Лиса</i>.mp4" in page.locator(".recording h3").all_inner_texts()
    assert page.locator("img[src=x], .recording i").count() == 0
    assert page.locator("h1 b, .drawing b").count() == 0
    assert LOW in page.locator(".drawing text").all_text_contents()


def test_the_story_is_told_in_order_and_every_chart_and_image_is_drawn(page: Page) -> None:
    sections = page.locator("main > section").evaluate_all("(all) => all.map((section) => section.id)")
    story = "data answer how rerun confused certain unseen useful limitations next"  # without field, not tested here
    assert sections == story.split()
    links = page.locator("nav a").evaluate_all("(all) => all.map((link) => link.getAttribute('href'))")
    assert links == [f"#{section}" for section in sections]
    assert page.locator(".chart-card").count() == page.locator(".chart-card .drawing svg").count() > 5
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")


def test_the_corpus_is_above_the_fold_and_says_that_it_is_synthetic(page: Page) -> None:
    for selector in (".badge", ".origin"):
        box = page.locator(selector).bounding_box()
        assert box
        assert box["y"] + box["height"] < HEIGHT
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator("#data tbody tr").all()]
    assert [(row[0].splitlines()[0], *row[1:]) for row in rows] == [
        *((label, "3", "3", "3") for label in (LOW, HIGH)),
        ("other sounds", "1", "1", "0"),
    ]


def test_the_headline_is_of_the_rule_that_is_applied_and_the_other_accuracy_is_named(page: Page) -> None:
    assert "85%" in page.inner_text(".headline")
    assert "70 to 95%" in page.inner_text("#answer")
    tiles = dict(
        zip(
            page.locator("#answer dt").all_inner_texts(),
            page.locator("#answer dd strong").all_inner_texts(),
            strict=True,
        )
    )
    assert tiles["Accuracy among animals"] == "90%"
    assert "1 of 2" in tiles.values()


def test_the_rerun_has_the_same_figure_everywhere(page: Page) -> None:
    """That of all its draws; a comparison of draws in common says so."""
    assert "95%" in page.inner_text("#answer dl")
    assert "95%" in page.inner_text("#rerun .columns")


def test_a_caption_of_a_person_stands_for_the_one_from_the_numbers(page: Page) -> None:
    own, made = page.locator(".recording .caption").all_inner_texts()
    assert own == "A film of two tones."
    assert HIGH in made.casefold()


def test_only_screenings_of_the_same_labels_are_shown_and_the_log_names_the_others(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], page: Page
) -> None:
    assert page.locator("#useful h3").first.inner_text() == MARKUP
    assert "10%" in page.inner_text("#useful")  # 6 of 60 minutes are left to listen to
    assert page.locator("text=others").count() == 0
    run_stage(workspace, tmp_path / "report")
    assert "others" in capsys.readouterr().out.splitlines()[-1]


def test_video_and_sound_play_and_the_cursor_follows(page: Page) -> None:
    players = page.locator(".player")
    assert players.locator("video").count() == players.locator("audio").count() == 1
    for player in players.all():
        media, track, cursor = player.locator("video, audio"), player.locator(".track"), player.locator(".cursor")
        start, width = cursor.bounding_box(), track.bounding_box()
        media.evaluate("(media) => { media.muted = true; return media.play(); }")
        page.wait_for_function("(media) => media.currentTime > 0.3", arg=media.element_handle())
        media.evaluate("(media) => media.pause()")
        end = cursor.bounding_box()
        assert start
        assert end
        assert width
        share = media.evaluate("(media) => media.currentTime / media.closest('.player').dataset.duration")
        assert end["x"] - start["x"] == pytest.approx(share * width["width"], abs=12)
        assert float(track.get_attribute("aria-valuenow") or 0) > 0


def test_a_click_on_the_timeline_or_on_an_event_seeks_and_so_do_keys(page: Page) -> None:
    player = page.locator(".player", has=page.locator("video"))
    film, track = player.locator("video"), player.locator(".track")
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    assert box
    track.click(position={"x": box["width"] * 0.75, "y": 20})
    assert film.evaluate("(media) => media.currentTime") == pytest.approx(3, abs=0.1)
    track.focus()
    page.keyboard.press("ArrowLeft")
    assert film.evaluate("(media) => media.currentTime") == pytest.approx(2, abs=0.1)
    page.locator(".recording details").first.evaluate("(details) => { details.open = true; }")
    second = page.locator("[data-seek]").nth(1)
    second.click()
    start_s = float(second.get_attribute("data-seek") or 0)
    assert start_s > 1
    assert film.evaluate("(media) => media.currentTime") == pytest.approx(start_s, abs=0.1)
    track.focus()
    page.keyboard.press("Home")
    assert film.evaluate("(media) => media.currentTime") == 0
    assert track.get_attribute("aria-valuetext") == "0.0 s of 4.0 s"


def test_events_are_at_their_times_in_the_colors_of_their_labels(page: Page) -> None:
    events = page.locator(".player", has=page.locator("video")).locator(".event").all()
    mark_colors = [event.evaluate("(event) => event.style.getPropertyValue('--color')") for event in events]
    label_colors = palette.label_colors([LOW, HIGH])
    assert mark_colors == [label_colors[LOW], label_colors[HIGH]]
    starts = [event.evaluate("(event) => parseFloat(event.style.left)") for event in events]
    assert starts[0] == 0
    assert 25 <= starts[1] <= 60
    assert LOW in str(events[0].get_attribute("title"))


@pytest.mark.parametrize("width", [WIDTH, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_there_are_no_accessibility_violations_and_nothing_is_wider_than_the_window(
    page: Page, scheme: str, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 844})
    page.locator("details").evaluate_all("(all) => all.forEach((details) => { details.open = true; })")
    assert accessibility_violations(page) == []
    page.wait_for_function("(width) => document.documentElement.scrollWidth <= width", arg=width)  # charts follow


def test_it_prints_without_controls_and_within_the_paper(page: Page) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 760, "height": 1000})  # A4 between its margins
    assert not page.locator("video").first.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator(".player .spectrogram").first.is_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= 760")  # charts follow the paper


def test_a_second_run_writes_the_same_bytes(html: Path, workspace: Path, tmp_path: Path) -> None:
    run_stage(workspace, tmp_path / "report")
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (html.parent, tmp_path / "report")
    )
    assert len(first) == 7
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_sections_without_results_are_left_out(workspace: Path, tmp_path: Path) -> None:
    """No experiments, no screening, no unseen recordings, and no words of a person."""
    for name in ("experiments", "screening"):
        (tmp_path / name).mkdir()
    for name in ("recordings.csv", "windows.csv", "events.csv"):
        write_table(read_table(workspace / "predictions" / name).iloc[:0], tmp_path / "predictions" / name)
    inputs = {name: tmp_path / name for name in ("experiments", "screening", "predictions", "report.yaml")}
    text = run_stage(workspace, tmp_path / "report", **inputs).read_text(encoding="utf-8")
    for name in ("rerun", "unseen", "useful", "field"):
        assert f'<section id="{name}"' not in text
        assert f'href="#{name}"' not in text
    assert '<section id="data"' in text


def test_one_file_holds_all_media_and_plays_and_seeks(html: Path, tmp_path: Path, browser: Browser) -> None:
    """It is opened where there is no other file."""
    single_file.main(html.parent, tmp_path / "mail/report.html")
    with open_page(browser, tmp_path / "mail/report.html") as page:
        assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
        for media in page.locator("video, audio").all():
            page.wait_for_function("(media) => media.readyState > 0", arg=media.element_handle())
            media.evaluate("(media) => { media.currentTime = media.duration / 2; }")
            page.wait_for_function("(media) => !media.seeking", arg=media.element_handle())
            assert media.evaluate("(media) => media.currentTime / media.duration") == pytest.approx(0.5, abs=0.1)


def test_one_file_of_a_report_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"index\.html"):
        single_file.main(tmp_path, tmp_path / "report.html")
