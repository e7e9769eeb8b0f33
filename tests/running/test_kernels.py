"""Compiled kernels against plain references: numpy, scipy and the definition itself."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from arterial.running import LimitRule, MassModel
from arterial.running import ceiling_kernel as ceiling
from arterial.running import motion_kernel as motion
from arterial.running.encode import encode_effort, encode_path, encode_train

PERMILLE = [3.0, -5.0, 12.0, -8.0]
LENGTHS = [700.0, 90.0, 150.0, 2000.0]
RADII = [0.0, 500.0, 0.0, 900.0]
LIMITS = [80.0, 60.0, 100.0, 90.0]


@pytest.fixture
def train(make_train):
    return make_train(length_m=300.0)


@pytest.fixture
def path(make_path):
    return make_path(LENGTHS, gradient=PERMILLE, radius=RADII, limit=LIMITS)


def encode(path, train):
    row = encode_train(train, tolerance=1e-10)
    return row, encode_path(path, train, row, start_position_m=path.position_m[0])


def mean_behind(values, path, head, length):
    """Mean of a piecewise constant quantity from the tail (or the path's start) to the head."""
    tail = max(head - length, path.position_m[0])
    total = 0.0
    for start, end, value in zip(path.position_m, path.position_m[1:], values, strict=False):
        total += value * max(min(end, head) - max(start, tail), 0.0)
    return total / (head - tail)


def test_gradient_and_curve_are_means_over_the_train(path, train):
    row, encoded = encode(path, train)
    curves = [0.0 if radius == 0.0 else 700.0 / radius for radius in RADII]
    weight = train.mass_kg * train.gravity_m_s2
    for piece in encoded.pieces:
        for share in (0.1, 0.5, 0.9):
            x = piece[motion.X0] + share * (piece[motion.X1] - piece[motion.X0])
            slope = mean_behind(PERMILLE, path, x, 300.0) / 1000.0
            curve = mean_behind(curves, path, x, 300.0) / 1000.0
            expected = weight * (np.sin(np.arctan(slope)) + curve)
            assert motion.gradient_at(x, piece) == pytest.approx(1000.0 * slope, abs=1e-9)
            assert motion.slope_force(x, piece, row) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("rule", list(LimitRule))
def test_the_ceiling_is_the_lowest_limit_under_the_train(path, make_train, rule):
    train = make_train(length_m=300.0, limit_rule=rule)
    _, encoded = encode(path, train)
    for piece in encoded.pieces:
        x = 0.5 * (piece[motion.X0] + piece[motion.X1])
        tail = x - (300.0 if rule is LimitRule.TAIL else 0.0)
        under = [
            limit
            for start, end, limit in zip(path.position_m, path.position_m[1:], LIMITS, strict=False)
            if start < x and end > tail
        ]
        assert piece[motion.CEILING] == pytest.approx(min(under) / 3.6)


def test_pieces_of_a_mass_point_are_constant(path, make_train):
    _, encoded = encode(path, make_train(length_m=300.0, mass_model=MassModel.POINT))
    assert encoded.pieces[:, motion.IS_CONSTANT].all()


def test_work_against_the_slope_is_the_integral_of_its_force(path, train):
    row, encoded = encode(path, train)
    for piece in encoded.pieces:
        start, end = piece[motion.X0], piece[motion.X1]
        expected, _ = quad(motion.slope_force, start, end, args=(piece, row), epsabs=1e-3)
        found = motion.grade_work(start, end, piece, row) + motion.curve_work(
            start, end, piece, row
        )
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-2)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(speed=st.floats(0.5, 35.0), step=st.floats(0.1, 5.0), place=st.floats(0.1, 0.5))
def test_a_step_agrees_with_scipy_and_knows_its_error(speed, step, place):
    train = np.array([420e3, 3.9e6, 6000.0, 100.0, 8.0, 1e-8])
    piece = np.zeros(motion.PIECE_COLUMNS)
    piece[motion.X1], piece[motion.LENGTH] = 1000.0, 300.0
    piece[motion.GRADIENT], piece[motion.GRADIENT_RISE] = 600.0, 9.0
    law = np.array([20e3, 500.0, 1e6, 4.0, 0.0, 0.0, np.inf])
    x = 1000.0 * place

    def rate(_, state):
        effort = 20e3 + 500.0 * state[1] + 1e6 / (4.0 + state[1])
        rolling = 6000.0 + 100.0 * state[1] + 8.0 * state[1] ** 2
        slope = (600.0 + 9.0 * state[0]) / 300.0 / 1000.0
        against = rolling + 3.9e6 * np.sin(np.arctan(slope))
        return [state[1], (effort - against) / 420e3, rolling * state[1]]

    exact = solve_ivp(rate, (0.0, step), [x, speed, 0.0], rtol=1e-12, atol=1e-10).y[:, -1]
    out = np.empty(motion.STEP_COLUMNS)
    motion.advance(x, speed, step, law, piece, train, out)
    error = max(out[motion.STEP_ERROR], 1e-11)
    assert abs(out[motion.NEW_V] - exact[1]) <= 2.0 * error + 1e-9
    assert abs(out[motion.NEW_X] - exact[0]) <= 20.0 * error + 1e-8
    assert out[motion.ROLLING_WORK] == pytest.approx(exact[2], rel=1e-6)


