// Delay along the way: the ribbon chart with its choices, and the figures at the hand-overs.

import { clear, el, field, missing, select, type Choice } from "../core/dom";
import { numberText } from "../core/format";
import type { Selection } from "../core/selection";
import { groupBy, type StudyView } from "../core/study-view";
import { dateText, durationText } from "../core/time";
import { Chart } from "../drawing/chart";
import type { ArrivalDistribution, TripDelay } from "../rows";
import { table } from "../tables/table";
import { sortByService } from "./likely";
import { INNER_COLOUR, MEAN_COLOUR, OUTER_COLOUR, RibbonPainter, type RibbonModel, type RibbonPoint } from "./ribbons";
import { SHORT_GROUP_WORDS, estimateCell } from "./words";

const HEIGHT = 470;
const TRIP = "trip";

type Quantiles = Pick<
  TripDelay,
  "delay_p05_min" | "delay_p25_min" | "delay_p50_min" | "delay_p75_min" | "delay_p95_min"
>;

/** The five quantiles of a row; null where one is unknown, as where no trip arrived. */
export function quantilesOf(row: Quantiles): number[] | null {
  const values = [row.delay_p05_min, row.delay_p25_min, row.delay_p50_min, row.delay_p75_min, row.delay_p95_min];
  return values.every((value) => value !== null) ? values : null;
}

interface Way {
  point_id: string;
  event: string | null;
  km: number;
  isHandover: boolean;
}

/** The way of a trip with distances from its start. */
function wayOf(study: StudyView, tripId: string): { way: Way[]; hasKm: boolean } {
  const events = study.eventsOf(tripId);
  const hasKm = events.every((event) => event.distance_km !== null);
  const start = events[0]?.distance_km ?? 0;
  const way = events.map((event, index) => ({
    point_id: event.point_id,
    event: event.event,
    km: hasKm ? Math.abs((event.distance_km ?? 0) - start) : index,
    isHandover: event.is_handover === true,
  }));
  return { way, hasKm };
}

function modelOf(
  study: StudyView,
  rows: (Quantiles & { point_id: string; event: string | null; distance_km?: number | null; delay_mean_min?: number | null })[],
  tripId: string,
): RibbonModel {
  const { way, hasKm } = wayOf(study, tripId);
  const places = new Map(way.map((place) => [`${place.point_id}|${place.event}`, place]));
  const known = rows.every((row) => typeof row.distance_km === "number");
  const start = known ? (rows[0]?.distance_km ?? 0) : 0;
  const points = rows.flatMap((row, index): RibbonPoint[] => {
    const quantiles = quantilesOf(row);
    const place = places.get(`${row.point_id}|${row.event}`);
    const km = known ? Math.abs((row.distance_km ?? 0) - start) : (place?.km ?? index);
    if (quantiles === null) return [];
    return [{ name: study.pointName(row.point_id), event: row.event, km, quantiles, mean: row.delay_mean_min ?? null }];
  });
  const handovers = new Set(way.filter((place) => place.isHandover).map((place) => study.pointName(place.point_id)));
  const marks = new Map<string, RibbonModel["marks"][number]>();
  points.forEach((point, index) => {
    const isEnd = index === 0 || index === points.length - 1;
    const importance = isEnd ? 4 : handovers.has(point.name) ? 3 : 1;
    const known = marks.get(point.name);
    if (known === undefined || known.importance < importance) marks.set(point.name, { name: point.name, km: point.km, importance });
  });
  return { points, marks: [...marks.values()], hasKm: known || hasKm };
}

function chip(colour: string, text: string, kind = "chip"): HTMLElement {
  const mark = el("span", { class: kind, "aria-hidden": "true" });
  if (kind === "chip") mark.style.background = colour;
  else mark.style.borderTopColor = colour;
  return el("span", { class: "legend-item" }, mark, text);
}

function handoverTable(study: StudyView, rows: ArrivalDistribution[], names: Set<string>): HTMLElement {
  const columns = [
    { heading: "Arrives at" },
    { heading: "Mean delay", unit: "range, error of runs", isNumber: true },
    { heading: "5 in 100 before", isNumber: true },
    { heading: "25 in 100", isNumber: true },
    { heading: "Half", isNumber: true },
    { heading: "75 in 100", isNumber: true },
    { heading: "95 in 100", isNumber: true },
    { heading: "Trips", unit: "that reached it", isNumber: true },
  ];
  const text = (minutes: number): string => durationText(minutes * 60);
  const last = rows.at(-1);
  const shown = rows.filter((row) => row.event !== "departure" && (row === last || names.has(study.pointName(row.point_id))));
  const body = shown.map((row) => ({
    cells: [
      study.pointName(row.point_id),
      estimateCell(
        { best: row.delay_mean_min, low: row.delay_mean_min_low, high: row.delay_mean_min_high, error: row.delay_mean_min_error },
        text,
      ),
      ...[row.delay_p05_min, row.delay_p25_min, row.delay_p50_min, row.delay_p75_min, row.delay_p95_min].map((value) =>
        value === null ? "—" : text(value),
      ),
      numberText(row.trips_count),
    ],
  }));
  return table(columns, body);
}

