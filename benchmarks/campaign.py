"""Renewal campaigns of reference problems: gap, time and memory; rules of thumb; HiGHS.

Every row runs in a process of its own, so that memory is its own. Results are kept in a JSON file,
so that a run can be stopped and taken up again.

usage: python benchmarks/campaign.py [--sites 100000] [--regimes tight,moderate,roomy]
       [--seeds 1,2,3] [--seconds 60] [--tight-seconds 300] [--workers 2] [--against-highs SECONDS]
       [--results docs/benchmarks/campaign.json] [--page docs/benchmarks/campaign.md]
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from arterial.campaign import (
    CampaignSolution,
    Rule,
    check_bound,
    check_plan,
    rank_sites,
    solve_campaign,
)
from campaign_problems import Regime, make_reference_problem

HEAD = (
    "| sites | regime | seed | worth | price bound | gap to it | bound | gap | best rule "
    "| behind us | s | re-plan s | re-plan gap | MB |"
)
SUMMARY_HEAD = (
    "| sites | regime | seeds | best gap to the bound | longest s | most MB | least behind us "
    "| re-plan: longest s | re-plan: largest gap |"
)
AGAIN_SECONDS = 10.0


def warm_up() -> None:
    """Compile every kernel, so that no row pays for it."""
    solve_campaign(make_reference_problem(1000, regime=Regime.TIGHT, seed=9), rounds=1)


def run_row(sites: int, regime: Regime, seed: int, seconds: float, workers: int) -> dict[str, Any]:
    """Solve one problem, plan anew with a fifth less labour, and rank by rules."""
    warm_up()
    problem = make_reference_problem(sites, regime=regime, seed=seed)
    began = perf_counter()
    solution = solve_campaign(problem, time_limit_s=seconds, workers=workers, seed=seed)
    wall = perf_counter() - began
    less = problem.with_limits(labour=0.8)
    began = perf_counter()
    again = solve_campaign(
        less, time_limit_s=AGAIN_SECONDS, workers=workers, seed=seed, rounds=2, start=solution
    )
    wall_again = perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    check_plan(problem, solution.option, solution.month)
    check_bound(problem, solution.prices)
    rules = {rule.value: rank_sites(problem, rule).value for rule in Rule}
    return {
        "sites": sites,
        "regime": regime.name.lower(),
        "seed": seed,
        "limit_s": seconds,
        "workers": workers,
        "wall_s": wall,
        "parts_s": solution.seconds,
        "value": solution.value,
        "price_bound": solution.price_bound,
        "bound": solution.bound,
        "again_s": wall_again,
        "again_gap": again.price_bound / again.value - 1.0,
        "rules": rules,
        "memory_mb": memory,
    }


def compare_with_highs(sites: int, regime: Regime, seconds: float) -> dict[str, Any]:
    """The same model by HiGHS, relaxed and whole, within a time limit each."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from campaign_oracle import solve_model

    warm_up()
    problem = make_reference_problem(sites, regime=regime, seed=1)
    began = perf_counter()
    solution: CampaignSolution = solve_campaign(problem, time_limit_s=seconds, seed=1)
    wall = perf_counter() - began
    relaxed = solve_model(problem, whole=False, time_limit_s=10 * seconds)
    whole = solve_model(problem, whole=True, time_limit_s=seconds)
    return {
        "sites": sites,
        "regime": regime.name.lower(),
        "highs": seconds,
        "wall_s": wall,
        "value": solution.value,
        "price_bound": solution.price_bound,
        "bound": solution.bound,
        "relaxed": -relaxed.fun if relaxed.status == 0 else None,
        "highs_value": None if whole.x is None else float(-whole.fun),
        "highs_bound": None if whole.mip_dual_bound is None else float(-whole.mip_dual_bound),
    }


def summarise(rows: list[dict[str, Any]]) -> list[str]:
    """The best of the seeds of each size and regime."""
    lines = [SUMMARY_HEAD, "|" + "---|" * (SUMMARY_HEAD.count("|") - 1)]
    groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in rows:
        if "highs" not in row:
            groups.setdefault((row["sites"], row["regime"]), []).append(row)
    for (sites, regime), group in groups.items():
        gap = min(row["bound"] / row["value"] - 1 for row in group)
        behind = min((row["value"] - max(row["rules"].values())) / row["bound"] for row in group)
        lines.append(
            f"| {sites:,} | {regime} | {len(group)} | {gap:.3%} "
            f"| {max(row['wall_s'] for row in group):.0f} "
            f"| {max(row['memory_mb'] for row in group)} "
            f"| {behind:.2%} | {max(row['again_s'] for row in group):.1f} "
            f"| {max(row['again_gap'] for row in group):.2%} |"
        )
    return lines


