// The line around one host train: its path, the paths beside it, its waits, and what is closed.

import { groupBy, type StudyView } from "../core/study-view";
import { languageOf } from "../core/format";
import { dateText } from "../core/time";
import type { Conflict, PathPoint, Possession, RouteLine, TrainFlow, TripEvent } from "../rows";
import type { LineStation, StringLineModel, Vertex } from "../string-line/model";

const HOST_MARK = "|";
const EDGE_S = 3600;

export interface PathPlace {
  km: number;
  arrive: number;
  leave: number;
  sequence: number;
}

export interface LinePath {
  name: string;
  isFreight: boolean;
  /** Places in a row without a gap. */
  pieces: PathPlace[][];
}

export interface Wait {
  km: number;
  fromS: number;
  toS: number;
}

export interface BlockedStretch {
  fromKm: number;
  toKm: number;
  fromS: number;
  toS: number;
}

export interface HostLine {
  model: StringLineModel;
  own: LinePath;
  paths: LinePath[];
  waits: Wait[];
  closures: BlockedStretch[];
  conflicts: BlockedStretch[];
  /** Distance along the way of the host [km]. */
  kmOf: Map<string, number>;
}

/** Name of a path without the host for which it was laid. */
export function ownName(pathId: string): string {
  return pathId.slice(pathId.indexOf(HOST_MARK) + 1);
}

export function hostName(pathId: string): string {
  return pathId.slice(0, Math.max(pathId.indexOf(HOST_MARK), 0));
}

/** Words for a path: a train with its day, or a train of a flow with its ends. */
export function pathLabel(study: StudyView, flows: Map<string, TrainFlow>, pathId: string | null): string {
  if (pathId === null) return "—";
  const name = ownName(pathId);
  const [flowId, direction, number] = name.split("/");
  const flow = flows.get(flowId ?? "");
  if (flow !== undefined && number !== undefined) {
    const ends = [study.pointName(flow.from_point), study.pointName(flow.to_point)];
    if (direction === "backward") ends.reverse();
    return `${flow.category ?? "train"} ${ends.join(" – ")} (assumed)`;
  }
  const [train, day] = name.split("@");
  return `train ${study.trainLabel(train ?? null)}${day === undefined ? "" : ` of ${dateText(day)}`}`;
}

/** Distances of a way's points from its first [km], read from the route that holds most of them. */
export function wayKilometres(
  points: string[],
  routes: Pick<RouteLine, "route_id" | "point_id" | "distance_km">[],
): Map<string, number> | null {
  const wanted = new Set(points);
  let best: Map<string, number> = new Map();
  for (const rows of groupBy(routes, (row) => row.route_id).values()) {
    const own = rows.flatMap(({ point_id: point, distance_km: km }): [string, number][] =>
      wanted.has(point) && km !== null ? [[point, km]] : [],
    );
    if (own.length > best.size) best = new Map(own);
  }
  const first = best.get(points[0] ?? "");
  if (first === undefined || points.some((point) => !best.has(point))) return null;
  return new Map(points.map((point) => [point, Math.abs(best.get(point)! - first)]));
}

/** Rows of a path on the way, cut where it leaves the way. */
export function cutPieces(rows: PathPoint[], kmOf: Map<string, number>): PathPlace[][] {
  const pieces: PathPlace[][] = [];
  for (const row of rows) {
    const km = kmOf.get(row.point_id);
    const arrive = row.arrival_at_s ?? row.departure_at_s;
    const leave = row.departure_at_s ?? row.arrival_at_s;
    if (km === undefined || arrive === null || leave === null) continue;
    const place = { km, arrive, leave, sequence: row.sequence };
    const last = pieces.at(-1);
    if (last !== undefined && last.at(-1)!.sequence === row.sequence - 1) last.push(place);
    else pieces.push([place]);
  }
  return pieces.filter((piece) => piece.length > 1);
}

function makeVertices(rows: PathPoint[], kmOf: Map<string, number>, offsetMin: number): Vertex[] {
  const vertices: Vertex[] = [];
  for (const row of rows) {
    const times: [TripEvent["event"], number | null][] = [
      ["arrival", row.arrival_at_s],
      ["departure", row.departure_at_s === row.arrival_at_s ? null : row.departure_at_s],
    ];
    for (const [event, at] of times) {
      if (at === null) continue;
      const km = kmOf.get(row.point_id)!;
      vertices.push({ km, low: at, at, high: at, event: {
        trip_id: row.path_id, sequence: vertices.length, point_id: row.point_id, event,
        train_id: row.train_id, is_handover: false, distance_km: km, low_at_s: at, at_s: at,
        high_at_s: at, utc_offset_min: offsetMin, reference_offset_min: null, basis: "computed",
      } });
    }
  }
  return vertices;
}

