"""Laws of the timetable: what must hold for every calendar, train, procedure and pool."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from arterial.clock import civil_to_epoch_s, local_text
from arterial.study import conform_table, empty_table, list_tables
from arterial.timetable import TimetableOptions, resolve_trips
from arterial.timetable.coaches.coach_pools import DelayAssumption, PoolView, assess_turn
from arterial.timetable.coaches.procedures import finish_procedure, read_procedures
from arterial.timetable.coaches.set_turns import (
    PoolTrip,
    TimeCase,
    Turn,
    chance_turn_lost,
    rotate_trips,
)
from arterial.timetable.trains.calendars import resolve_calendar
from arterial.timetable.trains.train_plans import TimeRange, read_train_plans
from arterial.timetable.trains.train_times import TrainTimer

EPOCH = date(2025, 1, 1)
ZONES = ["Asia/Pyongyang", "Asia/Vladivostok", "Asia/Chita", "Asia/Omsk", "Europe/Moscow"]
LINK_SCHEMA = {
    "train_id": pl.String,
    "sequence": pl.Int64,
    "distance_km": pl.Float64,
    "running_low_s": pl.Int64,
    "running_s": pl.Int64,
    "running_high_s": pl.Int64,
}


def make_table(name, rows):
    if not rows:
        return empty_table(name)
    return conform_table(name, pl.DataFrame(rows, infer_schema_length=None), fill_missing=True)


rules = st.lists(
    st.fixed_dictionaries(
        {
            "pattern": st.just("days_of_month"),
            "days": st.sets(st.integers(1, 31), min_size=1, max_size=4).map(
                lambda days: ";".join(map(str, days))
            ),
            "effect": st.sampled_from(["runs", "does_not_run", "suspended", "test_run"]),
        }
    )
    | st.fixed_dictionaries(
        {
            "pattern": st.just("weekdays"),
            "days": st.sampled_from(["Mon", "Tue;Fri", "Sat;Sun;Wed"]),
            "effect": st.sampled_from(["runs", "suspended"]),
        }
    )
    | st.fixed_dictionaries(
        {
            "pattern": st.just("every_n_days"),
            "days": st.integers(1, 20).map(str),
            "valid_from": st.dates(date(2024, 12, 1), date(2025, 2, 1)),
            "effect": st.just("runs"),
        }
    ),
    min_size=1,
    max_size=4,
)


def resolve(rows, day_from, day_to):
    numbered = [
        {"calendar_id": "c", "sequence": number} | row for number, row in enumerate(rows, start=1)
    ]
    return resolve_calendar(make_table("calendar_rules", numbered), "c", day_from, day_to)


@given(rows=rules, start=st.integers(0, 60), length=st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_a_shorter_period_is_a_part_of_the_longer(rows, start, length):
    whole = resolve(rows, date(2025, 1, 1), date(2025, 6, 30))
    first = date(2025, 1, 1) + timedelta(days=start)
    last = first + timedelta(days=length)
    part = resolve(rows, first, last)
    assert part.equals(whole.filter(pl.col("date").is_between(first, last)))


@given(rows=rules)
@settings(max_examples=60, deadline=None)
def test_removing_the_last_rule_changes_only_the_days_it_names(rows):
    period = (date(2025, 1, 1), date(2025, 4, 30))
    full, without, alone = (
        resolve(rows, *period),
        resolve(rows[:-1], *period),
        resolve(rows[-1:], *period),
    )
    named = alone["date"].implode()
    outside = full.filter(~pl.col("date").is_in(named))
    assert outside.equals(without.filter(~pl.col("date").is_in(named)))
    assert full.filter(pl.col("date").is_in(named)).equals(alone)


@given(step=st.integers(1, 30), shift=st.integers(0, 400))
@settings(max_examples=40, deadline=None)
def test_shifting_the_anchor_shifts_every_day(step, shift):
    anchor, by = date(2025, 1, 1), timedelta(days=shift)
    rule = {"pattern": "every_n_days", "days": str(step), "effect": "runs"}
    plain = resolve([rule | {"valid_from": anchor}], anchor, anchor + timedelta(days=100))
    moved = resolve(
        [rule | {"valid_from": anchor + by}], anchor + by, anchor + by + timedelta(days=100)
    )
    assert [day + by for day in plain["date"]] == moved["date"].to_list()


steps = st.lists(
    st.tuples(
        st.integers(0, 300),
        st.integers(0, 300),
        st.integers(0, 300),
        st.sampled_from([(None, None), ("08:00", "18:00"), ("20:00", "04:00"), ("09:00", "11:00")]),
    ),
    min_size=1,
    max_size=4,
)


def make_procedure(rows, extra_min=0):
    return read_procedures(
        make_table(
            "procedure_steps",
            [
                {
                    "procedure_id": "p",
                    "sequence": number,
                    "name": "step",
                    "kind": "wait",
                    "after": "0" if number % 3 == 0 else None,
                    "duration_low_min": min(minutes) + extra_min,
                    "duration_best_min": sorted(minutes)[1] + extra_min,
                    "duration_high_min": max(minutes) + extra_min,
                    "opens": hours[0],
                    "closes": hours[1],
                }
                for number, (*minutes, hours) in enumerate(rows, start=1)
            ],
        )
    )["p"]


@given(rows=steps, arrival=st.integers(0, 200_000), later=st.integers(0, 100_000))
@settings(max_examples=80, deadline=None)
def test_a_later_arrival_is_never_ready_earlier(rows, arrival, later):
    procedure = make_procedure(rows)
    ends = [
        finish_procedure(procedure, TimeRange(at_s, at_s, at_s), "Asia/Pyongyang", EPOCH).finished
        for at_s in (arrival, arrival + later)
    ]
    assert ends[0].low_at_s <= ends[1].low_at_s
    assert ends[0].at_s <= ends[1].at_s
    assert ends[0].high_at_s <= ends[1].high_at_s


@given(rows=steps, arrival=st.integers(0, 200_000), extra=st.integers(0, 60))
@settings(max_examples=80, deadline=None)
def test_longer_work_is_never_ready_earlier_and_opening_hours_never_help(rows, arrival, extra):
    at = TimeRange(arrival, arrival + 600, arrival + 1800)
    short = finish_procedure(make_procedure(rows), at, "Asia/Pyongyang", EPOCH)
    long = finish_procedure(make_procedure(rows, extra), at, "Asia/Pyongyang", EPOCH)
    assert short.finished.at_s <= long.finished.at_s
    assert short.finished_if_open.at_s <= short.finished.at_s
    assert short.finished.low_at_s <= short.finished.at_s <= short.finished.high_at_s


@st.composite
def pool_trips(draw):
    """Trips among three places, a few of them at once."""
    trips = []
    for number in range(draw(st.integers(1, 9))):
        start, end = draw(st.sampled_from(["PM", "MP", "PK", "KP", "PP"]))
        leaves = draw(st.integers(0, 60))
        comes = leaves + draw(st.integers(1, 25))
        early, late = draw(st.integers(0, 5)), draw(st.integers(0, 5))
        departure = TimeRange(leaves, leaves, leaves)
        arrival = TimeRange(max(leaves + 1, comes - early), comes, comes + late)
        trips.append(PoolTrip(f"t{number}", "s", start, end, departure, arrival))
    return trips


stays = st.fixed_dictionaries({place: st.integers(0, 15) for place in "PMK"})


def count_by_matching(trips, stay):
    """Trips less the largest matching of arrivals with departures."""
    joined = [
        [
            int(
                one.to_point == other.from_point
                and one.arrival.at_s + stay[one.to_point] <= other.departure.at_s
            )
            for other in trips
        ]
        for one in trips
    ]
    matched = maximum_bipartite_matching(csr_array(joined), perm_type="column")
    return len(trips) - int((matched >= 0).sum())


@given(trips=pool_trips(), stay=stays)
@settings(max_examples=150, deadline=None)
def test_first_in_first_out_needs_as_few_sets_as_the_best_matching(trips, stay):
    rotation = rotate_trips(trips, stay)
    assert rotation.sets_count == count_by_matching(trips, stay)
    worked = [turn.trip.trip_id for turns in rotation.sets for turn in turns]
    assert sorted(worked) == sorted(trip.trip_id for trip in trips)
    for turn in (turn for turns in rotation.sets for turn in turns if turn.next_trip):
        ready = turn.trip.arrival.at_s + stay[turn.trip.to_point]
        assert turn.next_trip.from_point == turn.trip.to_point
        assert ready <= turn.next_trip.departure.at_s


@given(trips=pool_trips(), stay=stays, longer=st.integers(0, 10))
@settings(max_examples=80, deadline=None)
def test_longer_stays_or_harsher_times_never_need_fewer_sets(trips, stay, longer):
    plain = rotate_trips(trips, stay).sets_count
    stretched = {place: hours + longer for place, hours in stay.items()}
    assert rotate_trips(trips, stretched).sets_count >= plain
    assert rotate_trips(trips, stay, case=TimeCase.HARSH).sets_count >= plain
    assert rotate_trips(trips, stay, case=TimeCase.KIND).sets_count <= plain


@given(trips=pool_trips(), stay=stays)
@settings(max_examples=80, deadline=None)
def test_leaving_out_the_last_trip_saves_one_set_at_most(trips, stay):
    last = max(trips, key=lambda trip: trip.departure.at_s)
    rest = [trip for trip in trips if trip is not last]
    saved = rotate_trips(trips, stay).sets_count - rotate_trips(rest, stay).sets_count
    assert 0 <= saved <= 1


@given(arrival=st.integers(0, 10**6), later=st.integers(0, 10**5), leaves=st.integers(0, 2 * 10**6))
@settings(deadline=None)
def test_a_later_arrival_never_leaves_more_slack_nor_a_smaller_chance_of_a_lost_turn(
    arrival, later, leaves
):
    def assess(at_s):
        came, goes = TimeRange(at_s, at_s, at_s), TimeRange(leaves, leaves, leaves)
        view = PoolView(
            "p", "P", "P", (), 0, {"M": 3600.0}, (), None, None,
            DelayAssumption(1.0, 3.0, 6.0, 1.0), (), {}, EPOCH,
        )  # fmt: skip
        trip = PoolTrip("a", "s", "P", "M", came, came)
        return assess_turn(view, Turn(trip, PoolTrip("b", "s", "M", "P", goes, goes)))

    early, late = assess(arrival), assess(arrival + later)
    assert late.slack_h <= early.slack_h
    assert late.chance >= early.chance
    assert early.chance_low <= early.chance <= early.chance_high


@given(
    slack=st.floats(0.1, 100), median=st.floats(0.1, 50), sigma=st.floats(0.1, 3),
    more=st.floats(0, 50),
)  # fmt: skip
def test_the_chance_of_a_lost_turn_falls_with_slack_and_rises_with_delay(
    slack, median, sigma, more
):
    chance = chance_turn_lost(slack, median, sigma)
    assert 0 <= chance <= 1
    assert chance_turn_lost(slack + more, median, sigma) <= chance
    assert chance_turn_lost(slack, median + more, sigma) >= chance


@st.composite
def trains(draw):
    """Tables of one train over zones, with some stated times that never run backwards."""
    count = draw(st.integers(2, 7))
    at_s = civil_to_epoch_s(date(2025, 6, 17), "12:00", ZONES[0], EPOCH)
    stops, links = [], []
    for number in range(1, count + 1):
        zone = draw(st.sampled_from(ZONES)) if number > 1 else ZONES[0]
        stop = {"train_id": "t", "sequence": number, "point_id": f"{zone}{number}", "zone": zone}
        for event in ("arrival", "departure"):
            at_s += (
                60 * draw(st.integers(1, 600 if event == "arrival" else 60)) if number > 1 else 0
            )
            if draw(st.booleans()) or (number == 1 and event == "departure"):
                day = date.fromisoformat(local_text(at_s, EPOCH, zone)[:10])
                stop[event] = local_text(at_s, EPOCH, zone)[11:]
                stop[f"{event}_day"] = (day - date(2025, 6, 17)).days
        stop["dwell_min"] = float(draw(st.integers(0, 90)))
        low, best, high = sorted(draw(st.integers(60, 40_000)) for _ in range(3))
        links.append(("t", number, 10.0, low, best, high))
        stops.append(stop)
    return stops, links


@given(train=trains(), shift=st.integers(0, 90))
@settings(max_examples=100, deadline=None)
def test_train_times_run_forward_hold_stated_times_and_repeat_each_day(train, shift):
    stops, links = train
    points = [
        {"point_id": s["point_id"], "name": "x", "zone": s["zone"], "country": "RU", "kind": "halt"}
        for s in stops
    ]
    rows = [{key: value for key, value in stop.items() if key != "zone"} for stop in stops]
    tables = {
        "train_stops": make_table("train_stops", rows),
        "operational_points": make_table("operational_points", points),
    }
    frame = pl.DataFrame(links, schema=LINK_SCHEMA, orient="row")
    plans = read_train_plans(tables, frame, default_dwell_min=3.0)
    timer = TrainTimer(plans, EPOCH)
    run = timer.time("t", date(2025, 6, 17))
    events = run.events[1:-1]
    assert all(event is not None for event in events)
    ranges = [event.at for event in events]
    assert all(at.low_at_s <= at.at_s <= at.high_at_s for at in ranges)
    for name in ("low_at_s", "at_s", "high_at_s"):
        ends = [getattr(at, name) for at in ranges]
        assert ends == sorted(ends)
    for index, stop in enumerate(stops):
        for event, time in (("arrival", run.arrival(index)), ("departure", run.departure(index))):
            if time is not None and event in stop:
                assert local_text(time.at.at_s, EPOCH, stop["zone"])[11:] == stop[event]
                assert time.basis != "computed"
    # None of these zones changes its offset in 2025.
    later = timer.time("t", date(2025, 6, 17) + timedelta(days=shift))
    assert [event.at for event in later.events[1:-1]] == [at.shift(shift * 86_400) for at in ranges]


def make_shuttle(days):
    """A coach that leaves daily and needs a shuttle the day after."""
    points = [
        {"point_id": p, "name": p, "zone": z, "country": "KP", "kind": "station"}
        for p, z in (("a", ZONES[0]), ("b", ZONES[0]), ("c", ZONES[1]))
    ]
    stops = [
        ("one", 1, "a", None, None, "10:00", 0), ("one", 2, "b", "09:00", 1, None, None),
        ("two", 1, "b", None, None, "12:00", 0), ("two", 2, "c", "15:30", 0, None, None),
    ]  # fmt: skip
    names = ("train_id", "sequence", "point_id", "arrival", "arrival_day", "departure",
             "departure_day")  # fmt: skip
    rule = {"sequence": 1, "effect": "runs"}
    rows = {
        "operational_points": points,
        "calendar_rules": [
            rule | {"calendar_id": "daily", "pattern": "daily"},
            rule | {"calendar_id": "two", "pattern": "weekdays", "days": ";".join(sorted(days))},
        ],
        "trains": [
            {"train_id": t, "number": t, "category": "passenger", "calendar_id": calendar}
            for t, calendar in (("one", "daily"), ("two", "two"))
        ],
        "train_stops": [dict(zip(names, stop, strict=True)) for stop in stops],
        "coach_services": [
            {"service_id": "s", "name": "s", "from_point": "a", "to_point": "c",
             "calendar_id": "daily"}
        ],
        "coach_legs": [
            {"service_id": "s", "sequence": n, "train_id": t, "from_point": x, "to_point": y,
             "boarding_day": n - 1}
            for n, (t, x, y) in enumerate((("one", "a", "b"), ("two", "b", "c")), start=1)
        ],
    }  # fmt: skip
    tables = {name: empty_table(name) for name in list_tables()}
    return tables | {name: make_table(name, of) for name, of in rows.items()}


@given(days=st.sets(st.sampled_from(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]), min_size=1))
@settings(max_examples=25, deadline=None)
def test_each_day_more_of_a_host_mends_its_own_trips_and_harms_none(days):
    options = TimetableOptions(EPOCH, date(2025, 7, 7), date(2025, 7, 20), EPOCH)
    links = pl.DataFrame(schema=LINK_SCHEMA)
    resolved = resolve_trips(make_shuttle(days), links, options)
    assert resolved.trips.height == 14
    assert resolved.findings.height == 14 - 2 * len(days)
    assert resolved.trips["findings_count"].sum() == resolved.findings.height
    trips = set(resolved.trips["trip_id"])
    assert set(resolved.trip_events["trip_id"]) == set(resolved.connections["trip_id"]) == trips
    for row in resolved.trip_events.iter_rows(named=True):
        east_s = civil_to_epoch_s(
            date.fromisoformat(row["local_time"][:10]), row["local_time"][11:], "UTC", EPOCH
        )
        assert east_s - 60 * row["utc_offset_min"] == row["at_s"]
