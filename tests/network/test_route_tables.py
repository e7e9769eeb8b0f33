import pytest

from arterial.network import build_network, compare_routes, find_route, route_table


@pytest.fixture
def line(make_tables, section):
    """a-m-b is 10 km (m at 4), b-c 20 km; errors 3 km of a-b, 4 km of b-c, 1 km of m."""
    return make_tables(
        [
            section("ab", "a", "b", length_error_km=3.0, tracks_count=1, electrification="3kv_dc"),
            section(
                "bc", "b", "c", 20.0, length_error_km=4.0, tracks_count=2, electrification="none"
            ),
        ],
        line_points=[("L", "a", 0.0, 9.0), ("L", "m", 4.0, 1.0), ("L", "b", 10.0, 9.0)],
    )


def test_errors_of_sections_add_as_root_sum_square(line):
    table = route_table("r", find_route(build_network(line), ["a", "c"]))
    assert table["point_id"].to_list() == ["a", "m", "b", "c"]
    assert table["section_id"].to_list() == [None, "ab", "ab", "bc"]
    assert table["distance_km"].to_list() == pytest.approx([0, 4, 10, 30])
    # At m: 4 of 10 km of an error of 3 km, and 1 km for the point itself.
    expected = [0.0, (1.2**2 + 1) ** 0.5, 3.0, 5.0]
    assert table["distance_error_km"].to_list() == pytest.approx(expected)


def test_a_route_that_begins_inside_a_section_carries_the_error_of_the_cut(line):
    route = find_route(build_network(line), ["m", "c"])
    assert route.length_km == pytest.approx(26.0)
    assert route.length_error_km == pytest.approx((1.8**2 + 1.0 + 16.0) ** 0.5)


def test_an_unknown_error_makes_every_later_one_unknown(make_tables, section):
    sections = [section("ab", "a", "b"), section("bc", "b", "c", length_error_km=1.0)]
    route = find_route(build_network(make_tables(sections)), ["a", "c"])
    assert route.distance_error_km == (0.0, None, None)


def test_variants_compare_length_tracks_and_changes(line):
    network = build_network(line)
    table = compare_routes(
        {"whole": find_route(network, ["a", "c"]), "part": find_route(network, ["m", "b"])}
    )
    assert table["length_km"].to_list() == pytest.approx([30.0, 6.0])
    assert table["single_track_km"].to_list() == pytest.approx([10.0, 6.0])
    assert table["unelectrified_km"].to_list() == pytest.approx([20.0, 0.0])
    assert table["traction_changes_count"].to_list() == [1, 0]
    assert table["gauge_changes_count"].to_list() == [0, 0]
    assert table["calibrated_h"].null_count() == 2


def test_an_unknown_track_count_leaves_the_length_of_single_track_unknown(make_tables, section):
    network = build_network(make_tables([section("ab", "a", "b")]))
    table = compare_routes({"r": find_route(network, ["a", "b"])})
    assert table["single_track_km"].to_list() == [None]
    assert table["unelectrified_km"].to_list() == [None]
