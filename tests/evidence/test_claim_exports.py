"""The ledger on its ways out: hostile text stays text, what does not stand is nowhere."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.evidence.as_known import keep_standing, take_as_known
from arterial.evidence.claim_review import write_claim_reviews
from arterial.evidence.ledger import Known, read_ledger
from arterial.evidence.service_dates import describe_states
from arterial.evidence.subjects import Model
from arterial.flows.claims import judge_claims
from arterial.study import conform_table, empty_table, load_schema, read_study

STUDIES = Path(__file__).parents[2] / "studies"
MARKUP = "</script><img src=x onerror=alert(1)>&\u2028\u202eevil\u2066\x07"


def checks(*rows: dict) -> pl.DataFrame:
    columns = load_schema("claim_checks").columns
    filled = [{column: row.get(column) for column in columns} for row in rows]
    return conform_table("claim_checks", pl.DataFrame(filled, infer_schema_length=None))


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_review_is_json_that_nothing_can_break_out_of(one, other) -> None:
    row = {"claim_id": "X", "subject": one, "quantity": other, "verdict": "inconsistent",
           "calculation": one + MARKUP, "source_id": "S"}  # fmt: skip
    source = {"source_id": "S", "title": other + MARKUP, "address": "javascript:alert(1)"}
    columns = load_schema("sources").columns
    sources = pl.DataFrame([{name: source.get(name) for name in columns}])
    text = write_claim_reviews(checks(row), sources, title=MARKUP)
    assert not set("<>&\u2028\u202e\u2066\x07") & set(text)
    (review,) = json.loads(text)["@graph"]
    assert review["reviewBody"] == one + MARKUP
    assert review["reviewRating"]["ratingValue"] == 1
    assert "url" not in review["itemReviewed"]["appearance"]


def test_what_cannot_be_told_gets_no_rating() -> None:
    row = {"claim_id": "X", "subject": "s", "quantity": "q", "verdict": "cannot_tell",
           "calculation": "c"}  # fmt: skip
    text = write_claim_reviews(checks(row), empty_table("sources"), title="t")
    (review,) = json.loads(text)["@graph"]
    assert review["reviewRating"] == {"@type": "Rating", "alternateName": "cannot tell"}


def test_a_study_in_which_all_stands_is_the_same_study() -> None:
    study = read_study(STUDIES / "two_stations")
    assert keep_standing(study) is study


BEIJING = {
    dt.date(2025, 6, 1): ("suspended since 2020-01",),
    dt.date(2025, 11, 22): ("suspended since 2020-01", "; expected: "),
    dt.date(2026, 4, 1): ("suspended since 2020-01", "had been expected", "resumed 2026-03-12",
                          "runs reported: 2026-03-12"),
}  # fmt: skip


@pytest.mark.parametrize(("day", "told"), BEIJING.items())
def test_beijing_is_suspended_expected_and_resumed_as_was_known(day, told) -> None:
    judged = judge_claims(STUDIES / "pyongyang_beijing", as_known=day)
    (state,) = judged.states
    assert all(words in state for words in told)
    later = {words for words in ("expected", "resumed", "reported") if words in state}
    assert later == {words for words in ("expected", "resumed", "reported") if words in str(told)}
    assert judged.study.settings.as_of == day
    published = judged.checks["published_on"].drop_nulls().to_list()
    # A text dated to the year counts where what it tells was past before that year began.
    assert all(text[:10] <= str(day)[: len(text)] for text in published)


def list_states(study) -> list[str]:
    standing = read_ledger(study.tables).standing()
    return list(describe_states(Model(study.tables, {}, study.settings, standing)))


def test_of_the_return_run_a_departure_was_seen_and_a_passing_foretold() -> None:
    study = read_study(STUDIES / "pyongyang_moscow")
    early, late = (
        list_states(take_as_known(study, day).study)
        for day in (dt.date(2025, 6, 1), dt.date(2025, 11, 22))
    )
    assert not any("return run" in state for state in early)
    state = next(state for state in late if "return run" in state)
    assert "passing Novosibirsk on the first return run 2025-06-28 (forecast, C158)" in state
    assert "departure from Moscow of the first return run 2025-06-26 (seen, C159)" in state


DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))


@given(DAYS, DAYS)
def test_what_is_known_only_grows(one, other) -> None:
    ledger = read_ledger(read_study(STUDIES / "pyongyang_beijing").tables)
    first, last = sorted((one, other))
    known = {Known.SURELY, Known.UNDATED}
    for claim in ledger.claims:
        if claim.known_on(first) in known:
            assert claim.known_on(last) in known


def test_a_suspension_does_not_tell_its_end_before_it_came() -> None:
    known = take_as_known(read_study(STUDIES / "pyongyang_beijing"), dt.date(2025, 11, 22)).study
    rules = known.table("calendar_rules").filter(pl.col("effect") == "suspended")
    assert rules.height
    assert rules["valid_to"].null_count() == rules.height
