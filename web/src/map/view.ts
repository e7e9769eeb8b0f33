// The map section: the picture, its legend, and the switch for what lies over it.

import { checkbox, el, missing, svg } from "../core/dom";
import { countText, numberText } from "../core/format";
import type { StudyView } from "../core/study-view";
import { assetSwitch } from "../reliability/asset-layer";
import { details } from "../tables/table";
import { MapDrawing, mapTools, marker } from "./drawing";
import { buildInset } from "./inset";
import { buildMap, type MapModel, type MapRoute } from "./model";
import { fitMap } from "./projection";
import { MAIN_COLOUR, drawCountries, drawRoutes, routeColours } from "./scene";

function symbol(kind: string, node: SVGElement): SVGSVGElement {
  return svg("svg", { viewBox: "-9 -9 18 18", width: 18, height: 18, class: kind }, node);
}

function legendItem(mark: SVGElement, text: string): HTMLElement {
  return el("span", { class: "legend-item" }, symbol("symbol", mark), text);
}

function legend(model: MapModel, routes: Map<string, SVGPathElement>): HTMLElement {
  const colours = routeColours(model);
  const item = (route: MapRoute): HTMLElement => {
    const length = route.lengthKm === null ? "" : `, ${numberText(route.lengthKm)} km`;
    const toggle = checkbox(`${route.name}${length}`, route.isShown, (isOn) => {
      const path = routes.get(route.routeId);
      if (path !== undefined) path.style.display = isOn ? "" : "none";
    });
    const stroke = colours.get(route.routeId) ?? MAIN_COLOUR;
    const line = svg("path", { d: "M-9,0H9", class: route.isVariant ? "route variant" : "route", stroke });
    toggle.querySelector("input")?.after(symbol("line", line));
    return toggle;
  };
  const order = model.routes.toReversed();
  const hidden = order.filter((route) => !route.isShown);
  const more =
    hidden.length === 0
      ? null
      : details(
          countText(hidden.length, "further route"),
          el("div", { class: "legend" }, ...hidden.map(item)),
        );
  const keys = el(
    "div",
    { class: "legend" },
    ...order.filter((route) => route.isShown).map(item),
    legendItem(svg("circle", { r: 4.2, class: "mark stop main" }), "coach starts, ends or changes trains"),
    legendItem(svg("circle", { r: 3, class: "mark stop" }), "stop"),
    legendItem(svg("rect", { x: -4, y: -4, width: 8, height: 8, class: "mark border" }), "border station"),
    legendItem(svg("path", { d: "M0,-6.5L6.5,0L0,6.5L-6.5,0Z", class: "mark gauge" }), "change of gauge"),
    legendItem(svg("path", { d: "M0,-5.5L5,4L-5,4Z", class: "mark current" }), "change of electrification"),
  );
  return el("div", {}, keys, more);
}

export function mountMap(host: HTMLElement, study: StudyView): void {
  const model = buildMap(study);
  if (model.places.length === 0) {
    host.append(missing("No map: no route or stop of this study has coordinates."));
    return;
  }
  const width = 1120;
  const fit = fitMap(
    model.places.map((place) => place.at),
    width,
  );
  const tooltip = el("div", { class: "readout" });
  tooltip.hidden = true;
  const routes = drawRoutes(model, fit);
  const drawing = new MapDrawing(model, fit, routes, drawCountries(study.payload.outlines, fit), tooltip);
  const inset = buildInset(model, fit, study.payload.outlines, marker);
  if (inset !== null) drawing.addInset(inset);
  const assets = assetSwitch(study, fit, drawing);
  const notes = [
    "Conic equal-area projection fitted to the study. Lines join operational points and do not follow the track.",
    "Outlines from Natural Earth (public domain); they express no opinion on any boundary.",
  ];
  if (model.withoutPlace > 0) notes.push(`${model.withoutPlace} points without coordinates are left out.`);
  if (study.payload.outlines === null) notes.push("No country outlines are embedded.");
  if (model.routes.length === 0) notes.push("No route lines: the table route_lines is empty.");
  host.append(
    el("div", { class: "controls" }, assets?.control ?? null, mapTools(drawing)),
    el("div", { class: "map-frame" }, drawing.root, tooltip),
    assets?.legend ?? "",
    legend(model, routes),
    el("p", { class: "quiet" }, notes.join(" ")),
  );
}
