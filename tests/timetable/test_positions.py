"""Where stated trains are at an instant."""

from datetime import date

import pytest
from tests.stated_cases import make_line, resolve

from arterial.errors import LimitError
from arterial.timetable.positions import find_positions, read_instant

TRAINS = {
    "T1": [("A", None, "23:30"), ("B", "23:50", "00:10"), ("C", "00:30", None)],
    "T2": [("A", None, "12:00"), ("C", "12:40", None)],
}
SECTIONS = [{"from_point": "A", "to_point": "B"}, {"from_point": "B", "to_point": "C"}]


@pytest.mark.parametrize(
    ("minutes", "found"),
    [
        (23 * 60 + 29, []),
        (23 * 60 + 30, [("T1", 0, "A", None, None)]),
        (23 * 60 + 35, [("T1", 0, None, "A-B", 0.25)]),
        (24 * 60, [("T1", 0, "B", None, None)]),
        (24 * 60 + 25, [("T1", 0, None, "B-C", 0.75)]),
        (24 * 60 + 30, [("T1", 0, "C", None, None)]),
        (24 * 60 + 31, []),
        (36 * 60 + 10, [("T2", 1, None, "A-B", 0.5)]),
    ],
)
def test_a_train_is_at_a_point_or_on_a_share_of_its_way(minutes, found):
    study = make_line({name: {} for name in "ABC"}, SECTIONS, TRAINS)
    first = study.settings.horizon_from
    midnight_s = (first - study.settings.epoch).days * 86_400
    table = find_positions(resolve(study).traffic, midnight_s + minutes * 60)
    columns = ("train_id", "operating_day", "point_id", "section_id", "share")
    rows = [
        (train, (day - first).days, *place) for train, day, *place in table.select(columns).rows()
    ]
    assert rows == found
    for row in table.to_dicts():
        assert row["since_s"] <= midnight_s + minutes * 60 <= row["until_s"]


def test_an_instant_has_an_offset_or_the_one_zone_of_the_study():
    epoch, zones = date(2026, 3, 1), ["Asia/Pyongyang"]
    assert read_instant("2026-03-01T09:00", zones, epoch).at_s == 0
    assert read_instant("2026-03-01T10:00:30+10:00", [*zones, "Asia/Vladivostok"], epoch).at_s == 30
    with pytest.raises(LimitError, match="2 time zones"):
        read_instant("2026-03-01T09:00", [*zones, "Asia/Vladivostok"], epoch)
    with pytest.raises(LimitError, match="no instant"):
        read_instant("noon", zones, epoch)
