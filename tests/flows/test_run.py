"""The main job on the shipped studies: every date resolved, every conflict shown."""

import datetime as dt
import time
from pathlib import Path

import polars as pl
import pytest

from arterial.clock import local_datetime
from arterial.compute import Workers
from arterial.errors import StudyError
from arterial.flows.run import RunOutcome, resolve_study, run_study
from arterial.flows.show_results import (
    format_table,
    keep_columns,
    show_results,
    word_results,
)
from arterial.report.chances import percent_text
from arterial.study import load_schema, read_study
from arterial.study.schema import TableRole, list_tables

STUDIES = Path(__file__).parents[2] / "studies"
OF_A_CAMPAIGN = ("campaign_", "works_", "fleet_", "reported_")
OF_A_WORKS = ("set_availability", "locomotive_availability")
OF_LEARNING = ("learned_", "observation_checks", "structure_weights")
BAD = {"does_not_work", "at_risk", "unknown"}


@pytest.fixture(scope="module")
def beijing() -> dict[str, pl.DataFrame]:
    return resolve_study(read_study(STUDIES / "pyongyang_beijing"))


def test_a_small_study_gives_every_result_table_in_its_schema(small_run: RunOutcome) -> None:
    others = OF_A_CAMPAIGN + OF_A_WORKS + OF_LEARNING
    own = {name for name in list_tables(TableRole.RESULT) if not name.startswith(others)}
    assert set(small_run.results) == own
    for name, frame in small_run.results.items():
        assert tuple(frame.columns) == load_schema(name).columns


def test_a_run_is_named_after_its_study_and_the_same_again(
    small_study: Path, small_run: RunOutcome
) -> None:
    again = run_study(small_study)
    assert again.run_id == small_run.run_id
    assert again.report.read_bytes() == small_run.report.read_bytes()
    for name, frame in again.results.items():
        assert frame.equals(small_run.results[name]), name


class Elsewhere(Workers):
    """Workers that leave every call to the other process."""

    def map(self, function, payloads):
        calls = [self.start(function, one) for one in payloads]
        while not all(call.is_done for call in calls):
            time.sleep(0.01)
        return [call.result() for call in calls]


def test_another_process_gives_the_bytes_of_this_one(
    small_study: Path, small_run: RunOutcome, tmp_path: Path
) -> None:
    with Elsewhere(2) as workers:
        shared = run_study(small_study, output=tmp_path / "run", workers=workers)
    files = [file for file in small_run.folder.rglob("*") if file.is_file()]
    for file in files:
        name = file.relative_to(small_run.folder)
        assert (shared.folder / name).read_bytes() == file.read_bytes(), name
    # A run keeps the settings and tables that it was made from.
    assert read_study(small_run.folder / "study").digest == read_study(small_study).digest


def test_results_can_be_shown_and_filtered(small_study: Path, small_run: RunOutcome) -> None:
    trips = small_run.results["trips"]
    day = trips["trip_date"][0]
    shown = show_results(small_study, "trip_events", day=day.isoformat())
    assert set(shown["trip_date"]) == {day}
    assert str(day) in format_table(show_results(small_study, "trips"), rows=3)
    with pytest.raises(StudyError, match="There are:"):
        show_results(small_study, "trips", service="nobody")


def test_results_are_worded_by_the_clocks_of_their_places(small_study: Path, small_run) -> None:
    events = show_results(small_study, "trip_events")
    worded = word_results(events, small_study)
    # The table tells the same in local time itself.
    assert worded["at_s"].to_list() == events["local_time"].to_list()
    names = set(read_study(small_study).table("operational_points")["name"])
    assert set(worded["point_id"]) <= names
    trips = word_results(small_run.results["trips"], small_study)
    first = events.filter(pl.col("event") == "departure")["local_time"][0]
    assert trips["departure_at_s"][0] == first


