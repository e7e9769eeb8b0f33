// All stated trains, decoded: profiles and courses as arrays, lines, names, zones, conflicts.
//
// A passing is a row of a profile; a course is a train with one profile on some days. Times of a
// passing count from the begin of the course, that of a course from 00:00 UTC of its operating day.

import { decodeColumn, decodeTable, type EncodedTable, type EncodedTimetable } from "../core/payload";

export const DAY_S = 86400;

export interface TimetableTrain {
  train_id: string;
  number: string | null;
  category: string | null;
  mode: "running_time" | "timetable" | "not_run" | null;
  reason: string | null;
  from_point: string | null;
  to_point: string | null;
  stops_count: number | null;
  distance_km: number | null;
  days_count: number | null;
  first_day: string | null;
  departure: string | null;
  journey_min: number | null;
  conflicts_count: number | null;
}

export interface TimetablePoint {
  point_id: string;
  name: string | null;
  zone: number | null;
}

export interface TimetableConflict {
  kind: string;
  is_impossible: boolean | null;
  /** Whether it lies between stated times, or rests on computed ones. */
  basis: "stated" | "computed" | null;
  train_id: string;
  other_train_id: string | null;
  other_train_ids: string | null;
  point_id: string | null;
  from_point: string | null;
  to_point: string | null;
  place: string;
  first_day: string | null;
  days_count: number | null;
  from_at_s: number | null;
  to_at_s: number | null;
  missing_s: number | null;
  cure: string | null;
}

/** Simulated arrivals at a point in an hour of its clock. */
export interface HourPunctuality {
  point: number;
  hour: number;
  arrivals_count: number;
  delay_mean_min: number;
  punctual_share: number;
}

/** Simulated delay at the end of a train by one kind of cause. */
export interface TrainCause {
  train: number;
  cause: string;
  primary_min: number;
  knock_on_min: number;
}

/** Points of a line by distance, as places in the list of points. */
export interface TimetableLine {
  id: string;
  name: string;
  points: number[];
  km: number[];
}

function integers(table: EncodedTable, column: string): Int32Array {
  return Int32Array.from(decodeColumn(table.columns[column]!, table.rows) as number[]);
}

function decodeLines(encoded: EncodedTimetable): TimetableLine[] {
  const lines = decodeTable<{ line_id: string; name: string | null }>(encoded.lines).map(
    ({ line_id, name }): TimetableLine => ({ id: line_id, name: name ?? line_id, points: [], km: [] }),
  );
  for (const row of decodeTable<{ line: number; point: number; km: number }>(encoded.line_points)) {
    lines[row.line]!.points.push(row.point);
    lines[row.line]!.km.push(row.km);
  }
  return lines;
}

export class Timetable {
  readonly answer: string[];
  readonly trains: TimetableTrain[];
  readonly points: TimetablePoint[];
  readonly lines: TimetableLine[];
  readonly conflicts: TimetableConflict[] | null;
  readonly conflictsLeftOut: number;
  readonly punctuality: HourPunctuality[];
  readonly toleranceMin: number;
  readonly causes: TrainCause[];
  readonly dayCount: number;
  /** First passing of each profile, and the number of all passings at the end. */
  readonly firstRow: Int32Array;
  readonly point: Int32Array;
  readonly arriveS: Int32Array;
  readonly leaveS: Int32Array;
  private readonly flags: Int32Array;
  readonly courseTrain: Int32Array;
  readonly courseProfile: Int32Array;
  readonly courseBeginS: Int32Array;
  private readonly courseDays: Int32Array;
  private readonly coursesOfTrain: number[][];
  private readonly daysOfTrain = new Map<number, Uint8Array>();
  private readonly trainPlaces: Map<string, number>;
  private readonly pointPlaces: Map<string, number>;

  constructor(
    private readonly encoded: EncodedTimetable,
    readonly firstDay: string,
  ) {
    this.answer = encoded.answer;
    this.trains = decodeTable(encoded.trains);
    this.points = decodeTable(encoded.points);
    this.lines = decodeLines(encoded);
    this.conflicts = encoded.conflicts === null ? null : decodeTable(encoded.conflicts);
    this.conflictsLeftOut = encoded.conflicts_left_out;
    this.punctuality = encoded.punctuality === undefined ? [] : decodeTable(encoded.punctuality);
    this.toleranceMin = encoded.tolerance_min ?? 0;
    this.causes = encoded.causes === undefined ? [] : decodeTable(encoded.causes);
    this.dayCount = Math.max(...encoded.day_texts.map((text) => text.length), 1);
    const counts = integers(encoded.profiles, "count");
    this.firstRow = new Int32Array(counts.length + 1);
    counts.forEach((count, profile) => (this.firstRow[profile + 1] = this.firstRow[profile]! + count));
    this.point = integers(encoded.passings, "point");
    this.flags = integers(encoded.passings, "flags");
    this.arriveS = integers(encoded.passings, "run_s");
    this.leaveS = integers(encoded.passings, "stay_s");
    this.addUpTimes();
    this.courseTrain = integers(encoded.courses, "train");
    this.courseProfile = integers(encoded.courses, "profile");
    this.courseBeginS = integers(encoded.courses, "begin_s");
    this.courseDays = integers(encoded.courses, "days");
    this.coursesOfTrain = this.trains.map(() => []);
    this.courseTrain.forEach((train, course) => this.coursesOfTrain[train]!.push(course));
    this.trainPlaces = new Map(this.trains.map((train, place) => [train.train_id, place]));
    this.pointPlaces = new Map(this.points.map((point, place) => [point.point_id, place]));
  }

