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


def test_a_text_that_fits_is_not_cut() -> None:
    assert markdown.fit("a\nb", limit=3) == "a\nb"


def test_a_text_that_is_too_long_is_cut_at_a_line_and_says_so() -> None:
    rows = [f"| row {number} |" for number in range(1000)]
    text = "verdict\n\n" + markdown.details("rows", "\n".join(rows))
    cut = markdown.fit(text, limit=2000)
    assert 1800 < len(cut) <= 2000
    lines = cut.splitlines()
    assert lines[0] == "verdict"
    kept = sum(line in rows for line in lines)
    assert 0 < kept < 1000
    assert cut.count("<details>") == cut.count("</details>") == 1
    assert str(1000 - kept + 2) in lines[-1]  # an empty line, and the end of the folded part


def test_a_single_line_that_is_too_long_is_left_out() -> None:
    cut = markdown.fit("a\n" + "b" * 5000, limit=500)
    assert len(cut) <= 500
    assert "b" * 100 not in cut
