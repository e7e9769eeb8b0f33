"""Ways that a train can run: gauge, contact line, borders, and what is said where there is none."""

from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise
from random import Random
from typing import Any

import polars as pl
import pytest

from arterial.errors import InfeasibleError
from arterial.network import Network, build_network
from arterial.study import apply_defaults
from arterial.timetable.paths.barred_trains import find_unfit_trains, list_barred_trains
from arterial.timetable.paths.equipment import Equipment
from arterial.timetable.paths.equipped_routes import (
    EquippedRoute,
    find_equipped_route,
)
from arterial.timetable.paths.route_rules import RouteRequest
from arterial.timetable.paths.stands import Need, StatedProcedure, StatedStands, Stay
from stated_cases import make_line

TRAIN = Equipment("passenger")
EXCHANGE = {"point_id": "B", "kind": "gauge", "from_value": "1435", "to_value": "1520",
            "method": "bogie_exchange"}  # fmt: skip


class Scene:
    """A drawn network: sections by their two letters, with the attributes of each."""

    def __init__(
        self,
        sections: Mapping[str, Mapping[str, Any]],
        *,
        countries: Mapping[str, str] | None = None,
        changes: list[Mapping[str, Any]] | None = None,
        **tables: pl.DataFrame,
    ) -> None:
        names = dict.fromkeys(point for pair in sections for point in pair)
        stations = {
            name: {"tracks_count": 2, "country": (countries or {}).get(name, "XX")}
            for name in names
        }
        rows = [{"from_point": a, "to_point": b, **row} for (a, b), row in sections.items()]
        study = make_line(stations, rows, {"T": [("A", None, "08:00"), ("B", "08:10", None)]})
        if changes:
            tables["change_points"] = pl.DataFrame(changes)
        study = study.with_tables(**tables)
        self.study = study
        self.tables = {name: apply_defaults(study, name) for name in study.tables}
        self.network: Network = build_network(self.tables)

    def point(self, name: str) -> int:
        return self.network.point_numbers[name]

    def step(self, name: str) -> int:
        ids = self.network.point_ids
        ends = [{ids[a], ids[b]} for a, b in zip(self.network.step_from, self.network.step_to,
                                                 strict=True)]  # fmt: skip
        return ends.index(set(name))

    def state(self, **works: tuple[str, float, set[Need]]) -> StatedStands:
        """Procedures by name: where, for how many minutes, what for."""
        return StatedStands(
            procedures={
                self.point(at): (StatedProcedure(name, (self.point(at), -1, -1), frozenset(needs)),)
                for name, (at, _, needs) in works.items()
            },
            work_s={name: (60.0 * m, 60.0 * m, 60.0 * m) for name, (_, m, _) in works.items()},
        )

    def find(
        self,
        to_point: str = "C",
        *,
        train: Equipment = TRAIN,
        stated: StatedStands | None = None,
        stops: Mapping[str, float] | None = None,
    ) -> EquippedRoute:
        asked = RouteRequest(("A", to_point), train, stops or {})
        return find_equipped_route(self.network, self.tables, stated or StatedStands(), asked)

    def refuse(self, to_point: str = "C", **options: Any) -> list[str]:
        with pytest.raises(InfeasibleError) as caught:
            self.find(to_point, **options)
        assert caught.value.faults
        return [f"{fault.cause} {fault.cure}" for fault in caught.value.faults]


def break_gauge(**options: Any) -> Scene:
    return Scene({"AB": {"gauges_mm": "1435"}, "BC": {"gauges_mm": "1520"}}, **options)


def test_a_break_of_gauge_takes_the_time_of_its_procedure() -> None:
    scene = break_gauge(changes=[EXCHANGE])
    way = scene.find(stated=scene.state(P=("B", 120, {Need.GAUGE})))
    (stand,) = way.stands
    assert (stand.place, stand.needs, stand.procedure_ids) == (1, (Need.GAUGE,), ("P",))


def test_a_break_of_gauge_without_a_procedure_is_no_way_and_says_what_would_do() -> None:
    scene = break_gauge(changes=[EXCHANGE])
    (words,) = scene.refuse()
    assert "At B the gauge changes from 1435 to 1520 mm before section B-C" in words
    assert "no procedure with an exchange of bogies" in words
    assert "B:120" in words
    # The change that is named does work.
    assert scene.find(stops={"B": 120}).stands[0].more_s == (7200, 7200, 7200)


def test_a_gauge_that_no_section_has_is_no_way() -> None:
    words = break_gauge(changes=[EXCHANGE]).refuse(train=Equipment("passenger", gauges_mm=(1000,)))
    assert "A-B has 1435 mm, and the train of 1000 mm runs on 1000 mm only" in words[0]


