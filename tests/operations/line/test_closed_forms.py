"""Both engines and what is drawn against formulas, within their Monte-Carlo errors."""

import math

import numpy as np
import pytest

from arterial.operations.line.event_engine import settle_plan, simulate_events
from arterial.operations.line.hazards import Horizon, Shape
from arterial.operations.line.layout import UNLIMITED, make_layout
from arterial.operations.line.plan import build_plan
from arterial.operations.line.sampling_kernel import clear_draws, draw_replication, make_draws
from fixed_order import simulate_fixed_order
from operations_cases import KEY, NO_INTERVALS, Source, make_hazards, queue_plan, run_along

UNIT_S = 100
CUSTOMERS = 30_000
BATCHES = 20
YEAR_S = 31_557_600


def wait_in_queue(rate: float, services: np.ndarray, *, theta: float = 0.0, repair: float = 0.0):
    """Mean wait and its error by batch means, in units of time."""
    rng = np.random.default_rng(11)
    starts = np.cumsum(rng.exponential(UNIT_S / rate, CUSTOMERS))
    plan = queue_plan(np.rint(starts), np.rint(services * UNIT_S))
    source = Source("breakdown", Shape.EXPONENTIAL, (repair * UNIT_S, 0.0, 0.0))
    chances = [(2 * n + 1, 0, theta * service) for n, service in enumerate(services) if theta]
    hazards = make_hazards(plan, [source], chances=chances)
    done = simulate_events(plan, hazards, key=KEY, replications=1, with_times=True)
    wait = (done.times_s[0, ::2] - plan.events.planned[::2]) / UNIT_S
    means = wait.reshape(BATCHES, -1)[1:].mean(axis=1)
    assert done.attribution_gap_s == 0
    return means.mean(), means.std(ddof=1) / math.sqrt(BATCHES - 1), done, plan


def agrees(mean: float, error: float, formula: float) -> bool:
    return abs(mean - formula) < 4 * error and error < 0.1 * formula


def test_wait_for_a_server_with_fixed_service_time() -> None:
    mean, error, _, _ = wait_in_queue(0.08, np.full(CUSTOMERS, 8.0))
    assert agrees(mean, error, 7.1111)


def test_wait_for_a_server_with_exponential_service_time() -> None:
    services = np.random.default_rng(2).exponential(8.0, CUSTOMERS)
    mean, error, _, _ = wait_in_queue(0.08, services)
    assert agrees(mean, error, 14.2222)


def test_wait_for_a_server_with_two_service_times() -> None:
    services = np.random.default_rng(3).choice([4.0, 12.0], CUSTOMERS)
    mean, error, _, _ = wait_in_queue(0.08, services)
    assert agrees(mean, error, 8.8889)


def test_wait_for_a_server_that_breaks_down_while_it_works() -> None:
    # E[C] = m (1 + theta R), E[C^2] = m^2 (1 + theta R)^2 + 2 m theta R^2; Pollaczek-Khinchine.
    m, theta, repair, rate = 8.0, 0.01, 20.0, 0.06
    mean_c = m * (1 + theta * repair)
    square_c = mean_c**2 + m * theta * 2 * repair**2
    formula = rate * square_c / (2 * (1 - rate * mean_c))
    assert formula == pytest.approx(11.0491, abs=1e-4)
    mean, error, done, plan = wait_in_queue(rate, np.full(CUSTOMERS, m), theta=theta, repair=repair)
    assert agrees(mean, error, formula)
    running = done.times_s[0, 1::2] - done.times_s[0, ::2]
    assert running.mean() / UNIT_S == pytest.approx(mean_c, abs=0.3)
    assert plan.runs_count == CUSTOMERS


def test_share_of_time_that_a_server_is_up() -> None:
    theta, repair = 1 / 40, 1.0
    services = np.full(CUSTOMERS, 8.0)
    _, _, done, _ = wait_in_queue(0.02, services, theta=theta, repair=repair)
    running = (done.times_s[0, 1::2] - done.times_s[0, ::2]) / UNIT_S
    up = services.sum() / running.sum()
    error = math.sqrt(2 * theta * 8.0 * CUSTOMERS) * repair / running.sum()
    assert abs(up - 40 / 41) < 4 * error


def follow_each_other(trains: int, buffer_s: int):
    """Trains over one step, each with a buffer behind the one before."""
    layout = make_layout([UNLIMITED, UNLIMITED], [(0, 1)], intervals=NO_INTERVALS)
    runs = [run_along(f"t/{n}", (0, 1), (0,), n * (600 + buffer_s), [600]) for n in range(trains)]
    return settle_plan(build_plan(layout, runs))


def test_one_delay_passed_on_with_buffers_adds_up_exactly() -> None:
    plan = follow_each_other(20, 2)
    source = Source("sure", Shape.UNIFORM, (31.0, 31.0, 0.0), day_rate=1.0)
    hazards = make_hazards(plan, [source], hits=[(0, 0, 0)])
    for simulate in (simulate_fixed_order, simulate_events):
        parts = simulate(plan, hazards, key=KEY, replications=1).parts
        assert parts.seconds[parts.is_knock_on].sum() == 225
        assert parts.seconds[~parts.is_knock_on].sum() == 31


@pytest.mark.parametrize(("buffer", "passed_on"), [(2, 3.3516), (5, 1.8394), (10, 0.6767)])
def test_exponential_delay_passed_on_over_a_buffer(buffer: int, passed_on: float) -> None:
    plan = follow_each_other(2, buffer * 60)
    source = Source("even", Shape.EXPONENTIAL, (300.0, 0.0, 0.0), day_rate=1.0)
    hazards = make_hazards(plan, [source], hits=[(0, 0, 0)])
    done = simulate_fixed_order(plan, hazards, key=KEY, replications=40_000)
    second = done.delay_s[:, 1] / 60
    assert abs(second.mean() - passed_on) < 4 * second.std() / math.sqrt(second.size)


def count_failures(rates_per_year: list[float], replications: int) -> np.ndarray:
    """Failures in years with different rates, thinned from the highest."""
    plan = follow_each_other(1, 0)
    highest = max(rates_per_year)
    source = Source("asset", rate_per_s=highest / YEAR_S, step=0, repair_median_s=60.0)
    hazards = make_hazards(plan, [source], horizon=Horizon(0, YEAR_S))
    draws = make_draws(plan.events_count, 1, 4096)
    counts = np.zeros(replications)
    for replication in range(replications):
        for year, rate in enumerate(rates_per_year):
            clear_draws(draws)
            factor = np.array([rate / highest])
            draw_replication(hazards, factor, KEY, 1000 * replication + year, 0, draws)
            counts[replication] += draws.counters["outages"][0]
    return counts


def test_failures_of_an_ageing_asset_follow_the_power_law() -> None:
    eta, beta = 4.5, 1.5
    rates = [((t + 1) ** beta - t**beta) / eta**beta for t in range(10)]
    counts = count_failures(rates, 4000)
    expected = (10 / eta) ** beta
    assert abs(counts.mean() - expected) < 4 * math.sqrt(expected / counts.size)
    spread = math.sqrt((expected + 2 * expected**2) / counts.size)
    assert abs(counts.var() - expected) < 4 * spread
