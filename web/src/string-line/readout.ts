// What the string-line says under the pointer: where the coach is at that instant, on three clocks.

import { numberText } from "../core/format";
import type { StudyView } from "../core/study-view";
import { momentText, offsetText } from "../core/time";
import { offsetAt, type StringLineModel, type Vertex } from "./model";

export interface Position {
  km: number;
  from: Vertex;
  to: Vertex;
  /** Share of the way from one vertex to the next, 0–1. */
  share: number;
}

/** Where the coach is at an instant, by straight lines between its events; null outside the trip. */
export function positionAt(model: StringLineModel, atS: number): Position | null {
  const { vertices } = model;
  const next = vertices.findIndex((vertex) => vertex.at >= atS);
  if (next <= 0) return null;
  const from = vertices[next - 1]!;
  const to = vertices[next]!;
  const share = to.at > from.at ? (atS - from.at) / (to.at - from.at) : 0;
  return { km: from.km + share * (to.km - from.km), from, to, share };
}

function rangeLine(study: StudyView, atS: number, place: Position, offsetMin: number): string | null {
  const early = (1 - place.share) * (place.from.at - place.from.low) + place.share * (place.to.at - place.to.low);
  const late = (1 - place.share) * (place.from.high - place.from.at) + place.share * (place.to.high - place.to.at);
  if (early + late < 60) return null;
  const low = momentText(atS - early, study.epochS, offsetMin);
  const high = momentText(atS + late, study.epochS, offsetMin);
  return `range ${low} – ${high}`;
}

export function readoutLines(study: StudyView, model: StringLineModel, atS: number): string[] | null {
  const place = positionAt(model, atS);
  if (place === null) return null;
  const { from, to } = place;
  const isWaiting = from.event.point_id === to.event.point_id;
  const name = study.pointName(from.event.point_id);
  const where = isWaiting ? `${name}, standing` : `${name} → ${study.pointName(to.event.point_id)}`;
  const zone = model.zones.find((band) => place.km >= band.fromKm && place.km <= band.toKm);
  const offset = zone === undefined ? null : offsetAt(zone, atS, study.epochS);
  const localMin = offset ?? from.event.utc_offset_min ?? 0;
  const referenceMin = from.event.reference_offset_min;
  const lines = [where];
  if (!isWaiting) lines.push(`train ${study.trainLabel(from.event.train_id)}`);
  if (model.hasKm) lines.push(`km ${numberText(place.km)}`);
  lines.push(`local ${momentText(atS, study.epochS, localMin)} (${offsetText(localMin)})`);
  if (referenceMin !== null) {
    lines.push(`railway ${momentText(atS, study.epochS, referenceMin)} (${offsetText(referenceMin)})`);
  }
  lines.push(`UTC ${momentText(atS, study.epochS, 0)}`);
  const range = rangeLine(study, atS, place, localMin);
  if (range !== null) lines.push(range);
  return lines;
}
