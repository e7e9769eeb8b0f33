"""Hours that a campaign avoids are a part of those lost, and those of the hours that trains run."""

import os
from pathlib import Path

import pytest

from arterial.campaign.choice.building import make_problem
from arterial.campaign.choice.rules import plan_by_rules
from arterial.campaign.valuation.basis import CampaignBasis, prepare_basis
from arterial.campaign.valuation.benefits import value_sites
from arterial.campaign.valuation.delays import tabulate_hours
from arterial.study import read_study

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("ARTERIAL_SHARED", ROOT.parent / "shared"))
# Every study that states works; the others have no campaign.
STUDIES = [
    path.parents[1]
    for place in (ROOT / "studies", SHARED / "cases" / "campaign")
    for path in sorted(place.glob("*/tables/work_kinds.csv"))
]


@pytest.fixture(scope="module", params=STUDIES, ids=lambda folder: folder.name)
def basis(request) -> CampaignBasis:
    """What plans are made from, with as little chance as will do."""
    study = read_study(request.param)
    settings = study.settings
    few = settings.reliability.model_copy(update={"draws": 1, "replications": 1, "line_days": 1})
    return prepare_basis(study.with_settings(settings.model_copy(update={"reliability": few})))


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_hours_avoided_are_lost_and_hours_lost_are_run(basis, factor):
    values = value_sites(basis.sites, basis.outlook, basis.rules, factor=factor)
    campaign = make_problem(basis.tables, basis.sites, values, basis.rules)
    for plan in plan_by_rules(campaign, basis.states):
        table = tabulate_hours(basis, campaign, plan, factor=factor)
        for row in table.iter_rows(named=True):
            assert -1e-6 <= row["avoided_h_per_year"] <= row["lost_h_per_year"] * (1 + 1e-9) + 1e-6
            if row["cause"] == "all":
                assert row["lost_h_per_year"] <= row["run_h_per_year"]
        parts = table.filter(cause="all").select("avoided_h_per_year", "lost_h_per_year")
        rest = table.filter(cause="failures").vstack(table.filter(cause="speed"))
        sums = rest.select("avoided_h_per_year", "lost_h_per_year").sum()
        assert parts.is_empty() or parts.row(0) == pytest.approx(sums.row(0))
