"""Plans from wishes: the least shift, either way, and what clashes where there is none."""

from itertools import permutations

import numpy as np
import polars as pl
import pytest
from tests.stated_cases import make_line

from arterial.dispatching.paths.clashes import explain_unplaced
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.dispatching.paths.wishes import plan_wishes
from arterial.network import build_network
from arterial.running.train_runs import run_trains
from arterial.study import apply_defaults
from arterial.timetable.paths import find_conflicts
from arterial.timetable.paths.stated_requests import request_stated_day
from arterial.timetable.paths.stated_wishes import list_weights
from arterial.timetable.stated import resolve_stated_trains

OPTIONS = PlanOptions(moves=300)
SECTIONS = [{"from_point": "A", "to_point": "B"}]
STATIONS = {"A": {"tracks_count": 3}, "B": {"tracks_count": 3}}
# Head-on on one track for 20 min each; T2 could leave 1 min after T1 has come, 6 min late.
MEETING = {
    "T1": [("A", None, "08:00"), ("B", "08:20", None)],
    "T2": [("B", None, "08:15"), ("A", "08:35", None)],
}


def ask(trains=MEETING, *, categories=None, stations=STATIONS, **columns):
    """Model and requests of the first day; columns of trains by train."""
    study = make_line(stations, SECTIONS, trains)
    table = study.table("trains").with_columns(
        pl.Series(name, [values.get(train) for train in trains], strict=False)
        for name, values in columns.items()
    )
    extra = {} if categories is None else {"train_categories": pl.DataFrame(categories)}
    return list_requests(study.with_tables(trains=table, **extra))


def list_requests(study):
    """Model and requests of the first day."""
    tables = {name: apply_defaults(study, name) for name in study.tables}
    network = build_network(tables)
    hosts = run_trains(network, tables, study.settings)
    traffic = resolve_stated_trains(network, tables, study.settings, hosts).traffic
    day = study.settings.horizon_from
    requests, _ = request_stated_day(traffic, tables, day)
    return traffic.model, [one for one in requests if one.train_id.endswith(str(day))]


def list_shifts(requests, planned):
    """Minutes by which trains leave earlier (below 0) or arrive later than stated."""
    due = {one.train_id: one.first_departure_s for one in requests}
    found = {}
    for path in planned.paths:
        early_s = path.depart_at_s - due[path.train_id]
        found[path.train_id[:2]] = (path.delay_s if early_s >= 0 else early_s) / 60
    return found


def test_without_wishes_trains_are_only_late():
    model, requests = ask()
    planned = plan_wishes(model, requests, options=OPTIONS)
    assert list_shifts(requests, planned) == {"T1": 0, "T2": 6}
    assert planned.cost == plan_paths(model, requests, options=OPTIONS).cost == 6 * 60


def test_a_heavier_train_goes_first_and_its_weight_is_in_the_cost():
    model, requests = ask(delay_weight={"T2": 10.0})
    planned = plan_wishes(model, requests, options=OPTIONS)
    assert list_shifts(requests, planned) == {"T1": 36, "T2": 0}
    assert planned.cost == 36 * 60
    by_category = [{"category": "passenger", "delay_weight": 4.0, "priority": 5}]
    model, requests = ask(categories=by_category, delay_weight={"T1": 1.0})
    assert [one.traits.weight for one in requests] == [1.0, 4.0]
    assert [one.traits.priority for one in requests] == [5, 5]
    # 36 min of the lighter against 4 x 6 min of the heavier.
    assert plan_wishes(model, requests, options=OPTIONS).cost == 24 * 60


def test_a_train_that_may_leave_earlier_does_so_where_it_costs_less():
    model, requests = ask(earlier_most_min={"T1": 30.0}, delay_weight={"T2": 3.0})
    planned = plan_wishes(model, requests, options=OPTIONS)
    assert list_shifts(requests, planned) == {"T1": -6, "T2": 0}
    assert planned.cost == 6 * 60
    assert planned.bound <= planned.cost
    assert find_conflicts(model, planned.paths) == ()
    # Where being early costs as much as being late, nothing is gained.
    model, requests = ask(earlier_most_min={"T1": 30.0})
    assert plan_wishes(model, requests, options=OPTIONS).cost == 6 * 60


