"""Worth of works on assets chosen well, at random and badly."""

import polars as pl
import pytest

from arterial.campaign.reported.worth import reckon_worth

STATES = pl.DataFrame(
    {
        "asset_id": ["A", "B", "C", "D"],
        "failure_rate_per_year": [1.0, 2.0, 0.0, 1.0],
        "renewed_failure_rate_per_year": [0.5, 0.0, 0.0, 2.0],
    }
)
# C never fails but is restricted; D would fail more when new, which spares nothing.
EFFECTS = pl.DataFrame(
    {
        "asset_id": ["A", "B", "C", "D"],
        "primary_delay_min_per_year": [120.0, 60.0, 0.0, 600.0],
        "knock_on_delay_min_per_year": [120.0, 60.0, 0.0, 600.0],
        "restriction_delay_min_per_year": [0.0, 0.0, 30.0, 0.0],
    }
)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        # Worth of a renewal: A 2 h, B 2 h, C 0.5 h, D 0.
        (0.0, (0, 0, 0, 0)),
        (0.25, (1, 2, 1.125, 0)),
        (0.5, (2, 4, 2.25, 0.5)),
        (1.0, (4, 4.5, 4.5, 4.5)),
        (9.0, (4, 4.5, 4.5, 4.5)),
    ],
)
def test_the_best_are_worth_more_than_any_and_those_more_than_the_worst(part, found) -> None:
    worth = reckon_worth(STATES, EFFECTS, {"renew": 1.0}, {"renew": 0.0}, part)
    assert worth is not None
    assert (worth.count, worth.well_h, worth.random_h, worth.badly_h) == pytest.approx(found)


def test_worth_falls_with_the_age_that_is_left() -> None:
    shares = {"repair": 0.5, "renew": 0.5}
    worth = reckon_worth(STATES, EFFECTS, shares, {"repair": 0.9, "renew": 0.1}, 1.0)
    assert worth is not None
    assert worth.well_h == pytest.approx(4.5 * (0.5 * 0.1 + 0.5 * 0.9))


def test_an_action_of_unknown_gain_has_no_worth() -> None:
    assert reckon_worth(STATES, EFFECTS, {"renew": 1.0}, {"repair": 1.0}, 0.5) is None


def test_no_assets_have_no_worth() -> None:
    assert reckon_worth(STATES.clear(), EFFECTS, {"renew": 1.0}, {"renew": 0.0}, 0.5) is None
