// Lines of the trains in view, in pixels: only what lies in view, and no finer than can be seen.

import type { Polylines } from "../drawing/pen";
import { findRuns, firstRowAfter, type LineDay } from "./line-day";

/** How instants and distances fall on the page: pixels = origin + factor * value. */
export interface PixelScale {
  timeOrigin: number;
  timeFactor: number;
  kmOrigin: number;
  kmFactor: number;
}

export interface PlotWindow {
  fromS: number;
  toS: number;
  fromKm: number;
  toKm: number;
}

/** A drawn line passes no farther than this from a point that is left out [px]. */
const TOLERANCE = 0.6;

/**
 * Lines with the points that can be seen. From the last point kept, every point to come allows a
 * sleeve of directions that pass it within the tolerance; once a point lies outside the sleeve of
 * all before it, the one before is kept and a new sleeve begins.
 */
class Builder {
  private points = new Float32Array(4096);
  private used = 0;
  private readonly ends: number[] = [];
  private isOpen = false;
  private keptX = 0;
  private keptY = 0;
  private heldX = 0;
  private heldY = 0;
  private isHolding = false;
  /** Both sides of the sleeve, as directions from the point kept. */
  private hasSleeve = false;
  private leftX = 0;
  private leftY = 0;
  private rightX = 0;
  private rightY = 0;

  add(x: number, y: number): void {
    if (!this.isOpen) {
      this.isOpen = true;
      this.keep(x, y);
      return;
    }
    if (this.isHolding && this.hasSleeve && !this.isInside(x, y)) this.keep(this.heldX, this.heldY);
    this.narrow(x, y);
    this.heldX = x;
    this.heldY = y;
    this.isHolding = true;
  }

  private isInside(x: number, y: number): boolean {
    const [across, down] = [x - this.keptX, y - this.keptY];
    return this.leftX * down - this.leftY * across >= 0 && this.rightX * down - this.rightY * across <= 0;
  }

  private narrow(x: number, y: number): void {
    const across = x - this.keptX;
    const down = y - this.keptY;
    const length = Math.sqrt(across * across + down * down);
    // Next to the kept point every direction will do.
    if (length <= TOLERANCE) return;
    const aside = TOLERANCE / length;
    const [leftX, leftY] = [across + aside * down, down - aside * across];
    const [rightX, rightY] = [across - aside * down, down + aside * across];
    if (!this.hasSleeve || this.leftX * leftY - this.leftY * leftX > 0) {
      this.leftX = leftX;
      this.leftY = leftY;
    }
    if (!this.hasSleeve || this.rightX * rightY - this.rightY * rightX < 0) {
      this.rightX = rightX;
      this.rightY = rightY;
    }
    this.hasSleeve = true;
  }

  private keep(x: number, y: number): void {
    if (this.used + 2 > this.points.length) {
      const larger = new Float32Array(2 * this.points.length);
      larger.set(this.points);
      this.points = larger;
    }
    this.points[this.used] = x;
    this.points[this.used + 1] = y;
    this.used += 2;
    this.keptX = x;
    this.keptY = y;
    this.isHolding = false;
    this.hasSleeve = false;
  }

  close(): void {
    if (this.isHolding) this.keep(this.heldX, this.heldY);
    if (this.isOpen) this.ends.push(this.used);
    this.isOpen = false;
  }

  build(): Polylines {
    return { points: this.points.subarray(0, this.used), ends: this.ends };
  }
}

/** Adds the part of one run that lies between two instants. */
function traceRun(builder: Builder, day: LineDay, place: number, window: PlotWindow, scale: PixelScale): void {
  const run = day.runs[place]!;
  const { arriveS, leaveS, point } = day.view.timetable;
  const { kmOf } = day.view;
  // One passing before the view, so that the line enters it.
  let row = Math.max(firstRowAfter(day, run, window.fromS) - 1, run.first);
  for (; row <= run.last; row += 1) {
    const km = kmOf[point[row]!]!;
    const y = scale.kmOrigin + scale.kmFactor * km;
    const arrive = run.beginS + arriveS[row]!;
    const leave = run.beginS + leaveS[row]!;
    builder.add(scale.timeOrigin + scale.timeFactor * arrive, y);
    if (leave > arrive) builder.add(scale.timeOrigin + scale.timeFactor * leave, y);
    if (leave > window.toS) break;
  }
  builder.close();
}

export interface Traces {
  /** Lines by group: one group for each colour. */
  groups: Polylines[];
  /** Places of the runs that were traced. */
  places: number[];
}

/**
 * Lines of the runs in view by colour; `groupOf` gives the group of a train, below 0 to hide it.
 */
export function traceRuns(
  day: LineDay,
  window: PlotWindow,
  scale: PixelScale,
  groupCount: number,
  groupOf: (train: number) => number,
): Traces {
  const isWholeLine = window.fromKm <= day.view.fromKm && window.toKm >= day.view.toKm;
  const builders = Array.from({ length: groupCount }, () => new Builder());
  const places: number[] = [];
  for (const place of findRuns(day, window.fromS, window.toS)) {
    const group = groupOf(day.runs[place]!.train);
    if (group < 0 || !(isWholeLine || crosses(day, place, window))) continue;
    traceRun(builders[group]!, day, place, window, scale);
    places.push(place);
  }
  return { groups: builders.map((builder) => builder.build()), places };
}

/** Whether a run comes between the two distances in view while it is between the two instants. */
function crosses(day: LineDay, place: number, window: PlotWindow): boolean {
  const run = day.runs[place]!;
  const { point, arriveS } = day.view.timetable;
  const { kmOf } = day.view;
  let [least, most] = [Infinity, -Infinity];
  let row = Math.max(firstRowAfter(day, run, window.fromS) - 1, run.first);
  for (; row <= run.last; row += 1) {
    const km = kmOf[point[row]!]!;
    if (km < least) least = km;
    if (km > most) most = km;
    if (least <= window.toKm && most >= window.fromKm) return true;
    if (run.beginS + arriveS[row]! > window.toS) break;
  }
  return false;
}
