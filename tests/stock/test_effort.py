import pytest

from arterial.errors import LimitError, StudyError
from arterial.stock import locomotive_effort_table

LOCOMOTIVE = {
    "vehicle_type_id": "e",
    "mass_t": 132.0,
    "starting_effort_kn": 380.0,
    "power_kw": 4700.0,
    "top_speed_kmh": 140.0,
}


def effort(tables, **options):
    table = locomotive_effort_table(tables, "e", **options)
    return dict(zip(table["speed_kmh"].to_list(), table["effort_kn"].to_list(), strict=True))


def test_without_points_the_effort_is_the_least_of_start_and_power(make_tables):
    curve = effort(make_tables(vehicle_types=[LOCOMOTIVE]))
    assert len(curve) == 141
    assert curve[0.0] == curve[44.0] == 380.0
    # 4,700 kW at 25 m/s is 188 kN.
    assert curve[90.0] == pytest.approx(188.0)


def test_adhesion_limits_the_effort_by_the_weight_on_the_axles(make_tables):
    curve = effort(
        make_tables(vehicle_types=[LOCOMOTIVE]), adhesion=lambda speed_ms: 0.25 - speed_ms / 1000
    )
    # 132 t weigh 1,294.48 kN; a quarter of it is 323.62 kN.
    assert curve[0.0] == pytest.approx(323.619, abs=0.001)
    assert curve[18.0] == pytest.approx(0.245 * 132 * 9.80665)


def test_stated_points_go_before_everything_else(make_tables):
    points = [
        {"vehicle_type_id": "e", "speed_kmh": speed, "effort_kn": kn}
        for speed, kn in ((70.0, 230.0), (0.0, 300.0))
    ]
    tables = make_tables(vehicle_types=[LOCOMOTIVE], effort_points=points)
    assert effort(tables) == {0.0: 300.0, 70.0: 230.0}


@pytest.mark.parametrize(
    ("kn", "speed_kmh"), [(230.0, 70.0), (209.96, 72.0)], ids=["hourly rating", "continuous rating"]
)
def test_published_ratings_of_the_ep1m_do_not_exceed_its_power(make_tables, kn, speed_kmh):
    points = [{"vehicle_type_id": "e", "speed_kmh": speed_kmh, "effort_kn": kn}]
    assert effort(make_tables(vehicle_types=[LOCOMOTIVE], effort_points=points)) == {speed_kmh: kn}


@pytest.mark.parametrize(
    ("kn", "power_kw", "words"),
    [
        (230_000.0, 4472.0, "look like N"),
        (230.0 * 9.80665, 4472.0, "kilogram-force"),
        (230.0, 2000.0, "Check kN against N"),
    ],
)
def test_an_effort_above_the_power_is_refused_with_the_slip_it_suggests(
    make_tables, kn, power_kw, words
):
    points = [{"vehicle_type_id": "e", "speed_kmh": 70.0, "effort_kn": kn}]
    tables = make_tables(vehicle_types=[{**LOCOMOTIVE, "power_kw": power_kw}], effort_points=points)
    with pytest.raises(LimitError, match=words):
        effort(tables)


def test_every_missing_value_is_named(make_tables):
    bare = {"vehicle_type_id": "e", "power_kw": 1000.0}
    with pytest.raises(StudyError) as caught:
        effort(make_tables(vehicle_types=[bare]), adhesion=lambda _: 0.3)
    assert [fault.column for fault in caught.value.faults] == [
        "starting_effort_kn",
        "top_speed_kmh",
        "mass_t",
    ]
