"""Start times in the names of recordings, and names of numbers that are no times."""

from datetime import datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.media.name_time import from_name

UTC = timezone.utc
MORNING = datetime(2024, 5, 1, 5, 30)
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)).map(lambda time: time.replace(microsecond=0))
PREFIXES = st.sampled_from(["", "POND_", "0123_", "a1-", "S4A01234_0+1_", "pond 7 "])


def hours(offset: float) -> tzinfo:
    return timezone(timedelta(hours=offset))


def assert_time(name: str, expected: datetime) -> None:
    time = from_name(name)
    assert time == expected
    assert time is not None
    assert time.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    "name",
    [
        "20240501_053000.WAV",
        "20240501_053000T.WAV",  # AudioMoth, by a trigger
        "24F3190360371A3E_20240501_053000.WAV",  # AudioMoth with its serial number
        "20240501_053000.5AFCD4F4.WAV",
        "SITE_20240501_053000.wav",
        "SMU01234_20240501_053000.wav",
        "ARIZONA-1_20240501$053000.wac",
        "SM3_0+1_20240501_053000_000.wav",
        "2MU01234_20240501_053000_123456_ch2.w4v",
        "FNQ-RBS_20240501_053000_010.wav",
        "weird20240501_053000.aac",
        "pond 2024-05-01 05.30.00 frogs.m4a",
        "2024-05-01_05-30-00.flac",
        "2024_05_01_05_30_00.flac",
        "2024.05.01.05.30.00.wav",
        "Wav0007_2024_05_01__05_30_00.wav",  # Peersonic
        "2024-05-01 - 05-30-00.wav",
        "T2024-05-01_05-30-00_0000001.wav",  # Avisoft
        "1714541400.2024-05-01-05-30-00.wav",
        "20240501.053000.wav",
        "20240501053000.wav",
        "20240501053000.wav.trimmed.wav",
        "20240501053000123.m4a",
        "PXL_20240501_053000123.mp4",
        "20240501T053000.wav",
        "20240501t053000.wav",
        "20240501T053000,123.wav",
        "2024-05-01T05:30:00.594002.wav",
        "2024-05-01T05_30_00.wav",
        "2024-05-01T05\uff1a30\uff1a00.wav",
        "2024-05-01T05\uf03a30\uf03a00.wav",  # as Windows Subsystem for Linux stores a colon
        "2024-05-01T05:30.wav",
        "20240501T0530.wav",
        "20240501T0530-0600.wav",  # to six o'clock
        "2024-05-01_pond_05h30m00s.wav",
        "2024-05-01 05h30.wav",
        "2024-05-01-birdnet-05:30:00.wav",  # BirdNET-Pi
        "2024-05-01-birdnet-RTSP_1-05:30:00.wav",
        "2024-05-01-birdnet-05_30_00.wav",
        "2024-05-01-birdnet-RTSP_12-05-30-00.wav",
        "Rana_temporaria-87-2024-05-01-birdnet-05:30:00.mp3",
        "Screen Recording 2024-05-01 at 05.30.00.mov",
        "WhatsApp Audio 2024-05-01 at 5.30.00 AM.m4a",
        "Recording 2024-05-01 at 5.30.00\u202fam.m4a",
        "671629352.240501053000.wav",  # SoundTrap
        "1677738025.240501053000.d24.d8.wav",
        "20240501_053000_Bar29 [27.2819 90.1361].wav",  # Frontier Labs, with a place
        "PILLIGA_20240501_053000_+13-090.wav",
        "PILLIGA_20240501_053000+13-090.wav",
        "20240501T053000-08.0000+000.0000.wav",
        "20240501_053000-0001.wav",  # a number
        "20240501_053000-1.wav",
        "20240501_053000-0030.wav",
        "20240501_053000-01.wav",  # the first of several exported parts
        "20240501_053000-12.wav",
        "SITE_20240501_053000-01_pond.wav",
        "20240501_053000.123-02.wav",
        "20240501$053000-03.wav",
        "20240501053000-04.wav",
        "2024-05-01_05-30-00-05.flac",
        "2024-05-01 05.30.00-06.wav",
        "123_20240501_053000-09_456.mpg",  # EMU reads nine hours here, but no recorder writes them so
        "2024-05-01-05-30-00-01.wav",
        "2024-05-01-05-30-00-06-00-00.wav",  # to six o'clock
        "20240501T053000-06-00-00.wav",
        "20240501_053000-12dB.wav",
        "20240501_053000+12dB.wav",
        "20240501_053000+12.5dB.wav",
        "20240501_053000+12,5dB.wav",
        "20240501_053000+12\u00b0C.wav",
        "20240501_053000+10%.wav",
        "20240501T053000-12dB.wav",
        "20240501_053000-10kHz.wav",
        "20240501T053000+10kHz.wav",
        "20240501_053000-1000Hz.wav",
        "2024-05-01_05-30-00+10-12kHz.wav",
        "20240501_053000-05min.wav",
        "20240501_053000-0500m.wav",
        "20240501_053000+02\u00b5s.wav",
        "20240501_053000+02\u0662.wav",
        "20240501_053000_UTC+2h.wav",
        "20240501_053000_UTC+5.5.wav",
        "20240501_053000_UTC2.wav",
        "20240501_053000_01.wav",
        "20240501_053000Zebra.wav",
        "20240501_053000_Zebra.wav",
        "20240501_053000_utcubamba.wav",
        "20240501_053000-0000.wav",
        "20240501_053000-9900.wav",
        "20240501_053000_AM12.wav",
        "20241341_053000_20240501_053000.wav",  # the first is not a date
        "2023-02-30 20240501_053000.wav",
    ],
)
def test_names_of_recorders_without_a_zone(name: str) -> None:
    assert_time(name, MORNING)


