"""Running times by hand: constant forces, limits and the tail rule, curves, stops, failures."""

import numpy as np
import polars as pl
import pytest
from scipy.integrate import solve_ivp

from arterial.errors import InfeasibleError, LimitError
from arterial.running import (
    BrakeRule,
    DriveKind,
    LimitRule,
    MassModel,
    calculate_running_time,
)

NO_RESISTANCE = {
    "resistance_a_n": 0.0,
    "resistance_b_n_per_ms": 0.0,
    "resistance_c_n_per_ms2": 0.0,
    "check_resistance": False,
}


def test_constant_forces_give_the_closed_form(make_path, make_train):
    # 400 t pulled by 200 kN: 0.5 m/s² to 30 m/s in 60 s and 900 m; braked in 60 s and 900 m.
    train = make_train(
        **NO_RESISTANCE, effort_max_n=200_000.0, power_w=1e9, top_speed_ms=30.0, length_m=0.0
    )
    result = calculate_running_time(make_path([10_000.0]), train)
    assert result.total_time_s == pytest.approx(60.0 + 8200.0 / 30.0 + 60.0, abs=1e-7)
    assert result.traction_energy_j == pytest.approx(0.5 * 400_000.0 * 900.0, rel=1e-12)
    assert result.braking_energy_j == pytest.approx(result.traction_energy_j, rel=1e-12)
    kinds = [(step.kind, round(step.position_m, 6)) for step in result.transitions]
    assert kinds == [
        (DriveKind.ACCELERATE, 0.0),
        (DriveKind.CRUISE, 900.0),
        (DriveKind.BRAKE, 9100.0),
        (DriveKind.STOP, 10_000.0),
    ]


def test_constant_power_gives_the_closed_form(make_path, make_train):
    # From 12 to 24 m/s at 3 MW: t = m (24² - 12²) / 2P = 28.8 s, x = m (24³ - 12³) / 3P = 537.6 m.
    train = make_train(**NO_RESISTANCE, top_speed_ms=24.0, length_m=0.0)
    result = calculate_running_time(make_path([20_000.0]), train, start_speed_kmh=43.2)
    cruise = result.transitions[1]
    assert cruise.time_s == pytest.approx(28.8, abs=1e-7)
    assert cruise.position_m == pytest.approx(537.6, abs=1e-6)


def test_the_tail_keeps_a_limit_until_it_has_left(make_path, make_train):
    # Cruise at 20 m/s over 1000 m and the train's 200 m; the front rule is free after 1000 m.
    path = make_path([1000.0, 9000.0], limit=[72.0, 108.0])
    train = make_train(**NO_RESISTANCE)
    tail = calculate_running_time(path, train, start_speed_kmh=72.0)
    front = calculate_running_time(
        path, make_train(**NO_RESISTANCE, limit_rule=LimitRule.FRONT), start_speed_kmh=72.0
    )
    assert [step.position_m for step in tail.transitions[:2]] == pytest.approx([0.0, 1200.0])
    assert [step.position_m for step in front.transitions[:2]] == pytest.approx([0.0, 1000.0])
    assert tail.total_time_s > front.total_time_s


def test_braking_ends_where_the_lower_limit_begins(make_path, make_train):
    # From 30 to 20 m/s at 0.5 m/s²: 500 m before the limit.
    path = make_path([5000.0, 5000.0], limit=[108.0, 72.0])
    result = calculate_running_time(path, make_train(), start_speed_kmh=108.0)
    brake = result.transitions[1]
    assert (brake.kind, brake.position_m) == (DriveKind.BRAKE, pytest.approx(4500.0))
    assert result.passing_at(5000.0).speed_kmh == pytest.approx(72.0)


def test_a_limit_shorter_than_the_train_binds_its_whole_length(make_path, make_train):
    path = make_path([5000.0, 50.0, 5000.0], limit=[108.0, 72.0, 108.0])
    result = calculate_running_time(path, make_train(), start_speed_kmh=108.0)
    at_limit = [step for step in result.transitions if step.kind is DriveKind.CRUISE][1]
    again = next(step for step in result.transitions if step.position_m > at_limit.position_m)
    assert at_limit.position_m == pytest.approx(5000.0)
    assert again.position_m == pytest.approx(5250.0)