def test_wishes_that_cannot_be_met_are_named_with_the_least_that_helps():
    trains = MEETING | {"T3": [("A", None, "15:00"), ("B", "15:20", None)]}
    limits = {"T1": 10.0, "T2": 4.0, "T3": 0.0}
    model, requests = ask(trains, later_most_min=limits)
    planned = plan_wishes(model, requests, options=OPTIONS)
    assert len(planned.unplaced) == 1
    (clash,) = explain_unplaced(model, requests, planned, options=OPTIONS)
    assert {name[:2] for name in clash.train_ids} == {"T1", "T2"}
    assert clash.place == "A-B:A-B"
    # T2 would be 6 min late, 2 more than it may; T1 would be 36 late, 26 more than it may.
    assert clash.eased_train_id is not None
    assert (clash.eased_train_id[:2], clash.more_s) == ("T2", 2 * 60)


@pytest.mark.parametrize(("limit_min", "is_placed"), [(5.9, False), (6.0, True)])
def test_a_limit_holds_to_the_second(limit_min, is_placed):
    model, requests = ask(later_most_min={"T1": 0.0, "T2": limit_min})
    assert (plan_wishes(model, requests, options=OPTIONS).unplaced == ()) == is_placed


def test_weights_for_dispatching_are_those_that_any_train_states():
    trains = pl.DataFrame({"train_id": ["A", "B"], "category": ["passenger", "freight"]})
    columns = ("priority", "delay_weight", "earlier_most_min", "later_most_min")
    none = [pl.lit(None, dtype=pl.Float64).alias(name) for name in columns]
    tables = {
        "trains": trains.with_columns(none),
        "train_categories": pl.DataFrame({"category": ["passenger"]}).with_columns(none),
    }
    assert list_weights(tables) == {}
    weighed = tables["train_categories"].with_columns(delay_weight=pl.lit(2.5))
    assert list_weights(tables | {"train_categories": weighed}) == {"A": 250, "B": 100}


def find_least_shift(trains, run_min, earlier, later, weights):
    """Least weighted shift of trains over one single-track step, by every order; None = none.

    For an order, the cheapest times follow minute by minute: times in whole minutes have a
    cheapest solution in whole minutes.
    """
    best = None
    for order in permutations(trains):
        costs = {}
        before = None
        for name in order:
            begin, way = trains[name]
            gap = 0
            if before is not None:
                gap = run_min + (1 if trains[before][1] != way else 4)
            here = {}
            for at in range(begin - earlier[name], begin + later[name] + 1):
                ahead = [cost for then, cost in costs.items() if then + gap <= at]
                if before is None or ahead:
                    here[at] = min(ahead, default=0) + weights[name] * abs(at - begin)
            costs, before = here, name
        if costs and (best is None or min(costs.values()) < best):
            best = min(costs.values())
    return best


def draw_scene(seed):
    """Two to four trains over one step of 10 to 20 min, with what they wish."""
    rng = np.random.default_rng(seed)
    count, run_min = int(rng.integers(2, 5)), int(rng.choice([10, 20]))
    names = [f"T{n}" for n in range(1, count + 1)]
    trains = {
        name: (8 * 60 + int(rng.integers(0, 50)), str(rng.choice(["AB", "BA"]))) for name in names
    }
    draw = lambda values: {name: int(rng.choice(values)) for name in names}  # noqa: E731
    weights = {name: float(rng.choice([0.1, 1.0, 7.0])) for name in names}
    return trains, run_min, draw([0, 0, 8, 15, 30]), draw([0, 5, 12, 30, 60]), weights


@pytest.mark.parametrize("seed", range(40))
def test_plans_from_wishes_are_as_good_as_every_order_tried(seed):
    trains, run_min, earlier, later, weights = draw_scene(seed)
    face = lambda at: f"{at // 60:02d}:{at % 60:02d}"  # noqa: E731
    stated = {
        name: [(way[0], None, face(begin)), (way[1], face(begin + run_min), None)]
        for name, (begin, way) in trains.items()
    }
    numbers = {
        "earlier_most_min": {name: float(value) for name, value in earlier.items()},
        "later_most_min": {name: float(value) for name, value in later.items()},
        "delay_weight": weights,
    }
    model, requests = ask(stated, stations={"A": {"tracks_count": 9}, "B": {"tracks_count": 9}},
                          **numbers)  # fmt: skip
    planned = plan_wishes(model, requests, options=OPTIONS)
    least = find_least_shift(trains, run_min, earlier, later, weights)
    assert find_conflicts(model, planned.paths) == ()
    assert (planned.unplaced == ()) == (least is not None)
    if least is not None:
        assert planned.cost == pytest.approx(least * 60, abs=1e-6)
        return
    (clash, *_) = explain_unplaced(model, requests, planned, options=OPTIONS)
    # Whoever has to give way least: every train's limit is tried minute by minute.
    members = {name.split("@")[0] for name in clash.train_ids}
    part = {name: trains[name] for name in members}
    assert find_least_shift(part, run_min, earlier, later, weights) is None
    needs = {}
    for name in members:
        for more in range(1, 240):
            wider = later | {name: later[name] + more}
            if find_least_shift(part, run_min, earlier, wider, weights) is not None:
                needs[name] = more
                break
    if needs:
        assert clash.eased_train_id is not None
        assert clash.more_s == min(needs.values()) * 60
    else:
        assert clash.eased_train_id is None