def test_a_table_fits_the_terminal_and_names_what_does_not(small_study: Path, small_run) -> None:
    trips = small_run.results["trips"]
    text = format_table(word_results(trips, small_study), rows=2, width=80)
    table, _, left = text.partition("\nDo not fit here: ")
    assert max(len(line) for line in table.splitlines()) <= 80
    shown = table.split("\n")[0].split()
    told = left.partition(" (")[0].split(", ")
    assert [*shown, *told] == [name for name in trips.columns if trips[name].null_count() == 0]
    assert keep_columns(trips, "verdict, trip_id").columns == ["verdict", "trip_id"]
    with pytest.raises(StudyError, match=r"no column wrong\. There are: trip_id"):
        keep_columns(trips, "trip_id,wrong")


def test_a_study_without_coaches_says_which_tables_are_missing(small_study: Path) -> None:
    study = read_study(small_study)
    bare = study.with_tables(coach_legs=study.table("coach_legs").clear())
    with pytest.raises(StudyError, match="coach_legs"):
        resolve_study(bare)


def list_days(first: dt.date, last: dt.date, days_of_month: set[int]) -> list[dt.date]:
    count = (last - first).days + 1
    days = (first + dt.timedelta(days=number) for number in range(count))
    return [day for day in days if day.day in days_of_month]


LAST = dt.date(2027, 12, 31)


@pytest.mark.parametrize(
    ("service", "first", "days"),
    [
        ("PYM-MOW", dt.date(2025, 6, 17), {3, 17}),
        ("MOW-PYM", dt.date(2025, 6, 26), {12, 26}),
        ("PYM-KHB", dt.date(2025, 6, 19), {19}),
        ("KHB-PYM", dt.date(2025, 6, 21), {21}),
    ],
)
def test_every_announced_date_of_the_moscow_and_khabarovsk_coaches_is_resolved(
    moscow: dict[str, pl.DataFrame], service: str, first: dt.date, days: set[int]
) -> None:
    trips = moscow["trips"].filter(pl.col("service_id") == service)
    assert trips["trip_date"].to_list() == list_days(first, LAST, days)
    past = trips.filter(pl.col("trip_date") < dt.date(2026, 11, 22))
    assert set(past["status"]) <= {"past_reported", "past_announced"}
    assert set(trips["status"]) - set(past["status"]) <= {"planned"}


def test_the_beijing_coach_is_suspended_until_it_resumes_on_12_march_2026(
    beijing: dict[str, pl.DataFrame],
) -> None:
    trips = beijing["trips"].filter(pl.col("service_id") == "BJ-PY")
    days = pl.date_range(dt.date(2025, 6, 17), LAST, eager=True)
    weekdays = days.filter(days.dt.weekday().is_in([1, 3, 4, 6]))
    assert trips["trip_date"].to_list() == weekdays.to_list()
    before = pl.col("trip_date") < dt.date(2026, 3, 12)
    assert set(trips.filter(before)["status"]) == {"suspended"}
    assert "suspended" not in set(trips.filter(~before)["status"])


def test_each_date_that_cannot_work_names_its_cause(
    moscow: dict[str, pl.DataFrame], beijing: dict[str, pl.DataFrame]
) -> None:
    for results in (moscow, beijing):
        bad = results["trips"].filter(
            pl.col("verdict").is_in(list(BAD)) & (pl.col("status") != "suspended")
        )
        found = results["findings"].filter(pl.col("severity").is_in(["block", "warn"]))
        keys = ["service_id", "trip_date"]
        assert bad.join(found, on=keys, how="anti").is_empty()
        assert found["cause"].null_count() == 0
        assert found["cure"].null_count() == 0


def test_every_announced_departure_has_its_hosts_and_the_first_one_ran(
    moscow: dict[str, pl.DataFrame],
) -> None:
    assert moscow["findings"].filter(pl.col("kind") == "host_does_not_run").is_empty()
    ran = moscow["trips"].filter(pl.col("verdict") == "ran")["trip_id"].to_list()
    assert ran == ["PYM-MOW@2025-06-17"]
    made = moscow["connections"].filter(pl.col("trip_id") == ran[0])["verdict"]
    assert set(made) == {"made"}


