// How sure the simulated figures are: what was drawn, how often, and what the figures leave out.

import { el } from "../core/dom";
import { numberText, wordsText } from "../core/format";
import type { StudyView } from "../core/study-view";
import { dateText } from "../core/time";
import { table } from "../tables/table";

const WHAT: Record<string, string> = {
  coaches: "through coaches over the whole way",
  line: "all trains of the line",
};

function gapText(gapS: number | null): string {
  if (gapS === null) return "—";
  return gapS === 0 ? "none: all adds up" : `${numberText(gapS)} s`;
}

const NOTES: [string, string][] = [
  [
    "What is not known",
    "Each draw takes one value from the range of every estimate and parameter and is simulated alone. The range beside a figure runs from the 5th to the 95th in a hundred of the draws' means. More runs do not make it narrower; a published fact does.",
  ],
  [
    "Number of runs",
    "Within a draw, chance is thrown anew in every replication. The figure after ± is the standard error that is left by their finite number; twice as much is exceeded once in twenty. More runs make it smaller.",
  ],
  [
    "Same chances",
    "Variants (a host that waits, a spare set, assets as new) meet the same random numbers as the plan they are held against, so that a difference is not chance.",
  ],
  [
    "Causes",
    "Delay at the end is traced back along what held the train up last, second by second, until it is used up. The greatest difference between the sum of causes and the delay is stated above.",
  ],
  [
    "Assumed",
    "Failure rates, repair times and derailment models come from the parameter set named above, read from literature on other railways; assets marked as estimated follow from assumed densities; disturbances and procedure times stand in the study with their sources. All are listed under Assumptions and sources. The guide tells the models, their equations and what they leave out.",
  ],
];

export function mountCertainty(host: HTMLElement, study: StudyView): void {
  const runs = study.rows("simulation_runs");
  const columns = [
    { heading: "Simulated" },
    { heading: "Draws", unit: "of what is not known", isNumber: true },
    { heading: "Replications", unit: "all draws together", isNumber: true },
    { heading: "Trips", unit: "in each", isNumber: true },
    { heading: "Days", unit: "of departure" },
    { heading: "Parameter set" },
    { heading: "Seed", isNumber: true },
    { heading: "Gap of causes", unit: "greatest", isNumber: true },
  ];
  const body = runs.map((run) => {
    const days = run.from_date === null || run.to_date === null ? "—" : `${dateText(run.from_date)} – ${dateText(run.to_date)}`;
    return {
      cells: [
        WHAT[run.simulation_id] ?? wordsText(run.simulation_id),
        numberText(run.draws_count),
        numberText(run.replications_count),
        numberText(run.trips_per_replication),
        days,
        run.parameter_set ?? "—",
        run.seed === null ? "—" : String(run.seed),
        gapText(run.attribution_gap_s),
      ],
    };
  });
  const notes = NOTES.flatMap(([term, words]) => [el("dt", {}, term), el("dd", {}, words)]);
  host.append(table(columns, body), el("dl", { class: "notes" }, ...notes));
}
