// What the works holds of coach sets and locomotives: words, spans for the chart, tables.

import { el } from "../core/dom";
import { UNKNOWN, countText, numberText } from "../core/format";
import type { StudyView } from "../core/study-view";
import { DAY_S, dateText } from "../core/time";
import { badge } from "../core/verdicts";
import type { LocomotiveAvailability, SetAvailability } from "../rows";
import { details, lazyDetails, table } from "../tables/table";

type Span = Pick<SetAvailability, "from_day" | "to_day">;

/** Days in which the number of sets in the works does not change, drawn as one bar. */
export interface WorksSpan {
  fromS: number;
  toS: number;
  row: SetAvailability;
}

/** Spans told one by one above the chart; the rest stand in the table. */
const SHOWN_SPANS = 6;

export function isShortOfSets(row: SetAvailability): boolean {
  return (row.departures_without_set ?? 0) > 0;
}

/** The days of a row as instants; its last day belongs to it. */
export function worksSpan(row: SetAvailability, epochS: number): WorksSpan {
  const at = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000 - epochS;
  return { fromS: at(row.from_day), toS: at(row.to_day) + DAY_S, row };
}

function daysText(row: Span): string {
  const [from, to] = [dateText(row.from_day), dateText(row.to_day)];
  return from === to ? from : `${from} – ${to}`;
}

const numberOrUnknown = (value: number | null): string => (value === null ? "unknown" : numberText(value));

/** "1 of 2 sets", "1 set" where nobody says how many there are. */
export function awayText(row: SetAvailability): string {
  const away = row.sets_away ?? 0;
  return row.sets_owned === null ? countText(away, "set") : `${numberText(away)} of ${countText(row.sets_owned, "set")}`;
}

/** What a span means for the departures in it. */
export function departuresText(row: SetAvailability): string {
  const { departures_count: count, departures_without_set: without } = row;
  if (count === 0) return "no departure in these days";
  if (without === null || count === null) return "whether every departure has a set is unknown";
  if (without === 0) return count === 1 ? "the departure has a set" : `all ${numberText(count)} departures have a set`;
  return `${numberText(without)} of ${countText(count, "departure")} without a set`;
}

/** A span as the pointer reads it in the chart. */
export function readSpan(row: SetAvailability): string[] {
  const left = row.sets_available === null ? "sets left unknown" : `${countText(row.sets_available, "set")} left`;
  return [
    `in the works: ${awayText(row)}`,
    daysText(row),
    `${left}, ${numberOrUnknown(row.sets_needed)} needed at once`,
    departuresText(row),
  ];
}

/** A table open where it is short, else folded: no report grows by hundreds of rows. */
function spansTable(count: number, isOpen: boolean, build: () => HTMLElement): HTMLElement {
  const summary = `What the works leaves, ${countText(count, "span")} of days`;
  if (!isOpen) return lazyDetails(summary, () => [build()]);
  const node = details(summary, build());
  node.setAttribute("open", "");
  return node;
}

function setsTable(rows: SetAvailability[], names: Map<string, string>): HTMLElement {
  const columns = [
    { heading: "Pool" },
    { heading: "Days" },
    { heading: "Sets in the works", isNumber: true },
    { heading: "Owned", isNumber: true },
    { heading: "Left", isNumber: true },
    { heading: "Needed at once", isNumber: true },
    { heading: "Departures" },
    { heading: "Jobs" },
  ];
  const body = rows.map((row) => ({
    cells: [
      names.get(row.pool_id) ?? row.pool_id,
      daysText(row),
      numberText(row.sets_away),
      numberOrUnknown(row.sets_owned),
      numberOrUnknown(row.sets_available),
      numberOrUnknown(row.sets_needed),
      departuresText(row),
      (row.job_ids ?? UNKNOWN).replaceAll(";", ", "),
    ],
  }));
  return table(columns, body);
}

function statusLine(tone: string, words: string, text: string): HTMLElement {
  return el("p", { class: "critical" }, badge(tone, words), ` ${text}`);
}

