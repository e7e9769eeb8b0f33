// The head of the report: title, and the answer on one screen with all results in words behind it.

import { el, type Child } from "../core/dom";
import { countText } from "../core/format";
import type { Concern, Payload, ServiceAnswer } from "../core/payload";
import { dateText } from "../core/time";
import { badge, symbolOf, toneOf } from "../core/verdicts";
import { chanceBar, chanceText, joinEnds } from "../reliability/words";
import { details, table } from "./table";

export function mountHead(host: HTMLElement, payload: Payload): void {
  const { study } = payload;
  const horizon = `${dateText(study.horizon_from)} – ${dateText(study.horizon_to)}`;
  host.append(
    el("p", { class: "eyebrow" }, "Railway study"),
    el("h1", {}, study.title),
    el("p", { class: "quiet" }, `Horizon ${horizon}. Evidence as of ${dateText(study.as_of)}.`),
  );
}

export function mountSummary(host: HTMLElement, payload: Payload): void {
  const { answer } = payload;
  if (answer !== undefined) {
    if (answer.headline !== "") host.append(el("p", { class: "headline" }, unbroken(answer.headline)));
    // On a narrow screen the table comes behind what to do, which would else be below the fold.
    const services = el("div", {});
    if (answer.services.length > 0) services.append(servicesTable(answer.services));
    if (answer.services_left > 0) {
      services.append(el("p", { class: "quiet" }, `${countText(answer.services_left, "more service")} in the sections below.`));
    }
    const concerns = el("div", {});
    if (answer.concerns.length > 0) {
      concerns.append(
        el("h3", {}, "What matters most, and what to do"),
        el("ol", { class: "concerns" }, ...answer.concerns.map(concernItem)),
      );
    }
    host.append(el("div", { class: "answer" }, services, concerns));
    const links: Child[] = [];
    if (answer.concerns_left > 0) {
      const section = answer.concerns[0]?.section ?? "findings";
      links.push(el("a", { href: `#${section}` }, `${countText(answer.concerns_left, "further concern")}`), ". ");
    }
    if (answer.basis !== "") links.push(answer.basis, " ", el("a", { href: "#evidence" }, "See them"), ".");
    if (links.length > 0) host.append(el("p", { class: "quiet" }, ...links));
  }
  host.append(details("All results in words and figures", ...everything(payload)));
}

function servicesTable(services: ServiceAnswer[]): HTMLElement {
  const columns = [
    { heading: "Service" },
    { heading: "Departures" },
    { heading: "Arrives by", unit: "chance, range of what is not known" },
    { heading: "Time on the way", unit: "true hours, range" },
  ];
  const rows = services.map((service) => ({
    cells: [
      el("strong", {}, service.name),
      badge(service.tone, service.departures),
      service.chance === null
        ? "not simulated"
        : chance(service, service.chance),
      el("span", {}, el("span", { class: "narrow" }, "on the way "), service.elapsed === "" ? "unknown" : service.elapsed),
    ],
  }));
  return table(columns, rows, "answer-services");
}

function chance({ limit, chance_low: low, chance_high: high }: ServiceAnswer, best: number): HTMLElement {
  const spread = low === null || high === null ? "" : ` (${joinEnds(chanceText(low), chanceText(high))})`;
  return el(
    "span",
    { class: "chance" },
    el("span", { class: "narrow" }, "arrives by "),
    `${limit}: `,
    el("strong", {}, chanceText(best)),
    spread,
    chanceBar({ best, low, high, error: null }),
  );
}

function concernItem(concern: Concern): HTMLElement {
  const symbol = el(
    "span",
    { class: `symbol tone-${toneOf(concern.gravity)}`, "aria-hidden": "true" },
    symbolOf(concern.gravity),
  );
  return el(
    "li",
    {},
    el("p", {}, symbol, el("strong", {}, `${concern.what}. `), unbroken(concern.why)),
    concern.cure === "" ? null : el("p", { class: "cure" }, unbroken(concern.cure)),
    concern.figures === "" ? null : details("The figures", el("p", { class: "quiet" }, concern.figures)),
  );
}

// No line begins with a unit.
function unbroken(text: string): string {
  return text.replace(/(\d) (%|min\b|h\b|d\b)/g, "$1\u00a0$2");
}

function everything(payload: Payload): Child[] {
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
  return [el("p", { class: "lead" }, payload.study.summary), el("div", { class: "summary-grid" }, words, figures)];
}
