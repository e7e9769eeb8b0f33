"""Small campaigns whose right answer is known: long assets, and plans of no work."""

import os
import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from arterial.assets.register import EVEN, build_register
from arterial.campaign.choice.cutting import cut_assets
from arterial.campaign.choice.sites import bundle_sites, list_sites
from arterial.flows.campaign import plan_campaign
from arterial.flows.run import RunOutcome
from arterial.study import apply_defaults, read_study

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


def cut_register(folder: Path, step_m: float) -> None:
    """Write what is worked at by the kilometre anew, as rows of a length."""
    path = folder / "tables" / "assets.csv"
    rows = []
    for row in pl.read_csv(path).iter_rows(named=True):
        begin, end = row["from_offset_m"], row["to_offset_m"]
        if row["kind"] not in {"track", "catenary", "embankment"}:
            rows.append(row)
            continue
        for number in range(-int(-(end - begin) // step_m)):
            ends = {
                "from_offset_m": begin + number * step_m,
                "to_offset_m": min(begin + (number + 1) * step_m, end),
            }
            rows.append(row | ends | {"asset_id": f"{row['asset_id']}-{number}"})
    pl.DataFrame(rows, infer_schema_length=None).write_csv(path)


def list_works(study: Path) -> pl.DataFrame:
    """The work sites of a study, with what they take and where they lie."""
    read = read_study(study)
    tables = cut_assets({name: apply_defaults(read, name) for name in read.tables})
    settings = read.settings
    register = build_register(tables, as_of=settings.as_of, seed=settings.seed, draw=EVEN)
    sites = list_sites(tables, register)
    assert len(bundle_sites(sites).members) >= sites.frame.height
    places = ("section_id", "kind", "work_id", "from_offset_m", "to_offset_m")
    needs = ("amount", "labour_h", "possession_h", "setup_h", "duration_months")
    return sites.frame.select(*places, *needs).sort(places)


@pytest.mark.parametrize("step_m", [100.0, 250.0, 800.0, 1000.0, 7300.0, 60_000.0])
def test_a_register_of_rows_of_any_length_gives_the_same_work_sites(tmp_path, step_m):
    study = tmp_path / "study"
    shutil.copytree(CASES / "campaign-long-asset", study)
    whole = list_works(study)
    cut_register(study, step_m)
    assert_frame_equal(list_works(study), whole)
