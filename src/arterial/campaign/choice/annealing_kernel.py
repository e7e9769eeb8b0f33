"""Compiled annealing of a plan: move a site, push out what is in the way, find that a new place.

A move takes a site to a month that suits it, drawn by profit and chance. Where labour, possession
or material is short, works of that month in the same pool or line go out, those of least profit
first; each is put where it fits best, or stays out. What was won or lost, in profit at a share of
the prices, is accepted by the rule of [Metropolis 1953], drawn beforehand.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.encode import Columns, Needs, PriceTables
from arterial.campaign.choice.plan_kernel import (
    Remaining,
    State,
    Work,
    draw_number,
    fits,
    take_need,
)
from arterial.campaign.choice.price_kernel import fill_worth
from arterial.compiling import compiled

__all__ = ["Heat", "Places", "anneal_sites", "list_places"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]

MOST_REMOVED: Final = 4
SMALL: Final = 1e-9
# A site is not moved for less than this share of the temperature.
LEAST_REGRET: Final = 0.2


class Heat(NamedTuple):
    """Temperatures of a round in units of benefit, moves for each site, and sites left out.

    Chance of months and of works that go out is `spread` times the temperature; sites whose best
    profit lies more than `margin` below nothing are left out.
    """

    hot: float
    cold: float
    moves_per_site: float
    spread: float
    margin: float


class Places(NamedTuple):
    """Works that begin in each month, in chains by pool and by line, and the profit of each site.

    `card` holds what a look for room needs of a placed site side by side: man-hours and possession
    hours in its month, then units of each material; nothing for works of several months.
    """

    pool_head: Indices
    pool_next: Indices
    pool_back: Indices
    line_head: Indices
    line_next: Indices
    line_back: Indices
    worth: Floats
    top: Singles
    card: Floats


class Move(NamedTuple):
    """A site, its new column and profit, the least to win, and the chance of what goes out."""

    site: int
    option: int
    month: int
    worth: float
    least: float
    spread: float


class RemovedWorks(NamedTuple):
    """Works that went out for a move, and where they were and what they were worth."""

    site: Indices
    option: Indices
    month: Indices
    worth: Floats


@compiled
def enter(head: Indices, later: Indices, back: Indices, row: int, month: int, site: int) -> None:
    """Put a site at the head of the chain of a row and month."""
    first = head[row, month]
    later[site] = first
    back[site] = -1
    if first >= 0:
        back[first] = site
    head[row, month] = site


@compiled
def leave(head: Indices, later: Indices, back: Indices, row: int, month: int, site: int) -> None:
    """Take a site out of the chain of a row and month."""
    after, before = later[site], back[site]
    if before >= 0:
        later[before] = after
    else:
        head[row, month] = after
    if after >= 0:
        back[after] = before


@compiled
def link(needs: Needs, work: Work, places: Places, site: int) -> None:
    """Enter a placed site into its chains."""
    month, option = work.month[site], work.option[site]
    pool, line = needs.pool[site], needs.line[site]
    alone = 1.0 if needs.duration[option] == 1 else 0.0
    need = needs.season_need[needs.season[option], month]
    places.card[site, 0] = alone * needs.labour[option] * need
    places.card[site, 1] = alone * needs.possession[option]
    for m in range(needs.material.shape[1]):
        places.card[site, 2 + m] = alone * needs.material[option, m]
    enter(places.pool_head, places.pool_next, places.pool_back, pool, month, site)
    enter(places.line_head, places.line_next, places.line_back, line, month, site)


@compiled
def unlink(needs: Needs, work: Work, places: Places, site: int) -> None:
    """Take a placed site out of its chains."""
    month, pool, line = work.month[site], needs.pool[site], needs.line[site]
    leave(places.pool_head, places.pool_next, places.pool_back, pool, month, site)
    leave(places.line_head, places.line_next, places.line_back, line, month, site)


@compiled
def place(
    needs: Needs,
    remaining: Remaining,
    work: Work,
    places: Places,
    site: int,
    option: int,
    month: int,
) -> None:
    """Put a site's option into the plan and its chains."""
    take_need(needs, remaining, site, option, month, 1.0)
    work.option[site] = option
    work.month[site] = month
    link(needs, work, places, site)


