"""Made-up networks of any size with a whole timetable, for trials, tests and measurements.

Main functions: :func:`make_network` and :func:`write_network`. A chain of stations along one main
line, single track with stretches of double track; trains run over a part of it in both directions,
some stopping everywhere, some not, on clock-face departures. It is not free of conflicts.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.clock_faces import write_face
from arterial.errors import Fault, UsageError
from arterial.randomness import stream
from arterial.study.reader import read_study
from arterial.study.shipped import TEMPLATE, find_shipped_folder
from arterial.study.study import Study
from arterial.study.writer import write_study
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = ["NetworkSize", "make_network", "read_network_size", "write_network"]

STATIONS_PER_LINE: Final = 50
KM_PER_DEGREE: Final = 111.195
WIDTH_DEG: Final = 45.0
SLANT: Final = 0.002
"""Share of the way that leads north, so that no two stations are at one place [1]."""

DWELL_S: Final = 60
LIMIT_KMH: Final = {"passenger": 100, "freight": 70}
PACE: Final = 0.7
"""Mean speed between stops over the limit."""

GRADE: Final = {"grade": "assumption"}
COACH_TABLES: Final = (
    "coach_services",
    "coach_legs",
    "procedures",
    "procedure_steps",
    "routes",
    "route_points",
)
VEHICLE_TABLES: Final = ("formations", "formation_vehicles", "vehicle_types")

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NetworkSize:
    """What is wanted.

    Parameters
    ----------
    stations : int
        Stations along the line, at least 2.
    trains : int
        Trains a day, at least 1.
    runs : int
        Different runs among them, no more than trains: way, stops and category.
    stops : int
        Stations that a run passes, at most.
    days : int
        Days of the horizon.
    assets : int
        Assets of the line, about.
    vehicles : int
        1 = with formations, so that trains are run by physics; 0 = times as stated alone.
    seed : int
        Seed of what is drawn.
    """

    stations: int = 50
    trains: int = 100
    runs: int = 1
    stops: int = 50
    days: int = 7
    assets: int = 0
    vehicles: int = 1
    seed: int = 1


def read_network_size(text: str) -> NetworkSize:
    """Size from ``stations=1000,trains=2000``.

    Raises
    ------
    LimitError
        Naming every part that cannot be read.

    Examples
    --------
    >>> read_network_size("stations=10,trains=4").stations
    10
    """
    known = NetworkSize.__dataclass_fields__
    values: dict[str, int] = {}
    faults = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, number = part.partition("=")
        if name.strip() not in known or not number.strip().isdigit() or len(number) > 9:  # noqa: PLR2004
            cure = f"Write name=number with one of {', '.join(known)}."
            faults.append(Fault(f"'{part}' is no size of a network.", cure))
            continue
        values[name.strip()] = int(number)
    size = NetworkSize(**values)
    least = {"stations": 2, "trains": 1, "runs": 1, "stops": 2, "days": 1}
    faults += [
        Fault(f"{name} is {getattr(size, name)}.", f"Give {number} or more.")
        for name, number in least.items()
        if getattr(size, name) < number
    ]
    most = {"stations": 20_000, "trains": 200_000, "runs": size.trains, "days": 3_660}
    most |= {"assets": 10_000_000, "vehicles": 1}
    faults += [
        Fault(f"{name} is {getattr(size, name)}.", f"Give {number} or less.")
        for name, number in most.items()
        if getattr(size, name) > number
    ]
    if faults:
        message = "The network cannot be made."
        raise UsageError(message, faults)
    return size


def write_network(path: Path | str, size: NetworkSize) -> Path:
    """Write a study of a made-up network.

    Parameters
    ----------
    path : Path or str
        Folder to create.
    size : NetworkSize
        What is wanted.

    Returns
    -------
    Path
        The folder.
    """
    return write_study(make_network(Path(path).resolve().name, size), path)


def make_network(name: str, size: NetworkSize) -> Study:
    """A study of a made-up network.

    Parameters
    ----------
    name : str
        Its name.
    size : NetworkSize
        What is wanted.

    Returns
    -------
    Study
        The same for the same size.
    """
    template = read_study(find_shipped_folder() / TEMPLATE)
    first = template.settings.horizon_from
    settings = template.settings.model_copy(
        update={
            "name": name,
            "title": f"Made-up line of {size.stations} stations",
            "summary": f"{size.trains} trains a day on a made-up line; everything is invented.",
            "horizon_to": first + timedelta(days=size.days - 1),
            "report": template.settings.report.model_copy(update={"trip_ids": (), "route_ids": ()}),
        }
    )
    generator = stream(size.seed, "study/networks")
    lengths_km = generator.uniform(3.0, 8.0, size.stations - 1).round(1)
    tables = _make_line(lengths_km, generator)
    tables |= _make_trains(size, lengths_km, generator)
    if size.assets:
        tables["asset_densities"] = _make_assets(size.assets, float(lengths_km.sum()))
    gone = COACH_TABLES if size.vehicles else (*COACH_TABLES, *VEHICLE_TABLES)
    cleared = {name: template.table(name).clear() for name in gone}
    return template.with_tables(**tables, **cleared).with_settings(settings)


def _make_line(lengths_km: Numbers, generator: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Points, lines and sections."""
    count = len(lengths_km) + 1
    names = [_name_station(number) for number in range(count)]
    lines = [f"L{number // STATIONS_PER_LINE + 1:02d}" for number in range(count)]
    location = np.concatenate([[0.0], np.cumsum(lengths_km)])
    # A line begins at the station that ends the one before, and counts its own kilometres.
    ends = [(lines[n], n - 1) for n in range(STATIONS_PER_LINE, count, STATIONS_PER_LINE)]
    begin_km = {line: float(location[n]) for line, n in ends} | {lines[0]: 0.0}
    listed = sorted([*((lines[number], number) for number in range(count)), *ends])
    return {
        "operational_points": _make_points(names, location, generator),
        "lines": pl.DataFrame(
            {
                "line_id": sorted(set(lines)),
                "name": sorted(set(lines)),
                "country": "XX",
                "chainage_system": "main line kilometres",
            }
        ),
        "line_points": pl.DataFrame(
            {
                "line_id": [line for line, _ in listed],
                "sequence": [number + 1 for _, number in listed],
                "point_id": [names[number] for _, number in listed],
                "location_km": [
                    round(float(location[number]) - begin_km[line], 1) for line, number in listed
                ],
                **GRADE,
            }
        ),
        "sections": _make_sections(names, lines, lengths_km),
    }


