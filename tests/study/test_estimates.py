"""Ranges of values, and draws from them."""

import math

import pytest

from arterial.errors import LimitError
from arterial.randomness import stream
from arterial.study.estimates import (
    EstimateShape,
    Range,
    sample_from_range,
)


class FixedShare:
    """Stands for a stream that gives one known number."""

    def __init__(self, share: float) -> None:
        self.share = share

    def random(self) -> float:
        return self.share


@pytest.mark.parametrize(
    ("value_range", "share", "value"),
    [
        # Triangle 0, 1, 4: F(1) = 1/4; F(x) = x²/4 below, 1 - (4-x)²/12 above.
        (Range(0, 1, 4), 0.0, 0.0),
        (Range(0, 1, 4), 0.0625, 0.5),
        (Range(0, 1, 4), 0.25, 1.0),
        (Range(0, 1, 4), 0.6666666666666667, 2.0),
        (Range(0, 0, 4), 0.4375, 1.0),
        (Range(0, 4, 4), 0.0625, 1.0),
        (Range(2, 3, 6, EstimateShape.UNIFORM), 0.25, 3.0),
        (Range(5, 5, 5), 0.9, 5.0),
        # Symmetric in the logarithm, so the middle share is the median.
        (Range(1, 2, 4, EstimateShape.LOGNORMAL), 0.5, 2.0),
        (Range(1, 2, 4, EstimateShape.LOGNORMAL), 0.0, 1.0),
    ],
)
def test_a_draw_inverts_the_distribution(value_range: Range, share: float, value: float) -> None:
    assert sample_from_range(value_range, FixedShare(share)) == pytest.approx(value, rel=1e-12)


def test_a_lognormal_draw_follows_its_formula() -> None:
    # sigma = ln 2 / 1.644854; the ends cut 5 % off each side, so share 0.75 is quantile 0.725.
    drawn = sample_from_range(Range(1, 2, 4, EstimateShape.LOGNORMAL), FixedShare(0.75))
    assert drawn == pytest.approx(2 * math.exp(math.log(2) / 1.6448536 * 0.5977601), rel=1e-6)


@pytest.mark.parametrize("shape", list(EstimateShape))
def test_draws_stay_inside_the_range(shape: EstimateShape) -> None:
    value_range = Range(1, 1.5, 9, shape)
    drawn = [sample_from_range(value_range, stream(1, "inside", draw)) for draw in range(300)]
    assert 1 <= min(drawn) < max(drawn) <= 9


def test_a_range_out_of_order_or_a_lognormal_at_zero_is_refused() -> None:
    with pytest.raises(LimitError, match="low <= best <= high"):
        Range(2, 1, 3)
    with pytest.raises(LimitError, match="above zero"):
        Range(0, 1, 3, EstimateShape.LOGNORMAL)
