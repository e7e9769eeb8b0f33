"""The report in plain words: counted by hand from the made-up run."""

import polars as pl
import pytest

from arterial.report import KeyFigure, key_figures, summarise


def sentence(study, results, start: str) -> str:
    found = [text for text in summarise(study, results) if text.startswith(start)]
    assert len(found) == 1, found
    return found[0]


def test_departures_are_counted_by_status(study, results):
    # 31 months with two departures; one reported, 8 announced, two suspended.
    text = sentence(study, results, "62 departures")
    assert "1 reported as run, 8 past and only announced, 51 planned and 2 suspended" in text
    assert "as the evidence stood on 1 November 2025" in text


def test_verdicts_are_those_of_departures_that_are_not_suspended(study, results):
    text = sentence(study, results, "Computed, Pyongyang")
    assert "of 60 departures, 30 work as announced" in text
    assert "8 d 7 h (8 d 4 h to 8 d 14 h with all uncertainty)" in text


def test_what_stops_the_coach_is_named_with_train_and_place(study, results):
    text = sentence(study, results, "Computed: what stops")
    assert "host does not run (train 651 at Khasan), 9 times" in text


def test_without_blocking_findings_nothing_is_said_to_stop(study, results):
    mild = {**results, "findings": results["findings"].filter(pl.col("severity") != "block")}
    assert sentence(study, mild, "Computed: nothing was found that stops")


def test_coach_sets_are_told_with_their_range_and_what_is_not_known(study, results):
    text = sentence(study, results, "Computed: the trips of DPRK coaches")
    assert "at least 2 coach sets (2 to 3 over the range of times)" in text
    assert "how many there are is unknown" in text


def test_statements_are_counted_by_verdict(study, results):
    text = sentence(study, results, "Of 2 published statements")
    assert "1 holds and 1 holds only if time zones are ignored" in text


def test_one_verdict_for_all_is_said_so(study, results):
    trips = results["trips"].with_columns(verdict=pl.lit("at_risk"))
    text = sentence(study, {**results, "trips": trips}, "Computed, Pyongyang")
    assert "of 60 departures, all are at risk." in text


def test_an_empty_run_says_nothing(study):
    assert summarise(study, {}) == ()
    assert key_figures(study, {}) == ()


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Departures that work as announced", "30 of 60"),
        ("True elapsed time, computed", "8 d 7 h"),
        ("Coach sets needed at least", "2"),
        ("Longest route", "10\u202f200 km"),
        ("Published statements that hold", "1 of 2"),
        ("Values assumed or estimated", "2"),
    ],
)
def test_key_figures_are_those_of_the_tables(study, results, label, value):
    figures: dict[str, KeyFigure] = {figure.label: figure for figure in key_figures(study, results)}
    assert figures[label].value == value
