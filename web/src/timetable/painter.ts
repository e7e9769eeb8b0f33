// Draws the string-line of a line on one day: all its trains, the chosen ones, and the conflicts.

import { clockText, durationText } from "../core/time";
import type { Painter, Size } from "../drawing/chart";
import { INK, MUTED, RULE, type Pen, type Rect } from "../drawing/pen";
import { spreadLabels } from "../drawing/spread";
import { multiples, timeStep } from "../drawing/ticks";
import type { Viewport } from "../drawing/viewport";
import type { Timetable } from "./data";
import { type LineDay, type LineView } from "./line-day";
import { othersOf, type ConflictMark } from "./marks";
import { nearestRun } from "./nearest";
import { traceRuns, type PixelScale, type PlotWindow } from "./traces";
import { CATEGORIES, CATEGORY_COLOURS, categoryPlace, kindText } from "./words";

const NARROW = 560;
const ROW_GAP = 15;
const INSET = 8;
const IMPOSSIBLE = "#b3261e";
const CLOSE = "#a86a00";
/** Up to this many trains in view their numbers are written along them. */
const NUMBERED = 60;
/** With more conflicts in view each is a small square, since rings would hide the trains. */
const RINGS = 300;

export interface TimetableOptions {
  offsetMin: number;
  /** Conflicts shown: those that cannot be run at all, and the others. */
  showImpossible: boolean;
  showClose: boolean;
  hidden: Set<string>;
  /** Places of the chosen trains, drawn heavier. */
  chosen: Set<number>;
  /** Place of the chosen conflict. */
  conflict: number | null;
}

interface Frame {
  area: Rect;
  window: PlotWindow;
  scale: PixelScale;
}

export class TimetablePainter implements Painter {
  readonly axes = { across: true, down: true };
  day: LineDay | null = null;
  marks: ConflictMark[] = [];

  constructor(
    private readonly timetable: Timetable,
    private readonly epochS: number,
    readonly options: TimetableOptions,
    private readonly onPick: (train: number | null, conflict: number | null) => void,
  ) {}

  plotArea(size: Size): Rect {
    const { points } = this.day?.view.line ?? { points: [] };
    const longest = Math.max(0, ...points.map((point) => this.timetable.pointName(point).length));
    // About the width of the longest name, without a pen to measure it.
    const left = Math.min(Math.max(6.6 * longest + 22, 64), size.width < NARROW ? 96 : 190);
    const [right, top, bottom] = [14, 30, 10];
    const width = Math.max(size.width - left - right, 50);
    return { x: left, y: top, width, height: Math.max(size.height - top - bottom, 50) };
  }

  private frame(size: Size, view: Viewport, day: LineDay): Frame {
    const area = this.plotArea(size);
    const span = day.toS - day.fromS;
    const fromS = day.fromS + view.across.from * span;
    const timeFactor = area.width / ((view.across.to - view.across.from) * span);
    const { fromKm, toKm } = day.view;
    const height = area.height - 2 * INSET;
    const kmFactor = height / (Math.max(toKm - fromKm, 1e-6) * (view.down.to - view.down.from));
    const firstKm = fromKm + view.down.from * (toKm - fromKm);
    const scale = {
      timeOrigin: area.x - timeFactor * fromS,
      timeFactor,
      kmOrigin: area.y + INSET - kmFactor * firstKm,
      kmFactor,
    };
    const window = {
      fromS,
      toS: fromS + area.width / timeFactor,
      fromKm: firstKm - INSET / kmFactor,
      toKm: firstKm + (area.height - INSET) / kmFactor,
    };
    return { area, window, scale };
  }

  paint(pen: Pen, size: Size, view: Viewport): void {
    const { day } = this;
    if (day === null) return;
    const frame = this.frame(size, view, day);
    this.paintGrid(pen, frame);
    this.paintStations(pen, size, frame, day.view);
    pen.clip(frame.area, () => {
      this.paintRuns(pen, frame, day);
      this.paintConflicts(pen, frame);
    });
    pen.rect(frame.area, null, { colour: INK, width: 0.8 });
  }

  private paintGrid(pen: Pen, { area, window, scale }: Frame): void {
    const shift = this.options.offsetMin * 60 + this.epochS;
    const span = window.toS - window.fromS;
    const x = (atS: number): number => scale.timeOrigin + scale.timeFactor * atS;
    for (const [gap, colour] of [[14, "#eef1f4"], [44, RULE]] as const) {
      const step = timeStep(span, area.width, gap);
      for (const at of multiples(window.fromS, window.toS, step, shift)) {
        pen.line([x(at), area.y, x(at), area.y + area.height], { colour });
        if (gap === 14) continue;
        const text = clockText(at, this.epochS, this.options.offsetMin);
        // Midnight at the end of the day belongs to this one.
        const label = text === "00:00" && at > window.fromS ? "24:00" : text;
        pen.text(label, x(at), area.y - 12, { size: 11, colour: MUTED, align: "center" });
      }
    }
  }

