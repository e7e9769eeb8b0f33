"""Small campaigns whose right answer is known: long assets, and plans of no work."""

import os
import shutil
from pathlib import Path

import pytest

from arterial.flows.campaign import plan_campaign
from arterial.flows.run import RunOutcome

SHARED = Path(os.environ.get("ARTERIAL_SHARED", Path(__file__).parents[3] / "shared"))
CASES = SHARED / "cases" / "campaign"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")


def plan(name: str, folder: Path) -> RunOutcome:
    study = folder / name
    shutil.copytree(CASES / name, study)
    return plan_campaign(study, output=folder / f"{name}-run")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("c_window_short", "20 needed, there are 10"),
        ("c_no_worth", "keeps trains waiting longer by its possessions than it saves them"),
        ("c_dur_long", "it lasts 12 months, the campaign 6"),
        ("c_no_flow", "no train runs"),
    ],
)
def test_a_plan_of_no_work_is_a_result_with_its_reason(tmp_path, name, reason):
    outcome = plan(name, tmp_path)
    first = outcome.summary[0]
    assert first.startswith("Nothing is planned: ")
    assert reason in first
    chosen = outcome.results["campaign_totals"].filter(plan_id="chosen").row(0, named=True)
    assert (chosen["sites_count"], chosen["benefit"]) == (0, 0.0)
    page = outcome.report.read_text("utf-8")
    assert "Nothing is planned" in page
    assert len((outcome.folder / "plan.csv").read_text("utf-8").splitlines()) == 1


def test_long_rows_of_a_register_are_planned_as_rows_of_a_kilometre(tmp_path):
    totals, misfits = {}, {}
    for name in ("campaign-long-asset", "campaign-km-assets"):
        results = plan(name, tmp_path).results
        totals[name] = results["campaign_totals"].filter(plan_id="chosen").row(0, named=True)
        misfits[name] = results["campaign_misfits"].height
    long, short = totals.values()
    assert long["sites_count"] == pytest.approx(short["sites_count"], rel=0.02)
    assert long["benefit"] == pytest.approx(short["benefit"], rel=0.02)
    assert long["benefit"] > 50_000
    assert len(set(misfits.values())) == 1
