"""study.toml: what it holds, and how each fault in it is told."""

import datetime as dt
import re

import pytest
from pydantic import ValidationError

from arterial.errors import Fault
from arterial.study.settings import (
    GradientAssumption,
    ReportSettings,
    RunningSettings,
    Settings,
    TimetableSettings,
)
from arterial.study.settingsfile import parse_settings
from arterial.study.writer import format_settings

SOUND = """\
schema_version = 1
name = "test"
title = "Test"
epoch = 2025-01-01
horizon_from = 2025-06-01
horizon_to = 2025-12-31
as_of = 2025-11-22
"""


def only_fault(text: str) -> Fault:
    parsed = parse_settings(text)
    assert parsed.settings is None
    assert len(parsed.faults) == 1, parsed.faults
    return parsed.faults[0]


def test_defaults_are_the_documented_ones() -> None:
    settings = parse_settings(SOUND).settings
    assert settings is not None
    assert settings.running.braking_deceleration_ms2 == 0.35
    assert settings.running.gradient_assumption is GradientAssumption.ROLLING
    assert settings.running.gravity_ms2 == 9.81
    assert settings.timetable.minimum_connection_min == 90
    assert settings.timetable.default_dwell_min == 3
    assert settings.timetable.catch_up_days == 4
    assert settings.report.trip_ids == ()


def test_parts_are_read() -> None:
    text = SOUND + '[running]\ngradient_assumption = "level"\n[report]\ntrip_ids = ["S@2025-06-17"]'
    settings = parse_settings(text).settings
    assert settings is not None
    assert settings.running.gradient_assumption is GradientAssumption.LEVEL
    assert settings.report.trip_ids == ("S@2025-06-17",)


def test_settings_are_frozen() -> None:
    settings = parse_settings(SOUND).settings
    assert settings is not None
    with pytest.raises(ValidationError, match="frozen"):
        settings.seed = 2  # type: ignore[misc]


def test_writing_and_reading_come_back() -> None:
    first = parse_settings(SOUND + '[report]\nroute_ids = ["A\\"\\\\B", "é\\u007f"]\n').settings
    assert first is not None
    assert parse_settings(format_settings(first)).settings == first


def test_every_key_has_a_description() -> None:
    parts = (Settings, RunningSettings, TimetableSettings, ReportSettings)
    assert [
        key for part in parts for key, field in part.model_fields.items() if not field.description
    ] == []


def test_an_unknown_key_names_near_ones_and_its_line() -> None:
    fault = only_fault(SOUND + "[running]\ngravty_ms2 = 9.81\n")
    assert (fault.file, fault.row, fault.column) == ("study.toml", 9, "running.gravty_ms2")
    assert fault.near == ("gravity_ms2",)


def test_a_missing_key_says_what_it_is() -> None:
    fault = only_fault(SOUND.replace("epoch = 2025-01-01\n", ""))
    assert fault.column == "epoch"
    assert "midnight UTC" in fault.cure


@pytest.mark.parametrize(
    ("line", "column", "word"),
    [
        ("seed = -1", "seed", "greater than or equal"),
        ('seed = "1"', "seed", "integer"),
        ("seed = 1.5", "seed", "integer"),
        ("seed = true", "seed", "integer"),
        ('currency = "euro"', "currency", "pattern"),
        ("[running]\ngravity_ms2 = 1.6", "running.gravity_ms2", "9.7"),
        ("[running]\ngravity_ms2 = nan", "running.gravity_ms2", "finite"),
        ("[running]\ngravity_ms2 = inf", "running.gravity_ms2", "finite"),
        ('[running]\ngradient_assumption = "hilly"', "running.gradient_assumption", "rolling"),
        ('[report]\ntrip_ids = "S"', "report.trip_ids", "tuple"),
        ("[report]\ntrip_ids = [1]", "report.trip_ids", "string"),
        ("running = 3", "running", "RunningSettings"),
    ],
)
def test_a_wrong_value_is_told_with_its_key_and_line(line: str, column: str, word: str) -> None:
    fault = only_fault(SOUND + line)
    assert fault.column == column
    assert fault.row == 7 + line.count("\n") + 1
    assert word in fault.cause
    assert fault.cure


@pytest.mark.parametrize("key", ["epoch", "horizon_from", "horizon_to", "as_of"])
@pytest.mark.parametrize("day", ["0001-01-01", "1799-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_beyond_all_calendars_is_refused(key: str, day: str) -> None:
    text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {day}", SOUND)
    assert day in text
    assert only_fault(text).column == key


def test_a_date_with_a_time_is_refused() -> None:
    fault = only_fault(SOUND.replace("epoch = 2025-01-01", "epoch = 2025-01-01T00:00:00"))
    assert (fault.column, fault.row) == ("epoch", 4)


def test_a_horizon_that_ends_before_it_begins_is_refused() -> None:
    fault = only_fault(SOUND.replace("2025-12-31", "2025-05-31"))
    assert "2025-05-31" in fault.cause
    assert "2025-06-01" in fault.cause
    assert fault.row == 6


@pytest.mark.parametrize("name", ["", "../x", "a b", "-x", "a/b", "n" * 101, ".hidden"])
def test_a_name_that_could_be_a_path_is_refused(name: str) -> None:
    fault = only_fault(SOUND.replace('"test"', f'"{name}"'))
    assert fault.column == "name"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (SOUND + "title = 'twice'\n", 8),
        (SOUND + "seed = \n", 8),
        (SOUND + 'summary = "never closed\n', 8),
        (SOUND.replace("2025-01-01", "2025-02-30"), 4),
        ("[[[", 1),
        (SOUND + "a" + "[" * 5000, 8),
        ("summary = " + "[" * 100_000, None),
    ],
)
def test_text_that_is_not_toml_is_told_with_its_line(text: str, row: int | None) -> None:
    fault = only_fault(text)
    assert "TOML" in fault.cause
    assert row is None or fault.row == row


def test_all_faults_come_at_once() -> None:
    parsed = parse_settings('name = "a b"\nfoo = 1\n')
    assert {fault.column for fault in parsed.faults} == {
        "schema_version", "name", "title", "epoch", "horizon_from", "horizon_to", "as_of", "foo",
    }  # fmt: skip


def test_a_newer_schema_version_is_refused() -> None:
    fault = only_fault(SOUND.replace("schema_version = 1", "schema_version = 2"))
    assert fault.column == "schema_version"


def test_settings_can_be_varied_without_changing_the_original() -> None:
    first = parse_settings(SOUND).settings
    assert first is not None
    second = first.model_copy(update={"seed": 5})
    assert (first.seed, second.seed) == (1, 5)
    assert second.epoch == dt.date(2025, 1, 1)
