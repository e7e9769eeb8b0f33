// Speed, limit, gradient and electrification along a train's way.

import { electrificationText, numberText } from "../core/format";
import type { Painter, Size } from "../drawing/chart";
import { ACCENT, INK, MUTED, RULE, type Pen, type Rect } from "../drawing/pen";
import { multiples, roundStep, thinLabels } from "../drawing/ticks";
import type { Viewport } from "../drawing/viewport";
import type { SpeedSample } from "../rows";

export interface SpeedPlace {
  name: string;
  km: number;
}

export interface SpeedModel {
  samples: SpeedSample[];
  places: SpeedPlace[];
  lengthKm: number;
}

interface Panel extends Rect {
  from: number;
  to: number;
}

const MARGIN = { left: 58, right: 16, top: 26, bottom: 28 };
const STRIP = 18;

const CURRENT_COLOURS: Record<string, string> = {
  none: "#9aa4ad",
  "3kv_dc": "#c05a12",
  "25kv_50hz": "#12496b",
};

const COLUMN = 4;
const LIMIT_COLOUR = "#e0a49c";

interface Column {
  x: number;
  high: number;
  low: number;
}

/** Highest and lowest value of a trace in each step of a few pixels. */
export function columnsOf(trace: number[]): Column[] {
  const columns = new Map<number, Column>();
  for (let index = 0; index + 1 < trace.length; index += 2) {
    const x = Math.round(trace[index]! / COLUMN) * COLUMN;
    const y = trace[index + 1]!;
    const { high, low } = columns.get(x) ?? { high: Infinity, low: -Infinity };
    columns.set(x, { x, high: Math.min(high, y), low: Math.max(low, y) });
  }
  return [...columns.values()];
}

/** Outline of a crowded trace. */
export function envelope(trace: number[]): number[] {
  const columns = columnsOf(trace);
  const top = columns.flatMap(({ x, high }) => [x, high]);
  const bottom = columns.toReversed().flatMap(({ x, low }) => [x, low]);
  return [...top, ...bottom];
}

/** Numbers of a trace for each pixel across. */
function crowding(trace: number[]): number {
  return trace.length / Math.max(trace.at(-2)! - trace[0]!, 1);
}

function most(samples: SpeedSample[], pick: (sample: SpeedSample) => number | null): number {
  return samples.reduce((high, sample) => Math.max(high, Math.abs(pick(sample) ?? 0)), 0);
}

export class SpeedPainter implements Painter {
  readonly axes = { across: true, down: false };
  model: SpeedModel = { samples: [], places: [], lengthKm: 1 };

  plotArea(size: Size): Rect {
    return {
      x: MARGIN.left,
      y: MARGIN.top,
      width: size.width - MARGIN.left - MARGIN.right,
      height: size.height - MARGIN.top - MARGIN.bottom,
    };
  }

  private panels(size: Size): { speed: Panel; gradient: Panel; current: Rect } {
    const area = this.plotArea(size);
    const { samples } = this.model;
    const fastest = most(samples, (row) => Math.max(row.speed_kmh ?? 0, row.limit_kmh ?? 0));
    const steepest = most(samples, (row) =>
      Math.max(Math.abs(row.gradient_permille ?? 0), row.gradient_bound_permille ?? 0),
    );
    const space = area.height - STRIP - 44;
    const speedHeight = Math.round(space * 0.62);
    const slope = Math.max(Math.ceil(steepest / 5) * 5, 5);
    return {
      speed: { ...area, height: speedHeight, from: 0, to: Math.max(Math.ceil((fastest + 4) / 20) * 20, 20) },
      gradient: {
        ...area,
        y: area.y + speedHeight + 24,
        height: space - speedHeight,
        from: -slope,
        to: slope,
      },
      current: { ...area, y: area.y + area.height - STRIP, height: STRIP },
    };
  }

  private toX(km: number, area: Rect, view: Viewport): number {
    const share = km / this.model.lengthKm;
    return area.x + ((share - view.across.from) / (view.across.to - view.across.from)) * area.width;
  }

  private toKm(x: number, area: Rect, view: Viewport): number {
    const share = (x - area.x) / area.width;
    const { from, to } = view.across;
    return (from + share * (to - from)) * this.model.lengthKm;
  }

