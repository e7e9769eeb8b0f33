"""Trains: effort under caps, adhesion, and what is refused."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.errors import LimitError
from arterial.running import BrakeRule, Train
from arterial.running.adhesion import ADHESION_LAWS
from arterial.running.encode import encode_effort, evaluate_law


def test_effort_is_linear_between_points_and_held_beyond(make_train):
    train = make_train(
        effort_speed_ms=(10.0, 20.0), effort_n=(200e3, 100e3), effort_max_n=1e9, power_w=1e12
    )
    assert [train.effort_at(v) for v in (0.0, 10.0, 15.0, 20.0, 30.0)] == [
        200e3,
        200e3,
        150e3,
        100e3,
        100e3,
    ]


def test_power_and_highest_effort_cap_the_effort(make_train):
    assert [make_train().effort_at(v) for v in (0.0, 12.0, 24.0)] == [250e3, 250e3, 125e3]


def test_adhesion_caps_the_effort(make_train):
    # 0.161 + 7.5 / 44 = 0.3315 of the weight on 80 t of driven axles.
    train = make_train(
        adhesion=ADHESION_LAWS["curtius_kniffler"], adhesive_mass_kg=80e3, effort_max_n=1e9
    )
    weight = 80e3 * 9.81
    assert train.effort_at(0.0) == pytest.approx(weight * (0.161 + 7.5 / 44.0))
    wet = make_train(
        adhesion=ADHESION_LAWS["curtius_kniffler"],
        adhesive_mass_kg=80e3,
        effort_max_n=1e9,
        adhesion_factor=0.5,
    )
    assert wet.effort_at(0.0) == pytest.approx(0.5 * train.effort_at(0.0))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    speeds=st.lists(st.floats(0.0, 50.0), min_size=2, max_size=6, unique=True),
    efforts=st.lists(st.floats(1e3, 400e3), min_size=6, max_size=6),
    most=st.floats(50e3, 400e3),
    power=st.floats(0.5e6, 6e6),
    law=st.sampled_from([None, *ADHESION_LAWS.values()]),
    speed=st.floats(0.0, 60.0),
)
def test_the_laws_of_the_kernels_are_the_lowest_of_all_caps(
    speeds, efforts, most, power, law, speed
):
    train = Train(
        mass_kg=400e3,
        length_m=200.0,
        resistance_a_n=6000.0,
        resistance_b_n_per_ms=100.0,
        resistance_c_n_per_ms2=8.0,
        top_speed_ms=60.0,
        brake_rule=BrakeRule.CONSTANT,
        brake_value=0.5,
        effort_speed_ms=sorted(speeds),
        effort_n=efforts[: len(speeds)],
        effort_max_n=most,
        power_w=power,
        adhesion=law,
        adhesive_mass_kg=60e3,
    )
    laws = encode_effort(train)[:-1]
    row = next(row for row in laws if row[5] <= speed <= row[6])
    assert evaluate_law(list(row[:4]), speed) == pytest.approx(train.effort_at(speed), rel=1e-9)
    assert np.all(laws[1:, 5] == laws[:-1, 6])
    assert laws[0, 5] == 0.0
    assert laws[-1, 6] == np.inf


def test_the_last_law_is_the_brake(make_train):
    laws = encode_effort(make_train(brake_rule=BrakeRule.MAXIMUM, rotating_mass_coefficient=1.05))
    assert laws[-1, 0] == pytest.approx(-0.5 * 420_000.0)
    assert encode_effort(make_train())[-1, 4] == 1.0


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1e-3, "look like kN"),
        (1.0 / 400.0, "per tonne"),
        (1e3, "mN"),
    ],
)
def test_an_incredible_resistance_is_refused_with_the_likely_slip(make_train, factor, words):
    with pytest.raises(LimitError, match=words):
        make_train(
            resistance_a_n=6000.0 * factor,
            resistance_b_n_per_ms=100.0 * factor,
            resistance_c_n_per_ms2=8.0 * factor,
        )


def test_an_effort_above_the_rated_power_is_refused(make_train):
    with pytest.raises(LimitError, match=r"3000 kW, above the rated power of 2900 kW"):
        make_train(rated_power_w=2.9e6)
    assert make_train(rated_power_w=3.0e6).rated_power_w == 3.0e6


def test_every_fault_is_named_at_once(make_train):
    with pytest.raises(LimitError) as caught:
        make_train(
            mass_kg=-1.0, brake_value=0.0, effort_speed_ms=(5.0, 3.0), effort_n=(1.0, 2.0, 3.0)
        )
    columns = [fault.column for fault in caught.value.faults]
    assert columns == ["mass_kg", "brake_value", "effort", "effort"]
    assert all(fault.cure for fault in caught.value.faults)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["mass_kg", "length_m", "resistance_a_n", "brake_value"])
def test_missing_and_infinite_values_are_refused(make_train, name, value):
    with pytest.raises(LimitError, match=name):
        make_train(**{name: value})


def test_choices_may_be_given_as_text_but_not_made_up(make_train):
    assert make_train(brake_rule="force", brake_value=2e5).brake_rule is BrakeRule.FORCE
    with pytest.raises(LimitError, match="Choose constant, maximum, force"):
        make_train(brake_rule="strong")


def test_an_unlimited_effort_is_refused(make_train):
    with pytest.raises(LimitError, match="Nothing limits the effort at standstill"):
        make_train(effort_max_n=float("inf"))


def test_a_train_cannot_be_changed(make_train):
    with pytest.raises(FrozenInstanceError):
        make_train().mass_kg = 1.0


@pytest.mark.parametrize(
    ("name", "speeds", "expected"),
    [
        ("vl80", (0, 10, 20, 40, 60, 80, 100), (0.360, 0.310, 0.292, 0.270, 0.254, 0.240, 0.226)),
        ("vl10", (0, 10, 20, 40, 60, 80, 100), (0.340, 0.285, 0.273, 0.256, 0.240, 0.226, 0.211)),
        ("vl8", (0, 10, 20, 40, 60, 80, 100), (0.330, 0.277, 0.266, 0.259, 0.256, 0.255, 0.254)),
        ("diesel", (0, 10, 20, 40, 60, 80, 100), (0.300, 0.251, 0.223, 0.192, 0.175, 0.165, 0.157)),
        (
            "curtius_kniffler",
            (0, 10, 20, 40, 60, 80, 100),
            (0.331, 0.300, 0.278, 0.250, 0.233, 0.221, 0.213),
        ),
    ],
)
def test_adhesion_agrees_with_the_printed_tables(name, speeds, expected):
    law = ADHESION_LAWS[name]
    found = [law.coefficient(v / 3.6) for v in speeds]
    assert found == pytest.approx(expected, abs=6e-4)


def test_points_of_the_effort_table_that_are_all_but_one_are_one(make_train):
    laws = encode_effort(make_train(effort_speed_ms=(0.0, 5e-324), effort_n=(100e3, 90e3)))
    assert np.all(np.isfinite(laws[:, :4]))
