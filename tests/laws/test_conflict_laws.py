"""Laws of the conflicts of the stated timetable."""

from itertools import product

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
