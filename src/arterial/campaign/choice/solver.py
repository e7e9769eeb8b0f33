"""How plans are sought, again and again, among what is worth something; main class `Solver`."""

from dataclasses import dataclass, replace

from arterial.campaign.choice.curves import find_value
from arterial.campaign.choice.problem import CampaignProblem, CampaignSolution
from arterial.campaign.choice.pruning import prune_problem, reduce_start, restore_solution
from arterial.campaign.choice.solve import solve_campaign

__all__ = ["Solver"]


@dataclass(frozen=True, kw_only=True)
class Solver:
    """How plans are sought.

    Parameters
    ----------
    seed : int
        Seed of the study.
    time_limit_s : float
        Wall time of the plan [s].
    threads : int
        Threads of one search.
    """

    seed: int
    time_limit_s: float
    threads: int

    def solve_again(self, problem: CampaignProblem, start: CampaignSolution) -> CampaignSolution:
        """A plan of a problem that is changed a little, never worse than the one it began from."""
        found = self.solve(problem, start=start)
        value = find_value(problem, start)
        if value is None or value <= found.value:
            return found
        gap = found.bound / value - 1.0 if value > 0 else 0.0
        return replace(found, option=start.option, month=start.month, value=value, gap=gap)

    def solve(
        self, problem: CampaignProblem, *, start: CampaignSolution | None = None
    ) -> CampaignSolution:
        """A plan with its bound, sought among the options that are worth something."""
        pruned = prune_problem(problem)
        begin = start if pruned is None or start is None else reduce_start(pruned, start)
        found = solve_campaign(
            problem if pruned is None else pruned.problem,
            time_limit_s=self.time_limit_s,
            seed=self.seed,
            workers=self.threads,
            start=begin,
        )
        return found if pruned is None else restore_solution(pruned, found)
