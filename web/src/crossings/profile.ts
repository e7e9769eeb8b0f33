// Use of capacity along the way of a host: one bar a stretch, with the range and the allowed share.

import { svg } from "../core/dom";
import { numberText, percentText } from "../core/format";
import type { StudyView } from "../core/study-view";
import { roundStep } from "../drawing/ticks";
import type { SectionCapacity } from "../rows";

const WIDTH = 1080;
const HEIGHT = 190;
const MARGIN = { left: 46, right: 10, top: 12, bottom: 26 };
const MOST_SHARE = 2;

export interface ProfileBar {
  x: number;
  width: number;
  low: number;
  best: number;
  high: number;
  row: SectionCapacity;
}

/** Bars of the stretches that lie on the way, in pixels along it and shares of capacity. */
export function placeBars(rows: SectionCapacity[], kmOf: Map<string, number>, pixels: number): ProfileBar[] {
  const end = Math.max(...kmOf.values());
  return rows.flatMap((row) => {
    const from = kmOf.get(row.from_point);
    const to = kmOf.get(row.to_point);
    if (from === undefined || to === undefined || row.used_share === null) return [];
    const best = row.used_share;
    const x = (Math.min(from, to) / end) * pixels;
    const width = (Math.abs(to - from) / end) * pixels;
    return [{ x, width, low: row.used_share_low ?? best, best, high: row.used_share_high ?? best, row }];
  });
}

function describe(study: StudyView, row: SectionCapacity): string {
  const ends = `${study.pointName(row.from_point)} – ${study.pointName(row.to_point)}`;
  const track = row.tracks_count === null ? "unknown tracks" : row.tracks_count === 1 ? "single track" : "double track";
  return `${ends}, ${numberText(row.length_km, 1)} km, ${track}: ${percentText(row.used_share ?? 0)} used`;
}

/** The drawing; null where no stretch lies on the way. */
export function capacityProfile(
  study: StudyView,
  rows: SectionCapacity[],
  kmOf: Map<string, number>,
): SVGSVGElement | null {
  const plotWidth = WIDTH - MARGIN.left - MARGIN.right;
  const plotHeight = HEIGHT - MARGIN.top - MARGIN.bottom;
  const bars = placeBars(rows, kmOf, plotWidth);
  if (bars.length === 0) return null;
  const top = Math.min(Math.max(...bars.map((bar) => bar.high), 1), MOST_SHARE);
  const down = (share: number): number => MARGIN.top + plotHeight * (1 - Math.min(share, top) / top);
  const root = svg("svg", {
    class: "capacity-profile",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": "Share of the capacity used along the way",
  });
  for (let share = 0; share <= top; share += 0.5) {
    const y = down(share);
    root.append(svg("line", { class: "grid", x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y, y2: y }));
    root.append(svg("text", { x: MARGIN.left - 6, y: y + 4, "text-anchor": "end" }, `${Math.round(share * 100)} %`));
  }
  for (const bar of bars) {
    const x = MARGIN.left + bar.x;
    const width = Math.max(bar.width - 0.6, 0.6);
    const isOver = bar.row.allowed_share !== null && bar.best > bar.row.allowed_share;
    const range = svg("rect", { class: "reach", x, width, y: down(bar.high), height: down(bar.low) - down(bar.high) });
    const best = { x, width, y: down(bar.best), height: down(0) - down(bar.best) };
    const group = svg("g", {}, svg("title", {}, describe(study, bar.row)), range);
    group.append(svg("rect", { class: isOver ? "used over" : "used", ...best }));
    root.append(group);
  }
  const endKm = Math.max(...kmOf.values());
  const step = roundStep(endKm, plotWidth, 90);
  for (let km = 0; km <= endKm; km += step) {
    const x = MARGIN.left + (km / endKm) * plotWidth;
    root.append(svg("text", { x, y: HEIGHT - 8, "text-anchor": "middle" }, km === 0 ? "km 0" : numberText(km)));
  }
  return root;
}
