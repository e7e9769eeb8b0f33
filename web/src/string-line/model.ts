// What one string-line shows: stations by distance, the trip's vertices, zones, borders, other trips.

import { languageOf } from "../core/format";
import type { StudyView } from "../core/study-view";
import { zoneOffsetMin } from "../core/time";
import type { TripEvent } from "../rows";

export interface LineStation {
  pointId: string;
  name: string;
  nameLocal: string;
  language: string;
  km: number;
  importance: number;
}

export interface Vertex {
  km: number;
  low: number;
  at: number;
  high: number;
  event: TripEvent;
}

/** A stretch of one zone; its offset changes while a trip is in it where clocks are put forward or back. */
export interface ZoneBand {
  fromKm: number;
  toKm: number;
  zone: string | null;
  /** Offsets in the order in which the trip meets them [min east of UTC]. */
  offsetsMin: number[];
}

/** Offset of a band at a moment of the study; the first one met where the zone is not known. */
export function offsetAt(band: ZoneBand, atS: number, epochShiftS: number): number {
  if (band.offsetsMin.length === 1) return band.offsetsMin[0]!;
  return zoneOffsetMin(band.zone, atS + epochShiftS) ?? band.offsetsMin[0]!;
}

/** A place on the distance axis that is marked: a border stretch or a change of gauge or current. */
export interface GroundMark {
  fromKm: number;
  toKm: number;
  text: string;
  kind: "border" | "gauge" | "electrification";
}

export interface OtherTrip {
  tripId: string;
  points: { km: number; at: number }[];
}

export interface StringLineModel {
  tripId: string;
  /** Local day of departure, from which the days D+1, D+2 … are counted. */
  tripDate: string;
  stations: LineStation[];
  vertices: Vertex[];
  trains: string[];
  zones: ZoneBand[];
  marks: GroundMark[];
  others: OtherTrip[];
  fromS: number;
  toS: number;
  /** Seconds from 1970 to the study epoch, so that grid lines fall on whole clock hours. */
  epochShiftS: number;
  hasKm: boolean;
}

const EDGE_SHARE = 0.025;

/** Distances of the events [km]; gaps are filled between known ones so that every stop can be drawn. */
function eventKilometres(events: TripEvent[]): { km: number[]; hasKm: boolean } {
  const known = events.filter((event) => event.distance_km !== null).length;
  if (known < 2) return { km: events.map((_, index) => index), hasKm: false };
  const km = events.map((event) => event.distance_km);
  let last = -1;
  km.forEach((value, index) => {
    if (value === null) return;
    const start = last < 0 ? value : km[last]!;
    for (let gap = last + 1; gap < index; gap += 1) {
      km[gap] = start + ((value - start) * (gap - last)) / (index - last);
    }
    last = index;
  });
  const end = km[last] ?? 0;
  return { km: km.map((value) => value ?? end), hasKm: true };
}

function buildVertices(events: TripEvent[]): { vertices: Vertex[]; hasKm: boolean } {
  const { km, hasKm } = eventKilometres(events);
  const vertices: Vertex[] = [];
  events.forEach((event, index) => {
    if (event.at_s === null) return;
    const at = event.at_s;
    vertices.push({ km: km[index]!, low: event.low_at_s ?? at, at, high: event.high_at_s ?? at, event });
  });
  return { vertices, hasKm };
}

function stationImportance(study: StudyView, vertices: Vertex[], index: number): number {
  const vertex = vertices[index]!;
  const isEnd = index === 0 || index === vertices.length - 1;
  if (isEnd) return 5;
  if (vertex.event.is_handover === true) return 4;
  const kind = study.point(vertex.event.point_id)?.kind;
  if (kind === "border") return 3;
  const next = vertices[index + 1];
  const dwell = next?.event.point_id === vertex.event.point_id ? next.at - vertex.at : 0;
  const long = dwell >= 1200 ? 1 : 0;
  return (kind === "terminal" || kind === "junction" ? 1 : 0) + long;
}