  private paintStations(pen: Pen, size: Size, { area, scale, window }: Frame, view: LineView): void {
    const { points, km } = view.line;
    const shown = points.flatMap((point, index) => {
      const isSeen = km[index]! >= window.fromKm && km[index]! <= window.toKm;
      return isSeen ? [{ point, y: scale.kmOrigin + scale.kmFactor * km[index]!, index }] : [];
    });
    const labels = shown.map(({ y, index }) => ({
      position: y,
      importance: index === 0 || index === points.length - 1 ? 3 : 0,
    }));
    const written = spreadLabels(labels, ROW_GAP, { from: area.y + 4, to: area.y + area.height - 4 }, 3);
    shown.forEach(({ point, y }, index) => {
      const at = written.get(index);
      pen.line([area.x, y, area.x + area.width, y], { colour: at === undefined ? "#edf0f3" : "#d3dae0", width: 0.75 });
      if (at === undefined) return;
      const name = fitText(pen, this.timetable.pointName(point), area.x - 14);
      pen.text(name, 2, at, { size: size.width < NARROW ? 11 : 12 });
      pen.line([area.x - 8, at, area.x, y], { colour: MUTED, width: 0.75 });
    });
  }

  private paintRuns(pen: Pen, { area, window, scale }: Frame, day: LineDay): void {
    const { hidden, chosen } = this.options;
    const { trains } = this.timetable;
    const places = CATEGORIES.map((category) => (hidden.has(category) ? -1 : CATEGORIES.indexOf(category)));
    const heavy = CATEGORIES.length;
    const { groups, places: shown } = traceRuns(day, window, scale, heavy + 1, (train) =>
      chosen.has(train) ? heavy : places[categoryPlace(trains[train]!.category)]!,
    );
    const width = shown.length > 300 ? 0 : shown.length > 80 ? 1.3 : 1.9;
    const strokes = groups.map((lines, place) => {
      const isHeavy = place === heavy;
      const colour = isHeavy ? INK : CATEGORY_COLOURS[CATEGORIES[place]!]!;
      return { lines, stroke: { colour, width: isHeavy ? 3.2 : width } };
    });
    pen.lines(strokes, area);
    for (const place of shown) {
      const isChosen = chosen.has(day.runs[place]!.train);
      if (isChosen || shown.length <= NUMBERED) this.paintNumber(pen, { area, window, scale }, day, place);
    }
  }

