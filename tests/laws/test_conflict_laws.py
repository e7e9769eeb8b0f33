"""Laws of the conflicts of the stated timetable."""

from datetime import date, timedelta
from itertools import product

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stated_cases import make_line, resolve

KM_A_MINUTE = {"passenger_speed_limit_kmh": 60.0}


def clock(minute):
    return f"{8 + minute // 60:02d}:{minute % 60:02d}"


def can_pass(east, west, needs, *, is_loop):
    """Whether two trains of A-M-B and B-M-A can pass each other, minute by minute."""
    (a_leaves, a_comes), (b_leaves, b_comes) = east, west

    def list_stays(leaves, comes, first, second):
        return [
            (at, on)
            for at in range(leaves + first, comes - second + 1)
            for on in range(at, comes - second + 1)
        ]

    stays = product(
        list_stays(a_leaves, a_comes, *needs), list_stays(b_leaves, b_comes, *needs[::-1])
    )
    for (a_at, a_on), (b_at, b_on) in stays:
        near = b_comes <= a_leaves or a_at <= b_on
        far = a_comes <= b_leaves or b_at <= a_on
        is_before, is_behind = a_comes <= b_leaves, b_comes <= a_leaves
        if near and far and (is_loop or is_before or is_behind):
            return True
    return False


