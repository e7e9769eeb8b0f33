"""A made-up but realistic run: an eight-day through coach over eight time zones, twice a month."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from arterial.study import Study
from arterial.study.settings import ReportSettings, Settings

EPOCH = dt.date(2025, 1, 1)
EPOCH_AT = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
MOSCOW = ZoneInfo("Europe/Moscow")

# id, name, local name, country, latitude, longitude, zone, km, hours after departure, dwell h
STOPS = [
    ("PYO", "Pyongyang", "평양", "KP", 39.01, 125.74, "Asia/Pyongyang", 0, 0.0, 0),
    ("HAM", "Hamhung", "함흥", "KP", 39.92, 127.54, "Asia/Pyongyang", 330, 9.0, 0.5),
    ("CHO", "Chongjin", "청진", "KP", 41.80, 129.78, "Asia/Pyongyang", 660, 19.5, 0.7),
    ("TUM", "Tumangang", "두만강", "KP", 42.42, 130.60, "Asia/Pyongyang", 860, 27.0, 3.0),
    ("KHA", "Khasan", "Хасан", "RU", 42.43, 130.64, "Asia/Vladivostok", 867, 30.6, 9.0),
    ("USS", "Ussuriysk", "Уссурийск", "RU", 43.80, 131.95, "Asia/Vladivostok", 1114, 47.0, 10.0),
    ("KHB", "Khabarovsk", "Хабаровск", "RU", 48.50, 135.07, "Asia/Vladivostok", 1770, 68.0, 0.8),
    ("BIR", "Birobidzhan", "Биробиджан", "RU", 48.79, 132.92, "Asia/Vladivostok", 1945, 71.2, 0.1),
    ("BEL", "Belogorsk", "Белогорск", "RU", 50.92, 128.48, "Asia/Yakutsk", 2420, 79.5, 0.5),
    ("SKO", "Skovorodino", "Сковородино", "RU", 53.98, 123.93, "Asia/Yakutsk", 2990, 89.0, 0.3),
    ("CHT", "Chita", "Чита", "RU", 52.03, 113.50, "Asia/Chita", 3990, 106.0, 0.7),
    ("ULA", "Ulan-Ude", "Улан-Удэ", "RU", 51.83, 107.58, "Asia/Irkutsk", 4560, 116.0, 0.6),
    ("IRK", "Irkutsk", "Иркутск", "RU", 52.28, 104.26, "Asia/Irkutsk", 5010, 123.5, 0.6),
    ("KRA", "Krasnoyarsk", "Красноярск", "RU", 56.00, 92.83, "Asia/Krasnoyarsk", 6100, 141.0, 0.6),
    ("NOV", "Novosibirsk", "Новосибирск", "RU", 55.04, 82.90, "Asia/Novosibirsk", 6860, 153.0, 0.9),
    ("OMS", "Omsk", "Омск", "RU", 54.94, 73.39, "Asia/Omsk", 7490, 161.5, 0.6),
    (
        "EKA",
        "Yekaterinburg",
        "Екатеринбург",
        "RU",
        56.86,
        60.60,
        "Asia/Yekaterinburg",
        8390,
        174,
        1,
    ),
    ("PER", "Perm", "Пермь", "RU", 58.00, 56.19, "Asia/Yekaterinburg", 8770, 180.5, 0.4),
    ("KIR", "Kirov", "Киров", "RU", 58.58, 49.65, "Europe/Moscow", 9240, 187.0, 0.4),
    ("MOS", "Moscow Yaroslavsky", "Москва", "RU", 55.78, 37.66, "Europe/Moscow", 10200, 199.0, 0),
]
HANDOVERS = {"TUM", "KHA", "USS"}
TRAIN_FROM = {"PYO": "KP-8", "TUM": "KP-645", "KHA": "RU-651", "USS": "RU-001"}
ORDER = {stop[0]: number for number, stop in enumerate(STOPS)}


def _clock(at_s: int, zone: str | ZoneInfo) -> str:
    instant = EPOCH_AT + dt.timedelta(seconds=at_s)
    return f"{instant.astimezone(ZoneInfo(str(zone))):%Y-%m-%d %H:%M}"


def _offset_min(at_s: int, zone: str) -> int:
    offset = (EPOCH_AT + dt.timedelta(seconds=at_s)).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() // 60)


def _event(trip_id: str, stop: tuple, event: str, train: str, at_s: int, number: int) -> dict:
    point_id, _, _, country, _, _, zone, km, hours, _ = stop
    reference = "Asia/Pyongyang" if country == "KP" else "Europe/Moscow"
    spread = int(600 + 60 * hours)
    return {
        "trip_id": trip_id,
        "sequence": number,
        "point_id": point_id,
        "event": event,
        "train_id": train,
        "is_handover": point_id in HANDOVERS or point_id in {"PYO", "MOS"},
        "distance_km": float(km),
        "low_at_s": at_s - spread,
        "at_s": at_s,
        "high_at_s": at_s + 2 * spread,
        "local_time": _clock(at_s, zone),
        "reference_time": _clock(at_s, reference),
        "utc_time": _clock(at_s, "UTC"),
        "utc_offset_min": _offset_min(at_s, zone),
        "basis": "published" if point_id in {"TUM", "NOV"} else "computed",
    }


def make_events(trip_id: str, start_s: int) -> Iterator[dict]:
    train = ""
    number = 0
    for stop in STOPS:
        arrival_s = start_s + int(stop[8] * 3600)
        if stop[8] > 0:
            number += 1
            yield _event(trip_id, stop, "arrival", train, arrival_s, number)
        train = TRAIN_FROM.get(stop[0], train)
        if stop[0] != "MOS":
            number += 1
            departure_s = arrival_s + int(stop[9] * 3600)
            yield _event(trip_id, stop, "departure", train, departure_s, number)


def trip_days() -> list[dt.date]:
    months = [(2025, month) for month in range(6, 13)] + [
        (year, month) for year in (2026, 2027) for month in range(1, 13)
    ]
    return [dt.date(year, month, day) for year, month in months for day in (3, 17)]


def _trip(number: int, day: dt.date) -> dict:
    start_s = int(
        (dt.datetime(day.year, day.month, day.day, 1, tzinfo=dt.UTC) - EPOCH_AT).total_seconds()
    )
    arrival_s = start_s + 199 * 3600
    status = "past_reported" if number == 1 else "past_announced" if number < 9 else "planned"
    status = "suspended" if number in {14, 15} else status
    verdict = ("works", "at_risk", "works", "does_not_work", "works", "unknown")[number % 6]
    return {
        "trip_id": f"PYM-MOW@{day}",
        "service_id": "PYM-MOW",
        "trip_date": day,
        "status": status,
        "verdict": "unknown" if status == "suspended" else verdict,
        "departure_low_at_s": start_s - 600,
        "departure_at_s": start_s,
        "departure_high_at_s": start_s + 1200,
        "arrival_low_at_s": arrival_s - 12540,
        "arrival_at_s": arrival_s,
        "arrival_high_at_s": arrival_s + 25080,
        "elapsed_low_h": 195.5,
        "elapsed_h": 199.0,
        "elapsed_high_h": 206.0,
        "findings_count": number % 6,
    }


def _connections(trip_id: str) -> list[dict]:
    rows = [
        ("TUM", "KP-8", "KP-645", "ok", 180, 120),
        ("KHA", "KP-645", "RU-651", "at_risk", 540, 500),
    ]
    rows.append(("USS", "RU-651", "RU-001", "too_short", 60, 120))
    return [
        {
            "trip_id": trip_id,
            "sequence": number + 2,
            "point_id": point,
            "from_train_id": first,
            "to_train_id": second,
            "procedure_id": None,
            "available_low_min": available - 30.0,
            "available_min": float(available),
            "available_high_min": available + 45.0,
            "required_low_min": required - 20.0,
            "required_min": float(required),
            "required_high_min": required + 90.0,
            "verdict": verdict,
        }
        for number, (point, first, second, verdict, available, required) in enumerate(rows)
    ]


def _findings(trips: list[dict]) -> list[dict]:
    rows = []
    for trip in trips:
        day = trip["trip_date"]
        if trip["verdict"] == "does_not_work":
            rows.append(
                (
                    day,
                    "host_does_not_run",
                    "block",
                    "RU-651",
                    "KHA",
                    f"Train 651 does not leave Khasan on {day:%a} {day}.",
                    "The coach waits for the next host train and arrives two days late.",
                    "Ask the carrier for the days on which train 651 runs.",
                )
            )
        if trip["verdict"] == "at_risk":
            rows.append(
                (
                    day,
                    "connection_at_risk",
                    "warn",
                    "RU-001",
                    "USS",
                    "The time at Ussuriysk is shorter than the harsh case needs.",
                    "The coach may miss train 001.",
                    "Lengthen the stay by one hour.",
                )
            )
    rows.append(
        (
            None,
            "published_arrival_differs",
            "note",
            None,
            "MOS",
            "Announced arrival on the 11th does not agree with the computed one.",
            "Readers expect the coach a day early.",
            "Publish the hour of arrival.",
        )
    )
    names = (
        "trip_date",
        "kind",
        "severity",
        "train_id",
        "point_id",
        "cause",
        "consequence",
        "cure",
    )
    return [
        {"finding_id": f"F{number}", "service_id": "PYM-MOW", **dict(zip(names, row, strict=True))}
        for number, row in enumerate(rows)
    ]


def _turns(trips: list[dict]) -> list[dict]:
    sets: list[list[dict]] = [[], [], []]
    for number, trip in enumerate(trips):
        sets[number % 3].append(trip)
    return [
        {
            "pool_id": "KP-COACH",
            "set_number": number + 1,
            "sequence": order + 1,
            "trip_id": trip["trip_id"],
            "point_id": "MOS",
            "arrival_at_s": trip["arrival_at_s"],
            "next_trip_id": own[order + 1]["trip_id"] if order + 1 < len(own) else None,
            "next_departure_at_s": own[order + 1]["departure_at_s"]
            if order + 1 < len(own)
            else None,
            "minimum_turn_h": 24.0,
            "slack_low_h": 700.0,
            "slack_h": 780.0,
            "slack_high_h": 800.0,
            "chance_lost_low": 0.001,
            "chance_lost": 0.004 if number else 0.12,
            "chance_lost_high": 0.2,
        }
        for number, own in enumerate(sets)
        for order, trip in enumerate(own)
    ]


def _runs() -> list[dict]:
    rows = []
    for train, first, last in (("KP-8", "PYO", "TUM"), ("RU-001", "USS", "MOS")):
        stops = STOPS[ORDER[first] : ORDER[last] + 1]
        for number, (a, b) in enumerate(zip(stops, stops[1:], strict=False)):
            length = float(b[7] - a[7])
            basic = length / (45 if train == "KP-8" else 85) * 3600
            rows.append(
                {
                    "train_id": train,
                    "sequence": number + 1,
                    "section_id": f"{a[0]}-{b[0]}",
                    "from_point": a[0],
                    "to_point": b[0],
                    "length_km": length,
                    "electrification": "3kv_dc" if train == "KP-8" else "25kv_50hz",
                    "vehicle_type_id": "RED-FLAG" if train == "KP-8" else "EP1",
                    "basic_low_s": basic * 0.97,
                    "basic_s": basic,
                    "basic_high_s": basic * 1.1,
                    "supplement_s": basic * 0.04,
                    "restriction_s": 300.0,
                    "quality_factor": 1.6 if train == "KP-8" else 1.05,
                    "quality_basis": "typical_speed" if train == "KP-8" else "published_run",
                    "quality_source_id": "S1",
                    "calibrated_low_s": basic * 1.5,
                    "calibrated_s": basic * 1.7,
                    "calibrated_high_s": basic * 2.0,
                }
            )
    return rows


def _profile() -> list[dict]:
    rows = []
    for step in range(1600):
        km = step * 0.5375
        phase = step % 120
        limit = 60.0 if (step // 200) % 2 else 50.0
        rows.append(
            {
                "train_id": "KP-8",
                "position_km": km,
                "speed_kmh": min(limit, phase * 6.0, (119 - phase) * 7.0),
                "limit_kmh": limit,
                "gradient_permille": 6.0 if (step // 20) % 2 else -6.0,
                "gradient_bound_permille": 12.0 if km < 400 else 9.0,
                "electrification": "3kv_dc" if km < 700 else None,
            }
        )
    return rows


def _checks() -> list[dict]:
    rows = []
    for a, b in zip(STOPS, STOPS[1:], strict=False):
        for attribute in ("gauge", "loading_gauge", "axle_load", "speed"):
            verdict = "unknown" if attribute == "loading_gauge" and a[3] == "KP" else "ok"
            rows.append(("section", f"{a[0]}-{b[0]}", attribute, verdict))
    for train in ("KP-8", "KP-645", "RU-651", "RU-001"):
        for attribute in ("coupler", "brake", "heating"):
            verdict = "warn" if attribute == "heating" and train == "RU-001" else "ok"
            rows.append(("train", train, attribute, verdict))
    return [
        {
            "service_id": "PYM-MOW",
            "subject_kind": kind,
            "subject_id": subject,
            "attribute": attribute,
            "verdict": verdict,
            "coach_value": "x",
            "other_value": None,
            "explanation": {
                "unknown": "The loading gauge of the section is not known.",
                "warn": "The coach heats with coal only.",
            }.get(verdict, "Both agree."),
        }
        for kind, subject, attribute, verdict in rows
    ]


@pytest.fixture(scope="session")
def study() -> Study:
    settings = Settings(
        schema_version=1,
        name="made_up",
        title="Pyongyang–Moscow through coach",
        summary="Can the through coach run as announced, and when does it really arrive?",
        epoch=EPOCH,
        horizon_from=dt.date(2025, 1, 1),
        horizon_to=dt.date(2027, 12, 31),
        as_of=dt.date(2025, 11, 1),
        report=ReportSettings(trip_ids=("PYM-MOW@2025-06-17",)),
    )
    points = [
        {
            "point_id": s[0],
            "name": s[1],
            "name_local": s[2],
            "country": s[3],
            "latitude_deg": s[4],
            "longitude_deg": s[5],
            "coordinate_error_km": 1.5,
            "zone": s[6],
            "kind": "border" if s[0] in {"TUM", "KHA"} else "station",
            "gauges_mm": "1435;1520" if s[0] in {"TUM", "KHA"} else "1520",
        }
        for s in STOPS
    ]
    sections = [
        {
            "section_id": f"{a[0]}-{b[0]}",
            "line_id": "L",
            "from_point": a[0],
            "to_point": b[0],
            "length_km": float(b[7] - a[7]),
            "gauges_mm": "1520",
        }
        for a, b in zip(STOPS, STOPS[1:], strict=False)
    ]
    trains = [
        ("KP-8", "8", None),
        ("KP-645", "645", None),
        ("RU-651", "651", None),
        ("RU-001", "001", "Rossiya"),
    ]
    return Study(Path("made_up"), settings, {}).with_tables(
        operational_points=pl.DataFrame(points),
        sections=pl.DataFrame(sections),
        trains=pl.DataFrame(
            [{"train_id": a, "number": b, "name": c, "calendar_id": "C"} for a, b, c in trains]
        ),
        coach_services=pl.DataFrame(
            {
                "service_id": ["PYM-MOW"],
                "name": ["Pyongyang–Moscow coach"],
                "from_point": ["PYO"],
                "to_point": ["MOS"],
                "calendar_id": ["C"],
                "published_frequency": ["3rd and 17th"],
            }
        ),
        coach_pools=pl.DataFrame(
            {"pool_id": ["KP-COACH"], "name": ["DPRK coaches"], "home_point": ["PYO"]}
        ),
        routes=pl.DataFrame(
            {
                "route_id": ["MAIN", "SOUTH"],
                "name": ["Main route", "Southern variant"],
                "variant_of": [None, "MAIN"],
            }
        ),
        borders=pl.DataFrame(
            {"border_id": ["B"], "name": ["Tumangang"], "point_a": ["TUM"], "point_b": ["KHA"]}
        ),
        change_points=pl.DataFrame(
            {
                "point_id": ["KHA", "KHB"],
                "kind": ["gauge", "electrification"],
                "from_value": ["1435", "none"],
                "to_value": ["1520", "25kv_50hz"],
            }
        ),
        sources=pl.DataFrame(
            {
                "source_id": ["S1"],
                "title": ["Timetable"],
                "publisher": ["A railway"],
                "published_on": ["2025-06"],
                "reliability": ["B"],
                "licence": ["ODbL"],
            }
        ),
    )


@pytest.fixture(scope="session")
def results() -> dict[str, pl.DataFrame]:
    trips = [_trip(number, day) for number, day in enumerate(trip_days())]
    events = [row for trip in trips for row in make_events(trip["trip_id"], trip["departure_at_s"])]
    variants = (("MAIN", STOPS), ("SOUTH", [s for s in STOPS if s[0] not in {"PER", "KIR"}]))
    lines = [
        {
            "route_id": route,
            "sequence": number,
            "point_id": stop[0],
            "section_id": None,
            "distance_km": float(stop[7]),
            "distance_error_km": 0.002 * stop[7],
        }
        for route, stops in variants
        for number, stop in enumerate(stops)
    ]
    return {
        "trips": pl.DataFrame(trips, infer_schema_length=None),
        "trip_events": pl.DataFrame(events),
        "connections": pl.DataFrame(
            [row for trip in trips for row in _connections(trip["trip_id"])]
        ).cast({"procedure_id": pl.String}),
        "findings": pl.DataFrame(_findings(trips), infer_schema_length=None),
        "section_runs": pl.DataFrame(_runs()),
        "speed_profile": pl.DataFrame(_profile(), infer_schema_length=None),
        "route_lines": pl.DataFrame(lines).cast({"section_id": pl.String}),
        "route_variants": pl.DataFrame(
            {
                "route_id": ["MAIN", "SOUTH"],
                "length_km": [10200.0, 10150.0],
                "length_error_km": [20.0, 30.0],
                "basic_h": [130.0, 131.0],
                "calibrated_low_h": [150.0, 151.0],
                "calibrated_h": [160.0, 162.0],
                "calibrated_high_h": [170.0, 175.0],
                "traction_changes_count": [4, 4],
                "gauge_changes_count": [1, 1],
                "single_track_km": [900.0, None],
                "unelectrified_km": [250.0, 250.0],
            }
        ),
        "compatibility_checks": pl.DataFrame(_checks()),
        "coach_turns": pl.DataFrame(_turns(trips), infer_schema_length=None),
        "set_requirements": pl.DataFrame(
            {
                "pool_id": ["KP-COACH"],
                "trips_count": [len(trips)],
                "minimum_sets": [2],
                "minimum_sets_low": [2],
                "minimum_sets_high": [3],
                "spare_sets": [1],
                "sets_owned": [None],
                "critical_at_s": [20_000_000],
                "berths_per_year": [768],
                "explanation": ["Two trips overlap for five days of every fortnight."],
            }
        ),
        "statement_checks": pl.DataFrame(
            {
                "statement_id": ["D1", "D2"],
                "kind": ["duration", "duration"],
                "subject": ["Moscow–Pyongyang, 2008", "Beijing–Pyongyang, 2026"],
                "stated": ["211 h", "24 h 41 min"],
                "computed": ["211 h 00 min", "23 h 41 min"],
                "verdict": ["holds", "only_if_zones_ignored"],
                "calculation": [
                    "21:25 to 21:25, 9 days\n9 × 24 h − 5 h = 211 h",
                    "17:26 to 18:07 next day = 24:41\nclocks differ by 1 h: 23:41",
                ],
                "conflicts_with": [None, "D9"],
                "claim_id": [None, "C2"],
                "source_id": ["S1", "S1"],
            }
        ),
        "assumptions": pl.DataFrame(
            {
                "assumption_id": ["A1", "A2"],
                "kind": ["default", "assumption"],
                "where": ["timetable.default_dwell_min", "trains KP-8 departure"],
                "value": ["3 min", "10:00"],
                "range": [None, "08:00–12:00"],
                "reason": ["Named default.", "No hour is published."],
                "source_id": [None, "S1"],
                "uses_count": [14, 1],
            }
        ),
    }
