"""A small corridor with an 8-day run over nine zones, a border shuttle and a daily long train."""

from datetime import date

import polars as pl
import pytest

from arterial.study import conform_table, empty_table, list_tables
from arterial.timetable.coaches.coach_services import TimetableOptions

ZONES = {
    "pyongyang": "Asia/Pyongyang",
    "tumangang": "Asia/Pyongyang",
    "khasan": "Asia/Vladivostok",
    "ussuriysk": "Asia/Vladivostok",
    "chita": "Asia/Chita",
    "irkutsk": "Asia/Irkutsk",
    "krasnoyarsk": "Asia/Krasnoyarsk",
    "novosibirsk": "Asia/Novosibirsk",
    "omsk": "Asia/Omsk",
    "yekaterinburg": "Asia/Yekaterinburg",
    "moscow": "Europe/Moscow",
}
LINK_SCHEMA = {
    "train_id": pl.String,
    "sequence": pl.Int64,
    "distance_km": pl.Float64,
    "running_low_s": pl.Int64,
    "running_s": pl.Int64,
    "running_high_s": pl.Int64,
}


def make_table(name, rows):
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return conform_table(name, frame, fill_missing=True)


def make_tables(**rows):
    tables = {name: empty_table(name) for name in list_tables()}
    return tables | {name: make_table(name, list(of)) for name, of in rows.items()}


def make_links(*rows):
    columns = ["train_id", "sequence", "distance_km", "running_low_s", "running_s"]
    columns.append("running_high_s")
    return pl.DataFrame(list(rows), schema=LINK_SCHEMA, orient="row")


def make_stop(train, sequence, point, arrival=None, departure=None, **more):
    """A stop; times as "HH:MM" or "HH:MM+day"."""
    row = {"train_id": train, "sequence": sequence, "point_id": point, **more}
    for name, text in (("arrival", arrival), ("departure", departure)):
        if text:
            clock, _, day = text.partition("+")
            row[name] = clock
            row[f"{name}_day"] = int(day) if day else None
    return row


def make_rule(calendar, sequence, pattern, days=None, **more):
    row = {"calendar_id": calendar, "sequence": sequence, "pattern": pattern, "days": days}
    return row | {"effect": "runs"} | more


STOPS = [
    make_stop("D8", 1, "pyongyang", None, "10:00"),
    make_stop("D8", 2, "tumangang", "09:00+1", None),
    make_stop("646", 1, "tumangang", None, "12:00"),
    make_stop("646", 2, "khasan", "15:30+0"),
    make_stop("652", 1, "khasan", None, "20:00"),
    make_stop("652", 2, "ussuriysk", "02:00+1"),
    make_stop("1", 1, "ussuriysk", None, "08:00"),
    make_stop("1", 2, "chita", None, None, dwell_min=20),
    make_stop("1", 3, "irkutsk", None, None, dwell_min=30),
    make_stop("1", 4, "krasnoyarsk", None, None, dwell_min=20),
    make_stop("1", 5, "novosibirsk", "09:30+4", "10:18+4", time_basis="observed"),
    make_stop("1", 6, "omsk", None, None, dwell_min=16),
    make_stop("1", 7, "yekaterinburg", None, None, dwell_min=30),
    make_stop("1", 8, "moscow", "05:00+6", None),
]
LINKS = [
    ("1", 2, 2900.0, 150_000, 160_000, 175_000),
    ("1", 3, 1010.0, 54_000, 60_000, 66_000),
    ("1", 4, 1090.0, 58_000, 62_000, 66_000),
    ("1", 5, 760.0, 40_000, 44_000, 48_000),
    ("1", 6, 630.0, 26_000, 28_000, 30_000),
    ("1", 7, 900.0, 42_000, 44_000, 48_000),
    ("1", 8, 1800.0, 90_000, 95_000, 104_000),
    ("D8", 2, 845.0, 80_000, 82_800, 90_000),
    ("646", 2, 17.0, 3000, 3600, 9000),
    ("652", 2, 240.0, 20_000, 21_600, 23_000),
]
LEGS = [
    ("D8", "pyongyang", "tumangang", 0, None),
    ("646", "tumangang", "khasan", 1, "exit"),
    ("652", "khasan", "ussuriysk", 1, "entry"),
    ("1", "ussuriysk", "moscow", 2, None),
]


