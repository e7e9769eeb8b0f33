"""Trains that change their vehicles on the way run as the trains of each part would."""

import polars as pl
import pytest
from tests.stated_cases import resolve

from arterial.study import Study, empty_table
from arterial.study.networks import NetworkSize, make_network


@pytest.fixture(scope="module")
def study() -> Study:
    """Ten stations and one train of six coaches; formations of two and of eighteen beside it."""
    size = NetworkSize(stations=10, trains=1, runs=1, stops=10, days=2, vehicles=1, seed=3)
    made = make_network("changes", size)
    more = {"TWO": 2, "EIGHTEEN": 18}
    rakes = [
        {"formation_id": name, "position": 1, "vehicle_type_id": "SLEEPER", "count": count}
        for name, count in more.items()
    ]
    names = [{"formation_id": name, "name": name} for name in more]
    return made.with_tables(
        formations=_add(made, "formations", names),
        formation_vehicles=_add(made, "formation_vehicles", rakes),
    )


def _add(study: Study, table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    frame = study.table(table)
    return pl.concat([frame, pl.DataFrame(rows, schema_overrides=frame.schema)], how="diagonal")


def _change(study: Study, changes: dict[str, str | None], first: str = "SIX") -> Study:
    rows = [
        {"train_id": "T00001", "from_point": point, "number": "1", "formation_id": formation}
        for point, formation in changes.items()
    ]
    parts = empty_table("train_parts")
    parts = pl.concat([parts, pl.DataFrame(rows, schema_overrides=parts.schema)], how="diagonal")
    trains = study.table("trains").with_columns(formation_id=pl.lit(first))
    return study.with_tables(trains=trains, train_parts=parts if rows else parts.clear())


def _time_sections(study: Study) -> list[float]:
    return resolve(study).section_runs["basic_s"].to_list()


def _check_alike(mixed: list[float], expected: list[float], cuts: tuple[int, ...]) -> None:
    """Where it begins anew, a train stands on the gradient before it, and not on that behind."""
    for place, (found, value) in enumerate(zip(mixed, expected, strict=True)):
        assert found == pytest.approx(value, abs=15.0 if place in cuts else 1e-6)


def test_each_part_runs_as_a_train_of_its_vehicles(study: Study) -> None:
    whole = {name: _time_sections(_change(study, {}, name)) for name in ("TWO", "EIGHTEEN")}
    assert sum(whole["EIGHTEEN"]) > sum(whole["TWO"]) + 60
    for cut in (1, 4, 8):
        mixed = _time_sections(_change(study, {f"P{cut + 1:04}": "EIGHTEEN"}, "TWO"))
        expected = whole["TWO"][:cut] + whole["EIGHTEEN"][cut:]
        _check_alike(mixed, expected, (cut,))


def test_a_part_without_vehicles_goes_on_as_before(study: Study) -> None:
    assert _time_sections(_change(study, {"P0005": None})) == _time_sections(_change(study, {}))
    both = _change(study, {"P0007": "TWO", "P0003": "EIGHTEEN"})
    parts = [_time_sections(_change(study, {}, name)) for name in ("SIX", "EIGHTEEN", "TWO")]
    expected = parts[0][:2] + parts[1][2:6] + parts[2][6:]
    _check_alike(_time_sections(both), expected, (2, 6))
