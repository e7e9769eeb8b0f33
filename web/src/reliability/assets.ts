// Worst assets: sums by kind, the map, and the list of those that cost most delay.

import { drawLate, el, missing, svg } from "../core/dom";
import { UNKNOWN, countText, numberText } from "../core/format";
import type { StudyView } from "../core/study-view";
import { buildMap } from "../map/model";
import { fitMap } from "../map/projection";
import { drawCountries, drawRoutes } from "../map/scene";
import { MapDrawing, mapTools } from "../map/drawing";
import type { AssetKind, AssetPlace, AssetStretch, WorstAsset } from "../rows";
import { details, table } from "../tables/table";
import { assetLegend, assetMark, buildAssetLayer } from "./asset-layer";
import { estimateCell, joinEnds, kindWords, rateText, sectionNames, yearlyText } from "./words";

const LISTED_FIRST = 15;
const MAP_WIDTH = 1120;

const hoursOf = (minutes: number | null): number | null => (minutes === null ? null : minutes / 60);
const yearly = (minutes: number | null): string => (minutes === null ? UNKNOWN : yearlyText(minutes / 60));

const whole = (hours: number | null): string => (hours === null ? UNKNOWN : yearlyText(hours));

function kindTable(rows: (AssetKind | AssetStretch)[], sections: Map<string, string> | null): HTMLElement {
  const columns = [
    ...(sections === null ? [] : [{ heading: "Section" }]),
    { heading: "Kind" },
    { heading: "Assets", isNumber: true },
    { heading: "Failures", unit: "a year", isNumber: true },
    { heading: "Delay", unit: "h a year, all trains", isNumber: true },
    { heading: "Direct", unit: "h a year", isNumber: true },
    { heading: "Passed on", unit: "h a year", isNumber: true },
    { heading: "By low speed", unit: "h a year", isNumber: true },
    { heading: "Derailments", unit: "a year", isNumber: true },
    { heading: "Two models", unit: "low – high, a year", isNumber: true },
  ];
  const rate = (value: number | null): string => (value === null ? UNKNOWN : rateText(value));
  // Where only some are estimated, it is told how many.
  const counted = (row: AssetKind | AssetStretch): HTMLElement => {
    const isMixed = row.generated_count > 0 && row.generated_count < row.assets_count;
    const estimated = isMixed ? el("span", { class: "spread" }, `${numberText(row.generated_count)} estimated`) : null;
    return el("span", { class: "range" }, numberText(row.assets_count), estimated);
  };
  const body = rows.map((row) => ({
    cells: [
      ...(sections !== null && "section_id" in row ? [sections.get(row.section_id ?? "") ?? row.section_id ?? UNKNOWN] : []),
      kindWords(row.kind),
      counted(row),
      rate(row.failures_per_year),
      whole(row.delay_h),
      yearly(row.primary_delay_min_per_year),
      yearly(row.knock_on_delay_min_per_year),
      yearly(row.restriction_delay_min_per_year),
      rate(row.derailments_per_year),
      row.derailments_per_year_low === null || row.derailments_per_year_high === null
        ? UNKNOWN
        : joinEnds(rateText(row.derailments_per_year_low), rateText(row.derailments_per_year_high)),
    ],
  }));
  return table(columns, body);
}

export function derailmentCell(row: {
  derailments_per_year_low: number | null;
  derailments_per_year: number | null;
  derailments_per_year_high: number | null;
}): HTMLElement {
  const { derailments_per_year_low: low, derailments_per_year: best, derailments_per_year_high: high } = row;
  return estimateCell({ best, low, high, error: null }, rateText);
}

function conditionWords(row: WorstAsset): string {
  const words = [
    row.units_count !== null && row.units_count > 1 ? countText(row.units_count, "unit") : null,
    row.age_y === null ? null : `${numberText(row.age_y)} years old`,
    row.track_class === null ? null : row.track_class === 0 ? "below class 1" : `track class ${row.track_class}`,
    row.speed_limit_kmh === null ? null : `limited to ${numberText(row.speed_limit_kmh)} km/h`,
    row.closes_line === true ? "a failure closes the line" : null,
  ];
  return words.filter((word) => word !== null).join(", ");
}

