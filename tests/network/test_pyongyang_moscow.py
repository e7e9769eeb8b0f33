"""The flagship study: lengths held against the sums of its sections."""

from pathlib import Path

import pytest

from arterial.network import build_network, compare_routes, find_alternatives, find_route
from arterial.study.reader import read_study

STUDY = Path(__file__).parents[2] / "studies" / "pyongyang_moscow"


@pytest.fixture(scope="module")
def tables():
    return read_study(STUDY).tables


@pytest.fixture(scope="module")
def network(tables):
    return build_network(tables)


@pytest.fixture(scope="module")
def routes(tables, network):
    found = {}
    for (route_id,), rows in tables["route_points"].sort("sequence").group_by("route_id"):
        lines = rows["line_id"].to_list()[:-1]
        found[route_id] = find_route(network, rows["point_id"].to_list(), lines=lines)
    return found


@pytest.mark.parametrize(
    ("route_id", "length_km"),
    [("pym-mow-yaroslavl", 10_295.0), ("pym-mow-nizhny", 10_254.0), ("ksr-pym-tum", 852.0)],
)
def test_a_route_is_as_long_as_its_sections_together(routes, route_id, length_km):
    assert routes[route_id].length_km == pytest.approx(length_km, abs=0.1)


def test_the_way_via_kostroma_is_four_kilometres_shorter_and_partly_without_wire(routes):
    table = compare_routes(
        {name: routes[name] for name in ("pym-mow-yaroslavl", "pym-mow-kostroma")}
    )
    classic, branch = table.to_dicts()
    assert classic["length_km"] - branch["length_km"] == pytest.approx(4.2, abs=0.5)
    # Galich to Kostroma adds 117 km without wire and one change of traction more.
    assert branch["unelectrified_km"] - classic["unelectrified_km"] == pytest.approx(117.0)
    assert branch["traction_changes_count"] - classic["traction_changes_count"] == 1


def test_every_change_on_every_route_is_declared(routes):
    assert all(change.is_declared for route in routes.values() for change in route.changes)
    assert not any(route.reversals for route in routes.values())


def test_the_gauge_changes_once_on_the_way_at_tumangang(routes):
    for name in ("pym-mow-kostroma", "pym-khb"):
        changes = [change for change in routes[name].changes if change.kind == "gauge"]
        assert [(c.point_id, c.from_value, c.to_value) for c in changes] == [
            ("KP-Tumangang", "1435", "1520")
        ]


def test_a_route_there_and_back_is_equally_long(routes):
    assert routes["rossiya-east"].length_km == pytest.approx(routes["rossiya-west"].length_km)


def test_the_three_ways_to_moscow_are_found_as_alternatives(routes, network):
    ends = (routes["pym-mow-nizhny"].points[0], routes["pym-mow-nizhny"].points[-1])
    found = find_alternatives(network, ends, count=3)
    named = ("pym-mow-nizhny", "pym-mow-kostroma", "pym-mow-yaroslavl")
    assert [route.points for route in found] == [routes[name].points for name in named]
