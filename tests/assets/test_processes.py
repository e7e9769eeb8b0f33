"""Power-law process, Weibull lives, turnouts, derailments, restrictions and replacement."""

import math

import numpy as np
import pytest

from arterial.assets.derailments import (
    class_rate,
    derailment_rates,
    failed_run_density,
    traffic_rate,
    widening_hazard,
)
from arterial.assets.parameters import load_parameter_set
from arterial.assets.power_law import (
    expected_failures,
    failure_rate,
    sample_failure_ages,
    superpose_scale,
)
from arterial.assets.replacement import (
    age_replacement,
    age_replacement_cost_rate,
    availability,
    minimal_repair,
    minimal_repair_cost_rate,
)
from arterial.assets.restrictions import (
    approach_length_m,
    bounded_time_loss_s,
    restriction_time_loss_s,
    stretch_time_s,
)
from arterial.assets.turnouts import expected_turnout_failures, turnout_failure_rate
from arterial.assets.weibull import (
    expected_replacements,
    failed_share,
    sample_lifetimes,
    window_share,
)
from arterial.errors import LimitError
from arterial.randomness import stream

BEST = load_parameter_set()
RATES = {"acceleration_m_s2": 0.25, "braking_m_s2": 0.4}


def test_the_number_of_failures_has_a_variance_equal_to_its_mean() -> None:
    random = stream(1, "test power law")
    span = {"from_age_y": 2.0, "to_age_y": 10.0, "shape": 1.5, "scale_y": 3.0}
    drawn = [sample_failure_ages(random, **span) for _ in range(4000)]
    counts = np.array([ages.size for ages in drawn])
    mean = (10 / 3) ** 1.5 - (2 / 3) ** 1.5
    assert counts.mean() == pytest.approx(mean, rel=0.03)
    assert counts.var() == pytest.approx(mean, rel=0.08)
    ages = np.concatenate(drawn)
    assert ages.min() >= 2.0
    assert ages.max() <= 10.0
    half = float(expected_failures(2, 6, shape=1.5, scale_y=3) / mean)
    assert (ages < 6).mean() == pytest.approx(half, abs=0.01)


def test_like_units_superpose_and_rates_integrate_to_the_mean() -> None:
    scale = superpose_scale(4.0, shape=1.5, units_count=7)
    assert float(expected_failures(1, 5, shape=1.5, scale_y=scale)) == pytest.approx(
        7 * float(expected_failures(1, 5, shape=1.5, scale_y=4.0)), rel=1e-12
    )
    ages = np.linspace(1, 5, 4001)
    rates = failure_rate(ages, shape=1.5, scale_y=4.0)
    integral = float(((rates[1:] + rates[:-1]) / 2 * np.diff(ages)).sum())
    assert integral == pytest.approx(float(expected_failures(1, 5, shape=1.5, scale_y=4)), rel=1e-6)


def test_a_renewed_turnout_never_fails_more_often() -> None:
    for draw in range(20):
        parameters = BEST.draw(1, draw)
        rates = turnout_failure_rate(np.linspace(0, 60, 61), parameters)
        assert (np.diff(rates) >= 0).all()


def test_a_hand_worked_turnout_fails_at_three_tenths_of_the_rate() -> None:
    both = expected_turnout_failures([5, 5], [6, 6], BEST, is_powered=[True, False])
    assert both[1] / both[0] == pytest.approx(0.3, rel=1e-12)


@pytest.mark.parametrize("age", [-1.0, math.nan])
def test_a_missing_or_negative_age_is_refused(age) -> None:
    with pytest.raises(LimitError, match="missing or negative"):
        turnout_failure_rate(age, BEST)


def test_lifetimes_drawn_at_an_age_lie_beyond_it_and_follow_the_share() -> None:
    drawn = sample_lifetimes(stream(1, "test life"), np.full(50_000, 6.0), shape=3.0, scale=10.0)
    assert drawn.min() >= 6.0
    expected = float(window_share(6.0, 9.0, shape=3.0, scale=10.0))
    assert (drawn < 9).mean() == pytest.approx(expected, abs=0.01)