@compiled
def _displace(needs: Needs, remaining: Remaining, work: Work, places: Places, site: int) -> None:
    """Take a site out of the plan and its chains."""
    unlink(needs, work, places, site)
    take_need(needs, remaining, site, work.option[site], work.month[site], -1.0)
    work.option[site] = -1
    work.month[site] = -1


@compiled
def list_places(
    columns: Columns, tables: PriceTables, needs: Needs, work: Work, places: Places
) -> None:
    """Build the chains of a plan, and the profit of each site."""
    places.pool_head[:] = -1
    places.line_head[:] = -1
    row = np.empty(columns.benefit.shape[1], dtype=np.float32)
    for site in range(work.option.shape[0]):
        places.worth[site] = 0.0
        highest = np.float32(0.0)
        for option in range(columns.first[site], columns.first[site + 1]):
            fill_worth(columns, tables, 1.0, option, row)
            for t in range(row.shape[0]):
                highest = max(highest, row[t])
        places.top[site] = highest
        if work.option[site] >= 0:
            link(needs, work, places, site)
            fill_worth(columns, tables, 1.0, work.option[site], row)
            places.worth[site] = row[work.month[site]]


@compiled
def _place_best(
    columns: Columns,
    tables: PriceTables,
    needs: Needs,
    remaining: Remaining,
    work: Work,
    places: Places,
    site: int,
    row: Singles,
) -> float:
    """Put a site where it fits with most profit, if any; gives that profit."""
    best, best_option, best_month = np.float32(SMALL), -1, -1
    for option in range(columns.first[site], columns.first[site + 1]):
        fill_worth(columns, tables, 1.0, option, row)
        for t in range(row.shape[0]):
            if row[t] > best and fits(needs, remaining, site, option, t):
                best, best_option, best_month = row[t], option, t
    if best_option < 0:
        places.worth[site] = 0.0
        return 0.0
    place(needs, remaining, work, places, site, best_option, best_month)
    places.worth[site] = best
    return float(best)


@compiled
def _find_removable(
    needs: Needs,
    remaining: Remaining,
    places: Places,
    site: int,
    option: int,
    month: int,
    spread: float,
    chance: NDArray[np.uint64],
) -> int:
    """Work of the month whose going costs least for the room it makes, or -1 if none makes room."""
    line, pool = needs.line[site], needs.pool[site]
    short_hours = needs.possession[option] - remaining.possession[line, month]
    need = needs.season_need[needs.season[option], month]
    short_labour = needs.labour[option] * need - remaining.labour[pool, month]
    short_units, material = 0.0, -1
    for m in range(remaining.free.shape[0]):
        short = needs.material[option, m] - remaining.free[m, month]
        if needs.material[option, m] > 0.0 and short > 0.0:
            short_units, material = short, m
    by_line = short_hours > 0.0
    what, short = 0, max(short_labour, SMALL)
    if by_line:
        what, short = 1, short_hours
    elif material >= 0:
        what, short = 2 + material, short_units
    other = places.line_head[line, month] if by_line else places.pool_head[pool, month]
    removable, least = -1, np.inf
    while other >= 0:
        made = min(1.0, places.card[other, what] / short)
        if made > 0.0:
            loss = (places.worth[other] + spread * draw_number(chance)) / made
            if loss < least:
                removable, least = other, loss
        other = places.line_next[other] if by_line else places.pool_next[other]
    return removable


@compiled
def _choose_month(
    columns: Columns,
    tables: PriceTables,
    work: Work,
    site: int,
    spread: float,
    row: Singles,
    chance: NDArray[np.uint64],
    choice: Floats,
) -> None:
    """Draw a column of a site by profit and chance into `choice`: option, month, profit."""
    best = -np.inf
    choice[0] = -1.0
    for option in range(columns.first[site], columns.first[site + 1]):
        fill_worth(columns, tables, 1.0, option, row)
        for t in range(row.shape[0]):
            if row[t] + spread <= best:
                continue
            if option == work.option[site] and t == work.month[site]:
                continue
            drawn = row[t] + spread * draw_number(chance)
            if drawn > best:
                best = drawn
                choice[0], choice[1], choice[2] = float(option), float(t), float(row[t])


