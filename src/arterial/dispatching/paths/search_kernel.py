"""Compiled search: groups of trains are taken out and laid anew as long as that pays.

One move takes out a train and some that come near it, draws the highest sum of weighted delays
that would still be accepted (``current - temperature ln u``, which is the Metropolis rule decided
beforehand), and lays them one by one, each limited to what that sum leaves. If one finds no path
in time, what stood before is put back. Main function: `run_moves`. Source: [Schrimpf 2000],
[Metropolis 1953].
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.paths.chances import CHANCES
from arterial.dispatching.paths.groups_kernel import choose_group, sort_group
from arterial.dispatching.paths.insertion_kernel import WAIT_EARLY, WAIT_LATE
from arterial.dispatching.paths.plan_kernel import (
    State,
    copy_train,
    keeps_links,
    lay_train,
    put_back,
    take_out,
)

__all__ = ["run_moves"]

Integers = NDArray[np.int64]

EPSILON: Final = 1e-6


@compiled(counts_references=False, is_merged=True)
def _cost(state: State, number: int) -> float:
    train = state.asked.trains[number]
    if not state.plan.is_laid[number]:
        return float(train.missing_cost)
    return float(train.weight * state.plan.delay_s[number])


@compiled(is_merged=True)
def _lay_group(state: State, count: int, budget: float, rng: np.random.Generator) -> int:
    """Lay the trains of the group within a budget; how many before one finds no path."""
    trains, undo = state.asked.trains, state.undo
    left = budget
    for place in range(count):
        train = trains[state.group[place]]
        # The least of all is set aside first, so that no train spends what another needs.
        left -= train.weight * train.least_s
    for place in range(count):
        number = state.group[place]
        train = trains[number]
        left += train.weight * train.least_s
        arrive_by = train.due_s + int(left / train.weight)
        wait_rule = WAIT_EARLY if rng.random() < CHANCES.wait_early_share else WAIT_LATE
        # Most trains arrive about when they did: what lies far behind is looked at afterwards.
        look_s = train.due_s + undo.delay_s[number] + CHANCES.look_s
        is_laid = look_s < arrive_by and lay_train(state, number, look_s, wait_rule)
        is_laid = is_laid or lay_train(state, number, arrive_by, wait_rule)
        # One may go without a path where others that had none have got theirs.
        if not is_laid and left < train.missing_cost:
            return place
        left -= _cost(state, number)
    return count


@compiled(counts_references=False, is_merged=True)
def _keeps_links(state: State, count: int) -> bool:
    """Whether the links of the group hold, those to others among them."""
    kept = True
    for place in range(count):
        kept = kept and keeps_links(state, state.group[place])
    return kept


@compiled(counts_references=False, is_merged=True)
def _note_changes(state: State, count: int, changes: int) -> int:
    """Note that the group may run otherwise than in the best plan; how many trains do then."""
    for place in range(count):
        number = state.group[place]
        if not state.is_changed[number]:
            state.is_changed[number] = True
            state.changed[changes] = number
            changes += 1
    return changes


@compiled(counts_references=False, is_merged=True)
def _keep_best(state: State, changes: int) -> None:
    """Bring the best plan up to date: only what has changed since is copied."""
    for place in range(changes):
        copy_train(state, state.changed[place], state.plan, state.best)
        state.is_changed[state.changed[place]] = False


@compiled(counts_references=False, is_merged=True)
def _return_to_best(state: State, changes: int) -> None:
    """Let the best plan stand again."""
    for place in range(changes):
        take_out(state, state.changed[place])
    for place in range(changes):
        put_back(state, state.changed[place], state.best)
        state.is_changed[state.changed[place]] = False


@compiled(counts_references=False, is_merged=True)
def _take_out_group(state: State, count: int) -> float:
    """Delete the paths of the group, keep them to be put back; what they cost."""
    freed = 0.0
    for place in range(count):
        number = state.group[place]
        freed += _cost(state, number)
        copy_train(state, number, state.plan, state.undo)
        take_out(state, number)
    return freed


@compiled(counts_references=False, is_merged=True)
def _put_back_group(state: State, count: int) -> None:
    """Let the paths of the group stand as before the move."""
    for place in range(count):
        take_out(state, state.group[place])
    for place in range(count):
        put_back(state, state.group[place], state.undo)


@compiled
def run_moves(
    state: State, moves: int, temperatures: tuple[float, float], most: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Take groups of trains out and lay them anew; the best plan is kept apart.

    Parameters
    ----------
    state : State
        With a plan, which is also its best one; both are changed.
    moves : int
        How many moves.
    temperatures : tuple of float
        Temperature of the first and of the last move [weight s].
    most : int
        Most trains to take out at once.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    (3,) array
        Sum of weighted delays of the best plan and of the present one, and accepted moves.
    """
    trains = len(state.asked.trains)
    current, changes, accepted = 0.0, 0, 0
    for number in range(trains):
        current += _cost(state, number)
    best = current
    bound = 0.0
    for number in range(trains):
        bound += state.asked.trains[number].weight * state.asked.trains[number].least_s
    for move in range(moves):
        # Every train as if it were alone: nothing is better.
        if best <= bound + EPSILON:
            break
        # By moves and not by time, so that every machine finds the same plan.
        temperature = temperatures[0] * (temperatures[1] / temperatures[0]) ** (move / moves)
        count = choose_group(state, most, rng)
        sort_group(state, count, rng)
        freed = _take_out_group(state, count)
        budget = freed - temperature * np.log(1.0 - rng.random())
        placed = _lay_group(state, count, budget, rng)
        if placed < count or not _keeps_links(state, count):
            _put_back_group(state, count)
            continue
        accepted += 1
        current -= freed
        for place in range(count):
            current += _cost(state, state.group[place])
        changes = _note_changes(state, count, changes)
        # The sum drifts by rounding as costs come and go; a drift is no better plan.
        if current < best - EPSILON:
            best = current
            _keep_best(state, changes)
            changes = 0
    _return_to_best(state, changes)
    return np.array([best, current, float(accepted)])