  paint(pen: Pen, size: Size, view: Viewport): void {
    const { speed, gradient, current } = this.panels(size);
    this.paintGrid(pen, speed, view, "km/h");
    this.paintGrid(pen, gradient, view, "‰");
    pen.clip(speed, () => this.paintSpeed(pen, speed, view));
    pen.clip(gradient, () => this.paintGradient(pen, gradient, view));
    pen.clip(current, () => this.paintCurrent(pen, current, view));
    pen.rect(current, null, { colour: INK, width: 0.8 });
    this.paintPlaces(pen, speed, view);
    this.paintKilometres(pen, size, view);
  }

  private paintGrid(pen: Pen, panel: Panel, view: Viewport, unit: string): void {
    const step = roundStep(panel.to - panel.from, panel.height, 26);
    for (const value of multiples(panel.from, panel.to, step)) {
      const y = this.toY(value, panel);
      pen.line([panel.x, y, panel.x + panel.width, y], { colour: value === 0 ? "#a9b4be" : RULE });
      pen.text(numberText(value), panel.x - 8, y, { size: 11, colour: MUTED, align: "right" });
    }
    pen.text(unit, 4, panel.y + panel.height / 2, { size: 11, colour: MUTED });
    pen.rect(panel, null, { colour: INK, width: 0.8 });
    const { area, step: kmStep } = this.kilometreStep(panel, view);
    for (const km of multiples(area.from, area.to, kmStep)) {
      const x = this.toX(km, panel, view);
      pen.line([x, panel.y, x, panel.y + panel.height], { colour: "#eef1f4" });
    }
  }

  private kilometreStep(panel: Rect, view: Viewport): { area: { from: number; to: number }; step: number } {
    const from = view.across.from * this.model.lengthKm;
    const to = view.across.to * this.model.lengthKm;
    return { area: { from, to }, step: roundStep(to - from, panel.width, 80) };
  }

  private toY(value: number, panel: Panel): number {
    return panel.y + panel.height * (1 - (value - panel.from) / (panel.to - panel.from));
  }

  /** Runs of samples whose value is known, as flat points; stepped where a value holds to the next. */
  private traces(
    panel: Panel,
    view: Viewport,
    pick: (sample: SpeedSample) => number | null,
    isStepped: boolean,
  ): number[][] {
    const traces: number[][] = [];
    let trace: number[] = [];
    let lastY = 0;
    for (const sample of this.model.samples) {
      const value = pick(sample);
      if (value === null) {
        if (trace.length > 2) traces.push(trace);
        trace = [];
        continue;
      }
      const x = this.toX(sample.position_km, panel, view);
      const y = this.toY(value, panel);
      if (isStepped && trace.length > 0) trace.push(x, lastY);
      trace.push(x, y);
      lastY = y;
    }
    if (trace.length > 2) traces.push(trace);
    return traces;
  }

  private paintSpeed(pen: Pen, panel: Panel, view: Viewport): void {
    for (const trace of this.traces(panel, view, (row) => row.limit_kmh, true)) {
      pen.line(trace, { colour: LIMIT_COLOUR, width: 3 });
    }
    for (const trace of this.traces(panel, view, (row) => row.speed_kmh, false)) {
      pen.line(trace, { colour: ACCENT, width: 1.6 });
    }
  }

  private paintGradient(pen: Pen, panel: Panel, view: Viewport): void {
    for (const side of [1, -1]) {
      const pick = (row: SpeedSample): number | null =>
        row.gradient_bound_permille === null ? null : side * row.gradient_bound_permille;
      for (const trace of this.traces(panel, view, pick, true)) {
        const zero = this.toY(0, panel);
        pen.area([trace[0]!, zero, ...trace, trace.at(-2)!, zero], "#c9b27a", 0.35);
        pen.line(trace, { colour: "#a88410", width: 1 });
      }
    }
    const known = (row: SpeedSample): number | null => (row.gradient_basis === "assumed" ? null : row.gradient_permille);
    for (const trace of this.traces(panel, view, known, true)) {
      if (crowding(trace) < 4) pen.line(trace, { colour: INK, width: 1.1 });
      else pen.area(envelope(trace), MUTED, 0.6);
    }
    const assumed = (row: SpeedSample): number | null => (row.gradient_basis === "assumed" ? row.gradient_permille : null);
    for (const trace of this.traces(panel, view, assumed, true)) this.paintAssumed(pen, trace);
  }

