"""How work is cut into tasks: `split_chunks`."""

from arterial.errors import LimitError

__all__ = ["split_chunks"]


def split_chunks(count: int, chunk: int) -> tuple[range, ...]:
    """Cut ``0 .. count-1`` into runs of one length; the last may be shorter.

    More items leave the earlier runs as they were.

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
