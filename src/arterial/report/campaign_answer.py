"""First screen of the campaign's page: what first, what it buys, how sure, what binds.

The main function is `render_answer`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_benefit import sum_hours
from arterial.report.campaign_brief import (
    LEAST_TOLD,
    answer_campaign,
    main_kinds,
    render_brief,
)
from arterial.report.campaign_claims import describe_report
from arterial.report.campaign_effects import (
    choose_means,
    choose_words,
    is_chance,
    is_converged,
    range_of_change,
)
from arterial.report.campaign_misfits import describe_misfits
from arterial.report.campaign_prices import describe_binding
from arterial.report.campaign_ranges import error_text, find_overlap
from arterial.report.campaign_tables import sum_up_sites
from arterial.report.campaign_view import (
    CHOSEN,
    KIND_WORDS,
    MEAN,
    CampaignView,
    change_text,
    draws_text,
    escape,
    ids_of_reports,
    month_text,
    number_text,
    rough_text,
    share_text,
    spread_text,
)
from arterial.report.campaign_works import describe_works
from arterial.report.wording import join_words

__all__ = ["render_answer"]

Row = Mapping[str, Any]

ASSUMED_TABLES: Final = {
    "train_flows": "trains",
    "labour_pools": "gangs",
    "materials": "materials",
    "possession_limits": "possessions",
}
"""What the plan rests on, by the table whose grades tell how sure it is."""

ARROW: Final = "\N{NO-BREAK SPACE}\N{RIGHTWARDS ARROW} "


def render_answer(view: CampaignView) -> str:
    """The answer that the terminal gives, key figures and an answer to each question, as HTML."""
    tiles = "".join(_list_tiles(view))
    answers = [
        ("What first?", _first_answer(view), ("sites", "campaign_plan")),
        ("What does it buy?", _benefit_answer(view), ("effects", "campaign_effects")),
        ("How sure?", _certainty_answer(view), _sure_target(view)),
        ("What binds?", _binding_answer(view), ("prices", "campaign_prices")),
        ("What does not fit?", _misfit_answer(view), ("misfits", "campaign_misfits")),
        (_report_question(view), _report_answer(view), ("reported", "reported_checks")),
        ("The works?", escape(" ".join(describe_works(view))), ("works", "works_schedule")),
    ]
    items = "".join(
        f"<div><dt>{escape(question)}</dt><dd>{answer}{_link(view, question, *target)}</dd></div>"
        for question, answer, target in answers
        if answer
    )
    brief = render_brief(answer_campaign(view.study, view.results))
    return f'{brief}<div class="tiles">{tiles}</div><dl class="answers">{items}</dl>'


def _sure_target(view: CampaignView) -> tuple[str, str]:
    is_read = not view.table("campaign_ranges").is_empty()
    return ("sure", "campaign_ranges") if is_read else ("gains", "campaign_totals")


def _link(view: CampaignView, question: str, anchor: str, table: str) -> str:
    if view.table(table).is_empty():
        return ""
    label = escape(f"See the figures: {question}")
    return f' <a class="more" href="#{anchor}" aria-label="{label}">See the figures</a>'


def _plan(view: CampaignView) -> dict[str, Any] | None:
    rows = view.chosen("campaign_totals").to_dicts()
    return rows[0] if rows else None


def _network(view: CampaignView) -> dict[str, dict[str, Any]]:
    """Effects on the network by measure."""
    effects = view.chosen("campaign_effects").filter(pl.col("subject") == "network")
    return {row["measure"]: row for row in effects.iter_rows(named=True)}


def _list_tiles(view: CampaignView) -> Iterator[str]:
    plan = _plan(view)
    hours = sum_hours(view)
    if hours is not None:
        yield _tile(
            "Train-hours lost in a year",
            f"{rough_text(hours[0])}{ARROW}{rough_text(hours[0] - hours[1])}",
            f"by best values, of {rough_text(hours[2])} that trains are under way",
        )
    effects = _network(view)
    rows = [effects.get(measure) for measure in ("delay_min", "derailments_per_year")]
    yield from (tile for row in rows if row is not None and (tile := _effect_tile(row)))
    if plan is None:
        return
    spread, error = spread_text(plan, "benefit", rough_text), error_text(plan)
    sure = [error, f"{spread} ({draws_text(plan)})" if spread else ""]
    yield _tile(
        "Worth of the plan over the horizon",
        f"{rough_text(plan['benefit'])} train-hours",
        f"{'; '.join(part for part in sure if part) or 'computed'}",
    )
    if plan["gap"] is not None:
        yield _tile(
            "Short of the best plan",
            f"at most {share_text(plan['gap'])}",
            f"no plan of the works as cut is worth more than {rough_text(plan['bound'])} (proved)",
        )


def _effect_tile(row: Row) -> str:
    """Before and after of a measure: best values where known, and means that have converged."""
    told = choose_means(row)
    if told["before"] is None or told["after"] is None:
        return ""
    words, show = choose_words(row)
    value = f"{show(told['before'])}{ARROW}{show(told['after'])}"
    if not is_converged(row):
        return _tile(words, value, "by best values; the mean of the draws has not converged")
    change = _describe_change(row)
    # A mean can hang on one draw, so best values lead where they are known.
    if row["before_best"] is not None and row["after_best"] is not None:
        change = f"by best values; mean of the draws {value}, {change}"
        value = f"{show(row['before_best'])}{ARROW}{show(row['after_best'])}"
    if range_of_change(row, show):
        change += f" ({draws_text(row)})"
    if row["measure"] == "delay_min":
        change += ", no train taken off"
    return _tile(words, value, change)


def _tile(label: str, value: str, detail: str) -> str:
    return (
        f'<div class="tile"><div class="tile-label">{escape(label)}</div>'
        f'<div class="tile-value">{escape(value)}</div>'
        f'<div class="tile-detail">{escape(detail)}</div></div>'
    )


def _describe_change(row: Row) -> str:
    """Change with its range, and whether it may be chance."""
    _, show = choose_words(row)
    change = change_text(row["change"], show)
    among = range_of_change(row, show)
    if among:
        change += f", range {among}"
    return f"{change}; may be chance" if is_chance(row) else change


def _first_answer(view: CampaignView) -> str:
    """Kinds by worth, and what the first month holds."""
    sites = view.plan_sites()
    if sites.is_empty():
        return ""
    kinds = sum_up_sites(sites, "kind").drop_nulls("kind")
    parts = [
        f"<strong>{escape(KIND_WORDS.get(row['kind'], row['kind']))}</strong> "
        f"{escape(share_text(round(row['share'], 2)))} of the worth "
        f"({_describe_count(row['count'])}, nine tenths of it begun by "
        f"{month_text(row['most_by'])})"
        for row in main_kinds(sites).iter_rows(named=True)
    ]
    order = f"One after another {join_words(parts)}. " if parts else ""
    rest = kinds.filter(pl.col("share") < LEAST_TOLD)
    if parts and not rest.is_empty():
        words = [KIND_WORDS.get(kind, kind) for kind in rest["kind"]]
        share = escape(share_text(float(rest["share"].sum())))
        order += f"{escape(join_words(words).capitalize())} together bring {share}. "
    return order + _first_month(view, sites) + _describe_later(sites)


def _describe_later(sites: pl.DataFrame) -> str:
    """Say which works avoid nothing yet: they are worth what wears out later."""
    avoided = ["delay_avoided_h_per_year", "derailments_avoided_per_year"]
    later = sites.filter(pl.all_horizontal(pl.col(avoided).is_not_null() & (pl.col(avoided) <= 0)))
    total = float(sites["benefit"].sum())
    if later.is_empty() or total <= 0 or float(later["benefit"].sum()) < LEAST_TOLD * total:
        return ""
    share = escape(share_text(round(float(later["benefit"].sum()) / total, 2)))
    verb = "avoids" if later.height == 1 else "avoid"
    return (
        f" {_describe_count(later.height)} with {share} of the worth {verb} nothing in the year "
        "after: their worth lies in what would wear out later."
    )


def _first_month(view: CampaignView, sites: pl.DataFrame) -> str:
    months = sum_up_sites(sites.drop_nulls("month"), "month").sort("month")
    if months.is_empty():
        return ""
    row = months.row(0, named=True)
    begun = sites.filter(pl.col("month") == row["month"])
    bureaux = sum_up_sites(begun.drop_nulls("pool_id"), "pool_id")
    top = [
        f"{escape(view.name('labour_pools', bureau['pool_id']))} ({number_text(bureau['count'])})"
        for bureau in bureaux.sort("count", "pool_id", descending=[True, False]).iter_rows(
            named=True
        )
    ]
    where = f": {join_words(top)}" if top else ""
    share = escape(share_text(round(row["share"], 2)))
    return (
        f"<strong>{month_text(row['month'])}</strong> begins "
        f"{_describe_count(row['count'])} with {share} of all worth{where}."
    )


def _describe_count(count: int) -> str:
    return f"{number_text(count)} {'work' if count == 1 else 'works'}"


def _benefit_answer(view: CampaignView) -> str:
    effects = _network(view)
    parts = []
    for measure, each in effects.items():
        row = choose_means(each)
        if measure in {"delay_min", "derailments_per_year"} or row["before"] is None:
            continue
        words, show = choose_words(row)
        parts.append(
            f"{words}: {show(row['before'])}{ARROW}{show(row['after'])} ({_describe_change(row)})."
        )
    plan = _plan(view)
    if plan is not None and plan["delay_avoided_h_per_year"] is not None:
        parts.append(_describe_year(view, plan))
    return escape(" ".join(parts))


def _describe_year(view: CampaignView, plan: Row) -> str:
    """What is avoided in the year after the campaign, with every input at its best value."""
    hours = view.study.settings.campaign.longest_wait_h
    delay = f"{rough_text(plan['delay_avoided_h_per_year'])} h of delay"
    derailments = plan["derailments_avoided_per_year"]
    also = f" and {rough_text(derailments)} derailments" if derailments is not None else ""
    return (
        f"Counted asset by asset, every input at its best value and no wait beyond {hours:g} h, "
        f"the works avoid {delay}{also} in the year after the campaign (computed)."
    )


def _certainty_answer(view: CampaignView) -> str:
    plan = _plan(view)
    if plan is None or plan["benefit"] is None:
        return ""
    parts = []
    if plan["gap"] is not None:
        parts.append(
            f"Proved: no plan within these means is worth over {share_text(plan['gap'])} more."
        )
    apart = [CHOSEN, MEAN, *ids_of_reports(view)]
    rules = view.table("campaign_totals").filter(~pl.col("plan_id").is_in(apart))
    worth = plan["benefit"]
    shares = [each / worth for each in rules["benefit"].drop_nulls()] if worth else []
    if shares:
        least, best = (share_text(round(end, 2)) for end in (min(shares), max(shares)))
        span = best if least == best else f"{least} to {best}"
        parts.append(f"Rules of thumb reach {span} of its worth.")
    spread = spread_text(plan, "benefit", rough_text)
    if spread:
        within, comma, aside = spread.partition(", ")
        draws = f"{draws_text(plan)}{comma}{aside}"
        ends = within.replace(" to ", " and ")
        parts.append(f"Its worth lies between {ends} train-hours ({draws}).")
    parts.extend(_describe_mean(view))
    assumed = _list_assumed(view)
    if assumed:
        parts.append(f"Assumed, not published: {join_words(assumed)}.")
    return escape(" ".join(parts))


def _describe_mean(view: CampaignView) -> Iterator[str]:
    """In short, what the plan for the mean of the draws says of the order of works."""
    overlap = find_overlap(view)
    if overlap is not None:
        yield (
            "Which works are best hangs on what is not known: of all works in this plan or in one "
            f"made for the mean of the draws {share_text(round(overlap, 2))} stand in both."
        )


def _list_assumed(view: CampaignView) -> list[str]:
    reasons = []
    for table, words in ASSUMED_TABLES.items():
        grades = view.study.table(table)["grade"].drop_nulls().to_list()
        if grades and all(grade == "assumption" for grade in grades):
            reasons.append(words)
    return reasons


def _binding_answer(view: CampaignView) -> str:
    if view.table("campaign_prices").is_empty() and view.table("campaign_use").is_empty():
        return ""
    return _lines(describe_binding(view))


def _misfit_answer(view: CampaignView) -> str:
    return escape(" ".join(describe_misfits(view)))


def _lines(sentences: Iterable[str]) -> str:
    """Sentences each on a line of its own."""
    return f'<ul class="lines">{"".join(f"<li>{sentence}</li>" for sentence in sentences)}</ul>'


def _report_question(view: CampaignView) -> str:
    checks = view.table("reported_checks")
    most = checks["quantity"].max() if not checks.is_empty() else None
    return f"The reported {number_text(most)}?" if isinstance(most, float) else "As reported?"


def _report_answer(view: CampaignView) -> str:
    sentences = describe_report(view)
    return _lines(escape(sentence) for sentence in sentences) if sentences else ""
