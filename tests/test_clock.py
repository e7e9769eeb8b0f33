"""Clock: civil times become instants, and never are wall times subtracted."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.clock import (
    MAXIMUM_JOURNEY_DAYS,
    CivilTime,
    CivilTimeKind,
    civil_to_epoch_s,
    civil_to_instant,
    classify_civil_time,
    clock_face_difference_s,
    elapsed_s,
    from_epoch_s,
    get_zone,
    local_day,
    local_text,
    parse_clock_time,
    to_epoch_s,
    utc_offset_min,
)
from arterial.errors import LimitError

EPOCH = date(2025, 1, 1)
ZONES = [
    "Asia/Pyongyang",
    "Asia/Vladivostok",
    "Asia/Chita",
    "Asia/Irkutsk",
    "Asia/Krasnoyarsk",
    "Asia/Novosibirsk",
    "Asia/Omsk",
    "Asia/Yekaterinburg",
    "Europe/Moscow",
    "Asia/Shanghai",
]


def test_a_clock_time_may_carry_seconds():
    assert parse_clock_time("07:05:30").isoformat() == "07:05:30"
    assert parse_clock_time(" 7:05 ").isoformat() == "07:05:00"


@pytest.mark.parametrize("text", ["24:00", "205:30:00", "7.30", "", "12:60", "noon"])
def test_a_clock_time_outside_the_day_is_refused_with_its_cure(text):
    with pytest.raises(LimitError, match="HH:MM"):
        parse_clock_time(text)


def test_an_unknown_zone_is_refused_and_a_near_name_given():
    with pytest.raises(LimitError, match="Asia/Pyongyang"):
        get_zone("Asia/Pyongyan")


def test_a_zone_name_that_leaves_the_database_folder_is_refused():
    with pytest.raises(LimitError):
        get_zone("../../etc/passwd")


def test_a_missing_clock_face_is_refused_unless_the_gap_is_allowed():
    with pytest.raises(LimitError, match="never showed"):
        civil_to_instant(date(2018, 5, 4), "23:45", "Asia/Pyongyang")
    kept = civil_to_instant(date(2018, 5, 4), "23:45", "Asia/Pyongyang", allow_gap=True)
    assert kept == datetime(2018, 5, 4, 15, 15, tzinfo=UTC)
    assert local_text(to_epoch_s(kept, EPOCH), EPOCH, "Asia/Pyongyang") == "2018-05-05 00:15"


def test_the_fold_picks_the_second_showing_of_an_ambiguous_clock_face():
    first = civil_to_instant(date(2015, 8, 14), "23:45", "Asia/Pyongyang")
    second = civil_to_instant(date(2015, 8, 14), "23:45", "Asia/Pyongyang", fold=1)
    assert second - first == timedelta(minutes=30)


def test_moscow_time_had_daylight_saving_until_2010():
    assert utc_offset_min(
        to_epoch_s(datetime(2008, 9, 11, tzinfo=UTC), EPOCH), EPOCH, "Europe/Moscow"
    ) == (240)
    assert utc_offset_min(
        to_epoch_s(datetime(2008, 12, 11, tzinfo=UTC), EPOCH), EPOCH, "Europe/Moscow"
    ) == (180)


def test_the_local_day_changes_before_utc_in_the_east():
    at_s = civil_to_epoch_s(date(2025, 6, 18), "05:00", "Asia/Vladivostok", EPOCH)
    assert local_day(at_s, EPOCH, "Asia/Vladivostok") == date(2025, 6, 18)
    assert from_epoch_s(at_s, EPOCH).date() == date(2025, 6, 17)


def test_an_instant_without_zone_is_refused():
    with pytest.raises(LimitError, match="no zone"):
        to_epoch_s(datetime(2025, 1, 1), EPOCH)  # noqa: DTZ001 the fault under test


def test_elapsed_time_is_negative_when_the_end_comes_first():
    late = CivilTime(date(2025, 1, 2), "00:00", "UTC")
    early = CivilTime(date(2025, 1, 1), "23:00", "UTC")
    assert elapsed_s(late, early) == -3600


def test_a_journey_over_the_limit_is_refused_and_twenty_days_are_not():
    start = CivilTime(date(2025, 1, 1), "00:00", "UTC")
    assert elapsed_s(start, CivilTime(date(2025, 1, 22), "00:00", "UTC")) == 21 * 86_400
    end = CivilTime(start.day + timedelta(days=MAXIMUM_JOURNEY_DAYS + 1), "00:00", "UTC")
    with pytest.raises(LimitError, match="check the two dates"):
        elapsed_s(start, end)


def test_a_stay_over_a_change_of_offset_is_not_its_clock_difference():
    start = CivilTime(date(2018, 5, 3), "10:00", "Asia/Pyongyang")
    end = CivilTime(date(2018, 5, 6), "10:00", "Asia/Pyongyang")
    assert elapsed_s(start, end) == 71.5 * 3600
    assert clock_face_difference_s(start, end) == 72 * 3600


@given(
    at_s=st.integers(min_value=-700_000_000, max_value=200_000_000).map(lambda s: s - s % 60),
    zone=st.sampled_from(ZONES),
)
def test_every_instant_survives_the_way_to_its_clock_face_and_back(at_s, zone):
    text = local_text(at_s, EPOCH, zone)
    day, clock = date.fromisoformat(text[:10]), text[11:]
    assert classify_civil_time(day, clock, zone) is not CivilTimeKind.NONEXISTENT
    back = {to_epoch_s(civil_to_instant(day, clock, zone, fold=fold), EPOCH) for fold in (0, 1)}
    assert at_s in back


@given(day=st.dates(date(2004, 1, 1), date(2030, 1, 1)), zone=st.sampled_from(ZONES))
def test_offset_turns_utc_into_the_clock_face(day, zone):
    at_s = civil_to_epoch_s(day, "12:00", zone, EPOCH)
    shifted = from_epoch_s(at_s + 60 * utc_offset_min(at_s, EPOCH, zone), EPOCH)
    assert shifted.replace(tzinfo=None) == datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001
