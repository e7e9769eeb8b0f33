"""Compression of train paths, by hand and against another way to compute it."""

import polars as pl
import pytest

from arterial.capacity import assign_tracks, compress_paths, measure_consumption
from arterial.errors import StudyError

SCHEMA = {
    "train_id": pl.String,
    "sequence": pl.Int64,
    "resource_id": pl.String,
    "begin_s": pl.Int64,
    "end_s": pl.Int64,
    "shortest_s": pl.Int64,
}


def make_paths(*rows):
    """Rows of train, resource, begin and end in minutes, and perhaps the shortest stay."""
    numbers: dict[str, int] = {}
    full = []
    for train, resource, begin, end, *shortest in rows:
        numbers[train] = numbers.get(train, 0) + 1
        stay = None if not shortest else shortest[0] * 60
        full.append((train, numbers[train], resource, begin * 60, end * 60, stay))
    return pl.DataFrame(full, schema=SCHEMA, orient="row")


def follow(kinds: str, headways: dict[str, int]) -> pl.DataFrame:
    """Trains one after another, each blocking the critical section for its headway."""
    rows, at = [], 0
    for number, pair in enumerate(zip(kinds, kinds[1:] + kinds[0], strict=True)):
        headway = headways["".join(pair)]
        rows.append((str(number), "critical", at, at + headway))
        # Slack between the paths, which compression takes out.
        at += headway + 2
    return make_paths(*rows)


def test_twelve_trains_at_three_minutes_occupy_sixty_percent_of_an_hour() -> None:
    assert compress_paths(follow("F" * 12, {"FF": 3})).occupancy_s / 3600 == 0.60


def test_bundled_trains_occupy_less_than_alternating_ones() -> None:
    headways = {"FF": 3, "FS": 2, "SF": 7, "SS": 4}
    assert compress_paths(follow("FSFSFSFS", headways)).occupancy_s == 36 * 60
    assert compress_paths(follow("FFFFSSSS", headways)).occupancy_s == 30 * 60


def test_eight_pairs_over_a_single_track_section_occupy_two_thirds_of_six_hours() -> None:
    rows = []
    for pair in range(8):
        begin = 45 * pair
        rows += [
            (f"u{pair}", "section", begin, begin + 12 + 2),
            (f"d{pair}", "section", begin + 20, begin + 20 + 14 + 2),
        ]
    table = measure_consumption(
        make_paths(*rows).with_columns(line_section_id=pl.lit("A-B")),
        period_s=6 * 3600,
        additional_rate=0.25,
    )
    row = table.row(0, named=True)
    assert row["occupancy_s"] == 8 * 30 * 60
    assert row["occupancy_rate"] == pytest.approx(2 / 3)
    assert row["consumption"] == pytest.approx(2 / 3 * 1.25)
    assert row["trains_count"] == 16
    assert not row["is_congested"]


# A single line A-B-C with a loop at B: 1 goes up, 2 comes down, they meet at B.
MEET = (
    ("1", "A-B", 0, 10), ("1", "B#1", 10, 14), ("1", "B-C", 14, 22),
    ("2", "B-C", 2, 12), ("2", "B#2", 12, 16), ("2", "A-B", 16, 28),
)  # fmt: skip


def test_a_corridor_repeats_as_fast_as_its_busiest_circle_of_waiting() -> None:
    # A-B alone takes 10 + 12 = 22 min, B-C alone 8 + 10 = 18. But the paths are rigid: 1 clears B-C
    # 22 min after its begin on A-B, 2 then needs 26 min until it clears A-B for the next 1. That
    # spans two periods, so that a period lasts at least (22 + 26) / 2 = 24 min.
    found = compress_paths(make_paths(*MEET))
    assert found.occupancy_s == 24 * 60
    assert set(found.critical.rows()) == {("1", "B-C"), ("2", "A-B")}


def test_each_section_of_a_corridor_alone_is_its_blocking_times() -> None:
    paths = make_paths(*MEET).with_columns(line_section_id="resource_id")
    table = measure_consumption(paths, period_s=3600, additional_rate=0)
    occupied = dict(zip(table["line_section_id"], table["occupancy_s"], strict=True))
    assert occupied == {"A-B": 22 * 60, "B-C": 18 * 60, "B#1": 4 * 60, "B#2": 4 * 60}


def test_rigid_paths_can_keep_a_corridor_from_its_section_time() -> None:
    # 2 follows 1 at once on A-B, but its rigid path then begins on B-C 4 min before 1 leaves it.
    rows = (
        ("1", "A-B", 0, 10), ("1", "B-C", 10, 30),
        ("2", "A-B", 24, 34), ("2", "B-C", 34, 44),
        ("3", "A-B", 50, 65), ("3", "B-C", 65, 70),
    )  # fmt: skip
    # 1 to 2 on B-C: 20 min; 2 to 3 on A-B: 10 min, on B-C 3 starts 5 later: 10 + 0 suffices;
    # 3 to the next 1 on A-B: 15 min. Together 45; A-B alone takes 35, B-C alone 35.
    assert compress_paths(make_paths(*rows)).occupancy_s == 45 * 60


