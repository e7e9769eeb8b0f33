"""A made-up but realistic run: an eight-day through coach over eight time zones, twice a month."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from arterial.errors import ArterialError
from arterial.report.bundle import Bundle, load_bundle
from arterial.report.page import write_page
from arterial.study import Study
from arterial.study.settings import ReportSettings, Settings
from page_reader import CHROMIUM_ARGUMENTS, Reader
from reliability_cases import made_up_reliability
from works_cases import made_up_works

EPOCH = dt.date(2025, 1, 1)
EPOCH_AT = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
MOSCOW = ZoneInfo("Europe/Moscow")

MADE_UP = json.loads((Path(__file__).parent / "made_up_run.json").read_text("utf-8"))
# Id, name, local name, country, latitude, longitude, zone, km, hours after departure, dwell [h].
STOPS = MADE_UP["stops"]
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
    words = MADE_UP["findings"]
    rows = [
        {**words[trip["verdict"]], "trip_date": trip["trip_date"]}
        for trip in trips
        if trip["verdict"] in words
    ]
    for row in rows:
        row["cause"] = row["cause"].format(day=row["trip_date"])
    rows.append({**words["every_day"], "trip_date": None})
    return [
        {"finding_id": f"F{number}", "service_id": "PYM-MOW", **row}
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
        for number, (a, b) in enumerate(pairwise(stops)):
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
                "gradient_basis": "known" if km < 300 else "assumed",
                "electrification": "3kv_dc" if km < 700 else None,
            }
        )
    return rows


def _checks() -> list[dict]:
    rows = []
    for a, b in pairwise(STOPS):
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


def _dated(frame: pl.DataFrame) -> pl.DataFrame:
    """Operating days as dates, which JSON does not know."""
    days = [name for name in frame.columns if name == "operating_day"]
    return frame.with_columns(pl.col(name).str.to_date() for name in days)


@pytest.fixture(scope="session")
def study() -> Study:
    settings = Settings(
        schema_version=1,
        name="made_up",
        title="Pyongyang-Moscow through coach",
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
        for a, b in pairwise(STOPS)
    ]
    named = {name: pl.DataFrame(rows) for name, rows in MADE_UP["study"].items()}
    return Study(Path("made_up"), settings, {}).with_tables(
        operational_points=pl.DataFrame(points), sections=pl.DataFrame(sections), **named
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
        "compatibility_checks": pl.DataFrame(_checks()),
        "coach_turns": pl.DataFrame(_turns(trips), infer_schema_length=None),
        **{name: _dated(pl.DataFrame(rows)) for name, rows in MADE_UP["results"].items()},
    }


@pytest.fixture(scope="session")
def works_results() -> dict[str, pl.DataFrame]:
    return made_up_works()


@pytest.fixture(scope="session")
def simulated(study, results) -> dict[str, pl.DataFrame]:
    """The made-up run with tables of simulated operations."""
    return {**results, **made_up_reliability(results, study)}


@pytest.fixture(scope="session")
def built() -> Bundle:
    """The built page parts; skips where there are none, as in a raw checkout without npm."""
    try:
        return load_bundle()
    except ArterialError as error:
        pytest.skip(error.message)


@pytest.fixture(scope="session")
def browser(built) -> Iterator:
    assert built.script
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("There is no Chromium to open the report with.")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)


@pytest.fixture
def open_page(browser, tmp_path):
    path = tmp_path / "page.html"
    with ExitStack() as readers:
        yield lambda text: readers.enter_context(Reader(browser, write_page(path, text)))


@pytest.fixture(scope="module")
def opened(browser, report, tmp_path_factory) -> Iterator[Reader]:
    """The module's report, opened once for the tests that only look at it."""
    path = tmp_path_factory.mktemp("opened") / "page.html"
    with Reader(browser, write_page(path, report)) as reader:
        yield reader
