"""The figure of activity: it can be drawn of any table, and shows what was not recorded as such."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from project_echo.plots import activity as activity_figures
from project_echo.plots import style
from project_echo.screening import activity


def table(labels: int, days: int, sites: int = 1, hours: tuple[int, ...] = (5, 6, 20), rate: float = 2) -> pd.DataFrame:
    """A table of activity with `rate` events in every hour that was recorded, of the labels but the last of several."""
    rows = [
        (f"label_{label}", f"site {site}", f"{pd.Timestamp('2024-04-20') + pd.Timedelta(days=day):%Y-%m-%d}", hour)
        for label in range(labels)
        for site in range(sites)
        for day in range(days)
        for hour in hours
    ]
    drawn = pd.DataFrame(rows, columns=activity.COLUMNS[:4])
    heard = rate * ((drawn["label"] != f"label_{labels - 1}") | (labels == 1))
    return drawn.assign(events=heard, active_s=3.0 * heard, recorded_s=1800.0, events_per_h=2.0 * heard)


def image(figure: Figure) -> np.ma.MaskedArray:
    return figure.axes[0].images[0].get_array()


@pytest.mark.parametrize(
    ("labels", "days", "sites"), [(1, 1, 1), (1, 2, 1), (2, 3, 4), (3, 1, 2), (7, 30, 1), (12, 400, 1), (1, 4000, 1)]
)
def test_any_table_can_be_drawn_at_the_width_of_a_page(labels: int, days: int, sites: int, tmp_path: Path) -> None:
    figure = activity_figures.by_hour(table(labels, days, sites))
    assert figure.get_figwidth() == 8.5
    assert figure.get_figheight() < 16
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]
    assert len(titles) == labels
    assert titles[-1].endswith("not heard") == (labels > 1)
    style.save(figure, tmp_path / "activity.png")


def test_no_table_at_all_says_so() -> None:
    figure = activity_figures.by_hour(table(1, 1)[:0])
    assert "time of no recording is known" in figure.texts[0].get_text()


def test_hours_without_recording_are_gaps_and_no_zeros() -> None:
    drawn = table(1, 3)
    drawn = drawn[drawn["date"] != "2024-04-21"]
    rates = image(activity_figures.by_hour(drawn))
    assert rates.shape == (3, 24)
    assert (~rates.mask).nonzero()[1].tolist() == [5, 6, 20] * 2
    assert rates.mask[1].all()
    assert (rates.compressed() == 4).all()


def test_sites_are_taken_together_by_what_was_recorded() -> None:
    drawn = table(1, 2, sites=2, hours=(5,))
    drawn.loc[drawn["site"] == "site 0", ["events", "recorded_s"]] = [0, 5400.0]
    figure = activity_figures.by_hour(drawn)
    assert image(figure)[0, 5] == pytest.approx(1)
    assert "2 sites together" in figure.get_suptitle()


def test_seconds_of_sound_do_not_set_the_scale() -> None:
    drawn = table(1, 2)
    drawn.loc[0, ["events", "recorded_s"]] = [1, 2.0]
    picture = activity_figures.by_hour(drawn).axes[0].images[0]
    assert picture.get_array().max() == 1800
    assert picture.norm.vmax == 4


def test_many_days_share_rows() -> None:
    rates = image(activity_figures.by_hour(table(1, 1000)))
    assert len(rates) <= activity_figures.MOST_ROWS
    assert rates.compressed() == pytest.approx(4)


def test_a_single_day_is_drawn_as_bars_and_named() -> None:
    figure = activity_figures.by_hour(table(1, 1, hours=(5, 6)))
    assert not figure.axes[0].images
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == [1, 1, 4, 4]  # white where something was recorded, and the rates
    assert "2024-04-20" in figure.get_suptitle()


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        style.save(activity_figures.by_hour(table(2, 10)), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
