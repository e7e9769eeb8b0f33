"""Connections and turn-rounds of stated trains: missed ones are told, plans keep them."""

import polars as pl
import pytest
from tests.stated_cases import make_line, resolve

from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.study import apply_defaults
from arterial.study.paces import expand_paces
from arterial.timetable.paths.stated_links import link_requests
from arterial.timetable.paths.stated_requests import request_stated_day

SECTIONS = [
    {"from_point": "A", "to_point": "B", "tracks_count": 2},
    {"from_point": "B", "to_point": "C", "tracks_count": 2},
]


def make_linked(leaves, least_min, *, kind="after", comes="08:20", stays=None):
    trains = {
        "T1": [("A", None, "08:00"), ("B", comes, stays), *([("C", "23:00", None)] * bool(stays))],
        "T2": [("B", None, leaves), ("C", "23:30", None)],
    }
    study = make_line({name: {} for name in "ABC"}, SECTIONS, trains)
    link = {"link_id": "L", "train_id": "T2", "other_train_id": "T1", "point_id": "B"}
    links = pl.DataFrame([link | {"kind": kind, "minimum_min": least_min}])
    return study.with_tables(train_links=links)


def list_missed(study):
    found = resolve(study).tables["timetable_conflicts"]
    return found.filter(pl.col("kind") == "connection").to_dicts()


@pytest.mark.parametrize(
    ("leaves", "least_min", "missing_min"),
    [("08:30", 10, 0), ("08:30", 11, 1), ("08:10", 0, 10), ("06:00", 0, 0), ("22:00", 15, 0)],
)
def test_a_connection_is_missed_by_what_it_lacks(leaves, least_min, missing_min):
    study = make_linked(leaves, least_min)
    rows = list_missed(study)
    if not missing_min:
        assert rows == []
        return
    (row,) = rows
    days = (study.settings.horizon_to - study.settings.horizon_from).days + 1
    assert (row["train_id"], row["other_train_id"], row["point_id"]) == ("T2", "T1", "B")
    assert (row["missing_s"], row["days_count"]) == (missing_min * 60, days)
    assert row["is_impossible"]


def test_trains_that_must_stand_together_need_the_time_at_once():
    assert list_missed(make_linked("08:40", 10, kind="together", stays="08:30")) != []
    trains_meet = make_linked("08:40", 10, kind="together", stays="08:40")
    (row,) = list_missed(trains_meet)
    # A train that begins at B stands there only as it leaves.
    assert row["missing_s"] == 10 * 60


def test_a_plan_keeps_the_connection_on_each_day():
    study = make_linked("08:21", 10)
    traffic = resolve(study).traffic
    tables = {name: apply_defaults(study, name) for name in study.tables}
    requests, _ = request_stated_day(traffic, tables, study.settings.horizon_from)
    links = link_requests(tables, requests)
    assert {(one.train_id[3:], one.other_train_id[3:]) for one in links} >= {
        (str(study.settings.horizon_from),) * 2
    }
    planned = plan_paths(traffic.model, requests, links=links, options=PlanOptions(moves=50))
    leaves = {path.train_id[:2]: path for path in planned.paths[:2]}
    assert leaves["T2"].depart_at_s - leaves["T1"].arrive_at_s == 10 * 60


def pace(study, **every_min):
    rows = [
        {"train_id": name, "first_departure": first, "last_departure": last, "every_min": every}
        for name, (first, last, every) in every_min.items()
    ]
    tables = dict(study.tables) | {"paced_trains": pl.DataFrame(rows)}
    return study.with_tables(**expand_paces(tables))


@pytest.mark.parametrize(
    ("paces", "least_min", "missed"),
    [
        # Each of four departures has its own arrival ten minutes before it.
        ({"T1": ("08:00", "11:00", 60), "T2": ("08:30", "11:30", 60)}, 10, 0),
        ({"T1": ("08:00", "11:00", 60), "T2": ("08:30", "11:30", 60)}, 11, 4),
        # Only the first is late: the others find a train that came before, or none at all.
        ({"T2": ("08:30", "11:30", 60)}, 11, 1),
        ({"T1": ("08:00", "11:00", 60)}, 11, 1),
        ({"T1": ("08:00", "11:00", 60)}, 10, 0),
    ],
)
def test_links_bind_the_trains_that_a_pace_makes(paces, least_min, missed):
    study = pace(make_linked("08:30", least_min), **paces)
    rows = list_missed(study)
    assert len(rows) == missed
    assert {row["missing_s"] for row in rows} <= {60}
    days = (study.settings.horizon_to - study.settings.horizon_from).days + 1
    assert {row["days"] for row in rows} <= {"1" * days}
    assert all(row["other_train_id"].startswith("T1") for row in rows)
    if missed == 4:
        assert {(row["other_train_id"][2:], row["train_id"][2:]) for row in rows} == {
            ("", ""), ("-0900", "-0930"), ("-1000", "-1030"), ("-1100", "-1130"),
        }  # fmt: skip


def test_a_plan_keeps_the_connections_of_paced_trains():
    study = pace(make_linked("08:30", 15), T1=("08:00", "10:00", 60), T2=("08:30", "10:30", 60))
    traffic = resolve(study).traffic
    tables = {name: apply_defaults(study, name) for name in study.tables}
    requests, _ = request_stated_day(traffic, tables, study.settings.horizon_from)
    links = link_requests(tables, requests)
    planned = plan_paths(traffic.model, requests, links=links, options=PlanOptions(moves=50))
    paths = {path.train_id: path for path in planned.paths}
    bound = [(paths[one.train_id], paths[one.other_train_id]) for one in links]
    assert {train.train_id.split("@")[0] for train, _ in bound} >= {"T2", "T2-0930", "T2-1030"}
    for train, other in bound:
        assert train.depart_at_s - other.arrive_at_s >= 15 * 60