@pytest.mark.parametrize(
    ("name", "offset"),
    [
        ("20240501T053000Z.wav", 0),
        ("2024-05-01T05:30:00.594002Z.wav", 0),
        ("20240501T0530Z.wav", 0),
        ("20240501T053000Z20240501T060000Z.wav", 0),
        ("2024-05-01T05:30:00+10:00-08.0000+000.0000.wav", 10),
        ("20240501_053000_Z.WAV", 0),
        ("2024-05-01-05-30-00-UTC.wav", 0),
        ("20240501_053000 (UTC+2).wav", 2),
        ("20240501_053000_UTC-03:30.wav", -3.5),
        ("2024-05-01_05-30-00+00.flac", 0),
        ("2024-05-01_05-30-00+05.flac", 5),
        ("20240501T053000-05.wav", -5),
        ("2024-05-01T05:30:00-05.wav", -5),
        ("2024-05-01T05-30-00-05_pond.flac", -5),
        ("20240501_053000-0500.wav", -5),
        ("20240501_053000-05:00.wav", -5),
        ("weird20240501_053000-1030.aac", -10.5),
        ("20240501_053000+05.wav", 5),
        ("123_20240501_053000+09_456.mpg", 9),
        ("20240501_053000+10 pond.wav", 10),
        ("20240501_053000UTC-20240501_060000UTC.wav", 0),
        ("20240501_053000+02.3gp", 2),
        ("20240501_053000+02-00.wav", 2),
        ("2024-05-01_05-30-00+02-00.wav", 2),
        ("20240501_053000-03-30.wav", -3.5),
        ("2024-05-01T05_30_00+02_00.wav", 2),
        ("2024-05-01T05:30:00-03:30.wav", -3.5),
        ("20240501T053000+0200_pond.wav", 2),
        ("WOO_20240501_053000+1000.wav", 10),
        ("20240501T053000.789+1130_00600.wav", 11.5),
        ("20240501T053000+1000_Rec2_-18.2656+144.5564.flac", 10),
        ("20240501T053000+1000-08.0000+000.0000.wav", 10),
        ("20240501_053000Z_+40.1213-075.0015+2.79CRSWGS_84.flac", 0),
        ("202405 1T053000+1000_REC [-27.3888 152.8808].flac", 10),  # Frontier Labs before firmware 3.09
        ("S20240501T053000.123+0930_E20240501T063000+0930.wav", 9.5),
        ("S20240501T053000676+1000_E20240501T063000501+1000_-08.0000+000.0000.wav", 10),
        ("S20240501T053000.982648+1000_E20240501T091251.967555+1000_-12.34567+78.98102.wav", 10),
    ],
)
def test_names_that_state_a_zone(name: str, offset: float) -> None:
    assert_time(name, MORNING.replace(tzinfo=hours(offset)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("5CE2A1B0.WAV", datetime(2019, 5, 20, 12, 46, 40, tzinfo=UTC)),
        ("5CE2A1B0.wav", datetime(2019, 5, 20, 12, 46, 40, tzinfo=UTC)),
        ("5B2FBC80.flac", datetime(2018, 6, 24, 15, 45, 4, tzinfo=UTC)),
        ("WhatsApp Audio 2024-05-01 at 12.30.00 AM.m4a", datetime(2024, 5, 1, 0, 30)),
        ("WhatsApp Audio 2024-05-01 at 12.30.00 PM.m4a", datetime(2024, 5, 1, 12, 30)),
        ("Recording 2024-05-01 at 5.30.00\u202fPM.m4a", datetime(2024, 5, 1, 17, 30)),
        ("2024-05-01 17.30.00 PM.m4a", datetime(2024, 5, 1, 17, 30)),
        ("2024-05-01 to 2024-05-02T05:30:00.wav", datetime(2024, 5, 2, 5, 30)),
    ],
)
def test_names_that_need_arithmetic(name: str, expected: datetime) -> None:
    assert_time(name, expected)


