"""The value of seeing: closed forms, the trap of perfect information, plans with complements."""

import numpy as np
import pytest
from scipy.stats import norm

from arterial.errors import LimitError
from arterial.inference import observation_value, plan_observations
from arterial.randomness import stream

DRAWS = 20_000


def unit_loss(threshold: float) -> float:
    """Mean of what a standard normal number exceeds the threshold by."""
    return norm.pdf(threshold) - threshold * norm.sf(threshold)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("noise", [0.0, 0.5, 2.0])
def test_the_value_of_a_choice_on_one_unknown_is_its_closed_form(
    threshold: float, noise: float
) -> None:
    """Act for x - c or not: with what is left of x after noise, s L(c / s)."""
    x, error = stream(1, "one unknown").standard_normal((2, 4 * DRAWS))
    stake = np.stack([np.zeros(4 * DRAWS), x - threshold], axis=1)
    spread = 1.0 / np.sqrt(1.0 + noise**2)
    exact = spread * unit_loss(threshold / spread)
    found = observation_value(stake, (x + noise * error)[:, None])
    assert found.value == pytest.approx(exact, abs=0.01)
    assert abs(found.value - exact) < 4.0 * found.error


def test_perfect_information_misleads() -> None:
    """What is worth 0.241 known exactly is worth 0.048 seen with noise of two deviations."""
    x, rest, error = stream(2, "trap").standard_normal((3, 4 * DRAWS))
    forecast = np.sqrt(0.241) * x + np.sqrt(0.759) * rest
    known = observation_value(forecast, x[:, None])
    seen = observation_value(forecast, (x + 2.0 * error)[:, None])
    assert known.value == pytest.approx(0.241, abs=0.01)
    assert seen.value == pytest.approx(0.048, abs=0.005)


def test_the_cheaper_look_at_less_can_be_the_better_one() -> None:
    """The noisy look at the greater cause loses to the sharp one at the smaller."""
    x, other, rest, error = stream(2, "order").standard_normal((4, DRAWS))
    forecast = 0.5 * x + 0.35 * other + rest
    seen = np.stack([x + 2.0 * error, other], axis=1)
    plan = plan_observations(forecast, seen, np.array([1.0, 1.0]), budget=1.0)
    assert [step.columns for step in plan] == [(1,)]


def test_a_useless_observation_is_worth_nothing_within_its_error() -> None:
    for seed in range(10):
        x, noise = stream(seed, "useless").standard_normal((2, 1000))
        for stake in (x, np.stack([x, -x], axis=1)):
            found = observation_value(stake, noise[:, None])
            assert found.value < 3.0 * found.error + 1e-12


@pytest.mark.parametrize("choices", [1, 2])
def test_many_useless_observations_do_not_add_up_to_value(choices: int) -> None:
    """Judged on the draws that it was fitted to, the regression would find a tenth of all."""
    found = []
    for seed in range(20):
        drawn = stream(seed, "many useless").standard_normal((600, choices + 6))
        stake = drawn[:, 0] if choices == 1 else drawn[:, :choices]
        found.append(observation_value(stake, drawn[:, choices:]).value)
    assert np.mean(found) < 0.01


def test_a_step_seen_exactly_is_almost_all_of_its_value() -> None:
    x = stream(3, "step").standard_normal(DRAWS)
    stake = (x > 0.4).astype(float)
    found = observation_value(stake, x[:, None])
    assert 0.85 * stake.var() < found.value < stake.var() + 1e-9


@pytest.mark.parametrize("kind", ["product", "calibration"])
def test_complements_are_found_though_each_alone_is_useless(kind: str) -> None:
    x, other, *noise = stream(4, kind).standard_normal((7, 8000))
    if kind == "product":
        stake, pair = np.sign(x * other), (x, other)
    else:
        # An instrument with a great unknown bias, and a look at the bias.
        stake, pair = x, (x + 30.0 * other, 30.0 * other)
    seen = np.stack([noise[0], pair[0], noise[1], pair[1], x + 6.0 * noise[2]], axis=1)
    plan = plan_observations(stake, seen, np.ones(5), budget=5.0)
    assert plan[0].columns == (1, 3)
    assert plan[0].cost == 2.0
    assert plan[0].gain > 0.3
    assert all(set(step.columns) <= {1, 3, 4} for step in plan)


def test_a_plan_keeps_to_its_budget_and_its_values_add_up() -> None:
    rng = stream(5, "budget")
    causes, error = rng.standard_normal((6, 4000)), rng.standard_normal((6, 4000))
    weights = np.array([1.0, 0.8, 0.6, 0.4, 0.2, 0.1])
    costs = np.array([4.0, 1.0, 1.0, 2.0, 1.0, 1.0])
    forecast = weights @ causes
    plan = plan_observations(forecast, (causes + 0.3 * error).T, costs, budget=5.0)
    assert sum(step.cost for step in plan) <= 5.0
    assert plan[0].columns == (1,)
    total = 0.0
    for step in plan:
        total += step.gain
        assert step.gain > 2.0 * step.error
        assert step.value == pytest.approx(total, rel=1e-9)
    columns = [column for step in plan for column in step.columns]
    assert len(columns) == len(set(columns))


def test_nothing_is_planned_where_nothing_helps() -> None:
    planned = 0
    for seed in range(20):
        rng = stream(seed, "nothing helps")
        stake, seen = rng.standard_normal((1000, 2)), rng.standard_normal((1000, 6))
        planned += len(plan_observations(stake, seen, np.ones(6), budget=6.0)) > 0
    assert planned <= 3


@pytest.mark.parametrize(
    ("stake", "seen"),
    [
        (np.zeros(499), np.zeros((499, 1))),
        (np.zeros(600), np.zeros(600)),
        (np.zeros(600), np.zeros((599, 1))),
        (np.full(600, np.inf), np.zeros((600, 1))),
    ],
)
def test_draws_that_have_no_value_are_refused(stake: np.ndarray, seen: np.ndarray) -> None:
    with pytest.raises(LimitError, match="give both"):
        observation_value(stake, seen)


def test_a_free_observation_is_refused() -> None:
    with pytest.raises(LimitError, match="above 0"):
        plan_observations(np.zeros(600), np.zeros((600, 1)), np.zeros(1), budget=1.0)
