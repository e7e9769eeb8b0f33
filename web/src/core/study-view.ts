// The decoded payload with the look-ups that several sections share.

import type {
  Border,
  ChangePoint,
  CoachService,
  Connection,
  Finding,
  OperationalPoint,
  PageTables,
  Source,
  Train,
  Trip,
  TripEvent,
} from "../rows";
import { decodeRows, type Payload } from "./payload";

function indexBy<Row>(rows: Row[], key: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [key(row), row]));
}

export function groupBy<Row>(rows: Row[], key: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = key(row);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}

export class StudyView {
  readonly payload: Payload;
  readonly epochS: number;
  readonly trips: Trip[];
  readonly findings: Finding[];
  readonly borders: Border[];
  readonly changePoints: ChangePoint[];
  readonly services: Map<string, CoachService>;
  readonly tripById: Map<string, Trip>;
  private readonly points: Map<string, OperationalPoint>;
  private readonly trains: Map<string, Train>;
  private readonly sources: Map<string, Source>;
  private readonly connections: Map<string, Connection[]>;
  private events: Map<string, TripEvent[]> | null = null;

  constructor(payload: Payload) {
    this.payload = payload;
    this.epochS = Date.parse(`${payload.study.epoch}T00:00:00Z`) / 1000;
    this.trips = this.sortedTrips();
    this.findings = this.rows("findings");
    this.borders = this.rows("borders");
    this.changePoints = this.rows("change_points");
    this.services = indexBy(this.rows("coach_services"), (row) => row.service_id);
    this.points = indexBy(this.rows("operational_points"), (row) => row.point_id);
    this.trains = indexBy(this.rows("trains"), (row) => row.train_id);
    this.sources = indexBy(this.rows("sources"), (row) => row.source_id);
    this.connections = groupBy(this.rows("connections"), (row) => row.trip_id);
    this.tripById = indexBy(this.trips, (row) => row.trip_id);
  }

  /** Trips by service and date; services of the trips that are to be shown first come first. */
  private sortedTrips(): Trip[] {
    const trips = this.rows("trips");
    const wanted = trips.filter((trip) => this.payload.trip_ids.includes(trip.trip_id));
    const order = [...new Set([...wanted, ...trips].map((trip) => trip.service_id))];
    const rank = new Map(order.map((serviceId, index) => [serviceId, index]));
    return trips.sort(
      (a, b) =>
        (rank.get(a.service_id) ?? 0) - (rank.get(b.service_id) ?? 0) ||
        a.trip_date.localeCompare(b.trip_date),
    );
  }

  isEmpty(table: string): boolean {
    return (this.payload.tables[table]?.rows ?? 0) === 0;
  }

  rows<Table extends keyof PageTables>(table: Table): PageTables[Table][] {
    return decodeRows<PageTables[Table]>(this.payload, table);
  }

  /** Events of a trip in order; the large table is decoded when it is first asked for. */
  eventsOf(tripId: string): TripEvent[] {
    if (this.events === null) {
      this.events = groupBy(this.rows("trip_events"), (row) => row.trip_id);
      for (const group of this.events.values()) group.sort((a, b) => a.sequence - b.sequence);
    }
    return this.events.get(tripId) ?? [];
  }

  connectionsOf(tripId: string): Connection[] {
    return this.connections.get(tripId) ?? [];
  }

  /** Findings that hit one departure: its own and those of every day of its service. */
  findingsOf(trip: Trip): Finding[] {
    return this.findings.filter(
      (row) =>
        row.service_id === trip.service_id &&
        (row.trip_date === null || row.trip_date === trip.trip_date),
    );
  }

  point(pointId: string | null): OperationalPoint | null {
    return pointId === null ? null : (this.points.get(pointId) ?? null);
  }

  allPoints(): OperationalPoint[] {
    return [...this.points.values()];
  }

  pointName(pointId: string | null): string {
    return this.point(pointId)?.name ?? pointId ?? "—";
  }

  train(trainId: string | null): Train | null {
    return trainId === null ? null : (this.trains.get(trainId) ?? null);
  }

  trainLabel(trainId: string | null): string {
    const train = this.train(trainId);
    if (train === null) return trainId ?? "—";
    return train.name === null ? train.number : `${train.number} ${train.name}`;
  }

  serviceName(serviceId: string | null): string {
    return (serviceId === null ? null : this.services.get(serviceId)?.name) ?? serviceId ?? "—";
  }

  source(sourceId: string | null): Source | null {
    return sourceId === null ? null : (this.sources.get(sourceId) ?? null);
  }

  /** How a source is cited in a cell: title, publisher and date, as far as they are known. */
  citation(sourceId: string | null): string {
    if (sourceId === null) return "—";
    const source = this.source(sourceId);
    if (source === null) return sourceId;
    const parts = [source.title ?? source.publisher ?? sourceId, source.published_on];
    return parts.filter((part) => part !== null && part !== "").join(", ");
  }

  /** Trips that have resolved events, in the order of departure. */
  drawableTrips(): Trip[] {
    return this.trips.filter((trip) => this.eventsOf(trip.trip_id).length > 1);
  }
}