def _make_points(
    names: list[str], location_km: Numbers, generator: np.random.Generator
) -> pl.DataFrame:
    """Stations of two to five tracks, on a way back and forth within one time zone."""
    count = len(names)
    forth = np.abs((location_km / KM_PER_DEGREE + WIDTH_DEG) % (2 * WIDTH_DEG) - WIDTH_DEG)
    return pl.DataFrame(
        {
            "point_id": names,
            "name": [f"Station {number + 1}" for number in range(count)],
            "country": "XX",
            "railway_id": "CR",
            "latitude_deg": (location_km / KM_PER_DEGREE * SLANT).round(5),
            "longitude_deg": (forth * (1 - SLANT)).round(5),
            "zone": "Etc/UTC",
            "kind": "station",
            "tracks_count": generator.integers(2, 6, count),
            "gauges_mm": "1435",
            **GRADE,
        }
    )


def _make_sections(names: list[str], lines: list[str], lengths_km: Numbers) -> pl.DataFrame:
    """Sections between neighbours, every fifth one of double track."""
    return pl.DataFrame(
        {
            "section_id": [f"{one}-{two}" for one, two in pairwise(names)],
            "line_id": lines[1:],
            "from_point": names[:-1],
            "to_point": names[1:],
            "length_km": lengths_km,
            "gauges_mm": "1435",
            "tracks_count": [2 if n % 5 == 0 else 1 for n in range(len(names) - 1)],
            "electrification": "25kv_50hz",
            "passenger_speed_limit_kmh": float(LIMIT_KMH["passenger"]),
            "freight_speed_limit_kmh": float(LIMIT_KMH["freight"]),
            "ruling_gradient_permille": 6.0,
            "railway_id": "CR",
            **GRADE,
        }
    )


def _name_station(number: int) -> str:
    return f"P{number + 1:04d}"


