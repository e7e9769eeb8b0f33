// How likely: arrivals within the announced duration, missed hand-overs, departures without a set.

import { clear, el, field, missing, select } from "../core/dom";
import { UNKNOWN, numberText, wordsText } from "../core/format";
import { groupBy, type StudyView } from "../core/study-view";
import type { HandoverRisk, Punctuality, RotationRisk } from "../rows";
import { table, type Row } from "../tables/table";
import {
  GROUP_WORDS,
  SHORT_GROUP_WORDS,
  chanceCell,
  errorText,
  estimateCell,
  groupsOf,
  hoursText,
  type GroupId,
} from "./words";

export function measureWords(measure: string, limitH: number): string {
  if (measure === "announced_day") return `by the end of the announced day of arrival (day ${Math.round(limitH / 24)})`;
  if (measure === "announced_duration") return `within ${hoursText(limitH)}, as announced`;
  if (measure === "arrival_tolerance") return `at most ${hoursText(limitH)} after the planned arrival`;
  if (measure === "cancelled") return `not at all: cancelled, not left within ${hoursText(limitH)} or before the next`;
  if (measure === "broken_off") return `not at all: broken off, no host within ${hoursText(limitH)}`;
  return `${wordsText(measure)} ${hoursText(limitH)}`;
}

function punctualityTable(study: StudyView, rows: Punctuality[]): HTMLElement {
  const groups = groupsOf(rows);
  const unit = "chance, range of what is not known, error of its mean";
  const columns = [
    { heading: "Service" },
    { heading: "Arrives" },
    ...groups.map((group) => ({ heading: upperFirst(GROUP_HEADINGS[group]), unit })),
    { heading: "Simulated", unit: "trips", isNumber: true },
  ];
  let service = "";
  const lines = [...groupBy(rows, (row) => `${row.service_id}|${row.measure}|${row.limit_h}`).values()];
  const body = lines.map((risks): Row => {
    const first = risks[0]!;
    const isSame = first.service_id === service;
    service = first.service_id;
    const cells = groups.map((group) => {
      const row = risks.find((candidate) => candidate.group_id === group);
      if (row === undefined) return UNKNOWN;
      const { share: best, share_low: low, share_high: high } = row;
      const error = row.share_draws_error ?? row.share_error;
      return chanceCell({ best, low, high, error });
    });
    const trips = Math.max(...risks.map((row) => row.trips_count ?? 0));
    return {
      class: isSame ? "same" : "first",
      cells: [
        isSame ? "" : el("strong", {}, study.serviceName(first.service_id)),
        measureWords(first.measure, first.limit_h),
        ...cells,
        numberText(trips),
      ],
    };
  });
  return table(columns, body, "likely");
}

const GROUP_HEADINGS: Record<GroupId, string> = { works: "departures whose announced hosts run", all: "all departures" };

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function handoverTable(study: StudyView, rows: HandoverRisk[]): HTMLElement {
  const columns = [
    { heading: "Service" },
    { heading: "Hand-over" },
    { heading: "Missed", unit: "chance, range, error of its mean" },
    { heading: "Wait for the next host", unit: "where missed", isNumber: true },
    { heading: "Delay it costs", unit: "mean at the end", isNumber: true },
  ];
  let service = "";
  const body = rows.map((row): Row => {
    const isSame = row.service_id === service;
    service = row.service_id;
    const place = study.pointName(row.point_id);
    const train = row.to_train_id === null ? "" : ` to train ${study.trainLabel(row.to_train_id)}`;
    return {
      class: isSame ? "same" : "first",
      cells: [
        isSame ? "" : el("strong", {}, study.serviceName(row.service_id)),
        row.sequence === 1 ? `${place}: no set is ready${train === "" ? "" : train.replace(" to ", " for ")}` : `${place}${train}`,
        chanceCell({
          best: row.missed_share,
          low: row.missed_share_low,
          high: row.missed_share_high,
          error: row.missed_share_draws_error ?? row.missed_share_error,
        }),
        estimateCell(
          {
            best: row.wait_if_missed_h,
            low: row.wait_if_missed_h_low,
            high: row.wait_if_missed_h_high,
            error: row.wait_if_missed_h_error,
          },
          hoursText,
          (hours) => errorText(hours * 60),
        ),
        estimateCell(
          {
            best: row.delay_cost_h,
            low: row.delay_cost_h_low,
            high: row.delay_cost_h_high,
            error: row.delay_cost_h_error,
          },
          hoursText,
          (hours) => errorText(hours * 60),
        ),
      ],
    };
  });
  return table(columns, body, "likely");
}

