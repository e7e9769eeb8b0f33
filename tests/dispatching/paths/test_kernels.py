"""The kernels of plans: compiled as in plain Python, and all of them known to the warming."""

import os
import subprocess
import sys

PLAN = """
import hashlib
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.dispatching.paths.rescheduling import Disruption, reschedule
from path_engine import draw_random_line

model, requests = draw_random_line(3)
plan = plan_paths(model, requests[:12], options=PlanOptions(moves=60))
now = plan.paths[0].depart_at_s + 3000
disruption = Disruption(now, held={plan.paths[0].train_id: 1800}, slow={4: 300})
new = reschedule(model, plan.paths, disruption, options=PlanOptions(moves=60))
digest = hashlib.sha256()
for path in (*plan.paths, *new.paths):
    digest.update(path.arrival_s.tobytes() + path.departure_s.tobytes())
print(digest.hexdigest(), plan.cost, new.cost, len(new.changed))
"""

WARM = """
import sys
from arterial.dispatching.paths.warming import warm_plans

def count_signatures():
    modules = [m for name, m in sys.modules.items() if name.startswith("arterial.dispatching.p")]
    kernels = {k.py_func: k for m in modules for k in vars(m).values() if hasattr(k, "py_func")}
    found = {f.__qualname__: len(k.signatures) for f, k in kernels.items()}
    return {name: count for name, count in found.items() if count}

warm_plans()
before = count_signatures()
assert len(before) > 5, before
"""


def run(code, **variables):
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        env=dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_compiled_kernels_give_what_their_source_gives_in_plain_python():
    assert run(PLAN) == run(PLAN, NUMBA_DISABLE_JIT="1")


def test_after_warming_a_plan_compiles_nothing():
    after = "after = count_signatures()\nassert after == before, (before, after)\n"
    run(WARM + PLAN + after)
