// What the section shows: line, day, clock, chosen trains and conflict; its parts follow it.

import { Timetable, type TimetableConflict } from "./data";
import { buildLineDay, LineView, type LineDay } from "./line-day";
import { ConflictDays, markConflicts, othersOf, stretchOf, type ConflictMark } from "./marks";

/** What the string-line is to bring into view. */
export interface Target {
  fromS: number;
  toS: number;
  fromKm: number;
  toKm: number;
}

export class TimetableState {
  /** Lines that some train runs on, those with most trains first. */
  readonly views: LineView[];
  readonly conflictDays: ConflictDays;
  view: LineView | null;
  day = 0;
  offsetMin = 0;
  train: number | null = null;
  conflict: number | null = null;
  lineDay: LineDay | null = null;
  marks: ConflictMark[] = [];
  private readonly listeners: ((target: Target | null) => void)[] = [];

  constructor(readonly timetable: Timetable) {
    this.views = timetable.lines
      .map((line) => new LineView(timetable, line))
      .filter((view) => view.trainCount > 0)
      .sort((a, b) => b.trainCount - a.trainCount);
    this.conflictDays = new ConflictDays(timetable);
    this.view = this.views[0] ?? null;
    this.day = this.view === null ? 0 : this.firstDay(this.view);
    this.takeLocalClock();
    this.rebuild();
  }

  /** The day of the first conflict on a line, those that cannot be run before; else its first with trains. */
  private firstDay(view: LineView): number {
    const { timetable } = this;
    const conflict = timetable.conflicts?.find((one) => {
      const train = timetable.trainPlace(one.train_id);
      const isHere = one.from_at_s !== null && stretchOf(view, one) !== null;
      return isHere && (train === null || this.isOnLine(view, train));
    });
    if (conflict !== undefined) {
      const atS = conflict.from_at_s!;
      const localS = atS + 60 * timetable.offsetMin(view.line.points[0]!, atS);
      const day = Math.floor((localS - timetable.midnightS(0)) / 86_400);
      return Math.min(Math.max(day, 0), timetable.dayCount - 1);
    }
    const counts = timetable.countByDay(
      (course) => view.stretches[timetable.courseProfile[course]!]!.length > 0,
    );
    return Math.max(counts.findIndex((count) => count > 0), 0);
  }

  /** Listeners are told of every change, and what is to be brought into view. */
  follow(listener: (target: Target | null) => void): void {
    this.listeners.push(listener);
    listener(null);
  }

  private tell(target: Target | null): void {
    for (const listener of this.listeners) listener(target);
  }

  /** Offsets on the line that day, from its first point on, each with the point it is named after. */
  clocks(): { offsetMin: number; point: number }[] {
    const noonS = this.timetable.midnightS(this.day) + 43_200;
    const clocks = new Map<number, number>();
    for (const point of this.view?.line.points ?? []) {
      const offsetMin = this.timetable.offsetMin(point, noonS);
      if (!clocks.has(offsetMin)) clocks.set(offsetMin, point);
    }
    return [...clocks].map(([offsetMin, point]) => ({ offsetMin, point }));
  }

  private takeLocalClock(): void {
    const clocks = this.clocks();
    if (this.offsetMin === 0 || clocks.every(({ offsetMin }) => offsetMin !== this.offsetMin)) {
      this.offsetMin = clocks[0]?.offsetMin ?? 0;
    }
  }

  /** Begin of the day by the chosen clock, in seconds since the study epoch. */
  get fromS(): number {
    return this.timetable.midnightS(this.day) - 60 * this.offsetMin;
  }

  private rebuild(): void {
    this.lineDay = this.view === null ? null : buildLineDay(this.view, this.fromS);
    this.marks = this.lineDay === null ? [] : markConflicts(this.lineDay, this.conflictDays);
  }

  setLine(place: number): void {
    this.view = this.views[place] ?? null;
    this.takeLocalClock();
    this.rebuild();
    this.tell(this.whole());
  }

  setDay(day: number): void {
    this.day = Math.min(Math.max(day, 0), this.timetable.dayCount - 1);
    this.takeLocalClock();
    this.rebuild();
    this.tell(null);
  }

