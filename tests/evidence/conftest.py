"""Rows of study and result tables for published statements."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import polars as pl
import pytest

from arterial.clock import civil_to_epoch_s
from arterial.study import conform_table, empty_table, load_schema

EPOCH = dt.date(2025, 6, 1)


def conform(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    if not rows:
        return empty_table(name)
    columns = load_schema(name).columns
    filled = [{column: row.get(column) for column in columns} for row in rows]
    return conform_table(name, pl.DataFrame(filled, infer_schema_length=None))


@pytest.fixture
def make_tables() -> Callable[..., dict[str, pl.DataFrame]]:
    """Study tables from rows that give only the columns that matter."""

    def make(**rows: Sequence[Mapping[str, object]]) -> dict[str, pl.DataFrame]:
        points = {
            "pyongyang": "Asia/Pyongyang",
            "moscow": "Europe/Moscow",
            "beijing": "Asia/Shanghai",
        }
        named = [{"point_id": p, "name": p.capitalize(), "zone": z} for p, z in points.items()]
        return {
            name: conform(name, given)
            for name, given in {"operational_points": named, **rows}.items()
        }

    return make


@pytest.fixture
def make_trips() -> Callable[..., dict[str, pl.DataFrame]]:
    """Trips of service s that reach Pyongyang at a clock face, and their events.

    Each arrival is (day of departure, day of arrival, clock time, minutes of uncertainty).
    """

    def make(
        arrivals: Sequence[tuple[dt.date, dt.date, str, int]], basis: str = "computed"
    ) -> dict:
        trips, events = [], []
        for departure, day, clock_time, spread_min in arrivals:
            trip_id = f"s@{departure}"
            at_s = civil_to_epoch_s(day, clock_time, "Asia/Pyongyang", EPOCH)
            trips.append({"trip_id": trip_id, "service_id": "s", "trip_date": departure})
            events.append(
                {
                    "trip_id": trip_id,
                    "sequence": 1,
                    "point_id": "pyongyang",
                    "event": "arrival",
                    "low_at_s": at_s - spread_min * 60,
                    "at_s": at_s,
                    "high_at_s": at_s + spread_min * 60,
                    "basis": basis,
                }
            )
        return {"trips": conform("trips", trips), "trip_events": conform("trip_events", events)}

    return make
