"""Trips on their dated hosts: times, connections, findings."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from arterial.errors import StudyError
from arterial.study import conform_table
from arterial.timetable.coaches.coach_services import TimetableOptions
from arterial.timetable.coaches.itineraries import resolve_trips

FIRST = "west@2025-07-03"


def pick(table, **columns):
    return table.filter(*(pl.col(name) == value for name, value in columns.items()))


def test_an_eight_day_trip_over_seven_clocks_keeps_its_true_time(corridor, links, options):
    resolved = resolve_trips(corridor, links, options)
    trip = pick(resolved.trips, trip_id=FIRST).row(0, named=True)
    # 3 July 10:00 to 11 July 05:00 is 187 h of clocks, and the clocks go back by 6 h.
    assert trip["elapsed_h"] == 193.0
    assert (trip["status"], trip["verdict"], trip["findings_count"]) == ("planned", "works", 0)
    events = pick(resolved.trip_events, trip_id=FIRST)
    assert events["sequence"].to_list() == list(range(1, 21))
    assert events["utc_offset_min"].unique().len() == 7
    assert events["at_s"].is_sorted()
    assert (events["low_at_s"] <= events["at_s"]).all()
    assert (events["at_s"] <= events["high_at_s"]).all()
    assert events["distance_km"].to_list()[-1] == pytest.approx(10_192)


def test_each_event_shows_local_reference_and_utc_time(corridor, links, options):
    events = resolve_trips(corridor, links, options).trip_events
    novosibirsk = pick(events, trip_id=FIRST, point_id="novosibirsk", event="arrival")
    assert novosibirsk["local_time"][0] == "2025-07-09 09:30"
    assert novosibirsk["reference_time"][0] == "2025-07-09 05:30"
    assert novosibirsk["utc_time"][0] == "2025-07-09 02:30"
    assert novosibirsk["basis"][0] == "observed"
    omsk = pick(events, trip_id=FIRST, point_id="omsk")
    assert omsk["basis"].to_list() == ["computed", "computed"]
    # The day changes at Ussuriysk by local time but not yet by Moscow time.
    ussuriysk = pick(events, trip_id=FIRST, point_id="ussuriysk", event="arrival")
    assert ussuriysk["local_time"][0] == "2025-07-05 02:00"
    assert ussuriysk["reference_time"][0] == "2025-07-04 19:00"


def test_hand_overs_are_marked_and_other_stops_are_not(corridor, links, options):
    events = pick(resolve_trips(corridor, links, options).trip_events, trip_id=FIRST)
    assert set(pick(events, is_handover=True)["point_id"]) == {
        "pyongyang", "tumangang", "khasan", "ussuriysk", "moscow",
    }  # fmt: skip
    assert pick(events, is_handover=True).height == 8


def test_connections_hold_time_there_is_against_time_needed(corridor, links, options):
    connections = pick(resolve_trips(corridor, links, options).connections, trip_id=FIRST)
    khasan = pick(connections, point_id="khasan").row(0, named=True)
    assert khasan["available_min"] == 270
    assert [khasan[f"required_{case}min"] for case in ("low_", "", "high_")] == [90, 135, 210]
    assert khasan["verdict"] == "ok"
    assert pick(connections, point_id="ussuriysk")["required_min"][0] == 90


def test_a_host_that_does_not_run_is_found_with_the_later_arrival(corridor, links, options):
    resolved = resolve_trips(corridor, links, options)
    october = pick(resolved.findings, trip_date=date(2025, 10, 3)).row(0, named=True)
    assert october["kind"] == "host_does_not_run"
    assert "Sat 2025-10-04" in october["cause"]
    # The next shuttle runs on Monday 6 October.
    assert "leaves Tumangang on Mon 2025-10-06, 2 days later" in october["consequence"]
    assert "2025-10-13 05:00, 2 days late" in october["consequence"]
    # The trip is still shown as announced.
    shown = pick(resolved.trip_events, trip_id="west@2025-10-03", train_id="646")
    assert shown["local_time"][0] == "2025-10-04 12:00"
    assert pick(resolved.trips, trip_id="west@2025-10-03")["verdict"][0] == "does_not_work"


def test_without_a_later_host_in_reach_the_coach_is_said_to_stand(corridor, links, options):
    resolved = resolve_trips(corridor, links, replace(options, catch_up_days=1))
    october = pick(resolved.findings, trip_date=date(2025, 10, 3)).row(0, named=True)
    assert "No later host is known from Tumangang within 1 day;" in october["consequence"]


def test_a_reported_trip_says_that_the_hosts_days_are_incomplete(corridor, links, options, build):
    rules = [*corridor["calendar_rules"].to_dicts()]
    rules.append(build.rule("coach", 9, "dates", "2025-10-03", reported=True))
    tables = corridor | {"calendar_rules": conform_table("calendar_rules", pl.DataFrame(rules))}
    resolved = resolve_trips(tables, links, replace(options, as_of=date(2025, 11, 1)))
    status = dict(resolved.trips.select("trip_date", "status").iter_rows())
    assert status[date(2025, 10, 3)] == "past_reported"
    assert status[date(2025, 10, 17)] == "past_announced"
    assert status[date(2025, 11, 3)] == "planned"
    finding = pick(resolved.findings, trip_date=date(2025, 10, 3)).row(0, named=True)
    assert "reported as run" in finding["consequence"]


def test_suspended_and_test_days_are_resolved_but_only_the_latter_are_judged(
    corridor, links, options, build
):
    rules = [
        *corridor["calendar_rules"].to_dicts(),
        build.rule("coach", 8, "dates", "2025-10-03", effect="suspended"),
        build.rule("coach", 9, "dates", "2025-10-17", effect="test_run"),
        build.rule("coach", 10, "dates", "2025-11-03", reported=False),
        build.rule("coach", 11, "dates", "2025-11-17", effect="does_not_run"),
    ]
    tables = corridor | {"calendar_rules": conform_table("calendar_rules", pl.DataFrame(rules))}
    resolved = resolve_trips(tables, links, options)
    suspended = pick(resolved.trips, trip_id="west@2025-10-03").row(0, named=True)
    assert (suspended["status"], suspended["findings_count"]) == ("suspended", 1)
    assert suspended["verdict"] == "unknown"
    assert suspended["arrival_at_s"] is not None
    notes = pick(resolved.findings, kind="suspended")
    assert notes["trip_date"].to_list() == [date(2025, 10, 3), date(2025, 11, 3)]
    assert set(notes["severity"]) == {"note"}
    assert pick(resolved.trips, trip_id="west@2025-10-17")["status"][0] == "test"
    assert date(2025, 11, 17) not in resolved.trips["trip_date"].to_list()


def test_a_connection_that_even_the_kindest_case_misses_is_too_short(
    corridor, links, options, change
):
    tables = change(corridor, "train_stops", {"train_id": "652", "sequence": 1}, departure="16:30")
    resolved = resolve_trips(tables, links, options)
    finding = pick(resolved.findings, trip_date=date(2025, 7, 3)).row(0, named=True)
    assert (finding["kind"], finding["severity"]) == ("connection_too_short", "block")
    assert (
        "there are 1 h and 2 h 15 min are needed; at worst there are 1 h and " in finding["cause"]
    )
    assert "1 day later" in finding["consequence"]
    assert "wait up to 2 h 30 min" in finding["cure"]


def test_a_connection_that_only_the_harsh_case_misses_is_at_risk(corridor, links, options, change):
    tables = change(corridor, "train_stops", {"train_id": "652", "sequence": 1}, departure="18:00")
    resolved = resolve_trips(tables, links, options)
    finding = pick(resolved.findings, trip_date=date(2025, 7, 3)).row(0, named=True)
    assert (finding["kind"], finding["severity"]) == ("connection_at_risk", "warn")
    assert pick(resolved.trips, trip_id=FIRST)["verdict"][0] == "at_risk"


def test_a_late_range_of_the_arrival_puts_the_connection_at_risk(corridor, links, options, change):
    key = {"train_id": "D8", "sequence": 2}
    tables = change(corridor, "train_stops", key, later_min=330.0, earlier_min=0.0)
    resolved = resolve_trips(tables, links, options)
    connection = pick(resolved.connections, trip_id=FIRST, sequence=2).row(0, named=True)
    assert (connection["available_low_min"], connection["available_min"]) == (-150, 180)
    assert connection["verdict"] == "at_risk"
    finding = pick(resolved.findings, trip_date=date(2025, 7, 3)).row(0, named=True)
    # 180 - 330 min: a time that is below nought is told as what happens.
    assert "; at worst the coach comes 2 h 30 min after train 646 has left." in finding["cause"]
    assert "-" not in finding["cause"].replace("2025-", "")


@pytest.mark.parametrize(
    ("departure", "cure"),
    [
        ("22:30", "Shorten the work at Tumangang, let train 646 wait up to 4 h 30 min or board"),
        ("18:00", "wait up to 15 min (all that the change at Khasan can spare, where 4 h 30 min"),
        ("17:45", "Shorten the work at Tumangang or board a later host;"),
    ],
)
def test_a_host_is_to_wait_no_longer_than_the_next_change_can_spare(
    corridor, links, options, change, departure, cure
):
    key = {"train_id": "D8", "sequence": 2}
    tables = change(corridor, "train_stops", key, later_min=330.0, earlier_min=0.0)
    behind = {"train_id": "652", "sequence": 1}
    tables = change(tables, "train_stops", behind, departure=departure)
    resolved = resolve_trips(tables, links, options)
    findings = pick(resolved.findings, trip_date=date(2025, 7, 3), point_id="tumangang")
    assert cure in findings["cure"][0]


def test_opening_hours_that_hold_the_coach_are_called_so(corridor, links, options, change):
    key = {"procedure_id": "entry", "sequence": 1}
    tables = change(corridor, "procedure_steps", key, opens="08:00", closes="16:00")
    resolved = resolve_trips(tables, links, options)
    finding = pick(resolved.findings, trip_date=date(2025, 7, 3)).row(0, named=True)
    assert (finding["kind"], finding["severity"]) == ("border_closed", "block")
    # Arrival 15:30 leaves half an hour before closing; work takes 60 to 150 min.
    assert "entry control waits 16 h 30 min" in finding["cause"]
    assert "Open Khasan" in finding["cure"]


def test_without_an_announced_day_the_first_host_in_reach_is_taken(
    corridor, links, options, change
):
    tables = change(
        corridor, "coach_legs", {"service_id": "west", "sequence": 4}, boarding_day=None
    )
    resolved = resolve_trips(tables, links, options)
    boarding = pick(resolved.trip_events, trip_id=FIRST, train_id="1", event="departure")
    assert boarding["local_time"][0] == "2025-07-05 08:00"
    assert pick(resolved.trips, trip_id=FIRST)["elapsed_h"][0] == 193.0


def test_an_unannounced_host_on_some_days_only_makes_the_coach_wait_not_fail(
    corridor, links, options, change
):
    tables = corridor
    for sequence in (2, 3, 4):
        key = {"service_id": "west", "sequence": sequence}
        tables = change(tables, "coach_legs", key, boarding_day=None)
    resolved = resolve_trips(tables, links, options)
    shuttle = pick(resolved.trip_events, trip_id="west@2025-10-03", train_id="646")
    assert shuttle["local_time"][0] == "2025-10-06 12:00"
    assert resolved.findings.is_empty()


def test_a_range_that_may_miss_the_host_carries_to_the_latest_arrival(
    corridor, links, options, change
):
    key = {"train_id": "D8", "sequence": 2}
    tables = change(corridor, "train_stops", key, later_min=330.0)
    for sequence in (2, 3, 4):
        key = {"service_id": "west", "sequence": sequence}
        tables = change(tables, "coach_legs", key, boarding_day=None)
    trip = pick(resolve_trips(tables, links, options).trips, trip_id=FIRST).row(0, named=True)
    # Friday's shuttle may be missed; the next runs on Monday, three days later.
    assert trip["arrival_high_at_s"] - trip["arrival_at_s"] == 3 * 86_400
    assert trip["arrival_low_at_s"] == trip["arrival_at_s"]
    assert trip["verdict"] == "at_risk"


def test_a_leg_for_which_no_host_is_found_ends_the_trip_in_the_open(corridor, links, options):
    rules = [rule for rule in corridor["calendar_rules"].to_dicts() if rule["calendar_id"] != "mwf"]
    legs = corridor["coach_legs"].with_columns(boarding_day=pl.lit(None, pl.Int64))
    tables = corridor | {
        "calendar_rules": conform_table("calendar_rules", pl.DataFrame(rules)),
        "coach_legs": legs,
    }
    resolved = resolve_trips(tables, links, options)
    assert set(resolved.trips["arrival_at_s"]) == {None}
    assert set(resolved.trips["verdict"]) == {"unknown"}
    assert "No day is found" in resolved.findings["cause"][0]


def test_unknown_running_times_leave_the_arrival_unknown_and_not_nil(
    corridor, links, options, change
):
    tables = change(corridor, "train_stops", {"train_id": "1", "sequence": 8}, arrival=None)
    short = links.filter(~((pl.col("train_id") == "1") & (pl.col("sequence") == 8)))
    resolved = resolve_trips(tables, short, options)
    trip = pick(resolved.trips, trip_id=FIRST).row(0, named=True)
    assert (trip["arrival_at_s"], trip["elapsed_h"], trip["verdict"]) == (None, None, "unknown")
    last = pick(resolved.trip_events, trip_id=FIRST, point_id="moscow").row(0, named=True)
    assert (last["local_time"], last["distance_km"]) == (None, None)


def test_a_published_arrival_day_is_held_against_each_trip(corridor, links, options, build):
    statement = {"service_id": "west", "point_id": "moscow", "event": "arrival"}
    published = build.table(
        "published_events",
        [
            statement | {"statement_id": "a", "stated_day_offset": 8},
            statement
            | {"statement_id": "b", "departure_day_of_month": 17, "stated_day_of_month": 24},
            statement
            | {"statement_id": "c", "departure_date": date(2025, 7, 3), "stated_day_of_month": 12},
            statement | {"statement_id": "d", "event": "passing", "stated_day_of_month": 1},
            statement | {"statement_id": "e", "point_id": "nowhere", "stated_day_of_month": 1},
        ],
    )
    tables = corridor | {"published_events": published}
    found = pick(resolve_trips(tables, links, options).findings, kind="published_arrival_differs")
    assert {row["finding_id"].rpartition(":")[2] for row in found.to_dicts()} == {"b", "c"}
    assert [day.day for day in found["trip_date"]] == [3, 17, 17, 17, 17, 17, 17]
    assert "arrives on Fri 2025-07-11" in found["cause"][0]


def test_a_published_day_inside_the_range_of_the_arrival_agrees(
    corridor, links, options, build, change
):
    key = {"train_id": "1", "sequence": 8}
    tables = change(corridor, "train_stops", key, earlier_min=0.0, later_min=24.0 * 60)
    published = build.table(
        "published_events",
        [
            {
                "statement_id": "a",
                "service_id": "west",
                "point_id": "moscow",
                "event": "arrival",
                "stated_day_offset": 9,
            }
        ],
    )
    found = resolve_trips(tables | {"published_events": published}, links, options).findings
    assert pick(found, kind="published_arrival_differs").is_empty()


def test_a_service_without_legs_is_listed_and_unknown(corridor, links, options):
    tables = corridor | {"coach_legs": corridor["coach_legs"].clear()}
    resolved = resolve_trips(tables, links, options)
    assert resolved.trips.height == 12
    assert set(resolved.trips["verdict"]) == {"unknown"}
    assert resolved.trip_events.is_empty()


@pytest.mark.parametrize(
    ("sequence", "columns", "word"),
    [
        (2, {"from_point": "moscow"}, "does not stop at moscow"),
        (2, {"to_point": "moscow"}, "does not stop at moscow"),
        (3, {"train_id": "1"}, "does not stop at khasan"),
        (3, {"procedure_id": "none"}, "procedure none has no steps"),
        (4, {"to_point": "omsk"}, "it ends at omsk"),
    ],
)
def test_legs_that_do_not_fit_their_train_are_refused(
    corridor, links, options, change, sequence, columns, word
):
    key = {"service_id": "west", "sequence": sequence}
    with pytest.raises(StudyError) as caught:
        resolve_trips(change(corridor, "coach_legs", key, **columns), links, options)
    assert any(word in fault.cause for fault in caught.value.faults)


def test_inputs_are_not_changed_and_results_follow_their_schemas(corridor, links, options):
    before = {name: frame.clone() for name, frame in corridor.items()}
    resolved = resolve_trips(corridor, links, options)
    assert all(frame.equals(before[name]) for name, frame in corridor.items())
    for name in ("trips", "trip_events", "connections", "findings"):
        frame = getattr(resolved, name)
        assert conform_table(name, frame).equals(frame)
        keys = {"trips": "trip_id", "findings": "finding_id"}.get(name)
        assert keys is None or frame[keys].is_unique().all()


def test_a_study_without_any_service_has_empty_results(corridor, links, options):
    tables = corridor | {
        name: corridor[name].clear() for name in ("coach_services", "coach_legs", "trains")
    }
    resolved = resolve_trips(tables, links, options)
    assert resolved.trips.is_empty()
    assert resolved.findings.is_empty()


def test_a_horizon_of_one_day_gives_that_trip_alone(corridor, links):
    day = date(2025, 7, 3)
    trips = resolve_trips(corridor, links, TimetableOptions(day, day, day, day)).trips
    assert trips["trip_id"].to_list() == [FIRST]
