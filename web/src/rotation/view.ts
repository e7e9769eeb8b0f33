// The rotation section: set requirements in words, the chart, and every turn as a table.

import { el, missing } from "../core/dom";
import { UNKNOWN, countText, numberText, percentText } from "../core/format";
import type { Selection } from "../core/selection";
import { groupBy, type StudyView } from "../core/study-view";
import { dateText, hours, slackText, stampText } from "../core/time";
import { badge } from "../core/verdicts";
import { Chart } from "../drawing/chart";
import type { CoachTurn, SetAvailability, SetRequirement } from "../rows";
import { lazyDetails, rangeCell, table } from "../tables/table";
import { isShortOfSets, worksLocomotives, worksSets, worksSpan } from "./works";
import { HEAD_HEIGHT, ROW_HEIGHT, RotationPainter, isCriticalTurn, type RotationRow } from "./painter";

function poolNames(study: StudyView): Map<string, string> {
  return new Map(study.rows("coach_pools").map((row) => [row.pool_id, row.name ?? row.pool_id]));
}

function requirementsTable(study: StudyView, rows: SetRequirement[]): HTMLElement {
  const names = poolNames(study);
  const columns = [
    { heading: "Pool" },
    { heading: "Trips", isNumber: true },
    { heading: "Fewest sets", unit: "low – high", isNumber: true },
    { heading: "Spares", isNumber: true },
    { heading: "Owned", isNumber: true },
    { heading: "All are out", unit: "UTC" },
    { heading: "Berths a year", isNumber: true },
    { heading: "In words" },
  ];
  const body = rows.map((row) => ({
    cells: [
      names.get(row.pool_id) ?? row.pool_id,
      numberText(row.trips_count),
      rangeCell(row.minimum_sets_low, row.minimum_sets, row.minimum_sets_high, numberText),
      numberText(row.spare_sets),
      row.sets_owned === null ? "unknown" : numberText(row.sets_owned),
      row.critical_at_s === null ? UNKNOWN : stampText(row.critical_at_s, study.epochS, 0),
      numberText(row.berths_per_year),
      row.explanation ?? "",
    ],
  }));
  return table(columns, body);
}

function turnsTable(study: StudyView, rows: RotationRow[]): HTMLElement {
  const columns = [
    { heading: "Set" },
    { heading: "Trip" },
    { heading: "Stands at" },
    { heading: "Arrives", unit: "UTC" },
    { heading: "Leaves", unit: "UTC" },
    { heading: "Shortest stay", unit: "h", isNumber: true },
    { heading: "Slack", unit: "low – high", isNumber: true },
    { heading: "Chance lost", unit: "low – high", isNumber: true },
  ];
  const moment = (atS: number | null): string =>
    atS === null ? UNKNOWN : stampText(atS, study.epochS, 0);
  const body = rows.flatMap((row) =>
    row.turns.map((turn) => {
      const trip = study.tripById.get(turn.trip_id ?? "");
      return {
        cells: [
          `${row.pool}, ${row.set}`,
          trip === undefined ? (turn.trip_id ?? UNKNOWN) : dateText(trip.trip_date),
          study.pointName(turn.point_id),
          moment(turn.arrival_at_s),
          turn.next_trip_id === null ? "no further trip" : moment(turn.next_departure_at_s),
          numberText(turn.minimum_turn_h, 1),
          rangeCell(turn.slack_low_h, turn.slack_h, turn.slack_high_h, (value) => slackText(hours(value))),
          rangeCell(turn.chance_lost_low, turn.chance_lost, turn.chance_lost_high, percentText),
        ],
      };
    }),
  );
  return table(columns, body);
}

/** The rows of each pool, its sets first and what the works holds of it below them. */
export function withWorks(rows: RotationRow[], held: SetAvailability[], names: Map<string, string>, epochS: number): RotationRow[] {
  const whole = [...rows];
  for (const [poolId, group] of groupBy(held, (row) => row.pool_id)) {
    const pool = names.get(poolId) ?? poolId;
    const works = group.map((row) => worksSpan(row, epochS));
    const last = whole.findLastIndex((row) => row.pool === pool);
    whole.splice(last < 0 ? whole.length : last + 1, 0, { pool, set: "sets in the works", turns: [], works });
  }
  return whole;
}

