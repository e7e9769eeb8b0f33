"""What each failure of a simulated line would cost by itself, beside what it cost in all.

Main functions: `tabulate_losses` and `reckon_closures`. A failure alone holds the trains that are
due while it lasts; that is known from the plan, without dispatching. Simulated delay goes up and
down with it, failure by failure, so ratios and differences of the two vary far less than either.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.closures import mean_wait
from arterial.operations.line.outcome import Replications
from arterial.operations.line.parts import Scenario, find_runs_per_year, group_runs
from arterial.units import DAY_S, HOUR_S, MINUTE_S

if TYPE_CHECKING:
    from arterial.operations.line.sampling_kernel import Draws

__all__ = ["reckon_closures", "tabulate_losses"]

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]

FIRST_CAPACITY: Final = 8192


def tabulate_losses(
    scenario: Scenario, months: Sequence[Replications], share: Numbers, *, key: np.uint64
) -> dict[str, pl.DataFrame]:
    """Replications of one draw and scenario, one by one.

    Parameters
    ----------
    scenario : Scenario
        What was simulated.
    months : sequence of Replications
        Outcome of each month.
    share : ndarray
        Share of candidates accepted in each month, ``(12, n_sources)``.
    key : numpy.uint64
        Key of chance of the simulation.

    Returns
    -------
    dict of str to DataFrame
        ``line_replications``: mean delay of each train; ``line_losses``: delay of all trains of a
        year by failures that close the line and by those that do not; ``line_outages``: failures
        with ``asset`` (row of the states), ``closes``, ``hours`` until the repair, and
        ``direct_min``: delay of all trains of a year by this failure alone; ``line_expected``: what
        its ``direct_min`` come to on average. Failures that end before the first train, or begin a
        day after the last was due, are left out. Replications are numbered through the months.
    """
    trains, losses, outages = [], [], []
    passages = _Passages(scenario)
    for month, replications in enumerate(months):
        begin = month * len(replications.delay_s)
        trains.append(_list_trains(scenario, replications, begin))
        losses.append(_sum_losses(scenario, replications, passages.weight, begin))
        outages.append(
            _list_outages(scenario, passages, share[month], replications, key=key, begin=begin)
        )
    expected = pl.DataFrame({"direct_min": [_expect_direct_min(scenario, passages, share)]})
    named = {
        "line_replications": trains,
        "line_losses": losses,
        "line_outages": outages,
        "line_expected": [expected],
    }
    return {
        name: pl.concat(frames).select(
            pl.lit(scenario.draw, dtype=pl.Int64).alias("draw"), pl.all()
        )
        for name, frames in named.items()
    }


def _list_outages(
    scenario: Scenario,
    passages: "_Passages",
    factor: Numbers,
    done: Replications,
    *,
    key: np.uint64,
    begin: int,
) -> pl.DataFrame:
    """Failures of assets as the simulation drew them, with what each costs by itself.

    A train that is due at a closed step waits for what is left of the closure, at most the longest
    wait; one that passes a failure which leaves the line open loses the mean of that failure.
    Nothing is passed on.
    """
    drawn = _draw_outages(
        scenario, factor, key=key, first=done.first_replication, replications=len(done.delay_s)
    )
    sources = scenario.sources.hazards.sources
    row = sources[drawn["source"]]
    closes = _find_closing(scenario)[drawn["source"]]
    delay_s = row["low"] * np.exp(row["middle"] ** 2 / 2.0)
    longest_s = scenario.sources.hazards.closures.longest_wait_s
    met = passages.count(drawn, longest_s=longest_s)
    direct_s = np.where(closes, longest_s * met.taken_off + met.wait_s, met.due * delay_s)
    frame = pl.DataFrame(
        {
            "replication": drawn["replication"] - done.first_replication + begin,
            "asset": scenario.sources.asset_rows[drawn["source"]],
            "closes": closes,
            "hours": (drawn["end"] - drawn["start"]) / HOUR_S,
            "direct_min": direct_s / MINUTE_S,
        }
    )
    planned = scenario.plan.plan.events.planned
    runs = (drawn["end"] > planned.min()) & (drawn["start"] < planned.max() + DAY_S)
    return frame.filter(pl.Series(runs))


def _expect_direct_min(scenario: Scenario, passages: "_Passages", share: Numbers) -> float:
    """What failures cost on average by themselves, of all trains of a year [min].

    A train that is due t after the first instant at which assets fail meets the failures of a
    closure R over a span of R, or of t: R² / 2 for R <= t, else R t - t² / 2, times the rate. Call
    its mean M(t). Where no train waits for longer than w, it is M(w) + M(t) - M(t + w).
    """
    begin, total_s = float(scenario.sources.hazards.horizon[0]), 0.0
    longest_s = float(scenario.sources.hazards.closures.longest_wait_s)
    is_closing = _find_closing(scenario)
    for step in _walk_steps(scenario, passages):
        row = step.sources
        median, sigma = row["repair_median"], row["repair_sigma"]
        age_s = step.mean_at - begin
        wait = mean_wait(median, sigma, longest_s) + mean_wait(median, sigma, age_s)
        wait -= mean_wait(median, sigma, age_s + longest_s)
        open_s = median * np.exp(sigma**2 / 2.0) * row["low"] * np.exp(row["middle"] ** 2 / 2.0)
        loss = np.where(is_closing[step.numbers], wait, open_s)
        mean_share = share[:, step.numbers].mean(axis=0)
        total_s += step.trains * float((step.rate * mean_share * loss).sum())
    return total_s / MINUTE_S


def _find_closing(scenario: Scenario) -> NDArray[np.bool_]:
    """Whether trains must wait for the repair, by source: not where they share another track."""
    hazards = scenario.sources.hazards
    is_closing = np.asarray(hazards.sources["closes"] != 0)
    if hazards.closures.shares_tracks:
        steps = np.repeat(hazards.steps["tracks"][:-1], np.diff(hazards.steps["first"]))
        is_closing[hazards.assets["source"][steps > 1]] = False
    return is_closing


class _Step(NamedTuple):
    """Assets of a step: sources with their numbers and rates [1/s], and the trains that pass it."""

    numbers: Integers
    sources: NDArray[np.void]
    rate: Numbers
    trains: float
    mean_at: float


def _walk_steps(scenario: Scenario, passages: "_Passages") -> Iterator[_Step]:
    """Steps that have both assets and trains."""
    hazards = scenario.sources.hazards
    for number in range(hazards.steps.size - 1):
        first, last = int(hazards.steps[number]["first"]), int(hazards.steps[number + 1]["first"])
        trains, mean_at = passages.describe(number)
        if last == first or trains == 0.0:
            continue
        numbers = hazards.assets["source"][first:last]
        rate = np.diff(hazards.assets["total"][first:last], prepend=0.0)
        yield _Step(numbers, hazards.sources[numbers], rate, trains, mean_at)


def reckon_closures(scenario: Scenario, assets: pl.DataFrame, share: Numbers) -> pl.DataFrame:
    """Direct delay by failures that close the line, without chance.

    They are so rare that a simulation meets few of them. A train that is due waits for what is left
    of the closure, at most the longest wait: the mean over closures of any length is known. What
    trains pass on stays simulated.

    Parameters
    ----------
    scenario : Scenario
        What was simulated.
    assets : DataFrame
        Part ``line_assets``, one row an asset.
    share : ndarray
        Share of candidates accepted in each month, ``(12, n_sources)``.

    Returns
    -------
    DataFrame
        The part with ``primary_delay_min_per_year`` of these assets reckoned and its error 0.
    """
    closures = scenario.sources.hazards.closures
    can_close = _find_closing(scenario)
    direct_s, is_closing = np.zeros(assets.height), np.zeros(assets.height, np.bool_)
    for step in _walk_steps(scenario, _Passages(scenario)):
        row, owners = step.sources, scenario.sources.asset_rows[step.numbers]
        closes = can_close[step.numbers]
        wait = mean_wait(row["repair_median"], row["repair_sigma"], float(closures.longest_wait_s))
        loss = step.trains * step.rate * share[:, step.numbers].mean(axis=0) * wait
        np.add.at(direct_s, owners[closes], loss[closes])
        is_closing[owners[closes]] = True
    name = "primary_delay_min_per_year"
    known = pl.Series(is_closing)
    return assets.with_columns(
        pl.when(known).then(pl.Series(direct_s / MINUTE_S)).otherwise(name).alias(name),
        pl.when(known).then(0.0).otherwise(f"{name}_error").alias(f"{name}_error"),
    )


def _draw_outages(
    scenario: Scenario, factor: Numbers, *, key: np.uint64, first: int, replications: int
) -> dict[str, NDArray[np.int64]]:
    """Failures of all replications: replication, source, step, start and end [s]."""
    from arterial.operations.line.sampling_kernel import clear_draws, draw_replication, make_draws

    plan, hazards = scenario.plan.plan, scenario.sources.hazards
    sizes = (plan.events_count, plan.layout.step_tracks.size)
    capacity = FIRST_CAPACITY
    draws: Draws = make_draws(*sizes, capacity)
    names = ("source", "step", "start", "end")
    found: dict[str, list[NDArray[np.int64]]] = {name: [] for name in ("replication", *names)}
    number = first
    while number < first + replications:
        draw_replication(hazards, factor, key, number, 0, draws)
        if draws.counters["is_full"][0]:
            capacity *= 4
            draws = make_draws(*sizes, capacity)
            continue
        rows = draws.outages[: int(draws.counters["outages"][0])]
        found["replication"].append(np.full(len(rows), number, dtype=np.int64))
        for name in names:
            found[name].append(rows[name].astype(np.int64))
        clear_draws(draws)
        number += 1
    return {name: np.concatenate(parts) for name, parts in found.items()}


class _Passages:
    """Trains of a year that are due at each step up to any instant, and their times added up."""

    def __init__(self, scenario: Scenario) -> None:
        plan = scenario.plan.plan
        weight = self.weight = find_runs_per_year(scenario.plan)
        departures = np.arange(0, plan.events_count, 2)
        steps, at = plan.events.step[departures], plan.events.planned[departures]
        order = np.lexsort((at, steps))
        self.step, self.at = steps[order], at[order].astype(np.float64)
        trains = weight[plan.events.run[departures]][order]
        self.trains = np.append(0.0, np.cumsum(trains))
        self.train_s = np.append(0.0, np.cumsum(trains * self.at))
        self.first = np.searchsorted(self.step, np.arange(plan.layout.step_tracks.size + 1))

    def describe(self, step: int) -> tuple[float, float]:
        """Trains of a year over a step, and the mean instant at which they are due [s]."""
        first, last = int(self.first[step]), int(self.first[step + 1])
        trains = float(self.trains[last] - self.trains[first])
        mean_at = (self.train_s[last] - self.train_s[first]) / trains if trains > 0 else 0.0
        return trains, float(mean_at)

    def count(self, drawn: Mapping[str, Integers], *, longest_s: int) -> "_Met":
        """Trains that meet each failure, where none waits for longer than a longest wait [s]."""
        low, middle, high = np.zeros((3, drawn["step"].size), dtype=np.int64)
        order = np.argsort(drawn["step"], kind="stable")
        steps, begin = np.unique(drawn["step"][order], return_index=True)
        for step, mine in zip(
            steps.tolist(), np.split(order, begin[1:])[: steps.size], strict=True
        ):
            first, at = self.first[step], self.at[self.first[step] : self.first[step + 1]]
            start, end = drawn["start"][mine], drawn["end"][mine]
            low[mine] = first + np.searchsorted(at, start)
            middle[mine] = first + np.searchsorted(at, np.maximum(start, end - longest_s))
            high[mine] = first + np.searchsorted(at, end)
        stand = self.trains[high] - self.trains[middle]
        return _Met(
            due=self.trains[high] - self.trains[low],
            taken_off=self.trains[middle] - self.trains[low],
            wait_s=drawn["end"] * stand - (self.train_s[high] - self.train_s[middle]),
        )


class _Met(NamedTuple):
    """Trains due during each failure, those taken off, and the wait of the others added up [s]."""

    due: Numbers
    taken_off: Numbers
    wait_s: Numbers


def _list_trains(scenario: Scenario, done: Replications, begin: int) -> pl.DataFrame:
    """Mean delay of each train in each replication [min]."""
    groups = group_runs(scenario.plan)
    order = np.concatenate([np.array(runs) for runs in groups.values()])
    sizes = np.array([len(runs) for runs in groups.values()])
    first = np.cumsum(sizes) - sizes
    totals = np.add.reduceat(done.delay_s[:, order], first, axis=1, dtype=np.float64)
    count = len(done.delay_s)
    return pl.DataFrame(
        {
            "replication": np.tile(np.arange(begin, begin + count), len(groups)),
            "train_key": np.repeat(np.array(list(groups)), count),
            "delay_min": (totals / sizes / MINUTE_S).T.ravel(),
        }
    )


def _sum_losses(
    scenario: Scenario, done: Replications, weight: Numbers, begin: int
) -> pl.DataFrame:
    """Delay of all trains of a year by closing and by other failures, by replication [min]."""
    schema = {"replication": pl.Int64, "closes": pl.Boolean, "delay_min": pl.Float64}
    parts = done.parts
    if parts is None:
        return pl.DataFrame(schema=schema)
    # The source -1, dispatching alone, reads the last place.
    asset = np.append(scenario.sources.asset_rows, -1)[parts.source]
    closes = np.append(_find_closing(scenario), False)[parts.source]
    rows = parts.replication.astype(np.int64) - done.first_replication + begin
    minutes = parts.seconds * weight[parts.run] / MINUTE_S
    frame = pl.DataFrame(
        {"replication": rows, "closes": closes, "delay_min": minutes}, schema=schema
    )
    return (
        frame.filter(pl.Series(asset >= 0))
        .group_by("replication", "closes")
        .agg(pl.col("delay_min").sum())
        .sort("replication", "closes")
    )