function assetTable(rows: WorstAsset[], sections: Map<string, string>): HTMLElement {
  const columns = [
    { heading: "", isNumber: true },
    { heading: "Asset" },
    { heading: "Delay", unit: "h a year", isNumber: true },
    { heading: "Direct", unit: "h a year, range, error", isNumber: true },
    { heading: "Passed on", unit: "h a year, range, error", isNumber: true },
    { heading: "By low speed", unit: "h a year", isNumber: true },
    { heading: "Failures", unit: "a year, range", isNumber: true },
    { heading: "Derailments", unit: "a year, two models", isNumber: true },
  ];
  const body = rows.map((row) => {
    const section = sections.get(row.section_id ?? "") ?? row.section_id ?? UNKNOWN;
    const km = row.from_offset_m === null ? "" : `, km ${numberText(row.from_offset_m / 1000, 1)}`;
    const isEstimated = row.is_generated !== false;
    const mark = svg(
      "svg",
      { viewBox: "-9 -9 18 18", width: 16, height: 16, class: "symbol inline", "aria-hidden": "true" },
      assetMark(row.kind, 6, isEstimated),
    );
    return {
      cells: [
        String(row.rank),
        el(
          "span",
          {},
          mark,
          el("strong", {}, kindWords(row.kind)),
          `, ${section}${km.replace("km ", "km\u00a0")}`,
          isEstimated ? el("span", { class: "tag", title: row.basis ?? "" }, "estimated") : null,
          el("span", { class: "local-name" }, conditionWords(row)),
        ),
        whole(row.delay_h),
        estimateCell(
          {
            best: hoursOf(row.primary_delay_min_per_year),
            low: hoursOf(row.primary_delay_min_per_year_low),
            high: hoursOf(row.primary_delay_min_per_year_high),
            error: hoursOf(row.primary_delay_min_per_year_error),
          },
          yearlyText,
        ),
        estimateCell(
          {
            best: hoursOf(row.knock_on_delay_min_per_year),
            low: hoursOf(row.knock_on_delay_min_per_year_low),
            high: hoursOf(row.knock_on_delay_min_per_year_high),
            error: hoursOf(row.knock_on_delay_min_per_year_error),
          },
          yearlyText,
        ),
        yearly(row.restriction_delay_min_per_year),
        estimateCell(
          {
            best: row.failures_per_year,
            low: row.failures_per_year_low,
            high: row.failures_per_year_high,
            error: null,
          },
          rateText,
        ),
        derailmentCell(row),
      ],
    };
  });
  return table(columns, body, "assets-table");
}

function assetMap(study: StudyView, places: AssetPlace[]): HTMLElement {
  const fit = fitMap(
    places.map((place) => [place.longitude_deg, place.latitude_deg]),
    MAP_WIDTH,
  );
  const whole = buildMap(study);
  // Only the places of this part of the routes: names outside the picture would be drawn at its edge.
  const isInside = (at: [number, number]): boolean => {
    const [x, y] = fit.projection(at) ?? [NaN, NaN];
    return x > 0 && y > 0 && x < fit.width && y < fit.height;
  };
  const model = {
    ...whole,
    // Signs for changes of gauge or current would be read as assets.
    places: whole.places
      .filter((place) => isInside(place.at))
      .map((place) => ({ ...place, changes: [], changesGauge: false, isBorder: false })),
    routes: whole.routes.filter((route) => route.isShown),
  };
  const tooltip = el("div", { class: "readout" });
  tooltip.hidden = true;
  const countries = drawCountries(study.payload.outlines, fit);
  const drawing = new MapDrawing(model, fit, drawRoutes(model, fit), countries, tooltip);
  drawing.addLayer(buildAssetLayer(study, places, fit, drawing));
  drawing.root.setAttribute("aria-label", "Map of the assets that cost most delay; they are listed below.");
  return el(
    "div",
    {},
    el("div", { class: "controls" }, mapTools(drawing)),
    el("div", { class: "map-frame" }, drawing.root, tooltip),
    assetLegend(places),
  );
}

export function mountAssets(host: HTMLElement, study: StudyView): void {
  const worst = study.rows("worst_assets").toSorted((a, b) => a.rank - b.rank);
  if (worst.length === 0) {
    host.append(missing("No effects of assets on delay were simulated."));
    return;
  }
  const sections = sectionNames(study);
  const kinds = study.rows("asset_kinds");
  const places = study.rows("asset_places");
  const all = kinds.reduce((sum, kind) => sum + kind.assets_count, 0);
  const estimated = kinds.reduce((sum, kind) => sum + kind.generated_count, 0);
  const share = estimated === all ? "all" : `${numberText(estimated)} of them`;
  const origin =
    estimated === 0
      ? "all from the register of the study"
      : `${share} estimated: laid out from assumed densities, so that their kind and number on a section are meant, not their exact place`;
  host.append(el("p", {}, `${countText(all, "asset")} were assessed, ${origin}. Delay is that of all trains of the line in a year (computed).`));
  host.append(kindTable(kinds, null));
  if (places.length > 0) {
    host.append(el("h3", {}, `The ${countText(places.length, "asset")} that cost most delay`));
    host.append(drawLate(el("div", { class: "late-map" }), () => assetMap(study, places)));
  }
  const stretches = study.rows("asset_sections");
  if (stretches.length > 0) {
    host.append(el("h3", {}, "Where most delay comes from"));
    host.append(el("p", { class: "quiet" }, "All assets of a kind on a section together: for estimated assets this says more than any single one."));
    host.append(kindTable(stretches, sections));
  }
  const [first, rest] = [worst.slice(0, LISTED_FIRST), worst.slice(LISTED_FIRST)];
  host.append(el("h3", {}, `The worst ${countText(first.length, "asset")}`), assetTable(first, sections));
  if (rest.length > 0) host.append(details(`The next ${countText(rest.length, "asset")}`, assetTable(rest, sections)));
}
