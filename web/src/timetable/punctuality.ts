// How punctual simulated trains are: stations by the hour, and trains by what delays them.

import { el } from "../core/dom";
import { countText, minutesText, percentText, wordsText } from "../core/format";
import { groupBy } from "../core/study-view";
import { lazyDetails, table } from "../tables/table";
import type { HourPunctuality, Timetable, TrainCause } from "./data";

export interface StationPunctuality {
  point: number;
  arrivals: number;
  punctual: number;
  delayMin: number;
  /** Share of punctual arrivals in each hour of the clock; none where no train arrives. */
  byHour: (number | null)[];
}

/** Rows of the hours put together by station, the least punctual first. */
export function sumStations(rows: HourPunctuality[]): StationPunctuality[] {
  const stations = [...groupBy(rows, (row) => String(row.point)).values()].map((group): StationPunctuality => {
    const arrivals = group.reduce((sum, row) => sum + row.arrivals_count, 0);
    const mean = (value: (row: HourPunctuality) => number): number =>
      group.reduce((sum, row) => sum + value(row) * row.arrivals_count, 0) / arrivals;
    const byHour: (number | null)[] = Array.from({ length: 24 }, () => null);
    for (const row of group) byHour[row.hour] = row.punctual_share;
    return {
      point: group[0]!.point,
      arrivals,
      punctual: mean((row) => row.punctual_share),
      delayMin: mean((row) => row.delay_mean_min),
      byHour,
    };
  });
  return stations.sort((a, b) => a.punctual - b.punctual || a.point - b.point);
}

function stationTable(timetable: Timetable): HTMLElement {
  const rows = sumStations(timetable.punctuality).map((station) => ({
    cells: [
      timetable.points[station.point]?.name ?? timetable.points[station.point]?.point_id ?? "—",
      percentText(station.punctual),
      minutesText(station.delayMin),
      ...station.byHour.map((share) => (share === null ? "" : percentText(share))),
    ],
  }));
  const hours = Array.from({ length: 24 }, (_, hour) => ({ heading: String(hour), isNumber: true }));
  const columns = [
    { heading: "Station" },
    { heading: "Punctual", isNumber: true },
    { heading: "Mean delay", isNumber: true },
    ...hours,
  ];
  return table(columns, rows);
}

function causeTable(timetable: Timetable): HTMLElement {
  const total = (row: TrainCause): number => row.primary_min + row.knock_on_min;
  const rows = [...timetable.causes]
    .sort((a, b) => total(b) - total(a) || a.train - b.train)
    .map((row) => {
      const train = timetable.trains[row.train]!;
      const cells = [train.number ?? train.train_id, wordsText(row.cause)];
      return { cells: [...cells, minutesText(row.primary_min), minutesText(row.knock_on_min)] };
    });
  const columns = [
    { heading: "Train" },
    { heading: "Cause" },
    { heading: "Directly", isNumber: true },
    { heading: "Through other trains", isNumber: true },
  ];
  return table(columns, rows);
}

/** Tables that open on demand; nothing where no train was simulated. */
export function punctualityNode(timetable: Timetable): HTMLElement {
  const parts = [];
  if (timetable.punctuality.length > 0) {
    const limit = minutesText(timetable.toleranceMin);
    const title = `Punctuality by station and hour: arrivals no more than ${limit} late`;
    parts.push(lazyDetails(title, () => [stationTable(timetable)]));
  }
  if (timetable.causes.length > 0) {
    const count = countText(new Set(timetable.causes.map((row) => row.train)).size, "train");
    parts.push(lazyDetails(`What delays ${count}, on average at the end`, () => [causeTable(timetable)]));
  }
  return el("div", {}, ...parts);
}