def test_a_break_of_gauge_that_is_not_declared_is_no_way() -> None:
    scene = break_gauge()
    (words,) = scene.refuse(stated=scene.state(P=("B", 120, {Need.GAUGE})))
    assert "no change of gauge is declared at B" in words


@pytest.mark.parametrize("method", ["combined_track", "transhipment"])
def test_a_load_changes_gauge_where_its_train_cannot(method: str) -> None:
    scene = break_gauge(changes=[EXCHANGE | {"method": method}])
    (words,) = scene.refuse(stops={"B": 120})
    assert f"by {method}, which no train goes through" in words


def test_the_vehicles_say_on_what_gauge_they_run_and_how_they_change() -> None:
    scene = break_gauge(changes=[EXCHANGE])
    fixed = Equipment("passenger", gauges_mm=(1435,))
    (words,) = scene.refuse(train=fixed, stops={"B": 120})
    assert "the train of 1435 mm cannot change its gauge" in words
    variable = Equipment("passenger", gauges_mm=(1435, 1520), gauge_change="variable_gauge")
    (words,) = scene.refuse(train=variable, stops={"B": 120})
    assert "by bogie_exchange, that of the train by variable_gauge" in words
    both = Equipment("passenger", gauges_mm=(1435, 1520), gauge_change="bogie_exchange")
    assert scene.find(train=both, stops={"B": 120}).stands
    # A train of the other gauge cannot even begin.
    broad = Equipment("passenger", gauges_mm=(1520,))
    assert "Section A-B has 1435 mm" in scene.refuse(train=broad)[0]


def test_a_track_of_both_gauges_needs_no_change() -> None:
    scene = Scene({"AB": {"gauges_mm": "1435;1520"}, "BC": {"gauges_mm": "1520"}})
    assert scene.find().stands == ()
    assert scene.refuse(train=Equipment("passenger", gauges_mm=(1435,)))


def test_a_detour_avoids_the_break_where_it_is_quicker() -> None:
    around = {"AD": {"gauges_mm": "1435", "length_km": 15.0}, "DC": {"gauges_mm": "1435"}}
    scene = Scene({"AB": {}, "BE": {"gauges_mm": "1520", "length_km": 1.0}, "EC": {}} | around,
                  changes=[EXCHANGE, EXCHANGE | {"point_id": "E"}])  # fmt: skip
    # Without procedures it is the only way; with quick ones the short way wins.
    assert scene.find().route.points == ("A", "D", "C")
    slow = scene.state(P=("B", 120, {Need.GAUGE}), Q=("E", 120, {Need.GAUGE}))
    assert scene.find(stated=slow).route.points == ("A", "D", "C")
    quick = scene.state(P=("B", 1, {Need.GAUGE}), Q=("E", 1, {Need.GAUGE}))
    assert scene.find(stated=quick).route.points == ("A", "B", "E", "C")


def change_current(**options: Any) -> Scene:
    return Scene(
        {"AB": {"electrification": "25kv_50hz"}, "BC": {"electrification": "3kv_dc"}}, **options
    )


def test_a_change_of_current_needs_a_change_of_locomotive() -> None:
    scene = change_current()
    (words,) = scene.refuse()
    assert "At B the contact line changes from 25kv_50hz to 3kv_dc before section B-C" in words
    assert "B:20" in words
    way = scene.find(stops={"B": 20})
    assert way.haulers == ("25kv_50hz", "3kv_dc")
    assert way.stands[0].more_s == (1200, 1200, 1200)
    way = scene.find(stated=scene.state(P=("B", 25, {Need.LOCOMOTIVE})))
    assert way.stands[0].procedure_ids == ("P",)


def test_trains_that_stand_at_a_change_of_current_tell_how_long_it_takes() -> None:
    scene = change_current()
    movement = (scene.point("B"), scene.step("AB"), scene.step("BC"))
    stated = StatedStands(stays={movement[0]: {movement: Stay("T", 900)}})
    (stand,) = scene.find(stated=stated).stands
    assert (stand.more_s[1], stand.reasons) == (900, ("as train T stands",))


def test_a_train_of_its_own_traction_runs_under_its_systems_alone() -> None:
    scene = change_current()
    both = Equipment("passenger", systems=("25kv_50hz", "3kv_dc"))
    assert scene.find(train=both).stands == ()
    assert scene.find(train=Equipment("passenger", systems=("none",))).stands == ()
    (words,) = scene.refuse(train=Equipment("passenger", systems=("25kv_50hz",)), stops={"B": 20})
    assert "Section B-C has 3kv_dc" in words


def types(**systems: str) -> dict[str, pl.DataFrame]:
    """Locomotives with their systems, assigned under the contact lines of their names."""
    kinds = [
        {"vehicle_type_id": name, "name": name, "kind": "locomotive", "electrification": own}
        for name, own in systems.items()
    ]
    rows = [
        {"railway_id": "R", "electrification": system, "category": "passenger",
         "vehicle_type_id": name}
        for name, system in (("AC", "25kv_50hz"), ("DC", "3kv_dc"), ("D", "none"))
        if name in systems
    ]  # fmt: skip
    return {"vehicle_types": pl.DataFrame(kinds), "traction_assignments": pl.DataFrame(rows)}


