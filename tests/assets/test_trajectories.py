"""What works leave of ages, sleepers and states, by hand."""

import numpy as np
import polars as pl
import pytest

from arterial.assets.parameters import load_parameter_set
from arterial.assets.rates import Stock, yearly_failures
from arterial.assets.trajectories import apply_works, rates_ahead, worked_rates_ahead

FRAME = pl.DataFrame(
    {
        "asset_id": ["A", "B"],
        "age_y": [20.0, 20.0],
        "model_age_y": [20.0, 20.0],
        "defect_share": [0.36, 0.36],
        "state": [5, 5],
        "basis": ["stated", "stated"],
    }
)


def make_stock(kind: str, *, age_y: float = 20.0, state: int = 3) -> Stock:
    return Stock(
        kind=np.array([kind]),
        age_y=np.array([age_y]),
        state=np.array([state]),
        units=np.ones(1),
        length_km=np.ones(1),
        tonnage_mt=np.ones(1),
        is_powered=np.ones(1, dtype=bool),
        is_jointed=np.ones(1, dtype=bool),
    )


def test_a_work_changes_the_asset_it_is_done_on_and_no_other():
    worked = apply_works(FRAME, {"A": 0.5}, load_parameter_set())
    assert worked["age_y"].to_list() == [10.0, 20.0]
    assert worked["state"].to_list() == [3, 5]
    assert worked["defect_share"][0] < worked["defect_share"][1] == pytest.approx(0.36)
    assert worked["basis"].to_list() == ["stated; worked on", "stated"]


def test_a_renewal_leaves_nothing_of_the_wear():
    worked = apply_works(FRAME, {"A": 0.0}, load_parameter_set()).row(0, named=True)
    assert (worked["age_y"], worked["defect_share"], worked["state"]) == (0.0, 0.0, 1)


def test_a_turnout_fails_more_each_year_and_as_its_share_of_age_says_after_a_work():
    parameters = load_parameter_set()
    rates = rates_ahead(make_stock("turnout"), parameters, years=2)
    assert rates.shape == (1, 3)
    assert (np.diff(rates[0]) > 0).all()
    worked = worked_rates_ahead(make_stock("turnout"), [0.5], parameters, years=2)
    # Done after two years at 22 of age, then one year more: 11 + 1.
    expected = yearly_failures(make_stock("turnout", age_y=12.0), parameters)
    assert worked[0, 2, 1] == pytest.approx(expected[0], rel=1e-12)


@pytest.mark.parametrize("kind", ["turnout", "bridge", "embankment", "catenary", "track", "tunnel"])
def test_no_work_makes_an_asset_fail_more_often(kind):
    parameters = load_parameter_set()
    stock = make_stock(kind, age_y=40.0)
    rates = rates_ahead(stock, parameters, years=3)
    for share in (0.0, 0.5, 0.8):
        worked = worked_rates_ahead(stock, [share], parameters, years=3)
        for done in range(4):
            for later in range(4 - done):
                assert worked[0, done, later] <= rates[0, done + later] + 1e-12


def test_a_small_repair_of_a_bridge_gains_at_once_and_not_only_when_it_is_bad():
    parameters = load_parameter_set()
    stock = make_stock("bridge", state=3)
    worked = worked_rates_ahead(stock, [0.8], parameters, years=1)
    # From state 3 to 2.6: two fifths of the way from 0.0005 to 0.0001 closures a year.
    assert worked[0, 0, 0] == pytest.approx(0.4 * 0.0001 + 0.6 * 0.0005)
    assert worked[0, 0, 0] < rates_ahead(stock, parameters, years=1)[0, 0]
    # The state that is shown is whole; failures are those of the state between.
    frame = FRAME.with_columns(
        pl.lit("bridge").alias("kind"), pl.lit(3, dtype=pl.Int64).alias("state")
    )
    left = apply_works(frame, {"A": 0.8}, parameters)
    assert left["state"].to_list() == [3, 3]
    assert left["exact_state"].to_list() == pytest.approx([2.6, 3.0])
