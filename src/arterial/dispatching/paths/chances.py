"""How often a choice of a move falls one way, all found by trial; `CHANCES`.

Apart from what plans are made with otherwise, for kernels freeze these numbers and are compiled
anew when they change.
"""

from typing import Final, NamedTuple

__all__ = ["CHANCES", "Chances"]


class Chances(NamedTuple):
    """Shares of moves and choices.

    Parameters
    ----------
    by_delay_share : float
        Moves that start at a train drawn by its delay above the least.
    delay_most_s : int
        Delay beyond which a train is no likelier to be drawn [s].
    from_member_share : float
        Neighbours looked for around a train of the group, not around its first.
    at_wait_share : float
        Neighbours looked for where a train waits.
    after_share : float
        Neighbours looked for behind a train, not ahead of it.
    neighbours_most : int
        How far the neighbour may be in the order of a step.
    tries_per_train : int
        Looks for a neighbour for each train to be taken out.
    any_order_share, by_delay_order_share, by_time_order_share : float
        Groups that are laid in any order, the most delayed first, or as they left; the others in
        the order in which they were found.
    size_power : float
        The larger, the rarer are large groups.
    look_s : int
        How much later than before an arrival is looked for at first [s].
    wait_early_share : float
        Trains that wait as early as they can.
    """

    by_delay_share: float = 0.6
    delay_most_s: int = 86_400
    from_member_share: float = 0.5
    at_wait_share: float = 0.5
    after_share: float = 0.3
    neighbours_most: int = 2
    tries_per_train: int = 4
    any_order_share: float = 0.5
    by_delay_order_share: float = 0.2
    by_time_order_share: float = 0.1
    size_power: float = 2.0
    look_s: int = 900
    wait_early_share: float = 0.5


CHANCES: Final = Chances()
