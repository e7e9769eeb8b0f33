import polars as pl
import pytest

from arterial.stock import check_compatibility

COACH = {
    "vehicle_type_id": "dprk_coach",
    "mass_t": 56.0,
    "axles_count": 4,
    "top_speed_kmh": 160.0,
    "gauges_mm": "1435;1520",
    "gauge_change": "bogie_exchange",
    "loading_gauge": "1-VM",
    "couplers": "sa3",
    "brake_pipe_bar": 5.0,
    "heating": "train_line_3kv",
}
NORTH = {
    "section_id": "north",
    "gauges_mm": "1520",
    "loading_gauge": "1-T",
    "maximum_axle_load_t": 23.5,
    "passenger_speed_limit_kmh": 120.0,
}
SOUTH = {"section_id": "south", "gauges_mm": "1435", "loading_gauge": "GB 146.1"}
TRAIN = {
    "train_id": "t1",
    "couplers": "sa3",
    "brake_pipe_bar": 5.2,
    "heating": "train_line_3kv",
    "top_speed_kmh": 140.0,
}
CHANGE = {
    "point_id": "border",
    "kind": "gauge",
    "from_value": "1435",
    "to_value": "1520",
    "method": "bogie_exchange",
}


@pytest.fixture
def check(make_tables):
    """Verdicts by (subject, attribute) for one coach over two sections on one train."""

    def run(*, coach=COACH, north=NORTH, south=SOUTH, train=TRAIN, changes=(CHANGE,)):
        tables = make_tables(
            coach_services=[{"service_id": "s", "vehicle_type_id": coach["vehicle_type_id"]}],
            vehicle_types=[coach],
            sections=[north, south],
            trains=[train],
            change_points=changes,
        )
        ways = pl.DataFrame(
            {
                "service_id": ["s"] * 3,
                "train_id": ["t1"] * 3,
                "point_id": ["a", "border", "b"],
                "section_id": [None, "south", "north"],
            }
        )
        table = check_compatibility(tables, ways)
        return {(r["subject_id"], r["attribute"]): r for r in table.iter_rows(named=True)}

    return run


def test_every_section_and_train_is_held_against_every_attribute(check):
    rows = check()
    assert len(rows) == 3 * 4
    assert {row["verdict"] for row in rows.values()} <= {"ok", "unknown"}


def test_a_bogie_exchange_at_a_declared_point_makes_both_gauges_ok(check):
    row = check()["north", "gauge"]
    assert row["verdict"] == "ok"
    assert row["explanation"] == "The coach runs on 1520 mm, with bogie_exchange at border."


def test_a_gauge_without_a_declared_change_blocks(check):
    row = check(changes=())["north", "gauge"]
    assert row["verdict"] == "block"
    assert "no change of gauge is declared on its way" in row["explanation"]


def test_a_change_elsewhere_does_not_help(check):
    assert check(changes=({**CHANGE, "point_id": "far"},))["north", "gauge"]["verdict"] == "block"


def test_a_coach_that_changes_in_another_way_is_blocked_with_both_ways_named(check):
    row = check(coach={**COACH, "gauge_change": "variable_gauge"})["north", "gauge"]
    assert row["verdict"] == "block"
    assert "bogie_exchange" in row["explanation"]
    assert "variable_gauge" in row["explanation"]


def test_a_coach_of_one_gauge_needs_no_change_on_sections_of_it(check):
    rows = check(coach={**COACH, "gauges_mm": "1435", "gauge_change": "none"})
    assert rows["south", "gauge"]["verdict"] == "ok"
    assert rows["north", "gauge"]["verdict"] == "block"


def test_a_gauge_common_to_the_whole_way_needs_no_change(check):
    rows = check(north={**NORTH, "gauges_mm": "1435;1520"}, changes=())
    assert rows["north", "gauge"]["explanation"] == "Both have 1435 mm."


def test_a_coach_whose_way_of_changing_is_unknown_is_unknown(check):
    row = check(coach={**COACH, "gauge_change": None})["north", "gauge"]
    assert (row["verdict"], row["explanation"]) == (
        "unknown",
        "The way in which the coach changes its gauge is unknown.",
    )


