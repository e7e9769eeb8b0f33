// The chances of one departure in a line, for where a departure is described.

import { el } from "../core/dom";
import type { StudyView } from "../core/study-view";
import type { Punctuality } from "../rows";
import { measureWords } from "./likely";
import { chanceText, joinEnds, shareErrorText } from "./words";

/** "31 % (12 – 59 % with what is not known; ± 0.5 % from the number of runs)". */
export function chanceWords(row: Punctuality): string {
  if (row.share === null) return "unknown";
  const { share_low: low, share_high: high, share_error: error } = row;
  const parts = [
    low === null || high === null ? null : `${joinEnds(chanceText(low), chanceText(high))} with what is not known`,
    error === null ? null : `${shareErrorText(error)} from the number of runs`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? chanceText(row.share) : `${chanceText(row.share)} (${parts.join("; ")})`;
}

/** Chance of keeping the announced day, by departure; those that were not simulated have none. */
export function dayChances(study: StudyView): Map<string, number> {
  const rows = study.rows("punctuality").filter((row) => row.measure === "announced_day");
  return new Map(rows.flatMap((row) => (row.share === null ? [] : [[row.group_id, row.share] as const])));
}

/** Null where the departure was not simulated. */
export function tripChances(study: StudyView, tripId: string): HTMLElement | null {
  const rows = study.rows("punctuality").filter((row) => row.group_id === tripId && row.share !== null);
  if (rows.length === 0) return null;
  const words = rows.map((row) => `${measureWords(row.measure, row.limit_h)}: ${chanceWords(row)}`);
  return el("p", { class: "quiet" }, `Computed by simulation, chance that it arrives ${words.join("; ")}.`);
}
