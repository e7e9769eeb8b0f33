import pytest

from arterial.errors import InfeasibleError, LimitError, StudyError
from arterial.network import build_network, find_alternatives, find_route

CHANGE = {"point_id": "b", "kind": "gauge", "from_value": "1435", "to_value": "1520"}


@pytest.fixture
def square(make_tables, section):
    """a-b-d is 10 + 10 km, a-c-d 5 + 20 km; d-e goes on for 3 km."""
    return make_tables(
        [
            section("ab", "a", "b"),
            section("bd", "b", "d"),
            section("ac", "a", "c", 5.0, line_id="M"),
            section("cd", "c", "d", 20.0, line_id="M"),
            section("de", "d", "e", 3.0),
        ]
    )


def test_the_shortest_way_is_found(square):
    route = find_route(build_network(square), ["a", "e"])
    assert route.points == ("a", "b", "d", "e")
    assert route.section_ids == ("ab", "bd", "de")
    assert route.distance_km == (0.0, 10.0, 20.0, 23.0)


def test_points_in_order_draw_the_way_to_themselves(square):
    route = find_route(build_network(square), ["a", "c", "e"])
    assert route.length_km == pytest.approx(28.0)
    assert route.reversals == ()


def test_a_line_asked_for_is_kept_to_on_its_leg_only(square):
    route = find_route(build_network(square), ["a", "d", "e"], lines=["M", None])
    assert route.section_ids == ("ac", "cd", "de")


def test_turning_back_is_allowed_and_reported(square):
    route = find_route(build_network(square), ["a", "e", "d"])
    assert route.points == ("a", "b", "d", "e", "d")
    assert route.reversals == ("e",)
    assert route.length_km == pytest.approx(26.0)


def test_a_route_run_backward_has_the_same_length(square):
    network = build_network(square)
    there, back = find_route(network, ["a", "e"]), find_route(network, ["e", "a"])
    assert back.points == there.points[::-1]
    assert not back.steps[0].is_forward
    assert back.length_km == pytest.approx(there.length_km)


def test_parallel_sections_of_two_lines_are_two_alternatives(make_tables, section):
    sections = [section("x", "a", "b", 12.0), section("y", "a", "b", 10.0, line_id="K")]
    routes = find_alternatives(build_network(make_tables(sections)), ["a", "b"], count=5)
    assert [route.section_ids for route in routes] == [("y",), ("x",)]


def test_alternatives_come_shortest_first_and_differ(square):
    routes = find_alternatives(build_network(square), ["a", "e"], count=4)
    assert [route.length_km for route in routes] == pytest.approx([23.0, 28.0])


def test_no_alternative_at_all_cannot_be_asked_for(square):
    with pytest.raises(LimitError):
        find_alternatives(build_network(square), ["a", "e"], count=0)


def test_gauge_changes_only_where_a_change_is_declared(make_tables, section):
    sections = [section("ab", "a", "b"), section("bc", "b", "c", gauges_mm="1520")]
    open_way = build_network(make_tables(sections, change_points=[CHANGE]))
    route = find_route(open_way, ["a", "c"])
    assert [step.gauge_mm for step in route.steps] == [1435, 1520]
    assert [(c.point_id, c.kind, c.is_declared) for c in route.changes] == [("b", "gauge", True)]
    with pytest.raises(InfeasibleError, match=r"at any point.*1435 to 1520 mm at b"):
        find_route(build_network(make_tables(sections)), ["a", "c"])


def test_a_combined_track_carries_the_change_to_where_it_is_declared(make_tables, section):
    sections = [
        section("ab", "a", "b"),
        section("bc", "b", "c", gauges_mm="1435;1520"),
        section("cd", "c", "d", gauges_mm="1520"),
    ]
    declared = [{**CHANGE, "point_id": "c"}]
    route = find_route(build_network(make_tables(sections, change_points=declared)), ["a", "d"])
    assert [step.gauge_mm for step in route.steps] == [1435, 1435, 1520]


