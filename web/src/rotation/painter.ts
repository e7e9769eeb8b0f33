// Coach rotation: one row per set, its trips and its stays between them, over the horizon.

import { numberText, percentText } from "../core/format";
import type { StudyView } from "../core/study-view";
import { dateText, durationText, hours, momentText, monthText, slackText } from "../core/time";
import type { Painter, Size } from "../drawing/chart";
import { INK, MUTED, RULE, type Pen, type Rect } from "../drawing/pen";
import type { Viewport } from "../drawing/viewport";
import type { CoachTurn } from "../rows";
import { readSpan, type WorksSpan } from "./works";
import { paintWorksBar, worksBars, type WorksBar } from "./works-bars";

export interface RotationRow {
  pool: string;
  set: string;
  turns: CoachTurn[];
  /** What the works holds of the pool; such a row has no turns. */
  works?: WorksSpan[];
}

interface Bar {
  rect: Rect;
  turn: CoachTurn;
  kind: "trip" | "stay";
}

const MARGIN = { left: 200, right: 12, top: 36, bottom: 8 };
export const ROW_HEIGHT = 48;
export const HEAD_HEIGHT = MARGIN.top + MARGIN.bottom;
const DAY_S = 86400;

const SERVICE_COLOURS = ["#12496b", "#3d7ea6", "#8a3f86", "#b07aa8", "#3f7d3a", "#7fae7a"];

const SHOWN_CHANCE = 0.01;
const CRITICAL_CHANCE = 0.1;

/** Whether a stay is too short with the likeliest times, or likely to be. */
export function isCriticalTurn(turn: CoachTurn): boolean {
  return (turn.slack_h ?? 0) < 0 || (turn.chance_lost ?? 0) >= CRITICAL_CHANCE;
}

/** As much of a text as fits a width [px]. */
function elide(pen: Pen, text: string, width: number): string {
  let shown = text;
  while (shown.length > 1 && pen.textWidth(shown, 11) > width) {
    shown = `${shown.replace(/…$/, "").slice(0, -1)}…`;
  }
  return shown;
}

export class RotationPainter implements Painter {
  readonly axes = { across: true, down: false };
  private readonly fromS: number;
  private readonly toS: number;
  private readonly serviceOrder: string[];
  /** The last chance written above each row, and its right end [px]. */
  private readonly lastLabel = new Map<number, { right: number; label: string }>();

  constructor(
    private readonly study: StudyView,
    readonly rows: RotationRow[],
    private readonly onPick: (tripId: string) => void,
  ) {
    const instants = rows.flatMap((row) =>
      row.turns.flatMap((turn) => [this.departureOf(turn), turn.arrival_at_s, turn.next_departure_at_s]),
    );
    const known = instants.filter((instant) => instant !== null);
    this.fromS = Math.min(...known) - DAY_S;
    this.toS = Math.max(...known) + DAY_S;
    const services = rows.flatMap((row) => row.turns.map((turn) => this.serviceOf(turn)));
    this.serviceOrder = [...new Set(services)];
  }

  private departureOf(turn: CoachTurn): number | null {
    return this.study.tripById.get(turn.trip_id ?? "")?.departure_at_s ?? null;
  }

  private serviceOf(turn: CoachTurn): string {
    return this.study.tripById.get(turn.trip_id ?? "")?.service_id ?? "";
  }

  services(): { serviceId: string; colour: string }[] {
    return this.serviceOrder
      .filter((serviceId) => serviceId !== "")
      .map((serviceId) => ({ serviceId, colour: this.colourOf(serviceId) }));
  }

  private colourOf(serviceId: string): string {
    const index = Math.max(this.serviceOrder.indexOf(serviceId), 0);
    return SERVICE_COLOURS[index % SERVICE_COLOURS.length]!;
  }

  plotArea(size: Size): Rect {
    return {
      x: MARGIN.left,
      y: MARGIN.top,
      width: size.width - MARGIN.left - MARGIN.right,
      height: size.height - MARGIN.top - MARGIN.bottom,
    };
  }

