"""Wear of sleepers, rail, geometry, bridges and embankments: hand-worked numbers and laws."""

import math

import numpy as np
import pytest

from arterial.assets.bridges import (
    BridgeAction,
    bridge_failure_rate,
    bridge_speed_limit_kmh,
    sample_states,
    state_distribution,
    transition_matrix,
    years_to_worst,
)
from arterial.assets.catenary import catenary_failure_rate, vehicle_failure_rate
from arterial.assets.embankments import embankment_failure_rate, failure_probability
from arterial.assets.failures import failure_consequence, season_factors
from arterial.assets.geometry import (
    GeometryState,
    GeometryValue,
    geometry_deviation_mm,
    geometry_limit_mm,
    sample_geometry_rates,
    start_geometry,
    tamp_track,
    tonnage_to_alert_mt,
)
from arterial.assets.parameters import load_parameter_set
from arterial.assets.rail import expected_rail_defects, rail_defect_rate, rail_failure_rate
from arterial.assets.sleepers import (
    defect_correlation,
    expected_defect_share,
    longest_run,
    simulate_defects,
)
from arterial.errors import LimitError
from arterial.randomness import stream

BEST = load_parameter_set()
KINDS = ("turnout", "track", "bridge", "tunnel", "embankment", "catenary", "signalling", "vehicle")


def test_half_of_the_sleepers_are_defective_at_the_median_life() -> None:
    scale = 15 / math.gamma(1 + 1 / 4.5)
    median = scale * math.log(2) ** (1 / 4.5)
    share = expected_defect_share(median, BEST, material="timber_softwood")
    assert float(share) == pytest.approx(0.5, rel=1e-12)


def test_sleepers_in_sharp_curves_are_as_worn_at_three_quarters_of_the_age() -> None:
    curved = expected_defect_share(9.0, BEST, material="concrete", is_curve=True)
    straight = expected_defect_share(12.0, BEST, material="concrete")
    assert float(curved) == pytest.approx(float(straight), rel=1e-12)


def test_without_load_shedding_and_spread_simulated_sleepers_follow_the_weibull_share() -> None:
    plain = BEST.replace("neighbour_hazard_1", 1).replace("neighbour_hazard_2", 1)
    plain = plain.replace("segment_spread", 0)
    drawn = simulate_defects(stream(1, "test sleepers"), 4000, 12.0, plain)
    share = float(expected_defect_share(12.0, plain))
    # 80,000 independent sleepers: standard error 0.0015; of the correlation 0.0012.
    assert drawn.mean() == pytest.approx(share, abs=0.006)
    assert defect_correlation(drawn) == pytest.approx(0.0, abs=0.005)


def test_load_shedding_makes_more_and_longer_runs_and_some_correlation() -> None:
    shed = BEST.replace("segment_spread", 0)
    plain = shed.replace("neighbour_hazard_1", 1).replace("neighbour_hazard_2", 1)
    with_shedding, without = (
        simulate_defects(stream(1, "test shedding"), 4000, 12.0, chosen) for chosen in (shed, plain)
    )
    assert with_shedding.mean() > without.mean() + 0.01
    assert longest_run(with_shedding).mean() > longest_run(without).mean() + 0.2
    assert 0.005 < defect_correlation(with_shedding) < 0.03


def test_both_neighbours_count() -> None:
    # Only a sleeper between two failed ones is overloaded here, and then fails at once.
    pair = BEST.replace("segment_spread", 0).replace("neighbour_hazard_1", 1)
    pair = pair.replace("neighbour_hazard_2", 1e9)
    failed = simulate_defects(stream(1, "test pair"), 2000, 10.0, pair).ravel()
    assert failed.mean() < 0.2
    between = ~failed & np.roll(failed, 1) & np.roll(failed, -1)
    assert between.sum() < 0.02 * failed.sum()


