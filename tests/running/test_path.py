"""Path profiles: what is refused, and temporary restrictions laid on them."""

import pytest

from arterial.errors import LimitError
from arterial.running import PathProfile, calculate_running_time
from arterial.running.supplement import (
    ALLOWANCES,
    Allowance,
    SpeedRestriction,
    add_allowance,
    restrict_path,
)


def test_every_fault_of_a_path_is_named_at_once():
    with pytest.raises(LimitError) as caught:
        PathProfile(
            position_m=(0.0, 100.0, 50.0),
            gradient_permille=(0.0, 500.0),
            speed_limit_kmh=(80.0,),
            stop_position_m=(900.0,),
            stop_dwell_s=(-1.0,),
            curve_radius_m=(5.0, 0.0),
        )
    columns = {fault.column for fault in caught.value.faults}
    assert columns == {
        "position_m",
        "gradient_permille",
        "speed_limit_kmh",
        "stop_position_m",
        "stop_dwell_s",
        "curve_radius_m",
    }
    assert all(fault.cure for fault in caught.value.faults)


@pytest.mark.parametrize("name", ["position_m", "gradient_permille", "speed_limit_kmh"])
def test_a_missing_value_is_refused_and_never_taken_as_zero(name):
    values = {
        "position_m": [0.0, 100.0],
        "gradient_permille": [0.0],
        "speed_limit_kmh": [80.0],
        "stop_position_m": [100.0],
        "stop_dwell_s": [0.0],
    }
    values[name][0] = float("nan")
    with pytest.raises(LimitError, match=name):
        PathProfile(**values)


def test_a_path_without_a_stop_is_refused():
    with pytest.raises(LimitError, match="no stop"):
        PathProfile(
            position_m=(0.0, 100.0),
            gradient_permille=(0.0,),
            speed_limit_kmh=(80.0,),
            stop_position_m=(),
            stop_dwell_s=(),
        )


def test_straight_track_is_the_default(make_path):
    assert make_path([100.0, 200.0]).curve_radius_m == (0.0, 0.0)


def test_restrictions_lower_the_limit_and_nothing_else(make_path):
    path = make_path([1000.0, 1000.0], gradient=[5.0, -5.0], limit=[80.0, 50.0])
    slow = restrict_path(
        path,
        [
            SpeedRestriction(start_m=800.0, end_m=1500.0, speed_limit_kmh=60.0),
            SpeedRestriction(start_m=900.0, end_m=950.0, speed_limit_kmh=30.0),
            SpeedRestriction(start_m=-50.0, end_m=10.0, speed_limit_kmh=40.0),
        ],
    )
    assert slow.position_m == (0.0, 10.0, 800.0, 900.0, 950.0, 1000.0, 1500.0, 2000.0)
    assert slow.speed_limit_kmh == (40.0, 80.0, 60.0, 30.0, 60.0, 50.0, 50.0)
    assert slow.gradient_permille == (5.0, 5.0, 5.0, 5.0, 5.0, -5.0, -5.0)
    assert path.position_m == (0.0, 1000.0, 2000.0)


def test_a_restriction_costs_time(make_path, make_train):
    # 20 m/s in place of 30 over 1000 m and the train's 200 m, and slowing down before.
    path = make_path([20_000.0], limit=[108.0])
    slow = SpeedRestriction(start_m=9000.0, end_m=10_000.0, speed_limit_kmh=72.0)
    lost = (
        calculate_running_time(restrict_path(path, [slow]), make_train()).total_time_s
        - calculate_running_time(path, make_train()).total_time_s
    )
    assert lost > 1200.0 / 20.0 - 1200.0 / 30.0


def test_an_empty_restriction_is_refused(make_path):
    wrong = SpeedRestriction(start_m=10.0, end_m=10.0, speed_limit_kmh=30.0)
    with pytest.raises(LimitError, match="restriction"):
        restrict_path(make_path([100.0]), [wrong])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("passenger_hauled_to_140_kmh", 3600.0 * 1.03 + 90.0),
        ("freight_distance_form", 3600.0 + 180.0),
        ("freight_percentage_form", 3600.0 * 1.04),
    ],
)
def test_allowances_by_hand_for_100_km_in_an_hour(name, expected):
    assert add_allowance(3600.0, 100_000.0, ALLOWANCES[name]) == pytest.approx(expected)


def test_allowance_figures_are_marked_as_recalled():
    assert {allowance.grade.value for allowance in ALLOWANCES.values()} == {"recalled"}


def test_a_negative_allowance_is_refused():
    known = ALLOWANCES["freight_percentage_form"]
    with pytest.raises(LimitError, match="outside 0 to 100 %"):
        Allowance(
            name="x", percent=-1.0, minutes_per_100_km=0.0, source=known.source, grade=known.grade
        )
