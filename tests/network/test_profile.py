import datetime as dt
from dataclasses import dataclass

import pytest

from arterial.errors import LimitError, StudyError
from arterial.network import build_network, find_route, route_profile
from arterial.network.profile import split_wave


@dataclass(frozen=True)
class Settings:
    gradient_assumption: str = "rolling"
    gradient_share: float = 0.5
    gradient_wave_km: float = 10.0


def profile_of(tables, points=("a", "b"), settings=Settings(), **options):
    return route_profile(
        find_route(build_network(tables), points), tables, settings=settings, **options
    )


@pytest.fixture
def plain(make_tables, section):
    """a-b of 20 km, ruling 8 per mille, 60 km/h for passengers, 40 for freight."""
    return make_tables(
        [
            section(
                "ab",
                "a",
                "b",
                20.0,
                ruling_gradient_permille=8.0,
                passenger_speed_limit_kmh=60.0,
                freight_speed_limit_kmh=40.0,
                typical_passenger_speed_kmh=35.0,
                electrification="3kv_dc",
            )
        ],
        line_points=[("L", "a", 0.0, None), ("L", "m", 7.0, None), ("L", "b", 20.0, None)],
    )


def test_the_best_case_is_a_wave_of_the_share_of_the_ruling_gradient(plain):
    profile = profile_of(plain)
    assert profile["position_m"].to_list() == [0, 5000, 10000, 15000]
    assert profile["gradient_permille"].to_list() == [4, -4, 4, -4]
    assert profile["gradient_bound_permille"].to_list() == [8] * 4
    assert set(profile["gradient_basis"]) == {"assumed"}
    assert profile["typical_speed_kmh"].to_list() == [35] * 4


def test_the_low_case_is_level_and_the_high_case_takes_the_full_gradient(plain):
    low = profile_of(plain, gradient_case="low")
    assert low.select("position_m", "length_m", "gradient_permille").rows() == [(0, 20000, 0)]
    assert profile_of(plain, gradient_case="high")["gradient_permille"].to_list() == [8, -8, 8, -8]


@pytest.mark.parametrize("length_m", [300.0, 4_000.0, 9_999.0, 10_001.0, 47_300.0])
def test_assumed_hills_have_no_net_height_whatever_the_length(length_m):
    slopes = split_wave(length_m, 10_000.0)
    ends = [begin for begin, _ in slopes[1:]] + [length_m]
    rises = [sign * (end - begin) for (begin, sign), end in zip(slopes, ends, strict=True)]
    assert sum(rises) == pytest.approx(0.0, abs=1e-6)
    assert max(abs(rise) for rise in rises) <= 5_000.0


def test_a_level_assumption_makes_every_case_level(plain):
    level = Settings(gradient_assumption="level")
    profile = profile_of(plain, settings=level, gradient_case="high")
    assert profile["gradient_permille"].to_list() == [0.0]


def test_a_part_of_a_section_keeps_the_hills_where_they_are(plain):
    profile = profile_of(plain, ("m", "b"))
    assert profile["position_m"].to_list() == pytest.approx([0, 3000, 8000])
    assert profile["gradient_permille"].to_list() == [-4, 4, -4]
    assert profile["length_m"].sum() == pytest.approx(13_000)


def test_known_pieces_turn_their_sign_when_run_backward(plain, make_tables):
    pieces = [
        {"section_id": "ab", "offset_m": 0.0, "gradient_permille": 3.0, "curve_radius_m": 400.0},
        {
            "section_id": "ab",
            "offset_m": 6000.0,
            "gradient_permille": -7.0,
            "speed_limit_kmh": 45.0,
        },
    ]
    tables = {**make_tables(plain["sections"].to_dicts(), profile_pieces=pieces)}
    there, back = profile_of(tables), profile_of(tables, ("b", "a"))
    assert there["gradient_permille"].to_list() == [3, -7]
    assert there["speed_limit_kmh"].to_list() == [60, 45]
    assert there["curve_radius_m"].to_list() == [400, None]
    assert back["gradient_permille"].to_list() == [7, -3]
    assert back["position_m"].to_list() == [0, 14_000]
    assert back["speed_limit_kmh"].to_list() == [45, 60]


def test_a_stretch_before_the_first_known_piece_is_assumed(plain, make_tables):
    pieces = [{"section_id": "ab", "offset_m": 12_000.0, "gradient_permille": 1.0}]
    tables = make_tables(plain["sections"].to_dicts(), profile_pieces=pieces)
    profile = profile_of(tables, gradient_case="low")
    assert profile["gradient_basis"].to_list() == ["assumed", "known"]
    assert profile["gradient_permille"].to_list() == [0, 1]


def test_freight_trains_have_their_own_limit(plain):
    assert set(profile_of(plain, is_freight=True)["speed_limit_kmh"]) == {40}


def test_a_restriction_lowers_the_limit_on_its_days_only(plain, make_tables):
    slow = {
        "restriction_id": "r",
        "section_id": "ab",
        "from_offset_m": 2000.0,
        "to_offset_m": 3000.0,
        "speed_limit_kmh": 15.0,
        "valid_from": dt.date(2025, 7, 1),
        "valid_to": dt.date(2025, 7, 31),
    }
    tables = make_tables(plain["sections"].to_dicts(), speed_restrictions=[slow])
    low = {"gradient_case": "low"}
    july = profile_of(tables, restrictions_on=dt.date(2025, 7, 31), **low)
    assert july.select("position_m", "speed_limit_kmh").rows() == [(0, 60), (2000, 15), (3000, 60)]
    august = profile_of(tables, restrictions_on=dt.date(2025, 8, 1), **low)
    assert set(august["speed_limit_kmh"]) == {60}
    assert set(profile_of(tables, **low)["speed_limit_kmh"]) == {60}


def test_every_section_without_a_limit_is_named_and_none_is_guessed(make_tables, section):
    sections = [section("ab", "a", "b"), section("bc", "b", "c")]
    with pytest.raises(StudyError) as caught:
        profile_of(make_tables(sections), ("a", "c"), gradient_case="low")
    assert [f.cause for f in caught.value.faults] == [
        "The speed limit of section ab is unknown.",
        "The speed limit of section bc is unknown.",
    ]


def test_hills_without_a_ruling_gradient_are_refused(make_tables, section):
    tables = make_tables([section("ab", "a", "b", passenger_speed_limit_kmh=50.0)])
    assert profile_of(tables, gradient_case="low")["gradient_permille"].to_list() == [0.0]
    with pytest.raises(StudyError, match="ruling gradient of section ab"):
        profile_of(tables)


def test_a_case_that_does_not_exist_is_refused(plain):
    with pytest.raises(LimitError, match="low, best, high"):
        profile_of(plain, gradient_case="worst")