def test_dwell_times_are_part_of_the_total_but_not_of_the_running_time(make_path, make_train):
    path = make_path([10_000.0], stops=[4000.0], dwell=[90.0])
    still = make_path([10_000.0], stops=[4000.0], dwell=[0.0])
    result = calculate_running_time(path, make_train())
    passing = result.passing_at(4000.0)
    assert passing.departure_s - passing.arrival_s == pytest.approx(90.0)
    assert passing.speed_kmh == 0.0
    assert result.dwell_s == pytest.approx(90.0)
    assert result.running_time_s == pytest.approx(
        calculate_running_time(still, make_train()).total_time_s, abs=1e-9
    )


def test_the_gradient_is_the_mean_over_the_train(make_path, make_train):
    # 200 m train, 10 permille from 1000 m: potential energy m g (L/2 + rest) sin, once it is up.
    path = make_path([1000.0, 9000.0], gradient=[0.0, 10.0])
    result = calculate_running_time(path, make_train())
    level = 1000.0 + 200.0
    ramp = np.linspace(0.0, 10.0, 200_001) / 1000.0
    on_ramp = 200.0 * np.trapezoid(np.sin(np.arctan(ramp)), dx=1.0 / 200_000)
    height = on_ramp + (10_000.0 - level) * np.sin(np.arctan(0.01))
    assert result.potential_energy_j == pytest.approx(400_000.0 * 9.81 * height, rel=1e-10)


def test_a_mass_point_feels_the_gradient_at_its_head(make_path, make_train):
    path = make_path([1000.0, 9000.0], gradient=[0.0, 10.0])
    result = calculate_running_time(path, make_train(mass_model=MassModel.POINT))
    height = 9000.0 * np.sin(np.arctan(0.01))
    assert result.potential_energy_j == pytest.approx(400_000.0 * 9.81 * height, rel=1e-12)


def test_behind_the_start_of_the_path_nothing_counts(make_path, make_train):
    # On one gradient throughout, the mean is that gradient from the first metre on.
    result = calculate_running_time(make_path([10_000.0], gradient=[10.0]), make_train())
    height = 10_000.0 * np.sin(np.arctan(0.01))
    assert result.potential_energy_j == pytest.approx(400_000.0 * 9.81 * height, rel=1e-12)


def test_curve_resistance_is_work_but_no_height(make_path, make_train):
    # 700 m radius: 1 N/kN over 5000 m of the train's weight, entered and left whole.
    straight = make_path([2000.0, 5000.0, 3000.0])
    curved = make_path([2000.0, 5000.0, 3000.0], radius=[0.0, 700.0, float("nan")])
    train = make_train(**NO_RESISTANCE)
    result = calculate_running_time(curved, train)
    assert result.resistance_work_j == pytest.approx(5000.0 * 400.0 * 9.81, rel=1e-10)
    assert result.potential_energy_j == 0.0
    level = calculate_running_time(straight, train)
    assert result.traction_energy_j - level.traction_energy_j == pytest.approx(
        result.resistance_work_j, rel=1e-9
    )


def test_holding_speed_downhill_is_braking_work(make_path, make_train):
    train = make_train(top_speed_ms=25.0)
    result = calculate_running_time(
        make_path([10_000.0], gradient=[-20.0]), train, start_speed_kmh=90.0
    )
    need = train.resistance_at(25.0) - 400_000.0 * 9.81 * np.sin(np.arctan(0.02))
    assert need < 0.0
    assert result.traction_energy_j == 0.0
    cruise = 10_000.0 - 625.0
    assert result.braking_energy_j > -need * cruise
    assert result.energy_imbalance_j == pytest.approx(0.0, abs=1e-3)


