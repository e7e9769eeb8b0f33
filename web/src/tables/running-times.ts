// Running times by section, and the comparison of route variants.

import { clear, el, field, missing, select } from "../core/dom";
import { UNKNOWN, electrificationText, numberText, wordsText } from "../core/format";
import { groupBy, type StudyView } from "../core/study-view";
import { durationText, hours } from "../core/time";
import type { SectionRun } from "../rows";
import { rangeCell, table, type Column, type Row } from "./table";

const COLUMNS: Column[] = [
  { heading: "Section" },
  { heading: "Length", unit: "km", isNumber: true },
  { heading: "Current, locomotive" },
  { heading: "Basic", isNumber: true },
  { heading: "Supplement", isNumber: true },
  { heading: "Restrictions", isNumber: true },
  { heading: "Quality factor", isNumber: true },
  { heading: "Rests on" },
  { heading: "Calibrated", unit: "low – high", isNumber: true },
  { heading: "Mean", unit: "km/h", isNumber: true },
];

const time = (value: number | null): string => (value === null ? UNKNOWN : durationText(value));

/** Sum that stays unknown when any part is unknown. */
export function strictSum(values: (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return sum;
}

function meanSpeed(lengthKm: number | null, seconds: number | null): string {
  if (lengthKm === null || seconds === null || seconds <= 0) return UNKNOWN;
  return numberText(lengthKm / (seconds / 3600));
}

/** A section; its source is written where it differs from that of the section before. */
function runRow(study: StudyView, run: SectionRun, before: SectionRun | undefined, vehicles: Map<string, string>): Row {
  const vehicle = run.vehicle_type_id === null ? null : (vehicles.get(run.vehicle_type_id) ?? run.vehicle_type_id);
  const basis = run.quality_basis === "none" ? "no calibration" : wordsText(run.quality_basis);
  const isSame = run.quality_source_id === before?.quality_source_id && run.quality_basis === before?.quality_basis;
  const source = run.quality_source_id === null || isSame ? null : study.citation(run.quality_source_id);
  return {
    cells: [
      `${study.pointName(run.from_point)} – ${study.pointName(run.to_point)}`,
      numberText(run.length_km, 1),
      [electrificationText(run.electrification), vehicle].filter((word) => word !== null).join(", "),
      rangeCell(run.basic_low_s, run.basic_s, run.basic_high_s, durationText),
      time(run.supplement_s),
      time(run.restriction_s),
      numberText(run.quality_factor, 2),
      el("span", {}, basis, source === null ? null : el("span", { class: "quiet" }, ` ${source}`)),
      rangeCell(run.calibrated_low_s, run.calibrated_s, run.calibrated_high_s, durationText),
      meanSpeed(run.length_km, run.calibrated_s),
    ],
  };
}

function totalRow(runs: SectionRun[]): Row {
  const sum = (pick: (run: SectionRun) => number | null): number | null => strictSum(runs.map(pick));
  const length = sum((run) => run.length_km);
  const calibrated = sum((run) => run.calibrated_s);
  return {
    class: "total",
    cells: [
      "Sum of the sections",
      numberText(length, 1),
      "",
      rangeCell(sum((run) => run.basic_low_s), sum((run) => run.basic_s), sum((run) => run.basic_high_s), durationText),
      time(sum((run) => run.supplement_s)),
      time(sum((run) => run.restriction_s)),
      "",
      "",
      rangeCell(sum((run) => run.calibrated_low_s), calibrated, sum((run) => run.calibrated_high_s), durationText),
      meanSpeed(length, calibrated),
    ],
  };
}

function mountSections(host: HTMLElement, study: StudyView): void {
  const runs = groupBy(study.rows("section_runs"), (row) => row.train_id);
  if (runs.size === 0) {
    host.append(missing("No running times: the table section_runs is empty."));
    return;
  }
  const vehicles = new Map(
    study.rows("vehicle_types").map((row) => [row.vehicle_type_id, row.name ?? row.vehicle_type_id]),
  );
  const body = el("div");
  const show = (trainId: string): void => {
    const sections = (runs.get(trainId) ?? []).toSorted((a, b) => a.sequence - b.sequence);
    clear(body);
    const rows = sections.map((run, index) => runRow(study, run, sections[index - 1], vehicles));
    body.append(table(COLUMNS, [...rows, totalRow(sections)], "runs"));
  };
  const choices = [...runs.keys()].map((id) => ({ value: id, label: study.trainLabel(id) }));
  host.append(
    el("div", { class: "controls" }, field("Train", select("Train", choices, show))),
    body,
  );
  show(choices[0]!.value);
}

const VARIANT_COLUMNS: Column[] = [
  { heading: "Route" },
  { heading: "Length", unit: "km", isNumber: true },
  { heading: "Basic time", isNumber: true },
  { heading: "Calibrated time", unit: "low – high", isNumber: true },
  { heading: "Changes of current", isNumber: true },
  { heading: "Changes of gauge", isNumber: true },
  { heading: "Single track", unit: "km", isNumber: true },
  { heading: "Without contact line", unit: "km", isNumber: true },
];

function mountVariants(host: HTMLElement, study: StudyView): void {
  host.append(el("h3", {}, "Route variants compared"));
  const variants = study.rows("route_variants");
  if (variants.length === 0) {
    host.append(missing("No route variants were compared: the table route_variants is empty."));
    return;
  }
  const names = new Map(study.rows("routes").map((row) => [row.route_id, row.name ?? row.route_id]));
  const inHours = (value: number | null): string => (value === null ? UNKNOWN : durationText(hours(value)));
  const rows = variants.map((row) => {
    const error = row.length_error_km;
    const length = numberText(row.length_km);
    return {
      cells: [
        names.get(row.route_id) ?? row.route_id,
        error === null || error === 0 ? length : `${length} ± ${numberText(error)}`,
        inHours(row.basic_h),
        rangeCell(row.calibrated_low_h, row.calibrated_h, row.calibrated_high_h, (value) => durationText(hours(value))),
        numberText(row.traction_changes_count),
        numberText(row.gauge_changes_count),
        numberText(row.single_track_km),
        numberText(row.unelectrified_km),
      ],
    };
  });
  host.append(table(VARIANT_COLUMNS, rows));
}

export function mountRunningTimes(host: HTMLElement, study: StudyView): void {
  mountSections(host, study);
  mountVariants(host, study);
}
