"""Files and folders written whole or not at all (architecture §7).

Main functions: `write_whole`, `put_folder`, and `refuse_output` before the work that makes them.
Every failure names the file that was asked for, not the temporary one.
"""

import ctypes
import errno
import os
import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

__all__ = [
    "exchange",
    "probe_folder",
    "put_folder",
    "refuse_output",
    "sync_folder",
    "write_file",
    "write_whole",
]

AT_CURRENT_FOLDER: Final = -100
EXCHANGE: Final = 2
"""Numbers of Linux's renameat2: names as of the current folder; swap two places."""

NO_EXCHANGE: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
NO_SYNC: Final = (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES)
MOVED_MEANWHILE: Final = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOENT)
MOST_TRIES: Final = 5


def write_whole(path: Path, content: str | bytes, *, is_synced: bool = True) -> Path:
    """Write a file under a temporary name beside its place, then put it there.

    Parameters
    ----------
    path : Path
        File to write or replace; its folder must exist.
    content : str or bytes
        Text is written as UTF-8, line ends as they are.
    is_synced : bool
        Whether the disk holds it before the older file goes, whatever then becomes of the machine.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        When it cannot be written; the older file then still stands and nothing else is left.
    """
    _refuse_place(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with _named(path):
        try:
            write_file(temporary, content, is_synced=is_synced)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        if is_synced:
            sync_folder(path.parent)
    return path


def write_file(path: Path, content: str | bytes, *, is_synced: bool = True) -> None:
    """Write a file that is not there yet, down to the disk.

    Parameters
    ----------
    path : Path
        The file.
    content : str or bytes
        As of `write_whole`.
    is_synced : bool
        As of `write_whole`.

    Raises
    ------
    OSError
        When it cannot be written, or is there.
    """
    left = memoryview(content if isinstance(content, bytes) else content.encode())
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with _named(path):
        handle = os.open(path, flags, 0o666)
        try:
            while left:
                left = left[os.write(handle, left) :]
            if is_synced:
                _sync(handle)
        finally:
            os.close(handle)


def sync_folder(folder: Path) -> None:
    """Let the disk hold what was renamed in a folder, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _sync(handle)
    finally:
        os.close(handle)


def put_folder(finished: Path, place: Path) -> Path | None:
    """Put a finished folder in its place; what stood there is kept beside it.

    At every instant the older or the newer folder stands in the place. Where the system cannot swap
    two folders there is an instant with neither: the older one then has the returned name.

    Parameters
    ----------
    finished : Path
        Folder with all its files, beside the place.
    place : Path
        Where it goes.

    Returns
    -------
    Path or None
        Where the older folder is now; None where there was none.

    Raises
    ------
    OSError
        When it cannot be put there; the older one then stands.
    """
    retired: Path | None = None
    with _named(place):
        # Whoever reads meanwhile may put the older folder back, taking its writer for dead.
        for _ in range(MOST_TRIES):
            try:
                if not place.exists():
                    finished.rename(place)
                elif exchange(finished, place):
                    retired = finished
                else:
                    retired = finished.with_name(f"{finished.name}.old")
                    place.rename(retired)
                    _rename_or_restore(finished, place, retired)
            except OSError as error:
                if error.errno not in MOVED_MEANWHILE:
                    raise
                continue
            break
        else:
            raise OSError(errno.EBUSY, "others write there at the same time", str(place))
        sync_folder(place.parent)
    return retired


def exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system or the disk cannot."""
    if not sys.platform.startswith("linux"):
        return False
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        return False
    places = (AT_CURRENT_FOLDER, os.fsencode(one), AT_CURRENT_FOLDER, os.fsencode(other))
    if not function(*places, EXCHANGE):
        return True
    number = ctypes.get_errno()
    if number in NO_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), str(other))


def refuse_output(path: Path, *, inputs: Iterable[Path] = (), makes_folder: bool = False) -> None:
    """Refuse a file that could not be written, before the work that it is the result of.

    Parameters
    ----------
    path : Path
        File to write.
    inputs : iterable of Path
        Files that are read: the output is none of them.
    makes_folder : bool
        Whether its folder is made where there is none.

    Raises
    ------
    OSError
        When it is a folder, a link, a device or an input, or its folder takes no files.
    """
    _refuse_place(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder; name a file in it", str(path))
    for read in inputs:
        is_same = path.exists() and read.exists() and path.samefile(read)
        if is_same or path.resolve() == read.resolve():
            message = "is read by this command and is not overwritten; name another file"
            raise FileExistsError(errno.EEXIST, message, str(path))
    folder = path.parent
    while makes_folder and not folder.exists():
        folder = folder.parent
    if not folder.exists():
        message = f"the folder {folder} does not exist; make it first"
        raise FileNotFoundError(errno.ENOENT, message, str(path))
    probe_folder(folder, path)


def probe_folder(folder: Path, path: Path) -> None:
    """Try whether a folder takes files: rights do not tell of a disk that is full or only read.

    Raises
    ------
    OSError
        When it does not; it names the path that something is to be written to.
    """
    with _named(path), tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"\n")


def _refuse_place(path: Path) -> None:
    """Refuse to rename over what is no file: a file would stand in its place."""
    if path.is_symlink():
        message = f"is a link to {path.readlink()}; name the file itself"
        raise FileExistsError(errno.EEXIST, message, str(path))
    if path.exists() and not (path.is_file() or path.is_dir()):
        message = "is no file but a device or pipe; name a file"
        raise FileExistsError(errno.EEXIST, message, str(path))


def _rename_or_restore(finished: Path, place: Path, retired: Path) -> None:
    try:
        finished.rename(place)
    except OSError:
        with suppress(OSError):
            retired.rename(place)
        raise


def _sync(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network disks and folders of some systems cannot.
        if error.errno not in NO_SYNC:
            raise


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let a failure name the file that was asked for: writing itself names none."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
