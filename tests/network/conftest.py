"""Tiny networks as study tables."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl
import pytest

from arterial.study import conform_table, load_schema

Rows = Sequence[Mapping[str, object]]


def conform(name: str, rows: Rows) -> pl.DataFrame:
    columns = load_schema(name).columns
    filled = [{column: row.get(column) for column in columns} for row in rows]
    return conform_table(name, pl.DataFrame(filled, infer_schema_length=None))


@pytest.fixture
def make_tables() -> Callable[..., dict[str, pl.DataFrame]]:
    """Study tables from rows that give only the columns that matter."""

    def make(
        sections: Rows,
        *,
        line_points: Sequence[tuple] = (),
        points: Sequence[str] = (),
        **more: Rows,
    ) -> dict[str, pl.DataFrame]:
        ends = [row[end] for row in sections for end in ("from_point", "to_point")]
        names = dict.fromkeys([*ends, *(row[1] for row in line_points), *points])
        tables = {
            "operational_points": [
                {
                    "point_id": p,
                    "name": f"{p} station",
                    "country": "XX",
                    "zone": "UTC",
                    "kind": "station",
                }
                for p in names
            ],
            "sections": [
                {"line_id": "L", "gauges_mm": "1435", "length_km": 10.0, **row} for row in sections
            ],
            "line_points": [
                {
                    "line_id": line,
                    "sequence": number,
                    "point_id": point,
                    "location_km": km,
                    "location_error_km": error,
                }
                for number, (line, point, km, error) in enumerate(line_points, start=1)
            ],
            **more,
        }
        return {name: conform(name, rows) for name, rows in tables.items() if rows}

    return make


def describe(
    section_id: str, begin: str, end: str, length_km: float = 10.0, **more: object
) -> dict:
    return {
        "section_id": section_id,
        "from_point": begin,
        "to_point": end,
        "length_km": length_km,
        **more,
    }


@pytest.fixture
def section() -> Callable[..., dict]:
    """Row of a section."""
    return describe
