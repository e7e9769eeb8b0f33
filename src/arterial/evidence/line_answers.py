"""What the model gives for claims about lines and a country's railways: speed, length, counts."""

from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from arterial.evidence.ledger import Claim
from arterial.evidence.network_answers import LENGTH_TOLERANCE, find_way
from arterial.evidence.statement_verdicts import name_line
from arterial.evidence.subjects import Answer, Model, Subject

__all__ = [
    "answer_assets",
    "answer_network_length",
    "answer_share_of_lines",
    "answer_speed",
    "answer_stations",
    "answer_stock_share",
    "answer_works",
]

_PAIR: Final = 2
_SECTION_WORDS: Final = {
    "electrified": ("electrification", "electrified"),
    "double": ("tracks_count", "double track"),
    "single": ("tracks_count", "single track"),
}


def answer_speed(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Speeds of the sections over which a subject reaches: typical ones, or limits."""
    words = claim.text("quantity").casefold()
    is_limit = "line speed" in words or "limit" in words or "maximum" in words
    is_freight = "freight" in words
    kind = "freight" if is_freight else "passenger"
    return model.once(_answer_speed, subject, kind, is_limit)


def _answer_speed(model: Model, subject: Subject, kind: str, is_limit: bool) -> Answer | None:  # noqa: FBT001
    """Speeds of a kind of train on the sections of a subject."""
    sections = _list_sections(model, subject)
    column = f"{kind}_speed_limit_kmh" if is_limit else f"typical_{kind}_speed_kmh"
    known = sections.drop_nulls([column, "length_km"])
    if known.is_empty():
        return None
    hours = float((known["length_km"] / known[column]).sum())
    mean = float(known["length_km"].sum()) / hours if hours else 0.0
    low, high = (float(end) for end in (known[column].min(), known[column].max()))  # type: ignore[arg-type]
    covered, whole = float(known["length_km"].sum()), float(sections["length_km"].sum())
    sources = known["source_id"].drop_nulls().to_list()
    return Answer(
        name=f"{'speed limit' if is_limit else 'typical speed'} of {kind} trains",
        calculation=(
            f"Sections of {covered:.0f} of {whole:.0f} km: {low:g} to {high:g} km/h, "
            f"{mean:.0f} km/h over the whole."
        ),
        low=low,
        best=mean,
        high=high,
        is_example=True,
        set_from=frozenset(sources),
    )


def _list_sections(model: Model, subject: Subject) -> pl.DataFrame:
    return model.once(_find_sections, subject)


def _find_sections(model: Model, subject: Subject) -> pl.DataFrame:
    """Sections of a subject: of its way, its lines or its country."""
    sections = model.table("sections")
    if subject.line_ids:
        return sections.filter(pl.col("line_id").is_in(subject.line_ids))
    if subject.country:
        return sections.filter(pl.col("railway_id").is_in(_list_railways(model, subject.country)))
    route = find_way(model, subject)
    ids = set() if route is None else set(route.section_ids)
    return sections.filter(pl.col("section_id").is_in(list(ids)))


def _list_railways(model: Model, country: str) -> list[str]:
    railways = model.table("railways").filter(pl.col("country") == country)
    return list(railways["railway_id"].to_list())


def answer_network_length(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """Length of the railways of a country as far as the study holds them: a lower bound."""
    sections = _list_sections(model, subject) if subject.country else pl.DataFrame()
    if sections.is_empty():
        return None
    length = float(sections["length_km"].sum())
    return Answer(
        name="length of the sections of the study",
        calculation=f"The study holds {sections.height} sections of {length:.0f} km in all, "
        "a part of the network: its length is at least that.",
        low=length * (1 - LENGTH_TOLERANCE),
        best=length,
        is_part=True,
    )


def answer_share_of_lines(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Share of the length that is electrified, or has one or two tracks, in the study's part."""
    words = claim.text("quantity").casefold()
    word = next((name for name in _SECTION_WORDS if name in words), None)
    sections = _list_sections(model, subject)
    if word is None or sections.is_empty():
        return None
    column, told = _SECTION_WORDS[word]
    known = sections.drop_nulls(column)
    if known.is_empty():
        return None
    has = {
        "electrified": pl.col("electrification") != "none",
        "double": pl.col("tracks_count") >= _PAIR,
        "single": pl.col("tracks_count") < _PAIR,
    }[word]
    length = float(known.filter(has)["length_km"].sum())
    whole = float(known["length_km"].sum())
    unit = claim.stated.dimension.value
    part = f"{told}: {length:.0f} of {whole:.0f} km of the study = {100 * length / whole:.0f} %"
    if unit == "km":
        name = f"length of sections, {told}"
        return Answer(name=name, calculation=f"{part}.", low=length, best=length, is_part=True)
    return Answer(
        name=f"share of the length, {told}",
        calculation=f"{part}; the study holds main lines alone, so that this is no share of all.",
        best=100 * length / whole,
    )


def answer_assets(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Number of assets of a kind: of the register and by density of line."""
    kind = _name_asset(claim)
    sections = _list_sections(model, subject)
    counted = model.once(_count_assets, subject, kind)
    if counted is None:
        return None
    count, sources = counted
    length = float(sections["length_km"].sum())
    is_whole = bool(subject.line_ids)
    return Answer(
        name=f"{kind}s of the study",
        calculation=f"The study has {count:.0f} {kind}s on {length:.0f} km"
        + (f" of {name_line(model.tables, subject.line_ids[0])}." if is_whole else ", a part of "
           "the network: there are at least as many."),
        low=count - 0.5,
        best=float(round(count)),
        high=count + 0.5,
        is_part=not is_whole,
        set_from=sources,
    )  # fmt: skip


def answer_works(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """What a number of works would be of the assets that the study holds, and how long they last.

    Replaced at that rate each lives that long on average; repaired, it says nothing of lives.
    """
    kind = _name_asset(claim)
    sections = _list_sections(model, subject)
    counted = model.once(_count_assets, subject, kind)
    if counted is None:
        return None
    stock, length = counted[0], float(sections["length_km"].sum())
    done = claim.stated.figure
    if done <= 0:
        return None
    told = (
        f"The study has {stock:.0f} {kind}s on {length:.0f} km, and nothing of how many there are "
        f"besides. {done:.0f} are {100 * done / stock:.0f} % of those. If all were replaced, as "
        f"many a year would renew {stock:.0f} in {stock / done:.1f} years; repairs wear nothing "
        "out, so that the wording, repaired or replaced, leaves this open."
    )
    return Answer(name=f"{kind}s of the study", calculation=told)


def answer_stock_share(model: Model, _subject: Subject, claim: Claim) -> Answer | None:
    """Share of the stock that works reported in the study would be, over the range of both."""
    kind = _name_asset(claim)
    rows = model.table("reported_works").filter(pl.col("kind") == kind)
    known = rows.drop_nulls(["quantity", "stock"]).to_dicts()
    if not known:
        return None
    # Several rows read one report against parts of the stock; the whole is the largest.
    row = max(known, key=lambda one: float(one["stock"]))
    done = [row[f"quantity{end}"] or row["quantity"] for end in ("_low", "", "_high")]
    stock = [row[f"stock{end}"] or row["stock"] for end in ("_high", "", "_low")]
    low, best, high = (100 * a / b for a, b in zip(done, stock, strict=True))
    return Answer(
        name=f"share of all {kind}s in reported works",
        calculation=(
            f"{row['name']}: {done[1]:g} of {stock[1]:g} ({stock[2]:g} to {stock[0]:g}) are "
            f"{best:.0f} % ({low:.0f} to {high:.0f})."
        ),
        low=low,
        best=best,
        high=high,
    )


def _name_asset(claim: Claim) -> str:
    """Kind of asset that a claim counts; empty = none of the study."""
    words = claim.text("quantity").casefold()
    return next((kind for kind in ("turnout", "bridge", "tunnel") if kind in words), "")


def _count_assets(model: Model, subject: Subject, kind: str) -> tuple[float, frozenset[str]] | None:
    """Assets of a kind on sections and the sources of their number; None where none is stated."""
    sections = _list_sections(model, subject)
    densities = model.table("asset_densities").filter(pl.col("kind") == kind).to_dicts()
    own = model.table("assets").filter(pl.col("kind") == kind)
    ids = sections["section_id"]
    listed = own.filter(pl.col("section_id").is_in(ids.implode()))
    count = float(listed["units_count"].fill_null(1).sum()) if "units_count" in own.columns else 0.0
    sources = set(listed["source_id"].drop_nulls().to_list()) if listed.height else set[str]()
    for section in sections.iter_rows(named=True):
        density = _find_density(densities, section)
        if density is not None:
            count += density["units_per_km"] * section["length_km"]
            sources |= {density["source_id"]} - {None}
    return (count, frozenset(sources)) if count else None


def _find_density(
    densities: Iterable[Mapping[str, object]], section: Mapping[str, object]
) -> Mapping[str, object] | None:
    """The narrowest density that holds for a section."""
    for column in ("section_id", "line_id", "railway_id"):
        for row in densities:
            if row[column] is not None and row[column] == section[column]:
                return row
    return None


def answer_stations(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """Stations that the study holds on a line or in a country: a lower bound."""
    points = model.table("operational_points")
    if subject.line_ids:
        on_line = model.table("line_points").filter(pl.col("line_id").is_in(subject.line_ids))
        points = points.filter(pl.col("point_id").is_in(on_line["point_id"].implode()))
    elif subject.country:
        points = points.filter(pl.col("country") == subject.country)
    else:
        return None
    if points.is_empty():
        return None
    return Answer(
        name="points of the study",
        calculation=f"The study holds {points.height} stations and other points of it, not all.",
        low=float(points.height) if subject.line_ids else 1.0,
        best=float(points.height),
        is_part=True,
    )
