"""What is not credible in a train, and the slip of units that is named."""

from math import inf

import pytest

from arterial.errors import LimitError


def test_power_between_the_points_of_the_effort_table_is_held_against_the_rating(make_train):
    # 100 kN at rest falling to 0 at 40 m/s: 50 kN x 20 m/s = 1 MW, and nothing at either end.
    table = {"effort_speed_ms": (0.0, 40.0), "effort_n": (100e3, 0.0), "power_w": inf}
    with pytest.raises(LimitError, match=r"20\.00 m/s is 1000 kW, above the rated power of 999 kW"):
        make_train(**table, rated_power_w=999e3)
    assert make_train(**table, rated_power_w=1.001e6).rated_power_w == 1.001e6
    # Capped at 60 kN the highest power is still at 20 m/s; capped at 40 kN it is at 24 m/s.
    with pytest.raises(LimitError, match=r"24\.00 m/s is 960 kW"):
        make_train(**table, effort_max_n=40e3, rated_power_w=950e3)


@pytest.mark.parametrize(
    ("b_factor", "c_factor", "words"),
    [
        (3.6, 12.96, "multiplied for km/h"),
        (1 / 3.6, 1 / 12.96, "as if they were for km/h"),
    ],
)
def test_a_slip_between_kmh_and_ms_is_named(make_train, b_factor, c_factor, words):
    light = {"resistance_a_n": 400.0, "resistance_b_n_per_ms": 200.0}
    with pytest.raises(LimitError, match=words):
        make_train(
            **light | {"resistance_b_n_per_ms": 200.0 * b_factor},
            resistance_c_n_per_ms2=12.0 * c_factor,
        )


def test_a_slip_of_the_mass_or_of_kgf_is_named(make_train):
    with pytest.raises(LimitError, match="mass looks like t given as kg"):
        make_train(mass_kg=400.0)
    with pytest.raises(LimitError, match="mass looks like kg given as t"):
        make_train(mass_kg=100e6, resistance_a_n=2000.0, resistance_b_n_per_ms=10.0)
    with pytest.raises(LimitError, match="look like kgf"):
        make_train(resistance_a_n=600.0, resistance_b_n_per_ms=10.0, resistance_c_n_per_ms2=0.8)


def test_an_effort_above_the_weight_of_the_train_is_refused_as_a_slip_of_units(make_train):
    with pytest.raises(LimitError, match=r"250000 kN .* weight of the train.* N given as kN"):
        make_train(effort_max_n=250e6)
    with pytest.raises(LimitError, match="N given as kN"):
        make_train(effort_speed_ms=(0.0,), effort_n=(300e6,), effort_max_n=inf)
