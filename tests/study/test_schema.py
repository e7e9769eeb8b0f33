"""The attribute files are sound and say everything about every column."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

import arterial.study.schema as schema_module
from arterial.errors import LimitError
from arterial.study.cells import parse_cell
from arterial.study.schema import (
    AttributeStatus,
    AttributeType,
    TableRole,
    list_tables,
    load_schema,
)

FILES = Path(schema_module.__file__).parent / "schema"


def test_every_table_has_an_attribute_file_and_every_file_a_table() -> None:
    files = {path.stem for path in FILES.glob("*.csv")} - {"tables"}
    assert files == set(list_tables())


def test_inputs_and_results_together_are_all_tables() -> None:
    assert list_tables(TableRole.INPUT) + list_tables(TableRole.RESULT) == list_tables()
    assert load_schema("trips").role is TableRole.RESULT


@pytest.mark.parametrize("table", list_tables())
def test_a_table_has_a_key_and_no_column_twice(table: str) -> None:
    schema = load_schema(table)
    assert schema.key
    assert len(set(schema.columns)) == len(schema.columns)


@pytest.mark.parametrize("table", list_tables())
def test_what_a_column_refers_to_is_the_whole_key_of_a_table(table: str) -> None:
    for attribute in load_schema(table).attributes:
        if attribute.reference is not None:
            assert load_schema(attribute.reference.table).key == (attribute.reference.attribute,)
            assert attribute.type is AttributeType.IDENTIFIER


@pytest.mark.parametrize("table", list_tables())
def test_a_default_and_every_allowed_value_can_be_read(table: str) -> None:
    for attribute in load_schema(table).attributes:
        for text in (*attribute.allowed, attribute.default or ""):
            if text:
                assert parse_cell(attribute, text).problem is None, (attribute.name, text)


@pytest.mark.parametrize("table", list_tables())
def test_the_fields_of_a_column_fit_together(table: str) -> None:
    is_result = load_schema(table).role is TableRole.RESULT
    for attribute in load_schema(table).attributes:
        assert attribute.description, attribute.name
        assert attribute.term, attribute.name
        assert (attribute.status is AttributeStatus.RESULT) <= is_result
        if attribute.minimum is not None or attribute.maximum is not None:
            assert attribute.type in {AttributeType.NUMBER, AttributeType.INTEGER}
        if None not in {attribute.minimum, attribute.maximum}:
            assert attribute.minimum < attribute.maximum


@pytest.mark.parametrize("path", sorted(FILES.glob("*.csv")), ids=lambda path: path.stem)
def test_no_row_of_an_attribute_file_is_ragged(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        widths = {len(row) for row in csv.reader(file, strict=True)}
    assert len(widths) == 1


def test_a_column_is_found_by_name() -> None:
    attribute = load_schema("sections").attribute("length_km")
    assert (attribute.unit, attribute.minimum, attribute.maximum) == ("km", 0.01, 5000)
    assert attribute.is_needed


def test_an_unknown_table_or_column_names_near_ones() -> None:
    with pytest.raises(LimitError, match="Did you mean sections"):
        load_schema("secton")
    with pytest.raises(LimitError, match="Did you mean length_km"):
        load_schema("sections").attribute("lenght_km")


def test_importing_the_schema_loads_no_polars() -> None:
    code = "import sys, arterial.study.schema; print('polars' in sys.modules)"
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert found.stdout.strip() == "False"
