// What the map shows: the routes as lines, and the places on them with their importance.

import { groupBy, type StudyView } from "../core/study-view";
import type { OperationalPoint } from "../rows";
import type { Degrees } from "./projection";

export interface MapPlace {
  point: OperationalPoint;
  at: Degrees;
  importance: number;
  isBorder: boolean;
  changes: string[];
  changesGauge: boolean;
}

export interface MapRoute {
  routeId: string;
  name: string;
  isVariant: boolean;
  /** Shown at first; the ways of single host trains are offered, not forced. */
  isShown: boolean;
  line: Degrees[];
  lengthKm: number | null;
}

export interface MapModel {
  places: MapPlace[];
  routes: MapRoute[];
  withoutPlace: number;
}

function placeOf(point: OperationalPoint | null): Degrees | null {
  if (point === null || point.latitude_deg === null || point.longitude_deg === null) return null;
  return [point.longitude_deg, point.latitude_deg];
}

function buildRoutes(study: StudyView): { routes: MapRoute[]; used: Set<string> } {
  const named = new Map(study.rows("routes").map((route) => [route.route_id, route]));
  const wanted = new Set(study.payload.route_ids.filter((routeId) => named.has(routeId)));
  const used = new Set<string>();
  const routes: MapRoute[] = [];
  for (const [routeId, rows] of groupBy(study.rows("route_lines"), (row) => row.route_id)) {
    rows.sort((a, b) => a.sequence - b.sequence);
    for (const row of rows) used.add(row.point_id);
    const line = rows.flatMap((row) => {
      const at = placeOf(study.point(row.point_id));
      return at === null ? [] : [at];
    });
    const route = named.get(routeId);
    routes.push({
      routeId,
      name: route?.name ?? routeId,
      isVariant: (route?.variant_of ?? null) !== null,
      isShown: wanted.size === 0 || wanted.has(routeId) || wanted.has(route?.variant_of ?? ""),
      line,
      lengthKm: rows.at(-1)?.distance_km ?? null,
    });
  }
  // Drawn in this order, so that the main routes lie on top of their variants and of all others.
  const order = study.payload.route_ids;
  const rank = (route: MapRoute): number => (route.isShown ? 2 : 0) + (route.isVariant ? 0 : 1);
  const place = (route: MapRoute): number => order.indexOf(route.routeId);
  routes.sort((a, b) => rank(a) - rank(b) || place(b) - place(a));
  return { routes, used };
}

function tripPoints(study: StudyView): Map<string, number> {
  const importance = new Map<string, number>();
  const raise = (pointId: string, value: number): void => {
    importance.set(pointId, Math.max(importance.get(pointId) ?? 0, value));
  };
  for (const service of study.services.values()) {
    raise(service.from_point, 6);
    raise(service.to_point, 6);
  }
  const first = new Map(study.drawableTrips().map((trip) => [trip.service_id, trip.trip_id]));
  for (const tripId of first.values()) {
    for (const event of study.eventsOf(tripId)) {
      raise(event.point_id, event.is_handover === true ? 5 : 2);
    }
  }
  return importance;
}

function changeText(study: StudyView): Map<string, { words: string[]; gauge: boolean }> {
  const texts = new Map<string, { words: string[]; gauge: boolean }>();
  for (const change of study.changePoints) {
    const entry = texts.get(change.point_id) ?? { words: [], gauge: false };
    const unit = change.kind === "gauge" ? " mm" : "";
    entry.words.push(`${change.kind}: ${change.from_value} | ${change.to_value}${unit}`);
    entry.gauge ||= change.kind === "gauge";
    texts.set(change.point_id, entry);
  }
  return texts;
}

export function buildMap(study: StudyView): MapModel {
  const { routes, used } = buildRoutes(study);
  const importance = tripPoints(study);
  const borders = new Set(study.borders.flatMap((border) => [border.point_a, border.point_b]));
  const changes = changeText(study);
  const places: MapPlace[] = [];
  let withoutPlace = 0;
  for (const point of study.allPoints()) {
    const isOnMap = used.has(point.point_id) || importance.has(point.point_id);
    if (!isOnMap) continue;
    const at = placeOf(point);
    if (at === null) {
      withoutPlace += 1;
      continue;
    }
    const isBorder = borders.has(point.point_id) || point.kind === "border";
    const importanceHere = importance.get(point.point_id) ?? (point.kind === "terminal" ? 1 : 0);
    places.push({
      point,
      at,
      importance: isBorder ? Math.max(importanceHere, 3) : importanceHere,
      isBorder,
      changes: changes.get(point.point_id)?.words ?? [],
      changesGauge: changes.get(point.point_id)?.gauge ?? false,
    });
  }
  return { places, routes, withoutPlace };
}
