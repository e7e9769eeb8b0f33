// One line on one day: which trains are on it when, and which of them a view shows.

import { DAY_S, type Timetable, type TimetableLine } from "./data";

const BUCKET_S = 900;
const BUCKETS = DAY_S / BUCKET_S;

/** A line with the stretches of every profile on it: passings that follow each other along it. */
export class LineView {
  /** Distance of each point of the timetable along the line; NaN where it lies elsewhere. */
  readonly kmOf: Float64Array;
  /** The same for each passing. */
  readonly rowKm: Float32Array;
  readonly fromKm: number;
  readonly toKm: number;
  /** Stretches by profile, as pairs of first and last passing. */
  readonly stretches: Int32Array[];
  readonly trainCount: number;

  constructor(
    readonly timetable: Timetable,
    readonly line: TimetableLine,
  ) {
    this.kmOf = new Float64Array(timetable.points.length).fill(Number.NaN);
    line.points.forEach((point, index) => (this.kmOf[point] = line.km[index]!));
    this.rowKm = Float32Array.from(timetable.point, (point) => this.kmOf[point]!);
    this.fromKm = Math.min(...line.km);
    this.toKm = Math.max(...line.km);
    this.stretches = this.cutProfiles();
    const trains = new Set<number>();
    timetable.courseProfile.forEach((profile, course) => {
      if (this.stretches[profile]!.length > 0) trains.add(timetable.courseTrain[course]!);
    });
    this.trainCount = trains.size;
  }

  private cutProfiles(): Int32Array[] {
    const { firstRow, point } = this.timetable;
    const { kmOf } = this;
    const stretches: Int32Array[] = [];
    for (let profile = 0; profile + 1 < firstRow.length; profile += 1) {
      const ends: number[] = [];
      let first = -1;
      const last = firstRow[profile + 1]!;
      for (let row = firstRow[profile]!; row <= last; row += 1) {
        const isOn = row < last && !Number.isNaN(kmOf[point[row]!]!);
        if (isOn && first < 0) first = row;
        if (isOn || first < 0) continue;
        if (row - 1 > first) ends.push(first, row - 1);
        first = -1;
      }
      stretches.push(Int32Array.from(ends));
    }
    return stretches;
  }
}

/** A train on the line: a stretch of its course on one operating day. */
export interface LineRun {
  course: number;
  train: number;
  day: number;
  first: number;
  last: number;
  /** Begin of the course, in seconds since the study epoch. */
  beginS: number;
  fromS: number;
  toS: number;
}

export interface LineDay {
  view: LineView;
  /** The 24 hours shown, in seconds since the study epoch. */
  fromS: number;
  toS: number;
  runs: LineRun[];
  /** Places in `runs` of those present in each quarter of an hour. */
  buckets: number[][];
  /** For `findRuns` alone: when each run was last seen. */
  seen: Int32Array;
  search: number;
}

export function buildLineDay(view: LineView, fromS: number): LineDay {
  const { timetable } = view;
  const { courseBeginS, courseProfile, courseTrain, arriveS, leaveS } = timetable;
  const toS = fromS + DAY_S;
  const runs: LineRun[] = [];
  for (let course = 0; course < timetable.courseCount(); course += 1) {
    const stretches = view.stretches[courseProfile[course]!]!;
    for (let index = 0; index < stretches.length; index += 2) {
      const [first, last] = [stretches[index]!, stretches[index + 1]!];
      const from = courseBeginS[course]! + arriveS[first]!;
      const to = courseBeginS[course]! + leaveS[last]!;
      const origin = timetable.midnightS(0);
      const firstDay = Math.max(Math.ceil((fromS - to - origin) / DAY_S), 0);
      for (let day = firstDay; origin + day * DAY_S + from < toS && day < timetable.dayCount; day += 1) {
        if (!timetable.runsOn(course, day)) continue;
        const midnight = origin + day * DAY_S;
        const beginS = midnight + courseBeginS[course]!;
        const train = courseTrain[course]!;
        runs.push({ course, train, day, first, last, beginS, fromS: midnight + from, toS: midnight + to });
      }
    }
  }
  const buckets = Array.from({ length: BUCKETS }, (): number[] => []);
  runs.forEach((run, place) => {
    const begin = bucketOf(run.fromS - fromS);
    const end = bucketOf(run.toS - fromS);
    for (let bucket = begin; bucket <= end; bucket += 1) buckets[bucket]!.push(place);
  });
  return { view, fromS, toS, runs, buckets, seen: new Int32Array(runs.length), search: 0 };
}

function bucketOf(sinceS: number): number {
  return Math.min(Math.max(Math.floor(sinceS / BUCKET_S), 0), BUCKETS - 1);
}

/** Places of the runs present between two instants; the others are never looked at. */
export function findRuns(day: LineDay, fromS: number, toS: number): number[] {
  day.search += 1;
  const { seen, search, runs } = day;
  const found: number[] = [];
  const last = bucketOf(toS - day.fromS);
  for (let bucket = bucketOf(fromS - day.fromS); bucket <= last; bucket += 1) {
    for (const place of day.buckets[bucket]!) {
      if (seen[place] === search) continue;
      seen[place] = search;
      const run = runs[place]!;
      if (run.fromS <= toS && run.toS >= fromS) found.push(place);
    }
  }
  return found;
}

/** First passing of a run that is left at or after an instant. */
export function firstRowAfter(day: LineDay, run: LineRun, atS: number): number {
  const { leaveS } = day.view.timetable;
  let [low, high] = [run.first, run.last];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (run.beginS + leaveS[middle]! < atS) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where a run is at an instant, by straight lines between its passings; null before and after. */
export function kmAt(day: LineDay, run: LineRun, atS: number): number | null {
  if (atS < run.fromS || atS > run.toS) return null;
  const { arriveS, leaveS, point } = day.view.timetable;
  const { kmOf } = day.view;
  const row = firstRowAfter(day, run, atS);
  const km = kmOf[point[row]!]!;
  const arrive = run.beginS + arriveS[row]!;
  if (atS >= arrive || row === run.first) return km;
  const left = run.beginS + leaveS[row - 1]!;
  const before = kmOf[point[row - 1]!]!;
  return before + ((km - before) * (atS - left)) / Math.max(arrive - left, 1);
}
