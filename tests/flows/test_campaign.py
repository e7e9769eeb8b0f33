"""A short campaign of the study of renewals, from its folder to its tables."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from arterial.cli.answers import format_outcome
from arterial.flows.campaign import plan_campaign
from arterial.study import empty_table, read_study

STUDY = Path(__file__).parents[2] / "studies" / "renewal_2025"
SHORT = """
[campaign]
months = 6
loops = 1
time_limit_s = 60.0
"""


def check_delays(study: Path, results) -> None:
    """Counts of delay agree with each other, and none passes the hours that trains run."""
    totals = results["campaign_totals"].filter(plan_id="chosen").row(0, named=True)
    delay = results["campaign_effects"].filter(subject="network", measure="delay_min")
    avoided = dict(results["campaign_delays"].select("step", "avoided_h_per_year").iter_rows())
    assert avoided["totals"] == pytest.approx(totals["delay_avoided_h_per_year"])
    if "simulated" in avoided:
        # Both directions of all flows, and minutes as hours.
        trains = 2 * 365.25 * read_study(study).table("train_flows")["trains_per_day"].sum()
        change_h = -delay["change"].item() * trains / 60.0
        assert avoided["simulated"] == pytest.approx(change_h, rel=0.01)
    assert avoided["alone"] > 0
    # No count of delay passes the hours that trains run.
    run_h = results["campaign_hours"].filter(cause="all")["run_h_per_year"].item()
    parts = results["campaign_delays"].select("before_h_per_year", "avoided_h_per_year")
    assert all(part.max() <= run_h for part in parts)


@pytest.mark.slow
def test_a_campaign_runs_from_the_study_to_its_tables(tmp_path):
    study = tmp_path / "study"
    shutil.copytree(STUDY, study, ignore=shutil.ignore_patterns("runs"))
    text = (study / "study.toml").read_text("utf-8")
    text = text.replace("draws = 10", "draws = 2").replace("line_days = 5", "line_days = 1")
    (study / "study.toml").write_text(text + SHORT, encoding="utf-8")
    outcome = plan_campaign(study, output=tmp_path / "run")
    results = outcome.results
    for name in [each for each in results if each.startswith("campaign_")]:
        assert list(results[name].columns) == list(empty_table(name).columns)
        assert (outcome.folder / f"{name}.parquet").is_file()
    totals = results["campaign_totals"]
    chosen = totals.filter(plan_id="chosen").row(0, named=True)
    assert 0 < chosen["benefit"] <= chosen["bound"]
    for rule in ("condition", "benefit", "benefit_per_labour"):
        assert totals.filter(plan_id=rule)["benefit"].item() <= chosen["bound"]
    use = results["campaign_use"]
    assert use.filter(pl.col("used") > pl.col("available") * (1 + 1e-9) + 1e-9).is_empty()
    planned = results["campaign_plan"].filter(plan_id="chosen")
    assert planned["site_id"].is_unique().all()
    for _, curve in results["campaign_curves"].group_by("resource"):
        assert curve.sort("factor")["benefit"].is_sorted()
        assert curve.sort("factor")["bound"].is_sorted()
    network = results["campaign_effects"].filter(subject="network", measure="failures_per_year")
    assert network["after"].item() < network["before"].item()
    assert network["change_error"].item() == 0.0
    delay = results["campaign_effects"].filter(subject="network", measure="delay_min")
    assert delay["change"].item() < 0 < delay["change_error"].item()
    assert chosen["benefit_error"] > 0
    assert chosen["draws_count"] == delay["draws_count"].item() == 2
    assert totals.filter(plan_id="condition")["draws_count"].item() is None
    sections = {row["section_id"] for row in read_study(study).table("sections").to_dicts()}
    assert not sections & {word.strip(".,;()") for line in outcome.summary for word in line.split()}
    assert 0 < chosen["benefit_low"] < chosen["benefit_mean"] < chosen["benefit_high"]
    ranges = {row["reading"]: row for row in results["campaign_ranges"].iter_rows(named=True)}
    assert ranges["best"]["benefit"] == pytest.approx(chosen["benefit"])
    for row in ranges.values():
        assert (row["benefit"] or 0.0) <= row["replanned"] <= row["bound"] * (1 + 1e-9)
    for name in ("derailment", "wait", "traffic", "worth"):
        assert ranges[f"{name}_low"]["benefit"] < ranges[f"{name}_high"]["benefit"]
    assert ranges["window_high"]["benefit"] < ranges["window_low"]["benefit"]
    assert ranges["labour_short"]["bound"] <= ranges["labour_low"]["bound"] * (1 + 1e-3)
    factors = results["campaign_factors"].filter(loop=0)
    assert factors["used"].min() > 0.5
    # On single track a train that is held also holds up those that it meets.
    assert factors.filter(factor="windows")["used"].item() > 1
    check_delays(study, results)
    answer = format_outcome(outcome.answer, ()).splitlines()
    assert len(answer) <= 18
    assert "in the draws" in " ".join(answer)
    derailments = results["campaign_effects"].filter(
        subject="network", measure="derailments_per_year"
    )
    assert derailments["after_best"].item() <= derailments["before_best"].item()
