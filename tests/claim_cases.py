"""A made-up service from Bexton to Arkville, against which claims of tests are held."""

import datetime as dt
from types import SimpleNamespace

import polars as pl

from arterial.clock import civil_to_epoch_s
from arterial.evidence.claims import check_claims
from arterial.evidence.ledger import read_ledger
from arterial.study import conform_table, load_schema

EPOCH = dt.date(2025, 6, 1)
DAY = dt.date(2025, 7, 1)
SETTINGS = SimpleNamespace(
    epoch=EPOCH, horizon_from=DAY, horizon_to=dt.date(2026, 12, 31), as_of=dt.date(2026, 6, 1)
)
SOURCES = [
    {"source_id": "paper", "title": "A paper", "publisher": "Paper"},
    {"source_id": "wire", "title": "A wire", "publisher": "Wire"},
    *(
        {"source_id": f"copy{n}", "title": f"Copy {n}", "publisher": f"P{n}", "republishes": "wire"}
        for n in range(20)
    ),
]


def table(name: str, rows) -> pl.DataFrame:
    columns = load_schema(name).columns
    filled = [{column: row.get(column) for column in columns} for row in rows]
    return conform_table(name, pl.DataFrame(filled, infer_schema_length=None))


def make_model() -> tuple[dict, dict]:
    """Bexton to Arkville: 23 h 41 min over one hour of zones, 1364 km, the 3rd and 17th."""
    at_s = civil_to_epoch_s(DAY, "17:26", "Asia/Shanghai", EPOCH)
    end_s = civil_to_epoch_s(DAY + dt.timedelta(days=1), "18:07", "Asia/Pyongyang", EPOCH)
    tables = {
        "operational_points": table(
            "operational_points",
            [
                {"point_id": "A", "name": "Arkville", "zone": "Asia/Pyongyang", "kind": "station"},
                {"point_id": "B", "name": "Bexton", "zone": "Asia/Shanghai", "kind": "station"},
                {"point_id": "C", "name": "Crosby", "zone": "Asia/Shanghai", "kind": "station"},
                {"point_id": "D", "name": "Dunmore", "zone": "Asia/Shanghai", "kind": "station"},
            ],
        ),
        "coach_services": table(
            "coach_services",
            [
                {
                    "service_id": "BA", "name": "Bexton-Arkville", "from_point": "B",
                    "to_point": "A", "calendar_id": "C", "coaches_count": 2,
                    "berths_offered": 36, "source_id": "paper",
                }
            ],
        ),
        "calendar_rules": table(
            "calendar_rules",
            [
                {
                    "calendar_id": "C", "sequence": 1, "pattern": "days_of_month", "days": "3;17",
                    "valid_from": DAY, "effect": "runs",
                }
            ],
        ),
        "coach_legs": table(
            "coach_legs",
            [
                {"service_id": "BA", "sequence": n, "train_id": t, "from_point": f, "to_point": o}
                for n, t, f, o in ((1, "T1", "B", "C"), (2, "T2", "C", "A"))
            ],
        ),
        "reported_works": table(
            "reported_works",
            [
                {
                    "report_id": "R", "name": "Renewed", "kind": "turnout", "quantity": 18.0,
                    "stock_low": 80.0, "stock": 100.0, "stock_high": 120.0, "actions": "renew",
                    "first_day": DAY, "last_day": DAY,
                }
            ],
        ),
        "railways": table("railways", [{"railway_id": "K", "country": "KP", "name": "K"}]),
        "sections": table(
            "sections",
            [
                {
                    "section_id": "S1", "from_point": "C", "to_point": "D", "length_km": 100.0,
                    "railway_id": "K", "typical_passenger_speed_kmh": 40.0, "tracks_count": 1,
                    "electrification": "3kv_dc",
                }
            ],
        ),
        "asset_densities": table(
            "asset_densities",
            [{"density_id": "T", "kind": "turnout", "railway_id": "K", "units_per_km": 0.9}],
        ),
        "train_flows": table(
            "train_flows",
            [
                {
                    "flow_id": "F", "category": "freight", "from_point": "B", "to_point": "A",
                    "trains_per_day": 2.0,
                }
            ],
        ),
        "train_stops": table(
            "train_stops",
            [
                {"train_id": "T2", "sequence": n, "point_id": point}
                for n, point in enumerate(("D", "C", "A"), 1)
            ],
        ),
    }  # fmt: skip
    results = {
        "trips": table(
            "trips",
            [
                {
                    "trip_id": "BA@1", "service_id": "BA", "trip_date": DAY, "verdict": "works",
                    "departure_at_s": at_s, "arrival_at_s": end_s,
                    "elapsed_low_h": 23.5, "elapsed_h": (end_s - at_s) / 3600,
                    "elapsed_high_h": 24.2,
                }
            ],
        ),
        "trip_events": table(
            "trip_events",
            [
                {"trip_id": "BA@1", "sequence": n, "point_id": p, "utc_offset_min": o,
                 "distance_km": d}
                for n, p, o, d in ((1, "B", 480, 0.0), (2, "C", 480, 700.0), (3, "A", 540, 1364.0))
            ],
        ),
        "route_lines": table(
            "route_lines",
            [
                {"route_id": "R", "sequence": 1, "point_id": "B", "distance_km": 0.0,
                 "distance_error_km": 0.0},
                {"route_id": "R", "sequence": 2, "point_id": "A", "distance_km": 1364.0,
                 "distance_error_km": 5.0},
            ],
        ),
    }  # fmt: skip
    return tables, results


TABLES, RESULTS = make_model()


def judge(*rows: dict, **tables: pl.DataFrame) -> dict[str, dict]:
    filled = [
        {"claim_id": f"X{n}", "subject": "Bexton-Arkville", "source_id": "wire", **row}
        for n, row in enumerate(rows)
    ]
    study = {
        **TABLES,
        "claims": table("claims", filled),
        "sources": table("sources", SOURCES),
    }
    results = {**RESULTS, **tables}
    found = check_claims(read_ledger(study).standing(), study, results, settings=SETTINGS)
    return {row["claim_id"]: row for row in found.iter_rows(named=True)}