def write_page(rows: list[dict[str, Any]], page: Path) -> None:
    """The page that shows all rows."""
    lines = [
        "# Renewal campaigns: measured",
        "",
        "Problems are those of `benchmarks/campaign_problems.py`, 120 months; two cores,",
        "wall time of the solver alone, peak memory of the whole process, checks and rules of",
        "thumb included. Worth, bounds and gaps were counted by the independent checker in double",
        "precision. *Price bound* is that of the prices alone, *bound* also keeps works whole in",
        "each possession, where it was sought. Columns that break a limit alone (a bridge of 40 h",
        "on a line with 30 h a month) are left out of both; without that the bound by prices",
        "would be higher. *Behind us* is how much less the best rule of thumb is worth, as a share",
        "of the bound. *Re-plan* starts from the solution with a fifth less labour and 10 s.",
        "",
        *summarise(rows),
        "",
        "## Every run",
        "",
        HEAD,
        "|" + "---|" * (HEAD.count("|") - 1),
    ]
    for row in rows:
        if "highs" in row:
            continue
        rule, best = max(row["rules"].items(), key=lambda item: item[1])
        lines.append(
            f"| {row['sites']} | {row['regime']} | {row['seed']} | {row['value']:.1f} "
            f"| {row['price_bound']:.1f} | {row['price_bound'] / row['value'] - 1:.3%} "
            f"| {row['bound']:.1f} | {row['bound'] / row['value'] - 1:.3%} | {rule} "
            f"| {(row['value'] - best) / row['bound']:.2%} | {row['wall_s']:.0f} "
            f"| {row['again_s']:.1f} | {row['again_gap']:.2%} | {row['memory_mb']} |"
        )
    lines += [
        "",
        "## Against HiGHS",
        "",
        "The same model, first relaxed, then whole within the limit; HiGHS works on one core.",
        "",
        (
            "| sites | regime | limit s | our worth | our bound | our s | linear optimum "
            "| HiGHS worth | HiGHS bound |"
        ),
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if "highs" in row:
            numbers = (row["relaxed"], row["highs_value"], row["highs_bound"])
            shown = ["none" if number is None else f"{number:.2f}" for number in numbers]
            lines.append(
                f"| {row['sites']} | {row['regime']} | {row['highs']:.0f} | {row['value']:.2f} "
                f"| {row['price_bound']:.2f} | {row['wall_s']:.0f} | " + " | ".join(shown) + " |"
            )
    page.write_text("\n".join([*lines, ""]), "utf-8")


def main() -> None:
    """Run what is asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=100_000)
    parser.add_argument("--regimes", default="tight,moderate,roomy")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--tight-seconds", type=float, default=300.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--against-highs", type=float, default=0.0)
    parser.add_argument("--results", type=Path, default=Path("docs/benchmarks/campaign.json"))
    parser.add_argument("--page", type=Path, default=Path("docs/benchmarks/campaign.md"))
    parser.add_argument("--row", help="one row, for a process of its own: regime,seed")
    asked = parser.parse_args()
    if asked.row:
        name, seed = asked.row.split(",")
        regime = Regime[name.upper()]
        if asked.against_highs:
            print(json.dumps(compare_with_highs(asked.sites, regime, asked.against_highs)))
            return
        seconds = asked.tight_seconds if regime is Regime.TIGHT else asked.seconds
        print(json.dumps(run_row(asked.sites, regime, int(seed), seconds, asked.workers)))
        return
    rows = json.loads(asked.results.read_text()) if asked.results.is_file() else []
    for name in asked.regimes.split(","):
        for seed in asked.seeds.split(","):
            command = [sys.executable, __file__, *sys.argv[1:], "--row", f"{name},{seed}"]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            rows.append(json.loads(done.stdout.splitlines()[-1]))
            asked.results.write_text(json.dumps(rows, indent=1), "utf-8")
            write_page(rows, asked.page)


if __name__ == "__main__":
    main()
