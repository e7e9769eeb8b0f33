"""Cells: what is understood, and how the rest is told."""

import datetime as dt

import pytest

from arterial.study.cells import is_formula_like, parse_cell, parse_column
from arterial.study.schema import Attribute, load_schema


def attribute(table: str, column: str) -> Attribute:
    return load_schema(table).attribute(column)


LENGTH = attribute("sections", "length_km")
SEQUENCE = attribute("line_points", "sequence")
IS_OPEN = attribute("sections", "is_open")
DAY = attribute("calendar_rules", "valid_from")
TIME = attribute("train_stops", "arrival")
ZONE = attribute("operational_points", "zone")
GAUGES = attribute("sections", "gauges_mm")
NOTE = attribute("sections", "note")


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (LENGTH, "12.5", 12.5),
        (LENGTH, "1e2", 100.0),
        (LENGTH, "+7", 7.0),
        (LENGTH, ".5", 0.5),
        (SEQUENCE, "007", 7),
        (IS_OPEN, "TRUE", True),
        (IS_OPEN, "false", False),
        (DAY, "2024-02-29", dt.date(2024, 2, 29)),
        (TIME, "00:00", "00:00"),
        (TIME, "23:59:59", "23:59:59"),
        (ZONE, "Asia/Pyongyang", "Asia/Pyongyang"),
        (ZONE, "UTC", "UTC"),
        (GAUGES, "1435;1520", "1435;1520"),
        (NOTE, "평라선; <b> & quotes", "평라선; <b> & quotes"),
        (NOTE, "two\nlines\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_a_sound_cell_is_understood(column: Attribute, text: str, value: object) -> None:
    parsed = parse_cell(column, text)
    assert parsed.problem is None
    assert parsed.value == value
    assert type(parsed.value) is type(value)


@pytest.mark.parametrize(
    ("column", "text", "cause", "cure"),
    [
        (LENGTH, "12,5", "not a number", "12.5"),
        (LENGTH, "1,234,5", "not a number", "thousands"),
        (LENGTH, "12 km", "not a number", "without unit"),
        (LENGTH, "٣", "not a number", "digits"),
        (LENGTH, "n/a", "not a finite number", "empty"),
        (LENGTH, "0.001", "0.001 km is too low", "at least 0.01 and at most 5000 km"),
        (LENGTH, "6000", "6000 km is too high", "check the figure and its unit"),
        (SEQUENCE, "1.0", "not a whole number", "without a point"),
        (SEQUENCE, "9" * 19, "too large", "Check"),
        (IS_OPEN, "1", "neither true nor false", "true or false"),
        (DAY, "2025-02-30", "that month has 28 days", "Check the day"),
        (DAY, "2025-00-10", "no month 0", "YYYY-MM-DD"),
        (DAY, "0025-01-01", "outside the years 1800 to 2199", "year"),
        (DAY, "2025-6-7", "not a date", "YYYY-MM-DD"),
        (TIME, "9:05", "not a time of day", "HH:MM"),
        (ZONE, "Moscow", "not a time zone", "Europe/Moscow"),
        (ZONE, "Europe", "not a time zone", "IANA"),
        (GAUGES, "1435/1520", "not a whole number", "1435;1520"),
        (GAUGES, "1435;1435", "names an item twice", "once"),
        (NOTE, "   ", "only blanks", "Empty"),
    ],
)
def test_a_faulty_cell_is_told_with_its_cure(
    column: Attribute, text: str, cause: str, cure: str
) -> None:
    parsed = parse_cell(column, text)
    assert parsed.value is None
    assert parsed.problem is not None
    assert cause in parsed.problem.cause
    assert cure in parsed.problem.cure


def test_a_misspelt_zone_names_near_ones() -> None:
    problem = parse_cell(ZONE, "Europe/Moskow").problem
    assert problem is not None
    assert "Europe/Moscow" in problem.near


def test_an_empty_cell_is_unknown_unless_it_must_be_given() -> None:
    assert parse_cell(NOTE, "") == parse_cell(IS_OPEN, "")
    assert parse_cell(NOTE, "").problem is None
    problem = parse_cell(LENGTH, "").problem
    assert problem is not None
    assert "required value is empty" in problem.cause


def test_a_required_cell_with_a_default_may_be_empty() -> None:
    assert parse_cell(attribute("calendar_rules", "effect"), "").problem is None


@pytest.mark.parametrize("text", ["=1+1", "@x", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "+A1"])
def test_text_that_a_spreadsheet_computes_is_warned_of_and_kept(text: str) -> None:
    parsed = parse_cell(NOTE, text)
    assert parsed.value == text
    assert parsed.problem is not None
    assert parsed.problem.severity == "warning"


@pytest.mark.parametrize("text", ["-5", "+7.5", "- not known", "-", "a=b", "(=)"])
def test_signs_and_signed_numbers_are_no_formulas(text: str) -> None:
    assert not is_formula_like(text)


def test_a_column_is_understood_row_by_row_with_its_lines() -> None:
    values, faults = parse_column(
        LENGTH, ["1", "x", None, "2", "x"], [2, 3, 4, 6, 9], "tables/sections.csv"
    )
    assert values == [1.0, None, None, 2.0, None]
    assert [fault.row for fault in faults] == [3, 9]
    assert {fault.column for fault in faults} == {"length_km"}


def test_many_faults_of_one_kind_are_counted_not_listed() -> None:
    cells = ["x"] * 1000
    _, faults = parse_column(LENGTH, cells, list(range(2, 1002)), "tables/sections.csv")
    assert len(faults) == 21
    assert faults[-1].cause.startswith("980 more faults")


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("1,250", "Write 1250 if the comma marks thousands, 1.250 if it is a decimal comma."),
        ("1,250,000", "Write 1250000 if the comma marks thousands."),
        ("12,5", "Write it with a decimal point: 12.5."),
        ("0,250", "Write it with a decimal point: 0.250."),
    ],
)
def test_a_comma_that_may_mark_thousands_is_cured_by_both_readings(text: str, cure: str) -> None:
    problem = parse_cell(LENGTH, text).problem
    assert problem is not None
    assert problem.cure == cure