def test_locomotives_are_those_that_the_study_assigns() -> None:
    lines = {"AB": {"electrification": "25kv_50hz", "railway_id": "R"},
             "BC": {"electrification": "3kv_dc", "railway_id": "R"}}  # fmt: skip
    one_each = Scene(lines, **types(AC="25kv_50hz", DC="3kv_dc"))
    assert one_each.refuse()
    assert one_each.find(stops={"B": 20}).haulers == ("AC", "DC")
    # A type for both systems runs on.
    dual = Scene(lines, **types(AC="25kv_50hz;3kv_dc", DC="3kv_dc"))
    assert dual.find().haulers == ("AC", "AC")
    # A railway without one for the system is named.
    (words,) = Scene(lines, **types(AC="25kv_50hz")).refuse(stops={"B": 20})
    assert "railway R" in words
    assert "B-C (3kv_dc)" in words
    # One of another gauge is none for the train.
    kinds = types(AC="25kv_50hz", DC="3kv_dc")
    gauges = pl.when(pl.col("vehicle_type_id") == "DC").then(pl.lit("1520")).otherwise(None)
    kinds["vehicle_types"] = kinds["vehicle_types"].with_columns(gauges_mm=gauges)
    (words,) = Scene(lines, **kinds).refuse(stops={"B": 20})
    assert "can run over section B-C (3kv_dc) on 1435 mm" in words
    # A diesel runs on under the wire.
    bare = {"AB": lines["AB"] | {"electrification": "none"}, "BC": lines["BC"]}
    assert Scene(bare, **types(D="none", DC="3kv_dc")).find().haulers == ("D", "D")


def test_a_border_needs_its_procedure() -> None:
    scene = Scene({"AB": {}, "BC": {}, "CD": {}}, countries={"C": "YY", "D": "YY"})
    (words,) = scene.refuse("D")
    assert "Section B-C crosses the border between B and C" in words
    assert "B:60" in words
    assert [stand.place for stand in scene.find("D", stops={"C": 60}).stands] == [2]
    both = scene.state(X=("B", 30, {Need.BORDER}), Y=("C", 45, {Need.BORDER}))
    assert [stand.procedure_ids for stand in scene.find("D", stated=both).stands] == [
        ("X",),
        ("Y",),
    ]
    # Controls before the origin and behind the destination are not on the way.
    assert Scene({"AB": {}}, countries={"B": "YY"}).find("B").stands == ()


def test_a_border_takes_what_the_table_of_borders_says() -> None:
    ends = {"border_id": "X", "point_a": "B", "point_b": "C"}
    stays = {"passenger_dwell_low_h": 2.0, "passenger_dwell_high_h": 4.0}
    scene = Scene({"AB": {}, "BC": {}, "CD": {}}, borders=pl.DataFrame([ends | stays]))
    numbers = frozenset({scene.point("B"), scene.point("C")})
    stated = StatedStands(borders_h={numbers: (2.0, 4.0)})
    assert scene.find("D", stated=stated).stands[0].more_s == (7200, 10800, 14400)
    # A border without any time is one all the same.
    assert scene.refuse("D", stated=StatedStands(borders_h={numbers: None}))


def test_a_border_that_stated_trains_pass_needs_no_stand() -> None:
    scene = Scene({"AB": {}, "BC": {}, "CD": {}}, countries={"C": "YY", "D": "YY"})
    stated = StatedStands(crossed={scene.point("C"): frozenset({scene.step("BC")})})
    assert scene.find("D", stated=stated).stands == ()


def test_one_procedure_serves_all_that_is_needed_at_a_point() -> None:
    scene = Scene(
        {"AB": {"gauges_mm": "1435"}, "BC": {"gauges_mm": "1520"}, "CD": {"gauges_mm": "1520"}},
        countries={"B": "YY", "C": "YY", "D": "YY"},
        changes=[EXCHANGE],
    )
    stated = scene.state(P=("B", 185, {Need.GAUGE, Need.BORDER}))
    (stand,) = scene.find("D", stated=stated).stands
    assert (stand.procedure_ids, set(stand.needs)) == (("P",), {Need.GAUGE, Need.BORDER})


def test_a_closed_section_and_a_wrong_direction_are_named() -> None:
    scene = Scene({"AB": {"is_open": False}, "BC": {"direction": "backward"}})
    assert [words.split(".")[0] for words in scene.refuse()] == [
        "Section A-B is closed",
        "Section B-C is run backward only",
    ]


