import datetime as dt

import polars as pl
import pytest

from arterial.evidence.durations import check_durations
from arterial.study import conform_table, empty_table

NO_DEPARTURES = (empty_table("trips"), empty_table("trip_events"))
K27 = {
    "statement_id": "k27",
    "subject": "K27",
    "from_point": "beijing",
    "departure": "17:26",
    "to_point": "pyongyang",
    "arrival": "18:07",
    "arrival_day": 1,
    "departure_date": dt.date(2026, 3, 12),
    "claim_id": "C1",
    "source_id": "S1",
}
COACH_2008 = {
    "statement_id": "2008",
    "subject": "coach",
    "from_point": "moscow",
    "departure": "21:25",
    "to_point": "pyongyang",
    "arrival": "21:25",
    "arrival_day": 9,
    "departure_date": dt.date(2008, 9, 11),
    "stated_duration_min": 211 * 60.0,
}


def check(make_tables, **changes):
    (found,) = check_durations(
        make_tables(published_durations=[{**K27, **changes}]), *NO_DEPARTURES
    )
    return found


def test_the_difference_of_the_clock_faces_is_recognised_as_such(make_tables):
    found = check(make_tables, stated_duration_min=24 * 60 + 41)
    assert found.verdict == "only_if_zones_ignored"
    assert found.computed == "23 h 41 min"
    assert found.calculation.startswith(
        "17:26 UTC+8 = 09:26 UTC; 18:07 UTC+9 next day = 09:07 UTC next day; 23 h 41 min; "
        "clock faces differ by 24 h 41 min"
    )


@pytest.mark.parametrize(("minutes", "verdict"), [(1421, "holds"), (1440, "contradicted")])
def test_the_true_elapsed_time_holds_and_another_does_not(make_tables, minutes, verdict):
    assert check(make_tables, stated_duration_min=minutes).verdict == verdict


def test_a_duration_of_2008_holds_only_with_summer_time(make_tables):
    tables = make_tables(
        published_durations=[
            COACH_2008,
            {**COACH_2008, "statement_id": "winter", "departure_date": dt.date(2008, 12, 11)},
        ]
    )
    summer, winter = check_durations(tables, *NO_DEPARTURES)
    assert (summer.verdict, summer.computed) == ("holds", "211 h")
    assert (winter.verdict, winter.computed) == ("contradicted", "210 h")
    assert "21:25 UTC+4 = 17:25 UTC" in summer.calculation


def test_half_hour_offsets_are_written_out(make_tables):
    found = check(make_tables, departure_date=dt.date(2018, 4, 1))
    assert "18:07 UTC+8:30 next day" in found.calculation


def test_without_a_stated_duration_the_elapsed_time_is_still_given(make_tables):
    found = check(make_tables)
    assert (found.verdict, found.computed) == ("cannot_tell", "23 h 41 min")


def test_two_durations_between_the_same_faces_conflict(make_tables):
    rows = [
        {**K27, "stated_duration_min": 1481.0},
        {**K27, "statement_id": "other", "stated_duration_min": 1421.0},
        {**K27, "statement_id": "silent"},
    ]
    checks = check_durations(make_tables(published_durations=rows), *NO_DEPARTURES)
    assert [found.conflicts_with for found in checks] == [("other",), ("k27",), ()]


def test_an_unknown_zone_is_named_and_nothing_is_told(make_tables):
    found = check(make_tables, to_point="nowhere", stated_duration_min=60.0)
    assert found.verdict == "cannot_tell"
    assert "nowhere" in found.calculation


HOUR_S = 3600
FIRST = dt.date(2025, 6, 17)


def hold(make_tables, *, span, low_h, high_h, day=None):
    """A stated duration of the service against one departure of 204 h (194 to 216)."""
    trips = pl.DataFrame({"trip_id": ["t"], "service_id": ["c"], "trip_date": [FIRST]})
    rows = [
        ("t", "moscow", "departure", 0, 0, 0),
        ("t", "khasan", "arrival", 90, 90, 90),
        ("t", "tumangang", "departure", 95, 97, 103),
        ("t", "pyongyang", "arrival", 194, 204, 216),
    ]
    times = ("low_at_s", "at_s", "high_at_s")
    columns = ["trip_id", "point_id", "event", *times]
    events = pl.DataFrame(rows, schema=columns, orient="row").with_row_index("sequence")
    ends = ("khasan", "tumangang") if span == "stay" else ("moscow", "pyongyang")
    row = {
        "statement_id": "s", "subject": "coach", "service_id": "c", "span": span,
        "from_point": ends[0], "to_point": ends[1], "departure_date": day,
        "stated_low_min": low_h * 60.0, "stated_high_min": high_h * 60.0,
    }  # fmt: skip
    (found,) = check_durations(
        make_tables(published_durations=[row]),
        conform_table("trips", trips, fill_missing=True),
        conform_table(
            "trip_events", events.with_columns(pl.col(times) * HOUR_S), fill_missing=True
        ),
    )
    return found


@pytest.mark.parametrize(
    ("low_h", "high_h", "verdict"),
    [(200, 210, "holds"), (192, 200, "cannot_tell"), (180, 193, "contradicted")],
)
def test_a_duration_of_a_service_is_held_against_its_departures(
    make_tables, low_h, high_h, verdict
):
    found = hold(make_tables, span="journey", low_h=low_h, high_h=high_h)
    assert (found.verdict, found.computed) == (verdict, "204 h")
    assert "194 h to 216 h" in found.calculation


def test_a_stay_on_the_way_is_from_arrival_to_departure(make_tables):
    found = hold(make_tables, span="stay", low_h=8, high_h=24)
    assert (found.verdict, found.computed) == ("cannot_tell", "7 h")
    assert hold(make_tables, span="stay", low_h=14, high_h=24).verdict == "contradicted"


def test_a_duration_of_another_day_holds_nothing(make_tables):
    found = hold(make_tables, span="journey", low_h=1, high_h=2, day=dt.date(2025, 7, 3))
    assert (found.verdict, found.computed) == ("cannot_tell", "unknown")
