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
from arterial.dispatching.paths.insertion_kernel import WAIT_EARLY, WAIT_LATE
from arterial.dispatching.paths.line_kernel import find_first
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
def _excess(state: State, number: int) -> float:
    """Weighted delay of a train above its least, as far as it makes it likelier to be drawn."""
    train = state.asked.trains[number]
    excess_s = min(state.plan.delay_s[number] - train.least_s, CHANCES.delay_most_s)
    return float(train.weight * excess_s)


@compiled(is_merged=True)
def _choose_first(state: State, rng: np.random.Generator) -> int:
    """A train to start from, often one that is much delayed."""
    trains = state.asked.trains
    if rng.random() < CHANCES.by_delay_share:
        total = 0.0
        for number in range(len(trains)):
            total += _excess(state, number)
        rest = rng.random() * total
        for number in range(len(trains)):
            rest -= _excess(state, number)
            if rest < 0:
                return number
    return int(rng.random() * len(trains))


@compiled(is_merged=True)
def _choose_place(state: State, number: int, rng: np.random.Generator) -> int:
    """A place of a train, often one at which it waits; never its last."""
    train, plan = state.asked.trains[number], state.plan
    steps = train.end - train.first - 1
    begin = int(rng.random() * steps)
    if rng.random() < CHANCES.at_wait_share:
        for turn in range(steps):
            place = train.first + (begin + turn) % steps
            stays_s = plan.departure_s[place] - plan.arrival_s[place]
            if stays_s > state.asked.places[place].dwell_least_s:
                return int(place)
    return int(train.first + begin)


@compiled(is_merged=True)
def _choose_neighbour(state: State, number: int, rng: np.random.Generator) -> int:
    """A train that runs over a step soon before or after another; -1 where there is none."""
    line, plan = state.line, state.plan
    place = _choose_place(state, number, rng)
    row = line.rows[state.asked.places[place].step]
    off = 1 + int(rng.random() * CHANCES.neighbours_most)
    is_after = rng.random() < CHANCES.after_share
    if plan.is_laid[number]:
        at = find_first(line, row, plan.departure_s[place])
        at += off if is_after else -off
    else:
        # Around where it would enter, once it may leave: the nearest before and behind count.
        at = find_first(line, row, state.asked.trains[number].depart_from_s)
        at += off - 1 if is_after else -off
    if at < row.first or at >= row.first + row.count:
        return -1
    return int(line.uses[at].owner)


@compiled(counts_references=False, is_merged=True)
def _add_member(state: State, count: int, number: int) -> int:
    """Add a train to the group, unless it is there or stays as it is; the size then."""
    trains = state.asked.trains
    if number < 0 or number >= len(trains) or state.is_chosen[number] or trains[number].is_fixed:
        return count
    state.is_chosen[number] = True
    state.group[count] = number
    return count + 1


@compiled(counts_references=False, is_merged=True)
def _add_followers(state: State, count: int) -> int:
    """Add the trains that are linked to those of the group; the size then."""
    links = state.asked.links
    size = -1
    while size < count and len(links):
        size = count
        for number in range(len(links)):
            link = links[number]
            if state.is_chosen[link.other] and not link.is_loose:
                count = _add_member(state, count, link.train)
    return count


@compiled(is_merged=True)
def _choose_group(state: State, most: int, rng: np.random.Generator) -> int:
    """Choose a train, some that come near it, and all that are linked to these.

    Parameters
    ----------
    state : State
        What stands; its group is written.
    most : int
        Most trains to choose, those that are linked not counted.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    int
        Size of the group.
    """
    # Small moves are cheap and mostly enough, large ones are rare.
    size = 1 + int(rng.random() ** CHANCES.size_power * most)
    count = _add_member(state, 0, _choose_first(state, rng))
    for _ in range(CHANCES.tries_per_train * size):
        if count == 0 or count >= size:
            break
        around = state.group[0]
        if rng.random() < CHANCES.from_member_share:
            around = state.group[int(rng.random() * count)]
        count = _add_member(state, count, _choose_neighbour(state, around, rng))
    count = _add_followers(state, count)
    for place in range(count):
        state.is_chosen[state.group[place]] = False
    return count


@compiled(is_merged=True)
def _set_keys(state: State, count: int, rng: np.random.Generator) -> None:
    """Set the keys by which a group is sorted, after a rule that is drawn."""
    trains, plan = state.asked.trains, state.plan
    rule = rng.random()
    for place in range(count):
        number = state.group[place]
        train = trains[number]
        if rule < CHANCES.any_order_share:
            state.keys[place] = rng.random()
        elif rule < CHANCES.any_order_share + CHANCES.by_delay_order_share:
            state.keys[place] = -train.weight * plan.delay_s[number]
        elif rule < (
            CHANCES.any_order_share + CHANCES.by_delay_order_share + CHANCES.by_time_order_share
        ):
            state.keys[place] = plan.departure_s[train.first]
        else:
            state.keys[place] = place


@compiled(counts_references=False, is_merged=True)
def _put_linked_behind(state: State, count: int) -> None:
    """Move each train behind those of the group that it is linked to, where there is no circle."""
    links = state.asked.links
    for _ in range(count if len(links) else 0):
        is_moved = False
        for place in range(count):
            train = state.asked.trains[state.group[place]]
            for number in range(train.link_first, train.link_end):
                for later in range(place + 1, count):
                    if state.group[later] == links[number].other:
                        for between in range(place, later):
                            state.group[between] = state.group[between + 1]
                        state.group[later] = links[number].train
                        is_moved = True
                        break
                if is_moved:
                    break
            if is_moved:
                break
        if not is_moved:
            return


@compiled(is_merged=True)
def _sort_group(state: State, count: int, rng: np.random.Generator) -> None:
    """Sort the group into the order in which its trains are laid."""
    _set_keys(state, count, rng)
    group, keys = state.group, state.keys
    for place in range(1, count):
        number, key, back = group[place], keys[place], place
        while back > 0 and keys[back - 1] > key:
            group[back], keys[back] = group[back - 1], keys[back - 1]
            back -= 1
        group[back], keys[back] = number, key
    _put_linked_behind(state, count)


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
        count = _choose_group(state, most, rng)
        _sort_group(state, count, rng)
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