/** Which spans leave departures without a set, the gravest first; then all of them as a table. */
export function worksSets(rows: SetAvailability[], names: Map<string, string>): HTMLElement[] {
  if (rows.length === 0) return [];
  const short = rows
    .filter(isShortOfSets)
    .sort((a, b) => (b.departures_without_set ?? 0) - (a.departures_without_set ?? 0));
  const unknown = rows.filter((row) => row.departures_without_set === null && row.departures_count !== 0);
  const sentenceOf = (row: SetAvailability): string =>
    row.explanation ?? `${daysText(row)}: in the works ${awayText(row)} of ${names.get(row.pool_id) ?? row.pool_id}.`;
  const words = [
    ...short.slice(0, SHOWN_SPANS).map((row) => statusLine("block", "no set", sentenceOf(row))),
    ...unknown.slice(0, SHOWN_SPANS).map((row) => statusLine("unknown", "sets owned unknown", sentenceOf(row))),
  ];
  const untold = short.length + unknown.length - words.length;
  if (untold > 0) words.push(el("p", { class: "quiet" }, `${countText(untold, "more span")} of this kind: see the table.`));
  if (words.length === 0) words.push(statusLine("ok", "sets suffice", "Every departure has a set, whatever the works holds."));
  const open = rows.length <= SHOWN_SPANS;
  return [
    el("h3", {}, "Coach sets in the works"),
    ...words,
    spansTable(rows.length, open, () => setsTable(rows, names)),
  ];
}

function locomotivesTable(rows: LocomotiveAvailability[], nameOf: (id: string) => string): HTMLElement {
  const columns = [
    { heading: "Type" },
    { heading: "Days" },
    { heading: "In the works", isNumber: true },
    { heading: "Owned", isNumber: true },
    { heading: "Left", isNumber: true },
    { heading: "Needed at once", unit: "lower bound", isNumber: true },
    { heading: "Enough" },
    { heading: "Jobs" },
  ];
  const body = rows.map((row) => ({
    cells: [
      nameOf(row.vehicle_type_id),
      daysText(row),
      numberText(row.vehicles_away),
      numberOrUnknown(row.vehicles_owned),
      numberOrUnknown(row.vehicles_available),
      row.vehicles_needed === null ? "beyond the timetable" : `≥ ${numberText(row.vehicles_needed)}`,
      enoughText(row),
      (row.job_ids ?? UNKNOWN).replaceAll(";", ", "),
    ],
  }));
  return table(columns, body);
}

/** Too few is certain; enough is not, for the need is a lower bound. */
export function enoughText(row: LocomotiveAvailability): string {
  if (row.is_short === null) return "unknown";
  return row.is_short ? "no" : "by the lower bound";
}

/** Types of which the works leaves too few for the trains, then all spans as a table. */
export function worksLocomotives(study: StudyView): HTMLElement[] {
  const rows = study.rows("locomotive_availability");
  if (rows.length === 0) return [];
  const types = study.rows("vehicle_types");
  const names = new Map(types.map((row) => [row.vehicle_type_id, row.name ?? row.vehicle_type_id]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  const short = rows.filter((row) => row.is_short === true);
  const words = short
    .slice(0, SHOWN_SPANS)
    .map((row) => statusLine("block", "too few locomotives", row.explanation ?? `${daysText(row)}: ${nameOf(row.vehicle_type_id)}.`));
  if (short.length > SHOWN_SPANS) {
    words.push(el("p", { class: "quiet" }, `${countText(short.length - SHOWN_SPANS, "more span")} with too few: see the table.`));
  }
  const bound =
    "The locomotives needed are a lower bound: those before trains at the same time, without turn-rounds between " +
    "two trains. More may be wanting than is told here, never fewer.";
  return [
    el("h3", {}, "Locomotives in the works"),
    ...words,
    el("p", { class: "quiet" }, bound),
    spansTable(rows.length, rows.length <= SHOWN_SPANS, () => locomotivesTable(rows, nameOf)),
  ];
}