  private toX(atS: number, area: Rect, view: Viewport): number {
    const share = (atS - this.fromS) / (this.toS - this.fromS);
    return area.x + ((share - view.across.from) / (view.across.to - view.across.from)) * area.width;
  }

  private bars(size: Size, view: Viewport): Bar[] {
    const area = this.plotArea(size);
    return this.rows.flatMap((row, index) => {
      const y = area.y + index * ROW_HEIGHT;
      return row.turns.flatMap((turn) => {
        const bars: Bar[] = [];
        const from = this.departureOf(turn);
        const { arrival_at_s: arrival, next_departure_at_s: next } = turn;
        const span = (a: number, b: number): { x: number; width: number } => {
          const x = this.toX(a, area, view);
          return { x, width: Math.max(this.toX(b, area, view) - x, 1) };
        };
        if (arrival !== null && next !== null) {
          const place = span(arrival, next);
          // A stay of an hour in years of trips is a hair: what is critical keeps a visible width.
          const width = isCriticalTurn(turn) ? Math.max(place.width, 4) : place.width;
          bars.push({ kind: "stay", turn, rect: { ...place, width, y: y + 24, height: 10 } });
        }
        if (from !== null && arrival !== null) {
          bars.push({ kind: "trip", turn, rect: { ...span(from, arrival), y: y + 19, height: 20 } });
        }
        return bars;
      });
    });
  }

  private worksBars(size: Size, view: Viewport): WorksBar[] {
    const area = this.plotArea(size);
    return this.rows.flatMap(({ works }, index) =>
      worksBars(works ?? [], area.y + index * ROW_HEIGHT, (atS) => this.toX(atS, area, view)),
    );
  }

  paint(pen: Pen, size: Size, view: Viewport): void {
    const area = this.plotArea(size);
    this.paintMonths(pen, area, view);
    this.rows.forEach((row, index) => {
      const y = area.y + index * ROW_HEIGHT;
      pen.line([0, y, area.x + area.width, y], { colour: RULE });
      pen.text(elide(pen, row.pool, MARGIN.left - 18), 4, y + 18, { size: 11, colour: MUTED });
      pen.text(row.set, 4, y + 34);
    });
    this.lastLabel.clear();
    pen.clip(area, () => {
      const bars = this.bars(size, view);
      const isTop = ({ kind, turn }: Bar): boolean => kind === "stay" && isCriticalTurn(turn);
      for (const bar of [...bars.filter((bar) => !isTop(bar)), ...bars.filter(isTop)]) this.paintBar(pen, bar, area);
      for (const bar of this.worksBars(size, view)) paintWorksBar(pen, bar, area);
    });
    pen.rect(area, null, { colour: INK, width: 0.8 });
  }

  private paintMonths(pen: Pen, area: Rect, view: Viewport): void {
    const first = new Date((this.study.epochS + this.fromS) * 1000);
    let year = first.getUTCFullYear();
    let month = first.getUTCMonth();
    let lastLabel = -1000;
    for (;;) {
      const atS = Date.UTC(year, month, 1) / 1000 - this.study.epochS;
      if (atS > this.toS) break;
      const x = this.toX(atS, area, view);
      if (x >= area.x && x <= area.x + area.width) {
        const isYear = month === 0;
        pen.line([x, isYear ? 4 : area.y - 5, x, area.y + area.height], { colour: isYear ? "#a9b4be" : RULE });
        if (x - lastLabel > 34) {
          pen.text(monthText(month), x + 3, area.y - 9, { size: 11, colour: MUTED });
          lastLabel = x;
        }
        if (isYear || month === 6) pen.text(String(year), x + 3, 10, { bold: true });
      }
      month = (month + 1) % 12;
      if (month === 0) year += 1;
    }
  }

