"""Mutants of small sound files and studies, made from edits that hypothesis can shrink.

An edit of a text puts a piece over some of its bytes; an edit of a study puts a value into a cell,
takes a row away, doubles it or changes a line of the settings. `limit_cpu` ends what hangs.
"""

import contextlib
import csv
import io
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from hypothesis import strategies as st

from arterial.assets.parameters import load_parameter_set, write_parameter_set
from arterial.errors import ArterialError
from arterial.exchange.displib import read_problem, read_solution
from arterial.exchange.schedule_files import read_schedule, read_schedule_problem
from arterial.running.files import read_path_csv
from arterial.running.train_file import read_train_toml
from arterial.study.csvtext import read_text_file
from arterial.study.reader import read_table
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.settingsfile import SETTINGS_FILE, parse_settings

LONGEST_CPU_S = 10.0
STUDIES = Path(__file__).parents[1] / "studies"
EVERY_TABLE = Path(__file__).parent / "fuzz" / "every_table"


class Edit(NamedTuple):
    """A piece put over `length` bytes at a share of the text; None doubles the line there."""

    at: float
    length: int
    piece: bytes | None


class CellEdit(NamedTuple):
    """A value put into a cell of a table, or a factor; None = the row goes, True = it doubles."""

    table: int
    row: int
    column: int
    value: str | float | bool | None


class Reader(NamedTuple):
    """What reads a kind of file, and a sound one."""

    name: str
    read: Callable[[Path], object]
    text: bytes


PIECES = (
    b"", b"0", b"-1", b"1e308", b"1e-308", b"nan", b"inf", b"9" * 5000, b"99999999999", b"0.5",
    b",", b";", b"\t", b'"', b"'", b"\n", b"\r\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"#",
    b"=", b"[", b"]", b"{", b"}", b"[[[[[[[[", b"null", b"true", b"\xe2\x80\xae", b"\xc2\xa0",
    b"1,250", b"1 250", b"sep=;\n", b"0x" + b"f" * 5000, b"\xd9\xa3", b"\xe2\x85\xa7", b"-", b".",
    b"1979-05-27", b"25:61", b" " * 2000, b"a" * 11000, b"1", b"2", b"3", b"1000000",
)  # fmt: skip

VALUES = (
    "", "0", "1", "2", "-1", "5", "100", "0.01", "0.5", "1e-3", "99999", "5000", "500", "30000",
    "backward", "forward", "both", "none", "25kv_50hz", "1435", "1520", "1000", "true", "false",
    "NORTHPORT", "SOUTHPORT", "NOR-SOU", "T1", "C-NOR-SOU", "2026-01-15", "2026-01-03",
    "1999-12-31", "2199-12-31", "1800-01-01", "00:00", "23:59", "12:00", "02:30",
    "Europe/Moscow", "Asia/Tokyo",
    "Pacific/Kiritimati", "daily", "weekdays", "dates", "every_n_days", "runs", "does_not_run",
    "freight", "passenger", "lognormal", "uniform", "1;2", "assumption", "renew", "km", "30", "-30",
)  # fmt: skip

FACTORS = (0.1, 0.5, 0.9, 1.1, 2.0, 10.0)
"""Factors of numbers: most such mutants pass the check, so that the analyses meet them."""

SETTING_LINES = (
    "seed = 0", "seed = 9223372036854775807", "horizon_to = 2026-01-01", "horizon_to = 2026-03-31",
    "horizon_from = 2026-01-31", "epoch = 2026-06-01", "epoch = 1990-01-01", "as_of = 2030-01-01",
    "as_of = 1900-01-01", "[timetable]\ncatch_up_days = 0", "[timetable]\ndefault_dwell_min = 0",
    "[timetable]\nminimum_connection_min = 1000", "[reliability]\ncancel_after_h = 0",
    "[reliability]\nrun_in_days = 0", "[reliability]\ntolerance_min = 0",
    "[reliability]\nsimulate_from = 2026-01-20", "[reliability]\nsimulate_to = 2025-01-01",
    "[reliability]\nclosed_line_queue = 0", "[reliability]\nclosed_line_wait_h = 0.01",
    "[campaign]\nmonths = 1", "[campaign]\ndiscount_percent = 100",
    "[campaign]\nresidual_years = 0", "[campaign]\nmust_do = ['NONE']",
    "[campaign]\nderailment_worth_h = 0",
    "[running]\nsupplement_percent = 0", "[running]\nbraking_deceleration_ms2 = 0.01",
    "[report]\ntrip_ids = []", "[report]\nroute_ids = ['NONE']",
)  # fmt: skip

