"""The one way to compile a kernel, and where compiled kernels are kept; main function `compiled`.

`start_warming` has a second process compile what is not compiled yet, so that a first run can read
its tables meanwhile, and a search with a time limit can wait before its clock starts.

No other module imports numba. Compiled code is kept under a digest of all source that the module of
the kernel imports, directly or not, of the compiler's version and of the level of the processor.
The compiler's own cache looks at the date of one file: a constant frozen into a kernel, or a helper
changed in another file, then goes on with the old code and gives silent nonsense.
"""

import hashlib
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from importlib.metadata import version
from inspect import getfile
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast, overload

import numba
from llvmlite import binding
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.core.types import unliteral

from arterial.source_files import PACKAGE, list_imported_files, read_source
from arterial.units import DAY_S
from arterial.writing import write_whole

__all__ = [
    "COMPILING",
    "Warming",
    "compiled",
    "digest_source",
    "list_cache_folders",
    "start_warming",
    "warm",
]

P = ParamSpec("P")
R = TypeVar("R")

SHIPPED: Final = PACKAGE / "kernels"
"""Folder of the kernels that a wheel brings; read, never written."""

FOLDER_VARIABLE: Final = "ARTERIAL_KERNELS"
"""Environment variable that names another folder for compiled kernels."""

COMPILING: Final = "Compiling kernels, once after installation ..."
"""What to tell whoever waits for kernels."""

KEPT_DAYS: Final = 30