@pytest.fixture
def corridor():
    """Tables of the corridor; a new mapping for each test."""
    return make_tables(
        railways=[
            {"railway_id": "kr", "name": "K", "country": "KP", "reference_zone": "Asia/Pyongyang"},
            {"railway_id": "rzd", "name": "R", "country": "RU", "reference_zone": "Europe/Moscow"},
        ],
        operational_points=[
            {
                "point_id": point,
                "name": point.title(),
                "zone": zone,
                "country": "KP" if "Pyong" in zone else "RU",
                "railway_id": "kr" if "Pyong" in zone else "rzd",
                "kind": "station",
            }
            for point, zone in ZONES.items()
        ],
        calendar_rules=[
            make_rule("coach", 1, "days_of_month", "3;17", valid_from=date(2025, 6, 17)),
            make_rule("daily", 1, "daily"),
            make_rule("mwf", 1, "weekdays", "Mon;Wed;Fri"),
        ],
        trains=[
            {
                "train_id": train,
                "number": train,
                "category": "passenger",
                "calendar_id": "mwf" if train == "646" else "daily",
            }
            for train in ("D8", "646", "652", "1")
        ],
        train_stops=STOPS,
        procedures=[
            {"procedure_id": "exit", "name": "Exit", "kind": "border"},
            {"procedure_id": "entry", "name": "Entry", "kind": "border"},
        ],
        procedure_steps=[
            make_step("exit", 1, "exit control", 30, 60, 120),
            make_step("entry", 1, "entry control", 60, 90, 150),
            make_step("entry", 2, "bogie exchange", 30, 45, 60),
        ],
        coach_services=[
            {
                "service_id": "west",
                "name": "Pyongyang to Moscow",
                "from_point": "pyongyang",
                "to_point": "moscow",
                "calendar_id": "coach",
                "pool_id": "moscow_coaches",
                "berths_offered": 36,
            }
        ],
        coach_legs=[
            {
                "service_id": "west",
                "sequence": number,
                "train_id": train,
                "from_point": start,
                "to_point": end,
                "boarding_day": day,
                "procedure_id": procedure,
            }
            for number, (train, start, end, day, procedure) in enumerate(LEGS, start=1)
        ],
    )


def make_step(procedure, sequence, name, low, best, high, **more):
    return {
        "procedure_id": procedure,
        "sequence": sequence,
        "name": name,
        "kind": "wait",
        "duration_low_min": low,
        "duration_best_min": best,
        "duration_high_min": high,
        **more,
    }


@pytest.fixture
def links():
    """Running times of the corridor's trains."""
    return make_links(*LINKS)


@pytest.fixture
def options():
    """Second half of 2025, seen from its first day."""
    return TimetableOptions(
        epoch=date(2025, 1, 1),
        horizon_from=date(2025, 7, 1),
        horizon_to=date(2025, 12, 31),
        as_of=date(2025, 7, 1),
    )


@pytest.fixture
def change():
    """Change rows of a table: ``change(tables, name, key, **columns)``; key picks by columns."""

    def change_rows(tables, name, key, **columns):
        match = pl.all_horizontal(pl.col(column) == value for column, value in key.items())
        frame = tables[name]
        return tables | {
            name: frame.with_columns(
                pl.when(match)
                .then(pl.lit(value, frame.schema[column]))
                .otherwise(pl.col(column))
                .alias(column)
                for column, value in columns.items()
            )
        }

    return change_rows


@pytest.fixture
def build():
    """Builders of small tables: ``build.tables``, ``build.links``, ``build.stop`` and so on."""
    return Build()


class Build:
    table = staticmethod(make_table)
    tables = staticmethod(make_tables)
    links = staticmethod(make_links)
    stop = staticmethod(make_stop)
    rule = staticmethod(make_rule)
    step = staticmethod(make_step)