edits = st.lists(
    st.builds(
        Edit,
        at=st.floats(0, 1),
        length=st.integers(0, 12),
        piece=st.sampled_from((*PIECES, None)),
    ),
    min_size=1,
    max_size=4,
)

cell_edits = st.lists(
    st.builds(
        CellEdit,
        table=st.integers(0, 200),
        row=st.integers(0, 60),
        column=st.integers(0, 40),
        value=st.sampled_from((*FACTORS, *VALUES, *FACTORS, None, True)),
    ),
    max_size=3,
)

setting_lines = st.lists(st.sampled_from(SETTING_LINES), max_size=1)


def edit_text(text: bytes, changes: Sequence[Edit]) -> bytes:
    """The text with all edits made, one after another."""
    for at, length, piece in changes:
        place = round(at * len(text))
        if piece is None:
            begin = text.rfind(b"\n", 0, place) + 1
            end = text.find(b"\n", place) + 1 or len(text)
            text = text[:end] + text[begin:end] + text[end:]
        else:
            text = text[:place] + piece + text[place + length :]
    return text


def edit_study(folder: Path, changes: Sequence[CellEdit], lines: Sequence[str]) -> None:
    """Make all edits in a study, cells by number of table, row and column."""
    paths = sorted([*(folder / "tables").glob("*.csv"), folder / "estimates.csv"])
    for table, row, column, value in changes:
        path = paths[table % len(paths)]
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))
        if len(rows) < 2:
            continue
        number = 1 + row % (len(rows) - 1)
        if value is None:
            del rows[number]
        elif value is True:
            rows.append(list(rows[number]))
        elif isinstance(value, str):
            rows[number][column % len(rows[0])] = value
        else:
            _scale(rows[number], column, value)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    for line in lines:
        _set(folder / "study.toml", line)


def _scale(row: list[str], column: int, factor: float) -> None:
    """A number of the row times a factor, whole where it was whole."""
    places = [place for place, cell in enumerate(row) if cell.replace(".", "", 1).isdigit()]
    if places:
        place = places[column % len(places)]
        number = float(row[place]) * factor
        row[place] = f"{number:g}" if "." in row[place] else str(round(number))


def _set(path: Path, line: str) -> None:
    """A setting put in place of the line of its key, or behind all others."""
    text, key = path.read_text("utf-8"), line.split(" =", 1)[0].rsplit("\n", 1)[-1]
    kept = [old for old in text.split("\n") if not old.startswith(f"{key} =")]
    text = "\n".join(kept)
    part, _, rest = line.rpartition("\n")
    if not part:
        text = f"{line}\n{text}"
    elif part in text:
        text = text.replace(part, f"{part}\n{rest}", 1)
    else:
        text += f"\n{line}\n"
    path.write_text(text, "utf-8")