@given(
    needs=st.tuples(st.integers(3, 8), st.integers(3, 8)),
    spare=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    later=st.integers(0, 20),
    is_loop=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_head_on_is_certain_where_and_only_where_no_times_let_two_trains_pass(
    needs, spare, later, is_loop
):
    run = sum(needs)
    east, west = (10, 10 + run + spare[0]), (10 + later, 10 + later + run + spare[1])
    sections = [
        {"from_point": one, "to_point": two, "length_km": float(need)} | KM_A_MINUTE
        for (one, two), need in zip((("A", "M"), ("M", "B")), needs, strict=True)
    ]
    trains = {
        "E": [("A", None, clock(east[0])), ("B", clock(east[1]), None)],
        "W": [("B", None, clock(west[0])), ("A", clock(west[1]), None)],
    }
    stations = {"A": {}, "M": {"tracks_count": 2 if is_loop else 1}, "B": {}}
    found = resolve(make_line(stations, sections, trains)).tables["timetable_conflicts"]
    is_certain = found.filter("is_impossible").height > 0
    if can_pass(east, west, needs, is_loop=is_loop):
        assert not is_certain
    # Two clock faces of whole minutes may hide one minute of a run.
    elif not can_pass(east, west, (needs[0] - 1, needs[1] - 1), is_loop=is_loop):
        assert is_certain


def test_the_conflicts_of_a_day_do_not_depend_on_the_ends_of_the_horizon():
    # Over midnight head-on, and one that stands where another comes.
    trains = {
        "E": [("A", None, "23:30"), ("B", "00:30", None)],
        "W": [("B", None, "00:05"), ("A", "01:00", None)],
        "S": [("B", None, "20:00"), ("C", "21:00", "00:10"), ("D", "00:40", None)],
        "T": [("D", None, "22:00"), ("C", "00:05", "00:20"), ("B", "00:50", None)],
    }
    stations = {"A": {}, "B": {}, "C": {"tracks_count": 1}, "D": {}}
    sections = [{"from_point": one, "to_point": two} for one, two in ("AB", "BC", "CD")]
    study = make_line(stations, sections, trains)
    first, last = study.settings.horizon_from, study.settings.horizon_to

    def list_days(day_from, day_to):
        fixed = {"horizon_from": day_from, "horizon_to": day_to}
        found = resolve(study.with_settings(study.settings.model_copy(update=fixed)))
        columns = ["kind", "is_impossible", "train_id", "other_train_id", "point_id", "section_id"]
        return found.tables["timetable_conflicts"].select(
            *columns, "missing_s", days=pl.col("days_count") - (day_to - day_from).days
        )

    whole = list_days(first, last)
    assert whole.height == 2
    # E of the evening before meets W on the first day, and E of the last day W of the day after.
    assert whole["days"].to_list() == [2, 1]
    for day_from, day_to in ((first, first), (first + timedelta(days=5), last)):
        assert list_days(day_from, day_to).equals(whole)


@given(nights=st.integers(0, 8), first=st.integers(10, 15), length=st.integers(0, 6))
@settings(max_examples=6, deadline=None)
def test_a_restriction_holds_the_trains_that_are_there_on_its_days(nights, first, length):
    # At 10 km/h the 10 km take an hour, and the train has 20 minutes, so many nights after it left.
    days = [(None, 0), (nights, nights), (nights, None)]
    stops = pl.DataFrame(
        [
            {"train_id": "T", "sequence": n, "point_id": point, "arrival": come, "departure": leave}
            | {"arrival_day": days[n - 1][0], "departure_day": days[n - 1][1]}
            for n, (point, come, leave) in enumerate(
                [("A", None, "08:00"), ("B", "20:00", "21:00"), ("C", "21:20", None)], 1
            )
        ]
    )
    valid = [date(2026, 1, first) + timedelta(days=more) for more in (0, length)]
    order = {"restriction_id": "R", "section_id": "B-C", "speed_limit_kmh": 10.0}
    order |= {"from_offset_m": 0.0, "to_offset_m": 10_000.0}
    restrictions = pl.DataFrame([order | {"valid_from": valid[0], "valid_to": valid[1]}])
    sections = [{"from_point": one, "to_point": two} for one, two in ("AB", "BC")]
    trains = {"T": [("A", None, "08:00")]}
    study = make_line(
        {name: {} for name in "ABC"}, sections, trains,
        train_stops=stops, speed_restrictions=restrictions,
    )  # fmt: skip
    found = resolve(study).tables["timetable_conflicts"]
    # A train that takes days may also meet itself.
    (row,) = found.filter(pl.col("kind") == "too_fast").to_dicts()
    gone = valid[0] - timedelta(days=nights)
    kept = max(gone, study.settings.horizon_from)
    assert row["first_day"] == kept
    assert row["days_count"] == length + 1 - (kept - gone).days


@given(
    arrival=st.none() | st.integers(18, 30),
    stay=st.none() | st.integers(0, 6),
    dwell=st.integers(0, 90),
    span=st.integers(36, 120),
)
@settings(max_examples=20, deadline=None)
def test_a_stated_standstill_takes_its_time_beside_the_run(arrival, stay, dwell, span):
    # Twice 30 km at 100 km/h take 18 minutes each; where both times of a stop are stated they hold.
    leave = None if stay is None else (arrival or 18) + stay
    faces = [None if at is None else clock(at) for at in (arrival, leave)]
    rows = [
        ("T", 1, "A", None, "08:00", None),
        ("T", 2, "B", *faces, float(dwell)),
        ("T", 3, "C", clock(span), None, None),
    ]
    names = ["train_id", "sequence", "point_id", "arrival", "departure", "dwell_min"]
    limit = {"length_km": 30.0, "passenger_speed_limit_kmh": 100.0}
    study = make_line(
        {name: {} for name in "ABC"},
        [{"from_point": one, "to_point": two} | limit for one, two in ("AB", "BC")],
        {"T": [("A", None, "08:00")]},
        train_stops=pl.DataFrame(rows, schema=names, orient="row"),
    )
    found = resolve(study).tables
    if leave is not None:
        first = (0, leave, 18 + dwell) if arrival is None else (0, arrival, 18)
        parts = [first, (leave, span, 18)]
    elif arrival is not None:
        parts = [(0, arrival, 18), (arrival, span, 18 + dwell)]
    else:
        parts = [(0, span, 36 + dwell)]
    # Two clock faces of whole minutes may hide one minute.
    is_short = any(end - begin < needed - 1 for begin, end, needed in parts)
    assert ("too_fast" in found["timetable_conflicts"]["kind"].to_list()) == is_short
    times = found["train_times"].sort("sequence").select("arrival_s", "departure_s")
    known = [at for row in times.iter_rows() for at in row]
    assert known == sorted(known)


@given(begin_km=st.integers(0, 15), is_backward=st.booleans())
@settings(max_examples=10, deadline=None)
def test_a_restriction_holds_from_the_instant_at_which_a_train_comes_to_it(begin_km, is_backward):
    # 20 km in 40 minutes over midnight: it passes the middle at 00:00 of the next day.
    ways = [("A", None, "23:40"), ("B", "00:20", None)]
    if is_backward:
        ways = [("B", None, "23:40"), ("A", "00:20", None)]
    day = date(2026, 1, 12)
    order = {"restriction_id": "R", "section_id": "A-B", "speed_limit_kmh": 10.0}
    order |= {"from_offset_m": begin_km * 1000.0, "to_offset_m": (begin_km + 5) * 1000.0}
    section = {"from_point": "A", "to_point": "B", "length_km": 20.0} | KM_A_MINUTE
    study = make_line(
        {"A": {}, "B": {}}, [section], {"T": ways},
        speed_restrictions=pl.DataFrame([order | {"valid_from": day, "valid_to": day}]),
    )  # fmt: skip
    found = resolve(study).tables["timetable_conflicts"]
    (row,) = found.filter(pl.col("kind") == "too_fast").to_dicts()
    is_after = (15 - begin_km if is_backward else begin_km) >= 10
    assert (row["first_day"], row["days_count"]) == (day - timedelta(days=int(is_after)), 1)
