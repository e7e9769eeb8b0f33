"""A coach over two trains and back, small enough to be reckoned by hand.

T1 runs A-B 08:00-10:00, T2 B-C 12:00-14:00, T3 C-B 18:00-20:00 and T4 B-A 22:00-24:00, daily, all
in UTC, 100 km and two hours each. The coach leaves A on the 5th, 15th and 25th and goes back from C
on the same evening. At B a procedure of two steps takes 20 and 40 minutes at its best. There are
ten per cent of supplement, so that 2 h hold 10 min 54 s that can be made up.
"""

from dataclasses import replace
from datetime import date

import polars as pl

from arterial.operations.coaches import CoachOptions, prepare_coaches
from arterial.study import empty_table, list_tables
from arterial.timetable import TimetableOptions, resolve_trips

EPOCH = date(2025, 1, 1)
SUPPLEMENT_S = 654
TRAINS = {
    "T1": ("A", "B", "08:00", "10:00", 0),
    "T2": ("B", "C", "12:00", "14:00", 0),
    "T3": ("C", "B", "18:00", "20:00", 0),
    "T4": ("B", "A", "22:00", "23:59", 0),
}
LEGS = {"OUT": ("T1", "T2"), "BACK": ("T3", "T4")}


def make_table(name, rows):
    empty = empty_table(name)
    whole = [{column: row.get(column) for column in empty.columns} for row in rows]
    return pl.DataFrame(whole, schema=dict(empty.schema)) if whole else empty


def make_tables(**more):
    """Tables of the study; keywords replace or add tables by their rows."""
    rows = {
        "operational_points": [
            {"point_id": name, "name": f"Place {name}", "railway_id": "R", "zone": "UTC"}
            for name in "ABC"
        ],
        "sections": [
            {"section_id": "AB", "from_point": "A", "to_point": "B", "length_km": 100.0,
             "railway_id": "R"},
            {"section_id": "BC", "from_point": "B", "to_point": "C", "length_km": 100.0,
             "railway_id": "R"},
        ],
        "trains": [
            {"train_id": name, "number": name, "calendar_id": "DAILY"} for name in TRAINS
        ],
        "train_stops": [
            stop
            for name, (start, end, leaves, comes, day) in TRAINS.items()
            for stop in (
                {"train_id": name, "sequence": 1, "point_id": start, "departure": leaves,
                 "departure_day": 0},
                {"train_id": name, "sequence": 2, "point_id": end, "arrival": comes,
                 "arrival_day": day},
            )
        ],
        "calendar_rules": [
            {"calendar_id": "DAILY", "sequence": 1, "pattern": "daily", "effect": "runs"},
            {"calendar_id": "DAYS", "sequence": 1, "pattern": "days_of_month", "days": "5;15;25",
             "effect": "runs"},
        ],
        "coach_services": [
            {"service_id": "OUT", "name": "Out", "from_point": "A", "to_point": "C",
             "calendar_id": "DAYS", "pool_id": "POOL", "announced_duration_h": 6.5,
             "announced_arrival_day": 0},
            {"service_id": "BACK", "name": "Back", "from_point": "C", "to_point": "A",
             "calendar_id": "DAYS", "pool_id": "POOL", "announced_duration_h": 6.5,
             "announced_arrival_day": 0},
        ],
        "coach_legs": [
            {"service_id": service, "sequence": order + 1, "train_id": train,
             "from_point": TRAINS[train][0], "to_point": TRAINS[train][1], "boarding_day": 0,
             "procedure_id": "P" if order else None, "host_wait_min": 0}
            for service, trains in LEGS.items()
            for order, train in enumerate(trains)
        ],
        "procedures": [{"procedure_id": "P", "name": "Change", "kind": "border"}],
        "procedure_steps": [
            {"procedure_id": "P", "sequence": 1, "name": "Detach", "kind": "detach",
             "duration_low_min": 15, "duration_best_min": 20, "duration_high_min": 40},
            {"procedure_id": "P", "sequence": 2, "name": "Attach", "kind": "attach",
             "duration_low_min": 30, "duration_best_min": 40, "duration_high_min": 90},
        ],
        "coach_pools": [
            {"pool_id": "POOL", "name": "Coaches", "home_point": "A", "spare_sets": 0,
             "minimum_turn_home_h": 4, "minimum_turn_away_h": 2},
        ],
    }  # fmt: skip
    tables = {name: empty_table(name) for name in list_tables()}
    return tables | {name: make_table(name, of) for name, of in (rows | more).items()}


def make_states(*rows):
    """Table ``asset_states``; a failure a year and an hour to repair unless said otherwise."""
    plain = {
        "kind": "turnout", "section_id": "AB", "from_offset_m": 50_000.0, "units_count": 1,
        "failure_rate_per_year": 1.0, "repair_median_h": 1.0, "repair_sigma": 0.0,
        "delay_per_train_min": 10.0, "delay_sigma": 0.0, "closes_line": False,
    }  # fmt: skip
    return make_table("asset_states", [plain | row for row in rows])


def renew_assets(model, share):
    """The model with assets that fail that share as often, on some of the occasions of before."""
    leaves = model.nodes["cause_id"].to_list()
    is_asset = [leaves[path[0]].startswith("asset:") for path in model.plan.path]
    sources = model.plan.sources.copy()
    sources["factor"][is_asset] = share
    return replace(model, plan=model.plan._replace(sources=sources))


def make_disturbance(name, **more):
    """A row of ``disturbances``; 30 minutes for sure unless said otherwise."""
    plain = {
        "disturbance_id": name, "name": name, "cause": "vehicle", "per": "train_run", "rate": 0.1,
        "delay_low_min": 30.0, "delay_best_min": 30.0, "delay_high_min": 30.0,
        "shape": "triangular",
    }  # fmt: skip
    return plain | more


def make_options(**more):
    timetable = TimetableOptions(EPOCH, date(2025, 1, 1), date(2025, 6, 30), date(2025, 1, 1))
    plain = {"timetable": timetable, "seed": 7, "simulate_to": date(2025, 3, 31)}
    return CoachOptions(**(plain | more))


def resolve(tables, options):
    """Results that the model needs."""
    links = pl.DataFrame(
        [
            {"train_id": name, "sequence": 2, "distance_km": 100.0, "running_low_s": 7200.0,
             "running_s": 7200.0, "running_high_s": 7200.0}
            for name in TRAINS
        ]
    )  # fmt: skip
    runs = [
        {"train_id": name, "sequence": 1, "section_id": "AB" if "A" in {start, end} else "BC",
         "from_point": start, "to_point": end, "length_km": 100.0, "basic_s": 6545.0,
         "supplement_s": 655.0, "calibrated_s": 7200.0}
        for name, (start, end, *_) in TRAINS.items()
    ]  # fmt: skip
    trips = resolve_trips(tables, links, options.timetable).trips
    return {"trips": trips, "link_times": links, "section_runs": make_table("section_runs", runs)}


def build_model(tables=None, states=None, away=None, **options):
    """The model; ``away`` is the table ``set_availability``, if the works holds anything."""
    tables = make_tables() if tables is None else tables
    chosen = make_options(**options)
    states = make_table("asset_states", []) if states is None else states
    seasons = empty_table("asset_seasons")
    resolved = resolve(tables, chosen)
    if away is not None:
        resolved["set_availability"] = away
    return prepare_coaches(tables, resolved, states, seasons, chosen)