def test_the_first_run_meets_every_published_day_and_hour(moscow: dict[str, pl.DataFrame]) -> None:
    events = moscow["trip_events"].filter(pl.col("trip_id") == "PYM-MOW@2025-06-17")
    arrivals = events.filter(pl.col("event") == "arrival")
    local = dict(arrivals.select("point_id", "local_time").iter_rows())
    assert local["RU-Novosibirsk_Glavnyy"] == "2025-06-23 09:30"
    assert local["RU-Arkhara"].startswith("2025-06-19")
    assert local["RU-Petrovskiy_Zavod"].startswith("2025-06-21")
    assert local["RU-Moskva_Passazhirskaya_Yaroslavskaya"].startswith("2025-06-25")
    assert moscow["trips"].filter(pl.col("trip_id") == "PYM-MOW@2025-06-17")["status"][0] == (
        "past_reported"
    )


def test_no_coach_may_leave_on_another_day_than_announced(moscow: dict[str, pl.DataFrame]) -> None:
    study = read_study(STUDIES / "pyongyang_moscow")
    zones = dict(study.table("operational_points").select("point_id", "zone").iter_rows())
    days = dict(moscow["trips"].select("trip_id", "trip_date").iter_rows())
    first = (
        moscow["trip_events"].drop_nulls("at_s").group_by("trip_id", maintain_order=True).first()
    )
    assert first.height > 100
    for row in first.iter_rows(named=True):
        ends = (row["low_at_s"], row["high_at_s"])
        local = {
            local_datetime(end, study.settings.epoch, zones[row["point_id"]]).date() for end in ends
        }
        assert local == {days[row["trip_id"]]}, row["trip_id"]


def test_an_eastbound_run_is_held_against_the_train_that_goes_east(
    moscow: dict[str, pl.DataFrame],
) -> None:
    checks = moscow["statement_checks"].filter(pl.col("statement_id").str.starts_with("ROSSIYA"))
    computed = dict(checks.select("statement_id", "computed").iter_rows())
    assert computed["ROSSIYA-2-2008"] == computed["ROSSIYA-2-2017"]
    assert computed["ROSSIYA-2-2008"] != computed["ROSSIYA-1-2012"]
    assert computed["ROSSIYA-2-2008"].startswith("166")


def test_time_never_runs_backward_on_a_trip(
    moscow: dict[str, pl.DataFrame], beijing: dict[str, pl.DataFrame]
) -> None:
    for results in (moscow, beijing):
        events = results["trip_events"].sort("trip_id", "sequence")
        for column in ("low_at_s", "at_s", "high_at_s"):
            steps = events.group_by("trip_id").agg(pl.col("at_s").diff().min().alias("step"))
            assert (steps["step"] >= 0).all(), column
        assert events.filter(pl.col("low_at_s") > pl.col("at_s")).is_empty()
        assert events.filter(pl.col("at_s") > pl.col("high_at_s")).is_empty()


def test_the_published_conflicts_are_shown_with_their_calculation(
    moscow: dict[str, pl.DataFrame], beijing: dict[str, pl.DataFrame]
) -> None:
    places = moscow["statement_checks"].filter(pl.col("kind") == "place")
    assert (
        places.filter(pl.col("verdict") == "contradicted")["stated"]
        .str.contains("Vladivostok")
        .all()
    )
    days = moscow["statement_checks"].filter(pl.col("verdict") == "simplified")
    assert "3, 4 or 6" in " ".join(days["computed"])
    clocks = beijing["statement_checks"].filter(pl.col("verdict") == "only_if_zones_ignored")
    assert any("23 h 41 min" in text and "24 h 41 min" in text for text in clocks["calculation"])
    for results in (moscow, beijing):
        assert results["statement_checks"]["calculation"].null_count() == 0


