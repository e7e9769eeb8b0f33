"""The outcome of a campaign in plain sentences, with the names that its page uses.

The main function is `summarise_campaign`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_benefit import describe_benefit
from arterial.report.campaign_effects import (
    MEASURES,
    choose_means,
    choose_words,
    is_converged,
    range_of_change,
)
from arterial.report.campaign_prices import describe_price
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
    lines = [*describe_benefit(view), *describe_mean_plan(view), *_describe_prices(view)]
    lines += [*_describe_effects(view), *_describe_delays(view), *_describe_clock(view)]
    # A terminal has no narrow spaces, and what is searched for has plain ones.
    return tuple(line.replace(THIN, " ").replace(WIDE, " ") for line in lines)


def _describe_prices(view: CampaignView) -> Iterator[str]:
    """The steps of most worth, each of another resource."""
    prices = view.table("campaign_prices").filter(pl.col("worth_h") > 0)
    best = prices.sort("worth_h", descending=True, maintain_order=True).unique(
        ["resource", "resource_id"], keep="first", maintain_order=True
    )
    for row in best.head(TOLD_PRICES).iter_rows(named=True):
        yield describe_price(view, row)


def _describe_effects(view: CampaignView) -> Iterator[str]:
    """Before and after of all trains and assets, with error and range."""
    rows = view.chosen("campaign_effects").filter(pl.col("subject") == "network").to_dicts()
    order = list(MEASURES)
    known = [row for row in rows if row["measure"] in order and row["change"] is not None]
    for row in sorted(known, key=lambda each: order.index(each["measure"])):
        words, show = choose_words(row)
        if not is_converged(row):
            yield _describe_best(row)
            continue
        sure = []
        if row["change_error"]:
            sure.append(f"± {show(row['change_error'])} by chance")
        among = range_of_change(row, show)
        if among:
            sure.append(f"{among} ({draws_text(row)})")
        if row.get("before_best") is not None:
            sure.append(f"{show(row['before_best'])} and {show(row['after_best'])} by best values")
        certainty = f"; {'; '.join(sure)}" if sure else ""
        yield (
            f"{words}: {show(row['before'])} before, {show(row['after'])} after "
            f"({change_text(row['change'], show)}{certainty})."
        )


def _describe_best(row: Row) -> str:
    """A measure whose mean over the draws has not converged: by best values, where known."""
    words, show = choose_words(row)
    among = range_of_change(row, show)
    spread = f"change {among}, {draws_text(row)}" if among else draws_text(row)
    told = choose_means(row)
    if told["before"] is None:
        return f"{words}: the mean over the draws has not converged ({spread})."
    return (
        f"{words}: {show(told['before'])} before, {show(told['after'])} after by best values; the "
        f"mean over the draws has not converged ({spread})."
    )


def _describe_delays(view: CampaignView) -> Iterator[str]:
    """Why the simulation tells another delay than the totals."""
    table = view.table("campaign_delays")
    hours = dict(table.select("step", "avoided_h_per_year").iter_rows())
    if any(hours.values()):
        words = {step: rough_text(avoided) for step, avoided in hours.items()}
        mean = f", {words['drawn']} as mean of the draws" if "drawn" in words else ""
        yield (
            f"Of the {words['totals']} h of delay that the works avoid in a year, {words['speed']} "
            f"are by restricted speed; with all works done on the first day, failures are "
            f"{words['failures']}, {words['alone']} without what trains pass on{mean}."
        )


def _describe_clock(view: CampaignView) -> Iterator[str]:
    """How many searches the clock ended, where it ended any."""
    tables = [view.table(name) for name in SEARCHED]
    flags = pl.concat([table["is_cut"].drop_nulls() for table in tables])
    if flags.any():
        yield (
            f"The clock ended {flags.sum():,} of {len(flags):,} searches; there another run can "
            "differ. More seconds (time_limit_s) prevent it."
        )
