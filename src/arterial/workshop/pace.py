"""Long passes of compiled searches in slices that leave time to look at the clock; `Pace`."""

import time
from collections.abc import Callable
from typing import Final

__all__ = ["Pace"]

SLICE_S: Final = 0.05
MOST_GROWTH: Final = 4


class Pace:
    """How many moves fit into a slice, from the pace at which the last ones were made.

    A machine with other work makes fewer of them in the same time, and how long one takes differs
    a thousandfold between problems; a constant for either overruns a limit somewhere.
    """

    def __init__(self) -> None:
        self._moves = 1

    def run(
        self,
        moves: Callable[[int, int], object],
        first: int,
        stop: int,
        is_over: Callable[[], bool],
    ) -> bool:
        """Make moves slice by slice.

        Parameters
        ----------
        moves : callable
            Makes the moves from one number up to another; any cut must give the same result.
        first, stop : int
            Which moves.
        is_over : callable
            Asked between slices whether to stop.

        Returns
        -------
        bool
            Whether all were made.
        """
        while first < stop:
            upto = min(stop, first + self._moves)
            started = time.perf_counter()
            moves(first, upto)
            pace = (upto - first) / max(time.perf_counter() - started, 1e-6)
            self._moves = int(min(max(pace * SLICE_S, 1), MOST_GROWTH * self._moves))
            first = upto
            if first < stop and is_over():
                return False
        return True
