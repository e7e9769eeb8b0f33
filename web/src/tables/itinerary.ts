// The itinerary of the chosen trip: every stop on three clocks, hand-overs set off.

import { clear, el, field, missing, type Child } from "../core/dom";
import { UNKNOWN, languageOf, minutesText, numberText, rangeText, wordsText } from "../core/format";
import type { Selection } from "../core/selection";
import type { StudyView } from "../core/study-view";
import { clockText, dateText, dayNumber, dayText, durationText, hours, offsetText } from "../core/time";
import { tripSelect } from "../core/trip-select";
import { badge } from "../core/verdicts";
import type { Connection, Trip, TripEvent } from "../rows";
import { table, type Column, type Row } from "./table";

/** Arrival and departure at one place. */
interface Stop {
  pointId: string;
  arrival: TripEvent | null;
  departure: TripEvent | null;
}

export function stopsOf(events: TripEvent[]): Stop[] {
  const stops: Stop[] = [];
  for (const event of events) {
    const last = stops.at(-1);
    const joins =
      last !== undefined && last.pointId === event.point_id && last.departure === null;
    const stop = joins ? last : { pointId: event.point_id, arrival: null, departure: null };
    if (!joins) stops.push(stop);
    if (event.event === "arrival" && stop.arrival === null) stop.arrival = event;
    else stop.departure = event;
  }
  return stops;
}

const COLUMNS: Column[] = [
  { heading: "Place" },
  { heading: "km", isNumber: true },
  { heading: "Train" },
  { heading: "Arrives", unit: "local" },
  { heading: "Leaves", unit: "local" },
  { heading: "Clock" },
  { heading: "Railway time", unit: "arr. / dep." },
  { heading: "UTC", unit: "arr. / dep." },
  { heading: "Earliest – latest", unit: "local" },
  { heading: "Basis" },
];

class ItineraryWriter {
  private shownDay: string;
  private readonly firstDay: number;

  constructor(
    private readonly study: StudyView,
    events: TripEvent[],
  ) {
    const first = events.find((event) => event.at_s !== null);
    this.firstDay = first === undefined ? 0 : this.dayOf(first);
    this.shownDay = "";
  }

  private dayOf(event: TripEvent): number {
    return dayNumber(event.at_s ?? 0, this.study.epochS, event.utc_offset_min ?? 0);
  }

  /** Local clock time; the day mark is given once, beside the first time of each local day. */
  private localCell(event: TripEvent | null): Child {
    if (event === null) return null;
    if (event.at_s === null) return UNKNOWN;
    const offset = event.utc_offset_min ?? 0;
    const clock = el("span", { class: "clock" }, clockText(event.at_s, this.study.epochS, offset));
    const days = this.dayOf(event) - this.firstDay;
    const mark = days === 0 ? "D" : `D+${days}`;
    if (mark === this.shownDay) return clock;
    this.shownDay = mark;
    const day = dayText(event.at_s, this.study.epochS, offset);
    return el("span", {}, clock, el("span", { class: "day" }, `${mark} ${day}`));
  }

  private clockOf(event: TripEvent | null, offset: number | null): string {
    if (event === null || event.at_s === null || offset === null) return UNKNOWN;
    return clockText(event.at_s, this.study.epochS, offset);
  }

  private both(stop: Stop, offset: (event: TripEvent) => number | null): string {
    const events = [stop.arrival, stop.departure].filter((event) => event !== null);
    return events.map((event) => this.clockOf(event, offset(event))).join(" / ");
  }

  private range(event: TripEvent | null): string {
    if (event === null || event.low_at_s === null || event.high_at_s === null) return UNKNOWN;
    if (event.high_at_s - event.low_at_s < 60) return "fixed";
    const offset = event.utc_offset_min ?? 0;
    const low = clockText(event.low_at_s, this.study.epochS, offset);
    const high = clockText(event.high_at_s, this.study.epochS, offset);
    const days =
      dayNumber(event.high_at_s, this.study.epochS, offset) -
      dayNumber(event.low_at_s, this.study.epochS, offset);
    return `${low} – ${high}${days > 0 ? ` +${days}` : ""}`;
  }

  private placeCell(stop: Stop): Child {
    const point = this.study.point(stop.pointId);
    const name = this.study.pointName(stop.pointId);
    const local = point?.name_local ?? null;
    if (local === null || local === name) return name;
    const lang = languageOf(point?.country ?? null);
    return el("span", {}, name, el("span", { class: "local-name", lang }, local));
  }