@contextlib.contextmanager
def limit_cpu(seconds: float = LONGEST_CPU_S) -> Iterator[None]:
    """Raise where the body takes longer on the processor than it may."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        message = f"It takes longer than {seconds:g} CPU-s."
        raise TimeoutError(message)

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def read_mutant(reader: Reader, text: bytes, path: Path) -> bool:
    """Whether a reader takes a text; a refusal has a cause and a cure, anything else is raised."""
    path.write_bytes(text)
    with limit_cpu():
        try:
            reader.read(path)
        except ArterialError as error:
            refusal = error
        else:
            return True
    str(refusal).encode()
    assert refusal.message
    assert all(fault.cause and fault.cure for fault in refusal.faults), refusal.faults
    return False


def _read_settings(path: Path) -> object:
    parsed = parse_settings(read_text_file(path, SETTINGS_FILE)[0])
    if parsed.settings is None:
        message = "The settings are faulty."
        raise ArterialError(message, parsed.faults)
    return parsed.settings


def list_readers(folder: Path) -> list[Reader]:
    """Every reader with a sound file of its own; the folder is for one that has to be written."""
    tables = []
    for name in list_tables(TableRole.INPUT):
        file = load_schema(name).file
        path = EVERY_TABLE / file
        path = path if path.is_file() else STUDIES / "two_stations" / file
        tables.append(
            Reader(name, lambda path, name=name: read_table(path, name), path.read_bytes())
        )
    parameters = write_parameter_set(load_parameter_set(), folder / "sound.csv").read_bytes()
    settings = (STUDIES / "pyongyang_moscow" / "study.toml").read_bytes()
    return [
        Reader("Patterson", read_schedule_problem, PATTERSON),
        Reader("PSPLIB", read_schedule_problem, PSPLIB),
        Reader("job shop", read_schedule_problem, b"2 2\n0 3 1 2\n1 4 0 1\n"),
        Reader("flexible", read_schedule_problem, b"2 2 1.5\n2 2 1 3 2 4 1 1 2\n1 1 2 4\n"),
        Reader("Taillard", read_schedule_problem, TAILLARD),
        Reader("schedule", read_schedule, b'{"makespan": 5, "schedule": [0, 2], "modes": [0, 0]}'),
        Reader("DISPLIB problem", read_problem, DISPLIB),
        Reader("DISPLIB solution", read_solution, SOLUTION),
        Reader("train", read_train_toml, TRAIN),
        Reader("path", read_path_csv, PATH),
        Reader("settings", _read_settings, settings),
        Reader("parameters", load_parameter_set, parameters),
        *tables,
    ]


PATTERSON = b"5 1\n4\n0 0 3 2 3 4\n3 2 1 5\n2 3 1 5\n4 2 1 5\n0 0 0\n"
TAILLARD = b"""Nb of jobs, Nb of Machines, Time seed, Machine seed, Upper bound, Lower bound
          2           2   840612802   398197754        20        10
Times
 3 2
 2 1
Machines
 1 2
 2 1
"""
PSPLIB = b"""jobs (incl. supersource/sink ):  3
RESOURCES
  - renewable                 :  1   R
  - nonrenewable              :  1   N
  - doubly constrained        :  0   D
PROJECT INFORMATION:
pronr.  #jobs rel.date duedate tardcost  MPM-Time
    1      1      5       9       2        9
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          1           2
   2        2          1           3
   3        1          0
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  N 1
  1      1     0       0    0
  2      1     3       2    5
         2     4       1    1
  3      1     0       0    0
RESOURCEAVAILABILITIES:
  R 1  N 1
    4    6
"""
DISPLIB = b"""{"trains": [[
{"start_lb": 0, "min_duration": 5, "resources": [{"resource": "a", "release_time": 1}],
 "successors": [1]}, {"min_duration": 0, "successors": []}]],
"objective": [{"type": "op_delay", "train": 0, "operation": 1, "coeff": 1, "threshold": 5}]}"""
SOLUTION = b"""{"objective_value": 0, "events": [{"time": 0, "train": 0, "operation": 0},
{"time": 5, "train": 0, "operation": 1}]}"""
TRAIN = b"""name = "Probe"
mass_t = 400
rotating_mass_coefficient = 1.06
length_m = 200
top_speed_kmh = 120
[resistance]
a_n = 6000
b_n_per_ms = 100
c_n_per_ms2 = 8
[effort]
speed_kmh = [0, 40, 120]
effort_n = [250000, 200000, 60000]
rated_power_kw = 3000
[braking]
rule = "constant"
deceleration_m_s2 = 0.5
"""
PATH = b"""position_m,gradient_permille,speed_limit_kmh,curve_radius_m,stop_s
0,0,90,,
5000,6,60,600,30
10000,0,90,,0
"""
