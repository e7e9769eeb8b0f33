"""Kernels of branch and bound over orders, each against plain Python."""

from itertools import combinations, product

import numpy as np
import pytest

from arterial.dispatching.encode import FOREVER, TICKS_PER_S, encode_problem
from arterial.dispatching.exact.alternatives import build_alternatives
from arterial.dispatching.exact.branching_kernel import (
    make_conflicts,
    pack_conflicts,
    probe_order,
)
from arterial.dispatching.exact.propagation_kernel import (
    Marks,
    choose_order,
    is_conflict,
    list_conflicts,
    make_progress,
    undo,
)
from dispatching_cases import draw_line

SEEDS = range(5)
HIGH = 10**9


def draw_frame(seed):
    """The graph of some trains on a single line without a choice of tracks."""
    problem = draw_line(seed, n_trains=5, n_stations=3, tracks=1, release_s=3 * (seed % 2))
    frame = build_alternatives(encode_problem(problem))
    return frame.alternatives, len(frame.train_first) - 1


def push_nodes(alternatives, orders):
    """Earliest instants under orders by sweeping until nothing moves; None in a circle."""
    time = [int(instant) for instant in alternatives.earliest]
    arcs = [
        (node, node + 1, int(alternatives.stay[node]))
        for node in range(len(time))
        if not alternatives.is_last[node]
    ]
    for one, other in orders:
        start = alternatives.visit_node[one]
        if alternatives.is_last[start]:
            return None
        gap = int(alternatives.visit_gap[one])
        arcs.append((int(start) + 1, int(alternatives.visit_node[other]), gap))
    for _ in range(len(time) + 1):
        moved = False
        for source, target, distance in arcs:
            if time[source] + distance > time[target]:
                time[target], moved = time[source] + distance, True
        if not moved:
            late = any(t > last for t, last in zip(time, alternatives.latest, strict=True))
            return None if late else time
    return None


def price_trains(alternatives, time, n_trains):
    """What each train pays at some instants."""
    prices = [0] * n_trains
    for node, instant in enumerate(time):
        price = alternatives.pricing[node]
        late_s = instant // TICKS_PER_S - int(price.threshold_s)
        if late_s >= 0:
            prices[price.owner] += late_s * int(price.coefficient) + int(price.increment)
    return prices


def find_clashes(alternatives, time):
    """Pairs of visits of different trains on one resource that overlap."""

    def end(visit):
        node = alternatives.visit_node[visit]
        last = alternatives.is_last[node]
        return FOREVER if last else time[node + 1] + alternatives.visit_gap[visit]

    pairs = set()
    for first, stop in zip(alternatives.visit_first, alternatives.visit_first[1:], strict=False):
        for one, other in combinations(range(first, stop), 2):
            nodes = alternatives.visit_node[one], alternatives.visit_node[other]
            owners = {int(alternatives.pricing[node].owner) for node in nodes}
            if len(owners) == 2 and time[nodes[1]] < end(one) and time[nodes[0]] < end(other):
                pairs.add(frozenset((one, other)))
    return pairs


def list_pairs(alternatives, progress):
    pairs = np.zeros((4096, 2), dtype=np.int32)
    count = list_conflicts(alternatives, progress, pairs)
    return [(int(one), int(other)) for one, other in pairs[:count]]


@pytest.mark.parametrize("seed", SEEDS)
def test_instants_prices_and_conflicts_are_those_of_plain_python(seed):
    alternatives, n_trains = draw_frame(seed)
    progress = make_progress(alternatives, n_trains, HIGH)
    rng = np.random.default_rng(seed)
    orders = []
    while pairs := list_pairs(alternatives, progress):
        time = push_nodes(alternatives, orders)
        assert progress.time.tolist() == time
        prices = price_trains(alternatives, time, n_trains)
        assert progress.price.tolist() == prices
        assert progress.counts[0].total == sum(prices)
        assert {frozenset(pair) for pair in pairs} == find_clashes(alternatives, time)
        assert all(is_conflict(alternatives, progress.time, *pair) for pair in pairs)
        pair = pairs[int(rng.integers(len(pairs)))]
        marks = Marks(int(progress.counts[0].arcs), int(progress.counts[0].changes))
        if not choose_order(alternatives, progress, *pair):
            assert push_nodes(alternatives, [*orders, pair]) is None
            undo(alternatives, progress, marks)
            assert progress.time.tolist() == time
            assert progress.price.tolist() == prices
            pair = pair[::-1]
            if not choose_order(alternatives, progress, *pair):
                assert push_nodes(alternatives, [*orders, pair]) is None
                return
        orders.append(pair)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_probe_leaves_no_trace_and_measures_what_an_order_raises(seed):
    alternatives, n_trains = draw_frame(seed)
    progress, conflicts = make_progress(alternatives, n_trains, HIGH), make_conflicts(n_trains)
    before = price_trains(alternatives, progress.time.tolist(), n_trains)
    for one, other in list_pairs(alternatives, progress):
        time = push_nodes(alternatives, [(one, other)])
        is_possible = probe_order(alternatives, progress, conflicts, one, other, 0)
        assert is_possible == (time is not None)
        assert progress.time.tolist() == alternatives.earliest.tolist()
        if not is_possible:
            continue
        rises = dict.fromkeys(range(n_trains), 0)
        for place in range(conflicts.first[0], conflicts.first[1]):
            rises[int(conflicts.train[place])] += int(conflicts.rise[place])
        after = price_trains(alternatives, time, n_trains)
        assert list(rises.values()) == [a - b for a, b in zip(after, before, strict=True)]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_packed_is_no_more_than_the_cheapest_of_all_decisions(seed):
    alternatives, n_trains = draw_frame(seed)
    progress, conflicts = make_progress(alternatives, n_trains, HIGH), make_conflicts(n_trains)
    open_pairs = []
    for one, other in list_pairs(alternatives, progress)[:6]:
        side = 2 * len(open_pairs)
        goes = probe_order(alternatives, progress, conflicts, one, other, side)
        if goes and probe_order(alternatives, progress, conflicts, other, one, side + 1):
            conflicts.pairs[len(open_pairs)] = one, other
            open_pairs.append((one, other))
    bound = pack_conflicts(conflicts, len(open_pairs))
    start = int(progress.counts[0].total)
    rises = []
    for turns in product((False, True), repeat=len(open_pairs)):
        orders = [p[::-1] if turn else p for p, turn in zip(open_pairs, turns, strict=True)]
        time = push_nodes(alternatives, orders)
        if time is not None:
            rises.append(sum(price_trains(alternatives, time, n_trains)) - start)
    assert bound <= min(rises, default=bound) + 1e-6
    # One conflict costs just the cheaper of its two orders.
    if len(open_pairs) == 1:
        assert bound == pytest.approx(min(rises), abs=1e-6)
