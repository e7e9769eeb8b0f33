"""Speed of the search for routes on a generated network, in one run; `--json` prints JSON.

Twenty-five lines of forty stations, joined at every tenth to the line beside them; half of them
of another gauge, which changes at every second junction. A run asks for the ways of its trains
more than once (their running times, their number on each section, their paths), so the same
requests come three times.
"""

import argparse
import json
import time
from itertools import pairwise

import polars as pl

from arterial.network import build_network, find_route
from arterial.randomness import stream
from arterial.study import conform_table, load_schema

LINES_COUNT = 25
STATIONS_COUNT = 40
JOIN_EVERY = 10
GAUGES = ("1435", "1520")
SEED = 20251118


def make_tables() -> dict[str, pl.DataFrame]:
    """Tables of the network: 1,000 stations, 1,071 sections."""
    names = [[f"L{a:02d}S{b:02d}" for b in range(STATIONS_COUNT)] for a in range(LINES_COUNT)]
    sections, changes = [], []
    for line, stations in enumerate(names):
        for before, after in pairwise(stations):
            gauge = GAUGES[line % 2]
            sections.append((f"{before}-{after}", f"L{line:02d}", before, after, 8.0, gauge))
        for number in range(0, STATIONS_COUNT if line else 0, JOIN_EVERY):
            below = names[line - 1][number]
            key = f"{below}-{stations[number]}"
            sections.append((key, f"J{line:02d}", below, stations[number], 5.0, "1435;1520"))
            if number % (2 * JOIN_EVERY) == 0:
                changes.append((stations[number], "gauge", *GAUGES))
    points = [(name, name, "XX", "UTC", "station") for line in names for name in line]
    return {
        "operational_points": _fill(
            "operational_points", ("point_id", "name", "country", "zone", "kind"), points
        ),
        "sections": _fill(
            "sections",
            ("section_id", "line_id", "from_point", "to_point", "length_km", "gauges_mm"),
            sections,
        ),
        "change_points": _fill(
            "change_points", ("point_id", "kind", "from_value", "to_value"), changes
        ),
    }


def _fill(name: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> pl.DataFrame:
    """A table of which only some columns are known."""
    known = pl.DataFrame(rows, schema=list(columns), orient="row")
    absent = [column for column in load_schema(name).columns if column not in columns]
    return conform_table(name, known.with_columns(pl.lit(None).alias(name) for name in absent))


def draw_requests(point_ids: tuple[str, ...], count: int) -> list[list[str]]:
    """Points that trains pass, two to five of them."""
    chance = stream(SEED, "requests")
    sizes = chance.integers(2, 6, count)
    return [list(chance.choice(point_ids, size, replace=False)) for size in sizes]


def main() -> None:
    """Print how long it takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trains", type=int, default=60)
    options = parser.parse_args()
    tables = make_tables()
    begin = time.process_time()
    network = build_network(tables)
    built = time.process_time()
    # scipy is imported by the first search.
    find_route(network, network.point_ids[:2])
    first = time.process_time()
    total_km, seconds = 0.0, []
    for _ in range(3):
        at = time.process_time()
        for points in draw_requests(network.point_ids, options.trains):
            total_km += find_route(network, points).length_km
        seconds.append(time.process_time() - at)
    found = {
        "stations": len(network.point_ids),
        "sections": len(network.sections),
        "routes": options.trains,
        "build_cpu_s": round(built - begin, 3),
        "first_search_cpu_s": round(first - built, 3),
        "first_time_cpu_s": round(seconds[0], 3),
        "second_time_cpu_s": round(seconds[1], 3),
        "third_time_cpu_s": round(seconds[2], 3),
        "total_km": total_km,
    }
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
