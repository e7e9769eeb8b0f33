"""What a terminal shows: one screen with the answer first, examples that hold, errors alike."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from arterial.cli.main import COMMANDS, WORKSHOP_COMMANDS, ExitCode, app
from arterial.cli.printing import SCREEN_LINES, WIDEST, fit_lines
from arterial.study import new_study
from arterial.study.variants import change_study
from arterial.version import __version__

GROUP = typer.main.get_command(app)
WORDS = [(name,) for name in COMMANDS] + [("workshop", name) for name in WORKSHOP_COMMANDS]


def find_command(words: tuple[str, ...]):
    found = GROUP
    for word in words:
        found = found.commands[word]
    return found


@pytest.mark.parametrize("words", WORDS)
def test_the_example_of_each_help_can_be_called_as_it_stands(call, words: tuple[str, ...]) -> None:
    code, out, _ = call(*words, "--help")
    example = " ".join(out.split("Example: ")[1].split())
    program, *arguments = shlex.split(example)
    assert (code, program, tuple(arguments[: len(words)])) == (0, "arterial", words)
    # Reads the arguments and calls nothing.
    find_command(words).make_context(words[-1], arguments[len(words) :])


LEAST = {
    "compare": ("{0}", "{0}"),
    "query": ("{0}", "select 1"),
    "timetable": ("{0}", "--date", "2026-01-07"),
    "path": ("{0}", "A", "B", "--date", "2026-01-07"),
    "running-time": ("{0}", "{0}"),
    "workshop check": ("{0}", "{0}"),
}


@pytest.mark.parametrize("words", [words for words in WORDS if words != ("new",)])
def test_a_place_that_is_not_there_is_told_alike_by_every_command(
    call, tmp_path: Path, words: tuple[str, ...]
) -> None:
    place = tmp_path / "nowhere"
    arguments = [one.format(place) for one in LEAST.get(" ".join(words), ("{0}",))]
    code, out, err = call(*words, *arguments)
    assert code in {ExitCode.FAULTY_DATA, ExitCode.FILE_SYSTEM}
    told = out if words == ("check",) else err
    assert "nowhere" in told
    assert "Traceback" not in out + err
    if words != ("check",):
        assert err.startswith("arterial: ")
        assert out == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("check",), "Missing argument 'study'. See arterial check --help."),
        (("check", "mine", "--frob"), "No such option: --frob. See arterial check --help."),
        (("workshop", "solve"), "Missing argument 'FILE'. See arterial workshop solve --help."),
        (("frob",), "No such command 'frob'. See arterial --help."),
        (("timetable", "mine"), "See arterial timetable --help."),
    ],
)
def test_wrong_usage_leads_to_the_help_of_its_command(call, words, line: str) -> None:
    code, out, err = call(*words)
    assert (code, out) == (ExitCode.WRONG_USAGE, "")
    assert err.startswith("arterial: ")
    assert err.endswith(f"{line}\n")
    assert err.count("\n") == 1


def test_the_package_is_the_command() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "arterial", "--version"], capture_output=True, text=True, check=True
    )
    assert told.stdout == f"arterial {__version__}\n"


def test_a_shell_completes_the_names_of_commands() -> None:
    asked = {"_ARTERIAL_COMPLETE": "complete_bash", "COMP_WORDS": "arterial ch", "COMP_CWORD": "1"}
    told = subprocess.run(
        [sys.executable, "-m", "arterial"],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.split() == ["check"]


@given(
    st.lists(st.text("ab ", max_size=400), max_size=3),
    st.lists(st.text("ab ", max_size=400), max_size=60),
    st.lists(st.text("ab ", max_size=90), max_size=3),
)
def test_a_screen_holds_twenty_lines_and_tells_how_many_it_leaves_out(head, middle, end) -> None:
    lines = fit_lines(head, middle, end, more="more")
    assert lines[: len(head)] == head
    assert lines[len(lines) - len(end) :] == end
    between = lines[len(head) : len(lines) - len(end)]
    left = 0
    if len(between) != len(middle) or between != middle:
        *between, note = between
        left = int(note.removesuffix(" more"))
    assert between == middle[: len(between)]
    assert len(between) + left == len(middle)
    if between:
        assert sum(max(1, -(-len(line) // WIDEST)) for line in lines) <= SCREEN_LINES


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    study = new_study(tmp_path / "mine", from_shipped="tumangang_border")
    for table in (study / "tables").glob("*.csv"):
        text = table.read_text("utf-8")
        if ",source_id" in text.splitlines()[0]:
            text = text.replace("S1", "NOSUCH").replace("sourced", "guessed")
            table.write_text(text, "utf-8")
    return study


def test_a_check_begins_with_its_answer_and_a_terminal_shows_one_screen(
    call, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, whole, _ = call("check", str(broken))
    assert code == ExitCode.FAULTY_DATA
    count = int(whole.split(": ")[1].split()[0])
    assert whole.splitlines()[0].startswith(f"{broken}: {count} errors, ")
    assert whole.count("\nerror: ") == count >= SCREEN_LINES
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    shown = call("check", str(broken))[1].splitlines()
    assert len(shown) <= SCREEN_LINES
    assert shown[0] == whole.splitlines()[0]
    assert any("more: --verbose" in line for line in shown)
    assert call("check", str(broken), "--verbose")[1] == whole


def test_a_comparison_begins_with_what_came_of_each_side(call, small_study, tmp_path) -> None:
    edits = [("calendar_rules", ("DAILY", 1), "valid_from", "2026-01-10")]
    after = change_study(small_study, tmp_path / "after", edits)
    _, out, _ = call("compare", str(small_study), str(after))
    first, second, *rest = out.splitlines()
    assert first.startswith("Before: All 31 departures work")
    assert second.startswith("After: All 22 departures work")
    assert len(rest) <= SCREEN_LINES - 2
