"""Branch and bound over orders: optima by hand, by the model of everything, and published ones."""

import numpy as np
import pytest

from arterial.dispatching.construction import construct_plan
from arterial.dispatching.encode import encode_problem
from arterial.dispatching.exact.alternatives import build_alternatives, write_plan
from arterial.dispatching.exact.ordering import order_trains, raise_bound
from arterial.dispatching.exact.solving import solve_exactly
from arterial.dispatching.outcome import decode_plan
from arterial.dispatching.portfolio import dispatch_trains
from arterial.dispatching.proofs import prove_plan
from arterial.dispatching.state import make_state
from arterial.exchange.displib import parse_problem, read_problem
from arterial.exchange.displib_check import check_solution
from dispatching_cases import draw_line, join_trains, make_train, needs_file, read_json

HIGH = 10**6
LINES = [
    f"{kind}{name}"
    for kind in ("orig", "track", "station")
    for name in ("A1", "A2", "A4", "A6", "B1", "B2", "B4", "B6", "B8", "B11")
]


def order(problem, *, cutoff=HIGH):
    """Value of the best orders, None where there are none below the cutoff; proven."""
    graphs = encode_problem(problem)
    frame = build_alternatives(graphs)
    result = order_trains(frame, cutoff=cutoff, seconds=60)
    assert result.is_complete
    if result.start is None:
        return None
    solution = decode_plan(graphs, write_plan(graphs, frame, result.start))
    assert check_solution(problem, solution).is_accepted
    assert solution.objective_value == result.value
    return result.value


def model_optimum(problem):
    """The optimum by the model of times, paths and orders."""
    graphs = encode_problem(problem)
    everything = np.ones(len(graphs.duration), dtype=bool)
    result = solve_exactly(graphs, everything, seconds=60)
    return int(result.plan.price.sum())


def test_on_a_single_track_one_train_waits():
    # Known by hand: each takes 3 * 10 + 2 * 60 s, the second one starts when the first has gone.
    problem = join_trains(
        make_train(["a", "b", "c"], 60, 0, tracks=1), make_train(["c", "b", "a"], 60, 0, tracks=1)
    )
    assert order(problem) == 450


# Without a release the model has many orders of equal worth, and takes long for five trains.
@pytest.mark.parametrize(
    ("seed", "n_trains", "release_s"),
    [*((seed, 5, 7) for seed in range(5)), *((seed, 4, 0) for seed in range(5)), (1, 5, 0)],
)
def test_best_orders_are_those_of_the_model(seed, n_trains, release_s):
    problem = draw_line(seed, n_trains=n_trains, n_stations=3, tracks=1, release_s=release_s)
    assert order(problem) == model_optimum(problem)


@pytest.mark.parametrize("seed", range(3))
def test_below_the_best_orders_there_are_none(seed):
    problem = draw_line(seed, n_trains=5, n_stations=3, tracks=1)
    best = order(problem)
    assert order(problem, cutoff=best + 1) == best
    assert order(problem, cutoff=best) is None


def test_a_swap_at_one_instant_has_no_orders():
    def train(first, second):
        stays = [[{"resource": first}], [{"resource": second}], []]
        steps = [
            {"min_duration": 0, "resources": uses, "successors": [place + 1]}
            for place, uses in enumerate(stays)
        ]
        steps[0] |= {"start_ub": 0, "min_duration": 5}
        steps[-1]["successors"] = []
        return steps

    swap = {"trains": [train("a", "b"), train("b", "a")], "objective": []}
    assert order(parse_problem(swap)) is None
    third = {"trains": [train("a", "b"), train("b", "c"), train("c", "a")], "objective": []}
    assert order(parse_problem(third)) is None
    open_ring = {"trains": [train("a", "b"), train("b", "c"), train("c", "d")], "objective": []}
    assert order(parse_problem(open_ring)) == 0


@pytest.mark.parametrize("seed", range(6))
def test_operations_that_none_can_avoid_bound_the_optimum(seed):
    problem = draw_line(seed, n_trains=4, n_stations=3, tracks=2)
    frame = build_alternatives(encode_problem(problem))
    assert not frame.is_whole
    optimum = model_optimum(problem)
    floor = int(make_state(encode_problem(problem), seed=0).floor.sum())
    raised = raise_bound(frame, bound=floor, value=optimum, seconds=20)
    assert floor <= raised.bound <= optimum


