"""Small tables with assets: three invented sections on two lines of two railways."""

import datetime as dt

import polars as pl

from arterial.study import conform_table

AS_OF = dt.date(2026, 1, 1)


def make_table(name: str, *rows: dict) -> pl.DataFrame:
    return conform_table(name, pl.DataFrame(rows, infer_schema_length=None), fill_missing=True)


def make_section(section: str, line: str, railway: str, ends: str, **more: object) -> dict:
    start, end = ends.split("-")
    return {
        "section_id": section,
        "line_id": line,
        "from_point": start,
        "to_point": end,
        "length_km": 30.0,
        "gauges_mm": "1435",
        "electrification": "3kv_dc",
        "passenger_speed_limit_kmh": 60.0,
        "railway_id": railway,
        **more,
    }


SECTIONS = (
    make_section("S1", "L1", "R1", "A-D"),
    make_section("S2", "L1", "R1", "D-E", length_km=10.0, electrification="none"),
    make_section("S3", "L2", "R2", "E-F", length_km=20.0),
)
LINE_POINTS = (
    ("L1", 1, "A", 0.0),
    ("L1", 2, "B", 10.0),
    ("L1", 3, "C", 18.0),
    ("L1", 4, "D", 30.0),
    ("L1", 5, "E", 40.0),
    ("L2", 1, "E", 0.0),
    ("L2", 2, "F", 20.0),
)
PLACES = {"A": (40.0, 125.0), "D": (40.3, 125.6), "E": (40.4, 125.8), "F": (None, None)}


def make_tables(*sections: dict, **more: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Tables of the three sections, or of the given ones, with further tables."""
    points = [
        {
            "point_id": point,
            "name": point,
            "country": "XX",
            "zone": "Etc/UTC",
            "kind": "station",
            "latitude_deg": PLACES.get(point, (None, None))[0],
            "longitude_deg": PLACES.get(point, (None, None))[1],
        }
        for point in "ABCDEF"
    ]
    line_points = [
        dict(zip(("line_id", "sequence", "point_id", "location_km"), row, strict=True))
        for row in LINE_POINTS
    ]
    return {
        "sections": make_table("sections", *(sections or SECTIONS)),
        "line_points": make_table("line_points", *line_points),
        "operational_points": make_table("operational_points", *points),
        **more,
    }


def make_density(density: str, kind: str, units_per_km: float, **more: object) -> dict:
    return {"density_id": density, "kind": kind, "units_per_km": units_per_km, **more}


def make_densities(*rows: dict) -> pl.DataFrame:
    return make_table("asset_densities", *rows)