@pytest.mark.parametrize(
    "name",
    [
        "frog.wav",
        "20240501.wav",
        "2024-05-01.wav",
        "2024-05-01-birdnet.wav",
        "05:30:00.wav",
        "053000.wav",
        "20240501_0012.mp3",  # a counter
        "20240501_012.wav",
        "20240501_12345.wav",
        "2024-05-01_05-30.wav",  # perhaps site and plot
        "2024-05-01_site-12_plot-30_05.wav",
        "20240501_pond_123456.wav",  # a serial number
        "2024-05-01_collected_12-05-23.wav",  # a date
        "010524_053000.wav",  # 1 May 2024, or 24 May 2001
        "240501_053000.wav",
        "20241399.wav",
        "20241399_123456.wav",
        "20240230_053000.wav",
        "20240501_243000.wav",
        "20240501_056000.wav",
        "20240501_0530000.wav",
        "20240501T2530.wav",
        "120240501_053000.wav",
        "2024050105300.wav",
        "12345678901234567890.wav",
        "-27.4698_153.0251.wav",
        "-08.0000+000.0000_1234.5678-090.1234.wav",
        "S4A01234.wav",
        "86f5923d-ef1d-4159-b120-a8dec3f6334e.wav",
        "671629352.241399053000.wav",
        "19700101_000012.WAV",  # the clock was never set
        "99990101_000000.WAV",
        "00000000_000000.WAV",
        "51234567.WAV",
        "DEADBEEF.WAV",
        "0CE2A1B0.WAV",
        "5CE2A1B0.mp3",
        "5ce2a1b0.wav",
        "prefix5AFCD4F4prefix.WAV",
        "5AFCD4F45AFCD4F4.WAV",
        "٢٠٢٤٠٥٠١_٠٥٣٠٠٠",
        "5CE2A1B",
        "",
    ],
)
def test_names_without_a_time(name: str) -> None:
    assert from_name(name) is None


