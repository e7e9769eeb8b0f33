"""How often a choice of a move falls one way, all found by trial; `CHANCES`.

Apart from `arterial.dispatching.effort`, for kernels freeze these numbers and are compiled anew
when they change.
"""

from typing import Final, NamedTuple

__all__ = ["CHANCES", "Chances"]


class Chances(NamedTuple):
    """Shares of moves and choices.

    Parameters
    ----------
    by_price_share : float
        Moves that start at a train drawn by its price.
    wait_samples : int
        Steps of a train of which the one after the longest wait counts.
    before_share : float
        Neighbours looked for before a train, not after it.
    tries_per_train : int
        Steps to a neighbour for each train to be removed.
    wait_early_share : float
        Trains that wait as early as they can.
    yielding_share, blind_share, barred_share, detour_share : float
        Moves with trains that overlook gaps, trains that do, trains with an operation barred, and
        barred operations that are avoided for ever.
    least_weight, most_weight : float
        What a second of push counts: a push delays more trains than the one pushed; how many,
        differs from place to place.
    """

    by_price_share: float = 0.5
    wait_samples: int = 3
    before_share: float = 0.6
    tries_per_train: int = 6
    wait_early_share: float = 0.25
    yielding_share: float = 0.5
    blind_share: float = 0.25
    barred_share: float = 0.5
    detour_share: float = 0.5
    least_weight: float = 0.75
    most_weight: float = 3.0


CHANCES: Final = Chances()
