"""Paths and occupations as tables."""

from arterial.timetable.paths import (
    Closure,
    StopWish,
    tabulate_occupations,
    tabulate_paths,
)


def test_a_path_is_told_point_by_point(ground):
    path = ground.lay("7@2025-06-17", "ABC", stops={1: StopWish(60)})
    table = tabulate_paths(ground.model, [path])
    assert table["point_id"].to_list() == ["A", "B", "C"]
    assert table["arrival_at_s"].to_list() == [None, 100, 260]
    assert table["departure_at_s"].to_list() == [0, 160, None]
    assert table["section_id"].to_list() == [None, "AB", "BC"]
    assert table["planned_dwell_s"].to_list() == [0, 60, 0]
    assert table["train_id"].unique().to_list() == ["7"]
    assert table["wait_s"].sum() == 0


def test_a_train_of_a_flow_has_no_train_id(ground):
    path = ground.lay("F/forward/1", "AB")
    row = tabulate_paths(ground.model, [path]).row(0, named=True)
    assert (row["train_id"], row["flow_id"]) == (None, "F")


def test_occupations_cover_steps_points_and_possessions(ground):
    path = ground.lay("t", "BA")
    works = [Closure("W", 5, 9, step=1), Closure("V", 6, 9, point=2, tracks_count=1)]
    table = tabulate_occupations(ground.model, [path], works)
    rows = {(row["kind"], row["path_id"], row["from_at_s"]): row for row in table.to_dicts()}
    step = rows["step", "t", 0]
    assert (step["section_id"], step["from_point"], step["to_at_s"]) == ("AB", "B", 100)
    # A track is held for 5 s after departure.
    assert rows["point", "t", 100]["to_at_s"] == 105
    assert rows["step", None, 5]["possession_id"] == "W"
    assert rows["point", None, 6]["point_id"] == "C"
    assert table["occupation_id"].is_unique().all()


def test_no_paths_give_empty_tables(ground):
    assert tabulate_paths(ground.model, []).is_empty()
    assert tabulate_occupations(ground.model, []).is_empty()
