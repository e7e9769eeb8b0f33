"""The plan of a day, stated again, has no conflict: whatever tracks stations have."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from arterial.flows.replanning import plan_day
from arterial.study import write_study
from arterial.timetable.paths import find_conflicts
from stated_cases import make_random, resolve

DAY = date(2026, 1, 5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_planned_and_stated_again_has_no_conflict(seed, tmp_path):
    study = make_random(seed)
    trains = study.table("trains").with_columns(calendar_id=pl.lit("DAILY"))
    # Waiting needs tracks to wait on.
    points = study.table("operational_points").with_columns(
        tracks_count=pl.lit(4), loop_length_m=pl.lit(None, dtype=pl.Float64)
    )
    study = study.with_tables(trains=trains, operational_points=points)
    assert resolve(state_plan(study, tmp_path)).tables["timetable_conflicts"].to_dicts() == []


@pytest.mark.parametrize("seed", range(6))
def test_so_it_is_where_stations_have_tracks_of_many_kinds(seed, tmp_path):
    """Lengths, gauges and sections of tracks bind a plan as they bind stated trains."""
    rng = np.random.default_rng(seed)
    study = make_random(seed)
    gauges = rng.choice(["1435", "1435;1520"], study.table("sections").height)
    sections = study.table("sections").with_columns(gauges_mm=pl.Series(gauges))
    tracks = []
    for point in study.table("operational_points")["point_id"].to_list():
        here = sections.filter((pl.col("from_point") == point) | (pl.col("to_point") == point))
        for number in range(int(rng.integers(3, 6))):
            part = [name for name in here["section_id"].to_list() if rng.random() < 0.6]
            tracks.append(
                {
                    "point_id": point,
                    "track_id": str(number),
                    "usable_length_m": float(rng.choice([200.0, 500.0, 900.0])),
                    "gauges_mm": str(rng.choice(["1435", "1435;1520", "1520"])),
                    "section_ids": ";".join(part) if number and part else None,
                }
            )
    lengths = {"SHORT": 150.0, "MIDDLE": 400.0, "LONG": 800.0}
    formations = pl.Series(rng.choice(list(lengths), study.table("trains").height).tolist())
    points = study.table("operational_points").with_columns(
        tracks_count=pl.lit(None, dtype=pl.Int64), loop_length_m=pl.lit(None, dtype=pl.Float64)
    )
    study = study.with_tables(
        sections=sections,
        operational_points=points,
        station_tracks=pl.DataFrame(tracks, infer_schema_length=None),
        trains=study.table("trains").with_columns(
            formation_id=formations, calendar_id=pl.lit("DAILY")
        ),
        formations=pl.DataFrame({"formation_id": list(lengths), "name": list(lengths)}),
        formation_vehicles=pl.DataFrame(
            {
                "formation_id": list(lengths),
                "position": 1,
                "vehicle_type_id": list(lengths),
                "count": [1, 2, 4],
            }
        ),
        vehicle_types=pl.DataFrame(
            [
                {"vehicle_type_id": name, "name": name, "kind": "coach", "length_m": min(m, 200.0)}
                for name, m in lengths.items()
            ]
        ),
    )
    again = state_plan(study, tmp_path)
    found = resolve(again).tables["timetable_conflicts"]
    assert found.filter(pl.col("kind") != "track_unfit").to_dicts() == []


def state_plan(study, folder):
    """The study with the plan of a day as its timetable; the plan itself has no conflict."""
    planned = plan_day(write_study(study, folder / "random"), DAY, moves=300)
    assert planned.paths
    assert find_conflicts(planned.traffic.model, planned.paths) == ()
    stops = [
        {
            "train_id": path.train_id,
            "sequence": place + 1,
            "point_id": point,
            "arrival": _face(path.arrival_s[place]),
            "arrival_day": int(path.arrival_s[place]) // 86_400,
            "departure": _face(path.departure_s[place]),
            "departure_day": int(path.departure_s[place]) // 86_400,
        }
        for path in planned.paths
        for place, point in enumerate(path.request.points)
    ]
    first = min(stop["arrival_day"] for stop in stops)
    table = pl.DataFrame(stops).with_columns(
        pl.col("arrival_day") - first, pl.col("departure_day") - first
    )
    names = [path.train_id for path in planned.paths]
    was = dict(study.table("trains").select("train_id", "formation_id").iter_rows())
    return study.with_tables(
        train_stops=table,
        trains=pl.DataFrame(
            {
                "train_id": names,
                "number": names,
                "category": "passenger",
                "calendar_id": "ONE",
                "formation_id": [was[name.partition("@")[0]] for name in names],
            }
        ),
        calendars=pl.DataFrame({"calendar_id": ["ONE"], "name": ["One day"]}),
        calendar_rules=pl.DataFrame(
            {
                "calendar_id": ["ONE"],
                "sequence": [1],
                "pattern": ["dates"],
                "days": ["2026-01-03"],
                "effect": ["runs"],
            }
        ),
    )


def _face(at_s):
    seconds = int(at_s) % 86_400
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
