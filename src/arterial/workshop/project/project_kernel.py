"""Compiled search for projects: serial schedule generation, justification, breeding of lists.

A list of tasks becomes a schedule by placing each as early as its predecessors and the resources
allow [Kolisch 1996]. Double justification then shifts all tasks to the right and back to the left,
which never lengthens a schedule [Valls 2005]. New lists take a segment of one parent in place and
the order of the other around it. A generation is bred by
`breed_lists`, those that go on are chosen by `keep_fittest`.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.workshop.project.encode import ListWorkspace, Population, Project
from arterial.workshop.rows_kernel import copy_row

__all__ = [
    "breed_lists",
    "build_schedule",
    "cross_lists",
    "keep_fittest",
    "raise_schedule",
    "sample_lists",
    "swap_neighbours",
]

Integers = NDArray[np.int64]

# A segment has between a quarter and three quarters of the tasks.
LEAST_SEGMENT: Final = 0.25
SEGMENT_SPREAD: Final = 0.5
SWAP_SHARE: Final = 0.05
GREEDY_SHARE: Final = 0.7
BEFORE: Final = 0
WITHIN: Final = 1
BEHIND: Final = 2
HASH_FACTOR: Final = 1_000_003


@compiled
def _find_start(usage: Integers, demand: Integers, guard: int, length: int, ready: int) -> int:
    """Earliest start from an instant on at which every resource suffices for a whole task.

    ``usage`` is ``(n_words, horizon)``, ``demand`` the packed demands of the task ``(n_words,)``.
    """
    start = ready
    n_words = len(demand)
    clear, word = 0, 0
    # A word that moves the start makes all the others look again.
    while clear < n_words:
        row, own = usage[word], demand[word]
        # From the end of the task backwards: the last conflict moves the start farthest.
        low, slot = start, start + length - 1
        clear += 1
        while slot >= low:
            if (row[slot] + own) & guard:
                # What lies behind the conflict was looked at already.
                low = max(start + length, slot + 1)
                start = slot + 1
                slot = start + length - 1
                clear = 1
            else:
                slot -= 1
        word = word + 1 if word + 1 < n_words else 0
    return start


@compiled
def build_schedule(project: Project, order: Integers, workspace: ListWorkspace) -> int:
    """Place the tasks in the order of a list; starts are written to the workspace. The makespan."""
    # Arrays are bound to names first: each look into the tuple counts references anew.
    usage, starts, empty = workspace.usage, workspace.start, project.empty
    lengths, demands, guard = project.duration, project.demand, project.guard
    before_first, before = project.before_first, project.before
    makespan = 0
    for place in range(len(order)):
        task = order[place]
        length = lengths[task]
        start = 0
        for link in range(before_first[task], before_first[task + 1]):
            other = before[link]
            start = max(start, starts[other] + lengths[other])
        if length > 0:
            start = _find_start(usage, demands[task], guard, length, start)
            for word in range(len(empty)):
                demand = demands[task, word]
                for slot in range(start, start + length):
                    usage[word, slot] += demand
        starts[task] = start
        makespan = max(makespan, start + length)
    for word in range(len(empty)):
        for slot in range(makespan):
            # Only up to the makespan: slots behind it were never touched.
            usage[word, slot] = empty[word]
    return makespan


@compiled
def _sort_tasks(order: Integers, workspace: ListWorkspace, highest: int) -> None:
    """Sort a list by the keys in the workspace; equal keys keep their order."""
    bucket, keys, spare = workspace.bucket, workspace.key, workspace.spare
    for key in range(highest + 2):
        bucket[key] = 0
    copy_row(order, spare)
    for task in range(len(order)):
        bucket[keys[task] + 1] += 1
    for key in range(highest + 1):
        bucket[key + 1] += bucket[key]
    for place in range(len(order)):
        task = spare[place]
        order[bucket[keys[task]]] = task
        bucket[keys[task]] += 1


@compiled
def _turn_round(project: Project, order: Integers, workspace: ListWorkspace, makespan: int) -> None:
    """Order a list by end, last first, and reverse precedence within equal ends."""
    key, start, length = workspace.key, workspace.start, project.duration
    n_tasks = len(order)
    # The sort keeps equal keys in order, so turning the list first reverses them.
    for place in range(n_tasks // 2):
        other = n_tasks - 1 - place
        order[place], order[other] = order[other], order[place]
    for task in range(n_tasks):
        key[task] = makespan - start[task] - length[task]
    _sort_tasks(order, workspace, makespan)


@compiled
def raise_schedule(
    project: Project, mirror: Project, order: Integers, workspace: ListWorkspace
) -> int:
    """Build and justify a schedule; the list is put in the order of its starts. The makespan."""
    makespan = build_schedule(project, order, workspace)
    _turn_round(project, order, workspace, makespan)
    makespan = build_schedule(mirror, order, workspace)
    _turn_round(project, order, workspace, makespan)
    makespan = build_schedule(project, order, workspace)
    copy_row(workspace.start, workspace.key)
    _sort_tasks(order, workspace, makespan)
    return makespan


@compiled
def _sample_list(
    project: Project, order: Integers, workspace: ListWorkspace, rng: np.random.Generator
) -> None:
    """A list at random, or with urgent tasks more likely first."""
    is_greedy = rng.random() < GREEDY_SHARE
    n_ready = 0
    ready, waiting, weight = workspace.spare, workspace.key, workspace.weight
    before_first, urgency = project.before_first, project.urgency
    after_first, after = project.after_first, project.after
    for task in range(len(order)):
        waiting[task] = before_first[task + 1] - before_first[task]
        if waiting[task] == 0:
            ready[n_ready] = task
            n_ready += 1
    for place in range(len(order)):
        latest = 0
        for slot in range(n_ready):
            latest = max(latest, urgency[ready[slot]])
        total = 0.0
        for slot in range(n_ready):
            weight[slot] = latest - urgency[ready[slot]] + 1.0 if is_greedy else 1.0
            total += weight[slot]
        rest = rng.random() * total
        chosen = 0
        while chosen < n_ready - 1 and rest >= weight[chosen]:
            rest -= weight[chosen]
            chosen += 1
        task = ready[chosen]
        n_ready -= 1
        ready[chosen] = ready[n_ready]
        order[place] = task
        for link in range(after_first[task], after_first[task + 1]):
            other = after[link]
            waiting[other] -= 1
            if waiting[other] == 0:
                ready[n_ready] = other
                n_ready += 1


@compiled
def cross_lists(
    mother: Integers,
    father: Integers,
    child: Integers,
    workspace: ListWorkspace,
    rng: np.random.Generator,
) -> None:
    """A segment of the mother stays in its place; the father orders what is before and behind."""
    key = workspace.key
    n_tasks = len(child)
    first = int(rng.random() * n_tasks)
    length = int(n_tasks * (LEAST_SEGMENT + SEGMENT_SPREAD * rng.random()))
    stop = min(n_tasks, first + max(1, length))
    for place in range(n_tasks):
        part = BEFORE if place < first else WITHIN
        key[mother[place]] = part if place < stop else BEHIND
    ahead, behind = 0, stop
    for place in range(n_tasks):
        task = father[place]
        if key[task] == BEFORE:
            child[ahead] = task
            ahead += 1
        elif key[task] == BEHIND:
            child[behind] = task
            behind += 1
    for place in range(first, stop):
        child[place] = mother[place]


@compiled
def swap_neighbours(project: Project, order: Integers, rng: np.random.Generator) -> None:
    """Swap some neighbours in a list where no precedence forbids it."""
    place = -1
    while True:
        # Distance to the next swap: the same as drawing for each place, with fewer draws.
        place += 1 + int(np.log(1.0 - rng.random()) / np.log(1.0 - SWAP_SHARE))
        if place >= len(order) - 1:
            return
        left, right = order[place], order[place + 1]
        is_free = True
        for link in range(project.before_first[right], project.before_first[right + 1]):
            is_free = is_free and project.before[link] != left
        if is_free:
            order[place], order[place + 1] = right, left


@compiled
def _judge_list(
    project: Project, mirror: Project, population: Population, workspace: ListWorkspace, number: int
) -> None:
    """Schedule a list of the population; keep the starts where none was shorter."""
    makespan = raise_schedule(project, mirror, population.order[number], workspace)
    population.makespan[number] = makespan
    start, mark = workspace.start, 0
    for task in range(len(start)):
        # Equal schedules of different lists are one: keeping both ends in a uniform population.
        mark = mark * HASH_FACTOR + start[task]
    population.mark[number] = mark
    if population.best[0] < 0 or makespan < population.best[0]:
        population.best[0] = makespan
        copy_row(workspace.start, population.start)


@compiled
def _choose_parent(population: Population, size: int, rng: np.random.Generator) -> int:
    """The shorter of two parents drawn."""
    one, other = int(rng.random() * size), int(rng.random() * size)
    # The better of two keeps pressure without letting one list take over.
    return other if population.makespan[other] < population.makespan[one] else one


@compiled
def _rank_population(population: Population, size: int) -> None:
    """Rank the lists by makespan; children come first among equals, so that nothing stands still.

    Makespans lie close together, so that counting them is quicker than comparing.
    """
    least, most = population.makespan[0], population.makespan[0]
    for number in range(2 * size):
        least, most = (
            min(least, population.makespan[number]),
            max(most, population.makespan[number]),
        )
    bucket = np.zeros(2 * (most - least) + 3, dtype=np.int64)
    for number in range(2 * size):
        # Twice the makespan, and one more for a parent: children stand first among equals.
        bucket[2 * (population.makespan[number] - least) + (number < size) + 1] += 1
    for key in range(len(bucket) - 1):
        bucket[key + 1] += bucket[key]
    for number in range(2 * size):
        key = 2 * (population.makespan[number] - least) + (number < size)
        population.rank[bucket[key]] = number
        bucket[key] += 1


@compiled
def keep_fittest(population: Population, size: int) -> int:
    """Move the shortest different schedules to the front; how many there are."""
    rank = population.rank
    _rank_population(population, size)
    kept_makespan, kept_mark = population.kept_makespan, population.kept_mark
    count = 0
    for place in range(2 * size):
        number = rank[place]
        is_new = True
        for other in range(count - 1, -1, -1):
            # They come by makespan, so equal schedules can only stand side by side.
            if kept_makespan[other] != population.makespan[number]:
                break
            if kept_mark[other] == population.mark[number]:
                is_new = False
                break
        if is_new:
            copy_row(population.order[number], population.kept[count])
            kept_makespan[count] = population.makespan[number]
            kept_mark[count] = population.mark[number]
            count += 1
            if count == size:
                break
    for place in range(count):
        copy_row(population.kept[place], population.order[place])
        population.makespan[place] = kept_makespan[place]
        population.mark[place] = kept_mark[place]
    return count


@compiled
def sample_lists(
    project: Project,
    mirror: Project,
    population: Population,
    workspace: ListWorkspace,
    rng: np.random.Generator,
    first: int,
    stop: int,
) -> None:
    """Fill some places of the population afresh."""
    for number in range(first, stop):
        _sample_list(project, population.order[number], workspace, rng)
        _judge_list(project, mirror, population, workspace, number)


@compiled
def breed_lists(
    project: Project,
    mirror: Project,
    population: Population,
    workspace: ListWorkspace,
    rng: np.random.Generator,
    first: int,
    stop: int,
) -> None:
    """Breed children for some places of the second half from the parents in the first."""
    size = len(population.kept)
    for number in range(first, stop):
        mother = _choose_parent(population, size, rng)
        father = _choose_parent(population, size, rng)
        # A list crossed with itself is the same list.
        while father == mother:
            # Drawn from all: the tournament may give the same list again and again.
            father = int(rng.random() * size)
        child = population.order[number]
        cross_lists(population.order[mother], population.order[father], child, workspace, rng)
        swap_neighbours(project, child, rng)
        _judge_list(project, mirror, population, workspace, number)
