"""Errors of a chance: that of the replications apart from that of the mean over draws."""

import polars as pl
import pytest

from arterial.operations.coaches.ratios import spread_over_draws


def spread(values, errors):
    frame = pl.DataFrame({"target": "t", "value": values, "error": errors})
    return spread_over_draws(frame, ["target"], "value", "error", "share").row(0, named=True)


def test_the_error_of_the_mean_over_draws_is_that_of_their_spread():
    found = spread([0.2, 0.4, 0.6, 0.8], [0.01] * 4)
    assert found["share"] == pytest.approx(0.5)
    assert found["share_error"] == pytest.approx(0.005)
    # Deviations 0.3, 0.1, 0.1, 0.3: variance 0.2 / 3, over four draws.
    assert found["share_draws_error"] == pytest.approx((0.2 / 3 / 4) ** 0.5)


def test_one_draw_has_no_error_over_draws():
    found = spread([0.2, None], [0.01, None])
    assert found["share_error"] == pytest.approx(0.01)
    assert found["share_draws_error"] is None