function worksLegend(held: SetAvailability[]): HTMLElement[] {
  if (held.length === 0) return [];
  const item = (kind: string, words: string): HTMLElement =>
    el("span", { class: "legend-item" }, el("span", { class: `chip in-works${kind}` }), words);
  return [
    item("", "sets in the works, by number; the turns above take no account of it"),
    ...(held.some(isShortOfSets) ? [item(" without", "sets in the works while a departure has none")] : []),
  ];
}

function rotationRows(study: StudyView, turns: CoachTurn[]): RotationRow[] {
  const names = poolNames(study);
  const groups = [...groupBy(turns, (turn) => `${turn.pool_id}|${turn.set_number}`).values()];
  groups.sort((a, b) => a[0]!.pool_id.localeCompare(b[0]!.pool_id) || a[0]!.set_number - b[0]!.set_number);
  return groups.map((group) => ({
    pool: names.get(group[0]!.pool_id) ?? group[0]!.pool_id,
    set: `set ${group[0]!.set_number}`,
    turns: group.toSorted((a, b) => a.sequence - b.sequence),
  }));
}

/** The tightest kind of turn at each place that may be lost, in words above the chart. */
function tightTurns(study: StudyView, turns: CoachTurn[]): HTMLElement[] {
  const names = poolNames(study);
  const critical = [...groupBy(turns.filter(isCriticalTurn), (turn) => `${turn.pool_id}|${turn.point_id}`).values()];
  return critical.map((group) => {
    const worst = group.toSorted((a, b) => (a.slack_h ?? 0) - (b.slack_h ?? 0))[0]!;
    const pool = names.get(worst.pool_id) ?? worst.pool_id;
    const slack = worst.slack_h === null ? "unknown" : slackText(hours(worst.slack_h));
    const chance = worst.chance_lost === null ? "" : `, chance that the next trip is lost ${percentText(worst.chance_lost)}`;
    return el(
      "p",
      { class: "critical" },
      badge("block", "critical turn"),
      ` ${study.pointName(worst.point_id)}, ${pool}: slack ${slack}${chance} (${countText(group.length, "turn")}).`,
    );
  });
}

export function mountRotation(host: HTMLElement, study: StudyView, selection: Selection): void {
  const requirements = study.rows("set_requirements");
  host.append(
    requirements.length === 0
      ? missing("No set requirement was computed: the table set_requirements is empty.")
      : requirementsTable(study, requirements),
  );
  const held = study.rows("set_availability");
  const names = poolNames(study);
  const works = [...worksSets(held, names), ...worksLocomotives(study)];
  const turns = study.rows("coach_turns");
  if (turns.length === 0) {
    host.append(missing("No rotation was computed: the table coach_turns is empty."), ...works);
    return;
  }
  const sets = rotationRows(study, turns);
  const rows = withWorks(sets, held, names, study.epochS);
  const painter = new RotationPainter(study, rows, (tripId) => selection.choose(tripId));
  const height = HEAD_HEIGHT + rows.length * ROW_HEIGHT;
  const chart = new Chart(painter, height, () => "coach-rotation", "Coach rotation");
  const chips = painter.services().map(({ serviceId, colour }) => {
    const mark = el("span", { class: "chip" });
    mark.style.background = colour;
    return el("span", { class: "legend-item" }, mark, study.serviceName(serviceId));
  });
  host.append(
    ...tightTurns(study, turns),
    el("div", { class: "controls" }, chart.tools),
    chart.root,
    el(
      "div",
      { class: "legend" },
      ...chips,
      el("span", { class: "legend-item" }, el("span", { class: "chip stay" }), "stay; figures are chances of 1 % and more that the next trip is lost"),
      el("span", { class: "legend-item" }, el("span", { class: "chip critical" }), "stay that is too short, or lost with 10 % and more"),
      ...worksLegend(held),
    ),
    lazyDetails(`${countText(turns.length, "turn")} as a table`, () => [turnsTable(study, sets)]),
    ...works,
  );
}