def test_replacements_approach_one_for_each_mean_life() -> None:
    # Long-run: T / mean + (variance / mean² - 1) / 2 with shape 3.
    mean = math.gamma(4 / 3)
    ratio = math.gamma(5 / 3) / mean**2 - 1
    found = expected_replacements(5.0, shape=3.0, scale=1.0)
    assert found == pytest.approx(5 / mean + (ratio - 1) / 2, rel=2e-3)
    first = expected_replacements(0.1, shape=3.0, scale=1.0)
    assert first == pytest.approx(float(failed_share(0.1, shape=3, scale=1)), rel=1e-3)


def test_every_class_step_down_raises_derailments_in_every_draw() -> None:
    for draw in range(-1, 20):
        rates = derailment_rates(np.arange(6), BEST.draw(1, draw))
        assert (np.diff(rates.best) <= 0).all()
        assert (rates.low <= rates.best).all()
        assert (rates.best <= rates.high).all()


def test_signals_and_heavy_traffic_lower_the_rate_by_the_published_factors() -> None:
    plain = float(traffic_rate(3, BEST))
    assert float(traffic_rate(3, BEST, is_signalled=True)) / plain == pytest.approx(
        math.exp(-0.3377), rel=1e-12
    )
    # 20 million short tons are 18.14 Mt.
    heavy = traffic_rate(3, BEST, annual_tonnage_mt=[18.1, 18.2])
    assert (heavy / plain).tolist() == pytest.approx([1.0, math.exp(-0.7524)], rel=1e-12)
    assert float(traffic_rate(3, BEST, train_mass_t=2000)) == pytest.approx(2 * plain)


def test_the_rates_of_the_classes_span_two_orders_of_magnitude() -> None:
    assert float(class_rate(1, BEST) / class_rate(5, BEST)) == pytest.approx(152, abs=0.5)
    assert float(class_rate(0, BEST) / class_rate(1, BEST)) == 2.0


def test_gauge_widening_is_capped_by_the_rate_of_the_class() -> None:
    ceiling = float(class_rate(1, BEST)) * 1e-6 * 0.01189
    capped = widening_hazard([1, 3, 4, 9], BEST, ceiling=ceiling)
    assert capped.tolist() == [0.0, 1e-7, ceiling, ceiling]


def test_runs_of_failed_sleepers_are_longer_when_defects_cluster() -> None:
    independent = failed_run_density(4, 0.3, correlation=0.0)
    assert float(independent) == pytest.approx(0.3**4 * 0.7**2, rel=1e-12)
    assert failed_run_density(4, 0.3, correlation=0.15) > independent
    # Every sleeper is sound, or begins or continues one run: the lengths add up to the share.
    lengths = np.arange(1, 400)
    total = sum(float(k * failed_run_density(int(k), 0.3, correlation=0.1)) for k in lengths)
    assert total == pytest.approx(0.3, rel=1e-3)


def simulated_time_s(lengths, ceilings, start_ms, end_ms) -> float:
    """Plain reference: fine steps, forward and backward ceilings, mean speed on each step."""
    step = 0.05
    counts = [round(length / step) for length in lengths]
    limits = np.concatenate(
        [np.full(count, ceiling) for count, ceiling in zip(counts, ceilings, strict=True)]
    )
    squares = np.concatenate([[limits[0]], np.minimum(limits[1:], limits[:-1]), [limits[-1]]]) ** 2
    squares[0], squares[-1] = start_ms**2, min(end_ms**2, squares[-1])
    for k in range(len(limits)):
        squares[k + 1] = min(squares[k + 1], squares[k] + 2 * 0.25 * step)
    for k in range(len(limits) - 1, -1, -1):
        squares[k] = min(squares[k], squares[k + 1] + 2 * 0.4 * step)
    speeds = np.sqrt(squares)
    return float((2 * step / (speeds[1:] + speeds[:-1])).sum())


