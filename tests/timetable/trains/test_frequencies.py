"""Frequencies in words, read as departures a year."""

import pytest

from arterial.timetable.trains.frequencies import read_frequency


@pytest.mark.parametrize(
    ("text", "per_year"),
    [
        ("twice a month", 24),
        ("twice-monthly", 24),
        ("semi-monthly", 24),
        ("two times per month", 24),
        ("every 14 days", 26),
        ("every two weeks", 26),
        ("fortnightly", 26),
        ("monthly", 12),
        ("once a month", 12),
        ("weekly", 52),
        ("every Friday", 52),
        ("Mon/Wed/Fri", 156),
        ("Mon Wed Thu Sat", 208),
        ("four times a week", 208),
        ("4 a week", 208),
        ("daily", 365),
        ("every other day", 182),
        ("odd days", 186),
        ("even days", 179),
        ("3rd and 17th", 24),
        ("on the 3rd, 10th and 17th of every month", 36),
        ("19 of month", 12),
        ("31st", 7),
        ("twice a month, on the 3rd and 17th", 24),
        ("quarterly", 4),
        ("every three months", 4),
        ("every year", 1),
        ("once a day", 365),
        ("2x monthly", 24),
        ("once in two weeks", 26),
        ("alternate days", 182),
        ("every other Tuesday", 26),
        ("2nd and 4th Tuesday of the month", 24),
        ("1st Monday of each month", 12),
        ("Mon-Fri", 260),
        ("Saturday to Tuesday", 208),
        ("every weekday", 260),
        ("daily except Sundays and Mondays", 260),
        ("six days a week", 312),
        ("7 days a week", 365),
        ("odd and even days", 365),
        ("on odd-numbered days", 186),
        ("every half month", 24),
        ("semi-annually", 2),
        ("once a quarter", 4),
        ("two round trips a month", 24),
        ("every eleven days", 33),
    ],
)
def test_a_wording_is_read_as_departures_a_year(text, per_year):
    reading = read_frequency(text)
    assert reading.per_year == per_year
    assert reading.per_year_low <= per_year <= reading.per_year_high
    assert not reading.is_ambiguous


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("bimonthly", 6, 24),
        ("Bi-Weekly", 26, 106),
        ("twice monthly (every 14 days)", 24, 27),
        ("twice a month; monthly", 12, 24),
        ("2-3 times a week", 104, 158),
        ("once or twice a month", 12, 24),
    ],
)
def test_a_wording_of_two_senses_is_ambiguous_and_keeps_both(text, low, high):
    reading = read_frequency(text)
    assert reading.is_ambiguous
    assert reading.per_year is None
    assert (reading.per_year_low, reading.per_year_high) == (low, high)
    assert " or " in reading.explanation


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now and then",
        "every 0 days",
        "from time to time",
        "up to three times a week",
        "bi-annually",
        "daily on working days",
        "monthly except in winter",
    ],
)
def test_a_wording_that_is_not_understood_is_unknown_and_not_a_number(text):
    reading = read_frequency(text)
    assert (reading.per_year_low, reading.per_year_high, reading.per_year) == (None, None, None)
    assert "not a wording known" in reading.explanation


def test_a_month_is_not_taken_for_a_monday():
    assert read_frequency("3 and 17 of the month").per_year == 24
