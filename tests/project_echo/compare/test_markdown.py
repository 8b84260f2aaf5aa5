"""Markdown that shows any text as it is."""

import pytest

from project_echo.compare import markdown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("recall.fox", "`recall.fox`"),
        ("bell|frog", "`bell\\|frog`"),
        ("a\nb", "`a b`"),
        ("`rm`", "`` `rm` ``"),
        ("<b> @all", "`<b> @all`"),
        ("", "` `"),
    ],
)
def test_code_stays_on_one_line_and_in_its_cell(text: str, written: str) -> None:
    assert markdown.code(text) == written


def test_a_table_has_a_line_for_each_row() -> None:
    assert markdown.table(["a", "b"], [["1", ""], ["2", "x"]]) == "| a | b |\n| --- | --- |\n| 1 |  |\n| 2 | x |"


def test_the_path_of_an_image_is_percent_encoded() -> None:
    url = markdown.percent_encode("plots/a (b) ä.png")
    assert markdown.image("before", url) == "![before](plots/a%20%28b%29%20%C3%A4.png)"
