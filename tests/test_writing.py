"""A text file is written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from arterial.writing import refuse_output, write_whole


def test_a_file_is_written_as_it_stands_and_replaces_the_older_one(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_whole(path, "one")
    assert write_whole(path, "zwei\nü\n") == path
    assert path.read_bytes() == "zwei\nü\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_cannot_be_written_leaves_the_older_file(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "page.html", "one")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "two \ud800")
    assert path.read_text("utf-8") == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_is_a_folder_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with pytest.raises(OSError, match=r"page\.html"):
        write_whole(tmp_path / "page.html", "one")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_pipe_or_device_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    pipe = tmp_path / "page.html"
    os.mkfifo(pipe)
    with pytest.raises(FileExistsError, match="no file but a device or pipe"):
        write_whole(pipe, "one")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_an_output_that_could_not_be_written_is_refused_before(tmp_path: Path) -> None:
    (tmp_path / "input.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "input.csv")
    os.link(tmp_path / "input.csv", tmp_path / "twin.csv")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.iterdir())
    inputs = [tmp_path / "input.csv", tmp_path / "never.csv"]
    places = ("input.csv", "folder/../input.csv", "twin.csv", "never.csv", "link", "pipe", "folder")
    for name in (*places, "input.csv/x", "no/x"):
        with pytest.raises(OSError, match=name.rpartition("/")[2]):
            refuse_output(tmp_path / name, inputs=inputs)
    refuse_output(tmp_path / "new.csv", inputs=inputs)
    refuse_output(tmp_path / "no" / "new.csv", inputs=inputs, makes_folder=True)
    assert sorted(tmp_path.iterdir()) == before


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "page.html").symlink_to(tmp_path / "elsewhere.html")
    with pytest.raises(FileExistsError, match="is a link to"):
        write_whole(tmp_path / "page.html", "one")
    assert not (tmp_path / "elsewhere.html").exists()
