"""What the page is given of the whole timetable, and the answer at its head."""

import datetime as dt

import polars as pl
import pytest

from arterial.clock import utc_offset_min
from arterial.report.payload import View, build_payload, embed_payload
from arterial.report.timetable_answer import describe_timetable, name_places
from arterial.report.timetable_section import (
    LISTED_CONFLICTS,
    TIMETABLE_TABLES,
    build_timetable,
    list_offsets,
)
from arterial.study.schema import list_tables, load_schema
from page_reader import decode_column
from timetable_page_cases import few_trains, made_up_line, many_trains


@pytest.fixture(scope="module")
def line():
    return made_up_line()


@pytest.fixture(scope="module")
def trains():
    return few_trains()


def column(table, name):
    return decode_column(table["columns"][name], table["rows"])


def test_the_cases_have_the_columns_of_the_result_tables(trains):
    for name in set(TIMETABLE_TABLES) & set(list_tables()):
        assert set(trains[name].columns) == set(load_schema(name).columns)


def test_a_study_without_times_of_trains_gives_the_payload_it_gave(study, results, trains):
    plain = build_payload(study, results)
    assert "timetable" not in plain
    none = {name: trains[name].clear() for name in TIMETABLE_TABLES}
    assert embed_payload(build_payload(study, {**results, **none})) == embed_payload(plain)


@pytest.mark.parametrize("name", TIMETABLE_TABLES[:3])
def test_a_run_without_one_of_the_tables_of_trains_gives_no_timetable(line, trains, name):
    assert build_timetable(line, {key: trains[key] for key in trains if key != name}) is None


def test_the_report_alone_is_given_the_timetable(line, trains):
    assert "timetable" in build_payload(line, trains)
    assert "timetable" not in build_payload(line, trains, view=View.MAP)


def test_points_are_named_once_and_lines_are_in_order(line, trains):
    given = build_timetable(line, trains)
    assert column(given["points"], "name") == [f"Station {number}" for number in range(5)]
    assert [zone["name"] for zone in given["zones"]] == ["Europe/Berlin"]
    assert column(given["points"], "zone") == [0] * 5
    assert column(given["lines"], "name") == ["Main Line"]
    assert column(given["line_points"], "point") == [0, 1, 2, 3, 4]
    assert column(given["line_points"], "km") == [0, 7.3, 14.6, 21.9, 29.2]
    # 1 March is 59 days after 1 January.
    assert given["day_shift_s"] == 59 * 86_400


def test_a_line_with_one_point_of_the_trains_is_left_out(line, trains):
    other = pl.DataFrame({"line_id": ["BRANCH"], "name": ["Branch"], "chainage_system": ["B"]})
    at = {"line_id": "BRANCH", "sequence": 1, "point_id": "P2", "location_km": 0.0}
    wider = line.with_tables(
        lines=pl.concat([line.table("lines"), other], how="diagonal_relaxed"),
        line_points=pl.concat(
            [line.table("line_points"), pl.DataFrame(at)], how="diagonal_relaxed"
        ),
    )
    given = build_timetable(wider, trains)
    assert column(given["lines"], "line_id") == ["MAIN"]


def test_conflicts_come_with_their_place_in_words_and_the_gravest_first(line, trains):
    mild = trains["timetable_conflicts"].reverse()
    given = build_timetable(line, {**trains, "timetable_conflicts": mild})
    assert column(given["conflicts"], "kind") == ["opposing", "station_full"]
    assert column(given["conflicts"], "place") == ["Station 1\N{EN DASH}Station 2", "Station 3"]
    assert column(given["conflicts"], "other_train_ids") == [None, "B;C"]
    lists = pl.Series("other_train_ids", [["B", "C"], None], dtype=pl.List(pl.String))
    nested = build_timetable(line, {**trains, "timetable_conflicts": mild.with_columns(lists)})
    assert nested["conflicts"] == given["conflicts"]


def test_the_page_is_given_so_many_conflicts_and_told_of_the_rest(line, trains):
    rows = pl.concat([trains["timetable_conflicts"]] * LISTED_CONFLICTS)
    given = build_timetable(line, {**trains, "timetable_conflicts": rows})
    assert given["conflicts"]["rows"] == LISTED_CONFLICTS
    assert given["conflicts_left_out"] == LISTED_CONFLICTS
    # The graver half is the one that is given.
    assert set(column(given["conflicts"], "kind")) == {"opposing"}


def test_without_a_search_for_conflicts_none_are_given(line, trains):
    bare = {name: trains[name] for name in TIMETABLE_TABLES[:3]}
    given = build_timetable(line, bare)
    assert given["conflicts"] is None
    assert given["answer"][-1] == "Conflicts between the trains were not sought."


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Pyongyang", "Australia/Lord_Howe", "UTC"])
def test_the_offsets_of_a_zone_hold_at_every_quarter_of_an_hour(zone):
    epoch, first, last = dt.date(2026, 1, 1), dt.date(2026, 3, 20), dt.date(2026, 4, 10)
    given = list_offsets(zone, first, last, epoch=epoch)
    assert given["at_s"] == sorted(given["at_s"])
    for at_s in range((first - epoch).days * 86_400, (last - epoch).days * 86_400, 900):
        begun = [offset for begin, offset in zip(*given.values(), strict=True) if begin <= at_s]
        assert begun[-1] == utc_offset_min(at_s, epoch, zone)


