"""The first-steps pages run as they are written: tables filled, commands called, answers told."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from arterial.cli.main import app

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
BLOCK = re.compile(
    r"(?:^`([\w/.]+)`\n\n)?```(csv|toml|sh|text)\n(.*?)```", re.DOTALL | re.MULTILINE
)
WIDE = {"COLUMNS": "110", "NO_COLOR": "1"}


def fill_table(file: Path, text: str) -> None:
    """Put rows at the end of a table; with a header they are the whole of it."""
    old = file.read_text("utf-8") if file.is_file() else ""
    is_whole = not old or text.splitlines()[0].split(",")[0] == old.split(",", 1)[0]
    file.write_text(text if is_whole else f"{old.rstrip()}\n{text}", "utf-8")


def call_commands(text: str) -> str:
    """Call each line; what it prints in the end."""
    printed = ""
    for line in text.splitlines():
        program, *words = shlex.split(line)
        assert program == "arterial"
        done = CliRunner().invoke(app, words, env=WIDE)
        assert done.exit_code == 0, (line, done.output, done.exception)
        printed += done.output
    return printed


@pytest.mark.parametrize("page", ["first-border", "first-assets"])
def test_a_first_steps_page_runs_as_it_is_written(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = ""
    for file, kind, text in BLOCK.findall((GUIDE / f"{page}.md").read_text("utf-8")):
        if kind == "sh":
            printed = call_commands(text)
        elif kind == "text":
            told = [line.rstrip() for line in printed.splitlines()]
            assert [line for line in text.splitlines() if line.rstrip() not in told] == [], printed
        elif kind == "toml":
            with (tmp_path / file).open("a", encoding="utf-8") as settings:
                settings.write(f"\n{text}")
        else:
            fill_table(tmp_path / file, text)
