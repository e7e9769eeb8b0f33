"""Specific resistance formulas against worked values."""

import numpy as np
import pytest

from arterial.running.resistance import (
    RESISTANCE_FORMULAS,
    SourceGrade,
    VehicleResistance,
    combine_resistance,
    curve_resistance,
)


@pytest.mark.parametrize(
    ("name", "axle_load_t", "speed_kmh", "expected"),
    [
        ("freight_4_axle_jointed", 19.55, 80.0, 2.081074),
        ("freight_8_axle_jointed", 19.0375, 80.0, 1.880827),
        ("locomotive_powered_jointed", 22.0, 56.0, 3.4008),
        ("passenger_jointed", 14.0, 120.0, 5.90),
        ("passenger_jointed", 14.0, 0.0, 1.27),
        ("passenger_welded", 14.0, 80.0, 3.24),
        ("freight_4_axle_jointed", 20.0, 120.0, 3.25),
    ],
)
def test_formulas_give_the_worked_values(name, axle_load_t, speed_kmh, expected):
    decimals = len(str(expected).split(".")[1])
    found = RESISTANCE_FORMULAS[name].specific(speed_kmh, axle_load_t)
    assert found == pytest.approx(expected, abs=0.51 * 10.0**-decimals)


def test_formulas_read_and_recalled_are_told_apart():
    grades = {name: formula.grade for name, formula in RESISTANCE_FORMULAS.items()}
    assert grades["freight_4_axle_jointed"] is SourceGrade.READ
    assert grades["passenger_welded"] is SourceGrade.RECALLED


def test_vehicles_add_up_to_newtons_at_any_speed():
    parts = [
        VehicleResistance(
            formula=RESISTANCE_FORMULAS["passenger_welded"], mass_kg=672e3, axle_load_t=14.0
        ),
        VehicleResistance(formula=RESISTANCE_FORMULAS["locomotive_powered_jointed"], mass_kg=132e3),
    ]
    total = combine_resistance(parts, gravity_m_s2=9.81)
    for speed_kmh in (0.0, 72.0, 120.0):
        v = speed_kmh / 3.6
        expected = sum(
            part.mass_kg * 9.81e-3 * part.formula.specific(speed_kmh, part.axle_load_t)
            for part in parts
        )
        found = total.a_n + total.b_n_per_ms * v + total.c_n_per_ms2 * v**2
        assert found == pytest.approx(expected, rel=1e-12)


def test_curve_resistance_agrees_with_the_table():
    found = curve_resistance(np.array([300.0, 400.0, 600.0, 1000.0, 0.0]))
    assert found == pytest.approx([2.33, 1.75, 1.17, 0.70, 0.0], abs=5e-3)
