// Layers under the trips: zone bands, borders, station lines, time grid, local midnights.

import { offsetText } from "../core/time";
import { ACCENT, MUTED, RULE, type Pen } from "../drawing/pen";
import { multiples, thinLabels, timeStep } from "../drawing/ticks";
import type { Frame } from "./frame";
import { offsetAt } from "./model";

export type Layer = (pen: Pen, frame: Frame) => void;

const DAY_S = 86400;
const ZONE_TINTS = ["#ffffff", "#f3f6f9"];

export const drawZones: Layer = (pen, frame) => {
  const { zones } = frame.model;
  zones.forEach((zone, index) => {
    const strip = frame.strip(zone.fromKm, zone.toKm);
    const isEdge = index === 0 || index === zones.length - 1;
    // The outer bands reach the frame, past the first and last station.
    const reach = isEdge ? 8 : 0;
    const rect = frame.isSwapped
      ? { ...strip, x: strip.x - (index === 0 ? reach : 0), width: strip.width + reach }
      : { ...strip, y: strip.y - (index === 0 ? reach : 0), height: strip.height + reach };
    pen.rect(rect, ZONE_TINTS[index % 2]!);
  });
};

export const drawTimeGrid: Layer = (pen, frame) => {
  const span = frame.toS - frame.fromS;
  const offset = frame.options.clockOffsetMin * 60 + frame.model.epochShiftS;
  const fine = timeStep(span, frame.timePixels, 14);
  const coarse = timeStep(span, frame.timePixels, 40);
  for (const at of multiples(frame.fromS, frame.toS, fine, offset)) {
    pen.line(frame.timeLine(at), { colour: "#eef1f4" });
  }
  for (const at of multiples(frame.fromS, frame.toS, coarse, offset)) {
    pen.line(frame.timeLine(at), { colour: RULE });
  }
  for (const at of multiples(frame.fromS, frame.toS, DAY_S, offset)) {
    pen.line(frame.timeLine(at), { colour: "#a9b4be", width: 1.2 });
  }
};

export const drawStations: Layer = (pen, frame) => {
  for (const station of frame.model.stations) {
    const isMain = station.importance >= 3;
    const stroke = isMain ? { colour: "#c3ccd4", width: 1 } : { colour: "#e4e9ed", width: 0.75 };
    pen.line(frame.distanceLine(station.km), stroke);
  }
};

/** Midnight by the local clock, stepped from zone to zone. */
export const drawLocalMidnights: Layer = (pen, frame) => {
  for (const zone of frame.model.zones) {
    const shift = frame.model.epochShiftS;
    for (const offsetMin of zone.offsetsMin) {
      for (const at of multiples(frame.fromS, frame.toS, DAY_S, offsetMin * 60 + shift)) {
        // Midnight is where the clock of that moment shows it.
        if (offsetAt(zone, at, shift) !== offsetMin) continue;
        const line = frame.timeLine(at, zone.fromKm, zone.toKm);
        pen.line(line, { colour: ACCENT, width: 1, dash: [2, 3] });
      }
    }
  }
};

export const drawMarks: Layer = (pen, frame) => {
  for (const mark of frame.model.marks) {
    const strip = frame.strip(mark.fromKm, mark.toKm);
    if (mark.kind === "border") {
      pen.hatch(strip, "#8a6d1d", 0.5);
      pen.line(frame.distanceLine((mark.fromKm + mark.toKm) / 2), { colour: "#8a6d1d", width: 1.4 });
    } else {
      pen.line(frame.distanceLine(mark.fromKm), { colour: "#8a6d1d", width: 1, dash: [8, 3, 2, 3] });
    }
  }
};

/** Names of borders and gauge changes; those at one place share a line. */
export const drawMarkNames: Layer = (pen, frame) => {
  if (frame.isSwapped) return;
  const texts = new Map<number, string[]>();
  for (const mark of frame.model.marks) {
    const off = Math.round(frame.distance((mark.fromKm + mark.toKm) / 2));
    const near = [...texts.keys()].find((other) => Math.abs(other - off) < 14) ?? off;
    texts.set(near, [...(texts.get(near) ?? []), mark.text]);
  }
  const right = frame.area.x + frame.area.width - 8;
  for (const [off, words] of texts) {
    const style = { align: "right", size: 11, colour: "#6d5510", halo: true } as const;
    pen.text(words.join(" · "), right, off - 9, style);
  }
};

export const drawZoneNames: Layer = (pen, frame) => {
  const { area, model, isSwapped } = frame;
  const [start, length] = isSwapped ? [area.x, area.width] : [area.y, area.height];
  const labels = model.zones.map((zone) => {
    const from = Math.max(frame.distance(zone.fromKm), start);
    const to = Math.min(frame.distance(zone.toKm), start + length);
    return { position: (from + to) / 2, importance: to - from, text: zone.offsetsMin.map(offsetText).join(" / ") };
  });
  const visible = labels.filter((label) => label.importance > 0);
  const shown = thinLabels(visible, isSwapped ? 52 : 14);
  visible.forEach((label, index) => {
    if (!shown.has(index)) return;
    const style = { size: 11, colour: MUTED } as const;
    if (isSwapped) {
      pen.text(label.text, label.position, area.y + area.height + 16, { ...style, align: "center" });
    } else {
      pen.text(label.text, area.x + area.width + 8, label.position, style);
    }
  });
};
