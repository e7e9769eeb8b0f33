"""How much a search tries: every tuning number of the campaign solver; main class `Effort`.

A search ends by itself, after stages, passes and rounds that its problem alone fixes, so that its
digits are the same on any machine. The clock is there for problems that are too large for it.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

__all__ = ["Effort", "PlacingEffort", "Stage"]

LARGE: Final = 20_000
"""Sites from which on a problem has no time to repeat what still wins a little."""

# Passes of refilling over all sites of a problem; large problems go through their months less.
FIRST_SITE_PASSES: Final = 640_000
AGAIN_SITE_PASSES: Final = 45_000
FEWEST_PASSES: Final = 0.5


@dataclass(frozen=True)
class Stage:
    """A temperature, as a share of the mean best benefit, and how many steps at it."""

    temperature: float
    steps: int


FIRST_STAGES: Final = (
    Stage(0.3, 20), Stage(0.1, 25), Stage(0.03, 30), Stage(0.01, 40), Stage(0.003, 50),
    Stage(0.001, 50), Stage(0.0005, 40), Stage(0.0003, 30),
)  # fmt: skip
# After a change of limits prices move far: of a large problem, first those of a sample.
AGAIN_STAGES: Final = (Stage(0.01, 40), Stage(0.003, 40), Stage(0.001, 30))
SAMPLE_STAGES: Final = (Stage(0.1, 25), Stage(0.03, 30), Stage(0.01, 30))


@dataclass(frozen=True, kw_only=True)
class PlacingEffort:
    """How large works are placed.

    Parameters
    ----------
    least_share : float
        Of its pool's month that a large work takes.
    most_columns : int
        Works by first month that are placed at most; with more, none is.
    rounds : int
        Placements that are tried, each by prices of what the one before leaves.
    with_rest : bool
        Whether large works are placed that have others beside them, which are planned anew.
    least_won : float
        Share by which a placement has to better the plan or the bound for another to follow.
    most_sites, finish_columns : int
        Sites of a problem, and columns that can still matter, of which all are placed in the end.
    nodes : int
        Branches of each programme.
    good_gap : float
        Gap of a solution that is left as it is.
    gap : float
        Gap of a placement that is good enough.
    """

    least_share: float = 0.2
    most_columns: int = 300_000
    rounds: int
    with_rest: bool
    least_won: float = 1e-4
    most_sites: int
    finish_columns: int = 4_000
    nodes: int = 100
    good_gap: float = 0.001
    gap: float = 2e-4

    @classmethod
    def for_first(cls) -> Self:
        """Of a search from nothing."""
        return cls(rounds=6, with_rest=True, most_sites=1000)

    @classmethod
    def for_again(cls) -> Self:
        """Of a search from the solution of a problem that differs a little."""
        return cls(rounds=1, with_rest=False, most_sites=0)


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What a search of one problem tries.

    Parameters
    ----------
    stages, sample_stages : tuple of Stage
        Of the prices, and before them those of a sample of the sites; empty without one.
    repeats : int
        How often a stage is gone through at most while it still lowers the bound.
    shares : tuple of float
        Of the prices, at which months are repacked after the first insertion.
    rounds : int
        Of annealing, where possession is scarce.
    passes : float
        Of refilling over all months at each share of the prices, where it is not.
    sample_part : int
        One in so many sites is in the sample.
    last_shares : tuple of float
        Of the prices, at which months are repacked in the end.
    refill_shares : tuple of float
        Of the prices asked in refilling: from more than all of them, which makes room, down.
    refill_here, refill_taken : float
        Share asked for man-hours of the month itself, and works that go out at a time.
    hot, cold : float
        Temperatures of annealing, as shares of the mean best benefit.
    margin : float
        Sites whose best profit lies further below nothing, in mean benefits, are not annealed.
    moves_per_site : float
        Moves of a round of annealing.
    least_possession_share : float
        Of the bound that possession must be worth for it to count as scarce.
    """

    stages: tuple[Stage, ...]
    sample_stages: tuple[Stage, ...] = ()
    repeats: int = 6
    shares: tuple[float, ...]
    rounds: int
    passes: float
    sample_part: int = 10
    last_shares: tuple[float, ...] = (0.9, 0.6, 0.3)
    refill_shares: tuple[float, ...] = (
        1.02, 0.99, 0.98, 0.97, 0.96, 0.95, 0.93, 0.91, 0.88, 0.85,
    )  # fmt: skip
    refill_here: float = 0.6
    refill_taken: float = 8.0
    hot: float = 0.002
    cold: float = 0.0005
    margin: float = 0.03
    moves_per_site: float = 2.0
    least_possession_share: float = 0.03

    @classmethod
    def for_first(cls, n_sites: int) -> Self:
        """Of a search from nothing.

        Parameters
        ----------
        n_sites : int
            Sites of the problem.
        """
        is_large = n_sites >= LARGE
        return cls(
            stages=FIRST_STAGES,
            repeats=1 if is_large else cls.repeats,
            shares=(1.0, 0.95, 0.9, 0.8, 0.6, 0.3),
            rounds=24,
            passes=max(min(FIRST_SITE_PASSES / max(n_sites, 1), 24.0), FEWEST_PASSES),
        )

    @classmethod
    def for_again(cls, n_sites: int) -> Self:
        """Of a search from the solution of a problem that differs a little.

        Parameters
        ----------
        n_sites : int
            Sites of the problem.
        """
        is_large = n_sites >= LARGE
        return cls(
            stages=AGAIN_STAGES,
            sample_stages=SAMPLE_STAGES if is_large else (),
            repeats=1 if is_large else cls.repeats,
            shares=(0.95, 0.8),
            rounds=3,
            passes=max(min(AGAIN_SITE_PASSES / max(n_sites, 1), 3.0), FEWEST_PASSES),
        )

    def with_rounds(self, rounds: int) -> Self:
        """The same with other rounds, and at most as many passes.

        Parameters
        ----------
        rounds : int
            Of annealing.
        """
        return replace(self, rounds=rounds, passes=min(self.passes, float(rounds)))
