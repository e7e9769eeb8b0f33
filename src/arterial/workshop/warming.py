"""Have the kernels compiled without waiting for it; main function `start_warming`.

Compiling takes seconds, on a slow machine more than a short time limit. A process of its own
compiles into numba's cache on disk, while the exact model, which needs no compiling, already works.
"""

import hashlib
import os
import platform
import subprocess
import sys
from enum import Enum
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

__all__ = ["SearchKind", "Warming", "start_warming", "warm"]

ROOT: Final = Path(__file__).parent
ORDER: Final = "from arterial.workshop.warming import warm; warm"


class SearchKind(Enum):
    """Which compiled search a problem needs."""

    PROJECT = "project"
    SHOP = "shop"
    LISTS = "lists"


class Warming:
    """Whether the kernels of a search are compiled."""

    def __init__(self, mark: Path | None, process: "subprocess.Popen[bytes] | None") -> None:
        self._mark = mark
        self._process = process

    @property
    def is_ready(self) -> bool:
        """Whether they can be loaded at once."""
        return self._process is None or self._process.poll() is not None

    def wait(self) -> None:
        """Wait until they are."""
        if self._process is not None:
            self._process.wait()


@cache
def start_warming(kind: SearchKind) -> Warming:
    """Start to compile, unless it was done before for this source, machine and version.

    The process goes on after its caller has ended, so that the next one finds the kernels ready;
    within one caller it is started once.

    Parameters
    ----------
    kind : SearchKind
        Whose kernels.

    Returns
    -------
    Warming
        Tells when they are ready.
    """
    mark = _mark_of(kind)
    if mark is not None and mark.is_file():
        return Warming(mark, None)
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", f"{ORDER}({kind.value!r})"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Warming(mark, process)


def _mark_of(kind: SearchKind) -> Path | None:
    """File that stands when the kernels are compiled; None where no place is writable."""
    digest = hashlib.sha256()
    for file in [ROOT / "rows_kernel.py", *sorted((ROOT / kind.value).glob("*.py"))]:
        digest.update(file.read_bytes())
    words = [platform.python_version(), platform.node(), version("numba"), str(ROOT)]
    words.append(os.environ.get("NUMBA_CACHE_DIR", ""))
    digest.update("\0".join(words).encode())
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    folder = Path(home) / "arterial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder / f"workshop-{kind.value}-{digest.hexdigest()[:16]}"


def warm(name: str) -> None:
    """Run the search of a kind on a tiny problem, then set its mark."""
    kind = SearchKind(name)
    from arterial.workshop.board import Board
    from arterial.workshop.construction import construct_schedule
    from arterial.workshop.portfolio import SEARCHES, tiny_problem

    search = SEARCHES[kind]
    problem = tiny_problem()
    board = Board(problem, seconds=3600.0)
    board.offer(construct_schedule(problem), "construction")
    search(board, seed=0, draw=0, is_wanted=lambda: True, most=3)
    mark = _mark_of(kind)
    if mark is not None:
        mark.touch()
