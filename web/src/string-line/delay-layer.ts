// Ribbons of the simulated delay on a string-line: where the chosen coach is by then, by chance.

import type { Pen } from "../drawing/pen";
import { quantilesOf } from "../reliability/delays";
import type { StudyView } from "../core/study-view";
import type { TripDelay } from "../rows";
import type { Frame } from "./frame";
import type { Layer } from "./ground-layers";
import type { StringLineModel } from "./model";

export const RIBBON_COLOUR = "#d98a3d";

interface DelayedVertex {
  km: number;
  /** Instants that 5, 25, 50, 75 and 95 in a hundred trips keep [s]. */
  at: number[];
}

/** Delays of the trip's service, for a departure outside the days that were simulated. */
export function serviceDelays(study: StudyView, tripId: string): TripDelay[] {
  const service = study.tripById.get(tripId)?.service_id;
  const rows = study.rows("arrival_distributions").filter((row) => row.service_id === service);
  const works = rows.filter((row) => row.group_id === "works" && row.delay_p50_min !== null);
  return works.length > 1 ? works : rows.filter((row) => row.group_id === "all");
}

/** Vertices of the trip with the instants of its quantiles; those without any are left out. */
export function delayVertices(model: Pick<StringLineModel, "vertices">, rows: TripDelay[]): DelayedVertex[] {
  const byEvent = new Map(rows.map((row) => [`${row.point_id}|${row.event}`, quantilesOf(row)]));
  return model.vertices.flatMap((vertex) => {
    const quantiles = byEvent.get(`${vertex.event.point_id}|${vertex.event.event}`) ?? null;
    return quantiles === null ? [] : [{ km: vertex.km, at: quantiles.map((minutes) => vertex.at + minutes * 60) }];
  });
}

/** The last instant that a ribbon reaches [s]. */
export function lastRibbonS(vertices: DelayedVertex[]): number {
  return Math.max(...vertices.map((vertex) => vertex.at[4]!), -Infinity);
}

export function drawDelays(verticesOf: () => DelayedVertex[], isShown: () => boolean): Layer {
  return (pen: Pen, frame: Frame) => {
    const vertices = verticesOf();
    if (!isShown() || vertices.length < 2) return;
    const line = (index: number): number[] => vertices.flatMap(({ km, at }) => frame.place(at[index]!, km));
    const back = (index: number): number[] =>
      vertices.toReversed().flatMap(({ km, at }) => frame.place(at[index]!, km));
    pen.area([...line(0), ...back(4)], RIBBON_COLOUR, 0.24);
    pen.area([...line(1), ...back(3)], RIBBON_COLOUR, 0.34);
    pen.line(line(2), { colour: RIBBON_COLOUR, width: 1.4, dash: [7, 4] });
  };
}
