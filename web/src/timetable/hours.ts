// The 24-hour table of a station: which trains leave, arrive or pass in each hour.

import type { LineView } from "./line-day";
import { DAY_S } from "./data";

export type CallKind = "departures" | "arrivals";
export type Direction = "onward" | "back" | "other";

export interface Call {
  train: number;
  course: number;
  day: number;
  atS: number;
  /** Passes without a stop. */
  isPassing: boolean;
  /** Along the line by growing distance, against it, or to a place off the line. */
  direction: Direction;
}

/** Calls of all trains at a point within 24 hours, in order of time. */
export function listCalls(view: LineView, point: number, fromS: number, kind: CallKind): Call[] {
  const { timetable, kmOf } = view;
  const { firstRow, courseProfile, courseBeginS, courseTrain } = timetable;
  const rowsByProfile: number[][] = [];
  for (let profile = 0; profile + 1 < firstRow.length; profile += 1) {
    const rows: number[] = [];
    const [first, end] = [firstRow[profile]!, firstRow[profile + 1]!];
    for (let row = first; row < end; row += 1) {
      // A train does not leave its last point, nor arrive at its first.
      const isCall = kind === "departures" ? row < end - 1 : row > first;
      if (timetable.point[row] === point && isCall) rows.push(row);
    }
    rowsByProfile.push(rows);
  }
  const calls: Call[] = [];
  const seconds = kind === "departures" ? timetable.leaveS : timetable.arriveS;
  const origin = timetable.midnightS(0);
  for (let course = 0; course < timetable.courseCount(); course += 1) {
    for (const row of rowsByProfile[courseProfile[course]!]!) {
      const since = courseBeginS[course]! + seconds[row]!;
      const day = Math.ceil((fromS - since - origin) / DAY_S);
      if (day < 0 || day >= timetable.dayCount || !timetable.runsOn(course, day)) continue;
      const neighbour = kind === "departures" ? row + 1 : row - 1;
      const step = (kmOf[timetable.point[neighbour]!]! - kmOf[point]!) * (kind === "departures" ? 1 : -1);
      const direction = Number.isNaN(step) || step === 0 ? "other" : step > 0 ? "onward" : "back";
      const isPassing = !timetable.isStop(row);
      calls.push({ train: courseTrain[course]!, course, day, atS: origin + day * DAY_S + since, isPassing, direction });
    }
  }
  return calls.sort((a, b) => a.atS - b.atS || a.train - b.train);
}

/** Calls by the hour of the clock, 24 lists. */
export function groupByHour(calls: Call[], fromS: number): Call[][] {
  const hours = Array.from({ length: 24 }, (): Call[] => []);
  for (const call of calls) {
    hours[Math.min(Math.floor((call.atS - fromS) / 3600), 23)]!.push(call);
  }
  return hours;
}
