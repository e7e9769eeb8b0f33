import datetime as dt

import pytest

from arterial.evidence.places import check_places

LINE = [("moscow", 0.0), ("ussuriysk", 9176.0), ("vladivostok", 9288.0)]
HEDGED = {
    "statement_id": "p1",
    "point_id": "vladivostok",
    "wording": "most likely",
    "source_id": "S1",
}
PLAIN = {"statement_id": "p2", "point_id": "ussuriysk", "wording": "attached", "source_id": "S2"}
SECOND = {"statement_id": "p3", "point_id": "ussuriysk", "source_id": "S3"}


@pytest.fixture
def check(make_tables):
    def run(*places, **more):
        tables = make_tables(
            published_places=[
                {"group": "g", "service_id": "s", "train_id": "1", **p} for p in places
            ],
            coach_legs=[
                {
                    "service_id": "s",
                    "sequence": 1,
                    "train_id": "1",
                    "from_point": "ussuriysk",
                    "to_point": "moscow",
                }
            ],
            line_points=[
                {"line_id": "L", "sequence": n, "point_id": p, "location_km": km}
                for n, (p, km) in enumerate(LINE, start=1)
            ],
            **more,
        )
        return {found.statement_id: found for found in check_places(tables)}

    return run


def test_the_plain_and_better_supported_place_holds_with_its_grounds(check):
    found = check(HEDGED, PLAIN, SECOND)
    assert {name: each.verdict for name, each in found.items()} == {
        "p1": "contradicted",
        "p2": "holds",
        "p3": "holds",
    }
    assert found["p1"].conflicts_with == ("p2", "p3")
    assert found["p2"].conflicts_with == ("p1",)
    assert "2 x 112.0 km = 224 km" in found["p1"].calculation
    assert "because it is named without reserve; more sources name it" in found["p1"].calculation


@pytest.mark.parametrize(
    ("places", "subject"),
    [
        ((HEDGED, PLAIN), "Coach, where the coach joins train 2"),
        (({**PLAIN, "point_id": "moscow"},), "Coach, where the coach leaves train 2"),
        (({**PLAIN, "point_id": "perm"},), "Coach, where the coach joins or leaves train 2"),
    ],
)
def test_the_hand_over_is_named_in_words(check, places, subject):
    named = {
        "coach_services": [{"service_id": "s", "name": "Coach"}],
        "trains": [{"train_id": "1", "number": "2"}],
        "lines": [{"line_id": "L", "name": "Main line"}],
    }
    found = check(*places, **named)
    assert {each.subject for each in found.values()} == {subject}
    assert "L)" not in found["p2"].calculation


def test_nothing_is_decided_when_the_grounds_speak_for_different_places(check):
    # The far place is named without reserve by two sources, the near one needs no detour.
    found = check(
        {**HEDGED, "wording": "seen"},
        {**HEDGED, "statement_id": "p4", "wording": "seen", "source_id": "S4"},
        PLAIN,
    )
    assert {each.verdict for each in found.values()} == {"cannot_tell"}
    assert found["p2"].computed == "not decided"
    assert "none is chosen" in found["p2"].calculation


def test_a_later_statement_counts_only_when_both_are_dated(check):
    early, late = dt.date(2025, 6, 9), dt.date(2025, 6, 25)
    dated = check({**HEDGED, "published_on": early}, {**PLAIN, "published_on": late})
    assert "it was published later" in dated["p2"].calculation
    undated = check(HEDGED, {**PLAIN, "published_on": late})
    assert "published later" not in undated["p2"].calculation
    against = check({**HEDGED, "published_on": late}, {**PLAIN, "published_on": early})
    assert {each.verdict for each in against.values()} == {"cannot_tell"}


def test_hours_of_the_detour_come_from_the_train_where_it_is_timed(check):
    stops = [
        {"train_id": "1", "sequence": 1, "point_id": "vladivostok", "departure": "22:00"},
        {
            "train_id": "1",
            "sequence": 2,
            "point_id": "ussuriysk",
            "arrival": "00:00",
            "arrival_day": 1,
        },
    ]
    zones = [
        {"point_id": p, "name": p.capitalize(), "zone": "Asia/Vladivostok"}
        for p in ("vladivostok", "ussuriysk", "moscow")
    ]
    found = check(HEDGED, PLAIN, train_stops=stops, operational_points=zones)
    assert "4.0 h by the times of train 1" in found["p1"].calculation


def test_hours_come_from_typical_speeds_where_sections_cover_the_way(check):
    section = {
        "section_id": "u-v",
        "line_id": "L",
        "from_point": "ussuriysk",
        "to_point": "vladivostok",
        "length_km": 112.0,
        "typical_passenger_speed_kmh": 56.0,
    }
    assert (
        "4.0 h by typical section speeds"
        in check(HEDGED, PLAIN, sections=[section])["p1"].calculation
    )
    short = {**section, "to_point": "moscow"}
    assert "time unknown" in check(HEDGED, PLAIN, sections=[short])["p1"].calculation


def test_a_place_off_the_line_has_an_unknown_cost(check):
    found = check({**HEDGED, "point_id": "khasan"}, PLAIN)
    assert "cost unknown" in found["p1"].calculation


def test_a_single_place_has_nothing_to_be_held_against(check):
    found = check(PLAIN)["p2"]
    assert (found.verdict, found.conflicts_with) == ("cannot_tell", ())