STOPPING = {
    "T1": [("A", None, "08:00"), ("B", "08:20", "08:22"), ("C", "08:42", None)],
    "T2": [("C", None, "08:35"), ("B", "08:55", "08:57"), ("A", "09:17", None)],
}


def ask_stops(trains=STOPPING, limits=(), **columns):
    """As `ask`, over two sections; limits are (train, sequence, column, minutes)."""
    sections = [*SECTIONS, {"from_point": "B", "to_point": "C"}]
    stations = {name: {"tracks_count": 3} for name in "ABC"}
    study = make_line(stations, sections, trains)
    table = study.table("trains").with_columns(
        pl.Series(name, [values.get(train) for train in trains], strict=False)
        for name, values in columns.items()
    )
    stops = study.table("train_stops")
    for train, sequence, column, minutes in limits:
        here = (pl.col("train_id") == train) & (pl.col("sequence") == sequence)
        stops = stops.with_columns(
            pl.when(here).then(pl.lit(minutes)).otherwise(pl.col(column)).alias(column)
        )
    return list_requests(study.with_tables(trains=table, train_stops=stops))


def test_a_limit_at_a_stop_on_the_way_decides_who_waits():
    # Head-on between B and C: T1 waits at B till 08:56, or T2 at C till 08:43.
    model, requests = ask_stops()
    assert list_shifts(requests, plan_wishes(model, requests, options=OPTIONS))["T2"] == 8
    model, requests = ask_stops(limits=[("T2", 2, "later_most_min", 7.9)])
    planned = plan_wishes(model, requests, options=OPTIONS)
    assert planned.unplaced == ()
    shifts = list_shifts(requests, planned)
    assert (shifts["T1"], shifts["T2"]) == (34, 0)
    model, requests = ask_stops(limits=[("T2", 2, "later_most_min", 8.0)])
    assert list_shifts(requests, plan_wishes(model, requests, options=OPTIONS))["T2"] == 8


def test_limits_at_stops_that_clash_are_named_with_the_least_that_helps():
    limits = [("T2", 2, "later_most_min", 5.0), ("T1", 3, "later_most_min", 20.0)]
    model, requests = ask_stops(limits=limits)
    planned = plan_wishes(model, requests, options=OPTIONS)
    assert len(planned.unplaced) == 1
    (clash,) = explain_unplaced(model, requests, planned, options=OPTIONS)
    assert clash.eased_train_id is not None
    assert (clash.eased_train_id[:2], clash.more_s) == ("T2", 3 * 60)


@pytest.mark.parametrize("stop_min", [None, 0.0, 3.0, 30.0])
def test_a_train_that_leaves_earlier_keeps_what_its_stops_allow(stop_min):
    # T1 gains by leaving A earlier only as far as it may leave B earlier.
    limits = [] if stop_min is None else [("T1", 2, "earlier_most_min", stop_min)]
    model, requests = ask_stops(
        limits=limits, earlier_most_min={"T1": 30.0}, delay_weight={"T2": 3.0}
    )
    planned = plan_wishes(model, requests, options=OPTIONS)
    (path,) = (path for path in planned.paths if path.train_id.startswith("T1"))
    least = 30.0 if stop_min is None else stop_min
    shift = list_shifts(requests, planned)
    assert find_conflicts(model, planned.paths) == ()
    assert shift["T1"] >= -30
    (asked,) = (one for one in requests if one.train_id.startswith("T1"))
    earliest = int(asked.stages["earliest_s"][1])
    assert int(path.departure_s[1]) >= earliest - least * 60


def test_a_limit_at_the_origin_holds_beside_that_of_the_train():
    limits = [("T1", 1, "earlier_most_min", 2.0)]
    _, requests = ask_stops(limits=limits, earlier_most_min={"T1": 30.0})
    assert [one.traits.earlier_most_s for one in requests] == [120, 0]
