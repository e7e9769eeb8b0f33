"""A process that dies, or a disk that fails, at the n-th change of files below a folder.

Every change that Python makes is seen: opening to write, writing, syncing, renaming, removing,
making folders, and the swap of two folders. A process that died changes nothing more, whatever its
``finally`` says.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from arterial import writing

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink"}
ADDS = {"open", "os.mkdir", "os.write", "os.fsync", "os.link", "os.symlink"}
"""Changes that a full disk refuses."""


class KilledError(BaseException):
    """The process was killed."""


class FailingDisk:
    """What happens at the n-th change; ``number`` is an errno, or None for a kill."""

    def __init__(self, root: Path, at: int, number: int | None) -> None:
        self.root, self.at, self.number = str(root), at, number
        self.count = 0

    def is_below(self, path: object) -> bool:
        text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        return os.path.abspath(text).startswith(self.root)  # noqa: PTH100 no link is followed

    def see(self, kind: str, path: object) -> bool:
        """Count a change; whether it is the one during which the process dies."""
        if self.number is not None and self.count >= self.at - 1:
            # A disk that is full takes nothing more, one that is only read changes nothing.
            if self.number in {30, 13} or kind in ADDS:
                self.count += 1
                where = () if kind in {"os.write", "os.fsync"} else (os.fsdecode(path),)
                raise OSError(self.number, os.strerror(self.number), *where)
            return False
        self.count += 1
        if self.number is None and self.count > self.at:
            raise KilledError
        return self.count == self.at and self.number is None


ACTIVE: list[FailingDisk] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not ACTIVE:
        return
    disk = ACTIVE[-1]
    if event == "open":
        is_change = isinstance(arguments[2], int) and bool(arguments[2] & WRITES)
    else:
        is_change = event in CHANGES
    if is_change and disk.is_below(arguments[0]) and disk.see(event, arguments[0]):
        raise KilledError


sys.addaudithook(_watch)


@contextmanager
def failing_disk(root: Path, at: int, number: int | None = None) -> Iterator[FailingDisk]:
    """Fail or die at the n-th change below a folder, counted from 1."""
    disk = FailingDisk(root, at, number)
    plain_write, plain_sync, plain_exchange = os.write, os.fsync, writing.exchange

    def name(handle: int) -> str:
        return str(Path(f"/proc/self/fd/{handle}").readlink())

    def write(handle: int, content: bytes) -> int:
        if disk.is_below(name(handle)) and disk.see("os.write", name(handle)):
            plain_write(handle, content[: len(content) // 2])
            raise KilledError
        return plain_write(handle, content)

    def sync(handle: int) -> None:
        if disk.is_below(name(handle)) and disk.see("os.fsync", name(handle)):
            raise KilledError
        plain_sync(handle)

    def exchange(one: Path, other: Path) -> bool:
        if disk.see("os.rename", one):
            raise KilledError
        return plain_exchange(one, other)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", write)
        patch.setattr(os, "fsync", sync)
        patch.setattr(writing, "exchange", exchange)
        ACTIVE.append(disk)
        try:
            yield disk
        finally:
            ACTIVE.pop()
