// Which train lies under the pointer.

import { findRuns, firstRowAfter, type LineDay } from "./line-day";
import type { PixelScale } from "./traces";

/** Farther away nothing is found [px]. */
const REACH = 9;

export interface NearRun {
  place: number;
  /** The passing that is next, or where the train stands. */
  row: number;
  x: number;
  y: number;
}

/** Distance of a point from a segment, and the nearest point on it. */
function towards(x: number, y: number, x0: number, y0: number, x1: number, y1: number): [number, number, number] {
  const [across, down] = [x1 - x0, y1 - y0];
  const square = across * across + down * down;
  const share = square === 0 ? 0 : Math.min(Math.max(((x - x0) * across + (y - y0) * down) / square, 0), 1);
  const [nearX, nearY] = [x0 + share * across, y0 + share * down];
  return [Math.hypot(x - nearX, y - nearY), nearX, nearY];
}

export function nearestRun(
  day: LineDay,
  scale: PixelScale,
  x: number,
  y: number,
  isShown: (train: number) => boolean,
): NearRun | null {
  const fromS = (x - REACH - scale.timeOrigin) / scale.timeFactor;
  const toS = (x + REACH - scale.timeOrigin) / scale.timeFactor;
  const { arriveS, leaveS, point } = day.view.timetable;
  let [best, least] = [null as NearRun | null, REACH];
  for (const place of findRuns(day, fromS, toS)) {
    const run = day.runs[place]!;
    if (!isShown(run.train)) continue;
    const at = (row: number, seconds: Int32Array): number =>
      scale.timeOrigin + scale.timeFactor * (run.beginS + seconds[row]!);
    const down = (row: number): number => scale.kmOrigin + scale.kmFactor * day.view.kmOf[point[row]!]!;
    for (let row = firstRowAfter(day, run, fromS); row <= run.last; row += 1) {
      const stay = towards(x, y, at(row, arriveS), down(row), at(row, leaveS), down(row));
      const ride = row === run.first ? stay : towards(x, y, at(row - 1, leaveS), down(row - 1), at(row, arriveS), down(row));
      const [away, nearX, nearY] = stay[0] <= ride[0] ? stay : ride;
      if (away < least) [best, least] = [{ place, row, x: nearX, y: nearY }, away];
      if (run.beginS + arriveS[row]! > toS) break;
    }
  }
  return best;
}