@pytest.mark.parametrize(
    ("coach_outline", "section_outline", "verdict"),
    [
        ("1-VM", "GB146.1", "ok"),
        ("1-VM", "1-T", "ok"),
        ("0-VM", "02-VM", "warn"),
        ("1-VM", "UIC GC", "block"),
        ("03-VM", "UIC G1", "ok"),
        ("1-VM", "nobody's", "unknown"),
        (None, "1-T", "unknown"),
    ],
)
def test_an_outline_must_lie_inside_the_section(check, coach_outline, section_outline, verdict):
    rows = check(
        coach={**COACH, "loading_gauge": coach_outline},
        south={**SOUTH, "loading_gauge": section_outline},
    )
    assert rows["south", "loading_gauge"]["verdict"] == verdict


def test_axle_load_follows_from_mass_and_axles_where_it_is_not_stated(check):
    row = check()["north", "axle_load"]
    assert (row["verdict"], row["coach_value"]) == ("ok", "14.0 t")
    heavy = check(coach={**COACH, "axle_load_t": 24.0})["north", "axle_load"]
    assert (heavy["verdict"], heavy["other_value"]) == ("block", "23.5 t")


def test_a_range_of_masses_counts_with_its_upper_end(check):
    coach = {**COACH, "mass_high_t": 100.0}
    assert check(coach=coach)["north", "axle_load"]["verdict"] == "block"


@pytest.mark.parametrize(
    ("field", "value", "attribute", "verdict"),
    [
        ("couplers", "aar", "coupler", "block"),
        ("couplers", "aar;adapter_aar_sa3", "coupler", "warn"),
        ("couplers", None, "coupler", "unknown"),
        ("brake_pipe_bar", 6.0, "brake", "warn"),
        ("brake_pipe_bar", 5.1, "brake", "ok"),
        ("heating", "train_line_600v", "heating", "warn"),
        ("heating", None, "heating", "unknown"),
        ("top_speed_kmh", 161.0, "speed", "warn"),
    ],
)
def test_the_train_beside_the_coach_decides(check, field, value, attribute, verdict):
    assert check(train={**TRAIN, field: value})["t1", attribute]["verdict"] == verdict


def test_a_coach_with_a_stove_needs_no_heating_from_any_train(check):
    coach = {**COACH, "heating": "train_line_3kv;coal"}
    row = check(coach=coach, train={**TRAIN, "heating": None})["t1", "heating"]
    assert (row["verdict"], row["explanation"]) == ("ok", "The coach heats itself by coal.")


def test_a_slow_coach_slows_the_section(check):
    row = check(coach={**COACH, "top_speed_kmh": 100.0})["north", "speed"]
    assert row["verdict"] == "warn"
    assert "100 km/h where 120 km/h are allowed" in row["explanation"]


def test_what_is_missing_is_named_and_never_ok(check):
    rows = check(coach={"vehicle_type_id": "bare"}, train={"train_id": "t1"})
    assert {row["verdict"] for row in rows.values()} == {"unknown"}
    both = rows["t1", "coupler"]["explanation"]
    assert both == "The coupler of the coach and of the train is unknown."


def test_what_is_unknown_is_said_in_words_without_column_names(check):
    bare = check(coach={"vehicle_type_id": "bare"}, train={"train_id": "t1"})
    assert not [row for row in bare.values() if "_" in row["explanation"]]
    assert bare["north", "axle_load"]["explanation"] == "The axle load of the coach is unknown."
    train = check(train={**TRAIN, "brake_pipe_bar": None})["t1", "brake"]
    assert train["explanation"] == "The brake pipe pressure of the train is unknown."
    section = check(
        coach={**COACH, "top_speed_kmh": None}, north={**NORTH, "passenger_speed_limit_kmh": None}
    )["north", "speed"]
    assert section["explanation"] == (
        "The top speed of the coach and the speed limit of the section are unknown."
    )


def test_a_service_without_a_vehicle_type_is_unknown_throughout(make_tables):
    tables = make_tables(
        coach_services=[{"service_id": "s"}],
        vehicle_types=[COACH],
        sections=[NORTH],
        trains=[TRAIN],
    )
    ways = pl.DataFrame(
        {"service_id": ["s"], "train_id": ["t1"], "point_id": ["b"], "section_id": ["north"]}
    )
    assert set(check_compatibility(tables, ways)["verdict"]) == {"unknown"}
