"""Paced trains stand as trains of their own, with ids that stay."""

import polars as pl
from tests.stated_cases import make_line, resolve

from arterial.study import check_study, read_study, write_study
from arterial.study.paces import expand_paces, list_departures

TRAINS = {"R": [("A", None, "06:10"), ("B", "06:30:30", "06:31"), ("C", "06:50", None)]}
SECTIONS = [{"from_point": "A", "to_point": "B"}, {"from_point": "B", "to_point": "C"}]


def make_paced(*paces):
    study = make_line({name: {} for name in "ABC"}, SECTIONS, TRAINS)
    columns = ("train_id", "first_departure", "last_departure", "every_min")
    return study.with_tables(
        paced_trains=pl.DataFrame(list(paces), schema=columns, orient="row", strict=False)
    )


def list_times(study, train):
    stops = study.table("train_stops").filter(pl.col("train_id") == train).sort("sequence")
    return stops.select("arrival", "arrival_day", "departure", "departure_day").rows()


def test_a_pace_gives_trains_named_by_their_departure(tmp_path):
    study = make_paced(("R", "05:10", "07:10", 60.0), ("R", "08:00", "08:45", 22.5))
    read = read_study(write_study(study, tmp_path / "paced"))
    names = read.table("trains")["train_id"].to_list()
    assert names == ["R", "R-0510", "R-0710", "R-0800", "R-082230", "R-0845"]
    assert read.table("trains")["number"].to_list()[1] == "R-0510"
    assert list_times(read, "R-0710") == [
        (None, None, "07:10", 0),
        ("07:30:30", None, "07:31", None),
        ("07:50", None, None, None),
    ]
    assert list_times(read, "R-082230")[1][0] == "08:43"
    again = write_study(read, tmp_path / "again")
    assert [one for one in check_study(again) if one.severity == "error"] == []
    assert read_study(again).table("trains").equals(read.table("trains"))
    assert resolve(read).tables["train_times"].height == 6 * 3


def test_a_pace_over_midnight_leaves_on_the_next_day_of_its_operating_day(tmp_path):
    read = read_study(write_study(make_paced(("R", "23:40", "00:10", 30.0)), tmp_path / "night"))
    assert read.table("trains")["train_id"].to_list() == ["R", "R-2340", "R-0010"]
    assert list_times(read, "R-0010")[0] == (None, None, "00:10", 1)
    times = resolve(read).tables["train_times"].filter(pl.col("sequence") == 3)
    arrivals = dict(times.select("train_id", "arrival_s").iter_rows())
    assert arrivals["R-0010"] - arrivals["R-2340"] == 30 * 60
    assert arrivals["R-2340"] == (24 * 60 + 20) * 60


def test_a_paced_train_without_departure_is_refused(tmp_path):
    study = make_paced(("R", "05:10", "07:10", 60.0))
    stops = study.table("train_stops").with_columns(
        departure=pl.when(pl.col("sequence") == 2).then("departure")
    )
    folder = write_study(study.with_tables(train_stops=stops), tmp_path / "none")
    (fault,) = [one for one in check_study(folder) if one.severity == "error"]
    assert (fault.file, fault.row, fault.column) == ("tables/paced_trains.csv", 2, "train_id")


def test_a_pace_names_no_more_trains_than_a_day_holds():
    pace = {"first_departure": "06:00", "last_departure": "05:59", "every_min": 0.5}
    assert len(list(list_departures(pace))) == 2 * 24 * 60 - 1
    frames = {"paced_trains": pl.DataFrame({"train_id": []}), "trains": pl.DataFrame()}
    assert expand_paces(frames) == frames
