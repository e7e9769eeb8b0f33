"""Claims with made-up places: each known trap is recognised by its rule, whatever the row."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.clock import civil_to_epoch_s
from claim_cases import EPOCH, RESULTS, judge, table

TIME = {"quantity": "journey time", "unit": "h"}


@pytest.mark.parametrize(
    ("row", "verdict", "reading"),
    [
        ({**TIME, "value": "23.68"}, "consistent", None),
        ({**TIME, "value": "24.68"}, "only_if", "clock faces"),
        ({**TIME, "value": "30"}, "inconsistent", None),
        ({**TIME, "unit": "days", "low": "1", "value": "1", "high": "1"}, "consistent", None),
        ({**TIME, "unit": "days", "low": "0.9", "value": "1", "high": "1.1"}, "consistent", None),
        ({**TIME, "unit": "min", "value": "1421"}, "consistent", None),
        ({"quantity": "route length", "unit": "km", "value": "1360"}, "consistent", None),
        ({"quantity": "route length", "unit": "km", "value": "2000"}, "inconsistent", None),
        (
            {"quantity": "distance", "unit": "km", "value": "1364000"},
            "only_if",
            "metres printed as kilometres",
        ),
        ({"quantity": "distance", "unit": "miles", "value": "848"}, "consistent", None),
        ({"quantity": "distance", "unit": "km", "value": "848"}, "only_if", "miles"),
        ({"quantity": "frequency", "unit": "trips/month", "value": "2"}, "consistent", None),
        (
            {"quantity": "frequency", "unit": "trips/year", "value": "2"},
            "only_if",
            "a month printed as a year",
        ),
        ({"quantity": "frequency", "unit": "trips/year", "value": "26"}, "inconsistent", None),
        ({"quantity": "departure days", "unit": "day of month", "value": "17 and 3"},
         "consistent", None),
        ({"quantity": "departure days", "unit": "day of month", "value": "4"},
         "inconsistent", None),
        ({"quantity": "frequency", "unit": "", "value": "twice a month"}, "consistent", None),
        ({"quantity": "frequency", "unit": None, "value": "every 14 days"}, "inconsistent", None),
        ({"quantity": "frequency", "unit": "wording", "value": "bi-monthly"}, "only_if",
         "one of the two meanings of the wording"),
        ({"quantity": "frequency", "unit": "wording", "value": "now and then"},
         "cannot_tell", None),
        ({"quantity": "service start", "unit": "date", "value": "2025-07-03"}, "consistent", None),
        ({"quantity": "service start", "unit": "date", "value": "2025-06"}, "inconsistent", None),
        ({"quantity": "service start", "unit": "date", "value": "soon"}, "cannot_tell", None),
        ({"quantity": "where attached", "unit": "place", "value": "Crosby"}, "consistent", None),
        (
            {"quantity": "where attached", "unit": "place", "value": "Dunmore"},
            "only_if",
            "where the train begins or ends, not where it attaches",
        ),
        ({"quantity": "formation", "unit": "coaches", "value": "3"}, "inconsistent", None),
        ({"quantity": "berths", "unit": "berths", "value": "36"}, "consistent", None),
        ({"quantity": "berths", "unit": "berths/year", "value": "864"}, "consistent", None),
        ({"quantity": "berths", "unit": "berths/year", "value": "72"}, "only_if",
         "a month printed as a year"),
        ({"quantity": "share of turnouts renewed", "unit": "%", "value": "18"},
         "consistent", None),
        ({"quantity": "share of turnouts renewed", "unit": "%", "value": "60"},
         "inconsistent", None),
        ({"quantity": "freight", "unit": "t", "value": "280000"}, "cannot_tell", None),
        ({"quantity": "longest train", "unit": "rank", "value": "1"}, "cannot_tell", None),
        ({"quantity": "longest non-stop train", "unit": "rank", "value": "1"},
         "inconsistent", None),
        ({"quantity": "tunnel length", "unit": "km", "value": "4500"}, "only_if",
         "metres printed as kilometres"),
        ({"quantity": "tunnel length", "unit": "km", "value": "9000000"}, "inconsistent", None),
        ({"quantity": "tunnel length", "unit": "km", "value": "4.5"}, "cannot_tell", None),
        ({"quantity": "passengers", "unit": "persons", "value": "0"}, "no_model", None),
        ({"quantity": "speed of missiles", "unit": "km/h", "value": "9"}, "no_model", None),
        ({**TIME, "value": "24", "subject": "arms by rail, Bexton-Arkville"}, "no_model", None),
        ({**TIME, "value": "24", "subject": "Nowhere-Elsewhere"}, "no_model", None),
        ({**TIME, "unit": "furlongs", "value": "24"}, "no_model", None),
        ({**TIME, "value": "many"}, "cannot_tell", None),
    ],
)  # fmt: skip
def test_each_kind_of_quantity_gets_its_verdict_by_rule(row, verdict, reading) -> None:
    (found,) = judge(row).values()
    assert (found["verdict"], found["reading"]) == (verdict, reading), found["calculation"]
    assert found["calculation"]


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("20 and 4", "only_if"), ("4", "only_if"), ("20", "inconsistent"), ("5", "inconsistent")],
)
def test_the_fourth_of_the_month_holds_only_for_months_of_one_length(value, verdict) -> None:
    rows = [
        {**RESULTS["trips"].to_dicts()[0], "trip_id": f"BA@{day}", "trip_date": day,
         "arrival_at_s": civil_to_epoch_s(day + dt.timedelta(days=8), "12:00", "UTC", EPOCH)}
        for month in (7, 8, 9, 10)
        for day in (dt.date(2025, month, 12), dt.date(2025, month, 26))
    ]  # fmt: skip
    row = {"quantity": "arrival days", "unit": "day of month", "value": value}
    found = judge(row, trips=table("trips", rows))["X0"]
    assert (found["verdict"], found["reading"]) == (
        verdict, "months of one length" if verdict == "only_if" else None,
    )  # fmt: skip
    assert "departures of day 26 arrive on day 3, 4 of the month" in found["calculation"]


@pytest.mark.parametrize(("stated", "verdict"), [("1", "only_if"), ("2", "inconsistent")])
def test_a_bare_number_of_days_is_a_count_of_days(stated, verdict) -> None:
    hours = pl.lit(30.0)
    longer = RESULTS["trips"].with_columns(
        elapsed_low_h=hours, elapsed_h=hours, elapsed_high_h=hours
    )
    found = judge({**TIME, "unit": "days", "value": stated}, trips=longer)["X0"]
    assert found["verdict"] == verdict
    assert found["reading"] == ("day count" if verdict == "only_if" else None)


def test_a_tunnel_of_thousands_of_kilometres_is_metres_where_a_rival_says_so() -> None:
    tunnels = {"group": "T", "quantity": "length of tunnels", "unit": "km"}
    found = judge({**tunnels, "value": "4500"}, {**tunnels, "value": "4.5"})
    assert found["X0"]["verdict"] == "only_if"
    assert found["X0"]["reading"] == "metres printed as kilometres"
    assert found["X0"]["group_verdict"] == "only_if"


def test_a_count_of_five_months_printed_again_in_november_is_restated() -> None:
    works = {"group": "W", "quantity": "turnouts renewed", "unit": "sets", "low": "1800"}
    found = judge(
        {**works, "published_on": "2025-06-02", "as_of": "2025-06-02 (since 1 January)"},
        {**works, "published_on": "2025-11-22", "as_of": "2025", "source_id": "paper"},
    )
    assert found["X1"]["verdict"] == "only_if"
    assert found["X1"]["copy_of"] == "X0"
    assert "173 days" in found["X1"]["calculation"]
    assert found["X0"]["copy_of"] is None
    assert found["X0"]["sources_count"] == 1


def test_twenty_copies_of_one_telegram_count_once() -> None:
    row = {"group": "D", "quantity": "route length", "unit": "km", "value": "1364"}
    copies = [
        {**row, "source_id": f"copy{n}", "published_on": f"2025-06-{n + 2:02}"} for n in range(20)
    ]
    found = judge({**row, "published_on": "2025-06-01"}, *copies)
    assert {one["sources_count"] for one in found.values()} == {1}
    assert {one["copy_of"] for one in found.values()} == {None, "X0"}


def test_lengths_that_differ_by_the_narrow_lines_agree_only_if_so_read() -> None:
    row = {"group": "N", "subject": "Nowhere", "quantity": "route length", "unit": "km"}
    note = "4557 km 1435; 134 km 1520; 523 km narrow"
    found = judge({**row, "value": "5214", "note": note}, {**row, "value": "4691"})
    told = found["X0"]["group_finding"]
    assert found["X0"]["group_verdict"] == "only_if"
    assert "narrow lines counted in: 5214 - 523 = 4691 km" in told
    assert "4557 + 134 + 523 = 5214 km" in told


def test_what_is_called_seen_before_it_happened_is_a_forecast() -> None:
    row = {"quantity": "passing Crosby", "unit": "date", "value": "2025-07-28", "kind": "sighting"}
    before, after = judge(
        {**row, "published_on": "2025-07-23"}, {**row, "published_on": "2025-07-28"}
    ).values()
    assert (before["kind"], before["verdict"]) == ("forecast", "only_if")
    assert before["reading"] == "a forecast, not a sighting"
    assert after["kind"] == "sighting"


LATE = {"quantity": "arrival delay", "unit": "h"}


@pytest.mark.parametrize(
    ("subject", "low", "high", "verdict", "share"),
    [
        ("First run Bexton-Arkville", "0", "3", "cannot_tell", "25 to 50 in 100"),
        ("First run Bexton-Arkville", "60", "70", "cannot_tell", "0 to 5 in 100"),
        ("First run Bexton-Arkville", "200", "300", "inconsistent", "0 to 5 in 100"),
        ("Bexton-Arkville", "0", "3", "cannot_tell", "25 to 50 in 100"),
        ("Bexton-Arkville", "20", "30", "consistent", "25 to 70 in 100"),
        ("Bexton-Arkville", "60", None, "inconsistent", "0 to 5 in 100"),
    ],
)
def test_one_late_run_of_many_is_only_refuted(subject, low, high, verdict, share) -> None:
    hours = {"p05": 0.01, "p25": 0.05, "p50": 24.0, "p75": 25.0, "p95": 48.0}
    row = {f"delay_{name}_min": 60 * hour for name, hour in hours.items()}
    row |= {"service_id": "BA", "group_id": "all", "sequence": 1, "point_id": "A"}
    late = table("arrival_distributions", [row])
    claimed = {**LATE, "subject": subject, "low": low, "high": high}
    found = judge(claimed, arrival_distributions=late)["X0"]
    assert found["verdict"] == verdict
    assert share in found["calculation"]


STATED = {"statement_id": "S", "kind": "arrival_day", "subject": "s", "stated": "t",
          "computed": "c", "calculation": "k", "claim_id": "X0"}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "stated", "verdict"),
    [
        ("arrival_day", "simplified", "only_if"),
        ("arrival_day", "contradicted", "inconsistent"),
        ("arrival_day", "holds", "consistent"),
        ("frequency", "contradicted", "inconsistent"),
        ("place", "holds", "consistent"),
    ],
)
def test_a_claim_never_disagrees_with_the_row_that_cites_it(kind, stated, verdict) -> None:
    checks = table("statement_checks", [{**STATED, "kind": kind, "verdict": stated}])
    days = {"quantity": "departure days", "unit": "day of month", "value": "3 and 17"}
    found = judge(days, statement_checks=checks)["X0"]
    assert found["verdict"] == verdict
    assert found["statements"] == "S"


def test_both_meanings_of_bi_monthly_are_told() -> None:
    words = "'bi-monthly' can mean every 2 months, 6 a year or 2 a month, 24 a year."
    checks = table(
        "statement_checks",
        [{**STATED, "kind": "frequency", "verdict": "ambiguous", "calculation": words}],
    )
    row = {"quantity": "frequency", "unit": "trips/month", "value": "2"}
    found = judge(row, statement_checks=checks)["X0"]
    assert found["verdict"] == "only_if"
    assert found["reading"] == "2 trips/month, one of the two meanings of the wording"
    assert words in found["calculation"]


FATES = st.sampled_from(["stands", "retracted", "superseded", "corrected"])


@given(st.lists(FATES, min_size=1, max_size=8), st.integers(0, 3))
def test_what_does_not_stand_reaches_no_verdict(fates, days) -> None:
    day = dt.date(2025, 7, 1) + dt.timedelta(days=days)
    rows = []
    for n, fate in enumerate(fates):
        own = {"group": "G", "quantity": "route length", "unit": "km", "value": f"{1000 + n}"}
        own["retracted_on"] = day if fate == "retracted" else None
        own["superseded_by"] = "LAST" if fate == "superseded" else None
        rows.append({"claim_id": f"X{n}", **own})
        if fate == "corrected":
            rows.append({**own, "claim_id": f"Y{n}", "corrects": f"X{n}"})
    found = judge(*rows, {"claim_id": "LAST", "quantity": "route length", "unit": "km"})
    gone = {f"X{n}" for n, fate in enumerate(fates) if fate != "stands"}
    assert not gone & set(found)
    told = " ".join(str(value) for row in found.values() for value in row.values())
    assert not any(name in told.replace(";", " ").split() for name in gone)


def test_ids_of_claims_that_correct_themselves_do_not_vanish() -> None:
    row = {"quantity": "route length", "unit": "km", "value": "1364"}
    assert judge({**row, "corrects": "X0"}, {**row, "superseded_by": "X1"}).keys() == {"X0", "X1"}


WORDS = st.sampled_from([
    "journey time", "arrival delay", "route length", "frequency", "departure days", "formation",
    "service start", "suspension length", "suspended since", "tunnel length", "electrified share",
    "turnouts renewed", "share of turnouts renewed", "freight", "carrying capacity", "berths",
    "speed", "where attached", "longest train", "stations", "turnouts", "coach sets",
])  # fmt: skip
UNITS = st.sampled_from([
    "h", "days", "years", "km", "m", "miles", "km/h", "%", "t", "Mt/y", "trips/month", "sets",
    "coaches", "date", "day of month", "place", "rank", "berths/year", "million", "", None,
])  # fmt: skip
CELLS = st.one_of(
    st.none(),
    st.sampled_from(["0", "-1", "1e400", "7-8", "1,800", "2025-06", "2025-13", "3 and 17", "soon"]),
    st.floats(-1e9, 1e9).map(str),
    st.text(max_size=8),
)
SUBJECTS = st.sampled_from(
    ["Bexton-Arkville", "Arkville-Bexton", "First run", "Crosby", "DPRK railways", "Nowhere", "-"]
)
AS_OF = st.one_of(st.none(), st.sampled_from(["2025", "1990s", "1948-", "2025-06-01", "x"]))


@given(
    st.lists(
        st.fixed_dictionaries({
            "subject": SUBJECTS, "quantity": WORDS, "unit": UNITS, "low": CELLS, "value": CELLS,
            "high": CELLS, "as_of": AS_OF, "published_on": AS_OF,
            "group": st.sampled_from(["G", None]),
        }),
        min_size=1,
        max_size=6,
    )
)  # fmt: skip
def test_whatever_a_row_holds_it_gets_a_verdict_and_a_reason(rows) -> None:
    found = judge(*rows)
    assert len(found) == len(rows)
    for row in found.values():
        assert row["verdict"] in {"consistent", "only_if", "inconsistent", "cannot_tell",
                                  "no_model"}  # fmt: skip
        assert (row["reading"] is not None) == (row["verdict"] == "only_if")
        assert row["calculation"]
        assert "nan" not in row["calculation"].split()
        for rival in filter(None, (row["conflicts_with"] or "").split(";")):
            assert row["claim_id"] in found[rival]["conflicts_with"].split(";")


@pytest.mark.parametrize("value", ["0", "-1", "1e300"])
@pytest.mark.parametrize(
    ("quantity", "unit"),
    [("turnouts renewed", "sets"), ("freight", "t"), ("capacity", "Mt/y"), ("distance", "km")],
)
def test_a_figure_that_cannot_be_is_no_reason_to_break(quantity, unit, value) -> None:
    row = {"subject": "DPRK railways", "quantity": quantity, "unit": unit}
    for column in ("low", "value", "high"):
        assert judge({**row, column: value})["X0"]["calculation"]
