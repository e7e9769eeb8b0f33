"""Plain pictures: well formed whatever the names, and each train and departure where it belongs."""

from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.errors import LimitError
from arterial.report.static_charts import LEFT, RIGHT, WIDTH, plot_calendar, plot_line_day
from arterial.study import read_study

STUDY = read_study(Path(__file__).parents[2] / "studies" / "two_stations")
FIRST = STUDY.settings.horizon_from
LAST = STUDY.settings.horizon_to
SVG = "{http://www.w3.org/2000/svg}"


def make_results(begin_s: int, run_s: int, days: str) -> dict[str, pl.DataFrame]:
    course = {"train_id": ["T1"] * 2, "pattern": [0, 0], "sequence": [1, 2]}
    course |= {"point_id": ["NORTHPORT", "SOUTHPORT"], "arrival_s": [None, begin_s + run_s]}
    times = pl.DataFrame(course | {"departure_s": [begin_s, None]})
    return {
        "train_times": times,
        "train_patterns": pl.DataFrame({"train_id": ["T1"], "pattern": [0], "days": [days]}),
    }


def list_lines(picture: str) -> list[list[tuple[float, float]]]:
    return [
        [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
        for line in ET.fromstring(picture).iter(f"{SVG}polyline")  # noqa: S314 our own
    ]


@given(st.integers(0, 86_399), st.integers(600, 3 * 86_400), st.data())
def test_a_train_is_drawn_on_each_day_that_it_is_on_its_way(begin_s, run_s, data) -> None:
    count = (LAST - FIRST).days + 1
    days = data.draw(st.text("01", min_size=count, max_size=count))
    place = data.draw(st.integers(0, count - 1))
    found = list_lines(
        plot_line_day(STUDY, make_results(begin_s, run_s, days), "COAST", FIRST + timedelta(place))
    )
    # The zone of the study is UTC: midnight is midnight.
    starts = [(number - place) * 86_400 + begin_s for number in range(count) if days[number] == "1"]
    wanted = sorted(start for start in starts if start <= 86_400 and start + run_s >= 0)
    scale = (WIDTH - LEFT - RIGHT) / 86_400
    assert sorted(line[0][0] for line in found) == pytest.approx(
        [LEFT + start * scale for start in wanted], abs=0.06
    )
    assert all(b[0] - a[0] == pytest.approx(run_s * scale, abs=0.11) for a, b in found)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_a_picture_of_any_names_is_well_formed(name: str) -> None:
    points = STUDY.table("operational_points").with_columns(name=pl.lit(name))
    services = STUDY.table("coach_services").with_columns(name=pl.lit(name))
    study = STUDY.with_tables(operational_points=points, coach_services=services)
    ET.fromstring(plot_line_day(study, {}, "COAST", FIRST))  # noqa: S314 our own
    trips = pl.DataFrame(
        {
            "service_id": ["C-NOR-SOU"],
            "trip_date": [FIRST],
            "status": ["planned"],
            "verdict": ["works"],
        }
    )
    ET.fromstring(plot_calendar(study, {"trips": trips}))  # noqa: S314 our own


@given(st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 4)))
def test_a_calendar_has_a_cell_for_each_departure(cells) -> None:
    verdicts = [*("works", "at_risk", "does_not_work", "unknown"), None]
    trips = pl.DataFrame(
        {
            "service_id": ["C-NOR-SOU"] * len(cells),
            "trip_date": list(cells),
            "status": ["planned"] * len(cells),
            "verdict": [verdicts[number] for number in cells.values()],
        },
        schema_overrides={"verdict": pl.String, "trip_date": pl.Date},
    )
    if not cells:
        with pytest.raises(LimitError, match="no departure"):
            plot_calendar(STUDY, {"trips": trips})
        return
    root = ET.fromstring(plot_calendar(STUDY, {"trips": trips}))  # noqa: S314 our own
    titles = [title.text for title in root.iter(f"{SVG}title")]
    told = sorted(text.split(": ")[0] for text in titles if ": " in text)
    assert told == sorted(map(str, cells))


def test_an_unknown_line_is_told_with_near_ones() -> None:
    with pytest.raises(LimitError, match=r"no line 'COST'.*COAST"):
        plot_line_day(STUDY, {}, "COST", FIRST)
    with pytest.raises(LimitError, match="outside the horizon"):
        plot_line_day(STUDY, {}, "COAST", LAST + timedelta(1))
