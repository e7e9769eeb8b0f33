"""What no railway needs and no machine bears is refused in seconds, with place and cure."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from arterial.cli.main import EXIT_CODES, app
from arterial.errors import ArterialError, LimitError
from arterial.exchange.displib import read_problem
from arterial.exchange.schedule_files import read_schedule, read_schedule_problem
from arterial.flows.simulate import read_size
from arterial.operations.rounds import list_rounds
from arterial.running.files import read_rows
from arterial.running.train_file import read_train_toml
from arterial.study import check_study
from arterial.study.settings import ReliabilitySettings
from arterial.study.settingsfile import load_toml

STUDIES = Path(__file__).parents[2] / "studies"
READERS = [read_problem, read_schedule, read_schedule_problem, read_rows, read_train_toml]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "large"])
def test_a_file_without_end_is_not_waited_for(reader, kind: str, tmp_path: Path) -> None:
    place = tmp_path / "file"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "device":
        place = Path("/dev/zero")
    elif kind == "folder":
        place.mkdir()
    else:
        with place.open("wb") as file:
            # A hole: it takes no room on the disk.
            file.truncate(10**12)
    with pytest.raises((ArterialError, OSError), match=r"pipe or device|folder|at most"):
        reader(place)


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 50_000) + " = 1",
        f"[{'.'.join(['a'] * 50_000)}]\nx = 1",
        "x = {" + " . ".join(['"a"'] * 50_000) + " = 1}",
        "x = " + "[" * 50_000 + "]" * 50_000,
        "x = " + "{a = " * 50_000,
        "x = " + "9" * 5_000,
    ],
)
def test_keys_brackets_and_numbers_without_end_are_refused(text: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        load_toml(text)


def test_ordinary_keys_and_long_texts_are_read() -> None:
    text = "text = '" + "One. Two. Three 1.2.3. " * 500 + "'\na.b.c = 1\n[x.y]\nz = 192.168\n"
    assert load_toml(text)["a"] == {"b": {"c": 1}}


def write_study(folder: Path, old: str, new: str) -> Path:
    shutil.copytree(STUDIES / "two_stations", folder, ignore=shutil.ignore_patterns("runs"))
    text = (folder / "study.toml").read_text("utf-8")
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new), "utf-8")
    return folder


def test_a_horizon_longer_than_twenty_years_is_refused(tmp_path: Path) -> None:
    old = "horizon_to = 2026-01-31"
    study = write_study(tmp_path / "long", old, "horizon_to = 2046-01-02")
    (fault,) = check_study(study)
    assert "7307 days; up to 7306" in str(fault)
    study = write_study(tmp_path / "longest", old, "horizon_to = 2046-01-01")
    assert not [fault for fault in check_study(study) if fault.severity == "error"]


@pytest.mark.parametrize("text", ["10001x1", "1x1000001", "9" * 5_000 + "x1", "0x1", "1x0"])
def test_a_size_beyond_the_settings_is_refused(text: str) -> None:
    with pytest.raises(LimitError, match="10000x1000000"):
        read_size(text)


def test_work_that_would_take_days_is_refused_before_it_begins() -> None:
    class Model:
        class trips:  # noqa: N801 a frame of which only the height is asked
            height = 1000

    settings = ReliabilitySettings(draws=10_000, replications=1_000_000)
    with pytest.raises(LimitError, match=r"about .* hours of one core"):
        list_rounds(Model(), settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "settings"),
    [
        ("run", "[reliability]\nline_days = 1\ndraws = 10000\nreplications = 100000\n"),
        ("new", ""),
    ],
)
def test_work_of_hours_is_told_in_words_before_it_starts(
    command: str, settings: str, tmp_path: Path
) -> None:
    place = tmp_path / "study"
    words = [command, str(place)]
    if command == "new":
        words += ["--network", "stations=20000,trains=200000,stops=20000"]
    else:
        write_study(place, "[report]", f"{settings}\n[report]")
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, LimitError)
    assert " h on " in str(done.exception)
    assert "--yes" in str(done.exception)
    assert not (place / "runs").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("campaign", "s", "--time-limit", "nan"),
        ("campaign", "s", "--time-limit", "1e400"),
        ("query", "s", "select 1", "--time-limit", "nan"),
        ("dispatch", "s", "--time-limit", "inf"),
        ("dispatch", "s", "--seed", "9" * 5_000),
        ("workshop", "solve", "s", "--time-limit", "nan"),
        ("fit", "s", "--confidence", "nan"),
        ("path", "s", "a", "b", "--date", "2026-01-01", "--length", "nan"),
        ("path", "s", "a", "b", "--date", "2026-01-01", "--margin", "-inf"),
        ("simulate", "s", "--workers", "100000"),
    ],
)
def test_options_without_bounds_are_wrong_usage(words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, list(words)).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        "new NEW --from nosuch",
        "new NEW --network foo=1",
        "new STUDY",
        "run STUDY --name a/b",
        "open STUDY --run nosuch",
        "runs STUDY --remove nosuch",
        "simulate STUDY --size 5",
        "simulate STUDY --shard 9/2",
        "timetable STUDY --at nosuch",
        "dispatch STUDY --date 2031-01-07",
        "dispatch STUDY --date 2026-01-07 --delay NOPE=5",
        "dispatch STUDY --date 2026-01-07 --close NOR-SOU=xx-yy",
        "path STUDY NORTHPORT NOPE --date 2026-01-07",
        "path STUDY NORTHPORT SOUTHPORT --date 2026-01-07 --window 5",
        "path STUDY NORTHPORT SOUTHPORT --date 2026-01-07 --train NOPE",
        "running-time a b --restrict x",
        "running-time a b --allowance nope",
    ],
)
def test_what_is_asked_for_and_is_not_there_is_wrong_usage(words: str, tmp_path: Path) -> None:
    study = write_study(tmp_path / "study", "[report]", "[report]")
    named = words.replace("STUDY", str(study)).replace("NEW", str(tmp_path / "new"))
    done = CliRunner().invoke(app, named.split())
    assert done.exit_code == 2 or EXIT_CODES[type(done.exception)] == 2, done.exception
    assert sorted(place.name for place in tmp_path.iterdir()) == ["study"]


def test_faults_name_the_line_of_a_key_without_end(tmp_path: Path) -> None:
    study = write_study(tmp_path / "deep", "[report]", ".".join(["a"] * 5_000) + " = 1\n[report]")
    (fault,) = check_study(study)
    assert fault.row is not None
    assert "64 parts" in fault.cause


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_is_exit_code_130_and_leaves_nothing(number: int, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(STUDIES / "two_stations", study, ignore=shutil.ignore_patterns("runs"))
    # Never done by itself: the step that reads waits.
    program = (
        "import sys, time, arterial.flows.run as run\n"
        "run.read_study = lambda path: (print('begun', flush=True), time.sleep(600))\n"
        "from arterial.cli import main\n"
        f"sys.argv = ['arterial', 'run', {str(study)!r}, '--workers', '2']\n"
        "main()\n"
    )
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err, "Stopped." in err) == (130, False, True)
    assert not list((study / "runs").glob("*"))
    # Its session is at an end with it: no child goes on.
    for _ in range(100):
        if not _is_alive(process.pid):
            break
        time.sleep(0.1)
    assert not _is_alive(process.pid)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
