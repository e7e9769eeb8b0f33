// Conflicts on the string-line: on which days one is there, and where it is drawn.
//
// A conflict is stated for its first day and for a number of days. It is there on the first so many
// days on which all of its trains run as many days apart as on the first one.

import { DAY_S, type Timetable, type TimetableConflict } from "./data";
import type { LineDay, LineView } from "./line-day";

export interface ConflictMark {
  conflict: TimetableConflict;
  /** Place in the list of conflicts. */
  place: number;
  fromS: number;
  toS: number;
  fromKm: number;
  toKm: number;
}

/** Ids of the other trains of a conflict. */
export function othersOf(conflict: TimetableConflict): string[] {
  const many = conflict.other_train_ids ?? "";
  const ids = many === "" ? [] : many.split(";").map((id) => id.trim());
  if (conflict.other_train_id !== null && conflict.other_train_id !== "") ids.unshift(conflict.other_train_id);
  return [...new Set(ids)].filter((id) => id !== conflict.train_id);
}

/** Both ends of a conflict along a line; null where it lies elsewhere. */
export function stretchOf(view: LineView, conflict: TimetableConflict): [number, number] | null {
  const { timetable, kmOf } = view;
  const ids = conflict.point_id === null ? [conflict.from_point, conflict.to_point] : [conflict.point_id];
  const km = ids.map((id) => {
    const place = timetable.pointPlace(id);
    return place === null ? Number.NaN : kmOf[place]!;
  });
  if (km.some(Number.isNaN)) return null;
  return [Math.min(...km), Math.max(...km)];
}

/** How many operating days after the first train another one left that is at the place then. */
function findDaysApart(timetable: Timetable, conflict: TimetableConflict, train: number): number | null {
  if (conflict.first_day === null || conflict.from_at_s === null) return null;
  const points = [conflict.point_id, conflict.from_point, conflict.to_point].map((id) => timetable.pointPlace(id));
  const day = timetable.dayOf(conflict.first_day);
  let [least, found] = [Infinity, null as number | null];
  for (const course of timetable.coursesOf(train)) {
    const profile = timetable.courseProfile[course]!;
    for (let row = timetable.firstRow[profile]!; row < timetable.firstRow[profile + 1]!; row += 1) {
      if (!points.includes(timetable.point[row]!)) continue;
      const since = timetable.courseBeginS[course]! + timetable.leaveS[row]!;
      const late = conflict.from_at_s - timetable.midnightS(day) - since;
      const middle = Math.round(late / DAY_S);
      for (let apart = middle - 1; apart <= middle + 1; apart += 1) {
        const away = Math.abs(late - apart * DAY_S);
        if (away < least && timetable.runsOn(course, day + apart)) [least, found] = [away, apart];
      }
    }
  }
  return found;
}

/** When the trains of a conflict run, and the last day on which it is there. */
interface Recurrence {
  trains: { running: Uint8Array; apart: number }[];
  lastDay: number;
}

/** On which operating days of its first train a conflict is there, and when. */
export class ConflictDays {
  private readonly recurrences = new Map<TimetableConflict, Recurrence>();

  constructor(private readonly timetable: Timetable) {}

  private findRecurrence(conflict: TimetableConflict, train: number, firstDay: number): Recurrence {
    const { timetable } = this;
    const trains = [{ running: timetable.runningDays(train), apart: 0 }];
    // On which days a possession holds is not told, so it is marked on the first alone.
    let left = conflict.kind === "possession" ? 0 : (conflict.days_count ?? 1) - 1;
    for (const id of othersOf(conflict)) {
      const other = timetable.trainPlace(id);
      const apart = other === null ? null : findDaysApart(timetable, conflict, other);
      if (other === null || apart === null) return { trains, lastDay: firstDay };
      trains.push({ running: timetable.runningDays(other), apart });
    }
    let lastDay = firstDay;
    for (let day = firstDay + 1; day < timetable.dayCount && left > 0; day += 1) {
      if (!areRunning(trains, day)) continue;
      lastDay = day;
      left -= 1;
    }
    return { trains, lastDay };
  }

  /** Seconds by which the conflict is later than on its first day; null where it is not there. */
  shiftOn(conflict: TimetableConflict, day: number): number | null {
    const { timetable } = this;
    const train = timetable.trainPlace(conflict.train_id);
    if (train === null || conflict.first_day === null) return null;
    const firstDay = timetable.dayOf(conflict.first_day);
    if (day <= firstDay) return day === firstDay ? 0 : null;
    let recurrence = this.recurrences.get(conflict);
    if (recurrence === undefined) {
      recurrence = this.findRecurrence(conflict, train, firstDay);
      this.recurrences.set(conflict, recurrence);
    }
    if (day > recurrence.lastDay || !areRunning(recurrence.trains, day)) return null;
    const first = timetable.courseOn(train, firstDay);
    const now = timetable.courseOn(train, day);
    if (first === null || now === null) return null;
    return (day - firstDay) * DAY_S + timetable.courseBeginS[now]! - timetable.courseBeginS[first]!;
  }
}

function areRunning(trains: Recurrence["trains"], day: number): boolean {
  for (const { running, apart } of trains) if (running[day + apart] !== 1) return false;
  return true;
}

/** Conflicts on a line within the 24 hours of a day. */
export function markConflicts(lineDay: LineDay, days: ConflictDays): ConflictMark[] {
  const { view, fromS, toS } = lineDay;
  const { timetable } = view;
  const marks: ConflictMark[] = [];
  (timetable.conflicts ?? []).forEach((conflict, place) => {
    const { from_at_s: begin, first_day: date } = conflict;
    const stretch = stretchOf(view, conflict);
    if (begin === null || date === null || stretch === null) return;
    const length = Math.max((conflict.to_at_s ?? begin) - begin, 0);
    // The clock may have changed since the first day, so one day on each side is tried too.
    const middle = timetable.dayOf(date) + Math.floor((fromS - begin) / DAY_S);
    for (let day = middle - 1; day <= middle + 2; day += 1) {
      const shift = days.shiftOn(conflict, day);
      if (shift === null || begin + shift >= toS || begin + shift + length < fromS) continue;
      const [fromKm, toKm] = stretch;
      marks.push({ conflict, place, fromS: begin + shift, toS: begin + shift + length, fromKm, toKm });
    }
  });
  return marks;
}
