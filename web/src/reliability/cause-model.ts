// The tree of causes of one service: parts under kinds, in whole minutes that add up as they are shown.

import { groupBy } from "../core/study-view";
import type { DelayCause } from "../rows";
import { roundToSum } from "./words";

export interface CauseNode {
  row: DelayCause;
  /** As it is shown: whole minutes that sum to those of the node above. */
  minutes: number;
  primary: number;
  knockOn: number;
  parts: CauseNode[];
}

function splitParts(parent: DelayCause, minutes: number, byParent: Map<string, DelayCause[]>): CauseNode[] {
  const rows = (byParent.get(parent.cause_id) ?? []).toSorted(
    (a, b) => (isRest(a) ? 1 : 0) - (isRest(b) ? 1 : 0) || (b.delay_min ?? 0) - (a.delay_min ?? 0),
  );
  if (rows.length === 0) return [];
  const shares = scaleTo(rows.map((row) => row.delay_min ?? 0), minutes);
  return rows.map((row, index) => nodeOf(row, shares[index]!, byParent));
}

/** Whole minutes of the parts whose sum is the minutes shown for the whole. */
function scaleTo(parts: number[], minutes: number): number[] {
  const sum = parts.reduce((total, part) => total + part, 0);
  // The shown whole differs from the sum by rounding alone; a greater gap is the tables' own and stays.
  const gap = minutes - sum;
  if (Math.abs(gap) > 1 || parts.length === 0) return roundToSum(parts);
  const greatest = parts.indexOf(Math.max(...parts));
  return roundToSum(parts.map((part, index) => (index === greatest ? part + gap : part)));
}

function nodeOf(row: DelayCause, minutes: number, byParent: Map<string, DelayCause[]>): CauseNode {
  const knockOn = Math.round(row.knock_on_min ?? 0);
  return { row, minutes, primary: minutes - knockOn, knockOn, parts: splitParts(row, minutes, byParent) };
}

/** A row that stands for all parts that are not listed. */
export function isRest(row: DelayCause): boolean {
  return row.cause_id.endsWith(":others");
}

export function buildCauses(rows: DelayCause[]): CauseNode | null {
  const root = rows.find((row) => row.parent_id === null);
  if (root === undefined || root.delay_min === null) return null;
  const byParent = groupBy(
    rows.filter((row) => row.parent_id !== null),
    (row) => row.parent_id ?? "",
  );
  return nodeOf(root, Math.round(root.delay_min), byParent);
}

/** The causes without parts that matter most. */
export function topCauses(rows: DelayCause[], count: number): DelayCause[] {
  return rows
    .filter((row) => row.rank !== null)
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
    .slice(0, count);
}