def test_every_result_row_refers_to_an_existing_key(
    moscow: dict[str, pl.DataFrame], beijing: dict[str, pl.DataFrame]
) -> None:
    for name, results in (("pyongyang_moscow", moscow), ("pyongyang_beijing", beijing)):
        study = read_study(STUDIES / name)
        for table, frame in results.items():
            for attribute in load_schema(table).attributes:
                reference = attribute.reference
                if reference is None:
                    continue
                target = results.get(reference.table)
                known = (study.table(reference.table) if target is None else target)[
                    reference.attribute
                ]
                used = frame[attribute.name].drop_nulls().unique()
                assert used.is_in(known.implode()).all(), f"{table}.{attribute.name}"


def test_the_chances_in_the_readme_are_those_of_the_study(moscow: dict[str, pl.DataFrame]) -> None:
    text = " ".join((STUDIES.parent / "README.md").read_text("utf-8").split())
    out = (pl.col("service_id") == "PYM-MOW") & (pl.col("group_id") == "works")
    chance = moscow["punctuality"].filter(out & (pl.col("measure") == "announced_day"))
    best, *ends = map(percent_text, chance.select("share", "share_low", "share_high").row(0))
    assert f"chance of {best} ({' to '.join(ends)} by".replace(" % to", " to") in text
    missed = moscow["handover_risks"].filter(out & (pl.col("point_id") == "KP-Tumangang"))
    parts = (missed[f"missed_share{end}"].item() for end in ("", "_low", "_high"))
    best, *ends = map(percent_text, parts)
    words = f"at Tumangang in {best} ({' to '.join(ends)})".replace(" % to", " to")
    assert f"misses train 651 {words} of departures" in text
    back = (pl.col("service_id") == "MOW-PYM") & (pl.col("group_id") == "works")
    kept = moscow["punctuality"].filter(back & (pl.col("measure") == "announced_day"))
    best, *ends = map(percent_text, kept.select("share", "share_low", "share_high").row(0))
    words = f"with {best} ({' to '.join(ends)})".replace(" % to", " to")
    assert f"Moscow Pyongyang {words}" in text


def test_every_second_of_delay_is_given_to_a_cause(moscow: dict[str, pl.DataFrame]) -> None:
    assert moscow["simulation_runs"]["attribution_gap_s"].to_list() == [0]


def test_the_figures_in_the_readme_are_those_of_the_study(moscow: dict[str, pl.DataFrame]) -> None:
    text = " ".join((STUDIES.parent / "README.md").read_text("utf-8").split())
    text = text.replace("\N{EN DASH}", "-")
    trips = moscow["trips"]
    assert f"of the {trips.height} announced departures" in text
    for service, words in (
        (
            "PYM-MOW",
            (
                "-Moscow takes about {} h of true elapsed time by its timetable, with nothing late "
                "({} to {})"
            ),
        ),
        ("MOW-PYM", "-Pyongyang about {} h ({} to {})"),
    ):
        own = trips.filter(pl.col("service_id") == service)
        best = round(own["elapsed_h"].median())
        low, high = round(own["elapsed_low_h"].min()), round(own["elapsed_high_h"].max())
        assert words.format(best, low, high) in text
    delay = moscow["crossing_delays"].filter(
        (pl.col("train_id") == "KP-7")
        & (pl.col("flow_case") == "best")
        & (pl.col("host_order") == "among_passenger")
    )
    crossings, waits, hours = delay.select("crossings_count", "waits_count", "wait_h").row(0)
    assert f"crosses some {crossings} of them" in text
    assert (waits, round(hours)) == (10, 3)
    assert "waits for ten, which costs it about three hours" in text
    sets = dict(moscow["set_requirements"].select("pool_id", "minimum_sets").iter_rows())
    assert sets == {"KSR-MOW": 2, "KSR-KHB": 1}
