// The list of conflicts: what, where, which trains, since when and how often, and what would mend it.

import { button, clear, el, field, missing, select, type Attributes, type Child } from "../core/dom";
import { countText, numberText } from "../core/format";
import { groupBy } from "../core/study-view";
import { clockText, dateText, dayText, durationText, offsetText } from "../core/time";
import type { Timetable, TimetableConflict } from "./data";
import { othersOf } from "./marks";
import type { TimetableState } from "./state";
import { CLOSE_WORDS, IMPOSSIBLE_WORDS, kindText } from "./words";

const PAGE_ROWS = 20;
const ALL = "";
const HEADINGS = ["What", "Where", "Trains", "First day", "Days", "Time there", "Missing", "What would mend it", ""];

/** When a conflict begins and ends on its first day, by the clock of its place. */
export function localTimes(timetable: Timetable, conflict: TimetableConflict, epochS: number): string {
  const { from_at_s: from, to_at_s: to } = conflict;
  const point = timetable.pointPlace(conflict.point_id ?? conflict.from_point);
  if (from === null) return "—";
  const offsetMin = point === null ? 0 : timetable.offsetMin(point, from);
  const begin = clockText(from, epochS, offsetMin);
  const end = clockText(to ?? from, epochS, offsetMin);
  const span = begin === end ? begin : `${begin}–${end}`;
  const day = dayText(from, epochS, offsetMin);
  // A train may reach the place on a later day than that of its departure.
  const isLater = conflict.first_day !== null && !dateText(conflict.first_day).startsWith(day);
  return `${span}${isLater ? ` on ${day}` : ""} (${point === null ? "UTC" : offsetText(offsetMin)})`;
}

function cell(heading: string, ...children: Child[]): HTMLElement {
  const attributes: Attributes = heading === "" ? {} : { "data-label": heading };
  return el("td", attributes, ...children);
}

function conflictRow(state: TimetableState, place: number, epochS: number, reveal: () => void): HTMLElement {
  const { timetable } = state;
  const conflict = timetable.conflicts![place]!;
  const numbers = [conflict.train_id, ...othersOf(conflict)].map((id) => timetable.trainNumber(id));
  const isImpossible = conflict.is_impossible === true;
  const told = el("span", { class: "quiet", "aria-live": "polite" });
  const show = button("Show", () => {
    if (state.showConflict(place)) reveal();
    else told.textContent = "on no line of the study";
  }, { "aria-label": `Show in the string-line: ${kindText(conflict.kind)}, ${conflict.place}, trains ${numbers.join(", ")}` });
  const gravity = `${isImpossible ? IMPOSSIBLE_WORDS : CLOSE_WORDS}${conflict.basis === null ? "" : `; by ${conflict.basis} times`}`;
  const values: Child[] = [
    el("span", { class: isImpossible ? "tone-bad" : "tone-risk" }, kindText(conflict.kind), el("span", { class: "gravity" }, gravity)),
    conflict.place,
    numbers.join(", "),
    conflict.first_day === null ? "—" : dateText(conflict.first_day),
    numberText(conflict.days_count),
    localTimes(timetable, conflict, epochS),
    conflict.missing_s === null ? "—" : missingText(conflict.missing_s),
    conflict.cure ?? "—",
  ];
  const cells = values.map((value, index) => cell(HEADINGS[index]!, el("span", {}, value)));
  return el("tr", {}, ...cells, el("td", {}, show, told));
}

/** Below two minutes seconds count. */
function missingText(seconds: number): string {
  return Math.abs(seconds) < 120 ? `${numberText(seconds)} s` : durationText(seconds);
}

export interface ConflictFilter {
  kind: string;
  onlyImpossible: boolean;
}

/** Places of the conflicts that a filter lets through, in the order given. */
export function filterConflicts(conflicts: TimetableConflict[], filter: ConflictFilter): number[] {
  return conflicts.flatMap((conflict, place) => {
    const isKind = filter.kind === ALL || conflict.kind === filter.kind;
    return isKind && (!filter.onlyImpossible || conflict.is_impossible === true) ? [place] : [];
  });
}

export function conflictList(state: TimetableState, epochS: number, reveal: () => void): HTMLElement {
  const { conflicts, conflictsLeftOut } = state.timetable;
  if (conflicts === null) return missing("Conflicts were not sought: there is no table timetable_conflicts.");
  if (conflicts.length === 0) return el("p", { class: "quiet" }, "No train is in conflict with another.");
  const filter: ConflictFilter = { kind: ALL, onlyImpossible: false };
  const body = el("tbody");
  const more = el("div", { class: "more" });
  const counted = el("p", { class: "quiet", "aria-live": "polite" });
  let [shown, listed] = [0, [] as number[]];
  const addRows = (): void => {
    const next = listed.slice(shown, shown + PAGE_ROWS);
    body.append(...next.map((place) => conflictRow(state, place, epochS, reveal)));
    shown += next.length;
    clear(more);
    const left = listed.length - shown;
    if (left > 0) more.append(button(`Show ${Math.min(left, PAGE_ROWS)} more of ${numberText(left)}`, addRows));
  };
  const refill = (): void => {
    clear(body);
    shown = 0;
    listed = filterConflicts(conflicts, filter);
    const rest = conflictsLeftOut === 0 ? "" : ` The table timetable_conflicts holds ${numberText(conflictsLeftOut)} more.`;
    counted.textContent = `${countText(listed.length, "conflict")}.${rest}`;
    addRows();
  };
  const kinds = [...groupBy(conflicts, (conflict) => conflict.kind)].sort(([, a], [, b]) => b.length - a.length);
  const kind = select(
    "Kind of conflict",
    [
      { value: ALL, label: `all kinds (${numberText(conflicts.length)})` },
      ...kinds.map(([value, rows]) => ({ value, label: `${kindText(value)} (${numberText(rows.length)})` })),
    ],
    (value) => {
      filter.kind = value;
      refill();
    },
  );
  const grave = select(
    "How grave",
    [
      { value: "", label: "all" },
      { value: "impossible", label: IMPOSSIBLE_WORDS },
    ],
    (value) => {
      filter.onlyImpossible = value !== "";
      refill();
    },
  );
  const head = el("thead", {}, el("tr", {}, ...HEADINGS.map((heading) => el("th", { scope: "col" }, heading))));
  refill();
  return el(
    "div",
    {},
    el("div", { class: "controls" }, field("Kind", kind), field("How grave", grave)),
    counted,
    el("div", { class: "scroll" }, el("table", { class: "conflict-list" }, head, body)),
    more,
  );
}
