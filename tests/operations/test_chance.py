import math

import numpy as np
import pytest
from scipy.stats import chi2, norm

from arterial.operations.chance import make_key
from arterial.operations.chance.chance_kernel import (
    exponential,
    lognormal,
    mix64,
    normal_quantile,
    triangular,
    uniform,
)
from operations_cases import uniform_plainly

KEY = make_key(7, "test", 0)


def test_the_published_first_outputs_of_the_generator_come_out() -> None:
    # SplitMix64 seeded 0 gives mix64 of 0, of the golden step, ...
    assert int(mix64(np.uint64(0))) == 0xE220A8397B1DCDAF
    assert int(mix64(np.uint64(0x9E3779B97F4A7C15))) == 0x6E789E6AA1B965F4


@pytest.mark.parametrize("event", [(0, 0, 0, 0), (1, 2, 3, 4), (-1, 5, 2**40, -7)])
def test_compiled_numbers_equal_the_plain_ones(event: tuple[int, ...]) -> None:
    assert uniform(KEY, *event) == uniform_plainly(int(KEY), *event)


def test_every_bit_of_the_input_turns_half_of_the_bits() -> None:
    turned = np.zeros((64, 64))
    for x in range(400):
        base = int(mix64(np.uint64(x)))
        for bit in range(64):
            difference = base ^ int(mix64(np.uint64(x ^ (1 << bit))))
            turned[bit] += [(difference >> place) & 1 for place in range(64)]
    # 4096 shares of 400 flips each: 6 standard deviations.
    assert np.abs(turned / 400 - 0.5).max() < 6 * 0.5 / 20


@pytest.mark.parametrize("place", range(4))
def test_neighbouring_events_are_even_and_unrelated(place: int) -> None:
    def number(i: int) -> float:
        event = [3, 1, 4, 1]
        event[place] = i
        return uniform(KEY, *event)

    drawn = np.array([number(i) for i in range(20_000)])
    counts = np.histogram(drawn, bins=50, range=(0, 1))[0]
    assert ((counts - 400) ** 2 / 400).sum() < chi2.ppf(1 - 1e-6, 49)
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 5 / math.sqrt(20_000)


def test_events_in_another_order_are_other_events() -> None:
    assert len({uniform(KEY, *e) for e in [(1, 2, 0, 0), (2, 1, 0, 0), (0, 0, 1, 2)]}) == 3


@pytest.mark.parametrize("u", [1e-300, 1e-12, 0.001, 0.3, 0.5, 0.77, 0.999, 1 - 1e-12])
def test_normal_quantile_agrees_with_scipy(u: float) -> None:
    assert normal_quantile(u) == pytest.approx(norm.ppf(u), rel=1e-9, abs=1e-9)


def test_quantiles_at_hand_computed_places() -> None:
    assert exponential(1 - math.exp(-2), 5.0) == pytest.approx(10.0)
    assert lognormal(0.5, 180.0, 0.8) == pytest.approx(180.0)
    assert lognormal(norm.cdf(1.0), 180.0, 0.8) == pytest.approx(180 * math.exp(0.8))
    # Left of the mode lies a fifth of the area of (0, 2, 10).
    assert triangular(0.2, 0.0, 2.0, 10.0) == pytest.approx(2.0)
    assert triangular(0.05, 0.0, 2.0, 10.0) == pytest.approx(1.0)
    assert triangular(1.0, 0.0, 2.0, 10.0) == 10.0
    assert triangular(0.4, 3.0, 3.0, 3.0) == 3.0


def test_ends_of_the_range_stay_finite() -> None:
    assert exponential(0.0, 5.0) == 0.0
    assert math.isfinite(lognormal(0.0, 1.0, 2.0))
    assert math.isfinite(lognormal(1.0 - 2.0**-53, 1.0, 2.0))