def _make_trains(
    size: NetworkSize, lengths_km: Numbers, generator: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """Trains of every run spread over the day, with the times at all their stops."""
    runs = [_make_run(number, size, lengths_km, generator) for number in range(size.runs)]
    trains, stops = [], []
    for number in range(size.trains):
        run = runs[number % size.runs]
        # Trains of one run leave evenly through the day, each run at another minute.
        round_number, rounds = number // size.runs, -(-size.trains // size.runs)
        start_s = run.offset_s + round_number * DAY_S // rounds
        train_id = f"T{number + 1:05d}"
        trains.append((train_id, str(number + 1), run.category))
        stops.append(_time_stops(train_id, run, start_s % DAY_S // MINUTE_S * MINUTE_S))
    return {
        "trains": pl.DataFrame(
            trains, schema=["train_id", "number", "category"], orient="row"
        ).with_columns(
            railway_id=pl.lit("CR"),
            calendar_id=pl.lit("DAILY"),
            formation_id=pl.lit("SIX" if size.vehicles else None, dtype=pl.String),
            grade=pl.lit("assumption"),
        ),
        "train_stops": pl.concat(stops),
        "traction_assignments": _make_traction().head(2 * size.vehicles),
    }


def _make_traction() -> pl.DataFrame:
    """The one locomotive for every kind of train."""
    return pl.DataFrame(
        {
            "railway_id": "CR",
            "electrification": "25kv_50hz",
            "category": ["passenger", "freight"],
            "vehicle_type_id": "LOCO",
            "count": 1,
            **GRADE,
        }
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """Stations that a train stops at, from the first, with the times after its departure."""

    category: str
    points: list[str]
    arrival_s: NDArray[np.int64]
    departure_s: NDArray[np.int64]
    offset_s: int


def _make_run(
    number: int, size: NetworkSize, lengths_km: Numbers, generator: np.random.Generator
) -> _Run:
    """A run over a part of the line at a share of its limit."""
    longest = min(size.stops, size.stations)
    passed = int(generator.integers(max(2, longest // 2), longest + 1))
    begin = int(generator.integers(0, size.stations - passed + 1))
    places = np.arange(begin, begin + passed)
    category = "freight" if number % 4 == 3 else "passenger"  # noqa: PLR2004 one in four
    every = int(generator.choice([1, 1, 5, 10]))
    stops = np.unique(np.append(places[::every], places[-1]))
    if generator.random() < 0.5:  # noqa: PLR2004 half of them each way
        stops = stops[::-1]
    location = np.concatenate([[0.0], np.cumsum(lengths_km)])
    speed = LIMIT_KMH[category] * PACE
    running_s = np.abs(np.diff(location[stops])) / speed * HOUR_S
    running_s = (np.ceil(running_s / MINUTE_S) * MINUTE_S).astype(np.int64)
    arrival_s = np.cumsum(running_s + DWELL_S) - DWELL_S
    return _Run(
        category=category,
        points=[_name_station(int(stop)) for stop in stops],
        arrival_s=np.concatenate([[0], arrival_s]),
        departure_s=np.concatenate([[0], arrival_s + DWELL_S]),
        offset_s=int(generator.integers(0, DAY_S)),
    )


def _time_stops(train_id: str, run: _Run, start_s: int) -> pl.DataFrame:
    """Rows of ``train_stops`` of one train."""
    arrival, departure = run.arrival_s + start_s, run.departure_s + start_s
    count = len(run.points)
    first, last = np.arange(count) == 0, np.arange(count) == count - 1
    faces = {
        name: pl.Series([write_face(int(one) // MINUTE_S * MINUTE_S) for one in at]).set(
            pl.Series(gone), None
        )
        for name, at, gone in (("arrival", arrival, first), ("departure", departure, last))
    }
    return pl.DataFrame(
        {
            "train_id": train_id,
            "sequence": np.arange(1, count + 1),
            "point_id": run.points,
            "arrival": faces["arrival"],
            "arrival_day": pl.Series(arrival // DAY_S).set(pl.Series(first), None),
            "departure": faces["departure"],
            "departure_day": pl.Series(departure // DAY_S).set(pl.Series(last), None),
            "time_basis": "assumption",
            **GRADE,
        }
    )


def _make_assets(count: int, length_km: float) -> pl.DataFrame:
    """Track and turnouts, about as many as asked for, of middle age."""
    return pl.DataFrame(
        {
            "density_id": ["TRACK", "TURNOUT"],
            "kind": ["track", "turnout"],
            "railway_id": "CR",
            "units_per_km": [count / length_km / 2] * 2,
            "age_low_y": 5.0,
            "age_y": 15.0,
            "age_high_y": 30.0,
            **GRADE,
        }
    )