def test_the_speed_on_a_long_gradient_is_where_power_meets_resistance(make_path, make_train):
    # P / v = R(v) + m g sin: the root of the balance is reached within rounding.
    train = make_train()
    result = calculate_running_time(
        make_path([99_000.0], gradient=[20.0]), train, points_m=[90_000.0], start_speed_kmh=119.0
    )
    speed = result.passing_at(90_000.0).speed_kmh / 3.6
    weight = 400_000.0 * 9.81 * np.sin(np.arctan(0.02))
    assert train.effort_at(speed) == pytest.approx(train.resistance_at(speed) + weight, rel=1e-8)
    assert DriveKind.SLOW in {step.kind for step in result.transitions}


@pytest.mark.parametrize("rule", list(BrakeRule))
def test_the_run_agrees_with_an_independent_integrator(make_path, make_train, rule):
    # scipy integrates the same forces in time; only the braking point is taken from the result.
    value = {BrakeRule.CONSTANT: 0.5, BrakeRule.MAXIMUM: 0.4, BrakeRule.FORCE: 180_000.0}[rule]
    train = make_train(brake_rule=rule, brake_value=value, top_speed_ms=80.0)
    gradients = [3.0, -5.0, 12.0, -8.0, 4.0]
    path = make_path([1500.0] * 5, gradient=gradients, limit=[200.0] * 5)
    result = calculate_running_time(path, train)
    heights = np.concatenate([[0.0], np.cumsum(np.array(gradients) * 1.5)])
    brake_m = result.transitions[-2].position_m

    def slope(x):
        tail = max(x - 200.0, 0.0)
        span = x - tail
        if span == 0.0:
            return gradients[0]
        places = np.arange(6) * 1500.0
        return 1000.0 * (np.interp(x, places, heights) - np.interp(tail, places, heights)) / span

    def rate(_, state):
        x, v = state
        v = max(v, 0.0)
        against = train.resistance_at(v) + 400_000.0 * 9.81 * np.sin(np.arctan(slope(x) / 1000.0))
        if x < brake_m:
            return [v, (train.effort_at(v) - against) / train.inertia_kg]
        if rule is BrakeRule.CONSTANT:
            return [v, -value]
        force = value * (train.inertia_kg if rule is BrakeRule.MAXIMUM else 1.0)
        return [v, (-force - against) / train.inertia_kg]

    def at_brake(_, state):
        return state[0] - brake_m

    def stands(_, state):
        return state[1]

    at_brake.terminal = stands.terminal = True
    stands.direction = -1
    options = {"rtol": 1e-10, "atol": 1e-9, "max_step": 2.0}
    pull = solve_ivp(rate, (0.0, 2000.0), [0.0, 0.0], events=at_brake, **options)
    start = [brake_m, pull.y[1, -1]]
    slow = solve_ivp(rate, (0.0, 2000.0), start, events=stands, **options)
    assert slow.y[0, -1] == pytest.approx(7500.0, abs=1e-3)
    assert pull.t[-1] + slow.t[-1] == pytest.approx(result.total_time_s, abs=1e-4)


def test_the_effort_summed_over_the_sampled_run_is_the_traction_energy(make_path, make_train):
    # The works of the result come from the balance; here the force itself is summed.
    path = make_path([4000.0, 6000.0], gradient=[5.0, -3.0], stops=[3000.0])
    result = calculate_running_time(path, make_train())
    frame = result.to_frame(longest_gap_s=0.02)
    force = np.maximum(frame["effort_n"].to_numpy(), 0.0)[:-1]
    work = float(np.sum(force * np.diff(frame["position_m"].to_numpy())))
    assert work == pytest.approx(result.traction_energy_j, rel=2e-3)


def test_the_sampled_run_is_a_table_in_order(make_path, make_train):
    frame = calculate_running_time(make_path([10_000.0]), make_train()).to_frame()
    assert frame.schema == pl.Schema(
        {
            "position_m": pl.Float64,
            "time_s": pl.Float64,
            "speed_kmh": pl.Float64,
            "effort_n": pl.Float64,
            "kind": pl.String,
        }
    )
    assert frame["position_m"].is_sorted()
    assert frame["time_s"].diff().drop_nulls().max() <= 2.0 + 1e-9
    assert frame["speed_kmh"].max() == pytest.approx(120.0)