  private paintBar(pen: Pen, bar: Bar, area: Rect): void {
    const { rect, turn } = bar;
    if (bar.kind === "trip") {
      pen.rect(rect, this.colourOf(this.serviceOf(turn)));
      const label = this.study.tripById.get(turn.trip_id ?? "")?.trip_date.slice(5) ?? "";
      if (rect.width > pen.textWidth(label, 11) + 8) {
        const style = { size: 11, align: "center", colour: "#ffffff" } as const;
        pen.text(label, rect.x + rect.width / 2, rect.y + rect.height / 2, style);
      }
      return;
    }
    const isCritical = isCriticalTurn(turn);
    pen.rect(rect, isCritical ? "#c0392b" : "#e3e8ec");
    const chance = turn.chance_lost ?? 0;
    if (chance < SHOWN_CHANCE) return;
    const label = percentText(chance);
    const half = pen.textWidth(label, 11, isCritical) / 2 + 3;
    const centre = Math.min(Math.max(rect.x + rect.width / 2, area.x + half), area.x + area.width - half);
    if (rect.x + rect.width < area.x || rect.x > area.x + area.width) return;
    // Many turns of one pool are alike: a small chance is written where it first appears.
    const last = this.lastLabel.get(rect.y);
    if (last !== undefined && (centre - half < last.right || (!isCritical && label === last.label))) return;
    this.lastLabel.set(rect.y, { right: centre + half, label });
    const style = { size: 11, align: "center", bold: isCritical, colour: isCritical ? "#a3281c" : MUTED } as const;
    pen.text(label, centre, rect.y - 12, style);
  }

  private barAt(size: Size, view: Viewport, x: number, y: number): Bar | null {
    const inside = ({ rect }: Bar): boolean =>
      x >= rect.x && x <= rect.x + rect.width && y >= rect.y - 4 && y <= rect.y + rect.height + 4;
    return this.bars(size, view).findLast(inside) ?? null;
  }

  read(pen: Pen, size: Size, view: Viewport, x: number, y: number): string[] | null {
    const bar = this.barAt(size, view, x, y);
    if (bar === null) return this.readWorks(pen, size, view, x, y);
    pen.rect(bar.rect, null, { colour: INK, width: 1.5 });
    const { turn } = bar;
    if (bar.kind === "trip") {
      const trip = this.study.tripById.get(turn.trip_id ?? "");
      const date = trip === undefined ? "" : dateText(trip.trip_date);
      const arrival = momentText(turn.arrival_at_s ?? 0, this.study.epochS, 0);
      return [`${this.study.serviceName(trip?.service_id ?? null)}`, date, `arrives ${arrival} UTC`];
    }
    const stay = (turn.next_departure_at_s ?? 0) - (turn.arrival_at_s ?? 0);
    const lines = [`stands at ${this.study.pointName(turn.point_id)} for ${durationText(stay)}`];
    lines.push(`shortest stay ${numberText(turn.minimum_turn_h, 1)} h`);
    if (turn.slack_h !== null) lines.push(`slack ${slackText(hours(turn.slack_h))}`);
    if (turn.chance_lost !== null) lines.push(`chance that the turn is lost ${percentText(turn.chance_lost)}`);
    return lines;
  }

  private readWorks(pen: Pen, size: Size, view: Viewport, x: number, y: number): string[] | null {
    const hit = this.worksBars(size, view).find(
      ({ rect }) => x >= rect.x && x <= rect.x + rect.width && y >= rect.y - 2 && y <= rect.y + rect.height + 2,
    );
    if (hit === undefined) return null;
    pen.clip(this.plotArea(size), () => pen.rect(hit.rect, null, { colour: INK, width: 1.5 }));
    return readSpan(hit.span.row);
  }

  pick(size: Size, view: Viewport, x: number, y: number): void {
    const tripId = this.barAt(size, view, x, y)?.turn.trip_id ?? null;
    if (tripId !== null) this.onPick(tripId);
  }
}
