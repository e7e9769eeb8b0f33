"""Warming calls every kernel that a dispatch calls, with the types of its callers."""

import os
import subprocess
import sys

CODE = """
import sys
from arterial.dispatching import dispatch_trains
from arterial.dispatching.state import make_state
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.encode import encode_problem
from arterial.dispatching.proofs import polish_plan
from arterial.dispatching.warming import warm_exact, warm_search
from dispatching_cases import draw_line

def list_signatures():
    modules = [m for name, m in sys.modules.items() if name.startswith("arterial.dispatching")]
    kernels = {k.py_func: k for m in modules for k in vars(m).values() if hasattr(k, "py_func")}
    return {f.__qualname__: list(map(str, k.signatures)) for f, k in kernels.items()}

warm_search()
warm_exact()
before = list_signatures()
assert sum(map(len, before.values())) > 8, before
problem = draw_line(3, n_trains=8, n_stations=4)
dispatch_trains(problem, seconds=6.0)
state = make_state(encode_problem(problem), seed=1)
assert construct_plan(state)
polish_plan(state, seconds=1.0)
after = list_signatures()
assert after == before, {name: sigs for name, sigs in after.items() if sigs != before[name]}
"""


def test_after_warming_a_dispatch_compiles_nothing():
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", CODE],
        env=dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
