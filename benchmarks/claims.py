"""CPU seconds for the verdicts of a ledger of many claims, those of the flagship study repeated.

Run ``python benchmarks/claims.py [CLAIMS]``: once with each repetition in groups of its own, once
with all repetitions of a group in it.
"""

import sys
import time
from pathlib import Path

import polars as pl

from arterial.evidence.claims import check_claims
from arterial.evidence.ledger import read_ledger
from arterial.flows.run import resolve_timetable
from arterial.study import read_study

STUDY = Path(__file__).parents[1] / "studies" / "pyongyang_moscow"


def repeat_claims(claims: pl.DataFrame, count: int, *, is_apart: bool) -> pl.DataFrame:
    """Claims over and over until there are enough; apart = each time in groups of their own."""
    frames = []
    for number in range(-(-count // claims.height)):
        tail = pl.lit(f"-{number}")
        group = pl.col("group") + tail if is_apart else pl.col("group")
        frames.append(claims.with_columns(claim_id=pl.col("claim_id") + tail, group=group))
    return pl.concat(frames).head(count)


def main() -> None:
    """Time the verdicts."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    study = read_study(STUDY)
    resolved = resolve_timetable(study)
    for is_apart in (True, False):
        claims = repeat_claims(study.table("claims"), count, is_apart=is_apart)
        tables = {**resolved.tables, "claims": claims}
        start = time.process_time()
        standing = read_ledger(tables).standing()
        checks = check_claims(standing, tables, resolved.results, settings=study.settings)
        seconds = time.process_time() - start
        groups = "groups apart" if is_apart else "groups joined"
        print(f"{checks.height} claims, {groups}: {seconds:.1f} CPU s")


if __name__ == "__main__":
    main()
