"""The page of a renewal campaign and of the works: one file, no script, in the look of the report.

The main function is `build_campaign_page`. Charts are drawn as SVG; rows open by themselves, so
that the page opens from a folder, prints, and runs nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.report.bundle import hash_source, load_bundle, make_inline
from arterial.report.campaign_answer import render_answer
from arterial.report.campaign_assets import render_sheets
from arterial.report.campaign_benefit import render_benefit
from arterial.report.campaign_charts import plot_curves, plot_use
from arterial.report.campaign_claims import render_reported
from arterial.report.campaign_downloads import render_downloads
from arterial.report.campaign_effects import render_effects
from arterial.report.campaign_map import plot_maps
from arterial.report.campaign_misfits import render_misfits
from arterial.report.campaign_prices import render_prices
from arterial.report.campaign_ranges import render_ranges
from arterial.report.campaign_strips import plot_calendar
from arterial.report.campaign_tables import render_first_sites
from arterial.report.campaign_view import CampaignView, escape
from arterial.report.campaign_works import plot_works, render_works
from arterial.study import Study

__all__ = ["build_campaign_page"]

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{hash}'; \
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Arterial">
<title>{title}</title>
<style>{style}</style>
</head>
<body data-view="report" data-state="ready" class="campaign">
<div id="root">
{skip}<nav aria-label="Sections"><ol>{links}</ol>\
<details><summary>Sections</summary><ol>{links}</ol></details></nav>
<main>{head}{sections}{foot}</main>
</div>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page.

    Parameters
    ----------
    anchor, title, intro : str
        Where links lead, what stands above it, and how it is read.
    render : callable
        Its content as HTML.
    needs : tuple of str
        Left out when all of these tables are missing or empty.
    """

    anchor: str
    title: str
    intro: str
    render: Callable[[CampaignView], str]
    needs: tuple[str, ...]


def build_campaign_page(
    study: Study, results: Mapping[str, pl.DataFrame], *, stamp: Mapping[str, str]
) -> str:
    """Give the page of a renewal campaign as the text of one HTML file.

    Parameters
    ----------
    study : Study
        The study that was planned.
    results : mapping of str to DataFrame
        Result tables by name; what a missing or empty table would show is left out.
    stamp : mapping of str to str
        What identifies the run: digest of the study, version, date, seed.

    Returns
    -------
    str
        Text of the file, UTF-8.

    Raises
    ------
    ArterialError
        When the page parts were not built.
    """
    style = make_inline(load_bundle().style, "style")
    view = CampaignView.of(study, results)
    shown = [section for section in SECTIONS if _is_shown(section, view)]
    links = "".join(
        f'<li><a href="#{section.anchor}">{section.title}</a></li>' for section in shown
    )
    return PAGE.format(
        hash=hash_source(style),
        title=escape(f"Campaign: {study.settings.title}"),
        style=style,
        skip=_skip_link(shown),
        links=links,
        head=_head(study, is_empty=not shown),
        sections="".join(_list_sections(shown, view)),
        foot=_foot(study, stamp),
    )


def _skip_link(shown: list[Section]) -> str:
    if not shown:
        return ""
    return f'<a class="skip" href="#{shown[0].anchor}">Skip to the results</a>\n'


def _is_shown(section: Section, view: CampaignView) -> bool:
    return any(not view.table(name).is_empty() for name in section.needs)


def _head(study: Study, *, is_empty: bool) -> str:
    nothing = '<p class="missing">Nothing was planned: no table has rows.</p>' if is_empty else ""
    return (
        '<header class="head"><p class="eyebrow">Renewal campaign and works</p>'
        f"<h1>{escape(study.settings.title)}</h1>{nothing}</header>"
    )


def _foot(study: Study, stamp: Mapping[str, str]) -> str:
    """What was planned, and what identifies the run."""
    rows = "".join(
        f'<tr><th scope="row">{escape(STAMP_WORDS.get(label, label))}</th>'
        f"<td>{escape(value)}</td></tr>"
        for label, value in stamp.items()
    )
    table = f'<div class="scroll"><table class="stamps">{rows}</table></div>' if rows else ""
    summary = " ".join(study.settings.summary.split()) if study.settings.summary else ""
    about = f"<p>{escape(summary)}</p>" if summary else ""
    if not table and not about:
        return ""
    return f'<footer class="about"><h2>About this run</h2>{about}{table}</footer>'