def test_the_answer_counts_trains_reasons_conflicts_and_places(line, trains):
    modes, why_timetable, why_not, kinds, places = describe_timetable(line, trains)
    assert modes == (
        "4 stated trains: 2 run with times from physics, 1 runs at the stated times without "
        "physics and 1 does not run."
    )
    assert why_timetable == "Why without physics: Its formation is not known (1 train)."
    assert why_not == "Why not run: Its line is closed (1 train)."
    # One pair, A and B; the conflict of three trains is of no pair.
    assert kinds.startswith(
        "Computed: 2 conflicts of 1 pair of trains: head-on on single track (1)"
    )
    assert "Of these 1 cannot be run on the track there is; the other is to be settled" in kinds
    assert places == (
        "They lie at Station 1\N{EN DASH}Station 2 (1 conflict, 61 times over the horizon) and "
        "Station 3 (1 conflict, 3 times over the horizon)."
    )


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([True, True], "None of them can be run on the track there is."),
        ([False, False], "Each of them is to be settled on the way or closer than the least"),
        ([None, False], "Each of them is to be settled"),
    ],
)
def test_the_answer_tells_what_no_waiting_can_settle(line, trains, flags, words):
    rows = trains["timetable_conflicts"].with_columns(is_impossible=pl.Series(flags))
    *_, kinds, _ = describe_timetable(line, {**trains, "timetable_conflicts": rows})
    assert words in kinds


def test_the_answer_groups_reasons_and_names_the_commonest(line, trains):
    reasons = ["no locomotive"] * 3 + ["no brake"] * 2 + ["no gauge", "no route", "no limit"]
    runs = trains["train_runs"].head(1).select(pl.all().exclude("reason", "mode", "train_id"))
    many = pl.DataFrame({"reason": reasons}).with_columns(
        mode=pl.lit("timetable"), train_id=pl.int_range(8).cast(pl.String)
    )
    told = list(describe_timetable(line, {"train_runs": many.join(runs, how="cross")}))
    assert told[0] == "8 stated trains: all run at the stated times without physics."
    assert told[1] == (
        "Why without physics: no locomotive (3 trains); no brake (2 trains); no gauge (1 train); "
        "and 2 other reasons."
    )


def test_only_the_worst_three_places_are_told(line, trains):
    at = trains["timetable_conflicts"].tail(1)
    rows = pl.concat(
        at.with_columns(point_id=pl.lit(f"P{number}"), days_count=pl.lit(10 - number, pl.Int64))
        for number in range(5)
    )
    *_, places = describe_timetable(line, {**trains, "timetable_conflicts": rows})
    assert places.startswith("Worst of 5 places: Station 0 (1 conflict, 10 times over")
    assert "Station 2" in places
    assert "Station 3" not in places


def test_a_place_that_the_study_does_not_name_is_told_by_its_id(line, trains):
    rows = trains["timetable_conflicts"].with_columns(
        point_id=pl.Series(["ELSEWHERE", None]), from_point=None, to_point=None
    )
    assert name_places(line, rows).to_list() == ["ELSEWHERE", "an unknown place"]
    section = rows.with_columns(section_id=pl.lit("S1"))
    assert name_places(line, section).to_list() == ["ELSEWHERE", "S1"]


def test_without_conflicts_the_answer_says_so(line):
    told = list(describe_timetable(line, many_trains(4, 3)))
    assert told == [
        "4 stated trains: all run with times from physics.",
        "Computed: no train is in conflict with another.",
    ]
    assert list(describe_timetable(line, {})) == []


def test_the_page_is_given_the_punctuality_of_simulated_trains_where_there_is_any(line, trains):
    assert "punctuality" not in build_timetable(line, trains)
    point = line.table("operational_points")["point_id"][0]
    train = trains["train_runs"]["train_id"][0]
    simulated = {
        "station_punctuality": pl.DataFrame(
            [
                {"point_id": point, "hour": 7, "arrivals_count": 20, "delay_mean_min": 2.25}
                | {"punctual_share": 0.75, "limit_min": 5.0},
                {"point_id": "NOWHERE", "hour": 7, "arrivals_count": 20, "delay_mean_min": 2.0}
                | {"punctual_share": 0.5, "limit_min": 5.0},
            ]
        ),
        "line_causes": pl.DataFrame(
            {"train_key": [train], "cause": ["dwell"], "primary_min": [3.0], "knock_on_min": [1.0]}
        ),
    }
    given = build_timetable(line, {**trains, **simulated})
    assert given["punctuality"]["rows"] == 1
    assert given["tolerance_min"] == 5.0
    assert column(given["punctuality"], "punctual_share") == [0.75]
    assert column(given["causes"], "train") == [0]
    said = " ".join(given["answer"])
    assert "63 % of arrivals at stops and ends are at most 5 min late" in said
    assert "dwell 100 % (25 % of it passed on)" in said
