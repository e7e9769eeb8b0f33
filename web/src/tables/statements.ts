// Published statements held against the model: what is stated, what the model gives, the sum shown.

import { el, missing } from "../core/dom";
import { countText, wordsText } from "../core/format";
import type { StatementCheck } from "../core/rows";
import type { StudyView } from "../core/study-view";
import { badge, verdictWords } from "../core/verdicts";
import { details, pairs } from "./table";

const ORDER = [
  "contradicted",
  "only_if_zones_ignored",
  "ambiguous",
  "simplified",
  "cannot_tell",
  "holds",
];

function statementCard(study: StudyView, row: StatementCheck): HTMLElement {
  const conflicts = row.conflicts_with === null || row.conflicts_with === "" ? null : row.conflicts_with;
  const entries: [string, string][] = [
    ["Stated", row.stated ?? "—"],
    ["Computed", row.computed ?? "—"],
    ["Source", study.citation(row.source_id)],
  ];
  if (conflicts !== null) entries.push(["Conflicts with", conflicts.split(";").join(", ")]);
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
  const rows = study.rows<StatementCheck>("statement_checks");
  if (rows.length === 0) {
    host.append(missing("No published statement was held against the model: the table statement_checks is empty."));
    return;
  }
  const rank = (row: StatementCheck): number => ORDER.indexOf(row.verdict ?? "cannot_tell");
  const sorted = rows.toSorted((a, b) => rank(a) - rank(b));
  const open = sorted.filter((row) => row.verdict !== "holds");
  const holding = sorted.filter((row) => row.verdict === "holds");
  const counts = ORDER.map((verdict) => ({
    verdict,
    count: rows.filter((row) => (row.verdict ?? "cannot_tell") === verdict).length,
  })).filter(({ count }) => count > 0);
  host.append(
    el("p", { class: "badges" }, ...counts.map(({ verdict, count }) => badge(verdict, `${verdictWords(verdict)}: ${count}`))),
  );
  if (open.length === 0) host.append(el("p", {}, "Every statement that was held against the model agrees with it."));
  host.append(...open.map((row) => statementCard(study, row)));
  if (holding.length > 0) {
    host.append(
      details(`${countText(holding.length, "statement")} that hold`, ...holding.map((row) => statementCard(study, row))),
    );
  }
}