def test_spread_between_segments_brings_the_correlation_of_the_track_class_model() -> None:
    drawn = simulate_defects(stream(1, "test spread"), 4000, 12.0, BEST)
    assert defect_correlation(drawn) == pytest.approx(BEST.value("defect_correlation"), abs=0.02)


def test_correlation_of_all_sound_or_all_failed_is_unknown() -> None:
    assert math.isnan(defect_correlation(np.zeros((3, 3), bool)))
    with pytest.raises(LimitError):
        defect_correlation(np.zeros((1, 3), bool))


def test_rail_defects_are_the_integral_of_their_rate() -> None:
    tonnages = np.linspace(100, 300, 2001)
    rates = rail_defect_rate(tonnages, BEST)
    integral = float(((rates[1:] + rates[:-1]) / 2 * np.diff(tonnages)).sum())
    assert float(expected_rail_defects(100, 300, BEST)) == pytest.approx(integral, rel=1e-6)


def test_renewed_rail_never_fails_more_often() -> None:
    worn = rail_failure_rate(np.array([0, 10, 20, 40]), 20.0, BEST)
    assert (np.diff(worn) > 0).all()
    welded = rail_failure_rate(10.0, 20.0, BEST, is_jointed=False)
    assert float(worn[1] - welded) == pytest.approx(0.1, rel=1e-12)


def test_geometry_grows_to_the_alert_limit_and_tamping_pays_less_each_time() -> None:
    state = start_geometry([0.015], BEST)
    cycles = []
    for _ in range(4):
        tonnage = tonnage_to_alert_mt(state, 2.7)
        cycles.append(float(tonnage[0]))
        assert geometry_deviation_mm(state, tonnage) == pytest.approx([2.7], rel=1e-12)
        state = tamp_track(state, tonnage, BEST)
    # (2.7 - 1.0) / 0.015; after tamping at 2.7: (2.7 - 1.735) / 0.01575.
    assert cycles[:2] == pytest.approx([113.3333, 61.2698], abs=1e-3)
    assert cycles == sorted(cycles, reverse=True)


def test_tamping_never_makes_good_track_rougher() -> None:
    one = np.array([0.4])
    after = tamp_track(GeometryState(one, one * 0.01, np.array([1.0])), 0.0, BEST)
    assert after.start_mm.tolist() == [0.4]


def test_neighbouring_segments_wear_alike() -> None:
    rates = np.log(sample_geometry_rates(stream(1, "test geometry"), 20_000, BEST))
    assert math.exp(float(np.median(rates))) == pytest.approx(0.015, rel=0.03)
    assert float(rates.std()) == pytest.approx(0.6, rel=0.03)
    assert float(np.corrcoef(rates[1:], rates[:-1])[0, 1]) == pytest.approx(0.6, abs=0.03)


def test_limits_of_geometry_tighten_with_speed() -> None:
    speeds = [80, 120, 160, 230, 300]
    for limit in GeometryValue:
        assert (np.diff(geometry_limit_mm(speeds, BEST, limit=limit)) < 0).all()
    immediate = geometry_limit_mm(speeds, BEST, limit=GeometryValue.LEVEL_IMMEDIATE)
    assert immediate.tolist() == [28, 26, 23, 20, 16]
    with pytest.raises(LimitError, match="up to 300"):
        geometry_limit_mm(301, BEST)


@pytest.mark.parametrize("action", BridgeAction)
def test_moves_of_a_bridge_add_up_to_one(action) -> None:
    assert transition_matrix(BEST, action=action).sum(axis=1) == pytest.approx(np.ones(5))


def test_repairs_of_a_bridge_do_what_was_published() -> None:
    minor = transition_matrix(BEST, action=BridgeAction.MINOR_REPAIR)
    major = transition_matrix(BEST, action=BridgeAction.MAJOR_REPAIR)
    assert [minor[k, k - 2] for k in (2, 3, 4)] == [0.45, 0.45, 0.45]
    assert [minor[k, k - 1] for k in (2, 3, 4)] == [0.40, 0.40, 0.40]
    assert major[:, 0].tolist() == [1.0, 0.95, 0.80, 0.70, 0.45]
    assert transition_matrix(BEST, action=BridgeAction.REPLACEMENT)[:, 0].tolist() == [1.0] * 5