function buildStations(study: StudyView, vertices: Vertex[]): LineStation[] {
  const stations: LineStation[] = [];
  vertices.forEach((vertex, index) => {
    const pointId = vertex.event.point_id;
    const importance = stationImportance(study, vertices, index);
    const last = stations.at(-1);
    if (last !== undefined && last.pointId === pointId) {
      last.importance = Math.max(last.importance, importance);
      return;
    }
    const point = study.point(pointId);
    stations.push({
      pointId,
      name: study.pointName(pointId),
      nameLocal: point?.name_local ?? "",
      language: languageOf(point?.country ?? null),
      km: vertex.km,
      importance,
    });
  });
  return stations;
}

export function buildZones(vertices: Vertex[], zoneOf: (pointId: string) => string | null): ZoneBand[] {
  const bands: ZoneBand[] = [];
  let previousKm = vertices[0]?.km ?? 0;
  for (const { km, event } of vertices) {
    const offsetMin = event.utc_offset_min;
    const band = bands.at(-1);
    const zone = zoneOf(event.point_id);
    const isSame = band !== undefined && (band.offsetsMin.at(-1) === offsetMin || (zone !== null && zone === band.zone));
    if (offsetMin === null || isSame) {
      if (band !== undefined) band.toKm = km;
      if (offsetMin !== null && band?.offsetsMin.at(-1) !== offsetMin) band?.offsetsMin.push(offsetMin);
    } else {
      const edge = band === undefined ? km : (previousKm + km) / 2;
      if (band !== undefined) band.toKm = edge;
      bands.push({ fromKm: edge, toKm: km, zone, offsetsMin: [offsetMin] });
    }
    previousKm = km;
  }
  return bands;
}

function buildMarks(study: StudyView, stations: LineStation[]): GroundMark[] {
  const kmOf = new Map(stations.map((station) => [station.pointId, station.km]));
  const marks: GroundMark[] = [];
  stations.slice(1).forEach((to, index) => {
    const from = stations[index]!;
    // Two borders may share a station; only the one that lies between neighbouring stops is crossed.
    const isCrossed = study.borders.some(
      ({ point_a: a, point_b: b }) =>
        (a === from.pointId && b === to.pointId) || (b === from.pointId && a === to.pointId),
    );
    if (!isCrossed) return;
    const text = `border ${from.name} – ${to.name}`;
    marks.push({ fromKm: from.km, toKm: to.km, text, kind: "border" });
  });
  for (const change of study.changePoints) {
    const km = kmOf.get(change.point_id);
    if (km === undefined || change.kind !== "gauge") continue;
    const text = `gauge ${change.from_value} | ${change.to_value} mm`;
    marks.push({ fromKm: km, toKm: km, text, kind: "gauge" });
  }
  return marks;
}

function buildOthers(study: StudyView, model: Omit<StringLineModel, "others">): OtherTrip[] {
  const kmOf = new Map(model.stations.map((station) => [station.pointId, station.km]));
  const others: OtherTrip[] = [];
  for (const trip of study.trips) {
    const { departure_at_s: from, arrival_at_s: to } = trip;
    if (trip.trip_id === model.tripId || trip.status === "suspended") continue;
    if (from === null || to === null || to < model.fromS || from > model.toS) continue;
    const points = study.eventsOf(trip.trip_id).flatMap((event) => {
      const km = kmOf.get(event.point_id);
      return km === undefined || event.at_s === null ? [] : [{ km, at: event.at_s }];
    });
    if (points.length > 1) others.push({ tripId: trip.trip_id, points });
  }
  return others;
}

export function buildStringLine(study: StudyView, tripId: string): StringLineModel | null {
  const { vertices, hasKm } = buildVertices(study.eventsOf(tripId));
  if (vertices.length < 2) return null;
  const stations = buildStations(study, vertices);
  const from = Math.min(...vertices.map((vertex) => vertex.low));
  const to = Math.max(...vertices.map((vertex) => vertex.high));
  const edge = Math.max((to - from) * EDGE_SHARE, 1800);
  const trains = new Set(vertices.map((vertex) => vertex.event.train_id ?? ""));
  const model = {
    tripId,
    tripDate: study.tripById.get(tripId)?.trip_date ?? "",
    stations,
    vertices,
    trains: [...trains],
    zones: buildZones(vertices, (pointId) => study.point(pointId)?.zone ?? null),
    marks: buildMarks(study, stations),
    fromS: from - edge,
    toS: to + edge,
    epochShiftS: study.epochS,
    hasKm,
  };
  return { ...model, others: buildOthers(study, model) };
}
