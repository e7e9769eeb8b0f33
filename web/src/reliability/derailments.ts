// Derailments by section, and the delays of the other trains of the line.

import { el, missing } from "../core/dom";
import { UNKNOWN, countText, numberText, percentText, wordsText } from "../core/format";
import { groupBy, type StudyView } from "../core/study-view";
import { durationText } from "../core/time";
import type { DerailmentRisk, LineDelay } from "../rows";
import { lazyDetails, table, type Row } from "../tables/table";
import { chanceText, errorText, estimateCell, joinEnds, rateText, sectionNames } from "./words";

/** "once in 11 years"; more often than yearly it is told as times a year. */
export function returnText(rate: number | null): string {
  if (rate === null || rate <= 0) return UNKNOWN;
  if (rate >= 1) return `${rateText(rate)} a year`;
  const years = 1 / rate;
  return `once in ${numberText(years, years < 10 ? 1 : 0)} years`;
}

/** Sum of what is known; null where nothing is. */
function sum(rows: DerailmentRisk[], pick: (row: DerailmentRisk) => number | null): number | null {
  const known = rows.map(pick).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

type Rates = Pick<
  DerailmentRisk,
  "derailments_per_year_low" | "derailments_per_year" | "derailments_per_year_high"
>;

function rates(row: Rates): string[] {
  const { derailments_per_year_low: low, derailments_per_year: best, derailments_per_year_high: high } = row;
  const ends = low === null || high === null ? UNKNOWN : joinEnds(rateText(low), rateText(high));
  return [best === null ? UNKNOWN : rateText(best), ends];
}

function derailmentTable(study: StudyView, rows: DerailmentRisk[]): HTMLElement {
  const sections = sectionNames(study);
  const columns = [
    { heading: "Section" },
    { heading: "Trains run", unit: "train-km a year", isNumber: true },
    { heading: "Track class", unit: "mean of its length", isNumber: true },
    { heading: "Derailments", unit: "a year", isNumber: true },
    { heading: "Two models", unit: "low – high, a year", isNumber: true },
    { heading: "That is", isNumber: true },
  ];
  const body: Row[] = rows.map((row) => ({
    cells: [
      row.section_id === null ? "all other sections" : (sections.get(row.section_id) ?? row.section_id),
      numberText(row.train_km_per_year),
      numberText(row.mean_class, 1),
      ...rates(row),
      returnText(row.derailments_per_year),
    ],
  }));
  const total = {
    derailments_per_year_low: sum(rows, (row) => row.derailments_per_year_low),
    derailments_per_year: sum(rows, (row) => row.derailments_per_year),
    derailments_per_year_high: sum(rows, (row) => row.derailments_per_year_high),
  };
  const all = [
    "All sections",
    numberText(sum(rows, (row) => row.train_km_per_year)),
    "",
    ...rates(total),
    returnText(total.derailments_per_year),
  ];
  return table(columns, [...body, { class: "total", cells: all }]);
}

const SCENARIO_WORDS: Record<string, string> = { as_is: "as it is", renewed: "assets as new" };

function lineTable(rows: LineDelay[]): HTMLElement {
  const columns = [
    { heading: "Train" },
    { heading: "Line" },
    { heading: "Mean delay", unit: "range, error of runs", isNumber: true },
    { heading: "Direct", isNumber: true },
    { heading: "Passed on", isNumber: true },
    { heading: "Cancelled", isNumber: true },
    { heading: "Half below", isNumber: true },
    { heading: "95 in 100 below", isNumber: true },
    { heading: "Saved by new assets", isNumber: true },
    { heading: "Simulated", unit: "train runs", isNumber: true },
  ];
  const text = (minutes: number | null): string => (minutes === null ? UNKNOWN : durationText(minutes * 60));
  const body = [...groupBy(rows, (row) => row.train_key).values()].flatMap((delays) => {
    const before = delays.find((row) => row.scenario === "as_is")?.delay_mean_min ?? null;
    return delays.map((row, index) => {
      const saved = row.scenario === "as_is" || before === null || row.delay_mean_min === null ? null : before - row.delay_mean_min;
      return {
        class: index === 0 ? "first" : "same",
        cells: [
          index === 0 ? el("strong", {}, row.train_key) : "",
          SCENARIO_WORDS[row.scenario] ?? wordsText(row.scenario),
          estimateCell(
            {
              best: row.delay_mean_min,
              low: row.delay_mean_min_low,
              high: row.delay_mean_min_high,
              error: row.delay_mean_min_error,
            },
            (value) => durationText(value * 60),
            errorText,
          ),
          text(row.primary_min),
          text(row.knock_on_min),
          row.cancelled_share === null ? UNKNOWN : chanceText(row.cancelled_share),
          text(row.delay_p50_min),
          text(row.delay_p95_min),
          saved === null || before === null || before <= 0 ? "" : `${text(saved)}, ${percentText(saved / before)}`,
          numberText(row.trains_count),
        ],
      };
    });
  });
  return table(columns, body, "likely");
}

/** Trains shown at once; a timetable of thousands opens with its latest ones. */
const TRAINS_SHOWN = 20;

/** The rows of so many trains, those that are latest as the line is at the head. */
export function latestTrains(rows: LineDelay[], count: number): LineDelay[] {
  const late = (delays: LineDelay[]): number =>
    delays.find((row) => row.scenario === "as_is")?.delay_mean_min ?? Number.NEGATIVE_INFINITY;
  return [...groupBy(rows, (row) => row.train_key).values()]
    .toSorted((a, b) => late(b) - late(a))
    .slice(0, count)
    .flat();
}

function delayTables(rows: LineDelay[]): HTMLElement[] {
  const trains = new Set(rows.map((row) => row.train_key)).size;
  if (trains <= TRAINS_SHOWN) return [lineTable(rows)];
  return [
    el("p", { class: "quiet" }, `The ${TRAINS_SHOWN} latest of ${numberText(trains)} trains.`),
    lineTable(latestTrains(rows, TRAINS_SHOWN)),
    lazyDetails(`All ${numberText(trains)} trains`, () => [lineTable(rows)]),
  ];
}

export function mountDerailments(host: HTMLElement, study: StudyView): void {
  const risks = study.rows("derailment_risks");
  host.append(el("h3", {}, "Derailments by section"));
  if (risks.length === 0) host.append(missing("No derailments were reckoned."));
  else {
    const listed = risks.filter((row) => row.section_id !== null).length;
    host.append(
      el(
        "p",
        { class: "quiet" },
        `${countText(listed, "section")} with most derailments. Two published models give the low and the high end; the value between is their geometric mean (computed). They rest on records of other railways, so that ranks and differences tell more than the figures themselves.`,
      ),
      derailmentTable(study, risks),
    );
  }
  const delays = study.rows("line_delays");
  host.append(el("h3", {}, "Delays of the other trains"));
  host.append(
    delays.length === 0
      ? missing("The other trains of the line were not simulated.")
      : el(
          "div",
          {},
          el("p", { class: "quiet" }, "Delay is counted at the end of each train's way on the line (computed)."),
          ...delayTables(delays),
        ),
  );
}