FORMS = [
    "%Y%m%d_%H%M%S",
    "%Y%m%d$%H%M%S",
    "%Y%m%d%H%M%S",
    "%Y%m%dT%H%M%S",
    "%Y%m%dT%H%M%S676",
    "%Y-%m-%d_%H-%M-%S",
    "%Y-%m-%d %H.%M.%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y_%m_%d__%H_%M_%S",
    "%Y-%m-%d-birdnet-%H:%M:%S",
    "%Y-%m-%d at %I.%M.%S %p",
    "%Y-%m-%d %Hh%Mm%Ss",
    "S%Y%m%dT%H%M%S.123",
]


@settings(deadline=None)
@given(TIMES, PREFIXES, st.sampled_from([".wav", "_pond.flac", " (1).mp3", "_-08.0000+000.0000.wav", "_20240501.wav"]))
def test_every_possible_time_is_read_from_a_name(time: datetime, prefix: str, suffix: str) -> None:
    for form in FORMS:
        assert_time(f"{prefix}{time:{form}}{suffix}", time)


@settings(deadline=None)
@given(TIMES, st.integers(-12 * 4, 14 * 4).filter(lambda quarters: not -4 < quarters <= 0))
def test_every_offset_is_read_from_a_name(time: datetime, quarters: int) -> None:
    sign, minutes = "-" if quarters < 0 else "+", abs(quarters) * 15
    expected = time.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    whole, rest = divmod(minutes, 60)
    for offset in (f"{whole:02}{rest:02}", f"{whole:02}:{rest:02}", f"{whole:02}-{rest:02}", f"{whole:02}"):
        if len(offset) > 2 or not rest:
            assert_time(f"{time:%Y%m%dT%H%M%S}{sign}{offset}_1.wav", expected)
            stated = expected if len(offset) > 2 or sign == "+" else time  # elsewhere -05 is a number
            assert_time(f"POND_{time:%Y%m%d_%H%M%S}{sign}{offset}_1.wav", stated)
            assert_time(f"{time:%Y-%m-%d_%H-%M-%S}{sign}{offset}.flac", stated)


@settings(deadline=None)
@given(
    TIMES,
    st.sampled_from(["%Y%m%d_%H%M%S", "%Y%m%dT%H%M%S", "%Y%m%d%H%M%S", "%Y-%m-%d_%H-%M-%S", "%Y-%m-%dT%H:%M:%S"]),
    st.from_regex(r"(UTC)?[+-][0-9]{1,2}(:?[0-9]{1,2})?", fullmatch=True),
    st.characters(categories=["L"]),
)
def test_a_letter_behind_the_digits_makes_no_offset(time: datetime, form: str, digits: str, letter: str) -> None:
    assert_time(f"{time:{form}}{digits}{letter}.wav", time)


@given(TIMES)
def test_every_minute_is_read_from_a_name(time: datetime) -> None:
    minute = time.replace(second=0)
    for form in ("%Y%m%dT%H%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d pond %H:%M", "%Y-%m-%d_%Hh%M"):
        assert_time(f"{time:{form}}.wav", minute)


@given(st.datetimes(datetime(2016, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)))
def test_every_time_of_soundtraps_and_first_audiomoths_is_read(time: datetime) -> None:
    time = time.replace(microsecond=0)
    assert_time(f"671629352.{time:%y%m%d%H%M%S}.wav", time.replace(tzinfo=None))
    hexadecimal = f"{int(time.timestamp()):08X}"
    if not hexadecimal.isdecimal():
        assert_time(f"{hexadecimal}.WAV", time)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789-_.:TZ+ h$(apm", max_size=60))
def test_no_digits_raise_an_error(name: str) -> None:
    time = from_name(name)
    assert time is None or 1971 <= time.year <= 2099


@pytest.mark.parametrize("part", ["2024-05-01-", "20240501", "2024-05-01 1 ", "a1-", "05:"])
def test_long_names_are_read_at_once(part: str) -> None:
    assert from_name(part * (4000 // len(part)) + ".wav") is None
