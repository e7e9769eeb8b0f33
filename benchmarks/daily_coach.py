"""A generated study for measuring: one coach daily there and back over a year, assets and all.

It is the study of Pyongyang and Moscow with its coaches for Moscow leaving every day, and its
shuttle over the border running every day: 754 trips of four legs.

usage: python benchmarks/daily_coach.py FOLDER [--draws N] [--replications N] [--points P]
       arterial run FOLDER
"""

import argparse
import re
import shutil
from pathlib import Path

import polars as pl

SOURCE = Path(__file__).parents[1] / "studies" / "pyongyang_moscow"
DAILY = ("PYM-MOW", "MOW-PYM", "SHUTTLE")


def write_study(
    folder: Path, *, draws: int, replications: int, points: float | None = None
) -> None:
    """Write the study; a folder that is there already is written over.

    With points no more is simulated once each chance has that standard error [percentage points].
    """
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("runs"), dirs_exist_ok=True)
    tables = folder / "tables"
    rules = pl.read_csv(tables / "calendar_rules.csv", infer_schema=False)
    plain = {"sequence": "1", "pattern": "daily", "effect": "runs", "valid_from": "2025-06-01"}
    plain |= {"source_id": "general-knowledge", "grade": "assumption"}
    daily = pl.DataFrame([{"calendar_id": name} | plain for name in DAILY])
    others = rules.filter(~pl.col("calendar_id").is_in(DAILY))
    pl.concat([others, daily], how="diagonal").write_csv(tables / "calendar_rules.csv")
    settings = (folder / "study.toml").read_text("utf-8")
    for name, value in (
        ("horizon_from", "2026-01-01"), ("horizon_to", "2026-12-31"), ("draws", str(draws)),
        ("replications", str(replications)), ("name", '"daily_coach"'),
    ):  # fmt: skip
        settings = re.sub(rf"(?m)^{name} = .*$", f"{name} = {value}", settings)
    if points is not None:
        asked = f"[reliability]\nstandard_error_points = {points}\n"
        settings = settings.replace("[reliability]\n", asked)
    settings = re.sub(r"(?ms)^\[report\].*?(?=^\[)", "", settings)
    (folder / "study.toml").write_text(settings, "utf-8")


def main() -> None:
    """Write the study that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--replications", type=int, default=25)
    parser.add_argument("--points", type=float)
    asked = parser.parse_args()
    write_study(
        asked.folder, draws=asked.draws, replications=asked.replications, points=asked.points
    )
    print(f"Written: {asked.folder}. Now: arterial run {asked.folder}")


if __name__ == "__main__":
    main()
