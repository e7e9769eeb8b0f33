"""The report in plain words: counted by hand from the made-up run."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from arterial.report import KeyFigure, key_figures, summarise
from arterial.report.hindrances import describe_train_days
from arterial.report.outcomes import count_outcomes, list_statement_conflicts
from arterial.study.tables import conform_table

COACH = "Pyongyang\N{EN DASH}Moscow coach"


def sentence(study, results, start: str) -> str:
    found = [text for text in summarise(study, results) if text.startswith(start)]
    assert len(found) == 1, found
    return found[0]


def with_verdicts(results, verdict: str):
    return {**results, "trips": results["trips"].with_columns(verdict=pl.lit(verdict))}


def test_no_more_than_nine_sentences_and_the_departures_come_first(study, results):
    told = summarise(study, results)
    assert len(told) == 9
    assert told[0].startswith("62 departures of 1 service ")
    assert told[1].startswith("Computed, of 60 departures")
    assert told[-1].startswith("Assumed:")


def test_departures_are_counted_by_status(study, results):
    # 31 months with two departures; one reported, 8 announced, two suspended.
    text = sentence(study, results, "62 departures")
    assert "1 reported as run, 8 past and only announced, 51 planned and 2 suspended" in text
    assert text.endswith("as known on 1 November 2025.")


@pytest.mark.parametrize(
    ("published_on", "count"),
    [("2025-07-05", 1), ("2025-08", 1), ("2025-07-04", 0), ("2025-07", 0), (None, 0)],
)
def test_a_departure_that_was_seen_is_not_only_announced(study, results, published_on, count):
    event = {"statement_id": "E", "service_id": "PYM-MOW", "point_id": "KHA", "event": "passing"}
    event |= {"departure_date": dt.date(2025, 7, 3), "stated_day_offset": 2, "source_id": "N"}
    source = {"source_id": "N", "title": "News", "published_on": published_on}
    tables = {
        name: conform_table(name, pl.DataFrame([row]), fill_missing=True)
        for name, row in {"published_events": event, "sources": source}.items()
    }
    known = replace(study, tables={**study.tables, **tables})
    text = sentence(known, results, "62 departures")
    seen = f"{count} seen under way, arrival not reported, " if count else ""
    assert f"1 reported as run, {seen}{8 - count} past and only announced, 51 planned" in text


def test_failing_risky_and_working_departures_are_told_apart(study, results):
    # Of 60 that are not suspended 30 work, 9 lack a host, 11 are at risk, 10 are unknown.
    text = sentence(study, results, "Computed, of 60 departures")
    assert "on 9 an announced host train does not run" in text
    assert "on 11 everything hangs on hours that nobody published" in text
    assert "on 10 too little is known to judge" in text
    assert "30 are shown to work" in text
    # With the likeliest times 540 min at Khasan are enough for 500, so none misses there.
    assert "possible with the kindest times, not shown with all of them." in text


def test_a_connection_that_the_likeliest_times_miss_is_counted(study, results):
    tight = results["connections"].with_columns(required_min=pl.lit(600.0))
    text = sentence(study, {**results, "connections": tight}, "Computed, of 60 departures")
    assert "with the likeliest times 11 of these miss a connection" in text


def test_published_hours_are_not_said_to_be_unpublished(study, results):
    events = results["trip_events"].with_columns(basis=pl.lit("published"))
    text = sentence(study, {**results, "trip_events": events}, "Computed, of 60 departures")
    assert "nobody published" not in text
    assert "on 11 a connection or a set may fail" in text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("connection_too_short", "a connection cannot be made even with the kindest times"),
        ("border_closed", "a connection cannot be made even with the kindest times"),
        ("set_not_back", "something else forbids the run"),
    ],
)
def test_each_reason_not_to_run_is_named(study, results, kind, words):
    findings = results["findings"].with_columns(kind=pl.lit(kind))
    text = sentence(study, {**results, "findings": findings}, "Computed, of 60 departures")
    assert f"on 9 {words}" in text


def test_all_departures_that_work_or_are_at_risk_are_said_to_be_all(study, results):
    working = with_verdicts(results, "works")
    arrivals = results["statement_checks"].with_columns(kind=pl.lit("arrival_day"))
    working = {**working, "statement_checks": arrivals}
    assert sentence(study, working, "Computed: all 60 departures work as announced.")
    risky = sentence(study, with_verdicts(results, "at_risk"), "Computed, of 60 departures")
    assert "on all everything hangs on hours that nobody published (at risk: 60)" in risky
    assert "shown to work" not in risky


def test_elapsed_times_are_told_with_their_range(study, results):
    text = sentence(study, results, "Computed true elapsed time")
    assert f"{COACH} 8 d 7 h (8 d 4 h to 8 d 14 h)." in text


def test_the_way_back_is_told_beside_the_way_out(study, results):
    trips = results["trips"]
    others = [trips.with_columns(service_id=pl.lit(name)) for name in ("A-B", "MOW-PYM")]
    text = sentence(study, {**results, "trips": pl.concat([trips, *others])}, "Computed true")
    assert text.index("MOW-PYM 8 d") < text.index("A-B 8 d")


def test_what_stops_the_coach_is_named_with_train_place_and_days(study, results):
    text = sentence(study, results, "Computed: what stops")
    assert text == (
        "Computed: what stops a coach most often is train 651 at Khasan, which runs Mon, Wed and "
        "Fri while the coach needs it on the day after departure (9 departures without it)."
    )


@pytest.mark.parametrize(
    ("pattern", "days", "words"),
    [
        ("weekdays", "Tue", "runs Tue"),
        ("daily", None, "runs daily"),
        ("days_of_month", "4;18", "runs on the 4th and 18th"),
        ("days_of_month", "last", ""),
        ("every_n_days", "2", ""),
    ],
)
def test_the_days_of_a_train_are_told_where_its_calendar_is_simple(study, pattern, days, words):
    rule = {"calendar_id": "C", "sequence": 1, "pattern": pattern, "days": days, "effect": "runs"}
    changed = study.with_tables(calendar_rules=pl.DataFrame([rule]).cast({"days": pl.String}))
    assert describe_train_days(changed, "RU-651") == words


def test_without_blocking_findings_the_likeliest_trouble_is_named(study, results):
    mild = {**results, "findings": results["findings"].filter(pl.col("severity") != "block")}
    text = sentence(study, mild, "Computed: nothing was found that stops")
    assert (
        "at risk on most dates, whatever the chance, is the change to train 001 at Ussuriysk ("
        in text
    )
    notes = results["findings"].filter(pl.col("severity") == "note")
    text = sentence(study, {**results, "findings": notes}, "Computed: nothing was found")
    assert text.endswith("findings are risks and differences.")


def test_coach_sets_are_told_with_their_range_spares_and_the_tightest_turn(study, results):
    text = sentence(study, results, "Computed need of coach sets")
    assert "DPRK coaches at least 2 coach sets (2 to 3) and 1 spare" in text
    assert "the tightest turn is at Moscow Yaroslavsky (32 d 12 h of slack" in text
    turns = results["coach_turns"].with_columns(slack_h=pl.lit(-0.5))
    text = sentence(study, {**results, "coach_turns": turns}, "Computed need of coach sets")
    assert "(30 min short" in text


def test_statements_in_conflict_are_named_in_words(study, results):
    text = sentence(study, results, "Of 2 published statements")
    assert "1 conflict with it or have two meanings" in text
    assert "Pyongyang, 2026: stated 24 h 41 min, computed 23 h 41 min." in text
    holding = results["statement_checks"].with_columns(verdict=pl.lit("holds"))
    text = sentence(study, {**results, "statement_checks": holding}, "Of 2 published statements")
    assert text.endswith("none is in conflict with it.")


def test_conflicts_of_different_kinds_come_first(results):
    one = results["statement_checks"].tail(1)
    rows = [
        ("a", "frequency", "contradicted"),
        ("b", "frequency", "contradicted"),
        ("c", "place", "ambiguous"),
        ("d", "run", "cannot_tell"),
    ]
    checks = pl.concat(
        one.with_columns(statement_id=pl.lit(name), kind=pl.lit(kind), verdict=pl.lit(verdict))
        for name, kind, verdict in rows
    )
    assert [row["statement_id"] for row in list_statement_conflicts(checks)] == ["c", "a", "b"]


def test_what_is_unknown_of_the_coach_is_named_by_attribute(study, results):
    text = sentence(study, results, "Computed, coach held against")
    assert "nothing that is known forbids the run; heating needs care" in text
    assert text.endswith("unknown on some sections or trains: loading gauge.")
    blocked = results["compatibility_checks"].with_columns(verdict=pl.lit("block"))
    text = sentence(study, {**results, "compatibility_checks": blocked}, "Computed, coach held")
    assert f"forbids the run of {COACH}; nothing is left unknown." in text


def test_an_empty_run_says_nothing(study):
    assert summarise(study, {}) == ()
    assert key_figures(study, {}) == ()


def test_outcomes_add_up_to_the_departures_that_are_judged(results):
    found = count_outcomes(results)
    judged = found.ran + found.working + found.blocked + found.at_risk + found.unknown
    assert found.judged == judged == 60


def test_a_departure_that_ran_is_said_to_have_run_and_is_neither_at_risk_nor_unshown(
    study, results
):
    text = sentence(study, with_verdicts(results, "ran"), "Computed, of 60 departures")
    assert "60 reported as run" in text
    assert "at risk" not in text
    assert "shown to work" not in text


def test_departures_at_risk_are_split_by_their_simulated_chance(results):
    risky = with_verdicts(results, "at_risk")
    trips = risky["trips"]["trip_id"].to_list()[:4]
    chances = pl.DataFrame(
        {"group_id": trips, "measure": ["announced_day"] * 4, "share": [1.0, 0.9, 0.6, 0.1]}
    )
    assert count_outcomes({**risky, "punctuality": chances}).by_chance == (2, 1, 1)


def test_without_an_announced_arrival_nothing_is_said_to_work_as_announced(study, results):
    working = with_verdicts(results, "works") | {"statement_checks": pl.DataFrame()}
    computed = working["trip_events"].with_columns(basis=pl.lit("computed"))
    text = sentence(study, {**working, "trip_events": computed}, "Computed: all 60 departures")
    assert "no arrival is announced" in text


def test_a_horizon_without_a_departure_is_said_to_have_none(study, results):
    empty = {**results, "trips": results["trips"].clear()}
    (first, *rest) = summarise(study, empty)
    assert first.startswith("No departure of")
    assert not any("forbids the run" in text for text in rest)


@pytest.mark.parametrize(
    ("label", "value", "detail"),
    [
        ("Departures without a host", "9 of 60", "host train does not run"),
        ("Departures at risk", "11 of 60", "not shown with all"),
        ("Departures shown to work", "30 of 60", "with all times"),
        ("True elapsed time, computed", "8 d 7 h", "8 d 4 h to 8 d 14 h"),
        ("Coach sets, at least", "2", "2 to 3 over the range of times; 1 pool, 1 spare on top"),
        ("Route", "10\u202f200 km", "Main route; 10\u202f200 km over 2 variants"),
        ("Statements in conflict", "1 of 2", "1 hold, 0 cannot be settled"),
        ("Values assumed or estimated", "2", "assumption: 1"),
    ],
)
def test_key_figures_are_those_of_the_tables(study, results, label, value, detail):
    figures: dict[str, KeyFigure] = {figure.label: figure for figure in key_figures(study, results)}
    assert figures[label].value == value
    assert detail in figures[label].detail


def test_other_reasons_than_hosts_name_the_tile_otherwise(study, results):
    findings = results["findings"].with_columns(kind=pl.lit("connection_too_short"))
    labels = [figure.label for figure in key_figures(study, {**results, "findings": findings})]
    assert "Departures that cannot be made" in labels
    assert "Departures without a host" not in labels