  setOffset(offsetMin: number): void {
    this.offsetMin = offsetMin;
    this.rebuild();
    this.tell(null);
  }

  choose(train: number | null, conflict: number | null): void {
    this.train = train;
    this.conflict = conflict;
    this.tell(null);
  }

  /** Places of the trains that are drawn heavier. */
  chosenTrains(): Set<number> {
    const conflict = this.chosenConflict();
    if (conflict === null) return new Set(this.train === null ? [] : [this.train]);
    const places = [conflict.train_id, ...othersOf(conflict)].map((id) => this.timetable.trainPlace(id));
    return new Set(places.filter((place) => place !== null));
  }

  chosenConflict(): TimetableConflict | null {
    return this.conflict === null ? null : (this.timetable.conflicts?.[this.conflict] ?? null);
  }

  private whole(): Target | null {
    const { view, fromS } = this;
    return view === null ? null : { fromS, toS: fromS + 86_400, fromKm: view.fromKm, toKm: view.toKm };
  }

  /** Whether a train runs along a line on some day. */
  isOnLine(view: LineView, train: number): boolean {
    const { timetable } = this;
    return timetable.coursesOf(train).some((course) => view.stretches[timetable.courseProfile[course]!]!.length > 0);
  }

  /** Leads to a conflict: its line, its first day, its time. False where no line has it. */
  showConflict(place: number): boolean {
    const conflict = this.timetable.conflicts?.[place];
    if (conflict === undefined || conflict.from_at_s === null) return false;
    const views = this.view === null ? this.views : [this.view, ...this.views];
    const train = this.timetable.trainPlace(conflict.train_id);
    const view = views.find(
      (one) => stretchOf(one, conflict) !== null && (train === null || this.isOnLine(one, train)),
    );
    if (view === undefined) return false;
    this.view = view;
    [this.train, this.conflict] = [null, place];
    const [fromKm, toKm] = stretchOf(view, conflict)!;
    this.takeDayOf(conflict.from_at_s, view.line.points[0]!);
    const endS = conflict.to_at_s ?? conflict.from_at_s;
    const margin = Math.max((view.toKm - view.fromKm) * 0.12, 1);
    this.tell({
      fromS: conflict.from_at_s - 3600,
      toS: endS + 3600,
      fromKm: fromKm - margin,
      toKm: toKm + margin,
    });
    return true;
  }

  /** The local day that holds an instant, by the clock of a point. */
  private takeDayOf(atS: number, point: number): void {
    this.offsetMin = this.timetable.offsetMin(point, atS);
    this.day = Math.floor((atS + 60 * this.offsetMin - this.timetable.midnightS(0)) / 86_400);
    this.rebuild();
  }

  /**
   * Leads to a train: a line it runs on, and the next operating day from a given one on which it
   * runs. False where it has no times.
   */
  showTrain(train: number, fromDay = this.day): boolean {
    const { timetable } = this;
    const views = this.view === null ? this.views : [this.view, ...this.views];
    const view = views.find((one) => this.isOnLine(one, train));
    if (view === undefined) return false;
    // Round the horizon, so that a train which runs no more is shown as it ran before.
    const days = Array.from({ length: timetable.dayCount }, (_, index) => (fromDay + index) % timetable.dayCount);
    const day = days.find((one) => timetable.courseOn(train, one) !== null);
    if (day === undefined) return false;
    const course = timetable.courseOn(train, day)!;
    const stretches = view.stretches[timetable.courseProfile[course]!]!;
    if (stretches.length === 0) return false;
    const beginS = timetable.midnightS(day) + timetable.courseBeginS[course]!;
    const fromS = beginS + timetable.arriveS[stretches[0]!]!;
    const toS = beginS + timetable.leaveS[stretches[1]!]!;
    this.view = view;
    [this.train, this.conflict] = [train, null];
    this.takeDayOf(fromS, view.line.points[0]!);
    const margin = 0.06 * (toS - fromS) + 600;
    this.tell({ fromS: fromS - margin, toS: toS + margin, fromKm: view.fromKm, toKm: view.toKm });
    return true;
  }
}
