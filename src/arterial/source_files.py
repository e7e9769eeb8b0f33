"""Which source a module depends on; main function `list_imported_files`."""

import re
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["PACKAGE", "list_imported_files", "read_source"]

PACKAGE: Final = Path(__file__).parent
# Imports within functions, or for types alone, do not reach what a kernel freezes.
IMPORT: Final = re.compile(
    r"^(?:from[ \t]+(arterial[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)"
    r"|import[ \t]+(arterial[\w.]*))",
    re.MULTILINE,
)


def list_imported_files(file: Path) -> list[Path]:
    """All modules of the package that a module imports, directly or not, and itself.

    Parameters
    ----------
    file : Path
        The module, in the package or outside.

    Returns
    -------
    list of Path
        In order of their paths within the package, the same wherever it is installed.
    """
    found, todo = {file}, [file]
    while todo:
        new = _find_imports(todo.pop()) - found
        found |= new
        todo += new
    return sorted(found, key=lambda one: one.as_posix().removeprefix(PACKAGE.as_posix()))


@cache
def _find_imports(file: Path) -> frozenset[Path]:
    """Modules that a file names in its imports.

    The packages that they stand in are run with them, but give nothing that a kernel could freeze
    unless they are named themselves; following them, half of the package hangs on every kernel.
    """
    names = set[str]()
    for match in IMPORT.finditer(read_source(file)):
        base = match[1] or match[3]
        names |= {base} | {f"{base}.{word}" for word in re.findall(r"\w+", match[2] or "")}
    places = [PACKAGE.joinpath(*name.split(".")[1:]) for name in names]
    found = {one for place in places for one in (place.with_suffix(".py"), place / "__init__.py")}
    return frozenset(one for one in found if _is_file(one))


@cache
def _is_file(file: Path) -> bool:
    return file.is_file()


@cache
def read_source(file: Path) -> str:
    """Text of a module, as it was when it was first asked for."""
    return file.read_text("utf-8")
