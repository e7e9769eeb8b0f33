"""The study in memory: never changed in place, and known by its digest."""

import copy
import pickle

import polars as pl
import pytest

from arterial.errors import LimitError, StudyError
from arterial.study import Study, empty_table, read_study


def test_a_variant_leaves_the_original_as_it_was(two_stations: Study) -> None:
    longer = two_stations.table("sections").with_columns(length_km=pl.lit(126.0))
    variant = two_stations.with_tables(sections=longer)
    assert variant.table("sections")["length_km"].to_list() == [126.0]
    assert two_stations.table("sections")["length_km"].to_list() == [125.0]
    assert variant.table("trains").equals(two_stations.table("trains"))


def test_a_variant_may_leave_optional_columns_out(two_stations: Study) -> None:
    frame = pl.DataFrame({"calendar_id": ["A"], "name": ["All days"]})
    calendars = two_stations.with_tables(calendars=frame).table("calendars")
    assert calendars.columns == empty_table("calendars").columns


def test_a_variant_of_an_unknown_or_result_table_is_refused(two_stations: Study) -> None:
    with pytest.raises(LimitError, match="Did you mean"):
        two_stations.with_tables(section=empty_table("sections"))
    with pytest.raises(StudyError):
        two_stations.with_tables(trips=empty_table("trips"))


def test_tables_cannot_be_replaced_in_place(two_stations: Study) -> None:
    with pytest.raises(TypeError):
        two_stations.tables["sections"] = empty_table("sections")  # type: ignore[index]


def test_an_unknown_table_names_near_ones(two_stations: Study) -> None:
    with pytest.raises(StudyError) as caught:
        two_stations.table("sectons")
    assert caught.value.faults[0].near[0] == "sections"


def test_the_digest_is_the_same_for_the_same_content(two_stations: Study, folder) -> None:
    path = folder / "tables" / "sections.csv"
    header, row = path.read_text().splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True)) | {"length_km": "125.000"}
    turned = dict(reversed(cells.items()))
    text = ",".join(turned) + "\r\n" + ",".join(turned.values()) + "\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    settings = folder / "study.toml"
    settings.write_text("# A remark changes nothing.\n" + settings.read_text())
    assert read_study(folder).digest == two_stations.digest


@pytest.mark.parametrize(
    "change",
    [
        lambda study: study.with_tables(
            sections=study.table("sections").with_columns(length_km=pl.lit(125.1))
        ),
        lambda study: study.with_tables(
            sections=study.table("sections").with_columns(length_error_km=pl.lit(None))
        ),
        lambda study: study.with_tables(train_stops=study.table("train_stops").reverse()),
        lambda study: study.with_settings(study.settings.model_copy(update={"seed": 2})),
    ],
)
def test_the_digest_changes_with_any_input(two_stations: Study, change) -> None:
    assert change(two_stations).digest != two_stations.digest


def test_a_study_travels_to_another_process(two_stations: Study) -> None:
    there = pickle.loads(pickle.dumps(two_stations))  # noqa: S301 - our own
    assert there.digest == two_stations.digest
    assert copy.copy(two_stations).digest == two_stations.digest
