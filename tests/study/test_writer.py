"""Writing a study: whole or not at all."""

from pathlib import Path

import pytest

from arterial.errors import StudyError
from arterial.study import Study, check_study, read_study, write_study
from arterial.study.writer import build_folder


def test_what_is_written_is_read_back_the_same(two_stations: Study, tmp_path: Path) -> None:
    written = write_study(two_stations, tmp_path / "copy")
    assert check_study(written) == ()
    back = read_study(written)
    assert back.digest == two_stations.digest
    for name, frame in two_stations.tables.items():
        assert back.table(name).equals(frame), name


def test_writing_twice_gives_the_same_bytes(two_stations: Study, tmp_path: Path) -> None:
    first = write_study(two_stations, tmp_path / "a")
    second = write_study(read_study(first), tmp_path / "b")
    files = sorted(path.relative_to(first) for path in first.rglob("*.*"))
    assert files == sorted(path.relative_to(second) for path in second.rglob("*.*"))
    assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)


def test_a_table_without_rows_gets_no_file(two_stations: Study, tmp_path: Path) -> None:
    written = write_study(two_stations, tmp_path / "copy")
    assert not (written / "tables" / "borders.csv").exists()
    assert (written / "tables" / "sections.csv").exists()


def test_nothing_is_overwritten_unless_told(two_stations: Study, folder: Path) -> None:
    before = (folder / "study.toml").read_bytes()
    with pytest.raises(StudyError, match="exists already"):
        write_study(two_stations, folder)
    assert (folder / "study.toml").read_bytes() == before


def test_overwriting_replaces_inputs_and_keeps_the_rest(two_stations: Study, folder: Path) -> None:
    (folder / "runs" / "r1").mkdir(parents=True)
    (folder / "runs" / "r1" / "report.html").write_text("kept")
    (folder / "notes.txt").write_text("kept")
    (folder / "tables" / "borders.csv").write_text("border_id,point_a,point_b\n")
    write_study(two_stations, folder, overwrite=True)
    assert (folder / "runs" / "r1" / "report.html").read_text() == "kept"
    assert (folder / "notes.txt").read_text() == "kept"
    assert not (folder / "tables" / "borders.csv").exists()
    assert read_study(folder).digest == two_stations.digest
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_no_study_is_never_replaced(two_stations: Study, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "precious"
    if kind == "folder":
        target.mkdir()
        (target / "thesis.txt").write_text("precious")
    elif kind == "file":
        target.write_text("precious")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(StudyError, match="is not a study"):
        write_study(two_stations, target, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_a_missing_parent_is_a_fault(two_stations: Study, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="does not exist"):
        write_study(two_stations, tmp_path / "no" / "where")


def test_a_broken_write_leaves_nothing_behind(tmp_path: Path) -> None:
    def write_half() -> None:
        with build_folder(tmp_path / "study") as folder:
            (folder / "study.toml").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_broken_replacement_leaves_the_old_study(
    two_stations: Study, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def refuse_new(path: Path, target: Path) -> Path:
        if path.name.startswith(".study.") and target == folder:
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(OSError, match="No space"):
        write_study(two_stations, folder, overwrite=True)
    monkeypatch.undo()
    assert read_study(folder).digest == two_stations.digest
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
