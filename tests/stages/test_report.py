"""The report stage, and its page in a real browser: labels with markup, a video, a sound, a screening."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from project_echo.core import files
from project_echo.core.spreadsheets import write_table
from project_echo.media.track import choose_track, to_row
from project_echo.models import classifier
from project_echo.plots import palette, style
from project_echo.plots.attention import Panel, overlays
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
INPUTS += ("metrics", "plots/crossval", "plots/evaluate", "plots/why", "experiments", "screening")
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
    write_scores(folder)
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
    encode(folder / "corpus/unseen/pond/call.ogg", tone(3000, 2))
    film = np.concatenate([tone(300, 2, RATE), tone(3000, 2, RATE)])
    files.write_sound(film, RATE, folder / "audio/unseen/film.mp4.wav")
    files.write_sound(tone(3000, 2, RATE), RATE, folder / "audio/unseen/pond/call.ogg.wav")
    names = {
        "recording": ["unseen/film.mp4", "unseen/pond/call.ogg"],
        "original": ["unseen/<i>Лиса</i>.mp4", "unseen/call"],
    }
    files.write_table(pd.DataFrame(names), folder / "corpus/recordings.csv")
    tracks = [{"recording": name, **to_row(choose_track(folder / "corpus" / name))} for name in names["recording"]]
    files.write_table(pd.DataFrame(tracks), folder / "audio/audio.csv")
    skipped = pd.DataFrame({"recording": ["stray.txt"], "reason": ["not in the folder of a label"]})
    for name in ("corpus", "audio"):  # extract lists what collect left out as well
        files.write_table(skipped, folder / name / "skipped.csv")


def write_clips(folder: Path) -> None:
    """What segment and spectrograms write."""
    clips = [(f"{label}/{n}", label, f"{label}-{n}") for label in (LOW, HIGH) for n in range(3)]
    files.write_table(pd.DataFrame(clips, columns=["clip", "label", "source"]), folder / "clips/clips.csv")
    files.write_sound(tone(300, 1, RATE), RATE, folder / f"clips/{LOW}/0.wav")
    files.write_array(np.full((3, *FEATURES.image_shape), 127, dtype=np.int8), folder / f"spectrograms/{LOW}/0.npy")


def write_predictions(folder: Path) -> None:
    """What infer writes."""
    trained = classifier.load_classifier(folder / "model")
    tables: dict[str, list[pd.DataFrame]] = {"recordings": [], "windows": [], "events": []}
    for name in ("unseen/film.mp4", "unseen/pond/call.ogg"):
        samples, _ = files.read_sound(folder / "audio" / f"{name}.wav")
        windows, summary, events = screen_samples(samples, trained, 0.5, HIGH)
        for table, rows in zip(tables.values(), (pd.DataFrame([summary]), windows, events), strict=True):
            table.append(rows.assign(recording=name))
    for name, parts in tables.items():
        files.write_table(pd.concat(parts), folder / f"predictions/{name}.csv")


def write_screening(folder: Path) -> None:
    """What project-echo predict writes: a row in each table."""
    values = {"recording": "a.wav", "duration_s": 3600.0, "label": LOW, "site": "x", "date": "2026-05-01", "hour": 22}
    values |= {"events": 1, "active_s": 1.0, "recorded_s": 3600.0, "events_per_h": 1.0, "rule": 1, "value": 3.0}
    tables = {"recordings": columns.RECORDINGS, "events": columns.EVENTS, "activity": columns.ACTIVITY}
    for name, dtypes in tables.items():
        row = {column: values.get(column, dtype()) for column, dtype in dtypes.items()}
        write_table(pd.DataFrame([row]), folder / f"{name}.csv")
    alert = {column: values.get(column, dtype()) for column, dtype in columns.ALERTS.items()}
    write_table(pd.DataFrame([{**alert, "recording": f"=cmd|'{MARKUP}'"}]), folder / "alerts.csv")


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
    }
    files.write_json(crossval, folder / "metrics/crossval.json")
    evaluate = {"clips": 2, "accuracy": {"value": 1.0, "low": 0.3, "high": 1.0}}
    files.write_json(evaluate, folder / "metrics/evaluate.json")
    files.write_json({"recordings": 2, "with_truth": 2, "correct": 1}, folder / "metrics/infer.json")
    tested = pd.DataFrame({"clip": [f"{LOW}/0"], "truth": [LOW], "prediction": [LOW], "animal": [LOW], LOW: [0.9]})
    files.write_table(tested.assign(**{HIGH: 0.6}), folder / "plots/evaluate/predictions.csv")
    pooled = pd.DataFrame({"draw": [0, 0, 1], "truth": [LOW, HIGH, HIGH], "prediction": [LOW, HIGH, LOW]})
    files.write_table(pooled, folder / "plots/crossval/predictions.csv")
    decided = pooled.assign(prediction=[LOW, "none", LOW])
    files.write_table(decided, folder / "plots/crossval/decided.csv")
    files.write_table(pd.DataFrame({"draw": [0, 1], "accuracy": [1.0, 0.5]}), folder / "plots/crossval/accuracies.csv")
    curve = pd.DataFrame({"train": [1, 2], "accuracy": [0.7, 0.9], "low": [0.6, 0.8], "high": [0.8, 1.0]})
    files.write_table(curve, folder / "plots/crossval/curve.csv")
    panel = Panel("here", np.zeros(FEATURES.image_shape), np.zeros(FEATURES.image_shape[:2]))
    style.save(overlays([[panel]], FEATURES, "clip"), folder / "plots/why/example.png")


def test_names_with_markup_are_shown_as_text(page: Page) -> None:
    assert LOW in page.inner_text("h1")
    assert page.locator(f"text={MARKUP}").count() >= 2  # the heading of the screening, and the recording of an alert
    assert "<i>Лиса</i>.mp4" in page.locator(".recording h3").all_inner_texts()
    assert page.locator("img[src=x], .recording i").count() == 0
    assert page.locator("h1 b, .plot b").count() == 0
    assert LOW in page.locator(".plot .xtick text").all_text_contents()


def test_every_section_is_there_and_every_chart_and_image_is_drawn(page: Page) -> None:
    sections = page.locator("section[id]").evaluate_all("(all) => all.map((section) => section.id)")
    assert sections == ["findings", "how", "uncertainty", "experiments", "recordings", "activity"]
    links = page.locator("nav a").evaluate_all("(all) => all.map((link) => link.getAttribute('href'))")
    assert links == [f"#{section}" for section in sections]
    assert [card.inner_text() for card in page.locator(".cards strong").all()] == [
        *("6 clips", "0.850", "0.900", "0.900", "+0.200", "1 of 2")
    ]
    assert "1 recording " in page.inner_text("#findings")
    assert "synthetic" in page.inner_text("#findings")
    assert "+0.200" in page.inner_text("#experiments")
    assert page.locator(".plot .main-svg").count() >= 2 * page.locator(".plot").count()
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")


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
    page.locator("[data-seek]").nth(1).click()  # the second event
    assert film.evaluate("(media) => media.currentTime") == pytest.approx(1.5, abs=0.6)
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
    assert len(first) == 10
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_sections_without_results_are_left_out(workspace: Path, tmp_path: Path) -> None:
    """No experiments, no screening, no unseen recordings."""
    for name in ("experiments", "screening"):
        (tmp_path / name).mkdir()
    for name in ("recordings.csv", "windows.csv", "events.csv"):
        files.write_table(files.read_table(workspace / "predictions" / name).iloc[:0], tmp_path / "predictions" / name)
    inputs = {name: tmp_path / name for name in ("experiments", "screening", "predictions")}
    text = run_stage(workspace, tmp_path / "report", **inputs).read_text(encoding="utf-8")
    for name in inputs:
        section = {"predictions": "recordings", "screening": "activity"}.get(name, name)
        assert f'<section id="{section}">' not in text
        assert f'href="#{section}"' not in text
    assert '<section id="findings">' in text