@pytest.mark.parametrize("seed", range(30))
def test_a_way_that_is_found_breaks_nothing_and_one_refused_has_its_reason(seed: int) -> None:
    random = Random(seed)  # noqa: S311 drawn networks
    pairs = ["AB", "BC", "CD", "AE", "EC", "BE", "ED"]
    scene = Scene(
        {
            pair: {
                "gauges_mm": random.choice(["1435", "1520", "1435;1520"]),
                "electrification": random.choice(["25kv_50hz", "3kv_dc", "none"]),
            }
            for pair in pairs
        },
        countries={name: random.choice(["XX", "YY"]) for name in "ABCDE"},
        changes=[EXCHANGE | {"point_id": name} for name in "BCE"],
    )
    exchange = {Need.GAUGE, Need.LOCOMOTIVE}
    needs = [exchange, {Need.LOCOMOTIVE}, {Need.BORDER}, exchange | {Need.BORDER}]
    stated = scene.state(**{f"P{at}": (at, 30, random.choice(needs)) for at in "BCE"})
    with suppress(InfeasibleError):
        check_way(scene.find("D", stated=stated), stated)
        return
    assert scene.refuse("D", stated=stated)
    # Stops for all that is missing always open a way.
    assert scene.find("D", stated=stated, stops=dict.fromkeys("BCE", 60.0))


def check_way(way: EquippedRoute, stated: StatedStands) -> None:
    """Every change of a way has its standstill, and each of them something that serves it."""
    served = {stand.place: set(stand.needs) for stand in way.stands}
    steps = way.route.steps
    for place, (before, after) in enumerate(pairwise(steps), 1):
        assert before.gauge_mm in before.section.gauges_mm
        if before.gauge_mm != after.gauge_mm:
            assert Need.GAUGE in served[place]
        elif before.section.electrification != after.section.electrification:
            assert Need.LOCOMOTIVE in served[place]
    for stand in way.stands:
        assert sum(stated.work_s[name][1] for name in stand.procedure_ids) > 0


def test_what_binds_is_the_break_where_the_train_could_begin_on_its_own_gauge() -> None:
    scene = Scene(
        {"AB": {"gauges_mm": "1435;1520"}, "BC": {"gauges_mm": "1520"}}, changes=[EXCHANGE]
    )
    (words,) = scene.refuse(train=Equipment("passenger", gauges_mm=(1435,)), stops={"B": 60})
    assert words.startswith("At B the gauge changes from 1435 to 1520 mm before section B-C")


def test_contact_lines_are_told_in_words() -> None:
    scene = Scene({"AB": {"electrification": "25kv_50hz"}, "BC": {"electrification": "none"}})
    (words,) = scene.refuse()
    assert "changes from 25kv_50hz to no contact line" in words
    assert "a locomotive for 25kv_50hz cannot go on" in words
    (words,) = scene.refuse(train=Equipment("passenger", systems=("25kv_50hz",)))
    assert "Section B-C has no contact line" in words


def test_stated_trains_are_judged_by_the_same_rules() -> None:
    sections = {"AB": {"gauges_mm": "1435"}, "BC": {"gauges_mm": "1520"}}
    vehicles = {"FIXED": ("1435", "none"), "BOTH": ("1435;1520", "bogie_exchange")}
    names = list(vehicles)
    scene = Scene(
        sections,
        changes=[EXCHANGE],
        vehicle_types=pl.DataFrame(
            [
                {"vehicle_type_id": name, "name": name, "kind": "coach", "gauges_mm": gauges,
                 "gauge_change": change}
                for name, (gauges, change) in vehicles.items()
            ]
        ),
        formations=pl.DataFrame({"formation_id": names, "name": names}),
        formation_vehicles=pl.DataFrame(
            {"formation_id": names, "position": 1, "vehicle_type_id": names}
        ),
    )  # fmt: skip
    trains = pl.DataFrame(
        {"train_id": names, "number": names, "category": "passenger", "calendar_id": "DAILY",
         "formation_id": names}
    )  # fmt: skip
    stops = pl.DataFrame(
        [
            {"train_id": name, "sequence": n, "point_id": at}
            for name in names
            for n, at in enumerate("ABC", 1)
        ]
    )
    study = scene.study.with_tables(trains=trains, train_stops=stops)
    tables = {name: apply_defaults(study, name) for name in study.tables}
    barred = list_barred_trains(build_network(tables), tables)
    assert list(barred) == ["FIXED"]
    assert "At B the gauge changes from 1435 to 1520 mm" in barred["FIXED"]
    legs = pl.DataFrame({"train_id": names, "service_id": names})
    unfit = find_unfit_trains(build_network(tables), {**tables, "coach_legs": legs}).reasons
    assert list(unfit) == ["FIXED"]
    assert "At B the gauge changes from 1435 to 1520 mm" in unfit["FIXED"]
