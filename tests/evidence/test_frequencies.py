import datetime as dt

import pytest

from arterial.evidence.statements import check_frequencies

HORIZON = (dt.date(2025, 6, 1), dt.date(2026, 12, 31))
TWICE = {"pattern": "days_of_month", "days": "3;17", "valid_from": dt.date(2025, 6, 17)}


@pytest.fixture
def check(make_tables):
    def run(*wordings, rules=(TWICE,)):
        tables = make_tables(
            published_frequencies=[
                {"statement_id": f"f{n}", "service_id": "s", "wording": wording}
                for n, wording in enumerate(wordings)
            ],
            coach_services=[{"service_id": "s", "calendar_id": "c"}],
            calendar_rules=[
                {"calendar_id": "c", "sequence": n, "effect": "runs", **rule}
                for n, rule in enumerate(rules, start=1)
            ],
        )
        return check_frequencies(tables, *HORIZON)

    return run


@pytest.mark.parametrize(
    ("wording", "verdict"),
    [
        ("twice a month", "holds"),
        ("every 14 days", "contradicted"),
        ("bi-monthly", "ambiguous"),
        ("now and then", "cannot_tell"),
    ],
)
def test_a_wording_is_held_against_24_departures_a_year(check, wording, verdict):
    (found,) = check(wording)
    assert (found.computed, found.verdict) == ("24 departures a year", verdict)


def test_wordings_with_no_count_in_common_conflict(check):
    twice, fortnight, both = check("twice a month", "every 14 days", "bi-monthly")
    assert twice.conflicts_with == ("f1",)
    assert fortnight.conflicts_with == ("f0", "f2")
    assert both.conflicts_with == ("f1",)


def test_suspended_days_still_count_as_planned_and_are_named(check):
    pause = {
        **TWICE,
        "effect": "suspended",
        "valid_from": dt.date(2025, 7, 1),
        "valid_to": dt.date(2025, 7, 31),
    }
    (found,) = check("twice a month", rules=(TWICE, pause))
    assert found.verdict == "holds"
    assert "2 of them were suspended" in found.calculation


def test_a_calendar_of_a_few_weeks_is_not_counted_over_a_year(check):
    (found,) = check("twice a month", rules=({**TWICE, "valid_to": dt.date(2025, 8, 1)},))
    assert found.verdict == "cannot_tell"
    assert "too short" in found.calculation


def test_a_calendar_without_days_leaves_it_open(check):
    (found,) = check("twice a month", rules=())
    assert (found.verdict, found.computed) == ("cannot_tell", "not counted over a year")