def test_a_step_there_and_back_ends_where_it_began():
    train = np.array([420e3, 3.9e6, 6000.0, 100.0, 8.0, 1e-8])
    piece = np.zeros(motion.PIECE_COLUMNS)
    piece[motion.LENGTH] = 1.0
    law = np.array([-200e3, 0.0, 0.0, 0.0, 0.0, 0.0, np.inf])
    out = np.empty(motion.STEP_COLUMNS)
    motion.advance(0.0, 20.0, 3.0, law, piece, train, out)
    motion.advance(out[motion.NEW_X], out[motion.NEW_V], -3.0, law, piece, train, out)
    assert out[motion.NEW_V] == pytest.approx(20.0, abs=1e-9)
    assert out[motion.NEW_X] == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize(
    ("distance", "speed", "accel", "expected"),
    [(100.0, 10.0, 0.0, 10.0), (50.0, 0.0, 1.0, 10.0), (50.0, 10.0, -1.0, 10.0)],
)
def test_time_to_cover_a_distance_at_constant_acceleration(distance, speed, accel, expected):
    assert motion.time_to_cover(distance, speed, accel) == pytest.approx(expected)
    assert motion.time_to_cover(51.0, 10.0, -1.0) == np.inf


def test_braking_curves_agree_with_scipy(make_path, make_train):
    train = make_train(brake_rule="force", brake_value=200e3, top_speed_ms=30.0)
    path = make_path([500.0, 800.0, 400.0], gradient=[4.0, -9.0, 6.0])
    row, encoded = encode(path, train)
    n_pieces = encoded.pieces.shape[0]
    nodes, spans = np.empty((200, 5)), np.empty((n_pieces, 2), dtype=np.int64)
    entry, state = np.empty(n_pieces + 1), np.zeros(motion.STATE_COLUMNS)
    brake = encode_effort(train)[-1]
    status = ceiling.build_braking_curves(state, encoded.pieces, row, brake, nodes, spans, entry)
    assert status == ceiling.FINE

    def rate(x, state):
        slope = mean_behind([4.0, -9.0, 6.0], path, x, 200.0) / 1000.0
        against = train.resistance_at(np.sqrt(2.0 * max(state[0], 0.0)))
        against += 400e3 * 9.81 * np.sin(np.arctan(slope))
        return [-(200e3 + against) / 400e3]

    place = encoded.cuts[-2]
    exact = solve_ivp(rate, (1700.0, place), [0.0], rtol=1e-11, atol=1e-12, max_step=1.0)
    assert entry[-2] == pytest.approx(np.sqrt(2.0 * exact.y[0, -1]), abs=1e-5)


def test_importing_the_package_does_not_load_numba():
    code = "import sys, arterial.running; print('numba' in sys.modules, 'polars' in sys.modules)"
    found = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["False", "False"]