def test_a_slower_pace_keeps_bridges_better_in_proportion() -> None:
    half = BEST.replace("deterioration_pace", 0.5)
    assert years_to_worst(half) == pytest.approx(2 * years_to_worst(BEST), rel=1e-12)
    with pytest.raises(LimitError, match="deterioration_pace"):
        transition_matrix(BEST.replace("deterioration_pace", 3.0))


def test_drawn_states_of_bridges_follow_the_distribution() -> None:
    states = sample_states(stream(1, "test bridges"), np.full(40_000, 10.4), BEST)
    shares = np.bincount(states, minlength=6)[1:] / 40_000
    assert shares == pytest.approx(state_distribution([1, 0, 0, 0, 0], 10, BEST), abs=0.01)
    assert sample_states(stream(1, "new"), [0.0, 0.9], BEST).tolist() == [1, 1]


def test_worse_bridges_are_slower_and_fail_more_often() -> None:
    states = np.arange(1, 6)
    assert (np.diff(bridge_failure_rate(states, BEST)) > 0).all()
    assert bridge_speed_limit_kmh(states, BEST).tolist() == [math.inf] * 3 + [30.0, 15.0]
    with pytest.raises(LimitError, match="from 1 to 5"):
        bridge_failure_rate(0, BEST)


def test_the_yearly_failures_of_an_embankment_are_the_mean_over_its_rains() -> None:
    rains = 50 * np.exp(0.5 * stream(1, "test rain").standard_normal(200_000))
    for state in (1, 3, 5):
        simulated = 3 * float(failure_probability(rains, state, BEST).mean())
        assert float(embankment_failure_rate(state, BEST)) == pytest.approx(simulated, rel=0.02)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("draw", [-1, 0, 1, 2])
def test_season_factors_average_to_one_and_every_kind_has_a_consequence(kind, draw) -> None:
    parameters = BEST.draw(1, draw)
    factors = season_factors(kind, parameters)
    assert factors.shape == (12,)
    assert factors.mean() == pytest.approx(1.0, rel=1e-12)
    assert (factors >= 0).all()
    consequence = failure_consequence(kind, parameters)
    assert consequence.repair_median_h > 0
    assert consequence.delay_per_train_min > 0


def test_turnouts_and_rail_fail_in_winter_and_embankments_in_the_monsoon() -> None:
    assert int(season_factors("turnout", BEST).argmax()) == 0
    assert int(season_factors("track", BEST).argmax()) == 0
    assert season_factors("embankment", BEST)[6:8].tolist() == pytest.approx([3.6, 3.6])
    assert season_factors("bridge", BEST).tolist() == [1.0] * 12


def test_the_strength_of_the_seasons_scales_how_far_they_lie_from_the_mean() -> None:
    plain = season_factors("turnout", BEST) - 1
    half = season_factors("turnout", BEST.replace("season_strength", 0.5)) - 1
    assert half == pytest.approx(plain / 2, abs=1e-12)
    assert plain.max() == pytest.approx(0.6, rel=1e-9)


def test_the_heavy_tail_of_signalling_has_the_published_mean_and_worst_case() -> None:
    delay = failure_consequence("signalling", BEST)
    mean = delay.delay_per_train_min * math.exp(delay.delay_sigma**2 / 2)
    assert mean == pytest.approx(24, rel=0.02)
    # One in 56,884 lies 4.14 standard deviations above the median.
    worst = delay.delay_per_train_min * math.exp(4.14 * delay.delay_sigma)
    assert worst == pytest.approx(7340, rel=0.03)


def test_steady_rates_are_those_of_the_set() -> None:
    assert catenary_failure_rate(BEST) == 0.01
    assert vehicle_failure_rate(BEST, coaches=0) == pytest.approx(15e-6)