def test_two_trains_on_a_section_cost_more_than_each_alone():
    # By hand: head on into a section of 60 s; whoever yields at its end loses all of it.
    problem = join_trains(make_train(["a", "b"], 60, 0), make_train(["b", "a"], 60, 0))
    graphs = encode_problem(problem)
    assert int(make_state(graphs, seed=0).floor.sum()) == 2 * 80
    raised = raise_bound(build_alternatives(graphs), bound=160, value=HIGH, seconds=20)
    assert raised.bound == 160 + 60


def test_without_time_nothing_is_proven():
    problem = draw_line(3, n_trains=5, tracks=1)
    frame = build_alternatives(encode_problem(problem))
    result = order_trains(frame, cutoff=HIGH, seconds=0.0)
    assert (result.is_complete, result.start, result.value) == (False, None, HIGH)


def test_a_halt_ends_the_search():
    problem = draw_line(3, n_trains=5, tracks=1)
    frame = build_alternatives(encode_problem(problem))
    raised = raise_bound(frame, bound=5, value=HIGH, seconds=60, is_halted=lambda: True)
    assert (raised.bound, raised.value, raised.start) == (5, HIGH, None)


def test_orders_on_the_paths_of_a_plan_are_no_worse_than_its_own():
    problem = draw_line(5, n_trains=6, tracks=2)
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=2)
    assert construct_plan(state)
    value = int(state.plan.price.sum())
    frame = build_alternatives(graphs, state.plan)
    assert frame.is_whole
    result = order_trains(frame, cutoff=value + 1, seconds=60)
    assert result.is_complete
    assert result.value <= value
    plan = write_plan(graphs, frame, result.start)
    assert check_solution(problem, decode_plan(graphs, plan)).is_accepted


def test_a_plan_with_all_trains_free_leaves_what_none_can_avoid():
    graphs = encode_problem(draw_line(5, n_trains=4, tracks=2))
    state = make_state(graphs, seed=2)
    assert construct_plan(state)
    relaxed = build_alternatives(graphs)
    sizes = [
        len(build_alternatives(graphs, state.plan, range(count)).operation) for count in range(5)
    ]
    freed = build_alternatives(graphs, state.plan, range(4))
    assert not freed.is_whole
    assert np.array_equal(freed.operation, relaxed.operation)
    assert sizes[-1] == len(relaxed.operation)
    values = [
        order_trains(build_alternatives(graphs, state.plan, range(n)), cutoff=HIGH, seconds=60)
        for n in (0, 2, 4)
    ]
    assert [result.is_complete for result in values] == [True, True, True]
    assert values[0].value >= values[1].value >= values[2].value


@pytest.mark.parametrize("tracks", [1, 2])
def test_a_proof_starts_without_a_plan_or_with_one(tracks):
    problem = draw_line(4, n_trains=4, n_stations=3, tracks=tracks)
    state = make_state(encode_problem(problem), seed=1)
    proof = prove_plan(state, None, seconds=60)
    assert proof.is_decided
    assert not proof.is_infeasible
    assert proof.bound == int(proof.plan.price.sum()) == model_optimum(problem)
    again = prove_plan(state, proof.plan, seconds=60)
    assert (again.is_decided, again.bound) == (True, proof.bound)


@pytest.mark.parametrize("name", LINES)
def test_line_problems_have_their_published_optimum_proven(name):
    optima = {
        item["name"]: item["proven_optimum"] for item in read_json("line/_optima.json")["instances"]
    }
    problem = read_problem(needs_file(f"line/{name}.json"))
    graphs = encode_problem(problem)
    floor = int(make_state(graphs, seed=0).floor.sum())
    frame = build_alternatives(graphs)
    raised = raise_bound(frame, bound=floor, value=optima[name] + 500, seconds=60)
    assert (raised.bound, raised.value) == (optima[name], optima[name])
    solution = decode_plan(graphs, write_plan(graphs, frame, raised.start))
    assert check_solution(problem, solution).is_accepted


def test_dispatching_closes_a_line_problem():
    problem = draw_line(2, n_trains=8, n_stations=5, tracks=1)
    outcome = dispatch_trains(problem, seconds=20)
    assert outcome.bound == outcome.value == order(problem)
