// Ribbons of delay along the way: quantiles of the coach's delay by kilometres.

import { numberText } from "../core/format";
import { durationText } from "../core/time";
import type { Painter, Size } from "../drawing/chart";
import { ACCENT, INK, MUTED, RULE, type Pen, type Rect } from "../drawing/pen";
import { multiples, roundStep } from "../drawing/ticks";
import { spreadLabels } from "../drawing/spread";
import type { Viewport } from "../drawing/viewport";

export interface RibbonPoint {
  name: string;
  event: string | null;
  km: number;
  /** Delay in minutes: 5, 25, 50, 75 and 95 in a hundred are less late. */
  quantiles: number[];
  mean: number | null;
}

export interface RibbonModel {
  points: RibbonPoint[];
  /** Places where the coach changes trains, with its ends: named above the chart. */
  marks: { name: string; km: number; importance: number }[];
  hasKm: boolean;
}

export const OUTER_COLOUR = "#c9dbe8";
export const INNER_COLOUR = "#7fa8c4";
export const MEAN_COLOUR = "#c05a12";

const MARGIN = { left: 62, right: 20, top: 92, bottom: 26 };
const NAME_TURN = -38;
const NAME_GAP = 30;
/** How far a long name reaches to the right of its place [px]. */
const NAME_REACH = 84;
const MAIN = 3;

/** Steps of the delay axis [min] that fall on whole clock units. */
const STEPS_MIN = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14_400];

export function delayStep(spanMin: number, pixels: number, gap = 34): number {
  return STEPS_MIN.find((step) => (step / spanMin) * pixels >= gap) ?? 14_400 * 2;
}

export class RibbonPainter implements Painter {
  readonly axes = { across: true, down: false };
  model: RibbonModel = { points: [], marks: [], hasKm: true };

  plotArea(size: Size): Rect {
    return {
      x: MARGIN.left,
      y: MARGIN.top,
      width: Math.max(size.width - MARGIN.left - MARGIN.right, 50),
      height: Math.max(size.height - MARGIN.top - MARGIN.bottom, 50),
    };
  }

  private span(): { fromKm: number; toKm: number; low: number; high: number } {
    const { points } = this.model;
    const km = points.map((point) => point.km);
    const all = points.flatMap((point) => [...point.quantiles, point.mean ?? 0]);
    const [low, high] = [Math.min(...all, 0), Math.max(...all, 10)];
    const edge = (high - low) * 0.04;
    return { fromKm: Math.min(...km), toKm: Math.max(...km, Math.min(...km) + 1), low: low - edge, high: high + edge };
  }

  private toX(km: number, area: Rect, view: Viewport): number {
    const { fromKm, toKm } = this.span();
    const share = (km - fromKm) / (toKm - fromKm);
    return area.x + ((share - view.across.from) / (view.across.to - view.across.from)) * area.width;
  }

  private toY(minutes: number, area: Rect): number {
    const { low, high } = this.span();
    return area.y + area.height * (1 - (minutes - low) / (high - low));
  }

  paint(pen: Pen, size: Size, view: Viewport): void {
    if (this.model.points.length < 2) return;
    const area = this.plotArea(size);
    this.paintGrid(pen, area, view);
    pen.clip(area, () => this.paintRibbons(pen, area, view));
    this.paintMarks(pen, area, view);
    const note = { size: 11, colour: MUTED, halo: true } as const;
    pen.text("\u2191 later than the resolved plan", area.x + 8, area.y + 14, note);
    pen.rect(area, null, { colour: INK, width: 0.8 });
  }

  private paintGrid(pen: Pen, area: Rect, view: Viewport): void {
    const { fromKm, toKm, low, high } = this.span();
    for (const minutes of multiples(low, high, delayStep(high - low, area.height))) {
      const y = this.toY(minutes, area);
      const isPlan = minutes === 0;
      pen.line([area.x, y, area.x + area.width, y], { colour: isPlan ? INK : RULE, width: isPlan ? 1.4 : 1 });
      const label = isPlan ? "plan" : durationText(minutes * 60);
      pen.text(label, area.x - 8, y, { size: 11, colour: isPlan ? INK : MUTED, align: "right" });
    }
    const wide = toKm - fromKm;
    const [from, to] = [fromKm + view.across.from * wide, fromKm + view.across.to * wide];
    const bottom = area.y + area.height;
    const unit = this.model.hasKm ? " km" : "";
    for (const km of multiples(from, to, roundStep(to - from, area.width, 90))) {
      const x = this.toX(km, area, view);
      pen.line([x, area.y, x, bottom], { colour: "#eef1f4" });
      pen.text(`${numberText(km)}${unit}`, x, bottom + 15, { size: 11, colour: MUTED, align: "center" });
    }
  }

