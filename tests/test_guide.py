"""The guide to Python runs as it is written, and calls only what is there."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import arterial

PAGE = (Path(__file__).parents[1] / "docs" / "guide" / "python.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TOO_LONG = ("simulate_study", "fit_records", "StringLine")
"""Calls whose blocks take minutes, files of others or the built page."""


def list_calls(code: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("arterial.")
    ]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_call_of_the_guide_fits_what_is_called(block: str) -> None:
    for call in list_calls(block):
        called = getattr(arterial, ast.unparse(call.func).removeprefix("arterial."))
        keywords = {keyword.arg: None for keyword in call.keywords if keyword.arg}
        inspect.signature(called).bind(*call.args, **keywords)


def test_every_function_of_the_package_is_in_the_guide() -> None:
    named = set(re.findall(r"\w+", PAGE))
    functions = {name for name in arterial.__all__ if name.islower() and name[0] != "_"}
    assert functions - named == {"dispatch_trains", "write_study"}


def test_the_guide_runs_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in BLOCKS:
        if not any(name in block for name in TOO_LONG):
            exec(block, names)  # noqa: S102
    printed = capsys.readouterr().out
    # 125 km at 50 instead of 65 km/h: the change and what came of it.
    assert "sections NOR-SOU typical_passenger_speed_kmh 65 50" in printed
    assert "journey" in printed
    assert (tmp_path / "compared.html").is_file()
    assert names["late"].delays_s  # type: ignore[attr-defined]