def test_a_train_that_cannot_carry_on_is_refused_with_gradient_and_effort(make_path, make_train):
    path = make_path([3000.0, 20_000.0], gradient=[0.0, 70.0])
    with pytest.raises(InfeasibleError, match=r"comes to a stand .*250\.0 kN .* 70 permille"):
        calculate_running_time(path, make_train())


def test_momentum_carries_a_train_over_a_short_steep_gradient(make_path, make_train):
    path = make_path([3000.0, 500.0, 3000.0], gradient=[0.0, 70.0, 0.0])
    result = calculate_running_time(path, make_train())
    assert min(step.speed_kmh for step in result.transitions[1:-1]) > 0.0


def test_a_hump_that_just_takes_speed_away_is_crossed_in_few_steps(make_path, make_train):
    # At 30 m/s 21.36 permille balance 100 kN; the mean under the train reaches 21.45.
    path = make_path([3000.0, 150.0, 3000.0], gradient=[0.0, 28.6, 0.0])
    train = make_train(top_speed_ms=30.0)
    result = calculate_running_time(path, train, start_speed_kmh=108.0)
    assert DriveKind.SLOW in {step.kind for step in result.transitions}
    assert len(result.steps) < 40
    lost = result.total_time_s - (6150.0 - 900.0) / 30.0 - 60.0
    assert 0.0 < lost < 1e-2


def test_a_start_with_no_force_to_spare_is_refused(make_path, make_train):
    # Effort equals resistance at standstill to the last newton.
    train = make_train(effort_max_n=6000.0)
    with pytest.raises(InfeasibleError, match="cannot start"):
        calculate_running_time(make_path([1000.0]), train)


def test_a_brake_weaker_than_the_slope_is_refused(make_path, make_train):
    train = make_train(brake_rule=BrakeRule.FORCE, brake_value=20_000.0)
    with pytest.raises(InfeasibleError, match=r"brake cannot slow .*20\.0 kN .*-30 permille"):
        calculate_running_time(make_path([10_000.0], gradient=[-30.0]), train)


def test_a_start_above_the_braking_curve_is_refused(make_path, make_train):
    # 30 m/s needs 900 m to stop, the path has 800.
    with pytest.raises(LimitError, match=r"108\.0 km/h at 0\.0 m"):
        calculate_running_time(make_path([800.0]), make_train(), start_speed_kmh=108.0)


def test_a_start_on_the_braking_curve_brakes_at_once(make_path, make_train):
    result = calculate_running_time(make_path([900.0]), make_train(), start_speed_kmh=108.0)
    assert result.total_time_s == pytest.approx(60.0, abs=1e-6)
    assert [step.kind for step in result.transitions] == [DriveKind.BRAKE, DriveKind.STOP]


def test_start_and_points_off_the_path_are_refused_together(make_path, make_train):
    with pytest.raises(LimitError) as caught:
        calculate_running_time(
            make_path([800.0]), make_train(), start_position_m=900.0, points_m=[-5.0]
        )
    assert [fault.column for fault in caught.value.faults] == ["start_position_m", "points_m"]


def test_a_start_further_on_leaves_out_what_lies_behind(make_path, make_train):
    path = make_path([5000.0, 5000.0], stops=[2000.0], dwell=[60.0])
    result = calculate_running_time(path, make_train(), start_position_m=2000.0)
    assert result.dwell_s == 0.0
    assert result.places[:, 0].tolist() == [2000.0, 5000.0, 10_000.0]


def test_a_finer_tolerance_changes_nothing_that_matters(make_path, make_train):
    path = make_path([700.0] * 20, gradient=[7.0, -3.0, 12.0, -9.0, 1.0] * 4)
    coarse = calculate_running_time(path, make_train())
    fine = calculate_running_time(path, make_train(), step_tolerance=1e-12)
    assert coarse.total_time_s == pytest.approx(fine.total_time_s, abs=1e-6)
