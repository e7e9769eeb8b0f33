"""Calendars: the days that rules name, and what the last of them says."""

from datetime import date

import pytest

from arterial.errors import StudyError
from arterial.timetable.trains.calendars import resolve_calendar

YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def resolve(build):
    def resolve_rules(*rules, period=YEAR):
        frame = build.table("calendar_rules", list(rules))
        return resolve_calendar(frame, "c", *period)

    return resolve_rules


def test_daily_names_every_day_of_its_validity(build, resolve):
    rule = build.rule("c", 1, "daily", valid_from=date(2025, 2, 27), valid_to=date(2025, 3, 2))
    assert [day.day for day in resolve(rule)["date"]] == [27, 28, 1, 2]


def test_weekdays_names_the_days_of_the_week_in_any_case(build, resolve):
    days = resolve(build.rule("c", 1, "weekdays", "mon; Thursday"))["date"]
    assert {day.weekday() for day in days} == {0, 3}
    assert len(days) == 104


def test_days_of_month_skips_months_without_that_day(build, resolve):
    assert resolve(build.rule("c", 1, "days_of_month", "31")).height == 7


def test_last_is_the_last_day_of_each_month(build, resolve):
    days = resolve(build.rule("c", 1, "days_of_month", "15;last"))["date"]
    assert [day.day for day in days][:6] == [15, 31, 15, 28, 15, 31]


def test_every_n_days_is_anchored_at_its_first_day_even_outside_the_period(build, resolve):
    rule = build.rule("c", 1, "every_n_days", "14", valid_from=date(2024, 12, 20))
    assert resolve(rule)["date"][0] == date(2025, 1, 3)
    assert resolve(rule).height == 26


def test_a_later_rule_overrides_an_earlier_one_on_the_days_it_names(build, resolve):
    said = resolve(
        build.rule("c", 1, "days_of_month", "3;17"),
        build.rule("c", 2, "dates", "2025-03-03", effect="suspended"),
        build.rule("c", 3, "dates", "2025-06-17", reported=True),
        build.rule("c", 4, "dates", "2025-06-18", effect="test_run"),
    )
    by_day = {row["date"]: (row["effect"], row["reported"]) for row in said.to_dicts()}
    assert by_day[date(2025, 3, 3)] == ("suspended", None)
    assert by_day[date(2025, 6, 17)] == ("runs", True)
    assert by_day[date(2025, 6, 18)] == ("test_run", None)
    assert by_day[date(2025, 7, 3)] == ("runs", None)
    assert said.height == 25


def test_rules_apply_by_their_number_whatever_the_order_of_rows(build, resolve):
    runs, stops = build.rule("c", 1, "daily"), build.rule("c", 2, "daily", effect="does_not_run")
    assert set(resolve(stops, runs)["effect"]) == {"does_not_run"}


def test_an_unknown_calendar_names_no_day(build):
    frame = build.table("calendar_rules", [build.rule("c", 1, "daily")])
    assert resolve_calendar(frame, "other", *YEAR).is_empty()


@pytest.mark.parametrize(
    ("pattern", "days"),
    [
        ("weekdays", "Mon;Xyz"),
        ("weekdays", None),
        ("days_of_month", "0"),
        ("days_of_month", "first"),
        ("every_n_days", "14"),
        ("every_n_days", "0"),
        ("dates", "17.06.2025"),
    ],
)
def test_rules_that_cannot_be_read_are_all_told_at_once(build, resolve, pattern, days):
    with pytest.raises(StudyError) as caught:
        resolve(build.rule("c", 1, pattern, days), build.rule("c", 2, "weekdays", "Foo"))
    assert len(caught.value.faults) == 2
    assert all(fault.file == "tables/calendar_rules.csv" for fault in caught.value.faults)