  /** The number of a train along its longest piece in view. */
  private paintNumber(pen: Pen, { area, window, scale }: Frame, day: LineDay, place: number): void {
    const run = day.runs[place]!;
    const { arriveS, leaveS, point } = this.timetable;
    const { kmOf } = day.view;
    const train = this.timetable.trains[run.train]!;
    const isChosen = this.options.chosen.has(run.train);
    let best = { length: 0, x: 0, y: 0, turn: 0 };
    for (let row = run.first; row < run.last; row += 1) {
      const left = run.beginS + leaveS[row]!;
      const next = run.beginS + arriveS[row + 1]!;
      if (next < window.fromS) continue;
      if (left > window.toS) break;
      const x0 = scale.timeOrigin + scale.timeFactor * left;
      const x1 = scale.timeOrigin + scale.timeFactor * next;
      const y0 = scale.kmOrigin + scale.kmFactor * kmOf[point[row]!]!;
      const y1 = scale.kmOrigin + scale.kmFactor * kmOf[point[row + 1]!]!;
      const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
      const isInside = x > area.x && y > area.y && x < area.x + area.width && y < area.y + area.height;
      const length = Math.hypot(x1 - x0, y1 - y0);
      if (isInside && length > best.length) best = { length, x, y, turn: (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI };
    }
    const label = this.timetable.trainNumber(train.train_id);
    if (best.length < pen.textWidth(label, 11, true) + 6) return;
    const normal = ((best.turn - 90) * Math.PI) / 180;
    pen.text(label, best.x + 9 * Math.cos(normal), best.y + 9 * Math.sin(normal), {
      size: 11,
      bold: true,
      align: "center",
      colour: isChosen ? INK : CATEGORY_COLOURS[CATEGORIES[categoryPlace(train.category)]!]!,
      turn: best.turn,
      halo: true,
    });
  }

  private paintConflicts(pen: Pen, frame: Frame): void {
    const { scale } = frame;
    const marks = this.marksInView(frame);
    const isCrowded = marks.length > RINGS;
    // The gravest come first in the list and are drawn last, on top.
    for (const mark of marks.toReversed()) {
      const colour = mark.conflict.is_impossible === true ? IMPOSSIBLE : CLOSE;
      const x = scale.timeOrigin + scale.timeFactor * mark.fromS;
      const y = scale.kmOrigin + scale.kmFactor * mark.fromKm;
      const width = scale.timeFactor * (mark.toS - mark.fromS);
      const height = scale.kmFactor * (mark.toKm - mark.fromKm);
      const isChosen = mark.place === this.options.conflict;
      const [middleX, middleY] = [x + width / 2, y + height / 2];
      if (isCrowded && !isChosen) {
        pen.rect({ x: middleX - 2, y: middleY - 2, width: 4, height: 4 }, colour);
        continue;
      }
      if (width > 4 || height > 4) {
        pen.rect({ x, y: y - 1, width: Math.max(width, 2), height: height + 2 }, colour, undefined, 0.14);
      }
      if (isChosen) pen.dot(middleX, middleY, 9, "rgba(255, 255, 255, 0.6)", { colour, width: 3 });
      pen.dot(middleX, middleY, 4, "#ffffff", { colour, width: 2 });
    }
  }

  private marksInView({ window }: Frame): ConflictMark[] {
    const { showImpossible, showClose } = this.options;
    return this.marks.filter(
      (mark) =>
        (mark.conflict.is_impossible === true ? showImpossible : showClose) &&
        mark.toS >= window.fromS &&
        mark.fromS <= window.toS &&
        mark.toKm >= window.fromKm &&
        mark.fromKm <= window.toKm,
    );
  }

  private markAt(frame: Frame, x: number, y: number): ConflictMark | null {
    const { scale } = frame;
    let [best, least] = [null as ConflictMark | null, 9];
    for (const mark of this.marksInView(frame)) {
      const markX = scale.timeOrigin + (scale.timeFactor * (mark.fromS + mark.toS)) / 2;
      const markY = scale.kmOrigin + (scale.kmFactor * (mark.fromKm + mark.toKm)) / 2;
      const away = Math.hypot(markX - x, markY - y);
      if (away < least) [best, least] = [mark, away];
    }
    return best;
  }

  private isShown(train: number): boolean {
    const { trains } = this.timetable;
    return !this.options.hidden.has(CATEGORIES[categoryPlace(trains[train]!.category)]!);
  }

  read(pen: Pen, size: Size, view: Viewport, x: number, y: number): string[] | null {
    const { day } = this;
    if (day === null) return null;
    const frame = this.frame(size, view, day);
    const { area, scale } = frame;
    if (x < area.x || y < area.y || x > area.x + area.width || y > area.y + area.height) return null;
    pen.line([x, area.y, x, area.y + area.height], { colour: INK, width: 0.8, dash: [4, 3] });
    const clock = (atS: number): string => clockText(atS, this.epochS, this.options.offsetMin);
    const mark = this.markAt(frame, x, y);
    if (mark !== null) {
      const { conflict } = mark;
      const ids = [conflict.train_id, ...othersOf(conflict)];
      return [
        kindText(conflict.kind),
        `${conflict.place}, ${clock(mark.fromS)}–${clock(mark.toS)}`,
        `trains ${ids.map((id) => this.timetable.trainNumber(id)).join(", ")}`,
        ...(conflict.missing_s === null ? [] : [`missing ${durationText(conflict.missing_s)}`]),
      ];
    }
    const found = nearestRun(day, frame.scale, x, y, (train) => this.isShown(train));
    if (found === null) return [clock((x - scale.timeOrigin) / scale.timeFactor)];
    const run = day.runs[found.place]!;
    const train = this.timetable.trains[run.train]!;
    const name = (row: number): string => this.timetable.pointName(this.timetable.point[row]!);
    const arrive = run.beginS + this.timetable.arriveS[found.row]!;
    const leave = run.beginS + this.timetable.leaveS[found.row]!;
    pen.dot(found.x, found.y, 4, INK, { colour: "#ffffff", width: 1.5 });
    const isComputed = this.timetable.isComputed(found.row);
    return [
      `${this.timetable.trainNumber(train.train_id)}, ${train.category ?? "train"}`,
      `${this.timetable.nameOf(train.from_point)} → ${this.timetable.nameOf(train.to_point)}`,
      `${name(found.row)} ${leave > arrive ? `${clock(arrive)}–${clock(leave)}` : clock(arrive)}`,
      isComputed ? "time computed" : "time stated",
    ];
  }

  pick(size: Size, view: Viewport, x: number, y: number): void {
    const { day } = this;
    if (day === null) return;
    const frame = this.frame(size, view, day);
    const mark = this.markAt(frame, x, y);
    if (mark !== null) return this.onPick(null, mark.place);
    const found = nearestRun(day, frame.scale, x, y, (train) => this.isShown(train));
    this.onPick(found === null ? null : day.runs[found.place]!.train, null);
  }
}

/** A name cut to a width, with an ellipsis. */
function fitText(pen: Pen, text: string, width: number): string {
  if (pen.textWidth(text, 12) <= width) return text;
  let end = text.length - 1;
  while (end > 1 && pen.textWidth(`${text.slice(0, end)}…`, 12) > width) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}