export function mountDelays(host: HTMLElement, study: StudyView, selection: Selection): void {
  const rows = sortByService(study, study.rows("arrival_distributions"));
  const trips = groupBy(study.rows("trip_delays"), (row) => row.group_id);
  if (rows.length === 0) {
    host.append(missing("No delays along the way were simulated."));
    return;
  }
  const services = groupBy(rows, (row) => row.service_id);
  const painter = new RibbonPainter();
  const chart = new Chart(painter, HEIGHT, () => "delay-along-the-way", "Delay along the way");
  const below = el("div");
  const words = el("p", { class: "quiet" });
  const groupHost = el("span");
  let service = [...services.keys()][0]!;
  let group = "";
  const draw = (): void => {
    const distributions = services.get(service) ?? [];
    const example = study.trips.find((trip) => trip.service_id === service && study.eventsOf(trip.trip_id).length > 1);
    const chosen = study.tripById.get(selection.tripId ?? "");
    const listed = distributions.filter((row) => row.group_id === group).toSorted((a, b) => a.sequence - b.sequence);
    const isTrip = group === TRIP && chosen !== undefined;
    painter.model = isTrip
      ? modelOf(study, trips.get(chosen.trip_id) ?? [], chosen.trip_id)
      : modelOf(study, listed, example?.trip_id ?? "");
    const counted = isTrip ? `the departure of ${dateText(chosen.trip_date)}` : SHORT_GROUP_WORDS[group as "works" | "all"];
    words.textContent = `${study.serviceName(service)}, ${counted}. Delay is counted from the timetable of each draw, cancelled trips and those broken off left out; draws and runs are thrown together here, so the ribbons hold both what is not known and chance.`;
    const names = new Set(painter.model.marks.filter((mark) => mark.importance >= 3).map((mark) => mark.name));
    clear(below);
    if (!isTrip) below.append(el("h3", {}, "Delay at the hand-overs and at the end"), handoverTable(study, listed, names));
    chart.reset();
  };
  const offerGroups = (): void => {
    const distributions = services.get(service) ?? [];
    const groups = (["works", "all"] as const).filter((name) => distributions.some((row) => row.group_id === name));
    const choices: Choice[] = groups.map((value) => ({ value, label: SHORT_GROUP_WORDS[value] }));
    const chosen = study.tripById.get(selection.tripId ?? "");
    if (chosen?.service_id === service && trips.has(chosen.trip_id)) {
      choices.push({ value: TRIP, label: `departure of ${dateText(chosen.trip_date)}` });
    }
    if (!choices.some((choice) => choice.value === group)) group = choices[0]?.value ?? "";
    const node = select("Departures", choices, (value) => {
      group = value;
      draw();
    });
    node.value = group;
    clear(groupHost);
    groupHost.append(field("Departures", node));
  };
  const serviceSelect = select(
    "Service",
    [...services.keys()].map((value) => ({ value, label: study.serviceName(value) })),
    (value) => {
      service = value;
      offerGroups();
      draw();
    },
  );
  const legend = el(
    "div",
    { class: "legend" },
    chip(OUTER_COLOUR, "nine in ten trips (5 to 95 in 100)"),
    chip(INNER_COLOUR, "half of the trips (25 to 75 in 100)"),
    chip("#12496b", "half are later", "chip stroke"),
    chip(MEAN_COLOUR, "mean", "chip stroke dashed"),
  );
  host.append(el("div", { class: "controls" }, field("Service", serviceSelect), groupHost, chart.tools), words, chart.root, legend, below);
  const follow = (): void => {
    const chosen = study.tripById.get(selection.tripId ?? "");
    if (chosen !== undefined && services.has(chosen.service_id)) service = chosen.service_id;
    serviceSelect.value = service;
    offerGroups();
    draw();
  };
  selection.follow(follow);
  if (selection.tripId === null) follow();
}
