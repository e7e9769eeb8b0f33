"""Made-up result tables of all stated trains: many on one line, and a few with conflicts."""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

from arterial.study import Study
from arterial.study.settings import Settings

__all__ = ["few_trains", "made_up_line", "many_trains"]

FIRST = dt.date(2026, 3, 1)
LAST = dt.date(2026, 4, 30)
DAYS = (LAST - FIRST).days + 1
EPOCH = dt.date(2026, 1, 1)
KM_A_SECTION = 7.3
CATEGORIES = ("passenger", "freight", "mixed")


def made_up_line(points: int = 5, zone: str = "Europe/Berlin") -> Study:
    """A study of one line with stations P0, P1, … and nothing else."""
    settings = Settings(
        schema_version=1,
        name="one_line",
        title="All trains of one line",
        summary="Which of the stated trains fit on the line?",
        epoch=EPOCH,
        horizon_from=FIRST,
        horizon_to=LAST,
        as_of=FIRST,
    )
    ids = [f"P{number}" for number in range(points)]
    tables = {
        "operational_points": pl.DataFrame(
            {
                "point_id": ids,
                "name": [f"Station {number}" for number in range(points)],
                "country": "DE",
                "zone": zone,
                "kind": "station",
            }
        ),
        "lines": pl.DataFrame(
            {"line_id": ["MAIN"], "name": ["Main Line"], "chainage_system": ["Main"]}
        ),
        "line_points": pl.DataFrame(
            {
                "line_id": "MAIN",
                "sequence": range(1, points + 1),
                "point_id": ids,
                "location_km": [KM_A_SECTION * number for number in range(points)],
            }
        ),
    }
    return Study(Path("one_line"), settings, {}).with_tables(**tables)


def _runs(rows: list[dict]) -> pl.DataFrame:
    whole = {
        "mode": "running_time",
        "reason": None,
        "like_train_id": None,
        "stops_count": 2,
        "distance_km": 20.0,
        "days_count": DAYS,
        "first_day": FIRST,
        "departure": "08:00",
        "journey_min": 60.0,
        "basic_min": 50.0,
        "conflicts_count": 0,
    }
    return pl.DataFrame([{**whole, **row} for row in rows], infer_schema_length=None).with_columns(
        pl.col("reason", "like_train_id").cast(pl.String)
    )


def many_trains(trains: int = 2000, stops: int = 100, seed: int = 1) -> dict[str, pl.DataFrame]:
    """Trains spread over the day in both directions, no two with the same times."""
    random = np.random.default_rng(seed)
    number = np.arange(trains)
    is_up = number % 2 == 1
    run_s = random.integers(240, 420, (trains, 1)) + random.integers(0, 60, (trains, stops))
    run_s[:, 0] = 0
    stay_s = random.choice([0, 30, 60, 120], (trains, stops), p=[0.3, 0.3, 0.3, 0.1])
    begin_s = random.integers(0, 86_400, trains)
    arrive_s = begin_s[:, None] + np.cumsum(run_s, 1) + np.cumsum(stay_s, 1) - stay_s
    order = np.tile(np.arange(stops), (trains, 1))
    points = np.where(is_up[:, None], stops - 1 - order, order)
    ids = np.array([f"T{one:04d}" for one in number])
    point_ids = np.array([f"P{one}" for one in range(stops)])
    times = pl.DataFrame(
        {
            "train_id": np.repeat(ids, stops),
            "pattern": np.zeros(trains * stops, np.int64),
            "sequence": order.ravel() + 1,
            "point_id": point_ids[points.ravel()],
            "arrival_s": arrive_s.ravel(),
            "departure_s": (arrive_s + stay_s).ravel(),
            "is_stop": (stay_s > 0).ravel(),
        }
    ).with_columns(section_id=pl.lit(""), basis=pl.lit("computed"))
    runs = [
        {
            "train_id": ids[one],
            "number": str(1000 + one),
            "category": CATEGORIES[one % 3],
            "from_point": point_ids[points[one, 0]],
            "to_point": point_ids[points[one, -1]],
            "journey_min": float(arrive_s[one, -1] - begin_s[one]) / 60,
        }
        for one in number
    ]
    patterns = pl.DataFrame({"train_id": ids}).with_columns(
        pattern=0, days_count=DAYS, first_day=FIRST, days=pl.lit("1" * DAYS)
    )
    return {
        "train_runs": _runs(runs),
        "train_patterns": patterns,
        "train_times": times,
        "timetable_conflicts": few_trains()["timetable_conflicts"].clear(),
    }