@compiled
def _push_out(
    state: State,
    places: Places,
    move: Move,
    hope: float,
    removed: RemovedWorks,
    chance: NDArray[np.uint64],
) -> int:
    """Take works out until a move fits or the `hope` of what it may win is gone; counts them."""
    needs, remaining, work = state.needs, state.remaining, state.work
    site, option, month = move.site, move.option, move.month
    n_removed = 0
    has_room = fits(needs, remaining, site, option, month)
    while not has_room and n_removed < MOST_REMOVED and needs.duration[option] == 1:
        removable = _find_removable(
            needs, remaining, places, site, option, month, move.spread, chance
        )
        if removable < 0:
            break
        removed.site[n_removed] = removable
        removed.option[n_removed] = work.option[removable]
        removed.month[n_removed] = work.month[removable]
        removed.worth[n_removed] = places.worth[removable]
        _displace(needs, remaining, work, places, removable)
        hope += places.top[removable] - places.worth[removable]
        n_removed += 1
        if hope < move.least:
            break
        has_room = fits(needs, remaining, site, option, month)
    return n_removed


@compiled
def _put_back(state: State, places: Places, removed: RemovedWorks, n_removed: int) -> None:
    """Put works back where they were, wherever they are now."""
    needs, remaining, work = state.needs, state.remaining, state.work
    for k in range(n_removed):
        if work.option[removed.site[k]] >= 0:
            _displace(needs, remaining, work, places, removed.site[k])
    for k in range(n_removed):
        site = removed.site[k]
        place(needs, remaining, work, places, site, removed.option[k], removed.month[k])
        places.worth[site] = removed.worth[k]


@compiled
def _try_move(
    state: State,
    places: Places,
    move: Move,
    removed: RemovedWorks,
    row: Singles,
    chance: NDArray[np.uint64],
) -> float:
    """Move a site, unless less than the least is won; gives what was won."""
    columns, tables, needs = state.columns, state.tables, state.needs
    remaining, work = state.remaining, state.work
    site = move.site
    old_option, old_month, old_worth = work.option[site], work.month[site], places.worth[site]
    if old_option >= 0:
        _displace(needs, remaining, work, places, site)
    delta, hope = move.worth - old_worth, 0.0
    n_removed = _push_out(state, places, move, delta, removed, chance)
    for k in range(n_removed):
        delta -= removed.worth[k]
        hope += places.top[removed.site[k]]
    if delta + hope >= move.least and fits(needs, remaining, site, move.option, move.month):
        place(needs, remaining, work, places, site, move.option, move.month)
        places.worth[site] = move.worth
        for k in range(n_removed):
            delta += _place_best(
                columns, tables, needs, remaining, work, places, removed.site[k], row
            )
        if delta >= move.least:
            return float(delta)
        _displace(needs, remaining, work, places, site)
    _put_back(state, places, removed, n_removed)
    if old_option >= 0:
        place(needs, remaining, work, places, site, old_option, old_month)
    places.worth[site] = old_worth
    return 0.0


@compiled
def anneal_sites(
    state: State, places: Places, sites: Indices, heat: Heat, chance: NDArray[np.uint64]
) -> float:
    """Try moves of some sites while the temperature falls; gives what was won."""
    columns, tables, work = state.columns, state.tables, state.work
    row = np.empty(columns.benefit.shape[1], dtype=np.float32)
    choice = np.empty(3)
    removed = RemovedWorks(
        np.empty(MOST_REMOVED, dtype=np.int32),
        np.empty(MOST_REMOVED, dtype=np.int32),
        np.empty(MOST_REMOVED, dtype=np.int32),
        np.empty(MOST_REMOVED),
    )
    won = 0.0
    moves = int(heat.moves_per_site * sites.shape[0])
    for step in range(moves):
        if state.stop[0]:
            break
        warmth = heat.hot * (heat.cold / heat.hot) ** (step / moves)
        spread = heat.spread * warmth
        site = sites[int(draw_number(chance) * sites.shape[0])]
        if places.top[site] - places.worth[site] < LEAST_REGRET * warmth:
            continue
        _choose_month(columns, tables, work, site, spread, row, chance, choice)
        option, month, worth = int(choice[0]), int(choice[1]), choice[2]
        if option < 0 or worth <= 0.0:
            continue
        least = warmth * np.log(max(draw_number(chance), 1e-12))
        move = Move(site, option, month, worth, least, spread)
        won += _try_move(state, places, move, removed, row, chance)
    return won
