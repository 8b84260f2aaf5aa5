import pytest

from project_echo.compare import markdown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("macro_f1.pooled", "`macro_f1.pooled`"),
        ("bell|frog", "`bell\\|frog`"),
        ("a\nb", "`a b`"),
        ("`rm`", "`` `rm` ``"),
        ("<b> @all", "`<b> @all`"),
        ("", "` `"),
    ],
)
def test_a_name_is_code_on_one_line_that_splits_no_cell(text: str, written: str) -> None:
    assert markdown.code(text) == written


def test_a_table_has_a_line_for_each_row() -> None:
    assert markdown.table(["a", "b"], [["1", ""], ["2", "x"]]) == "| a | b |\n| --- | --- |\n| 1 |  |\n| 2 | x |"


def test_an_address_ends_where_the_path_does() -> None:
    assert (
        markdown.image("before", markdown.encoded("plots/a (b) ä.png")) == "![before](plots/a%20%28b%29%20%C3%A4.png)"
    )
