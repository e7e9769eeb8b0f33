"""What a check passes, a run accepts: over cells of small studies changed at random."""

import csv
import shutil
import tempfile
from pathlib import Path

from hypothesis import event, given, settings
from hypothesis import strategies as st

from arterial.flows.check_study import check_study
from arterial.flows.run import resolve_timetable
from arterial.study import read_study

STUDIES = Path(__file__).parents[2] / "studies"
PIECES = (
    "", "0", "1", "2", "-1", "5", "100", "0.5", "1e-3", "99999", "backward", "none", "NORTHPORT",
    "KP-Tumangang", "T1", "645", "2026-01-03", "2026-03-05", "12:00", "23:59", "false", "1520",
)  # fmt: skip


def change_cell(study: Path, data: st.DataObject) -> None:
    """A cell of a table put over with a piece or the cell of another row, or its row taken out."""
    path = data.draw(st.sampled_from(sorted((study / "tables").glob("*.csv"))))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    if len(rows) < 2:
        return
    row = data.draw(st.integers(1, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    others = [other[column] for other in rows[1:]]
    value = data.draw(st.sampled_from([*PIECES, *dict.fromkeys(others), None]))
    if value is None:
        del rows[row]
    else:
        rows[row][column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_what_a_check_passes_a_run_accepts(data) -> None:
    origin = STUDIES / data.draw(st.sampled_from(["two_stations", "tumangang_border"]))
    with tempfile.TemporaryDirectory() as place:
        study = Path(place) / "study"
        shutil.copytree(origin, study, ignore=shutil.ignore_patterns("runs"))
        for _ in range(data.draw(st.integers(1, 2))):
            change_cell(study, data)
        if any(fault.severity == "error" for fault in check_study(study)):
            event("refused by the check")
            return
        event("run")
        resolve_timetable(read_study(study))
