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

interface Ride {
  x: number;
  y: number;
  length: number;
  turn: number;
}

/** The longest run of a train in view between two of its stops. */
function longestRide(frame: Frame, trainId: string): Ride | null {
  const { vertices } = frame.model;
  const { area } = frame;
  let longest: Ride | null = null;
  vertices.slice(1).forEach((to, index) => {
    const from = vertices[index]!;
    if ((from.event.train_id ?? "") !== trainId || isWait(from, to)) return;
    const [x0, y0] = frame.place(from.at, from.km);
    const [x1, y1] = frame.place(to.at, to.km);
    const x = (x0 + x1) / 2;
    const y = (y0 + y1) / 2;
    const isInside =
      x > area.x && y > area.y && x < area.x + area.width && y < area.y + area.height;
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (!isInside || length <= (longest?.length ?? 0)) return;
    longest = { x, y, length, turn: (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI };
  });
  return longest;
}

/** The train's name along its longest run, where that is long enough. */
export function drawTrainNames(nameOf: (trainId: string) => string): Layer {
  return (pen: Pen, frame: Frame) => {
    const { trains } = frame.model;
    for (const trainId of trains) {
      const ride = trainId === "" ? null : longestRide(frame, trainId);
      const label = nameOf(trainId);
      if (ride === null || ride.length < 0.8 * pen.textWidth(label, 12, true)) continue;
      const normal = ((ride.turn - 90) * Math.PI) / 180;
      pen.text(label, ride.x + 12 * Math.cos(normal), ride.y + 12 * Math.sin(normal), {
        bold: true,
        colour: trainColour(trains, trainId),
        align: "center",
        turn: Math.abs(ride.turn) > 90 ? ride.turn + 180 : ride.turn,
        halo: true,
      });
    }
  };
}
