"""Task functions for the tests of runs: worker processes import them from here by name."""

import hashlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from arterial.compute import DaskExecutor, PoolExecutor, Task, run_many


def make_tasks(count: int, **more: Any) -> list[Task]:
    """Tasks ``t-000`` on, in an order that is not that of their keys."""
    numbers = [*range(1, count, 2), *range(0, count, 2)]
    return [Task(f"t-{number:03d}", {"number": number, **more}) for number in numbers]


def tabulate(payload: dict[str, Any]) -> dict[str, pl.DataFrame]:
    """Two tables of numbers drawn for the task alone, with gaps and texts."""
    number = payload["number"]
    values = np.random.Generator(np.random.Philox(key=number)).normal(size=40 + number)
    frame = pl.DataFrame(
        {
            "task": [number] * values.size,
            "row": range(values.size),
            "value": values,
            "text": [None if row % 3 == 0 else f"é{row}" for row in range(values.size)],
        }
    )
    total = pl.DataFrame({"task": [number], "total": [values.sum()]})
    return {"numbers": frame, "totals": total}


def misbehave(payload: dict[str, Any]) -> dict[str, pl.DataFrame]:
    """Tables, but for the task whose number is that of a misdeed."""
    misdeed = payload.get("misdeeds", {}).get(payload["number"])
    if misdeed == "raise":
        message = f"task {payload['number']} has no sense"
        raise ValueError(message)
    if misdeed == "quit":
        sys.exit("enough")
    if misdeed == "exit":
        os._exit(3)
    if misdeed == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    for _ in range({"interrupt": 1, "insist": 2}.get(misdeed, 0)):
        os.kill(os.getpid(), signal.SIGINT)
    return tabulate(payload)


def wait_to_be_killed(payload: dict[str, Any]) -> dict[str, pl.DataFrame]:
    """Tables, but task 0 tells its process number when it is first run, and sleeps."""
    told = Path(payload["told"])
    if payload["number"] == 0 and not told.exists():
        draft = told.with_name("draft")
        draft.write_text(str(os.getpid()))
        draft.rename(told)
        time.sleep(60)
    return tabulate(payload)


def dawdle(payload: dict[str, Any]) -> dict[str, pl.DataFrame]:
    """Tables, a fifth of a second later; tells the number of its process if asked to."""
    if "told" in payload:
        Path(payload["told"], str(os.getpid())).touch()
    time.sleep(0.2)
    return tabulate(payload)


def list_bytes(folder: Path) -> dict[str, str]:
    """Every part of a run with a digest of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "parts").rglob("*"))
        if path.is_file()
    }


if __name__ == "__main__":
    # By name, so that the run is the same as when a test resumes it.
    from compute_cases import dawdle as work

    run_many(
        work,
        make_tasks(12, told=sys.argv[2]),
        folder=Path(sys.argv[1]),
        executor=DaskExecutor(workers=1) if "dask" in sys.argv else PoolExecutor(2),
    )
