// Punctuality by month of departure: one row a year, the chance as figures and as the depth of a tint.

import { clear, el, field, select } from "../core/dom";
import { countText } from "../core/format";
import { groupBy, type StudyView } from "../core/study-view";
import { monthText } from "../core/time";
import { monthsBetween } from "../calendar/model";
import type { Punctuality } from "../rows";
import { measureWords, sortByService } from "./likely";
import { chanceText, shareErrorText } from "./words";

const MONTH = /^\d{4}-\d{2}$/;

/** Depth of the tint, 0 to 9; the figure in the cell tells the chance, the tint repeats it. */
export function tintOf(share: number): number {
  return Math.min(Math.floor(share * 10), 9);
}

function monthCell(row: Punctuality | undefined, label: string, departures: number): HTMLElement {
  if (row === undefined || row.share === null) {
    return el("td", { class: "no-month", title: departures === 0 ? "no departures" : "not simulated" }, "");
  }
  const { share, share_low: low, share_high: high, share_error: error } = row;
  const range = low === null || high === null || (low === share && high === share) ? "" : `${Math.round(low * 100)}–${Math.round(high * 100)}`;
  const words = [
    `${label}: ${chanceText(share)}`,
    low === null || high === null ? null : `${chanceText(low)} to ${chanceText(high)} with what is not known`,
    error === null ? null : `${shareErrorText(error)} from the number of runs`,
    departures === 0 ? null : countText(departures, "departure"),
  ];
  const title = words.filter((word) => word !== null).join("; ");
  return el(
    "td",
    { class: `month-cell tint-${tintOf(share)}`, title },
    el("span", { class: "month-share" }, chanceText(share)),
    el("span", { class: "month-range" }, range),
  );
}

function serviceMonths(study: StudyView, serviceId: string, rows: Punctuality[]): HTMLElement {
  const byMonth = new Map(rows.map((row) => [row.group_id, row]));
  const trips = groupBy(
    study.trips.filter((trip) => trip.service_id === serviceId && trip.status !== "suspended"),
    (trip) => trip.trip_date.slice(0, 7),
  );
  const known = [...byMonth.keys()].sort();
  const years = groupBy(monthsBetween(`${known[0]}-01`, `${known.at(-1)}-01`), ({ year }) => String(year));
  const names = Array.from({ length: 12 }, (_, month) => el("th", { scope: "col" }, monthText(month)));
  const body = [...years.keys()].map((year) => {
    const cells = Array.from({ length: 12 }, (_, month) => {
      const id = `${year}-${String(month + 1).padStart(2, "0")}`;
      return monthCell(byMonth.get(id), `${monthText(month)} ${year}`, trips.get(id)?.length ?? 0);
    });
    return el("tr", {}, el("th", { scope: "row" }, year), ...cells);
  });
  const head = el("thead", {}, el("tr", {}, el("th", {}), ...names));
  return el(
    "figure",
    { class: "service-calendar" },
    el("figcaption", {}, el("strong", {}, study.serviceName(serviceId))),
    el("div", { class: "scroll" }, el("table", { class: "months" }, head, el("tbody", {}, ...body))),
  );
}

function legend(): HTMLElement {
  const steps = [0, 2, 4, 6, 8].map((tint) =>
    el(
      "span",
      { class: "legend-item" },
      el("span", { class: `month-chip tint-${tint}`, "aria-hidden": "true" }),
      `${tint * 10} – ${tint * 10 + 20} %`,
    ),
  );
  const small = el("span", { class: "quiet" }, "small figures: range of what is not known [%]; empty: no departures");
  return el("div", { class: "legend" }, ...steps, small);
}

export function mountMonths(host: HTMLElement, study: StudyView): void {
  const rows = study.rows("punctuality").filter((row) => MONTH.test(row.group_id));
  if (rows.length === 0) {
    host.append(el("p", { class: "missing" }, "Punctuality was not counted by month."));
    return;
  }
  // Announced durations differ by service, so that services share a choice by its kind alone.
  const measures = [...new Set(rows.map((row) => row.measure))].sort();
  const words = el("p", { class: "quiet" });
  const grid = el("div", { class: "months-grid" });
  const show = (measure: string): void => {
    const chances = sortByService(study, rows.filter((row) => row.measure === measure));
    const services = groupBy(chances, (row) => row.service_id);
    const limits = [...services].map(([id, months]) => {
      const least = Math.min(...months.map((row) => row.limit_h));
      return { id, least, rows: months.filter((row) => row.limit_h === least) };
    });
    const kinds = new Set(limits.map(({ least }) => measureWords(measure, least)));
    const single = kinds.size === 1 ? [...kinds][0]! : limits.map(({ id, least }) => `${measureWords(measure, least)} (${study.serviceName(id)})`).join(", ");
    words.textContent = `Counted: departures of the month that arrive ${single}.`;
    clear(grid);
    grid.append(...limits.map((service) => serviceMonths(study, service.id, service.rows)));
  };
  const labels: Record<string, string> = {
    announced_day: "by the end of the announced day",
    announced_duration: "within the announced duration",
    arrival_tolerance: "within the tolerance of the planned arrival",
    cancelled: "not at all: cancelled",
    broken_off: "not at all: broken off",
  };
  const choices = measures.map((value) => ({ value, label: labels[value] ?? value }));
  const controls = el("div", { class: "controls" }, field("Arrives", select("Arrives", choices, show)));
  host.append(controls, words, legend(), grid);
  show(measures[0]!);
}
