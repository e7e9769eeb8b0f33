"""The alternative graph of a problem: nodes in time, and pairs of orders still to be chosen.

Each train is a row of nodes, the instants at which its operations start; a *visit* of a resource
lasts from its node to the next one and closes the resource for a gap more. Two visits of one
resource by different trains are an alternative: either may go first [Mascis 2002].

`build_alternatives` is the main function. Given paths, the graph is the problem with these paths.
Without, it holds the operations that no train can avoid, the shortest way between them, and no
other: a relaxation, and the problem itself where no train has a choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.encode import FOREVER, NEVER, Graphs, successors_of
from arterial.dispatching.exact.propagation_kernel import PRICING, Alternatives
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.state import make_plan, price_plan

__all__ = ["Frame", "build_alternatives", "write_plan"]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

NO_OPERATION: Final = -1


@dataclass(frozen=True, slots=True)
class Frame:
    """The alternatives, and what connects them with the problem.

    ``operation`` is that of each node, -1 where a node only ends an operation; ``train_first``
    the first node of each train; ``is_whole`` tells that nothing was left out.
    """

    alternatives: Alternatives
    operation: Integers
    train_first: Indices
    is_whole: bool


@dataclass(slots=True)
class Rows:
    """Nodes under construction."""

    operation: list[int] = field(default_factory=list)
    stay: list[int] = field(default_factory=list)
    train_first: list[int] = field(default_factory=lambda: [0])

    def add(self, operation: int, stay: int) -> None:
        """One node more."""
        self.operation.append(operation)
        self.stay.append(stay)


def build_alternatives(
    graphs: Graphs, plan: Plan | None = None, free_trains: Sequence[int] = ()
) -> Frame:
    """Build the graph of a problem.

    Parameters
    ----------
    graphs : Graphs
        The problem.
    plan : Plan, optional
        Paths of all trains; else the operations that none can avoid.
    free_trains : sequence of int
        Trains whose paths in the plan do not count.

    Returns
    -------
    Frame
        With every node at its own place in time and no order chosen.
    """
    rows = Rows()
    is_free = np.full(len(graphs.slope), plan is None)
    is_free[list(free_trains)] = True
    for train in range(len(graphs.slope)):
        first, stop = int(graphs.train_first[train]), int(graphs.train_first[train + 1])
        if plan is None or is_free[train]:
            _add_unavoidable(graphs, rows, first, stop)
        else:
            for operation in plan.operation[first : first + int(plan.length[train])]:
                rows.add(int(operation), int(graphs.duration[operation]))
        rows.train_first.append(len(rows.operation))
    owner = np.repeat(np.arange(len(is_free)), np.diff(graphs.train_first))
    is_whole = not bool((graphs.is_optional & is_free[owner]).any())
    operation = np.array(rows.operation, dtype=np.int64)
    train_first = np.array(rows.train_first, dtype=np.int32)
    alternatives = _tabulate_nodes(graphs, operation, np.array(rows.stay), train_first)
    return Frame(alternatives, operation, train_first, is_whole)


def write_plan(graphs: Graphs, frame: Frame, start: Integers) -> Plan:
    """The plan of a whole graph with instants at its nodes; prices are counted anew.

    Parameters
    ----------
    graphs : Graphs
        The problem.
    frame : Frame
        Its alternatives, with all operations of each path.
    start : (n_nodes,)
        Instants without conflicts [ticks].

    Returns
    -------
    Plan
        Of all trains.
    """
    plan = make_plan(graphs)
    for train, first in enumerate(graphs.train_first[:-1]):
        begin, end = frame.train_first[train], frame.train_first[train + 1]
        plan.length[train] = end - begin
        plan.operation[first : first + end - begin] = frame.operation[begin:end]
        plan.time[first : first + end - begin] = start[begin:end]
    plan.price[:] = price_plan(graphs, plan)
    return plan


def _add_unavoidable(graphs: Graphs, rows: Rows, first: int, stop: int) -> None:
    """Operations without a way round; where a choice follows, a node for the end of each."""
    fixed = [o for o in range(first, stop) if not graphs.is_optional[o]]
    for operation, following in zip(fixed, [*fixed[1:], NO_OPERATION], strict=True):
        rows.add(operation, int(graphs.duration[operation]))
        # What lies between is avoidable, but none is quicker than the shortest way past it.
        if following not in (operation + 1, NO_OPERATION):
            rows.add(NO_OPERATION, _shortest_way(graphs, operation, following))


def _shortest_way(graphs: Graphs, operation: int, target: int) -> int:
    """Least time from the end of an operation to the start of one that all paths meet [ticks]."""
    reached = {int(w): 0 for w in successors_of(graphs, operation)}
    for between in range(operation + 1, target):
        if between not in reached:
            continue
        left = reached[between] + int(graphs.duration[between])
        for follower in successors_of(graphs, between):
            reached[int(follower)] = min(reached.get(int(follower), NEVER), left)
    return reached[target]


def _tabulate_nodes(
    graphs: Graphs, operation: Integers, stay: Integers, train_first: Indices
) -> Alternatives:
    """Arrays of all nodes; an end of an operation has no bounds, prices and resources."""
    n_nodes = len(operation)
    is_start = operation >= 0
    known = operation[is_start]
    earliest = np.zeros(n_nodes, dtype=np.int64)
    latest = np.full(n_nodes, FOREVER, dtype=np.int64)
    pricing = np.zeros(n_nodes, dtype=PRICING)
    earliest[is_start] = graphs.earliest[known]
    latest[is_start] = graphs.latest[known]
    pricing["owner"] = np.repeat(np.arange(len(train_first) - 1), np.diff(train_first))
    pricing["threshold_s"][is_start] = graphs.threshold_s[known]
    pricing["coefficient"][is_start] = graphs.coefficient[known]
    pricing["increment"][is_start] = graphs.increment[known]
    is_last = np.zeros(n_nodes, dtype=np.bool_)
    is_last[train_first[1:] - 1] = True
    for node in range(1, n_nodes):
        if not is_last[node - 1]:
            earliest[node] = max(earliest[node], earliest[node - 1] + stay[node - 1])
    visits = _list_visits(graphs, operation, pricing["owner"])
    return Alternatives(
        earliest=earliest,
        latest=latest,
        stay=stay.astype(np.int64),
        is_last=is_last,
        is_priced=(pricing["coefficient"] > 0) | (pricing["increment"] > 0),
        pricing=pricing,
        visit_first=np.cumsum([0, *(len(found) for found in visits)]).astype(np.int32),
        visit_node=np.array([node for found in visits for node, _ in found], dtype=np.int32),
        visit_gap=np.array([gap for found in visits for _, gap in found], dtype=np.int64),
    )


def _list_visits(
    graphs: Graphs, operation: Integers, owner: Integers
) -> list[list[tuple[int, int]]]:
    """Visits as (node, gap) of each resource that more than one train visits."""
    visits: dict[int, list[tuple[int, int]]] = {}
    for node, place in enumerate(operation):
        if place < 0:
            continue
        for use in range(int(graphs.use_first[place]), int(graphs.use_first[place + 1])):
            visit = (node, int(graphs.use_gap[use]))
            visits.setdefault(int(graphs.use_resource[use]), []).append(visit)
    # A train alone on a resource never waits for itself there.
    return [found for found in visits.values() if len({owner[node] for node, _ in found}) > 1]
