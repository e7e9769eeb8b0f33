// Published statements held against the model: what is stated, what the model gives, the sum shown.

import { el, missing, type Child } from "../core/dom";
import { countText, wordsText } from "../core/format";
import type { StudyView } from "../core/study-view";
import { badge, verdictWords } from "../core/verdicts";
import type { StatementCheck } from "../rows";
import { lazyDetails, pairs } from "./table";

/** The gravest first; what cannot be settled and what holds is folded away. */
const ORDER = [
  "contradicted",
  "only_if_zones_ignored",
  "simplified",
  "ambiguous",
  "cannot_tell",
  "holds",
];
const FOLDED: Record<string, string> = { cannot_tell: "that cannot be settled", holds: "that hold" };

const verdictOf = (row: StatementCheck): string => row.verdict ?? "cannot_tell";

/** The statements that a row conflicts with, by what they state and who says so; equal ones once. */
export function conflictWords(
  row: StatementCheck,
  byId: Map<string, StatementCheck>,
  citation: (sourceId: string | null) => string,
): string[] {
  const groups = new Map<string, string[]>();
  for (const id of (row.conflicts_with ?? "").split(";").filter((part) => part !== "")) {
    const other = byId.get(id);
    const stated = other?.stated ?? id;
    const source = other === undefined || other.source_id === null ? [] : [citation(other.source_id)];
    groups.set(stated, [...(groups.get(stated) ?? []), ...source]);
  }
  return [...groups].map(([stated, sources]) =>
    sources.length === 0 ? stated : `${stated} (${[...new Set(sources)].join("; ")})`,
  );
}

function statementCard(study: StudyView, row: StatementCheck, byId: Map<string, StatementCheck>): HTMLElement {
  const entries: [string, Child][] = [
    ["Stated", row.stated ?? "—"],
    ["Computed", row.computed ?? "—"],
    ["Source", study.citation(row.source_id)],
  ];
  const conflicts = conflictWords(row, byId, (sourceId) => study.citation(sourceId));
  if (conflicts.length > 0) {
    entries.push(["Others state", el("span", {}, ...conflicts.map((words) => el("span", { class: "line" }, words)))]);
  }
  return el(
    "article",
    { class: "card" },
    el(
      "header",
      {},
      badge(row.verdict),
      el("strong", {}, row.subject ?? row.statement_id),
      el("span", { class: "quiet" }, wordsText(row.kind)),
    ),
    pairs(entries),
    row.calculation === null
      ? null
      : el("div", { class: "calculation" }, el("span", { class: "quiet" }, "Calculation"), el("pre", {}, row.calculation)),
  );
}

export function mountStatements(host: HTMLElement, study: StudyView): void {
  const rows = study.rows("statement_checks");
  if (rows.length === 0) {
    host.append(missing("No published statement was held against the model: the table statement_checks is empty."));
    return;
  }
  const byId = new Map(rows.map((row) => [row.statement_id, row]));
  const groups = ORDER.map((verdict) => ({ verdict, statements: rows.filter((row) => verdictOf(row) === verdict) }));
  const known = groups.filter(({ statements }) => statements.length > 0);
  host.append(
    el("p", { class: "badges" }, ...known.map(({ verdict, statements }) => badge(verdict, `${verdictWords(verdict)}: ${statements.length}`))),
  );
  if (known.every(({ verdict }) => verdict in FOLDED)) {
    host.append(el("p", {}, "No statement that was held against the model conflicts with it."));
  }
  for (const { verdict, statements } of known) {
    const cards = (): HTMLElement[] => statements.map((row) => statementCard(study, row, byId));
    const folded = FOLDED[verdict];
    if (folded === undefined) host.append(...cards());
    else host.append(lazyDetails(`${countText(statements.length, "statement")} ${folded}`, cards));
  }
}
