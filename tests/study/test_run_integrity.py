"""Nothing of a run is lost, hidden, or shown otherwise than it was written."""

import errno
import os
import shutil
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arterial import writing
from arterial.errors import StudyError
from arterial.study import run_folder
from arterial.study.run_folder import (
    find_last_run,
    list_runs,
    refuse_run_folder,
    remove_run,
    write_run,
)
from arterial.study.run_record import list_results, read_file, read_record, read_result
from arterial.writing import write_whole
from failing_disk import KilledError, failing_disk

MARK = "findings"
NUMBERS = [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO]


def write(study: Path, generation: int) -> Path:
    """A run whose every file tells which one it is of."""
    results = {
        name: pl.DataFrame({"subject": [f"{generation}"], "finding_id": [f"{generation}"]})
        for name in (MARK, "no_table_of_the_schema")
    }
    return write_run(
        study / "runs" / "r",
        results=results,
        report=f"report {generation}",
        record={"run": "r", "digest": f"{generation}"},
        inputs=study,
        export=lambda folder: write_whole(folder / "plan.csv", f"plan {generation}"),
    )


def read(study: Path) -> str:
    """Which run stands: all of its files are of the same one."""
    run = find_last_run(study)
    seen = {
        read_record(run)["digest"],
        *(read_result(run, name)["subject"][0] for name in list_results(run)),
        read_file(run, "report.html").decode().removeprefix("report "),
        read_file(run, "plan.csv").decode().removeprefix("plan "),
        read_file(run, "study/tables/lines.csv").decode(),
    }
    # The inputs say of which run they are only where the test writes them so.
    return seen.pop() if len(seen) == 1 else f"mixed: {seen}"


def make_study(folder: Path, generation: int) -> Path:
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "tables" / "lines.csv").write_text(f"{generation}", encoding="utf-8")
    return folder


def prepare(folder: Path) -> Path:
    """A study with one run, in whose folder a user keeps things."""
    study = make_study(folder, 1)
    run = write(study, 1)
    (run / "notes.txt").write_text("mine", encoding="utf-8")
    (run / "study" / "tables" / "mine.csv").write_text("mine", encoding="utf-8")
    (run / "pictures").mkdir()
    (run / "pictures" / "line.png").write_text("mine", encoding="utf-8")
    return make_study(folder, 2)


def is_users(study: Path) -> bool:
    run = study / "runs" / "r"
    places = ("notes.txt", "study/tables/mine.csv", "pictures/line.png")
    return all((run / place).read_text("utf-8") == "mine" for place in places)


