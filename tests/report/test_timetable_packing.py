"""The times of all trains as profiles and courses: what is written is what was computed."""

from itertools import accumulate, pairwise

import polars as pl
import pytest

from arterial.report.timetable_section import IS_COMPUTED, IS_STOP, pack_times
from page_reader import decode_column
from timetable_page_cases import few_trains, many_trains


def pack(results, train_ids=None, point_ids=None):
    times = results["train_times"]
    trains = results["train_runs"]["train_id"] if train_ids is None else pl.Series(train_ids)
    points = pl.Series(point_ids or sorted(times["point_id"].unique()))
    return pack_times(times, results["train_patterns"], trains, points), trains, points


def decode_table(table):
    return {name: decode_column(column, table["rows"]) for name, column in table["columns"].items()}


def unpack(packed, trains, points):
    """Rows of ``train_times`` as the page makes them: train, days, point, arrival, departure."""
    counts = decode_table(packed["profiles"])["count"]
    bounds = list(pairwise(accumulate(counts, initial=0)))
    rows = list(zip(*decode_table(packed["passings"]).values(), strict=True))
    for train, profile, begin, days in zip(*decode_table(packed["courses"]).values(), strict=True):
        at = begin
        for point, run, stay, flags in rows[slice(*bounds[profile])]:
            arrive, at = at + run, at + run + stay
            text = packed["day_texts"][days]
            yield trains[train], text, points[point], arrive, at, flags


def stated(results):
    rows = results["train_times"].join(results["train_patterns"], on=["train_id", "pattern"])
    rows = rows.sort("train_id", "pattern", "sequence")
    flags = pl.col("is_stop") * IS_STOP + (pl.col("basis") == "computed") * IS_COMPUTED
    arrive = pl.coalesce("arrival_s", "departure_s")
    leave = pl.coalesce("departure_s", "arrival_s").alias("leave_s")
    return rows.select("train_id", "days", "point_id", arrive, leave, flags.alias("flags")).rows()


@pytest.mark.parametrize("results", [few_trains(), many_trains(30, 12)], ids=["few", "many"])
def test_the_page_reads_back_every_time(results):
    assert list(unpack(*pack(results))) == stated(results)


def test_trains_with_the_same_running_times_share_a_profile():
    packed, _, _ = pack(few_trains())
    # A and C alike in winter and summer; B the other way.
    assert decode_table(packed["profiles"]) == {"count": [5, 5]}
    assert packed["courses"]["rows"] == 6
    assert decode_table(packed["courses"])["begin_s"] == [25200, 21600, 25800, 22200, 25200, 21600]
    assert len(packed["day_texts"]) == 2


def test_rows_without_a_time_or_of_a_foreign_point_are_left_out():
    results = few_trains()
    bare = results["train_times"].with_columns(
        pl.when(pl.col("sequence") != 2).then("arrival_s"),
        pl.when(pl.col("sequence") != 2).then("departure_s"),
    )
    packed, trains, points = pack({**results, "train_times": bare}, point_ids=["P0", "P2", "P4"])
    shown = [row[2] for row in unpack(packed, trains, points)]
    assert shown[:3] == ["P0", "P2", "P4"]
    assert set(decode_table(packed["profiles"])["count"]) == {3}


def test_rows_in_any_order_give_the_same():
    results = few_trains()
    mixed = {
        **results,
        "train_times": results["train_times"].sample(fraction=1.0, shuffle=True, seed=3),
    }
    assert pack(mixed)[0] == pack(results)[0]


def test_a_train_without_known_days_runs_on_none():
    results = few_trains()
    patterns = results["train_patterns"].filter(pl.col("train_id") != "B")
    packed, _, _ = pack({**results, "train_patterns": patterns})
    days = decode_table(packed["courses"])["days"]
    assert [packed["day_texts"][place].count("1") for place in days] == [28, 33, 0, 0, 28, 33]


def test_no_times_give_no_courses():
    results = few_trains()
    packed, _, _ = pack(
        {**results, "train_times": results["train_times"].clear()}, point_ids=["P0"]
    )
    assert packed["courses"]["rows"] == 0
    assert packed["passings"]["rows"] == 0
