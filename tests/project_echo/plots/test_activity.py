"""The figure of activity."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from project_echo.plots import activity, style
from tests.project_echo.plots.figures import activity_table


def table(days: int, sites: int = 1, hours: tuple[int, ...] = (5, 6, 20)) -> pd.DataFrame:
    return activity_table(["fox"], days, sites, hours)


def rates(figure: Figure) -> np.ma.MaskedArray:
    shown = figure.axes[0].images[0].get_array()
    assert isinstance(shown, np.ma.MaskedArray)
    return shown


@pytest.mark.parametrize(
    ("labels", "days", "sites"), [(1, 1, 1), (1, 2, 1), (2, 3, 4), (3, 1, 2), (7, 30, 1), (12, 400, 1), (1, 4000, 1)]
)
def test_every_label_has_a_panel_at_the_width_of_a_page(labels: int, days: int, sites: int, tmp_path: Path) -> None:
    figure = activity.by_hour(activity_table([f"label_{label}" for label in range(labels)], days, sites))
    assert figure.get_figwidth() == 8.5
    assert figure.get_figheight() < 16
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]
    assert len(titles) == labels
    assert titles[-1].endswith("no events") == (labels > 1)
    style.save(figure, tmp_path / "activity.png")


def test_hours_without_a_recording_are_gaps_and_not_zeros() -> None:
    days = table(3)
    shown = rates(activity.by_hour(days[days["date"] != "2024-04-21"]))
    assert shown.shape == (3, 24)
    assert (~shown.mask).nonzero()[1].tolist() == [5, 6, 20] * 2
    assert shown.mask[1].all()
    assert (shown.compressed() == 4).all()


def test_the_rate_of_several_sites_is_all_events_by_all_recorded_hours() -> None:
    days = table(2, sites=2, hours=(5,))
    days.loc[days["site"] == "site 0", ["events", "recorded_s"]] = [0, 5400.0]
    figure = activity.by_hour(days)
    assert rates(figure)[0, 5] == pytest.approx(1)
    assert "2 sites" in figure.get_suptitle()


def test_an_hour_with_seconds_of_sound_does_not_set_the_scale() -> None:
    days = table(2)
    days.loc[0, ["events", "recorded_s"]] = [1, 2.0]
    figure = activity.by_hour(days)
    assert rates(figure).max() == 1800
    assert figure.axes[0].images[0].norm.vmax == 4


def test_many_days_share_rows() -> None:
    shown = rates(activity.by_hour(table(1000)))
    assert len(shown) <= activity.MAX_ROWS
    assert shown.compressed() == pytest.approx(4)


def test_a_single_day_is_drawn_as_bars_and_named() -> None:
    figure = activity.by_hour(table(1, hours=(5, 6)))
    assert not figure.axes[0].images
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == [1, 1, 4, 4]  # white where something was recorded, then the rates
    assert "2024-04-20" in figure.get_suptitle()
