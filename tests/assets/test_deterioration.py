"""Wear of sleepers, rail, geometry, bridges and embankments: hand-worked numbers and laws."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from arterial.assets.bridges import (
    bridge_failure_rate,
    bridge_speed_limit_kmh,
    transition_matrix,
)
from arterial.assets.failures import failure_consequence, season_factors
from arterial.assets.parameters import load_parameter_set
from arterial.assets.rail import rail_failure_rate
from arterial.assets.rates import catenary_failure_rate, critical_rain_mm, embankment_failure_rate
from arterial.errors import LimitError
from arterial.randomness import stream

BEST = load_parameter_set()
KINDS = ("turnout", "track", "bridge", "tunnel", "embankment", "catenary", "signalling", "vehicle")


def test_renewed_rail_never_fails_more_often() -> None:
    worn = rail_failure_rate(np.array([0, 10, 20, 40]), 20.0, BEST)
    assert (np.diff(worn) > 0).all()
    welded = rail_failure_rate(10.0, 20.0, BEST, is_jointed=False)
    assert float(worn[1] - welded) == pytest.approx(0.1, rel=1e-12)


def test_worse_bridges_are_slower_and_fail_more_often() -> None:
    states = np.arange(1, 6)
    assert (np.diff(bridge_failure_rate(states, BEST)) > 0).all()
    assert bridge_speed_limit_kmh(states, BEST).tolist() == [math.inf] * 3 + [30.0, 15.0]
    with pytest.raises(LimitError, match="from 1 to 5"):
        bridge_failure_rate(0, BEST)


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


def test_moves_of_a_bridge_add_up_to_one_at_a_possible_pace() -> None:
    assert transition_matrix(BEST).sum(axis=1) == pytest.approx(np.ones(5))
    with pytest.raises(LimitError, match="deterioration_pace"):
        transition_matrix(BEST.replace("deterioration_pace", 3.0))


def test_the_yearly_failures_of_an_embankment_are_the_mean_over_its_rains() -> None:
    rains = 50 * np.exp(0.5 * stream(1, "test rain").standard_normal(200_000))
    spread = BEST.value("fragility_spread", kind="embankment")
    for state in (1, 3, 5):
        failed = norm.cdf(np.log(rains / critical_rain_mm(state, BEST)) / spread)
        simulated = 3 * float(failed.mean())
        assert float(embankment_failure_rate(state, BEST)) == pytest.approx(simulated, rel=0.02)


def test_contact_lines_fail_at_the_rate_of_the_set() -> None:
    assert catenary_failure_rate(BEST) == 0.01
