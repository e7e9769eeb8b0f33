"""Sites, bundles and limits of a section, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from arterial.campaign.choice.building import Campaign, add_benefits, revalue
from arterial.campaign.choice.certificate import check_plan
from arterial.campaign.choice.explaining import explain_misfits, favour_sites, find_required
from arterial.campaign.choice.results import tabulate_sites, tabulate_use
from arterial.campaign.choice.rules import Plan
from arterial.campaign.choice.sites import list_sites
from arterial.campaign.choice.solve import solve_campaign
from arterial.errors import StudyError
from campaign_table_cases import REGISTER, make_campaign, make_tables

WORTHS = [30.0, 20.0, 40.0, 50.0]


def find_option(campaign: Campaign, *works: str) -> int:
    """Option of exactly these works."""
    names = campaign.sites.frame["work_id"].to_list()
    for option, members in enumerate(campaign.bundles.members.tolist()):
        if {names[row] for row in members if row >= 0} == set(works):
            return option
    return -1


def solve(campaign: Campaign) -> Plan:
    found = solve_campaign(campaign.problem, time_limit_s=60.0, workers=1, rounds=2)
    return Plan(
        plan_id="chosen", name="", option=found.option, month=found.month, value=found.value
    )


def test_a_work_that_leaves_all_wear_has_no_site():
    sites = list_sites(make_tables(), REGISTER)
    assert sites.frame["site_id"].to_list() == ["track:TR", "turnout:T", "slope:EM", "bridge:BR"]
    # A kilometre and a half of track; its set-up of 2 h counts once: 1.5 x 8 + 2.
    assert sites.frame["labour_h"].to_list() == [150.0, 100.0, 100.0, 100.0]
    assert sites.frame["possession_h"].to_list() == [14.0, 10.0, 10.0, 10.0]
    assert sites.material[:, 0].tolist() == [0.0, 1.0, 0.0, 0.0]


def test_works_of_one_stretch_share_their_set_up():
    campaign = make_campaign(WORTHS)
    problem = campaign.problem
    assert problem.n_sites == 2
    pair = find_option(campaign, "T", "EM")
    assert problem.possession_h[pair] == pytest.approx(10.0 + 10.0 - 2.0)
    assert problem.labour_h[pair] == pytest.approx(200.0)
    assert problem.benefit[pair, 0] == pytest.approx(60.0)


def test_track_is_renewed_only_with_the_drainage_that_is_due_there():
    campaign = make_campaign(WORTHS)
    assert find_option(campaign, "TR") == -1
    assert find_option(campaign, "TR", "T") == -1
    assert find_option(campaign, "TR", "EM") >= 0
    # Drainage that is worth nothing is not due.
    assert find_option(make_campaign([30.0, 20.0, 0.0, 50.0]), "TR") >= 0


def test_limits_come_from_their_tables_and_the_first_supply_holds_the_store():
    problem = make_campaign(WORTHS).problem
    assert problem.labour_limit_h.tolist() == [[200.0] * 3]
    assert problem.possession_limit_h.tolist() == [[24.0] * 3]
    assert problem.supply.tolist() == [[3.0, 2.0, 2.0]]
    assert not len(problem.budget)


def test_together_works_take_the_worst_season_of_all_their_kinds():
    campaign = make_campaign(WORTHS)
    pair = find_option(campaign, "TR", "EM")
    assert campaign.problem.season_need[campaign.problem.season[pair]].tolist() == [1.0, 2.0, 1.0]
    alone = find_option(campaign, "BR")
    assert campaign.problem.season_need[campaign.problem.season[alone]].tolist() == [1.0] * 3


def test_without_pools_labour_does_not_bind_and_other_lines_are_bound_by_the_month():
    problem = make_campaign(WORTHS, labour_pools=[], possession_limits=[]).problem
    assert np.isinf(problem.labour_limit_h).all()
    assert (problem.possession_limit_h == 744.0).all()


def test_a_plan_fits_into_all_that_there_is_and_its_use_is_told():
    campaign = make_campaign(WORTHS)
    solution = solve_campaign(campaign.problem, time_limit_s=60.0, workers=1, rounds=2)
    assert check_plan(campaign.problem, solution.option, solution.month) == pytest.approx(
        solution.value
    )
    assert solution.value <= solution.bound * (1 + 1e-9)
    plan = solve(campaign)
    use = tabulate_use(campaign, plan, solution.prices)
    assert (use["used"] <= use["available"] + 1e-9).all()
    assert use.filter(resource="labour").height == 3
    sites = tabulate_sites(campaign, plan)
    assert sites["planned_month"].drop_nulls().len() >= 2


@pytest.mark.parametrize("kind", ["labour", "possession", "material"])
def test_less_of_a_resource_is_never_worth_more_than_the_bound_of_more(kind):
    problem = make_campaign(WORTHS).problem
    whole = solve_campaign(problem, time_limit_s=60.0, workers=1, rounds=2)
    for factor in (0.0, 0.5, 0.8):
        less = solve_campaign(
            problem.with_limits(**{kind: factor}), time_limit_s=60.0, workers=1, rounds=2
        )
        assert less.value <= whole.bound * (1 + 1e-9)


def test_work_that_must_be_done_goes_first():
    campaign = make_campaign([30.0, 1.0, 40.0, 50.0], labour_pools=[{**_pool(), "gangs_count": 1}])
    required = find_required(campaign, ["turnout"])
    favoured = favour_sites(campaign, required)
    found = solve(replace(campaign, problem=favoured))
    assert explain_misfits(campaign, found, required, ["turnout"]) == []


def test_what_cannot_be_done_names_the_resource_that_binds():
    narrow = [{"limit_id": "L", "section_id": "S", "hours_per_month": 5.0}]
    campaign = make_campaign(WORTHS, possession_limits=narrow)
    required = find_required(campaign, ["bridge"])
    plan = solve(replace(campaign, problem=favour_sites(campaign, required)))
    (fault,) = explain_misfits(campaign, plan, required, ["bridge"])
    assert "bridge has to be done and does not fit" in fault.cause
    assert "possession of S (10 h a month of 5)" in fault.cause


def test_an_unknown_wish_is_a_fault():
    with pytest.raises(StudyError, match="not known"):
        find_required(make_campaign(WORTHS), ["nothing"])


def _pool() -> dict:
    return {"pool_id": "P", "name": "bureau", "hours_per_gang_month": 100.0}


def test_works_that_share_a_possession_keep_trains_waiting_once():
    campaign = make_campaign(WORTHS)
    lost = replace(campaign.values, possession_loss=np.full((4, 3), 1.5))
    worth = add_benefits(campaign.sites, lost, campaign.bundles.members)
    pair = find_option(campaign, "T", "EM")
    # The set-up of 2 h that is saved costs no train 1.5 h an hour.
    assert worth[pair, 0] - campaign.problem.benefit[pair, 0] == pytest.approx(2.0 * 1.5)
    alone = find_option(campaign, "EM")
    assert worth[alone, 0] == campaign.problem.benefit[alone, 0]


def test_what_a_site_gains_leaves_the_trains_that_wait_aside():
    campaign = make_campaign(WORTHS)
    waiting = replace(
        campaign,
        values=replace(campaign.values, possession_loss=np.full((4, 3), 1.5)),
    )
    hours = campaign.sites.frame["possession_h"].to_numpy()
    assert waiting.gain[:, 0] - campaign.values.benefit[:, 0] == pytest.approx(1.5 * hours)


def test_a_problem_with_other_worths_keeps_its_options():
    campaign = make_campaign(WORTHS)
    doubled = revalue(campaign, replace(campaign.values, benefit=2.0 * campaign.values.benefit))
    finite = np.isfinite(campaign.problem.benefit)
    assert (np.isfinite(doubled.problem.benefit) == finite).all()
    assert doubled.problem.benefit[finite] == pytest.approx(2.0 * campaign.problem.benefit[finite])