@pytest.mark.parametrize(
    ("lengths", "ceilings", "ends"),
    [
        ((400.0, 300.0, 200.0), (20.0, 7.0, 20.0), (0.0, 0.0)),
        ((10.0, 300.0, 200.0), (20.0, 7.0, 20.0), (0.0, 20.0)),
        ((600.0, 50.0, 100.0, 80.0), (15.0, 4.0, 20.0, 6.0), (15.0, 6.0)),
    ],
)
def test_the_time_over_stretches_is_that_of_a_fine_stepwise_run(lengths, ceilings, ends) -> None:
    found = float(stretch_time_s(lengths, ceilings, end_speeds_ms=ends, **RATES))
    assert found == pytest.approx(simulated_time_s(lengths, ceilings, *ends), rel=1e-3)


def test_with_room_the_bounded_loss_is_the_closed_form_and_less_without() -> None:
    line, low, length = 60 / 3.6, 25 / 3.6, 1100.0
    closed = float(restriction_time_loss_s(line, low, length, **RATES))
    before = float(approach_length_m(line, low, rate_m_s2=0.4))
    after = float(approach_length_m(line, low, rate_m_s2=0.25))
    ends = (line, line)
    exact = bounded_time_loss_s(line, low, (before, length, after), end_speeds_ms=ends, **RATES)
    assert float(exact) == pytest.approx(closed, rel=1e-9)
    # Next to a stop a train is slow anyway.
    stop = bounded_time_loss_s(line, low, (50.0, length, 50.0), end_speeds_ms=(0, 0), **RATES)
    assert 0 < float(stop) < closed


def test_many_restrictions_are_reckoned_at_once() -> None:
    losses = bounded_time_loss_s(
        [20.0, 20.0, 20.0],
        [10.0, 20.0, 30.0],
        np.array([[1000.0] * 3, [500.0] * 3, [1000.0] * 3]),
        end_speeds_ms=(20, 20),
        **RATES,
    )
    closed = restriction_time_loss_s(20, [10, 20, 30], 500, **RATES)
    assert losses == pytest.approx(closed, abs=1e-9)
    assert closed.tolist()[1:] == [0.0, 0.0]


def test_a_train_that_cannot_brake_in_time_is_refused() -> None:
    with pytest.raises(LimitError, match="cannot brake in time"):
        stretch_time_s([10.0, 500.0], [20.0, 5.0], end_speeds_ms=(20, 5), **RATES)
    with pytest.raises(LimitError, match="first ceiling"):
        stretch_time_s([10.0], [20.0], end_speeds_ms=(25, 5), **RATES)
    with pytest.raises(LimitError, match="above 0"):
        restriction_time_loss_s(20, 0, 500, **RATES)


def test_no_other_age_is_cheaper_than_the_best_one() -> None:
    costs = {"planned_cost": 1.0, "failure_cost": 7.0}
    best = age_replacement(shape=2.5, scale_y=30.0, **costs)
    for age in np.linspace(1, 100, 300):
        rate = age_replacement_cost_rate(float(age), shape=2.5, scale_y=30.0, **costs)
        assert rate >= best.cost_rate_per_year - 1e-12
    repair = minimal_repair(shape=2.5, scale_y=30.0, planned_cost=1.0, repair_cost=7.0)
    for age in np.linspace(1, 100, 300):
        rate = minimal_repair_cost_rate(
            float(age), shape=2.5, scale_y=30.0, planned_cost=1.0, repair_cost=7.0
        )
        assert rate >= repair.cost_rate_per_year - 1e-12


def test_what_does_not_age_is_never_replaced_early() -> None:
    best = age_replacement(shape=1.0, scale_y=5.0, planned_cost=1.0, failure_cost=10.0)
    assert best.age_y == math.inf
    assert best.cost_rate_per_year == pytest.approx(2.0)
    assert age_replacement(shape=3, scale_y=5, planned_cost=2, failure_cost=1).age_y == math.inf
    near = age_replacement(shape=3, scale_y=5, planned_cost=1, failure_cost=1 + 1e-9)
    assert near.age_y == math.inf
    assert minimal_repair(shape=1, scale_y=4, planned_cost=1, repair_cost=2).age_y == math.inf


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(LimitError, match="planned cost"):
        age_replacement_cost_rate(1, shape=2, scale_y=3, planned_cost=0, failure_cost=1)
    with pytest.raises(LimitError):
        availability(0, 1)
