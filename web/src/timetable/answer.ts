// The short answer at the head of the section, and the trains by how they run and why.

import { el } from "../core/dom";
import { countText } from "../core/format";
import { groupBy } from "../core/study-view";
import { lazyDetails, table } from "../tables/table";
import type { Timetable, TimetableTrain } from "./data";
import { MODE_WORDS } from "./words";

export interface RunGroup {
  mode: string;
  reason: string | null;
  trains: TimetableTrain[];
}

/** Trains that run alike for one reason, the largest groups of each mode first. */
export function groupRuns(trains: TimetableTrain[]): RunGroup[] {
  const modes = Object.keys(MODE_WORDS);
  const groups = [...groupBy(trains, (train) => `${train.mode ?? ""}|${train.reason ?? ""}`).values()].map(
    (group): RunGroup => ({ mode: group[0]!.mode ?? "", reason: group[0]!.reason, trains: group }),
  );
  return groups.sort(
    (a, b) => modes.indexOf(a.mode) - modes.indexOf(b.mode) || b.trains.length - a.trains.length,
  );
}

export function answerNode(timetable: Timetable): HTMLElement {
  const sentences = timetable.answer.map((sentence) => el("li", {}, sentence));
  const rows = groupRuns(timetable.trains).map(({ mode, reason, trains }) => ({
    cells: [
      MODE_WORDS[mode] ?? mode,
      reason ?? "—",
      countText(trains.length, "train"),
      lazyDetails("numbers", () => [
        el("div", { class: "dates" }, trains.map((train) => train.number ?? train.train_id).join(", ")),
      ]),
    ],
  }));
  const columns = [{ heading: "How" }, { heading: "Why" }, { heading: "Trains", isNumber: true }, { heading: "Which" }];
  return el(
    "div",
    {},
    el("ul", { class: "sentences" }, ...sentences),
    lazyDetails("Trains by how they run, with the reasons", () => [table(columns, rows)]),
  );
}