  /** A wave that is an assumption: dashed, or a pale band with upright hatching where it is crowded. */
  private paintAssumed(pen: Pen, trace: number[]): void {
    if (crowding(trace) < 4) {
      pen.line(trace, { colour: "#8a949e", width: 1, dash: [3, 2] });
      return;
    }
    pen.area(envelope(trace), "#ffffff", 0.65);
    for (const { x, high, low } of columnsOf(trace)) pen.line([x, high, x, low], { colour: "#a3acb5", width: 1 });
  }

  private paintCurrent(pen: Pen, strip: Rect, view: Viewport): void {
    const { samples } = this.model;
    let start = 0;
    samples.forEach((sample, index) => {
      const next = samples[index + 1];
      if (next !== undefined && next.electrification === sample.electrification) return;
      const from = this.toX(samples[start]!.position_km, strip, view);
      const to = this.toX((next ?? sample).position_km, strip, view);
      const value = sample.electrification;
      const box = { ...strip, x: from, width: to - from };
      const colour = CURRENT_COLOURS[value ?? ""] ?? "#8a3f86";
      if (value === null) pen.hatch(box, MUTED, 0.7);
      else pen.rect(box, colour, undefined, 0.85);
      const label = electrificationText(value);
      const left = Math.max(from, strip.x);
      const right = Math.min(to, strip.x + strip.width);
      if (right - left > pen.textWidth(label, 11, true) + 10) {
        const colour = value === null ? INK : "#ffffff";
        const style = { size: 11, bold: true, align: "center", colour, halo: value === null } as const;
        pen.text(label, (left + right) / 2, strip.y + strip.height / 2 + 0.5, style);
      }
      start = index + 1;
    });
  }

  private paintPlaces(pen: Pen, panel: Rect, view: Viewport): void {
    const inView = this.model.places
      .map((place) => ({ place, x: this.toX(place.km, panel, view) }))
      .filter(({ x }) => x >= panel.x - 1 && x <= panel.x + panel.width + 1);
    const ends = [0, inView.length - 1];
    const labels = inView.map(({ x }, index) => ({
      position: x,
      importance: ends.includes(index) ? 1 : 0,
    }));
    const shown = thinLabels(labels, 104);
    inView.forEach(({ place, x }, index) => {
      pen.line([x, panel.y - 4, x, panel.y], { colour: MUTED });
      if (!shown.has(index)) return;
      const isLast = x > panel.x + panel.width - 60;
      const align = x < panel.x + 40 ? "left" : isLast ? "right" : "center";
      pen.text(place.name, x, panel.y - 13, { size: 11, align });
    });
  }

  private paintKilometres(pen: Pen, size: Size, view: Viewport): void {
    const area = this.plotArea(size);
    const { area: range, step } = this.kilometreStep(area, view);
    for (const km of multiples(range.from, range.to, step)) {
      const x = this.toX(km, area, view);
      const digits = step < 1 ? 1 : 0;
      const style = { size: 11, colour: MUTED, align: "center" } as const;
      pen.text(numberText(km, digits), x, area.y + area.height + 13, style);
    }
    pen.text("km", 4, area.y + area.height + 13, { size: 11, colour: MUTED });
  }

  read(pen: Pen, size: Size, view: Viewport, x: number, y: number): string[] | null {
    const area = this.plotArea(size);
    if (x < area.x || x > area.x + area.width || y < area.y) return null;
    const km = this.toKm(x, area, view);
    const { samples, places } = this.model;
    const next = samples.findIndex((sample) => sample.position_km > km);
    const sample = samples[next < 0 ? samples.length - 1 : Math.max(next - 1, 0)];
    if (sample === undefined) return null;
    pen.line([x, area.y, x, area.y + area.height], { colour: INK, width: 0.8, dash: [4, 3] });
    const after = places.findIndex((place) => place.km > km);
    const between = [places[after - 1]?.name, places[after]?.name];
    const where = between.filter((name) => name !== undefined).join(" → ");
    const lines = [where === "" ? `km ${numberText(km, 1)}` : where];
    if (where !== "") lines.push(`km ${numberText(km, 1)}`);
    lines.push(`speed ${numberText(sample.speed_kmh)} km/h, limit ${numberText(sample.limit_kmh)} km/h`);
    const bound = sample.gradient_bound_permille;
    const basis = sample.gradient_basis === "assumed" ? " assumed" : "";
    const gradient = `gradient ${numberText(sample.gradient_permille, 1)} ‰${basis}`;
    lines.push(bound === null ? gradient : `${gradient}, ruling ${numberText(bound, 1)} ‰`);
    lines.push(electrificationText(sample.electrification));
    return lines;
  }
}