def test_a_vehicle_that_cannot_change_gauge_is_told_what_would_help(make_tables, section):
    sections = [section("ab", "a", "b"), section("bc", "b", "c", 2.3, gauges_mm="1520")]
    network = build_network(make_tables(sections, change_points=[CHANGE]))
    with pytest.raises(InfeasibleError) as caught:
        find_route(network, ["a", "c"], gauges_mm=[1435])
    text = str(caught.value)
    assert "no way from a station (a) to c station (c) on 1435 mm" in text
    assert "On any gauge there is one of 12.3 km via bc (1520 mm" in text
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    ("attributes", "asked", "words"),
    [
        ({"is_open": False}, {}, "Over closed sections there is one of 10.0 km via ab"),
        ({"direction": "backward"}, {}, "In either direction there is one"),
        ({"electrification": "none"}, {"electrification": ["3kv_dc"]}, "Under any electrification"),
        ({}, {"electrification": ["3kv_dc"]}, "electrification unknown"),
        ({"line_id": "K"}, {"lines": ["L"]}, "Over any line there is one"),
    ],
)
def test_each_constraint_bars_a_way_and_is_named(make_tables, section, attributes, asked, words):
    other = section("pq", "p", "q")
    network = build_network(make_tables([section("ab", "a", "b", **attributes), other]))
    with pytest.raises(InfeasibleError) as caught:
        find_route(network, ["a", "b"], **asked)
    assert words in str(caught.value)
    assert len(caught.value.faults) == 1


def test_two_constraints_that_only_together_bar_a_way_are_named_together(make_tables, section):
    closed = section("ab", "a", "b", is_open=False, gauges_mm="1520")
    with pytest.raises(InfeasibleError) as caught:
        find_route(build_network(make_tables([closed])), ["a", "b"], gauges_mm=[1435])
    (fault,) = caught.value.faults
    assert fault.cause == (
        "On any gauge and over closed sections there is one of 10.0 km via ab (1520 mm, "
        "electrification unknown, closed)."
    )


def test_points_that_nothing_joins_are_said_to_be_apart(make_tables, section):
    network = build_network(make_tables([section("ab", "a", "b"), section("cd", "c", "d")]))
    with pytest.raises(InfeasibleError, match="No sections join b station"):
        find_route(network, ["a", "b", "c"])


def test_unknown_points_and_lines_are_told_with_near_names(square):
    with pytest.raises(StudyError) as caught:
        find_route(build_network(square), ["a", "e statoin"], lines=["MM"])
    assert [fault.near[0] for fault in caught.value.faults] == ["e", "M"]


def test_a_route_needs_two_different_points(square):
    network = build_network(square)
    with pytest.raises(LimitError):
        find_route(network, ["a"])
    with pytest.raises(StudyError, match="twice in a row"):
        find_route(network, ["a", "a"])
    with pytest.raises(LimitError, match="2 legs need as many lines"):
        find_route(network, ["a", "b", "d"], lines=["L"])


def test_a_network_keeps_the_routes_it_has_found(square):
    network = build_network(square)
    first = find_route(network, ["a", "d"])
    assert find_route(network, ("a", "d")) is first
    # Other constraints are another request, and another network knows nothing of it.
    assert find_route(network, ["a", "d"], lines=["M"]).length_km == pytest.approx(25.0)
    assert find_route(build_network(square), ["a", "d"]) is not first


def test_parallel_lines_stay_apart_and_the_shorter_comes_first(make_tables, section):
    tables = make_tables(
        [section("long", "a", "b", 7.0), section("short", "b", "a", 6.0), section("bc", "b", "c")]
    )
    routes = find_alternatives(build_network(tables), ["a", "c"], count=3)
    assert [route.section_ids for route in routes] == [("short", "bc"), ("long", "bc")]
