"""The one way to compile a kernel, and where compiled kernels are kept; main function `compiled`.

No other module imports numba. Compiled code is kept under a digest of all source that the module of
the kernel imports, directly or not, of the compiler's version and of the level of the processor.
The compiler's own cache looks at the date of one file: a constant frozen into a kernel, or a helper
changed in another file, then goes on with the old code and gives silent nonsense.
"""

import hashlib
import os
import pickle
import re
import sys
import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from inspect import getfile
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast, overload

import numba
from llvmlite import binding
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from arterial.units import DAY_S
from arterial.writing import write_whole

__all__ = ["compiled", "digest_source", "list_cache_folders", "list_imported_files"]

P = ParamSpec("P")
R = TypeVar("R")

PACKAGE: Final = Path(__file__).parent
FOLDER_VARIABLE: Final = "ARTERIAL_KERNELS"
"""Environment variable that names another folder for compiled kernels."""

KEPT_DAYS: Final = 30

# Levels of x86-64 from the best down, each with features that tell it from the next.
CPU_LEVELS: Final = (
    ("x86-64-v3", ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")),
    ("x86-64-v2", ("cx16", "popcnt", "sse4.2", "ssse3")),
)
# Imports within functions, or for types alone, do not reach what a kernel freezes.
IMPORT: Final = re.compile(
    r"^(?:from[ \t]+(arterial[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)"
    r"|import[ \t]+(arterial[\w.]*))",
    re.MULTILINE,
)

# numba's option is not known to its types.
NO_COUNTING: Final[dict[str, Any]] = {"_nrt": False}
MERGED: Final[dict[str, Any]] = {
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "forceinline": True,
}


@overload
def compiled(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def compiled(
    *, counts_references: bool = True, is_merged: bool = False, is_inlined: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def compiled(
    function: Callable[P, R] | None = None,
    /,
    *,
    counts_references: bool = True,
    is_merged: bool = False,
    is_inlined: bool = False,
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a kernel on its first call, or take it from disk; it runs without the lock.

    Parameters
    ----------
    function : callable
        Takes arrays, records of arrays and numbers; keeps its types.
    counts_references : bool
        Off for kernels that make no arrays: counting references to those they read costs more
        than the work where many arrays go through many small functions.
    is_merged : bool
        The machine code is always put into that of its caller, and only kernels can call it: a
        call passes each array as seven numbers.
    is_inlined : bool
        The source is put into that of its caller before compiling, as a macro would be.

    Returns
    -------
    callable
        The kernel; ``py_func`` is the function in plain Python.

    Examples
    --------
    >>> @compiled
    ... def double(value: float) -> float:
    ...     return 2.0 * value
    >>> double(21.0)
    42.0
    """
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True}
    options |= {} if counts_references else NO_COUNTING
    options |= MERGED if is_merged else {}
    options |= {"inline": "always"} if is_inlined else {}

    def build(plain: Callable[P, R]) -> Callable[P, R]:
        kernel = numba.njit(**options)(plain)
        # Without a file, as in a notebook, or with compiling switched off there is nothing to keep.
        if hasattr(kernel, "overloads") and Path(getfile(plain)).is_file():
            kernel._cache = KernelCache(plain, options)  # noqa: SLF001 what `cache=True` sets
        return cast("Callable[P, R]", kernel)

    return build if function is None else build(function)


class KernelCache(_Cache):
    """Compiled forms of one kernel on disk, one file for each signature.

    Each file is written whole under a name that follows from all it depends on, so that processes
    that compile at once, or are killed while they do, never leave what another could misread.

    Parameters
    ----------
    function : callable
        The kernel in plain Python.
    options : dict
        How it is compiled.
    """

    def __init__(self, function: Callable[..., object], options: dict[str, Any]) -> None:
        file = Path(getfile(function))
        self._name = function.__qualname__.replace("<", "").replace(">", "")
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        code = function.__code__
        words = [self._name, str(code.co_firstlineno), str(sorted(options.items()))]
        self._own = hashlib.sha256(" ".join(words).encode() + code.co_code + dumps(cells))
        # Of the source as it was imported: a file that changes later must not be mistaken for it.
        self._place = f"{file.stem}-{digest_source(file)}"
        self._is_enabled = True

    @property
    def cache_path(self) -> str:
        """Where it is kept, for numba's own reports."""
        return str(list_cache_folders()[0] / self._place)

    def enable(self) -> None:
        """Take from disk and keep again."""
        self._is_enabled = True

    def disable(self) -> None:
        """Neither take from disk nor keep."""
        self._is_enabled = False

    def flush(self) -> None:
        """Remove the compiled forms of this kernel."""
        for folder in list_cache_folders():
            for file in (folder / self._place).glob(f"{self._name}-*.kernel"):
                file.unlink(missing_ok=True)

    def load_overload(self, sig: Any, target_context: Any) -> Any:  # noqa: ANN401 numba's own
        """Compiled form for a signature; None where there is none that can be read."""
        target_context.refresh()
        if not self._is_enabled:
            return None
        name = self._file_name(sig, target_context.codegen())
        for folder in list_cache_folders():
            try:
                kept_sig, payload = pickle.loads((folder / self._place / name).read_bytes())  # noqa: S301
            except (OSError, EOFError, ValueError, pickle.UnpicklingError):
                # Not there, or cut off with the machine: compiled anew and written again.
                continue
            if kept_sig == sig:
                return CompileResult._rebuild(target_context, *payload)  # noqa: SLF001
        return None

    def save_overload(self, sig: Any, data: Any) -> None:  # noqa: ANN401 numba's own
        """Keep a compiled form in the first folder that takes it; where none does, go without."""
        if not self._is_enabled or data.library.has_dynamic_globals:
            return
        name = self._file_name(sig, data.codegen)
        content = dumps((sig, data._reduce()))  # noqa: SLF001
        for folder in list_cache_folders():
            place = folder / self._place
            try:
                if not place.is_dir():
                    _remove_old(folder)
                    place.mkdir(parents=True, exist_ok=True)
                write_whole(place / name, content)
            except OSError:
                continue
            return

    def _file_name(self, sig: Any, codegen: Any) -> str:  # noqa: ANN401 numba's own
        digest = self._own.copy()
        digest.update(f"{sig} {codegen.magic_tuple()}".encode())
        return f"{self._name}-{digest.hexdigest()[:24]}.kernel"


def list_cache_folders() -> list[Path]:
    """Folders with compiled kernels in the order in which they are looked through.

    The first that can be written takes new ones: that of the environment variable
    ``ARTERIAL_KERNELS``, the package itself (where wheels bring theirs), the cache of the user.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    folders = [PACKAGE / "__pycache__" / "kernels", Path(home) / "arterial" / "kernels"]
    return [Path(named), *folders] if named else folders


@cache
def digest_source(file: Path) -> str:
    """Digest of all source that a module depends on, of what compiles it, and of the processor.

    Parameters
    ----------
    file : Path
        The module.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    digest = hashlib.sha256()
    words = [*sys.version_info[:3], numba.config.CPU_NAME, numba.config.CPU_FEATURES]
    words += [version(library) for library in ("numba", "llvmlite", "numpy")]
    digest.update(str(words).encode())
    for each in list_imported_files(file):
        digest.update(_read_source(each).encode())
    return digest.hexdigest()[:16]


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
    """Modules that a file names in its imports; the packages they stand in are run with them."""
    names = set[str]()
    for match in IMPORT.finditer(_read_source(file)):
        base = match[1] or match[3]
        names |= {base} | {f"{base}.{word}" for word in re.findall(r"\w+", match[2] or "")}
    found = set[Path]()
    for name in names:
        parts = name.split(".")[1:]
        for depth in range(len(parts) + 1):
            place = PACKAGE.joinpath(*parts[:depth])
            found |= {place.with_suffix(".py"), place / "__init__.py"}
    return frozenset(one for one in found if _is_file(one))


@cache
def _is_file(file: Path) -> bool:
    return file.is_file()


@cache
def _read_source(file: Path) -> str:
    return file.read_text("utf-8")


def _remove_old(folder: Path) -> None:
    """Remove kernels of earlier source that nobody has read for long."""
    oldest = time.time() - KEPT_DAYS * DAY_S
    for place in folder.glob("*-*"):
        files = list(place.glob("*"))
        if files and max(max(f.stat().st_atime, f.stat().st_mtime) for f in files) < oldest:
            for file in files:
                file.unlink(missing_ok=True)
            place.rmdir()


def _pin_cpu_level() -> None:
    """Compile for a level of processors instead of for this one, so that others can run it.

    Numbers are the same on all of them: nothing is reordered or contracted without leave.
    """
    if numba.config.CPU_NAME is not None:
        return
    has = binding.get_host_cpu_features()
    for level, features in CPU_LEVELS:
        if all(has.get(feature) for feature in features):
            numba.config.CPU_NAME, numba.config.CPU_FEATURES = level, ""
            return


_pin_cpu_level()
