// The calendar of the horizon: one row a month; colour and symbol tell the verdict, the frame the status.

import { clear, el, field, missing, select } from "../core/dom";
import { countText, wordsText } from "../core/format";
import type { Selection } from "../core/selection";
import { groupBy, type StudyView } from "../core/study-view";
import { dateText, monthText } from "../core/time";
import { badge, symbolOf, toneOf, verdictWords } from "../core/verdicts";
import { dayChances, tripChances } from "../reliability/trip-chances";
import { chanceText } from "../reliability/words";
import type { Trip } from "../rows";
import { isWeekend, isoDate, monthsBetween, tripsByDate, type MonthRow } from "./model";

/** What a cell shows of a departure: its chance of keeping the announced day where it was simulated. */
function cellText(trip: Trip, chance: number | undefined): string {
  const isOpen = trip.verdict === "at_risk" || trip.verdict === "works";
  return chance === undefined || !isOpen ? symbolOf(trip.verdict) : String(Math.round(100 * chance));
}

function dayCell(trip: Trip, chances: Map<string, number>, choose: (trip: Trip) => void): HTMLElement {
  const chance = chances.get(trip.trip_id);
  const likely = chance === undefined ? "" : `, keeps its announced day with ${chanceText(chance)}`;
  const words = `${dateText(trip.trip_date)}: ${wordsText(trip.status)}, ${verdictWords(trip.verdict)}${likely}`;
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
    isSuspended ? "–" : cellText(trip, chance),
  );
  cell.addEventListener("click", () => choose(trip));
  return cell;
}

function monthNode(
  row: MonthRow,
  trips: Map<string, Trip>,
  chances: Map<string, number>,
  choose: (trip: Trip) => void,
): HTMLElement {
  const { year, month } = row;
  const cells: HTMLElement[] = [];
  for (let day = 1; day <= 31; day += 1) {
    if (day > row.daysCount) {
      cells.push(el("td", { class: "no-day" }));
      continue;
    }
    const trip = trips.get(isoDate(year, month, day));
    const kind = isWeekend(year, month, day) ? { class: "weekend" } : {};
    cells.push(el("td", kind, trip === undefined ? null : dayCell(trip, chances, choose)));
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
  const part = (title: string, ...cells: HTMLElement[]): HTMLElement =>
    el("span", { class: "legend-part" }, el("span", { class: "quiet" }, title), ...cells);
  return el(
    "div",
    { class: "legend calendar-legend" },
    part(
      "Verdict",
      legendCell("tone-good", "✓", "works, or reported as run"),
      legendCell("tone-risk", "▲", "at risk"),
      legendCell("tone-risk", "42", "with a chance of 42 % of keeping the announced day"),
      legendCell("tone-bad", "✕", "does not work"),
      legendCell("tone-unknown", "?", "unknown"),
    ),
    part(
      "Known",
      legendCell("tone-plain status-past_reported", "", "reported as run"),
      legendCell("tone-plain status-past_announced", "", "past, only announced"),
      legendCell("tone-plain status-planned", "", "planned"),
      legendCell("tone-plain status-test", "", "test run"),
      legendCell("tone-unknown status-suspended", "–", "suspended"),
    ),
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
    tripChances(study, trip.trip_id),
    rows.length === 0 ? el("p", { class: "quiet" }, "No findings for this departure.") : el("ul", {}, ...rows),
  );
}

/** The calendar of one service, with its name and frequency above it. */
function serviceCalendar(
  study: StudyView,
  serviceId: string,
  trips: Trip[],
  choose: (trip: Trip) => void,
): HTMLElement {
  const { horizon_from: from, horizon_to: to } = study.payload.study;
  const byDate = tripsByDate(trips);
  const chances = dayChances(study);
  const days = Array.from({ length: 31 }, (_, index) => el("th", { scope: "col" }, String(index + 1)));
  const head = el("thead", {}, el("tr", {}, el("th", {}), ...days, el("th", { title: "Departures" }, "Σ")));
  const rows = monthsBetween(from, to).map((row) => monthNode(row, byDate, chances, choose));
  const frequency = study.services.get(serviceId)?.published_frequency ?? null;
  const count = countText(trips.length, "departure");
  return el(
    "figure",
    { class: "service-calendar" },
    el(
      "figcaption",
      {},
      el("strong", {}, study.serviceName(serviceId)),
      el("span", { class: "quiet" }, ` ${[count, frequency].filter((part) => part !== null).join(", ")}`),
    ),
    el("div", { class: "scroll" }, el("table", { class: "calendar" }, head, el("tbody", {}, ...rows))),
  );
}

const ALL = "";

export function mountCalendar(host: HTMLElement, study: StudyView, selection: Selection): void {
  if (study.trips.length === 0) {
    host.append(missing("No departures: the table trips is empty."));
    return;
  }
  const byService = groupBy(study.trips, (trip) => trip.service_id);
  const grid = el("div", { class: "calendars" });
  const chosen = el("div", { class: "departure-host", "aria-live": "polite" });
  let shown: string | null = null;
  const choose = (trip: Trip): void => {
    // From the first click on, the details stay in view beside the dates.
    chosen.classList.add("picked");
    selection.choose(trip.trip_id);
    showDetails(trip);
  };
  const showDetails = (trip: Trip): void => {
    clear(chosen);
    chosen.append(departureDetails(study, trip));
    for (const cell of grid.querySelectorAll(".day-cell")) {
      const isChosen = cell.getAttribute("data-trip") === trip.trip_id;
      cell.classList.toggle("chosen", isChosen);
      if (isChosen) cell.setAttribute("aria-current", "date");
      else cell.removeAttribute("aria-current");
    }
  };
  const showService = (serviceId: string): void => {
    shown = serviceId;
    services.value = serviceId;
    const wanted = [...byService].filter(([id]) => serviceId === ALL || id === serviceId);
    grid.classList.toggle("compact", wanted.length > 1);
    grid.replaceChildren(...wanted.map(([id, trips]) => serviceCalendar(study, id, trips, choose)));
    const trip = study.tripById.get(selection.tripId ?? "");
    if (trip !== undefined) showDetails(trip);
  };
  const choices = [...byService].map(([id]) => ({ value: id, label: study.serviceName(id) }));
  if (byService.size > 1) choices.unshift({ value: ALL, label: `all ${byService.size} services` });
  const services = select("Service", choices, showService);
  host.append(el("div", { class: "controls" }, field("Service", services)), legend(), grid, chosen);
  // Beside each other they fit a wide screen; a narrow one shows the service of the chosen trip.
  const isWide = window.matchMedia("(min-width: 1240px)").matches;
  if (isWide || byService.size === 1) showService(choices[0]!.value);
  selection.follow((tripId) => {
    const trip = study.tripById.get(tripId);
    if (trip === undefined) return;
    if (shown !== ALL && trip.service_id !== shown) showService(trip.service_id);
    showDetails(trip);
  });
  if (shown === null) showService([...byService.keys()][0]!);
}
