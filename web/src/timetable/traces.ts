// Lines of the trains in view, in pixels: only what lies in view, and no finer than can be seen.

import type { Polylines } from "../drawing/pen";
import { findRuns, firstRowAfter, type LineDay, type LineRun } from "./line-day";

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
/** The same where there are many trains, whose lines are thin and hide each other. */
const CROWD = 300;
const CROWD_TOLERANCE = 1;

class Builder {
  private points = new Float32Array(8192);
  private used = 0;
  private readonly ends: number[] = [];

  /**
   * Adds the part of a run between two instants, with the points that can be seen. From the last
   * point kept, every point to come allows a sleeve of directions that pass it within the
   * tolerance; once a point lies outside the sleeve of all before it, the one before is kept and a
   * new sleeve begins. All is in local variables: this is done for every passing at every step.
   */
  trace(day: LineDay, run: LineRun, window: PlotWindow, scale: PixelScale, tolerance: number): void {
    const { arriveS, leaveS } = day.view.timetable;
    const { rowKm } = day.view;
    const { kmOrigin, kmFactor, timeFactor } = scale;
    const origin = scale.timeOrigin + timeFactor * run.beginS;
    const endS = window.toS - run.beginS;
    // One passing before the view, so that the line enters it.
    const first = Math.max(firstRowAfter(day, run, window.fromS) - 1, run.first);
    const points = this.reserve(4 * (run.last - first + 2));
    let used = this.used;
    let keptX = origin + timeFactor * arriveS[first]!;
    let keptY = kmOrigin + kmFactor * rowKm[first]!;
    points[used] = keptX;
    points[used + 1] = keptY;
    used += 2;
    let heldX = keptX;
    let heldY = keptY;
    let hasSleeve = false;
    let leftX = 0;
    let leftY = 0;
    let rightX = 0;
    let rightY = 0;
    for (let row = first, isLeaving = true; row <= run.last; ) {
      const x = origin + timeFactor * (isLeaving ? leaveS[row]! : arriveS[row]!);
      const y = kmOrigin + kmFactor * rowKm[row]!;
      let across = x - keptX;
      let down = y - keptY;
      if (hasSleeve && (leftX * down - leftY * across < 0 || rightX * down - rightY * across > 0)) {
        keptX = heldX;
        keptY = heldY;
        points[used] = keptX;
        points[used + 1] = keptY;
        used += 2;
        hasSleeve = false;
        across = x - keptX;
        down = y - keptY;
      }
      const square = across * across + down * down;
      // Next to the kept point every direction will do.
      if (square > tolerance * tolerance) {
        const aside = tolerance / Math.sqrt(square);
        const awayX = aside * down;
        const awayY = aside * across;
        if (!hasSleeve || leftX * (down - awayY) - leftY * (across + awayX) > 0) {
          leftX = across + awayX;
          leftY = down - awayY;
        }
        if (!hasSleeve || rightX * (down + awayY) - rightY * (across - awayX) < 0) {
          rightX = across - awayX;
          rightY = down + awayY;
        }
        hasSleeve = true;
      }
      heldX = x;
      heldY = y;
      // A passing without a stay is one point.
      if (isLeaving && leaveS[row]! > endS) break;
      if (isLeaving) row += 1;
      isLeaving = !isLeaving || leaveS[row] === arriveS[row];
    }
    points[used] = heldX;
    points[used + 1] = heldY;
    this.used = used + 2;
    this.ends.push(this.used);
  }

  private reserve(count: number): Float32Array {
    if (this.used + count > this.points.length) {
      const larger = new Float32Array(2 * (this.points.length + count));
      larger.set(this.points);
      this.points = larger;
    }
    return this.points;
  }

  build(): Polylines {
    return { points: this.points.subarray(0, this.used), ends: this.ends };
  }
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
  const found = findRuns(day, window.fromS, window.toS);
  const tolerance = found.length > CROWD ? CROWD_TOLERANCE : TOLERANCE;
  for (const place of found) {
    const group = groupOf(day.runs[place]!.train);
    if (group < 0 || !(isWholeLine || crosses(day, place, window))) continue;
    builders[group]!.trace(day, day.runs[place]!, window, scale, tolerance);
    places.push(place);
  }
  return { groups: builders.map((builder) => builder.build()), places };
}

/** Whether a run comes between the two distances in view while it is between the two instants. */
function crosses(day: LineDay, place: number, window: PlotWindow): boolean {
  const run = day.runs[place]!;
  const { arriveS } = day.view.timetable;
  const { rowKm } = day.view;
  let [least, most] = [Infinity, -Infinity];
  let row = Math.max(firstRowAfter(day, run, window.fromS) - 1, run.first);
  for (; row <= run.last; row += 1) {
    const km = rowKm[row]!;
    if (km < least) least = km;
    if (km > most) most = km;
    if (least <= window.toKm && most >= window.fromKm) return true;
    if (run.beginS + arriveS[row]! > window.toS) break;
  }
  return false;
}