function makeStations(study: StudyView, rows: PathPoint[], kmOf: Map<string, number>): LineStation[] {
  return rows.map((row, index) => {
    const point = study.point(row.point_id);
    const isEnd = index === 0 || index === rows.length - 1;
    const isJunction = point?.kind === "junction" || point?.kind === "terminal";
    return {
      pointId: row.point_id,
      name: study.pointName(row.point_id),
      nameLocal: point?.name_local ?? "",
      language: languageOf(point?.country ?? null),
      km: kmOf.get(row.point_id)!,
      importance: isEnd ? 5 : (row.wait_s ?? 0) > 0 ? 4 : isJunction ? 1 : 0,
    };
  });
}

/** Offset of the clock at the first stop, as the trips of the study have it [min]. */
function findOffset(study: StudyView, pointIds: string[]): number {
  const wanted = new Set(pointIds);
  for (const tripId of study.payload.trip_ids) {
    const event = study.eventsOf(tripId).find((row) => wanted.has(row.point_id) && row.utc_offset_min !== null);
    if (event !== undefined) return event.utc_offset_min!;
  }
  return 0;
}

function placeBlocked(rows: (Conflict | Possession)[], kmOf: Map<string, number>, model: StringLineModel): BlockedStretch[] {
  return rows.flatMap((row) => {
    const from = kmOf.get(row.from_point ?? row.point_id ?? "");
    const to = kmOf.get(row.to_point ?? row.point_id ?? "");
    if (from === undefined || to === undefined || row.to_at_s < model.fromS || row.from_at_s > model.toS) return [];
    return [{ fromKm: from, toKm: to, fromS: row.from_at_s, toS: row.to_at_s }];
  });
}

/** Everything that the string-line of one host shows; null where its path is unknown. */
export function buildHostLine(study: StudyView, host: string): HostLine | null {
  const all = study.rows("train_paths").filter((row) => hostName(row.path_id) === host);
  const groups = groupBy(all, (row) => ownName(row.path_id));
  const own = groups.get(host) ?? [];
  if (own.length < 2) return null;
  const points = own.map((row) => row.point_id);
  const known = wayKilometres(points, study.rows("route_lines"));
  const kmOf = known ?? new Map(points.map((point, index) => [point, index]));
  const offsetMin = findOffset(study, points);
  const vertices = makeVertices(own, kmOf, offsetMin);
  const edgeKm = vertices.at(-1)!.km;
  const model: StringLineModel = {
    tripId: host,
    tripDate: host.split("@")[1] ?? "",
    stations: makeStations(study, own, kmOf),
    vertices,
    trains: [own[0]!.train_id ?? ""],
    zones: [{ fromKm: 0, toKm: edgeKm, zone: null, offsetsMin: [offsetMin] }],
    marks: [],
    others: [],
    fromS: vertices[0]!.at - EDGE_S,
    toS: vertices.at(-1)!.at + EDGE_S,
    epochShiftS: study.epochS,
    hasKm: known !== null,
  };
  const flows = new Map(study.rows("train_flows").map((row) => [row.flow_id, row]));
  const paths = [...groups].filter(([name]) => name !== host).map(([name, rows]) => ({
    name,
    isFreight: flows.get(rows[0]!.flow_id ?? "")?.category === "freight",
    pieces: cutPieces(rows, kmOf),
  }));
  const ownPath = { name: host, isFreight: false, pieces: cutPieces(own, kmOf) };
  const waits = own.filter((row) => (row.wait_s ?? 0) > 0 && row.departure_at_s !== null).map((row) => ({
    km: kmOf.get(row.point_id)!,
    fromS: row.departure_at_s! - row.wait_s!,
    toS: row.departure_at_s!,
  }));
  const closures = placeBlocked(study.rows("path_occupations"), kmOf, model);
  const conflicts = placeBlocked(study.rows("conflicts"), kmOf, model);
  return { model, own: ownPath, paths, waits, closures, conflicts, kmOf };
}
