// The head of the report: title, plain words, key figures.

import { el } from "../core/dom";
import type { Payload } from "../core/payload";
import { dateText } from "../core/time";

export function mountHead(host: HTMLElement, payload: Payload): void {
  const { study } = payload;
  const horizon = `${dateText(study.horizon_from)} – ${dateText(study.horizon_to)}`;
  host.append(
    el("p", { class: "eyebrow" }, "Railway study"),
    el("h1", {}, study.title),
    el("p", { class: "lead" }, study.summary),
    el("p", { class: "quiet" }, `Horizon ${horizon}. Evidence as of ${dateText(study.as_of)}.`),
  );
}

export function mountSummary(host: HTMLElement, payload: Payload): void {
  const tiles = payload.key_figures.map((figure) =>
    el(
      "div",
      { class: "tile" },
      el("div", { class: "tile-label" }, figure.label),
      el("div", { class: "tile-value" }, figure.value),
      el("div", { class: "tile-detail" }, figure.detail),
    ),
  );
  const sentences = payload.summary.map((sentence) => el("li", {}, sentence));
  const words =
    sentences.length === 0
      ? el("p", { class: "missing" }, "No summary was given.")
      : el("ul", { class: "sentences" }, ...sentences);
  const figures = tiles.length === 0 ? null : el("div", { class: "tiles" }, ...tiles);
  host.append(el("div", { class: "summary-grid" }, words, figures));
}
