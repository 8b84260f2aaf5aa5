"""Times of recordings in the zone of the tables."""

from datetime import timezone
from zoneinfo import ZoneInfo

import pytest

from project_echo.screening.tables import in_time_zone


@pytest.mark.parametrize(
    ("recorded_at", "expected"),
    [
        ("", ""),
        ("2024-05-01T05:30:00", "2024-05-01T05:30:00+02:00"),
        ("2024-01-01T05:30:00", "2024-01-01T05:30:00+01:00"),
        ("2017-06-13T16:00:00+00:00", "2017-06-13T18:00:00+02:00"),
        ("2024-05-01T05:30:00+05:00", "2024-05-01T02:30:00+02:00"),
        ("2024-05-01T05:30:00+02:00", "2024-05-01T05:30:00+02:00"),
        ("2024-03-31T02:30:00", "2024-03-31T02:30:00+01:00"),  # an hour that the change of clocks leaves out
        ("2024-10-27T02:30:00", "2024-10-27T02:30:00+02:00"),  # an hour that comes twice
    ],
)
def test_a_stated_zone_wins_over_the_given_one_which_is_that_of_other_clocks(recorded_at: str, expected: str) -> None:
    assert in_time_zone(recorded_at, ZoneInfo("Europe/Berlin")) == expected
    assert in_time_zone(recorded_at, None) == recorded_at


def test_a_zone_may_be_an_offset() -> None:
    assert in_time_zone("2024-05-01T05:30:00+05:00", timezone.utc) == "2024-05-01T00:30:00+00:00"
