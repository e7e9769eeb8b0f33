"""Options weighed, chances mixed, and what was learned carried into estimates."""

import math

import numpy as np
import polars as pl
import pytest

from arterial.evidence.learning import (
    Learned,
    _carry_range,
    carry_estimates,
    mix_chances,
    weigh_options,
)
from arterial.evidence.observations import Plans
from arterial.inference import CannotTell, Posterior
from arterial.study import empty_table, read_study
from arterial.study.alternatives import Option
from arterial.study.settings import EvidenceSettings
from arterial.study.shipped import find_shipped_folder
from arterial.study.unknowns import place_triangular


def make_learned(name, prior, log_evidence, *, impossible=0, reason=None):
    posterior = reason or Posterior(
        scores=np.zeros((2, 1)), weights=np.full(2, 0.5), log_evidence=log_evidence, error=0.01,
        effective_size=500.0, ancestors=np.arange(2), evaluations=10, method="importance",
    )  # fmt: skip
    plans = Plans({f"P{n}": "no host" for n in range(impossible)}, 12)
    return Learned(Option("G", name, name, prior), (), posterior, plans, pl.DataFrame())


def weigh(*found, chance=0.05):
    table = weigh_options(found, EvidenceSettings(false_plan_chance=chance))
    return dict(table.select("option", "posterior_weight").iter_rows())


def test_weights_follow_the_rule_of_bayes():
    a, b = make_learned("a", 0.6, -10.0), make_learned("b", 0.4, -10.0 + math.log(3.0))
    assert weigh(a, b) == pytest.approx({"a": 0.6 / 1.8, "b": 1.2 / 1.8})


def test_what_cannot_be_as_planned_counts_once_however_many_plans():
    for impossible in (1, 7):
        b = make_learned("b", 0.5, -10.0, impossible=impossible)
        weights = weigh(make_learned("a", 0.5, -10.0), b)
        assert weights["b"] == pytest.approx(0.05 / 1.05)
    never = make_learned("b", 0.5, -10.0, impossible=1)
    assert weigh(make_learned("a", 0.5, -10.0), never, chance=0.0)["b"] == 0.0


def test_an_option_in_which_nothing_could_be_seen_falls_away():
    b = make_learned("b", 0.5, 0.0, reason="No host.")
    assert weigh(make_learned("a", 0.5, -10.0), b) == {"a": 1.0, "b": 0.0}


def test_where_nothing_can_be_told_the_weight_stays_and_the_reason_is_named():
    b = make_learned("b", 0.5, 0.0, reason=CannotTell(("effective size 3",), 100))
    a = make_learned("a", 0.5, -10.0)
    assert weigh(a, b) == {"a": 0.5, "b": 0.5}
    table = weigh_options([a, b], EvidenceSettings())
    assert table["reason"].to_list() == [None, "effective size 3"]


def test_chances_mix_by_the_weights_of_their_options():
    before, after = np.linspace(0.0, 0.4, 101), np.linspace(0.2, 0.6, 101)
    weights = weigh_options(
        [make_learned("a", 0.25, -10.0), make_learned("b", 0.75, -10.0)], EvidenceSettings()
    )
    found = mix_chances({"a": (before, after), "b": (after, before[:0])}, weights)
    assert found["a"]["prior_chance"] == pytest.approx(0.2)
    assert found["a"]["learned_chance"] == pytest.approx(0.4)
    # Where nothing was learned, what stood before stands.
    assert found["b"]["learned_chance"] == found["b"]["prior_chance"] == pytest.approx(0.4)
    assert found[""]["prior_chance"] == pytest.approx(0.25 * 0.2 + 0.75 * 0.4)
    assert found[""]["prior_low"] < found[""]["prior_chance"] < found[""]["prior_high"]
    one = np.std(before, ddof=1) / math.sqrt(101)
    assert found["a"]["prior_error"] == pytest.approx(one)


def test_only_cells_that_were_learned_change_in_the_estimates():
    study = read_study(find_shipped_folder() / "pyongyang_moscow")
    old = study.table("estimates")
    row = old.filter(pl.col("table") == "disturbances", pl.col("attribute") == "rate").row(
        0, named=True
    )
    cell = {name: row[name] for name in ("table", "key", "attribute")}
    stated = study.table("disturbances").filter(pl.col("disturbance_id") == row["key"])["rate"][0]
    low, high = row["low"] / stated, row["high"] / stated
    factors = {"learned_low": low, "learned_mean": (low + high) / 2, "learned_high": high}
    moves = {"moved": 0.5, "narrowed": 0.7}
    learned = pl.DataFrame([{"option": "a", **cell, **factors, **moves}])
    weights = pl.DataFrame({"option": ["a"], "posterior_weight": [1.0]})
    results = {"structure_weights": weights, "learned_unknowns": learned}
    new = carry_estimates(study, results)
    changed = new.filter(pl.col("note").str.starts_with("learned").fill_null(value=False))
    # Quantiles at the ends of the range before: no range is made wider than it was.
    middle = (row["low"] + row["high"]) / 2
    assert changed.select("low", "best", "high").row(0) == pytest.approx(
        [row["low"], middle, row["high"]]
    )
    still = learned.with_columns(moved=pl.lit(0.01), narrowed=pl.lit(0.99))
    unmoved = carry_estimates(study, results | {"learned_unknowns": still})
    assert unmoved.equals(old)
    assert new.filter(pl.col("key") != row["key"]).equals(old.filter(pl.col("key") != row["key"]))
    results["learned_unknowns"] = empty_table("learned_unknowns")
    assert carry_estimates(study, results).equals(old)


def test_a_carried_range_has_the_quantiles_that_were_learned():
    old = {"low": 0.0, "best": 5.0, "high": 100.0, "note": None}
    new = {"learned_low": 2.0, "learned_mean": 4.0, "learned_high": 9.0}
    found = _carry_range(old, new, 2.0)
    spans = (found["best"] - found["low"], found["high"] - found["best"])
    ends = [found["best"] + place_triangular(0.05) * spans[0],
            found["best"] + place_triangular(0.95) * spans[1]]  # fmt: skip
    assert ends == pytest.approx([4.0, 18.0])


def test_evidence_beyond_the_reach_of_numbers_still_gives_weights():
    near, far = make_learned("a", 0.5, -5000.0), make_learned("b", 0.5, -10.0)
    assert weigh(near, far) == {"a": 0.0, "b": 1.0}
    assert weigh(far, near) == {"b": 1.0, "a": 0.0}


def test_where_no_option_can_be_that_is_said():
    found = [make_learned(name, 0.5, -10.0, impossible=1) for name in "ab"]
    table = weigh_options(found, EvidenceSettings(false_plan_chance=0.0))
    assert table["reason"].n_unique() == 1
    assert "no option" in table["reason"][0]