@pytest.fixture(params=["exchange", "two renames"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "two renames":
        monkeypatch.setattr(writing, "exchange", lambda *_: False)
    return request.param


def count_changes(folder: Path) -> int:
    study = prepare(folder)
    with failing_disk(study, 10_000) as disk:
        write(study, 2)
    return disk.count


def kill(study: Path, at: int) -> None:
    with failing_disk(study, at), pytest.raises(KilledError):
        write(study, 2)


def test_a_run_killed_at_any_change_loses_and_hides_nothing(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "BEGINNING_S", -1.0)
    changes = count_changes(tmp_path / "all")
    assert changes > 40, system
    for at in range(1, changes + 1):
        study = prepare(tmp_path / f"{at}")
        kill(study, at)
        # The next who reads finds the one or the other, whole, and all that the user put there.
        assert read(study) in {"1", "2"}, at
        assert [path.name for path in (study / "runs").iterdir()] == ["r"], at
        assert is_users(study), at
        write(study, 2)
        assert read(study) == "2"
        assert is_users(study), at
        assert [path.name for path in (study / "runs").iterdir()] == ["r"], at
        shutil.rmtree(study)


@pytest.mark.parametrize("number", NUMBERS, ids=[errno.errorcode[number] for number in NUMBERS])
def test_a_disk_that_fails_at_any_change_is_told_with_the_file(
    system: str, number: int, tmp_path: Path
) -> None:
    changes = count_changes(tmp_path / "all")
    told = 0
    for at in range(1, changes + 1, 1 if system == "exchange" and number == errno.ENOSPC else 5):
        study = prepare(tmp_path / f"{at}")
        caught: OSError | None = None
        with failing_disk(study, at, number):
            try:
                write(study, 2)
            except OSError as error:
                caught = error
        # What fails while the older run is cleared away is no failure: the newer one stands.
        if caught is not None:
            told += 1
            assert caught.errno == number
            assert str(caught.filename).startswith(str(study / "runs" / "r")), (at, system)
        # Only where the swap itself could not be synced is the newer one told as failed, too.
        assert read(study) in ({"2"} if caught is None else {"1", "2"}), at
        assert is_users(study), at
        shutil.rmtree(study)
    assert told > 4


def test_a_run_that_stands_alone_is_not_touched_while_another_writes(tmp_path: Path) -> None:
    study = prepare(tmp_path)
    seen: list[str] = []

    def look(folder: Path) -> None:
        write_whole(folder / "plan.csv", "plan 2")
        # What is being written is locked, so nobody takes it for left behind.
        seen.append(read(study))
        assert folder.is_dir()

    write_run(study / "runs" / "r", results={}, report="", record={"digest": "2"}, export=look)
    assert seen == ["1"]


def test_a_hidden_folder_of_the_user_is_never_removed(tmp_path: Path) -> None:
    study = prepare(tmp_path)
    for name in (".r-old", ".r-12ab34cd", ".notes"):
        (study / "runs" / name).mkdir()
        (study / "runs" / name / "trips.parquet").write_text("mine", encoding="utf-8")
        os.utime(study / "runs" / name, (0, 0))
    write(study, 2)
    assert len(list((study / "runs").rglob("trips.parquet"))) == 3


def test_removing_a_run_leaves_what_no_run_wrote(tmp_path: Path) -> None:
    study = prepare(tmp_path)
    parts = study / "runs" / "r.parts"
    (parts / "parts" / "trips").mkdir(parents=True)
    for name in ("job.json", "journal.jsonl", "parts/trips/a.parquet", "mine.txt"):
        (parts / name).write_text("", encoding="utf-8")
    remove_run(study, "r")
    assert is_users(study)
    left = [path.name for path in (study / "runs").rglob("*") if path.is_file()]
    assert sorted(left) == ["line.png", "mine.csv", "mine.txt", "notes.txt"]
    assert list_runs(study) == []


@pytest.mark.parametrize("place", ["tables/out", "file/out", "link", "file", "there", "pipe"])
def test_a_place_that_takes_no_run_is_refused_before_it_is_computed(
    place: str, tmp_path: Path
) -> None:
    study = make_study(tmp_path / "s", 1)
    (study / "file").write_text("mine", encoding="utf-8")
    (study / "there").mkdir()
    (study / "there" / "mine.txt").write_text("mine", encoding="utf-8")
    (study / "link").symlink_to(tmp_path)
    os.mkfifo(study / "pipe")
    before = sorted(path for path in tmp_path.rglob("*"))
    with pytest.raises((StudyError, OSError), match=place.partition("/")[2] or place):
        refuse_run_folder(study / place, study)
    assert sorted(path for path in tmp_path.rglob("*")) == before


DAMAGE = {
    "cut": lambda content: content[:5],
    "empty": lambda _: b"",
    "garbled": lambda content: content[:60] + b"\0\xff" + content[62:],
    "longer": lambda content: content + b"\n",
    "other": lambda _: b"PAR1",
}


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("name", ["run.toml", f"{MARK}.parquet", "report.html"])
def test_any_damage_is_told_with_file_and_cure(name: str, how: str, tmp_path: Path) -> None:
    run = write(make_study(tmp_path, 1), 1)
    path = run / name
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    with pytest.raises(StudyError) as caught:
        read_file(run, "report.html") if name == "report.html" else read_result(run, MARK)
    (fault,) = caught.value.faults
    assert (fault.file, fault.cure) == (str(path), "Run the study again.")


@pytest.mark.parametrize("kind", ["gone", "pipe", "folder", "strange", "exchanged"])
def test_a_table_that_is_not_of_the_run_is_refused(kind: str, tmp_path: Path) -> None:
    run = write(make_study(tmp_path, 1), 1)
    path = run / f"{MARK}.parquet"
    if kind == "strange":
        path = run / "trips.parquet"
        pl.DataFrame({"trip_id": ["a"]}).write_parquet(path)
    elif kind == "exchanged":
        pl.DataFrame({"subject": ["1"], "finding_id": ["2"]}).write_parquet(path)
    else:
        path.unlink()
        {"gone": lambda _: None, "pipe": os.mkfifo, "folder": os.mkdir}[kind](path)
    with pytest.raises(StudyError) as caught:
        read_result(run, path.stem)
    assert caught.value.faults[0].file == str(path)


@pytest.mark.parametrize(
    "text",
    [
        'run = "r"\n',
        'arterial = "0.0.1"\n[files]\n',
        "",
        "[integrity]\nformat = 9\ndigest = ''\n[files]\n",
    ],
)
def test_a_record_of_others_or_of_another_version_is_refused(text: str, tmp_path: Path) -> None:
    run = write(make_study(tmp_path, 1), 1)
    (run / "run.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=r"run\.toml: (It is no record|The record has format 9)"):
        read_record(run)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_changed_byte_of_a_record_passes(data: st.DataObject, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "r"
    if not run.exists():
        write(make_study(tmp_path, 1), 1)
    content = (run / "run.toml").read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != content[at]))
    (run / "run.toml").write_bytes(content[:at] + bytes([byte]) + content[at + 1 :])
    try:
        with pytest.raises(StudyError):
            read_record(run)
    finally:
        (run / "run.toml").write_bytes(content)


def test_digests_of_a_large_run_cost_little(tmp_path: Path) -> None:
    large = pl.DataFrame({"subject": pl.int_range(4_000_000, eager=True).hash()})
    results = {MARK: large.with_columns(finding_id=pl.lit("a"))}
    run = write_run(tmp_path / "r", results=results, report="", record={})
    content = (run / f"{MARK}.parquet").read_bytes()
    begin = time.process_time()
    read_file(run, f"{MARK}.parquet")
    seconds = time.process_time() - begin
    # A hundred megabytes a second at the very least, on any machine.
    assert seconds < 0.2 + len(content) / 100e6
