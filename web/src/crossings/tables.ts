// Tables of the section: waits of the host, delay by case, and the most used stretches.

import { el, missing } from "../core/dom";
import { UNKNOWN, countText, numberText, percentText, wordsText } from "../core/format";
import type { StudyView } from "../core/study-view";
import { durationText, hours, momentText } from "../core/time";
import type { Crossing, CrossingDelay, SectionCapacity } from "../rows";
import { details, rangeCell, table, type Column } from "../tables/table";
import { pathLabel } from "./line";

const MOST_STRETCHES = 15;

export const FLOW_WORDS: Record<string, string> = {
  low: "few other trains",
  best: "likely number",
  high: "many other trains",
};

export const ORDER_WORDS: Record<string, string> = {
  first: "before all others",
  among_passenger: "after passenger trains, before freight",
  last: "after all others",
};

const WAIT_COLUMNS: Column[] = [
  { heading: "Place" },
  { heading: "Arrives", unit: "local time" },
  { heading: "Event" },
  { heading: "With" },
  { heading: "Host waits", isNumber: true },
  { heading: "Other waits", isNumber: true },
];

/** Waits of the host in one case, and how many crossings cost it nothing. */
export function waitTable(study: StudyView, rows: Crossing[], offsetMin: number): HTMLElement {
  const flows = new Map(study.rows("train_flows").map((row) => [row.flow_id, row]));
  const waits = rows.filter((row) => row.host_wait_s > 0);
  const free = rows.length - waits.length;
  const rest = `${countText(free, "other meeting")} where the host does not wait.`;
  if (waits.length === 0) return el("p", {}, `The host waits nowhere; ${rest}`);
  const body = waits.map((row) => ({
    cells: [
      study.pointName(row.point_id),
      momentText(row.at_s, study.epochS, offsetMin),
      wordsText(row.kind),
      pathLabel(study, flows, row.other_path_id),
      durationText(row.host_wait_s),
      row.other_wait_s > 0 ? durationText(row.other_wait_s) : UNKNOWN,
    ],
  }));
  return el("div", {}, table(WAIT_COLUMNS, body), el("p", { class: "quiet" }, `And ${rest}`));
}

function delayCell(row: CrossingDelay | undefined): HTMLElement | string {
  if (row === undefined || row.wait_h === null) return UNKNOWN;
  const counts = `${countText(row.crossings_count, "crossing")}, ${countText(row.waits_count, "wait")}`;
  const unplaced = row.unplaced_count > 0 ? `, ${numberText(row.unplaced_count)} without a path` : "";
  return el(
    "span",
    { class: "range" },
    durationText(hours(row.wait_h)),
    el("span", { class: "spread" }, counts + unplaced),
  );
}

/** What other trains cost the host, by how many there are and who goes first. */
export function delayTable(rows: CrossingDelay[]): HTMLElement {
  const cases = Object.keys(FLOW_WORDS);
  const orders = Object.keys(ORDER_WORDS).filter((order) => rows.some((row) => row.host_order === order));
  const columns: Column[] = [
    { heading: "The host gets its path" },
    ...cases.map((name) => ({ heading: FLOW_WORDS[name]!, isNumber: true })),
  ];
  const body = orders.map((order) => ({
    cells: [
      ORDER_WORDS[order]!,
      ...cases.map((name) => delayCell(rows.find((row) => row.host_order === order && row.flow_case === name))),
    ],
  }));
  return table(columns, body);
}

/** The frame of the delays: the free run, the published journey. */
export function delayWords(rows: CrossingDelay[]): string {
  const first = rows[0];
  if (first === undefined || first.free_h === null) return "";
  const published =
    first.published_h === null
      ? ""
      : ` The published journey takes ${durationText(hours(first.published_h))}; it already holds waits and reserves.`;
  return `Alone on the line it would take ${durationText(hours(first.free_h))} (computed).${published}`;
}

/** A share with a bar; what is above the allowed share is told apart. */
export function shareCell(row: SectionCapacity): HTMLElement {
  const { used_share: share, allowed_share: allowed } = row;
  if (share === null) return el("span", {}, UNKNOWN);
  const isOver = allowed !== null && share > allowed;
  const fill = el("span", { class: isOver ? "share-fill over" : "share-fill" });
  fill.style.width = `${Math.min(share, 1) * 100}%`;
  const bar = el("span", { class: "share-bar", "aria-hidden": "true" }, fill);
  return el("span", { class: "share" }, bar, rangeCell(row.used_share_low, share, row.used_share_high, percentText));
}

const CAPACITY_COLUMNS: Column[] = [
  { heading: "Stretch" },
  { heading: "Length", unit: "km", isNumber: true },
  { heading: "Running", unit: "there / back", isNumber: true },
  { heading: "Period", unit: "min", isNumber: true },
  { heading: "Can carry", unit: "pairs a day", isNumber: true },
  { heading: "Runs", unit: "pairs a day", isNumber: true },
  { heading: "Share used" },
  { heading: "Grade" },
];

const whole = (value: number): string => numberText(value);
const time = (value: number | null): string => (value === null ? UNKNOWN : durationText(value));

/** The most used of some stretches, the most used first. */
export function mostUsed(rows: SectionCapacity[], kmOf: Map<string, number> | null): SectionCapacity[] {
  const onWay = kmOf === null ? rows : rows.filter((row) => kmOf.has(row.from_point) && kmOf.has(row.to_point));
  return [...onWay].sort((a, b) => a.rank - b.rank).slice(0, MOST_STRETCHES);
}

export function capacityTable(study: StudyView, rows: SectionCapacity[]): HTMLElement {
  if (rows.length === 0) return missing("No capacity was computed: the table section_capacity is empty.");
  const body = rows.map((row) => ({
    cells: [
      `${study.pointName(row.from_point)} – ${study.pointName(row.to_point)}`,
      numberText(row.length_km, 1),
      `${time(row.running_up_s)} / ${time(row.running_down_s)}`,
      rangeCell(row.period_low_min, row.period_min, row.period_high_min, whole),
      rangeCell(row.pairs_per_day_low, row.pairs_per_day, row.pairs_per_day_high, whole),
      rangeCell(row.used_pairs_per_day_low, row.used_pairs_per_day, row.used_pairs_per_day_high, whole),
      shareCell(row),
      wordsText(row.grade),
    ],
  }));
  const formulas = rows.map((row) =>
    el("li", {}, `${study.pointName(row.from_point)} – ${study.pointName(row.to_point)}: ${row.formula ?? UNKNOWN}`),
  );
  const first = rows[0]!;
  const basis = el("p", {}, `Running times and tracks: ${first.basis ?? UNKNOWN}. Method: ${first.source ?? UNKNOWN}.`);
  const shown = details("Formulas of these stretches, with their numbers", basis, el("ul", {}, ...formulas));
  return el("div", {}, table(CAPACITY_COLUMNS, body, "capacity"), shown);
}
