"""Runs of any size: overhead of a task on each executor, healing, and questions to many rows.

The overhead is what a task costs beyond its work: the tasks do nothing but give a table of ten
rows, and the start of workers is measured apart. The questions are exact quantiles by group over
rows in a hundred parts, by DuckDB within a memory limit and by polars in memory, each in a process
of its own.

usage: python benchmarks/compute.py [--tasks 400] [--rows 20000000] [--workers 2] [--skip-dask]
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from arterial.compute import (
    DaskExecutor,
    Executor,
    PoolExecutor,
    SerialExecutor,
    Task,
    query_parts,
    read_parts,
    run_many,
)

PARTS = 100
GROUPS = 200
# Delays are whole seconds: counted by value, exact quantiles need no sorting of rows.
SQL = """
WITH counted AS (SELECT group_id, delay_s, count(*) AS n FROM delays GROUP BY ALL),
ranked AS (
  SELECT *, sum(n) OVER (PARTITION BY group_id ORDER BY delay_s) AS below,
         sum(n) OVER (PARTITION BY group_id) AS every
  FROM counted
)
SELECT group_id,
       min(delay_s) FILTER (below >= 0.05 * every) AS low_s,
       min(delay_s) FILTER (below >= 0.50 * every) AS mid_s,
       min(delay_s) FILTER (below >= 0.95 * every) AS high_s
FROM ranked GROUP BY group_id ORDER BY group_id
"""
PLAIN_SQL = """
SELECT group_id, quantile_disc(delay_s, [0.05, 0.5, 0.95]) AS quantiles_s
FROM delays GROUP BY group_id ORDER BY group_id
"""


def do_little(number: int) -> dict[str, pl.DataFrame]:
    """Give a table of ten rows."""
    return {"little": pl.DataFrame({"number": [number] * 10, "row": range(10)})}


def draw_delays(payload: tuple[int, int]) -> dict[str, pl.DataFrame]:
    """Give rows of a group and a delay [s]."""
    number, rows = payload
    generator = np.random.Generator(np.random.Philox(key=number))
    groups = generator.integers(0, GROUPS, size=rows, dtype=np.int32)
    delays = (generator.gamma(0.7, 900.0, size=rows)).astype(np.int32)
    return {"delays": pl.DataFrame({"group_id": groups, "delay_s": delays})}


def time_run(executor: Executor, tasks: int) -> float:
    """Wall time [s] of a run of tasks that do little."""
    work = [Task(f"t-{number:05d}", number) for number in range(tasks)]
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        run_many(do_little, work, folder=Path(place), executor=executor)
        return time.perf_counter() - start


def measure_overhead(name: str, executor: Executor, tasks: int) -> None:
    """Print the start-up time and the time of a further task."""
    few = time_run(executor, 4)
    many = time_run(executor, 4 + tasks)
    further_ms = (many - few) / tasks * 1e3
    print(f"{name:18} start and 4 tasks {few:6.2f} s, a further task {further_ms:6.2f} ms")


def measure_question(folder: str, way: str) -> None:
    """Print time and peak memory of one way to ask; runs in a process of its own."""
    start = time.perf_counter()
    if way.startswith("duckdb"):
        sql, memory_mb = (SQL, 300) if way == "duckdb, counted" else (PLAIN_SQL, 1000)
        answer = query_parts(Path(folder), sql, memory_mb=memory_mb)
    else:
        answer = (
            read_parts(Path(folder), "delays")
            .group_by("group_id")
            .agg(
                pl.col("delay_s").quantile(0.05, "lower").alias("low_s"),
                pl.col("delay_s").quantile(0.5, "lower").alias("mid_s"),
                pl.col("delay_s").quantile(0.95, "lower").alias("high_s"),
            )
        )
    wall = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{way:18} {answer.height} groups in {wall:6.2f} s, peak {peak:6.0f} MiB", flush=True)


def measure_questions(rows: int, workers: int) -> None:
    """Write the rows as parts, then ask both ways."""
    with tempfile.TemporaryDirectory() as place:
        tasks = [Task(f"p-{number:03d}", (number, rows // PARTS)) for number in range(PARTS)]
        start = time.perf_counter()
        run_many(draw_delays, tasks, folder=Path(place), executor=PoolExecutor(workers))
        size = sum(path.stat().st_size for path in Path(place).rglob("*.parquet")) / 2**20
        wall = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{rows} rows written in {wall:.1f} s, {size:.0f} MiB, peak here {peak:.0f} MiB")
        for way in ("duckdb, counted", "duckdb, plain", "polars"):
            subprocess.run([sys.executable, __file__, "--ask", place, way], check=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=400)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--skip-dask", action="store_true")
    parser.add_argument("--ask", nargs=2)
    arguments = parser.parse_args()
    if arguments.ask:
        measure_question(*arguments.ask)
        return
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    measure_overhead("serial", SerialExecutor(), arguments.tasks)
    measure_overhead(
        f"pool of {arguments.workers}", PoolExecutor(arguments.workers), arguments.tasks
    )
    if not arguments.skip_dask:
        dask = DaskExecutor(workers=arguments.workers)
        measure_overhead(f"Dask of {arguments.workers}", dask, arguments.tasks)
    measure_questions(arguments.rows, arguments.workers)


if __name__ == "__main__":
    main()
