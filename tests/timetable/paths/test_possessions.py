"""Possessions as users of the track."""

from datetime import date

import pytest

from arterial.errors import StudyError
from arterial.timetable.paths import LineModel, LineStep
from arterial.timetable.paths.possessions import resolve_possessions

EPOCH = date(2025, 6, 1)
HOUR = 3600
MODEL = LineModel(
    tuple("ABC"),
    (2, 3, 2),
    (1e9,) * 3,
    (LineStep("S", "A", "B"), LineStep("S", "B", "C")),
)


@pytest.fixture
def resolve(build):
    def resolve_them(*rows, day_from=EPOCH, day_to=EPOCH, rules=()):
        points = [
            {"point_id": point, "name": point, "zone": "Asia/Pyongyang", "country": "KP",
             "kind": "station"}
            for point in "ABC"
        ]  # fmt: skip
        tables = build.tables(operational_points=points, possessions=list(rows))
        if rules:
            tables["calendar_rules"] = build.tables(calendar_rules=rules)["calendar_rules"]
        return resolve_possessions(MODEL, tables, epoch=EPOCH, day_from=day_from, day_to=day_to)

    return resolve_them


def works(**more):
    return {"possession_id": "W", "start": "10:00", "duration_min": 90} | more


def test_a_section_is_closed_step_by_step_in_local_time(resolve):
    closures = resolve(works(section_id="S"))
    assert [closure.step for closure in closures] == [0, 1]
    # 10:00 at Pyongyang is 01:00 UTC.
    assert {(one.from_s, one.to_s) for one in closures} == {(HOUR, HOUR + 5400)}
    assert closures[0].possession_id == "W@2025-06-01"


def test_a_stretch_and_a_direction_close_no_more(resolve):
    row = works(section_id="S", from_point="B", to_point="C", direction="backward")
    (closure,) = resolve(row)
    assert (closure.step, closure.direction) == (1, 1)


def test_tracks_of_a_point_are_closed_all_unless_counted(resolve):
    (closure,) = resolve(works(point_id="B"))
    assert (closure.point, closure.tracks_count, closure.step) == (1, 3, None)
    (closure,) = resolve(works(point_id="B", tracks_count=1))
    assert closure.tracks_count == 1


def test_days_follow_calendar_and_validity(resolve):
    rule = {"calendar_id": "ODD", "sequence": 1, "pattern": "odd_days", "effect": "runs"}
    row = works(section_id="S", from_point="A", to_point="B", calendar_id="ODD",
                first_day=date(2025, 6, 2), last_day=date(2025, 6, 6))  # fmt: skip
    closures = resolve(row, day_to=date(2025, 6, 30), rules=[rule])
    assert [one.possession_id for one in closures] == ["W@2025-06-03", "W@2025-06-05"]


def test_a_possession_of_nothing_is_told(resolve):
    with pytest.raises(StudyError) as caught:
        resolve(works(), works(possession_id="X", section_id="S", from_point="Z"))
    assert [fault.column for fault in caught.value.faults] == ["section_id"] * 2
