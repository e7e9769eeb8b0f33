"""Parts of a campaign: controls, ratios, and a study at the ends of its ranges."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from arterial.campaign.valuation.basis import make_rules
from arterial.campaign.valuation.delays import BestLine, tabulate_delays
from arterial.campaign.valuation.draws import put_ends, sample_rules, sample_shares
from arterial.campaign.valuation.effects import apply_control_variate, tabulate_effects
from arterial.campaign.valuation.knock_on import find_knock_on, find_plan_ratio, tabulate_factors
from arterial.campaign.valuation.line import SimulatedDraw
from arterial.campaign.valuation.losses import KnockOn, Ratio
from arterial.study import Study, read_study

STUDY = Path(__file__).parents[3] / "studies" / "renewal_2025"
COUNT = 40


@dataclass(frozen=True)
class SomeBasis:
    """As much of a basis as the draws read."""

    study: Study
    tables: dict[str, pl.DataFrame]
    rules: object


@dataclass(frozen=True)
class SomeSites:
    frame: pl.DataFrame


@pytest.fixture(scope="module")
def basis() -> SomeBasis:
    study = read_study(STUDY)
    return SomeBasis(study, dict(study.tables), make_rules(study))


def make_draw(direct: np.ndarray, delay: np.ndarray, *, hours=2.0, expected=None) -> SimulatedDraw:
    """One draw of one train a year; `direct` and `delay` in minutes."""
    numbers = np.arange(len(direct))
    fixed = pl.DataFrame(
        {
            "asset_id": ["A"],
            "section_id": ["S"],
            "failures_per_year": [float(direct.mean())],
            "derailments_per_year": [0.0],
            "restriction_delay_min_per_year": [0.0],
        }
    )
    parts = {
        "line_outages": pl.DataFrame(
            {
                "draw": 0,
                "replication": numbers,
                "asset": 0,
                "closes": True,
                "hours": hours,
                "direct_min": direct,
            }
        ),
        "line_losses": pl.DataFrame(
            {"draw": 0, "replication": numbers, "closes": True, "delay_min": delay}
        ),
        "line_replications": pl.DataFrame(
            {"draw": 0, "replication": numbers, "train_key": "F/forward", "delay_min": delay}
        ),
        "line_expected": pl.DataFrame(
            {"draw": [0], "direct_min": [float(direct.mean()) if expected is None else expected]}
        ),
    }
    whole = pl.col("draw").cast(pl.Int64)
    return SimulatedDraw(
        0, fixed, {name: table.with_columns(whole) for name, table in parts.items()}
    )


RUNS = {"F/forward": 1.0}
DIRECT = np.random.default_rng(1).exponential(60.0, COUNT)


def test_a_control_takes_chance_away_and_keeps_the_mean():
    random = np.random.default_rng(5)
    control = random.lognormal(0.0, 1.5, 400)
    values = 3.0 + 2.0 * control + random.normal(0.0, 0.1, 400)
    mean = np.full(400, np.exp(1.125))
    held = apply_control_variate(values, control, mean, np.zeros(400, dtype=np.int64))
    assert held.mean() == pytest.approx(3.0 + 2.0 * np.exp(1.125), abs=0.03)
    assert held.std() < values.std() / 20


def test_a_control_that_never_moves_changes_nothing():
    values = np.array([1.0, 2.0, 4.0])
    zero = np.zeros(3)
    assert apply_control_variate(values, zero, zero, np.zeros(3, dtype=np.int64)).tolist() == [
        1.0,
        2.0,
        4.0,
    ]


def test_what_trains_pass_on_is_read_off_the_same_failures():
    knock_on = find_knock_on([make_draw(DIRECT, 1.5 * DIRECT)], spread=0.5)
    assert knock_on.closed.used == pytest.approx(1.5)
    assert knock_on.passing.count == 0
    assert find_knock_on([], spread=0.5) == KnockOn()


def test_a_plan_that_avoids_what_its_works_do_has_a_ratio_of_one():
    knock_on = KnockOn(closed=Ratio(used=1.5))
    before, after = make_draw(DIRECT, 1.5 * DIRECT), make_draw(DIRECT / 2, 0.75 * DIRECT)
    ratio = find_plan_ratio([before], [after], RUNS, knock_on, spread=0.5)
    assert ratio.used == pytest.approx(1.0)
    table = tabulate_factors(knock_on, Ratio(3.0, 0.1, 2.9, 0.1, 80), [ratio])
    assert table["factor"].to_list()[-2:] == ["windows", "plan"]
    assert table["loop"].to_list() == [0, 0, 0, 1]
    # Half of it only, where the rest comes back through other trains.
    less = make_draw(DIRECT / 2, 1.125 * DIRECT)
    ratio = find_plan_ratio([before], [less], RUNS, knock_on, spread=0.5)
    assert ratio.used == pytest.approx(0.5)


def test_the_error_of_a_change_holds_chance_alone_and_the_spread_the_rest():
    random = np.random.default_rng(2)
    noise = random.normal(0.0, 1.0, COUNT)
    pairs = []
    for number, gain in enumerate((10.0, 30.0)):
        draws = [
            make_draw(DIRECT, DIRECT + 100.0),
            make_draw(DIRECT, DIRECT + 100.0 - gain + noise),
        ]
        pairs.append(
            [
                SimulatedDraw(
                    number,
                    one.fixed,
                    {
                        k: v.with_columns(draw=pl.lit(number, dtype=pl.Int64))
                        for k, v in one.parts.items()
                    },
                )
                for one in draws
            ]
        )
    table = tabulate_effects([p[0] for p in pairs], [p[1] for p in pairs], RUNS, plan_id="chosen")
    assert table["draws_count"].unique().to_list() == [len(pairs)]
    row = table.filter(subject="network", measure="delay_min").row(0, named=True)
    error = noise.std(ddof=1) / np.sqrt(COUNT)
    assert row["change"] == pytest.approx(-20.0, abs=4 * error)
    assert row["change_error"] == pytest.approx(error / np.sqrt(2), rel=0.1)
    # Draws of -10 and -30 min: a standard deviation of 14.1.
    assert row["change_spread"] == pytest.approx(np.sqrt(200.0), rel=0.02)
    fixed = table.filter(measure="failures_per_year", subject="network").row(0, named=True)
    assert fixed["change_error"] == 0.0
    # The one asset keeps its failures, and is not listed.
    assert table.filter(subject="asset").is_empty()


def test_an_asset_is_told_where_the_plan_changes_it():
    before, after = make_draw(DIRECT, DIRECT), make_draw(DIRECT / 2, DIRECT / 2)
    table = tabulate_effects([before], [after], RUNS, plan_id="chosen")
    (row,) = table.filter(subject="asset").to_dicts()
    assert (row["subject_id"], row["measure"]) == ("A", "failures_per_year")
    assert row["change"] == pytest.approx(-DIRECT.mean() / 2)


def test_best_values_stand_beside_the_mean_of_the_draws():
    before, after = make_draw(DIRECT, DIRECT), make_draw(DIRECT / 2, DIRECT / 2)
    best = {"before": after.fixed, "after": after.fixed}
    table = tabulate_effects([before], [after], RUNS, plan_id="chosen", best=best)
    (row,) = table.filter(subject="asset").to_dicts()
    assert row["before_best"] == row["after_best"] == row["after"] < row["before"]
    # What is simulated has no best values.
    delay = table.filter(measure="delay_min")
    assert delay["before_best"].null_count() == delay.height


@pytest.mark.parametrize("has_means", [False, True])
def test_the_sum_of_the_works_and_the_simulation_are_told_step_by_step(has_means):
    before, after = make_draw(DIRECT, DIRECT), make_draw(DIRECT / 2, DIRECT / 2)
    draws = [replace(before, capped_h=8.0), replace(after, capped_h=3.0)]
    speed = [pl.DataFrame({"restriction_delay_min_per_year": [60.0 * h, None]}) for h in (5, 4)]
    best = {"before": BestLine(speed[0], 4.0, 3.0), "after": BestLine(speed[1], 2.0, 1.5)}
    line = SimpleNamespace(runs_per_year={"F/forward": 600.0})
    totals = pl.DataFrame({"plan_id": ["chosen"], "delay_avoided_h_per_year": [3.5]})
    effects = tabulate_effects([before], [after], RUNS, plan_id="chosen")
    table = tabulate_delays(
        SimpleNamespace(line=line, before=draws[:1]),
        SimpleNamespace(after=draws[1:]),
        best,
        totals,
        effects,
        has_means=has_means,
    )
    hours = dict(table.select("step", "avoided_h_per_year").iter_rows())
    # Failures wait for half of the mean of the draw; each of 600 trains does in the simulation.
    half_h = DIRECT.mean() / 2 / 60.0
    expected = {"totals": 3.5, "speed": 1.0, "failures": 2.0, "alone": 1.5}
    if has_means:
        expected |= {"drawn": 5.0, "simulated": 600.0 * half_h}
    assert hours == pytest.approx(expected)


def test_columns_are_put_at_the_ends_of_their_estimates(basis):
    ends = {"labour_pools": (("gangs_count", "hours_per_gang_month"), "low")}
    pools = put_ends(basis, ends)["labour_pools"]
    row = pools.filter(pool_id="CHONGJIN").row(0, named=True)
    assert (row["gangs_count"], row["hours_per_gang_month"]) == (26.0, 1800.0)
    assert put_ends(basis, {})["labour_pools"].equals(basis.tables["labour_pools"])
    assert basis.tables["labour_pools"].filter(pool_id="CHONGJIN")["gangs_count"].item() == 65.0


def test_rules_and_shares_are_drawn_within_their_ranges(basis):
    rules = [sample_rules(basis, draw) for draw in range(40)]
    worth = [each.derailment_worth_h for each in rules]
    assert 100.0 <= min(worth) < 400.0 < max(worth) <= 2000.0
    assert all(6.0 <= each.longest_wait_h <= 72.0 for each in rules)
    assert all(0.0 <= each.window_h <= 6.0 for each in rules)
    assert sample_rules(basis, 3) == rules[3]
    sites = SomeSites(
        pl.DataFrame({"work_id": ["EM-DRAIN", "T-RENEW"], "age_share_left": [0.5, 0.0]})
    )
    shares = [
        sample_shares(basis, sites, draw).frame["age_share_left"].to_list() for draw in (0, 1)
    ]
    assert all(0.3 <= each[0] <= 0.8 and each[1] == 0.0 for each in shares)
    assert shares[0] != shares[1]
