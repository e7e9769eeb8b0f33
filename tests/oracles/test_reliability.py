"""Figures of wear, failure and restriction that were settled before the models were written."""

import numpy as np
import pytest

from arterial.assets.bridges import transition_matrix
from arterial.assets.closures import restriction_time_loss_s
from arterial.assets.derailments import class_rate, derailment_rates, traffic_rate
from arterial.assets.parameters import load_parameter_set
from arterial.assets.track_class import SleeperSegment, pass_probability
from arterial.assets.turnouts import expected_failures, expected_turnout_failures, turnout_scale_y
from arterial.units import kmh_to_ms

BEST = load_parameter_set()
INDEPENDENT = SleeperSegment(20, 0.0)
CLUSTERED = SleeperSegment(20, 0.15)

PASSING = {
    0.2: (1.000, 1.000, 0.990, 0.995, 0.974, 0.880),
    0.4: (1.000, 0.979, 0.596, 0.949, 0.834, 0.564),
    0.5: (0.994, 0.868, 0.252, 0.881, 0.694, 0.381),
    0.6: (0.949, 0.584, 0.057, 0.763, 0.518, 0.223),
}


@pytest.mark.parametrize(("share", "passing"), PASSING.items())
def test_share_of_segments_that_meet_each_class(share, passing) -> None:
    found = [
        float(pass_probability(share, needed, segment))
        for segment in (INDEPENDENT, CLUSTERED)
        for needed in (5, 8, 12)
    ]
    assert found == pytest.approx(passing, abs=6e-4)


def test_turnouts_of_all_ages_to_25_years_average_to_the_observed_rate() -> None:
    assert turnout_scale_y(BEST) == pytest.approx(4.5, abs=0.05)
    assert float(expected_turnout_failures(0, 25, BEST)) / 25 == pytest.approx(0.53, rel=1e-12)


def test_derailments_by_class_in_both_models_and_between() -> None:
    classes = np.arange(1, 6)
    by_class = class_rate(classes, BEST)
    by_traffic = traffic_rate(classes, BEST)
    assert by_class == pytest.approx([30.2, 3.8, 1.27, 0.33, 0.20], rel=0.015)
    # The last digit of the second figure was rounded up: exp(-0.4097) x 0.685 is 0.4547.
    assert by_traffic == pytest.approx([0.88, 0.46, 0.23, 0.12, 0.06], rel=0.04)
    assert by_traffic[1] == pytest.approx(0.4547, abs=1e-4)
    between = derailment_rates(classes, BEST).best
    assert between == pytest.approx([5.2, 1.3, 0.54, 0.20, 0.11], rel=0.015)


def test_the_models_differ_sixfold_at_class_1_for_a_train_of_6000_short_tons() -> None:
    train_mass_t = 6000 * 0.90718474
    per_million_miles = float(traffic_rate(1, BEST, train_mass_t=train_mass_t)) * 1.609344
    assert per_million_miles == pytest.approx(7.74, abs=0.01)
    assert 48.54 / per_million_miles == pytest.approx(6.3, abs=0.1)


def test_time_lost_by_a_temporary_speed_restriction() -> None:
    loss = restriction_time_loss_s(
        kmh_to_ms(60), kmh_to_ms(25), 1100, acceleration_m_s2=0.25, braking_m_s2=0.40
    )
    assert float(loss) == pytest.approx(110.83, abs=0.005)


def test_mean_of_the_power_law_process() -> None:
    assert float(expected_failures(0, 9, shape=1.5, scale_y=4)) == pytest.approx(3.375, rel=1e-12)


def test_mean_years_to_the_worst_state_of_a_bridge() -> None:
    # From state 1 by hand: (1 + 0.121 x 8.837 + 0.039 x 4.983) / 0.16 = 14.148.
    moves = transition_matrix(BEST)[:4, :4]
    found = np.linalg.solve(np.eye(4) - moves, np.ones(4))
    assert found == pytest.approx([14.148, 8.837, 4.983, 2.370], abs=1e-3)


def test_states_of_a_new_bridge_after_ten_years() -> None:
    found = np.linalg.matrix_power(transition_matrix(BEST), 10)[0]
    assert found == pytest.approx([0.175, 0.192, 0.150, 0.109, 0.373], abs=5e-4)