# Levels of x86-64 from the best down, each with features that tell it from the next.
CPU_LEVELS: Final = (
    ("x86-64-v3", ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")),
    ("x86-64-v2", ("cx16", "popcnt", "sse4.2", "ssse3")),
)
# numba's option is not known to its types.
NO_COUNTING: Final[dict[str, Any]] = {"_nrt": False}
NO_ENTRY: Final[dict[str, Any]] = {"no_cpython_wrapper": True}


@overload
def compiled(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def compiled(
    *,
    counts_references: bool = True,
    has_entry: bool = True,
    is_merged: bool = False,
    is_inlined: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def compiled(
    function: Callable[P, R] | None = None,
    /,
    *,
    counts_references: bool = True,
    has_entry: bool = True,
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
    has_entry : bool
        Off for kernels that only kernels call: taking apart a record of many arrays for a call from
        outside can be more code than the kernel. A kernel whose name begins with an underscore
        has none.
    is_merged : bool
        The machine code is always put into that of its caller, and it has no entry: a
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
    given: dict[str, Any] = {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True}
    given |= {} if counts_references else NO_COUNTING
    given |= {"forceinline": True} if is_merged else {}
    given |= {"inline": "always"} if is_inlined else {}

    def build(plain: Callable[P, R]) -> Callable[P, R]:
        is_entered = has_entry and not is_merged and not plain.__name__.startswith("_")
        options = given if is_entered else given | NO_ENTRY
        kernel = numba.njit(**options)(plain)
        # With compiling switched off it is the function itself.
        if hasattr(kernel, "overloads"):
            kernel.get_call_template = partial(_find_form, kernel.get_call_template)
            # Without a file, as in a notebook, there is nothing to keep.
            if Path(getfile(plain)).is_file():
                kernel._cache = KernelCache(plain, options)  # noqa: SLF001 what `cache=True` sets
        return cast("Callable[P, R]", kernel)

    return build if function is None else build(function)


def _find_form(find: Callable[..., Any], args: Any, kws: Any) -> Any:  # noqa: ANN401 numba's own
    """Compiled form for a call from a kernel: one for all numbers, not one for each constant."""
    return find([unliteral(arg) for arg in args], {name: unliteral(kws[name]) for name in kws})


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
        for folder in (SHIPPED, *list_cache_folders()):
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
        _keep_file(self._place, name, dumps((sig, data._reduce())))  # noqa: SLF001

    def _file_name(self, sig: Any, codegen: Any) -> str:  # noqa: ANN401 numba's own
        digest = self._own.copy()
        digest.update(f"{sig} {codegen.magic_tuple()}".encode())
        return f"{self._name}-{digest.hexdigest()[:24]}.kernel"


class Warming:
    """Whether the kernels that a warming function runs are compiled.

    Parameters
    ----------
    process : Popen, optional
        What compiles them; None where nothing is left to do.
    """

    def __init__(self, process: "subprocess.Popen[bytes] | None" = None) -> None:
        self._process = process

    @property
    def is_ready(self) -> bool:
        """Whether they can be loaded at once."""
        return self._process is None or self._process.poll() is not None

    def wait(self, announce: Callable[[str], object] | None = None) -> None:
        """Wait until they can.

        Parameters
        ----------
        announce : callable, optional
            Called with `COMPILING` where there is something to wait for.
        """
        if self._process is None or self.is_ready:
            return
        if announce is not None:
            announce(COMPILING)
        self._process.wait()


@cache
def start_warming(target: str) -> Warming:
    """Have kernels compiled in a second process, unless that was done before.

    The process goes on after its caller has ended, so that the next one finds the kernels ready;
    within one caller it is started once. Where it fails, or where nothing can be kept, each kernel
    is compiled on its first call as ever.

    Parameters
    ----------
    target : str
        ``module:function``: a function without arguments that calls every kernel with the types
        of its real callers, on a problem as small as can be. Its module has to import, at its top,
        all that the function runs: done is what was done for the same source.

    Returns
    -------
    Warming
        Tells when they are ready.
    """
    place, function = _place_mark(target)
    is_done = any(
        (folder / place / f"{function}.warm").is_file()
        for folder in (SHIPPED, *list_cache_folders())
    )
    # A process whose work nobody can keep would only take the core from the one that waits for it.
    if is_done or numba.config.DISABLE_JIT or not _keep_file(place, f"{function}.begun", b""):
        return Warming()
    paths = [str(PACKAGE.parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    process = subprocess.Popen(  # noqa: S603
        # Without -P a file of the folder it runs in could stand in for a library.
        [sys.executable, "-P", "-c", f"from arterial.compiling import warm; warm({target!r})"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    return Warming(process)


def warm(target: str) -> None:
    """Run a warming function here, then leave the mark that says so.

    Parameters
    ----------
    target : str
        As of `start_warming`.
    """
    module, _, function = target.partition(":")
    getattr(import_module(module), function)()
    place, function = _place_mark(target)
    _keep_file(place, f"{function}.warm", b"")


def _place_mark(target: str) -> tuple[str, str]:
    """Folder of the mark within a cache folder, and the name of the function."""
    module, _, function = target.partition(":")
    file = PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
    return f"{file.stem}-{digest_source(file)}", function


def _keep_file(place: str, name: str, content: bytes) -> bool:
    """Write a file into the first cache folder that takes it; whether one does."""
    for folder in list_cache_folders():
        try:
            if not (folder / place).is_dir():
                _remove_old(folder)
                (folder / place).mkdir(parents=True, exist_ok=True)
            write_whole(folder / place / name, content, is_synced=False)
        except OSError:
            continue
        return True
    return False


def list_cache_folders() -> list[Path]:
    """Folders for compiled kernels in the order in which they are looked through, after `SHIPPED`.

    The first that can be written takes new ones: that of the environment variable
    ``ARTERIAL_KERNELS``, the package itself, the cache of the user.
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
    # Bytecode is the same in all releases of 3.11; machine code differs between systems.
    words = [*sys.version_info[:2], sys.platform, numba.config.CPU_NAME, numba.config.CPU_FEATURES]
    words += [version(library) for library in ("numba", "llvmlite", "numpy")]
    digest.update(str(words).encode())
    for each in list_imported_files(file):
        digest.update(read_source(each).encode())
    return digest.hexdigest()[:16]


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
