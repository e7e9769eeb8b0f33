"""Power-law process, Weibull lives, turnouts, derailments, restrictions and replacement."""

import math

import numpy as np
import pytest

from arterial.assets.derailments import (
    class_rate,
    derailment_rates,
    traffic_rate,
)
from arterial.assets.parameters import load_parameter_set
from arterial.assets.turnouts import (
    expected_failures,
    expected_turnout_failures,
)
from arterial.errors import LimitError
from arterial.randomness import stream
from failure_cases import sample_failure_ages

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


def test_a_hand_worked_turnout_fails_at_three_tenths_of_the_rate() -> None:
    both = expected_turnout_failures([5, 5], [6, 6], BEST, is_powered=[True, False])
    assert both[1] / both[0] == pytest.approx(0.3, rel=1e-12)


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


@pytest.mark.parametrize("age", [-1.0, float("nan")])
def test_a_missing_or_negative_age_is_refused(age) -> None:
    with pytest.raises(LimitError, match="missing or negative"):
        expected_turnout_failures(age, 5.0, BEST)


def test_a_renewed_turnout_never_fails_more_often() -> None:
    for draw in range(20):
        ages = np.linspace(0, 60, 61)
        yearly = expected_turnout_failures(ages, ages + 1.0, BEST.draw(1, draw))
        assert (np.diff(yearly) >= 0).all()
