"""Draws of whole studies: every estimated cell, and nothing else, takes a drawn value."""

from pathlib import Path

import polars as pl
import pytest

from arterial.errors import LimitError
from arterial.randomness import stream
from arterial.study import Study, read_study, sample_tables
from arterial.study.estimates import EstimateShape, Range, sample_from_range

FLAGSHIP = Path(__file__).parents[2] / "studies" / "pyongyang_moscow"


def make_estimates(*rows: tuple) -> pl.DataFrame:
    columns = ("table", "key", "attribute", "low", "best", "high")
    return pl.DataFrame(rows, schema=columns, orient="row")


@pytest.fixture
def estimated(two_stations: Study) -> Study:
    return two_stations.with_tables(
        estimates=make_estimates(
            ("sections", "NOR-SOU", "length_km", 124.0, 125.0, 127.0),
            ("procedure_steps", "ATTACH;1", "duration_best_min", 10.0, 15.0, 25.0),
        )
    )


def sample_value(study: Study, table: str, key: str, attribute: str, *, draw: int) -> float:
    """The value that a row of estimates gives by itself, from the stream of its own name."""
    rows = study.table("estimates").filter(table=table, key=key, attribute=attribute)
    row = rows.row(0, named=True)
    shape = EstimateShape(row["shape"] or EstimateShape.TRIANGULAR)
    purpose = f"estimates/{table}/{key}/{attribute}"
    random = stream(study.settings.seed, purpose, draw)
    return sample_from_range(Range(row["low"], row["best"], row["high"], shape), random)


def test_the_draw_of_best_values_changes_nothing(estimated: Study) -> None:
    drawn = sample_tables(estimated, -1)
    assert all(drawn[name].equals(frame) for name, frame in estimated.tables.items())


def test_a_drawn_cell_is_the_value_that_its_estimate_draws(estimated: Study) -> None:
    drawn = sample_tables(estimated, 4)
    assert drawn["sections"]["length_km"].item() == sample_value(
        estimated, "sections", "NOR-SOU", "length_km", draw=4
    )
    steps = drawn["procedure_steps"]
    assert steps["duration_best_min"][0] == sample_value(
        estimated, "procedure_steps", "ATTACH;1", "duration_best_min", draw=4
    )


def test_a_draw_is_named_by_seed_and_number(estimated: Study) -> None:
    first = sample_tables(estimated, 4)["sections"]["length_km"].item()
    assert first == sample_tables(estimated, 4)["sections"]["length_km"].item()
    assert first != sample_tables(estimated, 5)["sections"]["length_km"].item()
    other = estimated.with_settings(estimated.settings.model_copy(update={"seed": 99}))
    assert first != sample_tables(other, 4)["sections"]["length_km"].item()


def test_other_cells_and_the_study_stay_as_they_are(estimated: Study) -> None:
    before = estimated.table("sections").clone()
    drawn = sample_tables(estimated, 0)
    assert estimated.table("sections").equals(before)
    assert drawn["sections"].drop("length_km").equals(before.drop("length_km"))
    assert drawn["trains"].equals(estimated.table("trains"))


def test_cells_that_were_not_drawn_give_way_to_those_that_were(two_stations: Study) -> None:
    disturbance = {
        "disturbance_id": ["D"],
        "name": ["D"],
        "cause": ["other"],
        "per": ["day"],
        "rate": [0.1],
        "delay_low_min": [10.0],
        "delay_best_min": [12.0],
        "delay_high_min": [13.0],
    }
    study = two_stations.with_tables(
        disturbances=pl.DataFrame(disturbance),
        estimates=make_estimates(("disturbances", "D", "delay_best_min", 1.0, 12.0, 60.0)),
    )
    seen = set()
    for draw in range(30):
        row = sample_tables(study, draw)["disturbances"].row(0, named=True)
        low, best, high = (row[f"delay_{end}_min"] for end in ("low", "best", "high"))
        assert low == min(10.0, best)
        assert high == max(13.0, best)
        seen.add((best < 10.0, best > 13.0))
    assert {(True, False), (False, True)} <= seen


def test_of_two_drawn_cells_out_of_order_the_lower_is_cut(two_stations: Study) -> None:
    study = two_stations.with_tables(
        estimates=make_estimates(
            ("sections", "NOR-SOU", "typical_passenger_speed_kmh", 40.0, 65.0, 110.0),
            ("sections", "NOR-SOU", "passenger_speed_limit_kmh", 50.0, 100.0, 110.0),
        )
    )
    cut = 0
    for draw in range(40):
        row = sample_tables(study, draw)["sections"].row(0, named=True)
        limit = sample_value(study, "sections", "NOR-SOU", "passenger_speed_limit_kmh", draw=draw)
        assert row["passenger_speed_limit_kmh"] == limit
        assert row["typical_passenger_speed_kmh"] <= limit
        cut += row["typical_passenger_speed_kmh"] == limit
    assert 0 < cut < 20


def test_whole_numbers_stay_whole(two_stations: Study) -> None:
    study = two_stations.with_tables(
        estimates=make_estimates(("coach_services", "C-NOR-SOU", "coaches_count", 1.0, 1.0, 4.0))
    )
    counts = {
        sample_tables(study, draw)["coach_services"]["coaches_count"][0] for draw in range(20)
    }
    assert counts <= {1, 2, 3, 4}
    assert len(counts) > 1


def test_every_estimate_of_the_flagship_is_drawn_within_its_range() -> None:
    study = read_study(FLAGSHIP)
    drawn = sample_tables(study, 1)
    changed = sum(
        not drawn[name].equals(study.table(name))
        for name in study.table("estimates")["table"].unique().to_list()
    )
    assert changed == study.table("estimates")["table"].n_unique()
    rates = study.table("estimates").filter(
        (pl.col("table") == "disturbances") & (pl.col("attribute") == "rate")
    )
    both = rates.join(
        drawn["disturbances"], left_on="key", right_on="disturbance_id", validate="1:1"
    )
    assert both.height == study.table("disturbances").height
    assert both.select(pl.col("rate").is_between("low", "high").all()).item()


def test_a_draw_below_minus_one_is_refused(two_stations: Study) -> None:
    with pytest.raises(LimitError, match="A draw is -1"):
        sample_tables(two_stations, -2)
