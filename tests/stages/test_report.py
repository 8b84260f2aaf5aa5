"""The report stage, and its page in a real browser: names with markup, a video, a sound, a screened disk."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from project_echo.core import files
from project_echo.core.spreadsheets import escape_formulas
from project_echo.models import classifier
from project_echo.plots import style
from project_echo.plots.attention import Panel, overlays
from project_echo.screening.windows import screen, summarise
from project_echo.screening.windows import table as as_table
from stages import report
from tests.browser import faults, opened
from tests.conftest import LABELS
from tests.project_echo.report.test_experiments import keep
from tests.sounds import FEATURES, encode, tone

ROOT = Path(__file__).parents[2]
LOW, HIGH = LABELS
RATE = FEATURES.sample_rate
WRITTEN = ("metrics", "plots/crossval", "plots/evaluate", "plots/why", "experiments", "screening", "report")
STRANGE = "<img src=x onerror=alert(1)>"  # a folder that somebody named so


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory, by_pitch_or_none: Path) -> Path:
    """The report of a small workspace; its film is low for two seconds, then high."""
    folder = tmp_path_factory.mktemp("workspace")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "params.yaml").write_text((ROOT / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "corpora").mkdir()
        (folder / "corpora/demo.yaml").write_text("layout: demo", encoding="utf-8")
        collected(folder)
        screened(folder, by_pitch_or_none)
        scored(folder)
        for name, wrong in (("baseline", 5), ("rerun", 1)):
            keep(folder / "experiments" / name, {"train": {"head": name}}, wrong)
        places = ("corpus", "audio", "clips", "spectrograms", "predictions")
        report.main(
            *(folder / place for place in places),
            by_pitch_or_none,
            *(folder / place for place in WRITTEN),
        )
    return folder / "report" / "index.html"


def again(workspace: Path, model: Path, *written: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace)
        places = ("corpus", "audio", "clips", "spectrograms", "predictions")
        report.main(*(workspace / place for place in places), model, *written)


def collected(folder: Path) -> None:
    film = np.concatenate([tone(300, 2), tone(3000, 2)])
    (folder / "corpus/unseen/pond").mkdir(parents=True)
    encode(folder / "corpus/unseen/film.mp4", film, pictures_s=4)
    encode(folder / "corpus/unseen/pond/call.ogg", tone(3000, 2))
    files.write_sound(
        np.concatenate([tone(300, 2, RATE), tone(3000, 2, RATE)]), RATE, folder / "audio/unseen/film.mp4.wav"
    )
    files.write_sound(tone(3000, 2, RATE), RATE, folder / "audio/unseen/pond/call.ogg.wav")
    names = {
        "recording": ["unseen/film.mp4", "unseen/pond/call.ogg"],
        "original": ["unseen/<i>Лиса</i>.mp4", "unseen/call"],
    }
    files.write_table(pd.DataFrame(names), folder / "corpus/recordings.csv")
    skipped = pd.DataFrame({"recording": ["stray.txt"], "reason": ["not in the folder of a label"]})
    for place in ("corpus", "audio"):  # extract lists what collect left out as well
        files.write_table(skipped, folder / place / "skipped.csv")
    clips = [(f"{label}/{n}", label, f"{label}-{n}") for label in (LOW, HIGH) for n in range(3)]
    files.write_table(pd.DataFrame(clips, columns=["clip", "label", "source"]), folder / "clips/clips.csv")
    files.write_sound(tone(300, 1, RATE), RATE, folder / f"clips/{LOW}/0.wav")
    files.write_array(np.zeros((3, *FEATURES.image_shape), dtype=np.float16), folder / f"spectrograms/{LOW}/0.npy")


def screened(folder: Path, model: Path) -> None:
    """What infer writes, and predict."""
    trained = classifier.load(model)
    answers, tables = [], []
    for name in ("unseen/film.mp4", "unseen/pond/call.ogg"):
        samples, _ = files.read_sound(folder / "audio" / f"{name}.wav")
        windows = as_table(screen([samples], trained, 0.5), trained, 0.5)
        answers.append({"recording": name, **summarise(windows[list(trained.labels)], trained.threshold, HIGH)})
        tables.append(windows.assign(recording=name))
    files.write_table(pd.DataFrame(answers), folder / "predictions/recordings.csv")
    files.write_table(pd.concat(tables), folder / "predictions/windows.csv")
    disk = folder / "screening" / STRANGE
    files.write_table(pd.DataFrame({"recording": ["a.wav"], "duration_s": [3600.0]}), disk / "recordings.csv")
    files.write_table(pd.DataFrame({"recording": ["a.wav"], "label": [LOW]}), disk / "events.csv")
    hour = {"label": LOW, "site": "x", "date": "2026-05-01", "hour": 22, "events": 1, "active_s": 1.0}
    files.write_table(pd.DataFrame([{**hour, "recorded_s": 3600.0, "events_per_h": 1.0}]), disk / "activity.csv")
    alert = pd.DataFrame([{"rule": 1, "label": LOW, "recording": f"=cmd|'{STRANGE}'", "value": 3.0}])
    files.write_table(escape_formulas(alert), disk / "alerts.csv")


def scored(folder: Path) -> None:
    """What crossval, evaluate and explain write."""
    interval = {"low": 0.8, "high": 1.0}
    crossval = {
        "draws": 2,
        "sources": 6,
        "accuracy": {"mean": 0.9, **interval},
        "macro_f1": {"pooled": 0.9, **interval},
        "recall": {LOW: 1.0, HIGH: 0.8},
        "most_confused": {"pair": f"{LOW} / {HIGH}", "errors": 1, "rate": 0.1},
    }
    files.write_json(crossval, folder / "metrics/crossval.json")
    evaluate = {"clips": 2, "accuracy": 1.0, "wilson_95": {"low": 0.3, "high": 1.0}}
    files.write_json(evaluate, folder / "metrics/evaluate.json")
    files.write_json({"recordings": 2, "known": 2, "right": 1}, folder / "metrics/infer.json")
    tested = pd.DataFrame({"clip": [f"{LOW}/0"], "truth": [LOW], "prediction": [LOW], "animal": [LOW], LOW: [0.9]})
    files.write_table(tested.assign(**{HIGH: 0.06, "none": 0.04}), folder / "plots/evaluate/predictions.csv")
    answers = pd.DataFrame({"draw": [0, 0, 1], "truth": [LOW, HIGH, HIGH], "prediction": [LOW, HIGH, LOW]})
    files.write_table(answers, folder / "plots/crossval/answers.csv")
    files.write_table(pd.DataFrame({"draw": [0, 1], "accuracy": [1.0, 0.5]}), folder / "plots/crossval/accuracies.csv")
    curve = pd.DataFrame({"train": [1, 2], "accuracy": [0.7, 0.9], "low": [0.6, 0.8], "high": [0.8, 1.0]})
    files.write_table(curve, folder / "plots/crossval/curve.csv")
    panel = Panel("here", np.zeros(FEATURES.image_shape), np.zeros(FEATURES.image_shape[:2]))
    style.save(overlays([[panel]], FEATURES, "clip"), folder / "plots/why/example.png")


@pytest.fixture
def page(html: Path, browser: Browser) -> Iterator[Page]:
    with opened(browser, html) as found:
        yield found


def test_names_with_markup_are_shown_and_not_run(page: Page) -> None:
    assert LOW in page.inner_text("h1")
    assert page.locator(f"text={STRANGE}").count() >= 2  # the disk's heading, and an alert's recording
    assert "<i>Лиса</i>.mp4" in page.locator(".recording h3").all_inner_texts()
    assert page.locator("img[src=x], .recording i").count() == 0
    assert page.locator("h1 b, .plot b").count() == 0
    assert LOW in page.locator(".plot .xtick text").all_text_contents()


def test_everything_that_is_there_has_its_section(page: Page) -> None:
    headings = page.locator("h2").all_inner_texts()
    assert headings[-3:] == ["Baseline and rerun", "Unseen recordings", "Activity"]
    assert page.locator("nav a").count() == 6
    assert "1 recording could not be used" in page.inner_text("#findings")
    assert "Rerun is better than baseline" in page.inner_text("#experiments")
    assert page.locator(".plot .main-svg").count() >= 2 * page.locator(".plot").count()  # every one was drawn
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")


def test_the_same_report_is_written_again_to_the_byte(html: Path, tmp_path: Path, by_pitch_or_none: Path) -> None:
    workspace = html.parents[1]
    again(workspace, by_pitch_or_none, *(workspace / place for place in WRITTEN[:6]), tmp_path / "report")
    first = {path.relative_to(html.parent): path.read_bytes() for path in html.parent.rglob("*") if path.is_file()}
    assert len(first) == 10
    for name, content in first.items():
        assert (tmp_path / "report" / name).read_bytes() == content, name


def test_video_and_sound_play_and_the_cursor_runs_with_them(page: Page) -> None:
    for kind in (".player video", ".player audio"):
        player = page.locator(".player", has=page.locator(kind.removeprefix(".player ")))
        cursor = player.locator(".cursor")
        before = cursor.bounding_box()
        page.locator(kind).evaluate("(media) => { media.silenced_stderr = true; return media.play(); }")
        page.wait_for_function("(kind) => document.querySelector(kind).currentTime > 0.3", arg=kind)
        page.locator(kind).evaluate("(media) => media.pause()")
        after = cursor.bounding_box()
        assert before
        assert after
        track = player.locator(".track").bounding_box()
        assert track
        at = page.locator(kind).evaluate("(media) => media.currentTime / media.closest('.player').dataset.duration")
        assert after["x"] - before["x"] == pytest.approx(at * track["width"], abs=12)
        assert float(player.locator(".track").get_attribute("aria-valuenow") or 0) > 0


def test_a_click_on_the_timeline_seeks_and_so_do_the_keys(page: Page) -> None:
    track = page.locator(".player .track").first
    box = track.bounding_box()
    assert box
    track.scroll_into_view_if_needed()
    track.click(position={"x": box["width"] * 0.75, "y": 20})
    film = page.locator(".player video")
    assert film.evaluate("(media) => media.currentTime") == pytest.approx(3, abs=0.1)
    track.focus()
    page.keyboard.press("ArrowLeft")
    assert film.evaluate("(media) => media.currentTime") == pytest.approx(2, abs=0.1)
    page.locator(".recording details").first.evaluate("(it) => { it.open = true; }")
    page.locator("[data-seek]").nth(1).click()  # the second event
    assert film.evaluate("(media) => media.currentTime") == pytest.approx(1.5, abs=0.6)
    track.focus()
    page.keyboard.press("Home")
    assert film.evaluate("(media) => media.currentTime") == 0
    assert track.get_attribute("aria-valuetext") == "0.0 s of 4.0 s"


def test_events_stand_where_they_were_heard(page: Page) -> None:
    film = page.locator(".player").first
    events = film.locator(".event")
    colours = [event.evaluate("(it) => it.style.getPropertyValue('--colour')") for event in events.all()]
    shades = style.colours([LOW, HIGH, "none"])
    assert colours == [shades[LOW], shades[HIGH]]
    lefts = [event.evaluate("(it) => parseFloat(it.style.left)") for event in events.all()]
    assert lefts[0] == 0
    assert 25 <= lefts[1] <= 60
    assert LOW in str(events.first.get_attribute("title"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_no_serious_accessibility_fault_and_nothing_wider_than_the_window(
    html: Path, browser: Browser, scheme: str, width: int
) -> None:
    with opened(browser, html, width, 844, scheme) as page:
        page.locator("details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_prints_without_controls_and_within_the_paper(page: Page) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 760, "height": 1000})  # A4 between its margins
    assert not page.locator("video").first.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator(".player .spectrogram").first.is_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= 760")  # charts follow the paper


def test_what_is_missing_leaves_no_gap(html: Path, tmp_path: Path, by_pitch_or_none: Path) -> None:
    """No experiments, no screened disk, no unseen recordings: the same stage, fewer sections."""
    workspace = html.parents[1]
    for name in ("experiments", "screening"):
        (tmp_path / name).mkdir()
    for name in ("recordings.csv", "windows.csv"):
        files.write_table(files.read_table(workspace / "predictions" / name).iloc[:0], tmp_path / "predictions" / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace)
        report.main(
            *(workspace / place for place in ("corpus", "audio", "clips", "spectrograms")),
            tmp_path / "predictions",
            by_pitch_or_none,
            *(workspace / place for place in WRITTEN[:4]),
            *(tmp_path / place for place in WRITTEN[4:]),
        )
    text = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert not [name for name in ("experiments", "recordings", "activity") if f'<section id="{name}">' in text]
    assert 'href="#experiments"' not in text