  /** Running times and stays become times since the begin of the course. */
  private addUpTimes(): void {
    const { firstRow, arriveS, leaveS } = this;
    for (let profile = 0; profile + 1 < firstRow.length; profile += 1) {
      let at = 0;
      for (let row = firstRow[profile]!; row < firstRow[profile + 1]!; row += 1) {
        arriveS[row] = at += arriveS[row]!;
        leaveS[row] = at += leaveS[row]!;
      }
    }
  }

  isStop(row: number): boolean {
    return (this.flags[row]! & 1) !== 0;
  }

  isComputed(row: number): boolean {
    return (this.flags[row]! & 2) !== 0;
  }

  courseCount(): number {
    return this.courseTrain.length;
  }

  runsOn(course: number, day: number): boolean {
    return this.encoded.day_texts[this.courseDays[course]!]![day] === "1";
  }

  /** How many of some courses begin on each day. */
  countByDay(isCounted: (course: number) => boolean): Int32Array {
    const uses = new Int32Array(this.encoded.day_texts.length);
    this.courseDays.forEach((text, course) => {
      if (isCounted(course)) uses[text]! += 1;
    });
    const counts = new Int32Array(this.dayCount);
    this.encoded.day_texts.forEach((text, place) => {
      if (uses[place] === 0) return;
      for (let day = 0; day < text.length; day += 1) if (text[day] === "1") counts[day]! += uses[place]!;
    });
    return counts;
  }

  /** The course of a train on an operating day, or null. */
  courseOn(train: number, day: number): number | null {
    return this.coursesOfTrain[train]?.find((course) => this.runsOn(course, day)) ?? null;
  }

  /** 1 for each operating day of the horizon on which a train runs. */
  runningDays(train: number): Uint8Array {
    let days = this.daysOfTrain.get(train);
    if (days !== undefined) return days;
    days = new Uint8Array(this.dayCount);
    for (const course of this.coursesOf(train)) {
      for (let day = 0; day < this.dayCount; day += 1) if (this.runsOn(course, day)) days[day] = 1;
    }
    this.daysOfTrain.set(train, days);
    return days;
  }

  coursesOf(train: number): number[] {
    return this.coursesOfTrain[train] ?? [];
  }

  trainPlace(trainId: string | null): number | null {
    return trainId === null ? null : (this.trainPlaces.get(trainId) ?? null);
  }

  pointPlace(pointId: string | null): number | null {
    return pointId === null ? null : (this.pointPlaces.get(pointId) ?? null);
  }

  trainNumber(trainId: string): string {
    const place = this.trainPlace(trainId);
    return (place === null ? null : this.trains[place]!.number) ?? trainId;
  }

  pointName(place: number): string {
    const point = this.points[place];
    return point === undefined ? "—" : (point.name ?? point.point_id);
  }

  nameOf(pointId: string | null): string {
    const place = this.pointPlace(pointId);
    return place === null ? (pointId ?? "—") : this.pointName(place);
  }

  /** 00:00 UTC of an operating day, in seconds since the study epoch. */
  midnightS(day: number): number {
    return this.encoded.day_shift_s + day * DAY_S;
  }

  /** Place of a date among the days of the horizon; it may lie outside. */
  dayOf(date: string): number {
    return Math.round((Date.parse(`${date}T00:00:00Z`) - Date.parse(`${this.firstDay}T00:00:00Z`)) / (DAY_S * 1000));
  }

  dateOf(day: number): string {
    return new Date(Date.parse(`${this.firstDay}T00:00:00Z`) + day * DAY_S * 1000).toISOString().slice(0, 10);
  }

  zoneName(point: number): string {
    return this.encoded.zones[this.points[point]?.zone ?? 0]?.name ?? "UTC";
  }

  /** Offset of the clock of a point at an instant [min]. */
  offsetMin(point: number, atS: number): number {
    const zone = this.encoded.zones[this.points[point]?.zone ?? 0];
    if (zone === undefined) return 0;
    let place = zone.at_s.length - 1;
    while (place > 0 && zone.at_s[place]! > atS) place -= 1;
    return zone.offset_min[place] ?? 0;
  }
}