  row(stop: Stop, previousTrain: string | null, isJoined: boolean): Row {
    const { arrival, departure } = stop;
    const event = departure ?? arrival;
    const main = arrival ?? departure;
    const trainId = departure?.train_id ?? null;
    const isNew = departure !== null && trainId !== previousTrain;
    const bases = new Set([arrival?.basis, departure?.basis].filter((basis) => typeof basis === "string"));
    return {
      cells: [
        this.placeCell(stop),
        numberText(event?.distance_km ?? null),
        isNew ? el("strong", {}, this.study.trainLabel(trainId)) : "",
        this.localCell(arrival),
        this.localCell(departure),
        event?.utc_offset_min == null ? UNKNOWN : offsetText(event.utc_offset_min),
        this.both(stop, (item) => item.reference_offset_min),
        this.both(stop, () => 0),
        this.range(main),
        [...bases].map((basis) => wordsText(basis)).join(" / ") || UNKNOWN,
      ],
      ...(isJoined ? { class: "handover-stop" } : {}),
    };
  }
}

/** The time there is for a change of trains; one below nought is told as what happens. */
export function availableText(low: number | null, best: number | null, high: number | null): string {
  const missed = (value: number): string => `the next train has left ${minutesText(-value)} before`;
  if (best === null) return "time there is unknown";
  if (best < 0) return high === null || high < 0 ? missed(best) : `${missed(best)}, at best ${minutesText(high)} are left`;
  if (low === null || low >= 0) return `time there is ${rangeText(low, best, high, minutesText)}`;
  const most = high === null ? "" : `, at best ${minutesText(high)}`;
  return `time there is ${minutesText(best)}${most}; at worst ${missed(low)}`;
}

function connectionRow(study: StudyView, connection: Connection): Row {
  const words = el(
    "div",
    { class: "connection" },
    badge(connection.verdict, `connection ${wordsText(connection.verdict ?? "unknown")}`),
    ` ${study.trainLabel(connection.from_train_id)} → ${study.trainLabel(connection.to_train_id)}: `,
    `${availableText(connection.available_low_min, connection.available_min, connection.available_high_min)}; `,
    `time needed ${rangeText(connection.required_low_min, connection.required_min, connection.required_high_min, minutesText)}`,
  );
  return { cells: [words], class: "handover" };
}

function tripHead(study: StudyView, trip: Trip): HTMLElement {
  const elapsed = rangeText(trip.elapsed_low_h, trip.elapsed_h, trip.elapsed_high_h, (value) =>
    durationText(hours(value)),
  );
  return el(
    "p",
    { class: "trip-head" },
    el("strong", {}, `${study.serviceName(trip.service_id)}, ${dateText(trip.trip_date)}`),
    ` · ${wordsText(trip.status)} · `,
    badge(trip.verdict),
    ` · true elapsed time ${elapsed}`,
  );
}

export function itineraryTable(study: StudyView, tripId: string): HTMLElement {
  const events = study.eventsOf(tripId);
  if (events.length === 0) return missing("This departure has no resolved events.");
  const writer = new ItineraryWriter(study, events);
  const connections = new Map(study.connectionsOf(tripId).map((row) => [row.point_id, row]));
  const rows: Row[] = [];
  let train: string | null = null;
  for (const stop of stopsOf(events)) {
    const connection = stop.arrival === null ? undefined : connections.get(stop.pointId);
    rows.push(writer.row(stop, train, connection !== undefined));
    train = stop.departure?.train_id ?? train;
    if (connection !== undefined) rows.push(connectionRow(study, connection));
  }
  const node = table(COLUMNS, rows, "itinerary");
  for (const cell of node.querySelectorAll("tr.handover > td")) {
    cell.setAttribute("colspan", String(COLUMNS.length));
  }
  return node;
}

export function mountItinerary(host: HTMLElement, study: StudyView, selection: Selection): void {
  if (study.drawableTrips().length === 0) {
    host.append(missing("No itinerary: the table trip_events is empty."));
    return;
  }
  const body = el("div");
  host.append(el("div", { class: "controls" }, field("Trip", tripSelect(study, selection))), body);
  selection.follow((tripId) => {
    const trip = study.tripById.get(tripId);
    clear(body);
    if (trip !== undefined) body.append(tripHead(study, trip));
    body.append(itineraryTable(study, tripId));
  });
}