def test_a_train_that_may_wait_shorter_lets_the_others_come_closer() -> None:
    # The stay of 1 at B shrinks from 20 to 2 min; its circle is A-B, stay, B-C, then 2 the same.
    def build(*shortest):
        return make_paths(
            ("1", "A-B", 0, 10), ("1", "B", 10, 30, *shortest), ("1", "B-C", 30, 40)
        )  # fmt: skip

    assert compress_paths(build()).occupancy_s == 20 * 60
    assert compress_paths(build(2)).occupancy_s == 10 * 60


def test_compressed_paths_touch_but_do_not_overlap_and_keep_their_lengths() -> None:
    found = compress_paths(make_paths(*MEET))
    rows = found.occupations
    lengths = rows["end_s"] - rows["begin_s"]
    assert (rows["compressed_end_s"] - rows["compressed_begin_s"]).to_list() == lengths.to_list()
    for _, group in rows.group_by("resource_id"):
        ordered = group.sort("compressed_begin_s")
        gaps = ordered["compressed_begin_s"][1:] - ordered["compressed_end_s"][:-1]
        assert gaps.len() == 0 or gaps.min() >= 0


def test_the_most_consumed_line_section_comes_first() -> None:
    paths = make_paths(("1", "A-B", 0, 10), ("1", "B-C", 10, 30)).with_columns(
        line_section_id=pl.Series(["A-B", "B-C"])
    )
    table = measure_consumption(paths, period_s=3600, additional_rate=0)
    assert table["line_section_id"].to_list() == ["B-C", "A-B"]
    assert table["critical"].to_list() == ["1 on B-C", "1 on A-B"]


def test_no_paths_consume_nothing() -> None:
    assert compress_paths(make_paths()).occupancy_s == 0
    none = make_paths().with_columns(line_section_id=pl.lit("A"))
    assert measure_consumption(none, period_s=3600, additional_rate=0).height == 0


def test_paths_in_conflict_are_all_named() -> None:
    paths = make_paths(
        ("1", "A-B", 0, 10), ("2", "A-B", 9, 20), ("3", "B", 0, 10), ("4", "B", 5, 12)
    )  # fmt: skip
    with pytest.raises(StudyError) as caught:
        compress_paths(paths)
    text = str(caught.value)
    assert "Trains 1 and 2 are 60 s too close on A-B." in text
    assert "Trains 3 and 4 are 300 s too close on B." in text


def test_an_interval_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(StudyError, match="Train 4 on B ends before it begins"):
        compress_paths(make_paths(("4", "B", 5, 3)))


def with_intervals(paths, directions, **seconds):
    columns = {name: pl.lit(value, dtype=pl.Int64) for name, value in seconds.items()}
    return paths.with_columns(direction=pl.Series(directions), **columns)


def test_the_interval_to_the_next_train_depends_on_its_direction() -> None:
    # 10 min each; up, up, down: 4 min to follow, 1 to cross, twice as the circle closes.
    paths = make_paths(("1", "A-B", 0, 10), ("2", "A-B", 20, 30), ("3", "A-B", 40, 50))
    found = compress_paths(
        with_intervals(paths, ["up", "up", "down"], following_s=240, crossing_s=60)
    )
    assert found.occupancy_s == (30 + 4 + 1 + 1) * 60


def test_a_short_train_the_other_way_does_not_undo_the_interval_of_following_trains() -> None:
    # 2 takes one minute; up to up needs 10 min nevertheless.
    paths = make_paths(("1", "A-B", 0, 5), ("2", "A-B", 7, 8), ("3", "A-B", 20, 25))
    found = compress_paths(
        with_intervals(paths, ["up", "down", "up"], following_s=600, crossing_s=0)
    )
    # 1 to 3 begins 15 min later, 3 to the next 1 the same.
    assert found.occupancy_s == (15 + 15) * 60


def test_trains_a_headway_apart_may_share_a_section() -> None:
    # A fast train behind a slow one is held to the headway where it leaves, by its rigid path.
    paths = make_paths(("1", "A-B", 0, 60), ("2", "A-B", 40, 70))
    found = compress_paths(with_intervals(paths, ["up", "up"], headway_s=600))
    # 2 leaves 10 min behind 1 and so entered 40 min behind it; the next 1 enters 10 min later.
    assert found.occupancy_s == (40 + 10) * 60
    with pytest.raises(StudyError, match="Trains 1 and 2 are 300 s too close on A-B"):
        compress_paths(
            with_intervals(
                make_paths(("1", "A-B", 0, 60), ("2", "A-B", 40, 65)), ["up", "up"], headway_s=600
            )
        )


def test_a_shortest_stay_longer_than_planned_is_refused() -> None:
    with pytest.raises(StudyError, match="shortest stay of 900 s does not lie within"):
        compress_paths(make_paths(("1", "B", 0, 10, 15)))


def test_unknown_times_are_refused() -> None:
    paths = make_paths(("1", "B", 0, 10)).with_columns(end_s=pl.lit(None, dtype=pl.Int64))
    with pytest.raises(StudyError, match="its times are unknown"):
        compress_paths(paths)


def test_three_trains_need_three_tracks() -> None:
    stays = make_paths(("1", "B", 0, 10), ("2", "B", 2, 12), ("3", "B", 10, 20), ("3", "C", 20, 30))
    assert assign_tracks(stays, {"B": 2})["resource_id"].to_list() == ["B#1", "B#2", "B#1", "C"]
    with pytest.raises(StudyError, match="Train 2 finds all 1 tracks of B taken"):
        assign_tracks(stays, {"B": 1})
