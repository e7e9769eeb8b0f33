"""Capacity: what a line can carry, and how much of it a timetable consumes.

Two concepts stand side by side and are never mixed. The *period method* and Scott's formula say
how many trains would fit (:func:`rank_bottlenecks`, :func:`plan_meets`, :func:`pairs_per_day`);
*compression* says how much of the line given paths take (:func:`compress_paths`,
:func:`measure_consumption`).
"""

from arterial.capacity.block_capacity import (
    BlockCapacity,
    CapacityNorms,
    Method,
    ValueRange,
    calculate_capacity,
    list_norms,
)
from arterial.capacity.blocks import Block, find_blocks, list_passing_points
from arterial.capacity.bottlenecks import rank_bottlenecks
from arterial.capacity.compression import (
    CompressedPaths,
    assign_tracks,
    compress_paths,
    measure_consumption,
)
from arterial.capacity.consumption import (
    Consumption,
    DayPart,
    LineKind,
    additional_time_rate,
    allowed_occupancy_rate,
    assess_consumption,
)
from arterial.capacity.meets import (
    EndMeet,
    LineMeets,
    MeetEnds,
    MeetScheme,
    MeetTimes,
    SectionTimes,
    StationMeet,
    plan_meets,
    section_period_min,
)
from arterial.capacity.pairs import (
    Removal,
    needed_pairs,
    pairs_per_day,
    remaining_pairs,
    scott_trains_per_day,
)
from arterial.capacity.path_consumption import list_block_occupations, measure_path_consumption
from arterial.capacity.step_times import typical_step_times
from arterial.capacity.usage import TrainCount, count_trains

__all__ = [
    "Block",
    "BlockCapacity",
    "CapacityNorms",
    "CompressedPaths",
    "Consumption",
    "DayPart",
    "EndMeet",
    "LineKind",
    "LineMeets",
    "MeetEnds",
    "MeetScheme",
    "MeetTimes",
    "Method",
    "Removal",
    "SectionTimes",
    "StationMeet",
    "TrainCount",
    "ValueRange",
    "additional_time_rate",
    "allowed_occupancy_rate",
    "assess_consumption",
    "assign_tracks",
    "calculate_capacity",
    "compress_paths",
    "count_trains",
    "find_blocks",
    "list_block_occupations",
    "list_norms",
    "list_passing_points",
    "measure_consumption",
    "measure_path_consumption",
    "needed_pairs",
    "pairs_per_day",
    "plan_meets",
    "rank_bottlenecks",
    "remaining_pairs",
    "scott_trains_per_day",
    "section_period_min",
    "typical_step_times",
]
