"""What a failure does to trains, by the parameters that are shipped."""

import math

import pytest

from arterial.assets.failures import failure_consequence
from arterial.assets.parameters import load_parameter_set


def test_a_turnout_failure_costs_a_train_six_minutes_on_average() -> None:
    found = failure_consequence("turnout", load_parameter_set())
    mean_min = found.delay_per_train_min * math.exp(found.delay_sigma**2 / 2)
    assert mean_min == pytest.approx(6.0, abs=0.05)
