"""A train and paths with round numbers."""

from collections.abc import Callable

import pytest

from arterial.running import BrakeRule, PathProfile, Train


@pytest.fixture
def make_train() -> Callable[..., Train]:
    """400 t, 200 m, 250 kN up to 12 m/s and 3 MW beyond, braked at 0.5 m/s²."""

    def make(**changes: object) -> Train:
        values = {
            "mass_kg": 400_000.0,
            "length_m": 200.0,
            "resistance_a_n": 6000.0,
            "resistance_b_n_per_ms": 100.0,
            "resistance_c_n_per_ms2": 8.0,
            "effort_max_n": 250_000.0,
            "power_w": 3.0e6,
            "top_speed_ms": 40.0,
            "brake_rule": BrakeRule.CONSTANT,
            "brake_value": 0.5,
        }
        return Train(**(values | changes))

    return make


@pytest.fixture
def make_path() -> Callable[..., PathProfile]:
    """Pieces of the given lengths; stops at the end and wherever else is asked."""

    def make(
        lengths: list[float],
        *,
        gradient: list[float] | None = None,
        limit: list[float] | None = None,
        radius: list[float] | None = None,
        stops: list[float] | None = None,
        dwell: list[float] | None = None,
    ) -> PathProfile:
        position = [0.0]
        for length in lengths:
            position.append(position[-1] + length)
        places = [*(stops or []), position[-1]]
        return PathProfile(
            position_m=position,
            gradient_permille=gradient or [0.0] * len(lengths),
            speed_limit_kmh=limit or [120.0] * len(lengths),
            curve_radius_m=radius or [],
            stop_position_m=places,
            stop_dwell_s=[*(dwell or [0.0] * len(stops or [])), 0.0],
        )

    return make
