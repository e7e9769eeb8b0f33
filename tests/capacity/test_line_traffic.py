"""Crossings and capacity of the flagship study, and hosts found by hand."""

import dataclasses
import datetime as dt
from itertools import pairwise

import polars as pl
import pytest

from arterial.capacity.line_traffic import TRAFFIC_TABLES, HostDay, list_host_days
from arterial.flows.run import RunOutcome
from arterial.report import build_report, summarise
from arterial.study import Study

HOSTS = (HostDay("KP-7", dt.date(2025, 6, 17)), HostDay("KP-8", dt.date(2025, 7, 3)))
Results = dict[str, pl.DataFrame]


def test_a_study_without_flows_has_every_table_empty(small_run: RunOutcome) -> None:
    assert all(small_run.results[name].is_empty() for name in TRAFFIC_TABLES)


def test_the_hosts_are_the_trains_of_the_line_and_its_return(
    moscow_study: Study, moscow: Results
) -> None:
    stops, events = moscow_study.table("train_stops"), moscow["trip_events"]
    found = list_host_days(moscow_study, stops, events, among=["KP-8", "KP-7"])
    assert found == HOSTS
    assert list_host_days(moscow_study, stops, events, among=[]) == ()


def test_the_day_of_a_train_boarded_on_its_way_is_that_of_its_first_stop(
    moscow_study: Study,
) -> None:
    report = moscow_study.settings.report.model_copy(update={"trip_ids": ("T",)})
    study = dataclasses.replace(
        moscow_study, settings=moscow_study.settings.model_copy(update={"report": report})
    )
    stops = pl.DataFrame({
        "train_id": ["9", "9", "9"],
        "sequence": [1, 2, 3],
        "point_id": ["a", "b", "c"],
        "departure_day": [None, 1, None],
    })  # fmt: skip
    event = {"trip_id": "T", "sequence": 1, "event": "departure", "train_id": "9"}
    event |= {"local_time": "2025-03-01 00:30"}
    boarded = pl.DataFrame([event | {"point_id": "b"}])
    found = list_host_days(study, stops, boarded, among=["9"])
    assert found == (HostDay("9", dt.date(2025, 2, 28)),)
    unknown = pl.DataFrame([event | {"point_id": "c"}])
    assert list_host_days(study, stops, unknown, among=["9"]) == ()


def test_no_two_paths_are_on_a_single_track_at_once(moscow_study: Study, moscow: Results) -> None:
    sections = moscow_study.table("sections")
    single = sections.filter(pl.col("tracks_count") == 1)["section_id"]
    host = pl.col("path_id").str.split("|").list.first()
    ends = pl.concat_list("from_point", "to_point").list.sort().list.join("~")
    uses = moscow["path_occupations"].filter(
        pl.col("kind") == "step", pl.col("section_id").is_in(single.implode())
    )
    groups = uses.with_columns(host=host, ends=ends).sort("from_at_s").group_by("host", "ends")
    count = 0
    for _, group in groups:
        for before, after in pairwise(group.select("from_at_s", "to_at_s").iter_rows()):
            assert before[1] <= after[0]
            count += 1
    assert count > 1000


def test_every_crossing_shown_with_paths_refers_to_one(moscow: Results) -> None:
    drawn = moscow["crossings"].filter(
        (pl.col("flow_case") == "best") & (pl.col("host_order") == "among_passenger")
    )
    paths = moscow["train_paths"].select("path_id", "point_id")
    missing = drawn.filter(pl.col("kind") == "crossing").join(
        paths, left_on=["other_path_id", "point_id"], right_on=["path_id", "point_id"], how="anti"
    )
    assert missing.is_empty()
    assert drawn["train_id"].unique().sort().to_list() == ["KP-7", "KP-8"]


@pytest.mark.parametrize("host", HOSTS)
def test_the_waits_of_a_host_are_told_the_same_everywhere(moscow: Results, host: HostDay) -> None:
    name = f"{host.train_id}@{host.operating_day}"
    own = moscow["train_paths"].filter(pl.col("path_id") == f"{name}|{name}")
    case = (
        (pl.col("train_id") == host.train_id)
        & (pl.col("flow_case") == "best")
        & (pl.col("host_order") == "among_passenger")
    )
    waits = moscow["crossings"].filter(case)["host_wait_s"].sum()
    assert own["wait_s"].sum() == waits
    assert moscow["crossing_delays"].filter(case)["waits_count"][0] == (own["wait_s"] > 0).sum()


def test_the_host_that_goes_first_waits_least_and_last_waits_most(moscow: Results) -> None:
    delays = moscow["crossing_delays"].filter(pl.col("train_id") == "KP-7")
    for case in ("low", "best", "high"):
        rows = delays.filter(pl.col("flow_case") == case)
        wait = dict(rows.select("host_order", "wait_h").iter_rows())
        assert wait["first"] <= wait["among_passenger"] <= wait["last"]


def test_what_the_figures_take_on_trust_is_listed(moscow: Results) -> None:
    names = set(moscow["assumptions"]["assumption_id"])
    assert {"capacity:reliability", "train_paths:following_interval_s"} <= names
    assert moscow["assumptions"]["assumption_id"].is_unique().all()


def test_keys_of_the_tables_are_unique_over_both_hosts(moscow: Results) -> None:
    assert moscow["train_paths"].select("path_id", "sequence").is_unique().all()
    assert moscow["path_occupations"]["occupation_id"].is_unique().all()
    assert moscow["crossings"]["crossing_id"].is_unique().all()


def test_the_summary_tells_the_crossings_and_the_page_stays_small(
    moscow_study: Study, moscow: Results
) -> None:
    summary = summarise(moscow_study, moscow)
    (told,) = [text for text in summary if "limiting stretch" in text]
    assert "host train 7 of 17 June 2025" in told
    stamp = {"run": "x"}
    assert len(build_report(moscow_study, moscow, summary=summary, stamp=stamp)) < 1_500_000
