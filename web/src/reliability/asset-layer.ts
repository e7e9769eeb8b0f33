// Assets on the map: size by the delay they cost in a year, shape by kind, hollow where estimated.

import { checkbox, el, svg } from "../core/dom";
import { numberText } from "../core/format";
import type { StudyView } from "../core/study-view";
import type { MapFit } from "../map/projection";
import type { MapDrawing, MapLayer } from "../map/drawing";
import type { AssetPlace } from "../rows";
import { kindWords, rateText, sectionNames, yearlyText } from "./words";

const LEAST = 3;
const MOST = 12;

/** Outline of a kind about the origin, of about equal area for equal `r`. */
export function kindShape(kind: string, r: number): string {
  const n = (value: number): string => value.toFixed(1);
  const corners = (...points: [number, number][]): string =>
    `M${points.map(([x, y]) => `${n(x * r)},${n(y * r)}`).join("L")}Z`;
  switch (kind) {
    case "turnout":
      return corners([0, -1.25], [1.15, 0.8], [-1.15, 0.8]);
    case "track":
      return corners([-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]);
    case "bridge":
      return corners([0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]);
    case "tunnel":
      return corners([0, -1.15], [1.1, -0.35], [0.7, 0.95], [-0.7, 0.95], [-1.1, -0.35]);
    case "embankment":
      return corners([-1.15, -0.8], [1.15, -0.8], [0, 1.25]);
    case "catenary":
      return corners(
        [-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4],
        [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4],
      );
    default:
      return `M${n(-r)},0A${n(r)},${n(r)},0,1,1,${n(r)},0A${n(r)},${n(r)},0,1,1,${n(-r)},0Z`;
  }
}

export const ASSET_KINDS = ["turnout", "track", "bridge", "tunnel", "embankment", "catenary", "signalling"];

/** Radius by delay: area in proportion, from a size that can still be seen. */
export function radiusOf(delayH: number, mostH: number): number {
  return LEAST + (MOST - LEAST) * Math.sqrt(Math.max(delayH, 0) / Math.max(mostH, 1e-9));
}

export function assetMark(kind: string, r: number, isGenerated: boolean): SVGPathElement {
  return svg("path", { d: kindShape(kind, r), class: isGenerated ? "asset estimated" : "asset" });
}

export function buildAssetLayer(
  study: StudyView,
  places: AssetPlace[],
  fit: MapFit,
  drawing: MapDrawing,
): MapLayer {
  const sections = sectionNames(study);
  const most = Math.max(...places.map((place) => place.delay_h));
  const node = svg("g", { class: "assets" });
  // Great ones first, so that small ones lie on top of them.
  const marks = places
    .toSorted((a, b) => b.delay_h - a.delay_h)
    .map((place) => {
      const [x, y] = fit.projection([place.longitude_deg, place.latitude_deg]) ?? [NaN, NaN];
      const mark = assetMark(place.kind, radiusOf(place.delay_h, most), place.is_generated !== false);
      node.append(mark);
      return { place, mark, x, y };
    });
  let camera = { zoom: 1, x: 0, y: 0 };
  for (const { place, mark, x, y } of marks) {
    mark.addEventListener("pointerenter", () => {
      const section = sections.get(place.section_id ?? "") ?? place.section_id ?? "";
      const origin = place.is_generated === false ? "from the register" : "estimated from densities";
      const lines = [
        el("div", { class: "first" }, `${place.rank}. ${kindWords(place.kind)}, ${section}`),
        el("div", {}, `${yearlyText(place.delay_h)} h of delay a year, all trains`),
        el("div", {}, place.failures_per_year === null ? "" : `${rateText(place.failures_per_year)} failures a year`),
        el("div", { class: "quiet" }, origin),
      ];
      drawing.showLines(lines, x * camera.zoom + camera.x, y * camera.zoom + camera.y);
    });
    mark.addEventListener("pointerleave", () => drawing.hideLines());
  }
  return {
    node,
    place(next) {
      camera = next;
      for (const { mark, x, y } of marks) {
        const isKnown = Number.isFinite(x) && Number.isFinite(y);
        const at = `translate(${(x * next.zoom + next.x).toFixed(1)} ${(y * next.zoom + next.y).toFixed(1)})`;
        if (isKnown) mark.setAttribute("transform", at);
        else mark.style.display = "none";
      }
    },
  };
}

export interface AssetSwitch {
  control: HTMLElement;
  legend: HTMLElement;
}

/** A switch and key for the assets on the main map, off at first; null where none were assessed. */
export function assetSwitch(study: StudyView, fit: MapFit, drawing: MapDrawing): AssetSwitch | null {
  const places = study.rows("asset_places");
  if (places.length === 0) return null;
  const layer = buildAssetLayer(study, places, fit, drawing);
  layer.node.style.display = "none";
  drawing.addLayer(layer);
  const legend = assetLegend(places);
  legend.hidden = true;
  const control = checkbox("assets by the delay they cost", false, (isOn) => {
    layer.node.style.display = isOn ? "" : "none";
    legend.hidden = !isOn;
  });
  return { control, legend };
}

/** One legend entry a kind that is on the map, then what size and filling mean. */
export function assetLegend(places: AssetPlace[]): HTMLElement {
  const most = Math.max(...places.map((place) => place.delay_h));
  const frame = (mark: SVGElement, size = 18): SVGSVGElement =>
    svg("svg", { viewBox: `${-size / 2} ${-size / 2} ${size} ${size}`, width: size, height: size, class: "symbol" }, mark);
  const item = (mark: SVGSVGElement, text: string): HTMLElement =>
    el("span", { class: "legend-item" }, mark, text);
  const kinds = ASSET_KINDS.filter((kind) => places.some((place) => place.kind === kind));
  const isMixed = places.some((place) => place.is_generated === false);
  return el(
    "div",
    { class: "legend" },
    ...kinds.map((kind) => item(frame(assetMark(kind, 6, false)), kindWords(kind))),
    isMixed ? item(frame(assetMark("", 6, false)), "from the register") : null,
    item(frame(assetMark("", 6, true)), "estimated from densities, not from a register"),
    item(frame(assetMark("", MOST, true), 28), `${numberText(most)} h of delay a year`),
    item(frame(assetMark("", radiusOf(most / 10, most), true)), `${yearlyText(most / 10)} h`),
  );
}
