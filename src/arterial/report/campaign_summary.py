"""The outcome of a campaign in plain sentences, with the names that its page uses.

The main function is `summarise_campaign`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_effects import MEASURES, choose_words, range_of_change
from arterial.report.campaign_gains import describe_gains
from arterial.report.campaign_prices import price_words
from arterial.report.campaign_ranges import describe_mean_plan
from arterial.report.campaign_view import (
    THIN,
    WIDE,
    CampaignView,
    change_text,
    draws_text,
    rough_text,
)
from arterial.study import Study

__all__ = ["summarise_campaign"]

Row = Mapping[str, Any]

TOLD_PRICES: Final = 3
# Tables whose rows are searches.
SEARCHED: Final = ("campaign_totals", "campaign_ranges", "campaign_curves", "campaign_prices")


def summarise_campaign(study: Study, results: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """Give the outcome of a campaign in plain sentences, places by their names.

    Parameters
    ----------
    study : Study
        The study that was planned; it gives the names.
    results : mapping of str to DataFrame
        Result tables by name.

    Returns
    -------
    tuple of str
        What the plan is worth and how sure that is, the plan for the mean of the draws, what more
        would buy, and before and after.
    """
    view = CampaignView.of(study, results)
    lines = [*describe_gains(view), *describe_mean_plan(view), *_tell_prices(view)]
    lines += [*_tell_effects(view), *_tell_delays(view), *_tell_clock(view)]
    # A terminal has no narrow spaces, and what is searched for has plain ones.
    return tuple(line.replace(THIN, " ").replace(WIDE, " ") for line in lines)


def _tell_prices(view: CampaignView) -> Iterator[str]:
    """The steps of most worth, each of another resource."""
    prices = view.table("campaign_prices").filter(pl.col("worth_h") > 0)
    best = prices.sort("worth_h", descending=True, maintain_order=True).unique(
        ["resource", "resource_id"], keep="first", maintain_order=True
    )
    for row in best.head(TOLD_PRICES).iter_rows(named=True):
        yield price_words(view, row)


def _tell_effects(view: CampaignView) -> Iterator[str]:
    """Before and after of all trains and assets, with error and range."""
    rows = view.chosen("campaign_effects").filter(pl.col("subject") == "network").to_dicts()
    order = list(MEASURES)
    known = [row for row in rows if row["measure"] in order and row["change"] is not None]
    for row in sorted(known, key=lambda each: order.index(each["measure"])):
        words, show = choose_words(row)
        sure = []
        if row["change_error"]:
            sure.append(f"± {show(row['change_error'])} by chance")
        among = range_of_change(row, show)
        if among:
            sure.append(f"{among} ({draws_text(row)})")
        if row.get("before_best") is not None:
            sure.append(f"{show(row['before_best'])} and {show(row['after_best'])} by best values")
        told = f"; {'; '.join(sure)}" if sure else ""
        yield (
            f"{words}: {show(row['before'])} before, {show(row['after'])} after "
            f"({change_text(row['change'], show)}{told})."
        )


def _tell_delays(view: CampaignView) -> Iterator[str]:
    """Why the simulation tells another delay than the totals."""
    table = view.table("campaign_delays")
    hours = dict(table.select("step", "avoided_h_per_year").iter_rows())
    if hours:
        told = {step: rough_text(avoided) for step, avoided in hours.items()}
        yield (
            f"Of the {told['totals']} h of delay that the works avoid in a year, {told['speed']} "
            f"are by restricted speed; with all works done on the first day, failures are "
            f"{told['failures']}, {told['alone']} without what trains pass on, {told['drawn']} as "
            f"mean of the draws, {told['standing']} where no train is taken off, and "
            f"{told['simulated']} as simulated."
        )


def _tell_clock(view: CampaignView) -> Iterator[str]:
    """How many searches the clock ended, where it ended any."""
    tables = [view.table(name) for name in SEARCHED]
    flags = pl.concat([table["is_cut"].drop_nulls() for table in tables])
    if flags.any():
        yield (
            f"The clock ended {flags.sum():,} of {len(flags):,} searches; there another run can "
            "differ. More seconds (time_limit_s) prevent it."
        )