  private paintRibbons(pen: Pen, area: Rect, view: Viewport): void {
    const { points } = this.model;
    const line = (quantile: number): number[] =>
      points.flatMap(({ km, quantiles }) => [this.toX(km, area, view), this.toY(quantiles[quantile]!, area)]);
    const back = (flat: number[]): number[] => {
      const turned: number[] = [];
      for (let index = flat.length - 2; index >= 0; index -= 2) turned.push(flat[index]!, flat[index + 1]!);
      return turned;
    };
    pen.area([...line(0), ...back(line(4))], OUTER_COLOUR, 0.85);
    pen.area([...line(1), ...back(line(3))], INNER_COLOUR, 0.9);
    pen.line(line(2), { colour: ACCENT, width: 2.2 });
    const mean = points.filter((point) => point.mean !== null);
    if (mean.length < 2) return;
    const flat = mean.flatMap(({ km, mean: value }) => [this.toX(km, area, view), this.toY(value ?? 0, area)]);
    pen.line(flat, { colour: MEAN_COLOUR, width: 1.6, dash: [6, 4] });
  }

  private paintMarks(pen: Pen, area: Rect, view: Viewport): void {
    const inside = this.model.marks
      .map((mark) => ({ ...mark, position: this.toX(mark.km, area, view) }))
      .filter(({ position }) => position >= area.x - 1 && position <= area.x + area.width + 1);
    // A turned name reaches up and to the right, so that the last one needs room.
    const main = inside.filter((mark) => mark.importance >= MAIN);
    const placed = spreadLabels(main, 17, { from: area.x, to: area.x + area.width - NAME_REACH }, MAIN);
    const written = main.flatMap((mark, index) => {
      pen.line([mark.position, area.y, mark.position, area.y + area.height], { colour: "#8a97a3", dash: [3, 3] });
      const at = placed.get(index);
      return at === undefined ? [] : [{ ...mark, at }];
    });
    const taken = written.flatMap(({ at, position }) => [at, position]);
    for (const mark of inside.filter(({ importance }) => importance < MAIN)) {
      const isPast = mark.position > area.x + area.width - NAME_REACH;
      const isFree = taken.every((other) => Math.abs(other - mark.position) >= NAME_GAP);
      if (isPast || !isFree) continue;
      taken.push(mark.position);
      written.push({ ...mark, at: mark.position });
    }
    for (const { name, at, position, importance } of written) {
      pen.line([position, area.y, at, area.y - 8], { colour: "#a9b4be", width: 0.8 });
      const isMain = importance >= MAIN;
      pen.text(name, at + 2, area.y - 11, { size: 11.5, turn: NAME_TURN, bold: isMain, colour: isMain ? INK : MUTED });
    }
  }

  read(pen: Pen, size: Size, view: Viewport, x: number, y: number): string[] | null {
    const area = this.plotArea(size);
    if (x < area.x || y < area.y || x > area.x + area.width || y > area.y + area.height) return null;
    const { points } = this.model;
    const nearest = points.toSorted(
      (a, b) => Math.abs(this.toX(a.km, area, view) - x) - Math.abs(this.toX(b.km, area, view) - x),
    )[0];
    if (nearest === undefined) return null;
    const at = this.toX(nearest.km, area, view);
    pen.line([at, area.y, at, area.y + area.height], { colour: INK, width: 0.8, dash: [4, 3] });
    const same = points.filter((point) => point.km === nearest.km && point.name === nearest.name);
    const text = (minutes: number): string => durationText(minutes * 60);
    const lines = [`${nearest.name}${this.model.hasKm ? `, km ${numberText(nearest.km)}` : ""}`];
    for (const point of same) {
      const [p05, p25, p50, p75, p95] = point.quantiles as [number, number, number, number, number];
      lines.push(
        `${point.event ?? "passes"}: half of the trips later than ${text(p50)}`,
        `half of them between ${text(p25)} and ${text(p75)}`,
        `nine in ten between ${text(p05)} and ${text(p95)}`,
      );
      if (point.mean !== null) lines.push(`mean ${text(point.mean)}`);
    }
    return lines;
  }
}