def _list_sections(shown: list[Section], view: CampaignView) -> Iterator[str]:
    for number, section in enumerate(shown, start=1):
        mark = f'<span class="section-number" aria-hidden="true">{number}</span>'
        heading = f'<h2 id="{section.anchor}-heading">{mark}{section.title}</h2>'
        intro = f'<p class="intro">{section.intro}</p>' if section.intro else ""
        yield (
            f'<section id="{section.anchor}" aria-labelledby="{section.anchor}-heading">'
            f"{heading}{intro}{section.render(view)}</section>"
        )


STAMP_WORDS: Final = {
    "run": "Run",
    "study": "Study",
    "title": "Title",
    "digest": "Digest of the study",
    "arterial": "Version of Arterial",
    "as_of": "Condition as of",
    "horizon": "Horizon",
    "seed": "Seed",
}
"""Words for what identifies a run."""

SECTIONS: Final = (
    Section("answer", "The answer", "", render_answer, ("campaign_totals",)),
    Section(
        "gains",
        "What the plan buys",
        "Worth is delay of trains that is avoided over the horizon, later years counting less; "
        "the bound is proved, so that no plan within the same means can be worth more.",
        render_benefit,
        ("campaign_totals",),
    ),
    Section(
        "sure",
        "How sure it is",
        "What the plan is worth when chance, or what is not known, falls otherwise, and whether "
        "another plan would then be better.",
        render_ranges,
        ("campaign_ranges", "campaign_factors"),
    ),
    Section(
        "sites",
        "What to renew first",
        "Worth is what the works avoid of delay and derailments [train-hours over the horizon]; it "
        "stands by kind of work, by bureau and for the sites that are worth most.",
        render_first_sites,
        ("campaign_plan",),
    ),
    Section(
        "sheets",
        "Asset by asset",
        "How the assets are whose works are worth most, or do not fit, what could be done to each, "
        "and what is planned.",
        render_sheets,
        ("campaign_sites",),
    ),
    Section(
        "effects",
        "Before and after",
        "The same trains met by the same chances, without the works and with all of them done "
        "(computed). Nine in ten draws of what is not known lie within the range; how far they "
        "lie apart stands beside the error by chance of what is simulated. A change of less than "
        "two errors may be chance and bears a question mark.",
        render_effects,
        ("campaign_effects",),
    ),
    Section(
        "calendar",
        "Where and when",
        "Work sites under way by month: all of them, by kind of work, by bureau, then each line "
        "with its sections and, where a section is opened, its kinds of work. Each kind of "
        "work has its own scale, bureaux and lines share one; of sections, darker is more.",
        plot_calendar,
        ("campaign_plan",),
    ),
    Section(
        "map",
        "On the map",
        "Work sites at their places, gathered where they lie close together; assets that follow "
        "from densities have no exact place.",
        plot_maps,
        ("campaign_plan",),
    ),
    Section(
        "use",
        "Means used and available",
        "What the plan uses of gangs, materials and possessions against what there is (assumed); "
        "red below a month says that more in that month would be worth something.",
        plot_use,
        ("campaign_use",),
    ),
    Section(
        "prices",
        "What more would buy",
        "Worth of a step more of each, all else left as it is: by the prices of the proved bound, "
        "and by planning anew where that was tried.",
        render_prices,
        ("campaign_prices",),
    ),
    Section(
        "misfits",
        "Worth it, but does not fit",
        "The best work of each asset that is worth something and on which nothing is planned, with "
        "the limit that binds it: alone, or beside the plan.",
        render_misfits,
        ("campaign_misfits",),
    ),
    Section(
        "curves",
        "With less and with more",
        "Worth of the best plan found when all of a kind is cut or raised; the dashed line is the "
        "bound, that no plan can exceed.",
        plot_curves,
        ("campaign_curves",),
    ),
    Section(
        "reported",
        "Reported works",
        "What a report of so many works can mean, reading by reading: as a share of all such "
        "assets, against what wear alone asks for, and by the labour it takes.",
        render_reported,
        ("reported_checks",),
    ),
    Section(
        "works",
        "The works",
        "What stands in which bay and when; the colour tells the class of the overhaul, a gap is "
        "an empty bay.",
        plot_works,
        ("works_schedule",),
    ),
    Section(
        "works-load",
        "Load and vehicles of the works",
        "How full bays, cranes and trades are by month, what leaves the works, what is late, and "
        "which bay or trade would help next.",
        render_works,
        ("works_load", "fleet_availability"),
    ),
    Section(
        "downloads",
        "To take along",
        "The plan for other programs.",
        render_downloads,
        ("campaign_plan",),
    ),
)
"""Sections in the order of the page."""
