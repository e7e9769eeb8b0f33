"""Holding the ceiling: work of effort and brake told apart, and brakes too weak to hold."""

import pytest

from arterial.errors import InfeasibleError
from arterial.running import BrakeRule, calculate_running_time

# 400 t against a constant 8 kN; 10 permille are 4 kN per permille x 9.81 x (1 to 5e-5).
ROLLING = {
    "resistance_a_n": 8000.0,
    "resistance_b_n_per_ms": 0.0,
    "resistance_c_n_per_ms2": 0.0,
    "top_speed_ms": 20.0,
}


def test_brake_and_effort_are_told_apart_where_the_effort_gives_out_in_the_same_piece(
    make_path, make_train
):
    # From 20 permille down to 20 up under one train: first the brake holds it, then the effort,
    # until 60 kN are not enough and speed is lost. A piece that is cut by hand gives the same.
    train = make_train(**ROLLING, effort_max_n=60_000.0, length_m=400.0)
    whole = calculate_running_time(
        make_path([4000.0, 600.0, 5000.0], gradient=[-20.0, 20.0, 0.0]), train
    )
    lengths = [4000.0, *[20.0] * 30, 5000.0]
    gradient = [-20.0, *[20.0] * 30, 0.0]
    cut = calculate_running_time(make_path(lengths, gradient=gradient), train)
    assert whole.total_time_s == pytest.approx(cut.total_time_s, abs=1e-5)
    assert whole.traction_energy_j == pytest.approx(cut.traction_energy_j, rel=1e-7)
    assert whole.braking_energy_j == pytest.approx(cut.braking_energy_j, rel=1e-7)


def test_a_brake_too_weak_to_hold_the_ceiling_downhill_is_refused(make_path, make_train):
    # 30 permille pull with 117.7 kN, 8 kN resist: 100 kN of brake cannot hold, 120 kN can.
    path = make_path([2000.0, 3000.0, 9000.0], gradient=[0.0, -30.0, 0.0])
    rule = {"brake_rule": BrakeRule.FORCE, **ROLLING}
    with pytest.raises(InfeasibleError, match=r"cannot hold .* 100\.0 kN .* -30 permille"):
        calculate_running_time(path, make_train(**rule, brake_value=100_000.0))
    assert calculate_running_time(path, make_train(**rule, brake_value=120_000.0)).total_time_s


def test_a_weak_brake_is_no_fault_where_the_ceiling_is_not_reached(make_path, make_train):
    # 100 m of 30 permille raise the speed, but not to the 20 m/s of the ceiling.
    path = make_path([100.0, 100.0, 9000.0], gradient=[0.0, -30.0, 0.0])
    rule = {"brake_rule": BrakeRule.FORCE, **ROLLING, "effort_max_n": 20_000.0}
    assert calculate_running_time(path, make_train(**rule, brake_value=100_000.0)).total_time_s