function rotationTable(study: StudyView, rows: RotationRisk[]): HTMLElement {
  const names = new Map(study.rows("coach_pools").map((row) => [row.pool_id, row.name ?? row.pool_id]));
  const columns = [
    { heading: "Coach sets" },
    { heading: "Spare sets", unit: "beyond the fewest", isNumber: true },
    { heading: "No set is ready", unit: "share of departures" },
    { heading: "Cancelled", unit: "share of departures" },
    { heading: "Departs later", unit: "mean of those that leave", isNumber: true },
  ];
  let pool = "";
  const body = rows.map((row): Row => {
    const isSame = row.pool_id === pool;
    pool = row.pool_id;
    return {
      class: isSame ? "same" : "first",
      cells: [
        isSame ? "" : el("strong", {}, names.get(row.pool_id) ?? row.pool_id),
        numberText(row.spare_sets),
        chanceCell({
          best: row.lost_share,
          low: row.lost_share_low,
          high: row.lost_share_high,
          error: row.lost_share_draws_error ?? row.lost_share_error,
        }),
        chanceCell({
          best: row.cancelled_share,
          low: row.cancelled_share_low,
          high: row.cancelled_share_high,
          error: row.cancelled_share_draws_error ?? row.cancelled_share_error,
        }),
        estimateCell(
          {
            best: row.departure_delay_mean_h,
            low: row.departure_delay_mean_h_low,
            high: row.departure_delay_mean_h_high,
            error: row.departure_delay_mean_h_error,
          },
          hoursText,
          (hours) => errorText(hours * 60),
        ),
      ],
    };
  });
  return table(columns, body, "likely");
}

/** Services in the order of the report. */
export function serviceOrder(study: StudyView): Map<string, number> {
  const order = [...study.trips.map((trip) => trip.service_id), ...study.services.keys()];
  return new Map([...new Set(order)].map((service, index) => [service, index]));
}

export function sortByService<R extends { service_id: string }>(study: StudyView, rows: R[]): R[] {
  const order = serviceOrder(study);
  const rank = (row: R): number => order.get(row.service_id) ?? order.size;
  return rows.toSorted((a, b) => rank(a) - rank(b));
}

/** A choice of departures above what it changes; the words below it are printed, the choice is not. */
export function groupChoice(
  host: HTMLElement,
  groups: GroupId[],
  show: (group: GroupId) => HTMLElement,
  other: HTMLElement | null = null,
): void {
  const first = groups[0];
  if (first === undefined) return;
  const body = el("div");
  const words = el("p", { class: "quiet" });
  const draw = (group: GroupId): void => {
    words.textContent = `Counted: ${GROUP_WORDS[group]}.`;
    clear(body);
    body.append(show(group));
  };
  const choices = groups.map((value) => ({ value, label: SHORT_GROUP_WORDS[value] }));
  const node = select("Departures", choices, (value) => draw(value as GroupId));
  const departures = groups.length > 1 ? field("Departures", node) : null;
  if (departures !== null || other !== null) host.append(el("div", { class: "controls" }, other, departures));
  host.append(words, body);
  draw(first);
}

export function mountLikely(host: HTMLElement, study: StudyView): void {
  const punctuality = study.rows("punctuality");
  const shares = punctuality.filter((row) => row.group_id === "works" || row.group_id === "all");
  host.append(el("h3", {}, "Arriving in time"));
  const measures = ["announced_day", "announced_duration", "arrival_tolerance", "cancelled", "broken_off"];
  const sorted = shares.toSorted(
    (a, b) =>
      measures.indexOf(a.measure) - measures.indexOf(b.measure) ||
      a.limit_h - b.limit_h ||
      b.group_id.localeCompare(a.group_id),
  );
  host.append(
    shares.length === 0
      ? missing("No arrivals were simulated, so no chance of arriving in time is known.")
      : punctualityTable(study, sortByService(study, sorted)),
  );
  const handovers = study.rows("handover_risks");
  host.append(el("h3", {}, "Missing a hand-over"));
  if (handovers.length === 0) host.append(missing("No hand-overs were simulated."));
  groupChoice(host, groupsOf(handovers), (group) => {
    const risks = handovers.filter((row) => row.group_id === group).toSorted((a, b) => a.sequence - b.sequence);
    return handoverTable(study, sortByService(study, risks));
  });
  const rotations = study.rows("rotation_risks");
  host.append(el("h3", {}, "Departing without a coach set"));
  host.append(
    rotations.length === 0
      ? missing("No coach sets were simulated.")
      : rotationTable(
          study,
          rotations.toSorted((a, b) => a.pool_id.localeCompare(b.pool_id) || a.spare_sets - b.spare_sets),
        ),
  );
}
