"""How work is cut into tasks: `split_evenly`, `split_chunks`, and how long a task should last.

Tasks of 1 to 5 s are long enough that their overhead does not count, and short enough that little
is lost with a worker.
"""

import itertools
import math
import os
import secrets
from pathlib import Path
from typing import Final

from arterial.errors import LimitError

__all__ = ["choose_chunk", "settle_chunk", "split_chunks", "split_evenly"]

TARGET_CHUNK_S: Final = 2.0
CHUNK_FILE: Final = "chunk.txt"


def split_evenly(count: int, parts: int) -> tuple[range, ...]:
    """Cut ``0 .. count-1`` into runs whose lengths differ by one at most, longer ones first.

    Parameters
    ----------
    count : int
        Number of items.
    parts : int
        Number of runs wanted, at least 1; no empty run is given.

    Returns
    -------
    tuple of range
        The runs in order.

    Raises
    ------
    LimitError
        When a number is too small.

    Examples
    --------
    >>> split_evenly(7, 3)
    (range(0, 3), range(3, 5), range(5, 7))
    >>> split_evenly(2, 3)
    (range(0, 1), range(1, 2))
    """
    if count < 0 or parts < 1:
        message = f"{count} items cannot be cut into {parts} parts: give 0 or more, and 1 or more."
        raise LimitError(message)
    size, longer = divmod(count, parts)
    starts = [part * size + min(part, longer) for part in range(parts + 1)]
    return tuple(range(a, b) for a, b in itertools.pairwise(starts) if b > a)


def split_chunks(count: int, chunk: int) -> tuple[range, ...]:
    """Cut ``0 .. count-1`` into runs of one length; the last may be shorter.

    Unlike with `split_evenly`, more items leave the earlier runs as they were.

    Parameters
    ----------
    count : int
        Number of items.
    chunk : int
        Length of a run, at least 1.

    Returns
    -------
    tuple of range
        The runs in order.

    Raises
    ------
    LimitError
        When a number is too small.

    Examples
    --------
    >>> split_chunks(5, 2)
    (range(0, 2), range(2, 4), range(4, 5))
    """
    if count < 0 or chunk < 1:
        message = (
            f"{count} items cannot be cut in chunks of {chunk}: give 0 or more, and 1 or more."
        )
        raise LimitError(message)
    return tuple(range(start, min(start + chunk, count)) for start in range(0, count, chunk))


def choose_chunk(seconds_per_item: float) -> int:
    """Give how many items make a task of 1 to 5 seconds.

    A power of two near 2 s of work, so that a small change of speed seldom changes it: tasks last
    1.4 to 2.8 s, or as long as one item takes. Short tasks drown in overhead (some milliseconds
    each), long ones lose more when a worker dies.

    Parameters
    ----------
    seconds_per_item : float
        Measured time of one item [s], above 0.

    Returns
    -------
    int
        Items a task.

    Raises
    ------
    LimitError
        When the time is not above 0.

    Examples
    --------
    >>> choose_chunk(0.01)  # 256 items last 2.56 s; 128 would last 1.28 s
    256
    >>> choose_chunk(30.0)
    1
    """
    if not 0.0 < seconds_per_item < math.inf:
        message = f"An item cannot take {seconds_per_item} s: measure one that does some work."
        raise LimitError(message)
    return int(2 ** max(0, round(math.log2(TARGET_CHUNK_S / seconds_per_item))))


def settle_chunk(folder: Path, seconds_per_item: float) -> int:
    """Choose the chunk of a run once, and give the same one ever after.

    Chunks name tasks, so a resumed run and all shards of a run must cut alike although each
    measures another speed: the first to come writes its choice into the folder.

    Parameters
    ----------
    folder : Path
        Folder of the run; made if need be.
    seconds_per_item : float
        Measured time of one item [s], above 0.

    Returns
    -------
    int
        Items a task.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settled = folder / CHUNK_FILE
    if not settled.exists():
        offer = folder / f".{CHUNK_FILE}.{secrets.token_hex(4)}"
        try:
            offer.write_text(f"{choose_chunk(seconds_per_item)}\n", encoding="utf-8")
            # A link, unlike a rename, never takes the place of what another process settled.
            os.link(offer, settled)
        except FileExistsError:
            pass
        finally:
            offer.unlink(missing_ok=True)
    return int(settled.read_text(encoding="utf-8"))
