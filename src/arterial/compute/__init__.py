"""Runs of any size, here or on a cluster, with the same numbers; main function `run_many`.

A run is a function and a list of tasks. It is worked off by one process, by the processors of this
machine, by a job array or by a Dask cluster; it survives being killed; and its tables are read
together at the end. The steps of one analysis share their calls through `Workers` instead. Nothing
here knows what the tables are about.
"""

from arterial.compute.chunks import split_chunks
from arterial.compute.dask_cluster import DaskExecutor
from arterial.compute.executors import Executor, SerialExecutor, ShardExecutor
from arterial.compute.pool import PoolExecutor
from arterial.compute.queries import list_parts, query_parts, read_parts
from arterial.compute.runs import collect, run_many
from arterial.compute.tasks import FailedTask, RunReport, Task
from arterial.compute.workers import ALONE, Call, Workers

__all__ = [
    "ALONE",
    "Call",
    "DaskExecutor",
    "Executor",
    "FailedTask",
    "PoolExecutor",
    "RunReport",
    "SerialExecutor",
    "ShardExecutor",
    "Task",
    "Workers",
    "collect",
    "list_parts",
    "query_parts",
    "read_parts",
    "run_many",
    "split_chunks",
]
