// The axes: the station column and the ruler of days and hours.

import { numberText } from "../core/format";
import { DAY_S, clockText, dayNumber, dayText } from "../core/time";
import { INK, MUTED, RULE, type Pen } from "../drawing/pen";
import { spreadLabels } from "../drawing/spread";
import { multiples, timeStep } from "../drawing/ticks";
import type { Frame } from "./frame";
import type { LineStation } from "./model";

const ROW_GAP = 15;
const MAIN_IMPORTANCE = 3;

interface WrittenStation {
  station: LineStation;
  /** Where it lies on the axis, and where its name is written [px]. */
  position: number;
  written: number;
}

function stationsInView(frame: Frame): WrittenStation[] {
  const { area, isSwapped } = frame;
  const [start, length] = isSwapped ? [area.x, area.width] : [area.y, area.height];
  const placed = frame.model.stations
    .map((station) => ({ station, position: frame.distance(station.km) }))
    .filter(({ position }) => position >= start - 1 && position <= start + length + 1);
  const labels = placed.map(({ station, position }) => ({
    position,
    importance: station.importance,
  }));
  const range = { from: start + 4, to: start + length - 4 };
  const written = spreadLabels(labels, ROW_GAP, range, MAIN_IMPORTANCE);
  return placed.flatMap(({ station, position }, index) => {
    const at = written.get(index);
    return at === undefined ? [] : [{ station, position, written: at }];
  });
}

function drawStationColumn(pen: Pen, frame: Frame): void {
  const right = frame.area.x - 10;
  pen.text("km", right, frame.area.y - 12, { size: 11, colour: MUTED, align: "right" });
  for (const { station, position, written } of stationsInView(frame)) {
    const bold = station.importance >= MAIN_IMPORTANCE;
    const km = frame.model.hasKm ? numberText(station.km) : "";
    pen.text(km, right, written, { size: 11, colour: MUTED, align: "right" });
    pen.text(station.name, 4, written, { size: 12, bold });
    const used = 4 + pen.textWidth(station.name, 12, bold) + 7;
    const local = station.nameLocal;
    const space = right - pen.textWidth(km, 11) - 8 - used;
    if (local !== station.name && pen.textWidth(local, 11) <= space) {
      pen.text(local, used, written, { size: 11, colour: MUTED });
    }
    pen.line([right + 3, written, frame.area.x, position], { colour: MUTED, width: 0.75 });
  }
}

function drawStationRow(pen: Pen, frame: Frame): void {
  const bottom = frame.area.y - 8;
  for (const { station, position, written } of stationsInView(frame)) {
    const bold = station.importance >= MAIN_IMPORTANCE;
    pen.text(station.name, written + 3, bottom, { size: 12, bold, turn: -55 });
    pen.line([written, frame.area.y - 6, position, frame.area.y], { colour: MUTED, width: 0.75 });
  }
}

/** "D+3": days since the trip's date, as in the itinerary. */
function dayMark(frame: Frame, atS: number): string {
  const first = Date.parse(`${frame.model.tripDate}T00:00:00Z`) / 1000 / DAY_S;
  const days = dayNumber(atS, frame.model.epochShiftS, frame.options.clockOffsetMin) - first;
  return Number.isNaN(days) || days < 0 ? "" : days === 0 ? "D" : `D+${days}`;
}

function drawDays(pen: Pen, frame: Frame): void {
  const { options, model, area, isSwapped } = frame;
  const shift = options.clockOffsetMin * 60 + model.epochShiftS;
  const midnights = multiples(frame.fromS - DAY_S, frame.toS, DAY_S, shift);
  const [start, length] = isSwapped ? [area.y, area.height] : [area.x, area.width];
  for (const midnight of midnights) {
    const from = Math.max(frame.time(midnight), start);
    const to = Math.min(frame.time(midnight + DAY_S), start + length);
    const label = dayText(midnight, model.epochShiftS, options.clockOffsetMin);
    const mark = dayMark(frame, midnight);
    if (isSwapped) {
      if (to - from < 16) continue;
      pen.text(label, 4, from + 8, { size: 11, bold: true });
      if (to - from > 30) pen.text(mark, 4, from + 23, { size: 11, colour: MUTED });
      continue;
    }
    pen.line([from, 4, from, area.y], { colour: RULE });
    // "Tue 17 Jun", or less where days are narrow.
    const words = label.split(" ");
    const forms = [label, words.slice(1).join(" "), words[1] ?? ""];
    const fits = forms.find((form) => pen.textWidth(form, 12, true) + 8 <= to - from);
    if (fits === undefined) continue;
    pen.text(fits, from + 5, 12, { size: 12, bold: true });
    pen.text(mark, from + 5, 28, { size: 11, colour: MUTED });
  }
}

function drawHours(pen: Pen, frame: Frame): void {
  const { options, model, area, isSwapped } = frame;
  const step = timeStep(frame.toS - frame.fromS, frame.timePixels, isSwapped ? 18 : 40);
  if (step >= DAY_S) return;
  const shift = options.clockOffsetMin * 60 + model.epochShiftS;
  for (const at of multiples(frame.fromS, frame.toS, step, shift)) {
    const along = frame.time(at);
    const label = clockText(at, model.epochShiftS, options.clockOffsetMin);
    const style = { size: 11, colour: MUTED } as const;
    if (isSwapped) pen.text(label, area.x - 8, along, { ...style, align: "right" });
    else pen.text(label, along, area.y - 12, { ...style, align: "center" });
  }
}

export function drawAxes(pen: Pen, frame: Frame): void {
  if (frame.isSwapped) drawStationRow(pen, frame);
  else drawStationColumn(pen, frame);
  drawDays(pen, frame);
  drawHours(pen, frame);
  pen.rect(frame.area, null, { colour: INK, width: 0.8 });
}
