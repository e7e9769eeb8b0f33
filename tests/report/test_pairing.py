"""Differences trip by trip: by hand, and only where both runs threw the same chances."""

import math

import polars as pl
import pytest

from arterial.report.comparison import is_paired, pair_punctuality, pair_times, summarise_pairs

SAME = {"draws_count": 2, "replications_count": 4, "seed": 1, "parameter_set": "P"}


def run(delays_s: dict[tuple[int, int], int | None], **changed: object) -> dict[str, pl.DataFrame]:
    """A run with one trip in each (draw, replication)."""
    rows = [
        {
            "draw": draw,
            "replication": replication,
            "trip_id": "S@2025-06-17",
            "arrival_delay_s": delay_s,
            "elapsed_s": None if delay_s is None else 36_000 + delay_s,
        }
        for (draw, replication), delay_s in delays_s.items()
    ]
    runs = pl.DataFrame([{"simulation_id": "coaches", **SAME, **changed}])
    return {"simulated_trips": pl.DataFrame(rows), "simulation_runs": runs}


@pytest.fixture
def before() -> dict[str, pl.DataFrame]:
    return run({(0, 0): 600, (0, 1): 1200, (1, 0): 0, (1, 1): 4200})


@pytest.fixture
def after() -> dict[str, pl.DataFrame]:
    return run({(0, 0): 0, (0, 1): 1200, (1, 0): 0, (1, 1): 1800})


def test_a_difference_of_means_has_the_error_of_its_replications(before, after):
    # Gained: -10 and 0 min in the first draw, 0 and -40 in the second.
    row = pair_times(before, after, "arrival_delay_s").row(0, named=True)
    assert row["difference"] == pytest.approx(-12.5)
    # Variances 50 and 800 over two replications each: sqrt(25 + 400) / 2.
    assert row["difference_error"] == pytest.approx(math.sqrt(425) / 2)
    # Draw means -5 and -20: a twentieth of the way from each end.
    assert row["difference_low"] == pytest.approx(-19.25)
    assert row["difference_high"] == pytest.approx(-5.75)
    assert row["group_id"] == "all"


def test_punctuality_is_paired_by_the_limit(before, after):
    keys = {"service_id": ["S"], "group_id": ["all"], "difference": [0.0]}
    asked = pl.DataFrame({**keys, "measure": ["announced_duration"], "limit_h": [11.0]})
    row = pair_punctuality(before, after, asked).row(0, named=True)
    # Ten hours and the delay within eleven: only 4200 s is out, and 1800 s is in again.
    assert row["difference"] == pytest.approx(0.25)
    late = asked.with_columns(measure=pl.lit("arrival_tolerance"), limit_h=pl.lit(0.1))
    assert pair_punctuality(before, after, late)["difference"][0] == pytest.approx(0.25)


def test_a_trip_that_never_arrives_is_not_in_time(before):
    lost = run({(0, 0): None, (0, 1): 1200, (1, 0): 0, (1, 1): 4200})
    keys = {"service_id": ["S"], "group_id": ["all"], "difference": [0.0]}
    asked = pl.DataFrame({**keys, "measure": ["announced_duration"], "limit_h": [11.0]})
    assert pair_punctuality(before, lost, asked)["difference"][0] == pytest.approx(-0.25)
    # Its delay is unknown, so that it is left out of the mean.
    assert pair_times(before, lost, "arrival_delay_s")["difference"][0] == pytest.approx(0.0)


def test_best_values_are_left_out_where_there_are_draws():
    gained = pl.DataFrame(
        {"draw": [-1, 0, 0], "replication": [0, 0, 1], "gained": [99.0, 1.0, 3.0]}
    )
    assert summarise_pairs(gained)["difference"][0] == 2.0
    alone = gained.filter(pl.col("draw") == -1)
    assert summarise_pairs(alone)["difference"][0] == 99.0


def test_equal_runs_differ_by_nothing(before):
    row = pair_times(before, before, "arrival_delay_s").row(0, named=True)
    assert (row["difference"], row["difference_error"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    "changed", [{"seed": 2}, {"draws_count": 3}, {"parameter_set": "Q"}, {"replications_count": 5}]
)
def test_other_chances_are_not_paired(before, changed):
    other = run({(0, 0): 0}, **changed)
    assert is_paired(before, before)
    assert not is_paired(before, other)


def test_runs_without_simulated_trips_are_not_paired(before):
    assert not is_paired(before, {"simulation_runs": before["simulation_runs"]})
    assert not is_paired({}, {})
