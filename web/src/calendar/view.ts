// The calendar of the horizon: one row a month; colour and symbol tell the verdict, the frame the status.

import { clear, el, field, missing, select } from "../core/dom";
import { wordsText } from "../core/format";
import type { Trip } from "../core/rows";
import type { Selection } from "../core/selection";
import { groupBy, type StudyView } from "../core/study-view";
import { dateText, monthText } from "../core/time";
import { badge, symbolOf, toneOf } from "../core/verdicts";
import { isWeekend, isoDate, monthsBetween, tripsByDate, type MonthRow } from "./model";

function dayCell(trip: Trip, choose: (trip: Trip) => void): HTMLElement {
  const words = `${dateText(trip.trip_date)}: ${wordsText(trip.status)}, ${wordsText(trip.verdict)}`;
  const isSuspended = trip.status === "suspended";
  const tone = isSuspended ? "unknown" : toneOf(trip.verdict);
  const cell = el(
    "button",
    {
      type: "button",
      class: `day-cell tone-${tone} status-${trip.status ?? "unknown"}`,
      title: words,
      "aria-label": words,
      "data-date": trip.trip_date,
      "data-trip": trip.trip_id,
    },
    isSuspended ? "–" : symbolOf(trip.verdict),
  );
  cell.addEventListener("click", () => choose(trip));
  return cell;
}

function monthNode(row: MonthRow, trips: Map<string, Trip>, choose: (trip: Trip) => void): HTMLElement {
  const { year, month } = row;
  const cells: HTMLElement[] = [];
  for (let day = 1; day <= 31; day += 1) {
    if (day > row.daysCount) {
      cells.push(el("td", { class: "no-day" }));
      continue;
    }
    const trip = trips.get(isoDate(year, month, day));
    const kind = isWeekend(year, month, day) ? { class: "weekend" } : {};
    cells.push(el("td", kind, trip === undefined ? null : dayCell(trip, choose)));
  }
  const count = cells.filter((cell) => cell.firstChild !== null).length;
  return el(
    "tr",
    month === 0 ? { class: "new-year" } : {},
    el("th", { scope: "row" }, monthText(month), el("span", { class: "year" }, String(year))),
    ...cells,
    el("td", { class: "count" }, count === 0 ? "" : String(count)),
  );
}

function legendCell(classes: string, symbol: string, text: string): HTMLElement {
  const mark = el("span", { class: `day-cell ${classes}`, "aria-hidden": "true" }, symbol);
  return el("span", { class: "legend-item" }, mark, text);
}

function legend(): HTMLElement {
  return el(
    "div",
    { class: "legend" },
    legendCell("tone-good", "✓", "works"),
    legendCell("tone-risk", "▲", "at risk"),
    legendCell("tone-bad", "✕", "does not work"),
    legendCell("tone-unknown", "?", "unknown"),
    legendCell("tone-plain status-past_reported", "", "past, reported as run"),
    legendCell("tone-plain status-past_announced", "", "past, only announced"),
    legendCell("tone-plain status-planned", "", "planned"),
    legendCell("tone-plain status-test", "", "test run"),
    legendCell("tone-unknown status-suspended", "–", "suspended"),
  );
}

/** What is known of one departure, below the calendar. */
export function departureDetails(study: StudyView, trip: Trip): HTMLElement {
  const findings = study.findingsOf(trip);
  const rows = findings.map((row) =>
    el(
      "li",
      {},
      badge(row.severity, wordsText(row.kind)),
      ` ${row.cause ?? "—"}`,
      row.consequence === null ? null : el("span", { class: "quiet" }, ` ${row.consequence}`),
    ),
  );
  return el(
    "div",
    { class: "departure" },
    el(
      "p",
      {},
      el("strong", {}, `${study.serviceName(trip.service_id)}, ${dateText(trip.trip_date)}`),
      ` · ${wordsText(trip.status)} · `,
      badge(trip.verdict),
    ),
    rows.length === 0 ? el("p", { class: "quiet" }, "No findings for this departure.") : el("ul", {}, ...rows),
  );
}

export function mountCalendar(host: HTMLElement, study: StudyView, selection: Selection): void {
  if (study.trips.length === 0) {
    host.append(missing("No departures: the table trips is empty."));
    return;
  }
  const byService = groupBy(study.trips, (trip) => trip.service_id);
  const { horizon_from: from, horizon_to: to } = study.payload.study;
  const months = monthsBetween(from, to);
  const grid = el("div", { class: "scroll" });
  const chosen = el("div", { class: "departure-host", "aria-live": "polite" });
  let shown = "";
  const choose = (trip: Trip): void => {
    selection.choose(trip.trip_id);
    showDetails(trip);
  };
  const mark = (tripId: string): void => {
    for (const cell of grid.querySelectorAll(".day-cell")) {
      cell.classList.toggle("chosen", cell.getAttribute("data-trip") === tripId);
    }
  };
  const showDetails = (trip: Trip): void => {
    clear(chosen);
    chosen.append(departureDetails(study, trip));
    mark(trip.trip_id);
  };
  const showService = (serviceId: string): void => {
    shown = serviceId;
    services.value = serviceId;
    const trips = tripsByDate(byService.get(serviceId) ?? []);
    const days = Array.from({ length: 31 }, (_, index) => el("th", { scope: "col" }, String(index + 1)));
    const head = el("thead", {}, el("tr", {}, el("th", {}), ...days, el("th", {}, "Σ")));
    const body = el("tbody", {}, ...months.map((row) => monthNode(row, trips, choose)));
    grid.replaceChildren(el("table", { class: "calendar" }, head, body));
    frequency.textContent = study.services.get(serviceId)?.published_frequency ?? "";
  };
  const choices = [...byService].map(([id, trips]) => ({
    value: id,
    label: `${study.serviceName(id)} (${trips.length} dates)`,
  }));
  const services = select("Service", choices, showService);
  const frequency = el("span", { class: "quiet" });
  host.append(
    el("div", { class: "controls" }, field("Service", services), frequency),
    legend(),
    grid,
    chosen,
  );
  showService(choices[0]!.value);
  selection.follow((tripId) => {
    const trip = study.tripById.get(tripId);
    if (trip === undefined) return;
    if (trip.service_id !== shown) showService(trip.service_id);
    showDetails(trip);
  });
}
