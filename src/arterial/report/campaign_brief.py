"""The answer of a campaign on one screen: what to do first, what it buys, what binds, what to do.

The main function is `answer_campaign`. The terminal and the head of the page show the same answer;
the sentences of `arterial.report.campaign_summary` tell the rest.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from arterial.report.answer import Concern
from arterial.report.campaign_benefit import describe_share, sum_hours
from arterial.report.campaign_misfits import (
    LIMIT_WORDS,
    describe_nothing,
    find_cause,
    is_nothing,
)
from arterial.report.campaign_prices import describe_step
from arterial.report.campaign_ranges import find_overlap
from arterial.report.campaign_tables import sum_up_sites
from arterial.report.campaign_view import (
    KIND_WORDS,
    THIN,
    UNKNOWN,
    WIDE,
    CampaignView,
    escape,
    few_text,
    number_text,
    share_text,
    table_html,
)
from arterial.report.wording import count_text, join_words
from arterial.study import Study

__all__ = [
    "LEAST_TOLD",
    "CampaignAnswer",
    "KindAnswer",
    "answer_campaign",
    "describe_headline",
    "main_kinds",
    "render_brief",
]

LEAST_TOLD: Final = 0.01
"""Kinds below this share of the worth are no part of the headline."""

TOLD_KINDS: Final = 3
SURE_OVERLAP: Final = 0.9
CONCERNS_TOLD: Final = 3
GROUPS: Final = re.compile(r"(?<=\d) (?=\d{3})")
"""Space between groups of three digits."""

CURES: Final = {
    "pool": "Let a pool of gangs work on these sections (labour_pools)",
    "months": "Plan more months (months in study.toml), or state how the work is parted",
    "labour": "More gangs there, or later months",
    "possession": "Longer or more windows there (possession_limits)",
    "material": "More of the material, or sooner (materials)",
    "budget": "More money in those years (budgets)",
    "stretch": "Nothing to be done: the stretch has its work",
    "plan": "More seconds for the search (--time-limit)",
}
"""What would let works in, by the limit that binds."""


@dataclass(frozen=True, slots=True)
class KindAnswer:
    """Works on one kind of asset.

    Parameters
    ----------
    name : str
        The kind, in words.
    count : int
        Works of the plan.
    benefit : float
        What they are worth [train-hours].
    cost : float or None
        Their money; None where not all of it is stated.
    """

    name: str
    count: int
    benefit: float
    cost: float | None


@dataclass(frozen=True, slots=True)
class CampaignAnswer:
    """What a campaign found, in the order in which it is read.

    Parameters
    ----------
    headline : str
        The answer in one sentence, with its range.
    kinds : tuple of KindAnswer
        The works by kind of asset, those worth most first.
    currency : str
        That of the money.
    concerns : tuple of Concern
        At most three: what forbids, what binds, what would change the plan.
    concerns_left : int
        Further ones.
    basis : str
        How much is assumed.
    """

    headline: str
    kinds: tuple[KindAnswer, ...]
    currency: str
    concerns: tuple[Concern, ...]
    concerns_left: int
    basis: str

    def as_row(self) -> dict[str, Any]:
        """Give the answer as JSON takes it."""
        return asdict(self)

    def kind_rows(self) -> list[tuple[str, ...]]:
        """Give headings and rows of the works by kind; money only where some of it is stated."""
        is_priced = any(kind.cost is not None for kind in self.kinds)
        headings = (
            "Works on",
            "Number",
            "Worth [train-hours]",
            f"Cost [{self.currency or 'money'}]",
        )
        rows: list[tuple[str, ...]] = [headings]
        # Figures end where the range begins to matter.
        for kind in self.kinds:
            cells = (f"{kind.count:,}", f"{float(f'{kind.benefit:.3g}'):,.0f}")
            cost = "not stated" if kind.cost is None else f"{kind.cost:,.0f}"
            rows.append((kind.name, *(cell.replace(",", " ") for cell in (*cells, cost))))
        return rows if is_priced else [row[:-1] for row in rows]


def answer_campaign(study: Study, results: Mapping[str, pl.DataFrame]) -> CampaignAnswer:
    """Give the answer of a campaign.

    Parameters
    ----------
    study : Study
        The study that was planned; it gives the names.
    results : mapping of str to DataFrame
        Result tables by name; of what a table does not tell nothing is said.

    Returns
    -------
    CampaignAnswer
        The same for terminal and page.
    """
    view = CampaignView.of(study, results)
    concerns = list(_list_concerns(view))
    return CampaignAnswer(
        headline=_plain(describe_headline(view)),
        kinds=tuple(_list_kinds(view)),
        currency=study.settings.currency or "",
        concerns=tuple(concerns[:CONCERNS_TOLD]),
        concerns_left=max(0, len(concerns) - CONCERNS_TOLD),
        basis=_describe_basis(study),
    )


def describe_headline(view: CampaignView) -> str:
    """The answer in one sentence: which kinds first, how much, its range, and what it avoids."""
    plan = _plan(view)
    if plan is None:
        return "No plan was chosen by the solver."
    if is_nothing(plan):
        return describe_nothing(view)
    kinds = [KIND_WORDS.get(kind, kind) for kind in main_kinds(view.plan_sites())["kind"]]
    rest = f", then {join_words(kinds[1:TOLD_KINDS])}" if len(kinds) > 1 else ""
    order = f"First {kinds[0]}{rest}: " if kinds else ""
    low, high = plan["benefit_low"], plan["benefit_high"]
    spread = ""
    if low is not None and high is not None:
        within = f"{few_text(low)} to {few_text(high)}"
        spread = f" by best values, {within} in the draws,"
        if not low <= plan["benefit"] <= high:
            side = "below" if plan["benefit"] < low else "above"
            spread = f" by best values, {side} the {within} of the draws,"
    worth = f"{few_text(plan['benefit'])} train-hours{spread}".removesuffix(",")
    done = f"{number_text(plan['sites_count'])} {'work' if plan['sites_count'] == 1 else 'works'}"
    verb = "is" if plan["sites_count"] == 1 else "are"
    hours = sum_hours(view)
    if hours is None:
        return f"{order}{done} {verb} worth {worth}."
    comma = "," if spread else ""
    return f"{order}{done} {verb} worth {worth}{comma} and avoid {describe_share(hours)}."


def main_kinds(sites: pl.DataFrame) -> pl.DataFrame:
    """Kinds of assets that bring most of the worth, in the order in which they are done.

    Parameters
    ----------
    sites : DataFrame
        What :meth:`CampaignView.plan_sites` gives.
    """
    kinds = sum_up_sites(sites, "kind").drop_nulls("kind")
    main = kinds.filter(pl.col("share") >= LEAST_TOLD).head(TOLD_KINDS + 1)
    return main.sort("most_by", "worth", descending=[False, True], nulls_last=True)


def render_brief(answer: CampaignAnswer) -> str:
    """Headline, works by kind and what binds, as HTML.

    Parameters
    ----------
    answer : CampaignAnswer
        From `answer_campaign`.
    """
    heads = ["Works on", "#Number", "#Worth [train-hours]"]
    has_cost = any(kind.cost is not None for kind in answer.kinds)
    if has_cost:
        heads.append(f"#Cost [{escape(answer.currency or 'money')}]")
    rows = [
        [escape(kind.name), number_text(kind.count), escape(few_text(kind.benefit))]
        + ([number_text(kind.cost)] if has_cost else [])
        for kind in answer.kinds
    ]
    table = table_html(heads, rows) if rows else ""
    items = "".join(
        f'<li class="{concern.gravity}"><strong>{escape(concern.what)}:</strong> '
        f"{escape(concern.why)} <em>{escape(concern.cure)}.</em></li>"
        for concern in answer.concerns
    )
    concerns = f'<ul class="lines">{items}</ul>' if items else ""
    basis = f'<p class="quiet">{escape(answer.basis)}</p>' if answer.basis else ""
    whole = f'<p class="headline">{escape(answer.headline)}</p>{table}{concerns}{basis}'
    # A number is not broken between two lines.
    return GROUPS.sub(THIN, whole)


def _plan(view: CampaignView) -> dict[str, Any] | None:
    rows = view.chosen("campaign_totals").to_dicts()
    return rows[0] if rows else None


def _plain(text: str) -> str:
    """A terminal has no narrow spaces, and what is searched for has plain ones."""
    return text.replace(THIN, " ").replace(WIDE, " ")


def _list_kinds(view: CampaignView) -> Iterator[KindAnswer]:
    sites = view.plan_sites()
    if sites.is_empty():
        return
    groups = (
        sites.group_by("kind", maintain_order=True)
        .agg(
            pl.len().alias("count"),
            pl.col("benefit").sum(),
            pl.when(pl.col("cost").is_null().any()).then(None).otherwise(pl.col("cost").sum())
            .alias("cost"),
        )
        .sort("benefit", descending=True, maintain_order=True)
    )  # fmt: skip
    least = LEAST_TOLD * float(groups["benefit"].sum())
    small = groups.filter(pl.col("benefit") < least)
    told = groups if small.height == 1 else groups.filter(pl.col("benefit") >= least)
    for kind, count, benefit, cost in told.iter_rows():
        yield KindAnswer(KIND_WORDS.get(kind, kind or UNKNOWN), count, benefit, cost)
    if small.height > 1:
        money = None if small["cost"].has_nulls() else float(small["cost"].sum())
        yield KindAnswer(
            "other kinds", int(small["count"].sum()), float(small["benefit"].sum()), money
        )


def _list_concerns(view: CampaignView) -> Iterator[Concern]:
    """What forbids a plan, what binds it, what would change it, and what is not settled."""
    plan = _plan(view)
    if plan is None:
        return
    yield from _list_misfits(view, is_empty=is_nothing(plan))
    if is_nothing(plan):
        yield from _list_reason(view)
        return
    yield from _list_binding(view)
    overlap = find_overlap(view)
    # Where nearly all stand in both there is nothing to inspect first.
    if overlap is not None and overlap < SURE_OVERLAP:
        yield _make_concern(
            "warn",
            "Which works are best is open",
            f"{share_text(round(overlap, 2))} of them stand in the plan for the mean of draws too.",
            "Begin with those in both, inspect the others before they are begun",
            "sure",
        )


def _list_reason(view: CampaignView) -> Iterator[Concern]:
    """What would make an empty plan a plan, where it is not a limit that forbids works."""
    if not view.table("campaign_misfits").is_empty():
        return
    study = view.study
    trains = study.table("train_flows")["trains_per_day"].fill_null(0.0).sum()
    if view.table("asset_states").is_empty():
        cure = "State assets, or how many there are (asset_densities)"
    elif not trains:
        cure = "State trains a day (train_flows)"
    elif not view.table("campaign_sites").is_empty():
        cure = "Less possession for a work (work_kinds), or shorter windows (possession_window_h)"
    else:
        cure = "State works that suit these assets and take wear away (work_kinds)"
    yield _make_concern("block", "No work gains", "the reason stands above.", cure, "answer")


def _make_concern(gravity: str, what: str, why: str, cure: str, section: str) -> Concern:
    return Concern(gravity, _plain(what), _plain(why), "", _plain(cure), section)


def _list_binding(view: CampaignView) -> Iterator[Concern]:
    """The step of means that is worth most."""
    prices = view.table("campaign_prices").filter(pl.col("worth_h") > 0)
    if prices.is_empty():
        return
    row = prices.sort("worth_h", descending=True, maintain_order=True).row(0, named=True)
    step, verb = describe_step(view, row), "is" if row["amount"] == 1 else "are"
    what = {"labour": "Gangs bind", "possession": "Track access binds", "budget": "Money binds"}
    yield _make_concern(
        "warn",
        what.get(row["resource"], "Material binds"),
        f"{step} {verb} worth {few_text(row['worth_h'])} train-hours.",
        "See what more would buy, by month",
        "prices",
    )


def _list_misfits(view: CampaignView, *, is_empty: bool) -> Iterator[Concern]:
    """Works that gain and do not fit, with the limit that keeps most of their worth out."""
    misfits = view.table("campaign_misfits")
    if misfits.is_empty():
        return
    limits = misfits.group_by("limit").agg(pl.len().alias("count"), pl.col("benefit").sum())
    most = limits.sort("benefit", "count", "limit", descending=[True, True, False]).row(0)
    gain = f" ({few_text(most[2])} train-hours)" if most[2] and most[2] > 0 else ""
    if is_empty:
        first = misfits.filter(limit=most[0]).row(0, named=True)
        gain = f" ({first['asset_id']}: {find_cause(view, first)})"
    noun = f"{number_text(misfits.height)} {'asset' if misfits.height == 1 else 'assets'}"
    yield _make_concern(
        "block" if is_empty else "warn",
        f"Worth it and does not fit: works on {noun}",
        f"{number_text(most[1])} for want of {LIMIT_WORDS[most[0]]}{gain}.",
        CURES[most[0]],
        "misfits",
    )


def _describe_basis(study: Study) -> str:
    """How many rows of the study are assumed, recalled or without a source, and its ranges."""
    counts = dict.fromkeys(("assumption", "recalled", "unsourced"), 0)
    for table in study.tables.values():
        if "grade" not in table.columns or "source_id" not in table.columns:
            continue
        for name in ("assumption", "recalled"):
            counts[name] += table.filter(grade=name).height
        bare = pl.col("grade").is_null() & pl.col("source_id").is_null()
        counts["unsourced"] += table.filter(bare).height
    words = {
        "assumption": ("assumed row", None),
        "recalled": ("row recalled without a source", "rows recalled without a source"),
        "unsourced": ("row without source and grade", "rows without source and grade"),
    }
    parts = [count_text(counts[name], *words[name]) for name in counts if counts[name]]
    ranges = study.table("estimates").height
    if ranges:
        parts.append(
            count_text(ranges, "range of what is not known", "ranges of what is not known")
        )
    basis = f"Rests on {join_words(parts)}." if parts else ""
    if study.table("labour_pools").is_empty():
        basis += " Labour is without limit: no pool of gangs is stated (labour_pools)."
    return basis.strip()
