import pytest

from arterial.errors import StudyError
from arterial.network import build_network


def test_a_section_is_expanded_to_the_points_of_its_own_line(make_tables, section):
    line = [
        ("L", "a", 100.0, 1.0),
        ("L", "m", 104.0, 0.5),
        ("L", "b", 108.0, 1.0),
        ("M", "m", 3.0, 1),
    ]
    network = build_network(make_tables([section("S", "a", "b", 10.0)], line_points=line))
    names = [network.point_ids[i] for i in (*network.step_from, network.step_to[-1])]
    assert names == ["a", "m", "b"]
    # 8 km of chainage stand for 10 km of track: 4 km become 5.
    assert network.step_length_km.tolist() == [5.0, 5.0]
    assert network.step_offset_km.tolist() == [0.0, 5.0]


def test_a_section_against_the_chainage_begins_at_its_from_point(make_tables, section):
    line = [("L", "a", 0.0, None), ("L", "m", 1.0, None), ("L", "b", 4.0, None)]
    network = build_network(make_tables([section("S", "b", "a", 4.0)], line_points=line))
    assert [network.point_ids[i] for i in network.step_from] == ["b", "m"]
    assert network.step_length_km.tolist() == [3.0, 1.0]


def test_a_section_with_an_end_off_its_line_stays_one_step(make_tables, section):
    line = [("L", "a", 0.0, None), ("L", "m", 1.0, None), ("K", "b", 4.0, None)]
    network = build_network(make_tables([section("S", "a", "b", 4.0)], line_points=line))
    assert network.step_length_km.tolist() == [4.0]


def test_two_chainage_systems_are_never_mixed(make_tables, section):
    line = [
        ("L", "a", 0.0, None),
        ("K", "a", 500.0, None),
        ("K", "m", 505.0, None),
        ("K", "b", 510.0, 1),
    ]
    sections = [section("S", "a", "b", 4.0, line_id="L"), section("T", "a", "b", 10.0, line_id="K")]
    network = build_network(make_tables(sections, line_points=line))
    assert network.step_section.tolist() == [0, 1, 1]
    assert network.step_length_km.tolist() == [4.0, 5.0, 5.0]


def test_points_without_chainage_between_them_are_spread_evenly(make_tables, section):
    line = [("L", "a", 7.0, None), ("L", "m", 7.0, None), ("L", "b", 7.0, None)]
    network = build_network(make_tables([section("S", "a", "b", 4.0)], line_points=line))
    assert network.step_length_km.tolist() == [2.0, 2.0]


def test_a_stated_length_error_goes_before_the_errors_of_the_ends(make_tables, section):
    line = [("L", "a", 0.0, 3.0), ("L", "b", 10.0, 4.0)]
    sections = [section("S", "a", "b", 10.0), section("T", "a", "b", 10.0, length_error_km=2.0)]
    network = build_network(make_tables(sections, line_points=line))
    assert [s.length_error_km for s in network.sections] == [5.0, 2.0]


def test_every_unknown_point_is_named_with_near_names_at_once(make_tables, section):
    tables = make_tables([section("S", "alpha", "beta")])
    points = tables["operational_points"]
    tables["operational_points"] = points.with_columns(point_id=points["point_id"] + "1")
    with pytest.raises(StudyError) as caught:
        build_network(tables)
    assert [fault.near for fault in caught.value.faults] == [("alpha1",), ("beta1",)]
    assert caught.value.faults[0].place == "tables/sections.csv:2"


def test_kilometre_points_that_rise_and_fall_are_refused(make_tables, section):
    line = [("L", "a", 0.0, None), ("L", "m", 12.0, None), ("L", "b", 10.0, None)]
    with pytest.raises(StudyError, match="rise and fall"):
        build_network(make_tables([section("S", "a", "b")], line_points=line))


def test_a_change_declared_at_no_point_is_told_with_near_names(make_tables, section):
    change = {"point_id": "alpah", "kind": "gauge", "from_value": "1435", "to_value": "1520"}
    tables = make_tables([section("S", "alpha", "beta")], change_points=[change])
    with pytest.raises(StudyError) as caught:
        build_network(tables)
    assert [fault.near for fault in caught.value.faults] == [("alpha",)]
