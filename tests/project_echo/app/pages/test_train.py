"""The form to train: options are checked at once, and what was typed is still there to be corrected."""

import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from project_echo.app.pages.train import find_network
from project_echo.core.errors import EchoError
from tests.project_echo.app.server import serve
from tests.sounds import fill


def test_a_network_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    network = tmp_path / "bat.onnx"
    network.touch()
    assert find_network("") is None
    assert find_network("~/bat.onnx") == find_network(f'"{network}"') == str(network)
    for text in (str(tmp_path), "gone.onnx", "a\0b", "~nobody-of-this-name/bat.onnx"):
        with pytest.raises(EchoError):
            find_network(text)


def test_earlier_versions_can_be_chosen_to_screen(tmp_path: Path, by_pitch: Path, by_pitch_or_none: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(by_pitch, models / "boars & co")
    shutil.copytree(by_pitch_or_none, models / "boars & co-study" / "versions" / "1" / "model")
    with serve(tmp_path) as app:
        page = app.get("train").text
        [address] = re.findall(r'href="[^"]*/(screen\?model=[^"]*version[^"]*)"', page)
        assert re.findall(r"<option selected>([^<]*)", app.get(unescape(address)).text) == ["boars &amp; co, version 1"]


def test_who_goes_back_finds_what_was_typed_and_is_told_when_the_app_ends(browser: Browser, tmp_path: Path) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        with serve(tmp_path / "workspace") as app:
            recordings = fill(tmp_path / "recordings", "fox/1.wav")
            app.context.opened.open(str(recordings))
            page.goto(f"{app.url}train")
            page.get_by_label("Name of the model").fill("foxes")
            page.get_by_text("More options").click()
            page.get_by_label("A network of your own").fill("gone.onnx")
            page.get_by_role("button", name="Train").click()
            expect(page.get_by_role("alert").filter(has_text="gone.onnx")).to_be_visible()
            page.get_by_role("link", name="Go back").click()
            expect(page.get_by_label("A network of your own")).to_be_visible()
            expect(page.get_by_label("Name of the model")).to_have_value("foxes")
            expect(page.get_by_label("A network of your own")).to_have_value("gone.onnx")
            expect(page.locator("#gone")).to_be_empty()
        expect(page.locator("#gone")).not_to_be_empty()
