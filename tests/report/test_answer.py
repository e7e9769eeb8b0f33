"""What is read first: the same answer on terminal and page, agreeing with the tables."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from arterial.cli.answers import format_answer
from arterial.flows.run import resolve_study
from arterial.report import answer_study, build_report
from arterial.report.concerns import list_concerns, propose_next
from arterial.study import read_study
from timetable_page_cases import few_trains, made_up_line

STUDIES = Path(__file__).parents[2] / "studies"


@pytest.fixture(scope="module")
def answer(study, simulated):
    return answer_study(study, simulated)


def test_services_have_the_counts_and_chances_of_the_tables(answer, study, simulated):
    names = dict(study.table("coach_services").select("service_id", "name").iter_rows())
    trips = simulated["trips"]
    assert {row.name for row in answer.services} == {names[key] for key in trips["service_id"]}
    counts = [part.split()[0] for row in answer.services for part in row.departures.split(", ")]
    assert sum(int(count) for count in counts) == trips.height
    announced = simulated["punctuality"].filter(pl.col("measure").str.starts_with("announced"))
    told = [row.chance for row in answer.services if row.limit]
    assert told
    assert set(told) <= set(announced["share"])


def test_the_headline_tells_the_ends_of_the_chances_with_their_ranges(answer):
    chances = [row.chance for row in answer.services if row.chance is not None]
    for end in (min(chances), max(chances)):
        assert f"{100 * end:.0f} % (" in answer.headline


@pytest.mark.parametrize(("verdict", "is_told"), [("does_not_work", True), ("at_risk", False)])
def test_the_headline_says_that_chances_count_what_can_be_made(study, simulated, verdict, is_told):
    trips = simulated["trips"].with_columns(verdict=pl.lit(verdict))
    headline = answer_study(study, {**simulated, "trips": trips}).headline
    assert ("is kept where its hosts run with a chance of" in headline) == is_told


def test_what_stops_a_coach_comes_before_what_endangers_it(answer):
    order = ["block", "warn", "note"]
    ranks = [order.index(concern.gravity) for concern in answer.concerns]
    assert ranks == sorted(ranks)
    assert len(answer.concerns) <= 3
    assert all(concern.cure for concern in answer.concerns)


def _count_hours(text: str) -> float:
    words = text.split()
    found = {unit: float(number) for number, unit in pairwise(words) if unit in {"h", "min"}}
    return found.get("h", 0.0) + found.get("min", 0.0) / 60


def test_cures_of_a_hand_over_lead_with_what_was_simulated_to_save_most(study, simulated):
    risks = [write() for write in list_concerns(study, simulated)]
    led = [each.first_cure for each in risks if "(simulated)" in each.first_cure]
    assert led
    for cure in led:
        # "2 h less work there saves 1 h 30 min, 2 h more waiting by train 1 saves 20 min".
        hours = [_count_hours(part.rpartition(" saves ")[2]) for part in cure.split(", ")]
        assert hours == sorted(hours, reverse=True)
    assert not any("A spare set" in each.cure for each in risks)
    without = {**simulated, "buffer_values": pl.DataFrame()}
    assert not any("simulated)" in write().cure for write in list_concerns(study, without))


@pytest.mark.parametrize(("with_one_more", "is_told"), [(0.1, True), (0.29, False)])
def test_a_spare_set_is_proposed_only_where_it_saves(study, simulated, with_one_more, is_told):
    pool, *_ = study.table("coach_pools").iter_rows(named=True)
    planned = pool["spare_sets"] or 0
    risks = pl.DataFrame(
        {
            "pool_id": pool["pool_id"],
            "spare_sets": [planned, planned + 1],
            "lost_share": [0.3, with_one_more],
        }
    )
    finding = (
        simulated["findings"]
        .head(1)
        .with_columns(
            finding_id=pl.lit(f"{pool['pool_id']}:tight_turn:X"),
            kind=pl.lit("set_not_back"),
            severity=pl.lit("warn"),
            cure=pl.lit("A longer planned stay; observed delays would settle it."),
        )
    )
    tables = {"findings": finding, "rotation_risks": risks}
    (concern,) = (write() for write in list_concerns(study, tables))
    assert ("One more spare set" in concern.cure) == is_told
    assert "longer planned stay" in concern.cure


def test_a_study_of_trains_alone_tells_the_worst_place_and_when():
    answer = answer_study(made_up_line(), few_trains())
    assert "cannot be run as stated" in answer.headline
    assert answer.concerns[0].what == "Not judged: train D"
    concern = answer.concerns[1]
    assert concern.gravity == "block"
    assert "head-on on single track" in concern.what
    assert "2026-03-01" in concern.why
    assert concern.section == "timetable"


def test_without_results_nothing_is_said(study):
    empty = answer_study(study, {})
    assert (empty.headline, empty.services, empty.concerns, empty.basis) == ("", (), (), "")
    assert format_answer(empty) == ""


@pytest.mark.parametrize("columns", ["80", "120"])
def test_a_terminal_shows_it_on_one_screen(answer, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    lines = format_answer(answer).splitlines()
    assert len(lines) <= 24
    assert max(len(line) for line in lines) <= int(columns)
    assert lines[0].startswith("Of ")


def test_a_range_of_one_value_is_written_once(answer, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    row = replace(answer.services[0], chance=0.5, chance_low=0.5, chance_high=0.5)
    text = format_answer(replace(answer, services=(row,)))
    assert "50 % (50 %)" in text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 390])
def test_the_page_opens_with_it(built, open_page, study, simulated, answer, width):
    assert built.style
    reader = open_page(build_report(study, simulated, summary=["One sentence."], stamp={}))
    assert reader.errors == []
    page = reader.page
    page.set_viewport_size({"width": width, "height": 900})
    headline = page.locator("#summary .headline")
    # Units stay with their figures.
    assert headline.inner_text().replace("\N{NO-BREAK SPACE}", " ") == answer.headline
    assert " %" not in headline.inner_text()
    assert headline.bounding_box()["y"] < 400
    # What to do is on the first screen, and no mark hangs outside the text.
    assert page.locator(".concerns .cure").first.bounding_box()["y"] < 844
    text = page.locator(".concerns .symbol").first
    assert text.evaluate("(node) => getComputedStyle(node).textIndent") == "0px"
    assert page.locator(".answer-services tbody tr").count() == len(answer.services)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not page.get_by_text("One sentence.").is_visible()
    page.get_by_text("All results in words and figures").click()
    assert page.get_by_text("One sentence.").is_visible()


def test_json_holds_it(answer):
    assert json.loads(json.dumps(answer.as_row()))["services"][0]["name"] == answer.services[0].name


def test_trains_that_stand_on_no_section_are_never_called_free_of_conflicts():
    trains = few_trains()
    times = trains["train_times"].with_columns(section_id=pl.lit(None, pl.String))
    blind = answer_study(made_up_line(), {**trains, "train_times": times})
    assert blind.headline.startswith("None of 4 trains was judged")
    assert blind.concerns[0].gravity == "block"
    assert blind.concerns[0].what.startswith("Not judged: ")
    one = times["train_id"][0]
    some = trains["train_times"].filter(pl.col("train_id") == one)
    partly = answer_study(made_up_line(), {**trains, "train_times": some})
    assert partly.headline.startswith("3 of 4 trains were not judged")


def test_a_horizon_without_departures_is_told_first(study):
    answer = answer_study(study, {"trips": pl.DataFrame(schema=["trip_id"])})
    assert answer.headline.startswith("No departure of ")
    assert "nothing is judged" in answer.headline


def make_assumptions(*places: str) -> pl.DataFrame:
    kinds = ["assumption"] * len(places)
    return pl.DataFrame({"where": places, "kind": kinds, "uses_count": [1] * len(places)})


def test_where_nothing_is_wrong_the_next_step_is_told():
    told = make_assumptions("sections A-B", "train_stops T;1", "train_stops T;2")
    (note,) = propose_next({"assumptions": told})
    assert note.gravity == "note"
    assert "disturbances.csv" in note.cure
    delays = pl.DataFrame({"scenario": ["as_is"]})
    (note,) = propose_next({"assumptions": told, "line_delays": delays})
    assert "2 of 3 assumptions, stands in train_stops" in note.why
    assert list(propose_next({})) == []


@pytest.mark.parametrize("name", ["two_stations", "tumangang_border"])
def test_the_small_studies_say_what_to_do(name):
    read = read_study(STUDIES / name)
    answer = answer_study(read, resolve_study(read))
    assert answer.concerns
    assert all(concern.first_cure for concern in answer.concerns)
