"""The line model made from a study's network."""

from math import inf

import pytest

from arterial.errors import LimitError
from arterial.network import build_network
from arterial.timetable.paths import build_line_model
from arterial.timetable.paths.line_model import UNLIMITED_TRACKS


@pytest.fixture
def model(build):
    points = [
        {"point_id": name, "name": name, "zone": "Etc/UTC", "country": "XX", "kind": "loop",
         "tracks_count": tracks, "loop_length_m": loop}
        for name, tracks, loop in (
            ("A", 4, None), ("B", 2, 650.0), ("C", None, None), ("D", 0, 1.0)
        )
    ]  # fmt: skip
    lines = [{"line_id": "L", "name": "L", "country": "XX", "from_point": "A", "to_point": "D",
              "railway_id": "R", "chainage_system": "L"}]  # fmt: skip
    places = [
        {"line_id": "L", "sequence": n, "point_id": name, "location_km": km}
        for n, (name, km) in enumerate(zip("ABCD", (0.0, 4.0, 10.0, 15.0), strict=True), start=1)
    ]
    section = {"line_id": "L", "gauges_mm": "1435", "direction": "both", "is_open": True}
    sections = [
        section | {"section_id": "S1", "from_point": "A", "to_point": "C", "length_km": 10.0,
                   "tracks_count": None, "signalling": "semi-automatic block"},
        section | {"section_id": "S2", "from_point": "C", "to_point": "D", "length_km": 5.0,
                   "tracks_count": 2, "signalling": "Automatic block, 3 aspects",
                   "electrification": "3kv_dc"},
    ]  # fmt: skip
    tables = build.tables(
        operational_points=points, lines=lines, line_points=places, sections=sections
    )
    return build_line_model(build_network(tables), tables)


def test_steps_lie_between_neighbouring_points(model):
    assert [step.step_id for step in model.steps] == ["S1:A-B", "S1:B-C", "S2:C-D"]
    assert [step.length_km for step in model.steps] == [4.0, 6.0, 5.0]
    assert model.find_step("B", "A") == (0, 1)
    assert model.find_step("C", "D", "S2") == (2, 0)
    with pytest.raises(LimitError, match="No step joins"):
        model.find_step("C", "D", "S1")


def test_trains_follow_inside_a_step_only_under_automatic_block(model):
    assert [step.can_follow for step in model.steps] == [False, False, True]
    assert [step.is_single for step in model.steps] == [True, True, False]
    assert model.steps[2].electrification == "3kv_dc"


def test_what_is_unknown_is_not_judged_and_is_named(model):
    by_point = dict(zip(model.point_ids, model.tracks_count, strict=True))
    assert by_point == {"A": 4, "B": 2, "C": UNLIMITED_TRACKS, "D": 1}
    loops = dict(zip(model.point_ids, model.loop_length_m, strict=True))
    assert loops["B"] == 650.0
    assert loops["A"] == inf
    assert len(model.assumptions) == 2
    assert "S1" in model.assumptions[0]
    assert "C" in model.assumptions[1]
