// Hand-overs and buffers: what a host that waits, leaves later, or a shorter procedure would save.

import { el, field, missing, select } from "../core/dom";
import { UNKNOWN, numberText, wordsText } from "../core/format";
import { groupBy, type StudyView } from "../core/study-view";
import type { BufferValue, RotationRisk } from "../rows";
import { table, type Row } from "../tables/table";
import { sortByService } from "./likely";
import { chanceText, errorText, estimateCell, hoursText, rateText } from "./words";

const KIND_WORDS: Record<string, string> = {
  host_waits: "the host waits for a late coach",
  host_later: "the host leaves later every day",
  step_shorter: "the procedure is shorter",
};

/** Hours saved at the end of a trip; what is lost is told with a minus sign. */
function savedText(hours: number): string {
  return Math.abs(hours) < 1 / 120 ? "0 min" : hoursText(hours);
}

function bufferTable(study: StudyView, rows: BufferValue[], trains: Map<string, string>): HTMLElement {
  const minutes = [...new Set(rows.map((row) => row.minutes))].sort((a, b) => a - b);
  const columns = [
    { heading: "Hand-over" },
    { heading: "What is done" },
    ...minutes.map((value) => ({ heading: `${numberText(value)} min`, unit: "mean delay saved", isNumber: true })),
  ];
  const lines = groupBy(rows, (row) => `${row.service_id}|${row.sequence}|${row.kind}`);
  let place = "";
  const body = [...lines.values()].map((buffers): Row => {
    const first = buffers[0]!;
    const handover = `${first.service_id}|${first.sequence}`;
    const isSamePlace = handover === place;
    place = handover;
    const cells = minutes.map((value) => {
      const row = buffers.find((candidate) => candidate.minutes === value);
      if (row === undefined) return UNKNOWN;
      const cell = estimateCell(
        { best: row.delay_saved_h, low: row.delay_saved_h_low, high: row.delay_saved_h_high, error: row.delay_saved_h_error },
        savedText,
        (hours) => errorText(hours * 60),
      );
      if (row.missed_share !== null) cell.append(el("span", { class: "spread" }, `then missed ${chanceText(row.missed_share)}`));
      if ((row.delay_saved_h ?? 0) < 0) cell.classList.add("loss");
      return cell;
    });
    const to = trains.get(handover);
    const name = `${study.pointName(first.point_id)}${to === undefined ? "" : ` to train ${study.trainLabel(to)}`}`;
    return {
      class: isSamePlace ? "same" : "first",
      cells: [isSamePlace ? "" : name, KIND_WORDS[first.kind] ?? wordsText(first.kind), ...cells],
    };
  });
  return table(columns, body, "buffers");
}

function spareTable(study: StudyView, rows: RotationRisk[]): HTMLElement {
  const names = new Map(study.rows("coach_pools").map((row) => [row.pool_id, row.name ?? row.pool_id]));
  const columns = [
    { heading: "Coach sets" },
    { heading: "Spare set" },
    { heading: "Saves", unit: "h of delay a year", isNumber: true },
    { heading: "Departures without a set then", isNumber: true },
  ];
  const body = rows.map((row) => ({
    cells: [
      names.get(row.pool_id) ?? row.pool_id,
      `number ${row.spare_sets}`,
      estimateCell(
        {
          best: row.value_h_per_year,
          low: row.value_h_per_year_low,
          high: row.value_h_per_year_high,
          error: row.value_h_per_year_error,
        },
        rateText,
      ),
      estimateCell({ best: row.lost_share, low: row.lost_share_low, high: row.lost_share_high, error: null }, chanceText),
    ],
  }));
  return table(columns, body);
}

/** One service at a time; its name stands above the table, so that it is printed too. */
function chooseService(host: HTMLElement, study: StudyView, rows: BufferValue[], trains: Map<string, string>): void {
  const services = groupBy(rows, (row) => row.service_id);
  const body = el("div");
  const show = (service: string): void => {
    const name = el("p", {}, el("strong", {}, study.serviceName(service)));
    body.replaceChildren(name, bufferTable(study, services.get(service) ?? [], trains));
  };
  const choices = [...services.keys()].map((value) => ({ value, label: study.serviceName(value) }));
  const node = select("Service", choices, show);
  host.append(el("div", { class: "controls" }, field("Service", node)), body);
  show(choices[0]!.value);
}

export function mountBuffers(host: HTMLElement, study: StudyView): void {
  const values = study.rows("buffer_values");
  const kinds = Object.keys(KIND_WORDS);
  const sorted = sortByService(
    study,
    values.toSorted((a, b) => a.sequence - b.sequence || kinds.indexOf(a.kind) - kinds.indexOf(b.kind)),
  );
  const trains = new Map<string, string>();
  for (const row of study.rows("handover_risks")) {
    if (row.to_train_id !== null) trains.set(`${row.service_id}|${row.sequence}`, row.to_train_id);
  }
  host.append(el("h3", {}, "Minutes at a hand-over"));
  if (values.length === 0) host.append(missing("No buffers were tried."));
  else {
    host.append(
      el(
        "p",
        { class: "quiet" },
        "Each cell is the mean delay at the end of the journey that the minutes save, with its range and the error of the number of runs; the same chances are thrown with and without them. A minus sign is a loss.",
      ),
    );
    chooseService(host, study, sorted, trains);
  }
  const spares = study
    .rows("rotation_risks")
    .filter((row) => row.value_h_per_year !== null && row.spare_sets > 0)
    .toSorted((a, b) => a.pool_id.localeCompare(b.pool_id) || a.spare_sets - b.spare_sets);
  host.append(el("h3", {}, "A spare coach set"));
  host.append(spares.length === 0 ? missing("No spare sets were tried.") : spareTable(study, spares));
}
