// Layers of the line around a host: occupied track, other paths, waits, possessions, conflicts.

import { durationText } from "../core/time";
import { INK, type Pen, type Rect } from "../drawing/pen";
import type { Frame } from "../string-line/frame";
import type { Layer } from "../string-line/ground-layers";
import type { BlockedStretch, HostLine } from "./line";

export const HOST = "#12496b";
export const FREIGHT = "#b08d3e";
export const PASSENGER = "#5f93b8";
export const CONFLICT = "#d91c1c";
export const CLOSED = "#7a5c9e";

export interface LayerOptions {
  showPaths: boolean;
  showOccupied: boolean;
}

/** The rectangle between two instants and two distances. */
export function stretchRect(frame: Frame, stretch: BlockedStretch): Rect {
  const [x0, y0] = frame.place(stretch.fromS, stretch.fromKm);
  const [x1, y1] = frame.place(stretch.toS, stretch.toKm);
  const width = Math.max(Math.abs(x1 - x0), 2);
  const height = Math.max(Math.abs(y1 - y0), 2);
  return { x: Math.min(x0, x1), y: Math.min(y0, y1), width, height };
}

function drawOccupied(pen: Pen, frame: Frame, line: HostLine): void {
  for (const path of [...line.paths, line.own]) {
    const colour = path === line.own ? HOST : path.isFreight ? FREIGHT : PASSENGER;
    for (const piece of path.pieces) {
      piece.slice(1).forEach((to, index) => {
        const from = piece[index]!;
        const stretch = { fromKm: from.km, toKm: to.km, fromS: from.leave, toS: to.arrive };
        pen.rect(stretchRect(frame, stretch), colour, undefined, 0.2);
      });
    }
  }
}

function drawPaths(pen: Pen, frame: Frame, line: HostLine): void {
  for (const path of line.paths) {
    const colour = path.isFreight ? FREIGHT : PASSENGER;
    for (const piece of path.pieces) {
      const points = piece.flatMap((place) => [
        ...frame.place(place.arrive, place.km),
        ...frame.place(place.leave, place.km),
      ]);
      pen.line(points, { colour, width: path.isFreight ? 0.9 : 1.2 });
    }
  }
}

function drawWaits(pen: Pen, frame: Frame, line: HostLine): void {
  let last = { x: -Infinity, y: -Infinity };
  for (const wait of line.waits) {
    const [x, y] = frame.place((wait.fromS + wait.toS) / 2, wait.km);
    pen.dot(x, y, 6, "#ffffff", { colour: INK, width: 1.4 });
    const text = durationText(wait.toS - wait.fromS);
    // Waits that follow closely are told on either side of the line.
    const isClose = Math.abs(x - last.x) < 52 && Math.abs(y - last.y) < 14;
    const style = { size: 11, bold: true, halo: true } as const;
    if (isClose) pen.text(text, x - 10, y + 12, { ...style, align: "right" });
    else {
      pen.text(text, x + 10, y - 11, style);
      last = { x, y };
    }
  }
}

/** Layers for the line that the section shows at the moment. */
export function hostLayers(current: () => HostLine | null, options: LayerOptions): Layer[] {
  const layer =
    (draw: (pen: Pen, frame: Frame, line: HostLine) => void, isOn: () => boolean): Layer =>
    (pen, frame) => {
      const line = current();
      if (line !== null && isOn()) draw(pen, frame, line);
    };
  const always = (): boolean => true;
  return [
    layer(drawOccupied, () => options.showOccupied),
    layer((pen, frame, line) => {
      for (const closure of line.closures) pen.hatch(stretchRect(frame, closure), CLOSED, 0.7);
    }, always),
    layer(drawPaths, () => options.showPaths),
    layer((pen, frame, line) => {
      for (const conflict of line.conflicts) {
        pen.rect(stretchRect(frame, conflict), "#ff6868", { colour: CONFLICT, width: 1.2 }, 0.5);
      }
    }, always),
    layer(drawWaits, always),
  ];
}
