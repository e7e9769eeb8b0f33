// Conflicts on the string-line: on which days one is there, and where it is drawn.
//
// A conflict is stated for its first day and for a number of days. It is there on the first so many
// days on which all of its trains run as many days apart as on the first one.

import { DAY_S, type Timetable, type TimetableConflict } from "./data";
import type { LineDay, LineView } from "./line-day";

/** Another train is looked for this many days around the first train's operating day. */
const DAYS_APART = 12;

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
function findDaysApart(timetable: Timetable, conflict: TimetableConflict, trainId: string): number | null {
  const train = timetable.trainPlace(trainId);
  if (train === null || conflict.first_day === null || conflict.from_at_s === null) return null;
  const points = [conflict.point_id, conflict.from_point, conflict.to_point].map((id) => timetable.pointPlace(id));
  const day = timetable.dayOf(conflict.first_day);
  let [least, found] = [Infinity, null as number | null];
  for (let apart = -DAYS_APART; apart <= DAYS_APART; apart += 1) {
    const course = timetable.courseOn(train, day + apart);
    if (course === null) continue;
    const beginS = timetable.midnightS(day + apart) + timetable.courseBeginS[course]!;
    const profile = timetable.courseProfile[course]!;
    for (let row = timetable.firstRow[profile]!; row < timetable.firstRow[profile + 1]!; row += 1) {
      if (!points.includes(timetable.point[row]!)) continue;
      const away = Math.abs(beginS + timetable.leaveS[row]! - conflict.from_at_s);
      if (away < least) [least, found] = [away, apart];
    }
  }
  return found;
}

/** On which operating days of its first train a conflict is there, and when. */
export class ConflictDays {
  private readonly daysOf = new Map<TimetableConflict, Set<number>>();

  constructor(private readonly timetable: Timetable) {}

  private findDays(conflict: TimetableConflict, train: number, firstDay: number): Set<number> {
    const { timetable } = this;
    // On which days a possession holds is not told, so it is marked on the first alone.
    const count = conflict.kind === "possession" ? 1 : (conflict.days_count ?? 1);
    const days = new Set([firstDay]);
    const others = othersOf(conflict).map((id) => ({
      other: timetable.trainPlace(id),
      apart: findDaysApart(timetable, conflict, id),
    }));
    for (let day = firstDay + 1; day < timetable.dayCount && days.size < count; day += 1) {
      const areThere = others.every(
        ({ other, apart }) => other !== null && apart !== null && timetable.courseOn(other, day + apart) !== null,
      );
      if (areThere && timetable.courseOn(train, day) !== null) days.add(day);
    }
    return days;
  }

  /** Seconds by which the conflict is later than on its first day; null where it is not there. */
  shiftOn(conflict: TimetableConflict, day: number): number | null {
    const { timetable } = this;
    const train = timetable.trainPlace(conflict.train_id);
    if (train === null || conflict.first_day === null) return null;
    const firstDay = timetable.dayOf(conflict.first_day);
    if (day === firstDay) return 0;
    const first = timetable.courseOn(train, firstDay);
    const now = timetable.courseOn(train, day);
    if (day < firstDay || first === null || now === null) return null;
    let days = this.daysOf.get(conflict);
    if (days === undefined) this.daysOf.set(conflict, (days = this.findDays(conflict, train, firstDay)));
    if (!days.has(day)) return null;
    return (day - firstDay) * DAY_S + timetable.courseBeginS[now]! - timetable.courseBeginS[first]!;
  }
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