def _times(train_id: str, pattern: int, rows: list[tuple]) -> list[dict]:
    """Rows of one train: point, arrival, departure [s], stop or not, basis."""
    return [
        {
            "train_id": train_id,
            "pattern": pattern,
            "sequence": sequence,
            "point_id": point,
            "section_id": None if sequence == 1 else "S",
            "arrival_s": arrival,
            "departure_s": departure,
            "is_stop": is_stop,
            "basis": basis,
        }
        for sequence, (point, arrival, departure, is_stop, basis) in enumerate(rows, start=1)
    ]


def _conflicts() -> list[dict]:
    # 1 March is day 59 of the year: 59 days of 86 400 s after the epoch it is 00:00 UTC.
    midnight = 59 * 86_400
    both = {"train_id": "A", "other_train_id": "B", "days_count": 61, "first_day": FIRST}
    both |= {"days": None}
    section = {"section_id": "P1-P2", "from_point": "P1", "to_point": "P2", "point_id": None}
    station = {"section_id": None, "from_point": None, "to_point": None, "point_id": "P3"}
    return [
        {
            "conflict_id": "1",
            "kind": "opposing",
            "is_impossible": True,
            "basis": "stated",
            "possession_id": None,
            **both,
            **section,
            "other_train_ids": None,
            "from_at_s": midnight + 26_400,
            "to_at_s": midnight + 26_900,
            "missing_s": 500,
            "cure": "Let B wait at Station 2 for 9 min.",
        },
        {
            "conflict_id": "2",
            "kind": "station_full",
            "is_impossible": False,
            "basis": "computed",
            "possession_id": None,
            **both,
            **station,
            "days_count": 3,
            "other_train_id": None,
            "other_train_ids": "B;C",
            "from_at_s": midnight + 27_000,
            "to_at_s": midnight + 27_100,
            "missing_s": 60,
            "cure": None,
        },
    ]


def few_trains() -> dict[str, pl.DataFrame]:
    """Four trains on five stations: A and B meet between P1 and P2; C like A; D does not run.

    A and C leave at 08:00 of the local clock, 07:00 UTC in winter and 06:00 in summer.
    """
    summer = (dt.date(2026, 3, 29) - FIRST).days
    days = ("1" * summer + "0" * (DAYS - summer), "0" * summer + "1" * (DAYS - summer))
    times, patterns = [], []
    for train_id, shift in (("A", 0), ("C", 0), ("B", 600)):
        order = (
            ("P4", "P3", "P2", "P1", "P0") if train_id == "B" else ("P0", "P1", "P2", "P3", "P4")
        )
        for pattern, hour in enumerate((7, 6)):
            at = hour * 3600 + shift
            basis = "stated" if train_id == "B" else "computed"
            rows = [
                (order[0], None, at, True, basis),
                (order[1], at + 600, at + 600, False, basis),
                (order[2], at + 1200, at + 1320, True, basis),
                (order[3], at + 1800, at + 1800, False, basis),
                (order[4], at + 2400, None, True, basis),
            ]
            times += _times(train_id, pattern, rows)
            patterns.append(
                {
                    "train_id": train_id,
                    "pattern": pattern,
                    "days_count": days[pattern].count("1"),
                    "first_day": (FIRST, dt.date(2026, 3, 29))[pattern],
                    "days": days[pattern],
                }
            )
    ends = {"from_point": "P0", "to_point": "P4"}
    why = "Its formation is not known."
    runs = [
        {"train_id": "A", "number": "11", "category": "passenger", **ends, "conflicts_count": 2},
        {"train_id": "B", "number": "22", "category": "freight", "mode": "timetable", "reason": why}
        | {"from_point": "P4", "to_point": "P0", "conflicts_count": 2},
        {"train_id": "C", "number": "13", "category": "passenger", **ends, "like_train_id": "A"},
        {"train_id": "D", "number": "99", "category": "mixed", "mode": "not_run", **ends}
        | {"reason": "Its line is closed.", "days_count": 0},
    ]
    return {
        "train_runs": _runs(runs),
        "train_patterns": pl.DataFrame(patterns),
        "train_times": pl.DataFrame(times, infer_schema_length=None),
        "timetable_conflicts": pl.DataFrame(_conflicts(), infer_schema_length=None),
    }
