"""Questions to the parts of a run."""

from pathlib import Path

import polars as pl
import pytest

from arterial.compute import Task, list_parts, query_parts, read_parts, run_many
from arterial.errors import ArterialError, LimitError
from compute_cases import make_tasks, tabulate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run_many(tabulate, make_tasks(5), folder=tmp_path)
    return tmp_path


def test_rows_come_in_order_of_task_key(folder: Path) -> None:
    expected = pl.concat([tabulate({"number": number})["numbers"] for number in range(5)])
    assert read_parts(folder, "numbers").equals(expected)


def test_a_question_sees_each_table_under_its_name(folder: Path) -> None:
    answer = query_parts(
        folder,
        "SELECT task, count(*) AS rows, sum(row) AS row_sum, any_value(total) = sum(value) AS same "
        "FROM numbers JOIN totals USING (task) GROUP BY task ORDER BY task",
    )
    assert answer["rows"].to_list() == [40, 41, 42, 43, 44]
    # 0 + 1 + ... + 39 = 780
    assert answer["row_sum"].to_list()[0] == 780
    assert answer.schema["row_sum"] == pl.Int64


def test_exact_quantiles_agree_with_those_of_the_frame(folder: Path) -> None:
    answer = query_parts(folder, "SELECT quantile_cont(value, 0.95) AS high FROM numbers")
    expected = read_parts(folder, "numbers")["value"].quantile(0.95, interpolation="linear")
    assert answer["high"][0] == pytest.approx(expected, rel=1e-15)


def test_parts_that_no_journal_calls_done_are_not_counted(folder: Path) -> None:
    orphan = folder / "parts/totals/t-009.parquet"
    orphan.write_bytes((folder / "parts/totals/t-001.parquet").read_bytes())
    assert query_parts(folder, "SELECT count(*) AS n FROM totals")["n"].to_list() == [5]
    assert read_parts(folder, "totals").height == 5


def test_tables_without_rows_are_tables(tmp_path: Path) -> None:
    run_many(dict, [Task("a", {"t": pl.DataFrame({"x": []}, {"x": pl.Int64})})], folder=tmp_path)
    assert query_parts(tmp_path, "SELECT * FROM t").schema == {"x": pl.Int64}


def test_an_unknown_table_is_named_with_one_like_it(folder: Path) -> None:
    with pytest.raises(ArterialError, match="Did you mean totals"):
        read_parts(folder, "total")


def test_parts_of_different_columns_are_refused(tmp_path: Path) -> None:
    tasks = [Task("a", {"t": pl.DataFrame({"x": [1]})}), Task("b", {"t": pl.DataFrame({"y": [1]})})]
    run_many(dict, tasks, folder=tmp_path)
    assert {name: len(files) for name, files in list_parts(tmp_path).items()} == {"t": 2}
    with pytest.raises(ArterialError, match="do not make one table"):
        read_parts(tmp_path, "t")


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT * FROM nowhere", ""])
def test_a_faulty_question_is_an_error_of_ours(folder: Path, sql: str) -> None:
    with pytest.raises(ArterialError):
        query_parts(folder, sql)


def test_limits_out_of_range_are_refused(folder: Path) -> None:
    with pytest.raises(LimitError, match="too little"):
        query_parts(folder, "SELECT 1", memory_mb=10)
    with pytest.raises(LimitError, match="too little"):
        query_parts(folder, "SELECT 1", threads=0)


def test_a_question_larger_than_the_memory_says_what_to_do(folder: Path) -> None:
    with pytest.raises(LimitError, match="give more memory_mb"):
        query_parts(folder, "SELECT list(range) AS all FROM range(20000000)", memory_mb=50)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM read_csv('{other}')", "cannot answer"),
        ("SELECT * FROM '{other}'", "cannot answer"),
        ("COPY (SELECT 1) TO '{new}'", "this is COPY"),
        ("COPY (SELECT 1) TO '{part}'", "this is COPY"),
        ("ATTACH '{new}'", "this is ATTACH"),
        ("INSTALL httpfs", "Only one question"),
        ("SET threads = 3", "this is SET"),
        ("CREATE TABLE t AS SELECT 1", "this is CREATE"),
        ("SELECT 1; SELECT 2", "this is SELECT, SELECT"),
    ],
)
def test_a_question_reads_the_parts_alone_and_writes_nothing(
    folder: Path, tmp_path: Path, sql: str, words: str
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    places = {
        "other": other,
        "new": tmp_path / "new",
        "part": folder / "parts/totals/t-001.parquet",
    }
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(ArterialError, match=words):
        query_parts(folder, sql.format(**places))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("size", [None, 40])
def test_a_part_that_is_damaged_or_missing_is_named(folder: Path, size: int | None) -> None:
    part = folder / "parts/totals/t-001.parquet"
    if size is None:
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:size])
    with pytest.raises(ArterialError, match=r"totals cannot be read: .*t-001\.parquet is"):
        query_parts(folder, "SELECT count(*) FROM totals")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_blob('/etc/hostname')",
        "SELECT * FROM read_parquet('https://example.org/a.parquet')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM query('COPY (SELECT 1) TO \"never\"')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "SELECT * FROM a_frame_of_the_program",
        "PRAGMA enable_external_access",
        "LOAD httpfs",
        "DETACH memory",
        "DROP VIEW totals",
        "EXPLAIN ANALYZE SELECT 1",
        "CALL pragma_version()",
        "SET enable_external_access = true; SELECT * FROM read_csv('/etc/passwd')",
        "RESET lock_configuration",
    ],
)
def test_no_function_or_statement_leads_out_of_the_run(folder: Path, sql: str) -> None:
    a_frame_of_the_program = pl.DataFrame({"secret": [1]})
    with pytest.raises(ArterialError):
        query_parts(folder, sql)
    assert a_frame_of_the_program.height == 1


def test_a_question_without_end_is_given_up(folder: Path) -> None:
    endless = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"
    with pytest.raises(LimitError, match=r"longer than 0.5 s"):
        query_parts(folder, endless, time_limit_s=0.5)
    with pytest.raises(LimitError, match="time limit"):
        query_parts(folder, "SELECT 1", time_limit_s=float("nan"))


def test_an_answer_larger_than_anybody_reads_is_refused(folder: Path) -> None:
    with pytest.raises(LimitError, match="say LIMIT"):
        query_parts(folder, "SELECT * FROM range(2000001)")


def test_a_part_that_was_exchanged_is_refused_where_it_is_asked_for(folder: Path) -> None:
    one, other = (folder / f"parts/totals/t-00{number}.parquet" for number in (1, 2))
    one.write_bytes(other.read_bytes())
    with pytest.raises(ArterialError, match=r"t-001\.parquet is damaged"):
        query_parts(folder, "SELECT * FROM Totals")
    assert query_parts(folder, "SELECT count(*) AS n FROM numbers").height == 1


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT interval 3 day AS x", "3 days"),
        ("SELECT '1'::JSON AS x", "1"),
        ("SELECT {'a': 1} AS x", "{'a': 1}"),
        ("SELECT NULL AS x", None),
        ("SELECT [1, 2] AS x", [1, 2]),
    ],
)
def test_what_a_frame_has_no_type_for_is_given_as_text(
    folder: Path, sql: str, value: object
) -> None:
    assert query_parts(folder, sql)["x"].to_list() == [value]


def test_the_settings_of_the_engine_can_be_listed(folder: Path) -> None:
    assert query_parts(folder, "SELECT * FROM duckdb_settings() LIMIT 3").height == 3
