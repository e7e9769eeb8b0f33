"""Where compiled kernels are kept: a folder for each state of the source.

numba marks compiled code with the date of its own file only, so a kernel that calls into a changed
file would go on with the old code. `keep_compiled` gives every state of the kernels its own folder.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["keep_compiled"]

SOURCE: Final = Path(__file__).parent


@contextmanager
def keep_compiled(settings: object, *, source: Path = SOURCE) -> Iterator[None]:
    """Have numba keep what is compiled meanwhile in the folder of this state of the source.

    Parameters
    ----------
    settings : object
        numba's settings, whose `CACHE_DIR` is set and put back.
    source : Path
        Folder of the kernels that call each other.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> settings = SimpleNamespace(CACHE_DIR="")
    >>> with keep_compiled(settings):
    ...     inside = settings.CACHE_DIR
    >>> inside.endswith(digest_kernels()), settings.CACHE_DIR
    (True, '')
    """
    before = getattr(settings, "CACHE_DIR", "")
    beside = Path(before) if before else source / "__pycache__"
    place = cache_folder(beside, source=source)
    setattr(settings, "CACHE_DIR", str(place or before))  # noqa: B010 not known to its types
    try:
        yield
    finally:
        setattr(settings, "CACHE_DIR", before)  # noqa: B010


def cache_folder(beside: Path, *, source: Path = SOURCE) -> Path | None:
    """Folder for compiled kernels, in the cache of the user where `beside` is not writable."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    for base in (beside, Path(home) / "arterial"):
        place = base / digest_kernels(source)
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place, os.W_OK):
            return place
    return None


@cache
def digest_kernels(source: Path = SOURCE) -> str:
    """Digest of the source of every kernel of a folder."""
    digest = hashlib.sha256()
    for file in sorted(source.rglob("kernels.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
