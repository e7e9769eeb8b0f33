"""What was seen of journeys, and stated scores of what is not known."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from arterial.operations.coaches.sightings import (
    Sighting,
    prepare_sightings,
    weigh,
    weigh_sightings,
)
from arterial.operations.coaches.simulate import draw_plan
from arterial.operations.coaches.unknowns import list_unknowns
from arterial.study.unknowns import Draw, place_triangular
from coach_cases import build_model, make_disturbance, make_tables

TRIP = "OUT@2025-01-05"
FOURTH = 4 * 86_400.0
SEEN = Sighting(TRIP, "C", "arrival", FOURTH, FOURTH + 86_400, None, None, 600.0)


def make_uncertain(**options):
    """T2, which brings the coach to C at 14:00, may be up to three hours later."""
    tables = make_tables()
    stops = tables["train_stops"].with_columns(
        later_min=pl.when(pl.col("train_id") == "T2").then(180.0)
    )
    return build_model(tables | {"train_stops": stops}, samples_steps=False, **options)


@pytest.mark.parametrize(("share", "mean_s"), [(0.0, 60.0), (0.3, 3600.0), (1.0, 60.0), (0.5, 5.0)])
def test_a_density_is_one_in_all(share, mean_s):
    one = replace(SEEN, late_s=0.0, error_s=300.0, miss_share=share, miss_s=mean_s)

    def density(seen_s):
        moved = replace(one, late_s=float(seen_s))
        return math.exp(weigh(moved, np.zeros(1), int(FOURTH + 3600))[0])

    whole = quad(density, -3000, 30 * mean_s + 6000, limit=400, points=[0.0, mean_s])[0]
    assert whole == pytest.approx(1.0, abs=1e-5)


def test_far_behind_the_model_the_tail_of_what_it_leaves_out_stands():
    one = replace(SEEN, late_s=80_000.0, error_s=60.0, miss_share=0.1, miss_s=3600.0)
    found = weigh(one, np.zeros(1), int(FOURTH))[0]
    assert found == pytest.approx(math.log(0.1 / 3600) - 80_000 / 3600, abs=0.01)


def test_a_day_alone_says_whether_it_was_that_day():
    late_s = np.array([0.0, 86_400.0, np.nan, 3600.0])
    assert weigh(SEEN, late_s, int(FOURTH + 50_400)).tolist() == [0.0, -np.inf, -np.inf, 0.0]


def test_the_likelihood_of_a_sure_journey_is_the_density_at_its_time():
    model = make_uncertain(trusts_announcements=False)
    names = [unknown.name for unknown in list_unknowns(model)]
    assert names == ["times/T2"]
    seen_s = FOURTH + 15 * 3600
    seen = prepare_sightings(model, [replace(SEEN, at_s=seen_s)], names)
    scores = np.array([[-1.0], [0.0], [0.5], [2.0]])
    found = weigh_sightings(seen, scores, np.arange(4), journeys=3)
    later_s = [max(place_triangular(norm.cdf(score)), 0.0) * 3 * 3600 for score in scores[:, 0]]
    expected = norm.logpdf(seen_s, FOURTH + 14 * 3600 + np.rint(later_s), 600.0)
    assert found == pytest.approx(expected, rel=1e-9)


def test_rows_do_not_depend_on_each_other():
    tables = make_tables(disturbances=[make_disturbance("D", rate=0.5)])
    model = build_model(tables)
    names = [unknown.name for unknown in list_unknowns(model)]
    seen = prepare_sightings(model, [replace(SEEN, at_s=FOURTH + 50_400)], names)
    scores = np.random.default_rng(1).standard_normal((6, len(names)))
    keys = np.arange(6) * 977
    whole = weigh_sightings(seen, scores, keys, journeys=8)
    parts = [weigh_sightings(seen, scores[[n]], keys[[n]], journeys=8)[0] for n in range(6)]
    assert whole.tolist() == parts
    assert np.isfinite(whole).all()


def test_a_timetable_that_cannot_be_kept_as_announced_was_not_announced():
    model = make_uncertain()
    # Half a day later is the next day: nobody would have announced day 0.
    late = replace(model, high_s=model.plan.times_s + 12 * 3600)
    names = [unknown.name for unknown in list_unknowns(late)]
    seen = prepare_sightings(late, [SEEN], names)
    scores = np.array([[0.0] * len(names), [3.0 if name == "times/T2" else 0.0 for name in names]])
    found = weigh_sightings(seen, scores, np.arange(2), journeys=2)
    assert found.tolist() == [0.0, -np.inf]


def test_stated_scores_stand_and_the_others_are_drawn():
    tables = make_tables(disturbances=[make_disturbance("D"), make_disturbance("E")])
    ranges = [
        {"table": "disturbances", "key": name, "attribute": "rate", "low": 0.05, "best": 0.1,
         "high": 0.4}
        for name in "DE"
    ]  # fmt: skip
    estimates = pl.DataFrame(ranges)
    model = build_model(tables | {"estimates": estimates})
    best = draw_plan(model, -1).plan.hazard_sum.max()
    plain, again = (draw_plan(model, draw).plan for draw in (3, Draw(3)))
    assert np.array_equal(plain.hazard_sum, again.hazard_sum)
    highest = {"disturbances/D": 9.0, "disturbances/E": 9.0}
    assert draw_plan(model, Draw(3, highest)).plan.hazard_sum.max() == pytest.approx(4 * best)
    middle = dict.fromkeys(highest, 0.0)
    assert draw_plan(model, Draw(3, middle)).plan.hazard_sum.max() == pytest.approx(best)
    names = {unknown.name: unknown for unknown in list_unknowns(model)}
    rate = names["disturbances/D"]
    assert (rate.low, rate.best, rate.high) == (pytest.approx(0.5), 1.0, pytest.approx(4.0))
    assert rate.value_at(0.0) == 1.0
