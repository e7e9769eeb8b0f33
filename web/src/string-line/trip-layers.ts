// Layers of the trips: faint others, the range of the chosen trip, its legs, waits and hand-overs.

import { durationText } from "../core/time";
import { INK, MUTED, type Pen } from "../drawing/pen";
import type { Frame } from "./frame";
import type { Layer } from "./ground-layers";
import type { Vertex } from "./model";

/** Host trains in order of use; apart in hue and in lightness for colour-blind readers. */
const TRAIN_COLOURS = [
  "#12496b",
  "#c05a12",
  "#3f7d3a",
  "#8a3f86",
  "#0f8a93",
  "#a88410",
  "#a8324a",
  "#5a5f66",
];

export function trainColour(trains: string[], trainId: string | null): string {
  const index = Math.max(trains.indexOf(trainId ?? ""), 0);
  return TRAIN_COLOURS[index % TRAIN_COLOURS.length]!;
}

export const drawOthers: Layer = (pen, frame) => {
  if (!frame.options.showOthers) return;
  for (const other of frame.model.others) {
    const points = other.points.flatMap((point) => frame.place(point.at, point.km));
    pen.line(points, { colour: "#b4bec7", width: 1.2 });
  }
};

export const drawRange: Layer = (pen, frame) => {
  if (!frame.options.showRange) return;
  const { vertices } = frame.model;
  const early = vertices.flatMap((vertex) => frame.place(vertex.low, vertex.km));
  const late = vertices.toReversed().flatMap((vertex) => frame.place(vertex.high, vertex.km));
  pen.area([...early, ...late], "#6f97b4", 0.32);
};

function isWait(from: Vertex, to: Vertex): boolean {
  return from.event.point_id === to.event.point_id;
}

export const drawLegs: Layer = (pen, frame) => {
  const { vertices, trains } = frame.model;
  vertices.slice(1).forEach((to, index) => {
    const from = vertices[index]!;
    const line = [...frame.place(from.at, from.km), ...frame.place(to.at, to.km)];
    if (isWait(from, to)) {
      const isHandover = from.event.is_handover === true || to.event.is_handover === true;
      pen.line(line, { colour: isHandover ? INK : trainColour(trains, from.event.train_id), width: 4 });
    } else {
      pen.line(line, { colour: trainColour(trains, from.event.train_id), width: 2.4 });
    }
  });
};

export const drawHandovers: Layer = (pen, frame) => {
  const { vertices } = frame.model;
  vertices.forEach((vertex, index) => {
    if (vertex.event.is_handover !== true) return;
    const [x, y] = frame.place(vertex.at, vertex.km);
    pen.dot(x, y, 3.6, "#ffffff", { colour: INK, width: 1.6 });
    const next = vertices[index + 1];
    if (next === undefined || !isWait(vertex, next)) return;
    const pixels = frame.time(next.at) - frame.time(vertex.at);
    const label = durationText(next.at - vertex.at);
    if (pixels < pen.textWidth(label, 11) + 12 || frame.isSwapped) return;
    pen.text(label, x + pixels / 2, y - 9, { size: 11, align: "center", colour: MUTED, halo: true });
  });
};

/** The train's number along the longest run of each leg, as far as it fits. */
export function drawTrainNumbers(nameOf: (trainId: string) => string): Layer {
  return (pen: Pen, frame: Frame) => {
    const { vertices, trains } = frame.model;
    for (const trainId of trains) {
      const own = vertices.filter((vertex) => (vertex.event.train_id ?? "") === trainId);
      const first = own[0];
      const last = own.at(-1);
      if (trainId === "" || first === undefined || last === undefined) continue;
      const [x0, y0] = frame.place(first.at, first.km);
      const [x1, y1] = frame.place(last.at, last.km);
      const label = nameOf(trainId);
      if (Math.hypot(x1 - x0, y1 - y0) < pen.textWidth(label, 12, true) + 24) continue;
      const turn = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
      const middle = own[Math.floor(own.length / 2)]!;
      const [x, y] = frame.place(middle.at, middle.km);
      const normal = ((turn - 90) * Math.PI) / 180;
      const colour = trainColour(trains, trainId);
      const place = { x: x + 14 * Math.cos(normal), y: y + 14 * Math.sin(normal) };
      pen.text(label, place.x, place.y, {
        bold: true,
        colour,
        align: "center",
        turn: Math.abs(turn) > 90 ? turn + 180 : turn,
        halo: true,
      });
    }
  };
}
