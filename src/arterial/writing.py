"""Files written whole or not at all (architecture §7); main function `write_whole`."""

import errno
import secrets
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a file under a temporary name beside its place, then put it there.

    Parameters
    ----------
    path : Path
        File to write or replace; its folder must exist.
    content : str or bytes
        Text is written as UTF-8, line ends as they are.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        When it cannot be written; the older file then still stands and nothing else is left.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        # Renaming over a device or pipe would put a file in its place.
        raise FileExistsError(
            errno.EEXIST, "is no file but a device or pipe; name a file", str(path)
        )
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(content if isinstance(content, bytes) else content.encode())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
