"""Result tables with datetimes in place of seconds."""

import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.clock import to_epoch_s
from arterial.errors import UsageError
from arterial.flows import show_results
from arterial.flows.show_results import add_local_times, word_results, write_workbook
from arterial.study import Study, read_study

STUDY = read_study(Path(__file__).parents[2] / "studies" / "tumangang_border")


@given(
    st.lists(st.none() | st.integers(-(10**8), 10**8), min_size=1, max_size=6),
    st.data(),
)
def test_local_times_are_the_same_instants_with_the_clock_faces_of_their_places(
    times, data
) -> None:
    study = STUDY
    points = study.table("operational_points")
    zones = dict(points.select("point_id", "zone").iter_rows())
    places = data.draw(
        st.lists(
            st.none() | st.sampled_from(sorted(zones)), min_size=len(times), max_size=len(times)
        )
    )
    frame = pl.DataFrame(
        {"point_id": places, "at_s": times, "low_at_s": times, "kind": ["x"] * len(times)},
        schema={"point_id": pl.String, "at_s": pl.Int64, "low_at_s": pl.Int64, "kind": pl.String},
    )
    found = add_local_times(frame, study)
    assert found.columns == [
        *("point_id", "at", "local", "zone", "low_at", "low_local", "low_zone", "kind")
    ]
    assert found["at"].dtype == pl.Datetime("us", "UTC")
    for at_s, place, row in zip(times, places, found.iter_rows(named=True), strict=True):
        assert row["zone"] == zones.get(place)
        assert (row["at"] is None) == (row["local"] is None) == (at_s is None)
        if at_s is not None:
            assert to_epoch_s(row["at"], study.settings.epoch) == at_s
            face = row["at"].astimezone(ZoneInfo(row["zone"] or "UTC")).replace(tzinfo=None)
            assert row["local"] == face


def test_a_trip_leaves_and_arrives_by_the_clocks_of_its_ends(moscow_study: Study) -> None:
    frame = pl.DataFrame({"service_id": ["PYM-MOW"], "departure_at_s": [0], "arrival_at_s": [3600]})
    row = add_local_times(frame, moscow_study).row(0, named=True)
    assert (row["departure_zone"], row["arrival_zone"]) == ("Asia/Pyongyang", "Europe/Moscow")


def test_a_row_between_two_places_shows_the_clock_of_the_first() -> None:
    folder = Path(__file__).parents[2] / "studies" / "tumangang_border"
    first = STUDY.table("sections").row(0, named=True)
    place, section = first["from_point"], first["section_id"]
    frame = pl.DataFrame(
        {"section_id": [section, None], "from_point": [None, place], "from_at_s": [0, 0]}
    )
    worded = word_results(frame, folder)
    zones = dict(STUDY.table("operational_points").select("point_id", "zone").iter_rows())
    assert add_local_times(frame, STUDY)["from_zone"].to_list() == [zones[place]] * 2
    assert not any("UTC" in text for text in worded["from_at_s"])


def test_a_workbook_keeps_text_that_begins_like_a_formula(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    frame = pl.DataFrame({"note": ["=HYPERLINK(1)", "http://x", None], "count": [1, 2, 3]})
    file = write_workbook(tmp_path / "t.xlsx", frame)
    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        words = book.read("xl/sharedStrings.xml").decode()
    assert "=HYPERLINK(1)" in words
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_workbooks_without_their_library_or_too_long_are_refused(tmp_path, monkeypatch) -> None:
    frame = pl.DataFrame({"a": [1]})
    monkeypatch.setattr(show_results, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match="--csv needs none"):
        write_workbook(tmp_path / "t.xlsx", frame)
    monkeypatch.setattr(show_results, "find_spec", lambda _name: True)
    monkeypatch.setattr(show_results, "MOST_SHEET_ROWS", 1)
    with pytest.raises(UsageError, match="Use --csv"):
        write_workbook(tmp_path / "t.xlsx", frame)
    assert list(tmp_path.iterdir()) == []
