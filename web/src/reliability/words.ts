// Chances, ranges and errors as they are shown: the range of inputs and the error of runs kept apart.

import { el } from "../core/dom";
import { UNKNOWN, numberText, wordsText } from "../core/format";
import { durationText } from "../core/time";
import type { StudyView } from "../core/study-view";

export interface Estimate {
  best: number | null;
  low: number | null;
  high: number | null;
  error: number | null;
}

/** "31 %", with the ends told apart from nothing and from certainty. */
export function chanceText(share: number): string {
  if (share > 0 && share < 0.005) return "< 1 %";
  if (share > 0.995 && share < 1) return "> 99 %";
  return `${Math.round(share * 100)} %`;
}

/** "± 0.4 %": the standard error of a share from the number of runs. */
export function shareErrorText(error: number): string {
  return `± ${numberText(error * 100, 1)} %`;
}

/** Minutes to the minute even over days, so that shown parts add up: "51 h 06 min". */
export function exactText(minutes: number): string {
  const size = Math.round(Math.abs(minutes));
  const sign = minutes < 0 && size > 0 ? "−" : "";
  const [hours, rest] = [Math.floor(size / 60), size % 60];
  if (hours === 0) return `${sign}${rest} min`;
  return `${sign}${numberText(hours)} h${rest === 0 ? "" : ` ${String(rest).padStart(2, "0")} min`}`;
}

export function hoursText(value: number): string {
  return durationText(value * 3600);
}

/** Hours a year: whole from ten on, one decimal below, never a bare nought for little. */
export function yearlyText(hours: number): string {
  if (hours === 0) return "0";
  const size = Math.abs(hours);
  if (size < 0.05) return "< 0.1";
  return numberText(hours, size < 10 ? 1 : 0);
}

/** A rate a year, with two figures that count. */
export function rateText(rate: number): string {
  if (!Number.isFinite(rate)) return numberText(null);
  if (rate === 0) return "0";
  const size = Math.abs(rate);
  const digits = size >= 10 ? 0 : Math.min(Math.max(1 - Math.floor(Math.log10(size)), 0), 6);
  return numberText(rate, digits);
}

/** "12 – 59 %": two ends, the unit written once where both bear it. */
export function joinEnds(low: string, high: string): string {
  const isShared = low.endsWith(" %") && high.endsWith(" %") && !low.startsWith("<") && !low.startsWith(">");
  // A dash before a minus sign would be read as one.
  return `${isShared ? low.slice(0, -2) : low}${high.startsWith("−") ? " to " : " – "}${high}`;
}

/** An error that would round to nothing is told as less than one unit. */
export function errorText(minutes: number): string {
  return Math.abs(minutes) < 0.5 ? "± < 1 min" : `± ${exactText(minutes)}`;
}

/** Value, below it the range of what is not known, below that the error from the number of runs. */
export function estimateCell(
  { best, low, high, error }: Estimate,
  show: (value: number) => string,
  showError: (value: number) => string = (value) => `± ${show(value).replace(/^< /, "<\u202f")}`,
): HTMLElement {
  const node = el("span", { class: "range" }, best === null ? UNKNOWN : show(best));
  if (best === null) return node;
  // A range that reads as the value itself, and an error of nought, would say nothing.
  const isRange = low !== null && high !== null && !(show(low) === show(best) && show(high) === show(best));
  if (isRange) node.append(el("span", { class: "spread" }, joinEnds(show(low), show(high))));
  if (error !== null && error !== 0) node.append(el("span", { class: "spread error" }, showError(error)));
  return node;
}

/** A bar from 0 to 100 % with a mark at the chance and a band over its range. */
export function chanceBar({ best, low, high }: Estimate): HTMLElement | null {
  if (best === null) return null;
  const band = el("span", { class: "chance-band" });
  const from = low ?? best;
  band.style.left = `${from * 100}%`;
  band.style.width = `${((high ?? best) - from) * 100}%`;
  const mark = el("span", { class: "chance-mark" });
  mark.style.left = `${best * 100}%`;
  return el("span", { class: "chance-bar", "aria-hidden": "true" }, band, mark);
}

export function chanceCell(estimate: Estimate): HTMLElement {
  const words = estimateCell(estimate, chanceText, shareErrorText);
  return el("span", { class: "chance" }, chanceBar(estimate), words);
}

/** Departures of which a distribution tells: those whose announced hosts run, or all. */
export type GroupId = "works" | "all";

export const GROUP_WORDS: Record<GroupId, string> = {
  works: "departures whose announced hosts run",
  all: "all departures, also those that miss a host that does not run",
};

export const SHORT_GROUP_WORDS: Record<GroupId, string> = {
  works: "whose announced hosts run",
  all: "all departures",
};

/** Groups that a table has, that of running hosts first. */
export function groupsOf(rows: { group_id: string }[]): GroupId[] {
  const groups = new Set(rows.map((row) => row.group_id));
  return (["works", "all"] as const).filter((group) => groups.has(group));
}

const CAUSE_WORDS: Record<string, string> = {
  catenary: "overhead line",
  missed_connection: "missed hand-overs",
  late_host: "hosts that run late",
  border: "border procedures",
  crossing: "crossings on single track",
  speed_restriction: "speed restrictions",
  coach_set: "coach sets not back",
  dwell: "stops",
  vehicle: "vehicles",
  turnout: "turnouts",
  bridge: "bridges",
  tunnel: "tunnels",
  embankment: "embankments",
};

export function causeWords(cause: string | null): string {
  return cause === null ? UNKNOWN : (CAUSE_WORDS[cause] ?? wordsText(cause));
}

export const KIND_WORDS: Record<string, string> = { catenary: "overhead line" };

export function kindWords(kind: string): string {
  return KIND_WORDS[kind] ?? wordsText(kind);
}

/** "Tumangang – Khasan" for each section. */
export function sectionNames(study: StudyView): Map<string, string> {
  return new Map(
    study
      .rows("sections")
      .map((row) => [row.section_id, `${study.pointName(row.from_point)} – ${study.pointName(row.to_point)}`]),
  );
}

/** Whole numbers nearest to the parts that sum to the rounded whole (largest remainders first). */
export function roundToSum(parts: number[]): number[] {
  const floors = parts.map(Math.floor);
  const whole = Math.round(parts.reduce((sum, part) => sum + part, 0));
  let left = whole - floors.reduce((sum, part) => sum + part, 0);
  const order = parts
    .map((part, index) => ({ index, rest: part - floors[index]! }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index);
  for (const { index } of order) {
    if (left <= 0) break;
    floors[index]! += 1;
    left -= 1;
  }
  return floors;
}
