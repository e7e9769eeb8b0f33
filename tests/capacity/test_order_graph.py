"""The cycle time against a linear programme written down independently."""

import itertools
import random

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from arterial.capacity import compress_paths


def make_timetable(seed: int) -> pl.DataFrame:
    """Trains over a single line with loops, some of which may wait shorter there."""
    choose = random.Random(seed)  # noqa: S311 test data
    free: dict[str, int] = {}
    rows = []
    for number in range(choose.randint(2, 7)):
        way = ["A", "AB", "B", "BC", "C", "CD", "D"]
        way = way[choose.randint(0, 2) : choose.randint(4, 7)]
        way = way[::-1] if choose.random() < 0.5 else way
        stays = [choose.randint(60, 1500) for _ in way]
        before = np.concatenate(([0], np.cumsum(stays)[:-1]))
        at = max(
            free.get(name, 0) - int(lag) for name, lag in zip(way, before, strict=True)
        ) + choose.randint(0, 300)
        for sequence, (name, stay) in enumerate(zip(way, stays, strict=True)):
            may_wait = len(name) == 1 and choose.random() < 0.7
            shortest = choose.randint(0, stay) if may_wait else None
            rows.append((f"t{number}", sequence, name, at, at + stay, shortest))
            at += stay
            free[name] = at
    names = ["train_id", "sequence", "resource_id", "begin_s", "end_s", "shortest_s"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def solve_by_linear_programme(paths: pl.DataFrame) -> float:
    """Least period: columns are the begin and end of each row, and the period."""
    rows = paths.sort("train_id", "sequence").to_dicts()
    period = 2 * len(rows)
    less: list[tuple[dict[int, float], float]] = []
    equal: list[tuple[dict[int, float], float]] = []
    for number, row in enumerate(rows):
        begin, end, stay = 2 * number, 2 * number + 1, row["end_s"] - row["begin_s"]
        if row["shortest_s"] is None:
            equal.append(({end: 1, begin: -1}, stay))
        else:
            less.append(({begin: 1, end: -1}, -row["shortest_s"]))
        if number and rows[number - 1]["train_id"] == row["train_id"]:
            gap = row["begin_s"] - rows[number - 1]["end_s"]
            equal.append(({begin: 1, begin - 1: -1}, gap))
    for name in set(paths["resource_id"]):
        users = [number for number, row in enumerate(rows) if row["resource_id"] == name]
        users.sort(key=lambda number: rows[number]["begin_s"])
        for before, after in itertools.pairwise(users):
            less.append(({2 * before + 1: 1, 2 * after: -1}, 0))
        less.append(({2 * users[-1] + 1: 1, 2 * users[0]: -1, period: -1}, 0))

    def build(found: list[tuple[dict[int, float], float]]) -> tuple[np.ndarray, np.ndarray]:
        matrix = np.zeros((len(found), period + 1))
        for line, (factors, _) in enumerate(found):
            for column, factor in factors.items():
                matrix[line, column] += factor
        return matrix, np.array([bound for _, bound in found])

    matrix, bounds = build(less)
    equal_matrix, equal_bounds = build(equal) if equal else (None, None)
    cost = np.zeros(period + 1)
    cost[period] = 1
    found = linprog(
        cost, A_ub=matrix, b_ub=bounds, A_eq=equal_matrix, b_eq=equal_bounds, method="highs"
    )
    return float(found.fun)


@pytest.mark.parametrize("seed", range(40))
def test_the_cycle_time_is_that_of_the_linear_programme(seed: int) -> None:
    paths = make_timetable(seed)
    # rtol 1e-9: ours is exact, the solver works in floating point.
    assert compress_paths(paths).occupancy_s == pytest.approx(
        solve_by_linear_programme(paths), rel=1e-9
    )


@pytest.mark.parametrize("seed", range(5))
def test_critical_occupations_are_rows_of_the_timetable(seed: int) -> None:
    paths = make_timetable(seed)
    known = set(paths.select("train_id", "resource_id").rows())
    critical = compress_paths(paths).critical
    assert critical.height > 0
    assert set(critical.rows()) <= known
